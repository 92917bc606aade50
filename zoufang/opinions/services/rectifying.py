"""Rectification: the measure, the work, and somebody else's look at it. Opinions that share one move together."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from zoufang.kernel.clock import local_day
from zoufang.kernel.refusal import Invalid, StepNotOpen
from zoufang.opinions import selectors
from zoufang.opinions.models import Opinion, Rectification
from zoufang.opinions.services.attaching import attach
from zoufang.opinions.services.co_handling import finish_with_parts
from zoufang.opinions.services.concluding import decide_outcome, supersede_outcome
from zoufang.opinions.services.covering import enter, naming, require_alike, require_no_conflict, together
from zoufang.opinions.services.joining import follow
from zoufang.opinions.services.registering import next_rectification_no
from zoufang.opinions.services.taking import hold, require_step, take
from zoufang.opinions.vocabulary import OutcomeKind
from zoufang.opinions.workflow import Status, Step
from zoufang.organization.models import Officer


@transaction.atomic
def write_measure(
    opinion: Opinion,
    *,
    measure: str,
    responsible: Officer,
    planned_on: date,
    also: Sequence[Opinion] = (),
    by: Officer,
    now: datetime,
) -> Rectification:
    """
    Say what will be done, who does it, and by when (整改措施), for this opinion and those of `also` that it settles.

    Writing again replaces the plan for all that share it; the events keep both.

    :raises Invalid: if the plan lies in the past, the responsible officer is not of the responsible unit, or
        opinions that may not be settled together are.
    :raises NotAllowed, StepNotOpen, StaleState: as for every step, and saying which opinion if it is another one.
    """
    require_step(opinion, Step.MEASURE, by=by)
    _require_plan(opinion, responsible, planned_on, now)
    others = [each for each in also if each.pk != opinion.pk]
    plan = Rectification(measure=measure, responsible=responsible, planned_on=planned_on)
    is_new = selectors.referral_in_hand(opinion).rectification is None
    if is_new:
        hold(opinion, *others)
        rectification, covered = plan, [opinion]
    else:
        rectification, covered = together(opinion, *others)
    require_alike(opinion, covered[1:] + others)
    said, referrals = _plan_in_words(plan), []
    for each in [*covered, *others]:
        with naming(each, unless=opinion):
            require_step(each, Step.MEASURE, by=by)
            if each in others and each.status != Status.SIGNED:
                raise StepNotOpen(_("已经有整改措施，不能再纳入这一件。"))
            require_no_conflict(each, responsible)
            referrals.append(enter(each, Step.MEASURE, plan, note=said, by=by, now=now))
    if is_new:
        plan.no, plan.unit, plan.measured_at = next_rectification_no(now), referrals[0].unit, now
    rectification.measure, rectification.responsible, rectification.planned_on = measure, responsible, planned_on
    rectification.save()
    for referral in referrals:
        if referral.rectification_id != rectification.pk:
            referral.rectification = rectification
            referral.save(update_fields=["rectification"])
    return rectification


@transaction.atomic
def rectify_opinion(
    opinion: Opinion,
    *,
    result: str,
    outcome: str = OutcomeKind.SOLVED,
    review_on: date | None = None,
    turn_to: str = "",
    proof: Sequence[UploadedFile[Any]] = (),
    no_proof: str = "",
    without: str = "",
    by: Officer,
    now: datetime,
) -> Rectification:
    """
    Report the work done, with its proof or why there is none, and how the matter ended (整改完成).

    All opinions that share the rectification are done with it; somebody else verifies it next. `without` says why the
    lead does not wait for what a unit that helps has to tell.

    :raises Invalid: if a file is not one that can be kept, or as for `decide_outcome`.
    :raises NotAllowed: if `by` is neither the unit's clerk nor the responsible officer.
    :raises StepNotOpen, StaleState: as for every step.
    """
    require_step(opinion, Step.RECTIFY, by=by)
    rectification, covered = together(opinion)
    for each in covered:
        with naming(each, unless=opinion):
            require_step(each, Step.RECTIFY, by=by)
            referral = selectors.referral_in_hand(each)
            # Asked before the step: whoever is refused still holds the opinion as it was.
            finish_with_parts(referral, without=without)
            take(each, Step.RECTIFY, by=by, now=now, note=result, detail={"outcome": outcome})
            referral.finished_at = now
            referral.save(update_fields=["finished_at"])
            decide_outcome(referral, outcome=outcome, review_on=review_on, turn_to=turn_to, by=by, now=now)
    rectification.result, rectification.no_proof = result, no_proof
    rectification.rectified_by, rectification.rectified_at = by, now
    rectification.save(update_fields=["result", "no_proof", "rectified_by", "rectified_at"])
    for file in proof:
        attach(opinion, step=Step.RECTIFY, file=file, by=by, now=now)
    return rectification


@transaction.atomic
def verify_rectification(opinion: Opinion, *, note: str = "", by: Officer, now: datetime) -> Rectification:
    """
    Confirm that it was put right (核验), for all opinions that share the rectification.

    Never by who did it or answers for it: the database refuses that too.

    :raises NotAllowed, StepNotOpen, StaleState: as for every step.
    """
    require_step(opinion, Step.VERIFY, by=by)
    rectification, covered = together(opinion)
    for each in covered:
        with naming(each, unless=opinion):
            require_step(each, Step.VERIFY, by=by)
            take(each, Step.VERIFY, by=by, now=now, note=note)
    rectification.verified_by, rectification.verified_at = by, now
    rectification.save(update_fields=["verified_by", "verified_at"])
    for each in covered:
        follow(each, now=now)
    return rectification


@transaction.atomic
def reject_rectification(opinion: Opinion, *, note: str, by: Officer, now: datetime) -> Rectification:
    """
    Send the work back, saying what is missing (核验不通过). The unit's clock was never stopped.

    :raises NotAllowed, StepNotOpen, StaleState: as for every step.
    """
    require_step(opinion, Step.REJECT, by=by)
    rectification, covered = together(opinion)
    for each in covered:
        with naming(each, unless=opinion):
            require_step(each, Step.REJECT, by=by)
            referral = selectors.referral_in_hand(each)
            take(each, Step.REJECT, by=by, now=now, note=note, step_due_at=referral.due_at)
            referral.finished_at = None
            referral.save(update_fields=["finished_at"])
            supersede_outcome(referral, now=now)
    rectification.result = rectification.no_proof = ""
    rectification.rectified_by, rectification.rectified_at = None, None
    rectification.rejections += 1
    rectification.save(update_fields=["result", "no_proof", "rectified_by", "rectified_at", "rejections"])
    return rectification


def _require_plan(opinion: Opinion, responsible: Officer, planned_on: date, now: datetime) -> None:
    """:raises Invalid: if the plan lies in the past, or the officer is not of the responsible unit."""
    if planned_on < local_day(now):
        raise Invalid(_("计划完成日期不能早于今天。"))
    unit = opinion.responsible_unit
    if unit is None or not (unit.covers(responsible.unit) or responsible.unit.covers(unit)):
        raise Invalid(_("责任人须是责任单位的民警。"))


def _plan_in_words(plan: Rectification) -> str:
    return _("%(measure)s（责任人：%(officer)s；计划完成：%(day)s）") % {
        "measure": plan.measure,
        "officer": plan.responsible.name,
        "day": plan.planned_on.isoformat(),
    }
