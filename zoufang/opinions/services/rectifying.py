"""Rectification: the measure, the work, and somebody else's look at it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from zoufang.kernel.clock import local_day
from zoufang.kernel.refusal import Invalid
from zoufang.opinions import selectors
from zoufang.opinions.models import Opinion, Rectification
from zoufang.opinions.services.attaching import attach
from zoufang.opinions.services.joining import follow
from zoufang.opinions.services.registering import next_rectification_no
from zoufang.opinions.services.taking import require_step, take
from zoufang.opinions.workflow import Step
from zoufang.organization.models import Officer


@transaction.atomic
def write_measure(
    opinion: Opinion, *, measure: str, responsible: Officer, planned_on: date, by: Officer, now: datetime
) -> Rectification:
    """
    Say what will be done, who does it, and by when (整改措施). Writing again replaces the plan; the events keep both.

    :raises Invalid: if the plan lies in the past, or the responsible officer is not of the responsible unit.
    :raises NotAllowed, StepNotOpen, StaleState: as for every step.
    """
    require_step(opinion, Step.MEASURE, by=by)
    if planned_on < local_day(now):
        raise Invalid(_("计划完成日期不能早于今天。"))
    unit = opinion.responsible_unit
    if unit is None or not (unit.covers(responsible.unit) or responsible.unit.covers(unit)):
        raise Invalid(_("责任人须是责任单位的民警。"))
    if selectors.in_conflict(opinion, responsible):
        raise Invalid(_("该投诉涉及所选责任人或其单位，应当回避，请另选责任人。"))
    referral = selectors.referral_in_hand(opinion)
    note = _("%(measure)s（责任人：%(officer)s；计划完成：%(day)s）") % {
        "measure": measure,
        "officer": responsible.name,
        "day": planned_on.isoformat(),
    }
    take(opinion, Step.MEASURE, by=by, now=now, note=note, responsible=responsible, step_due_at=referral.due_at)
    plan = {"measure": measure, "responsible": responsible, "planned_on": planned_on}
    if (rectification := referral.rectification) is not None:
        for name, value in plan.items():
            setattr(rectification, name, value)
        rectification.save(update_fields=list(plan))
        return rectification
    referral.rectification = Rectification.objects.create(
        no=next_rectification_no(now), unit=unit, measured_at=now, **plan
    )
    referral.save(update_fields=["rectification"])
    return referral.rectification


@transaction.atomic
def rectify_opinion(
    opinion: Opinion, *, result: str, proof: Sequence[UploadedFile[Any]] = (), by: Officer, now: datetime
) -> Rectification:
    """
    Report the work done, with its proof (整改完成); somebody else verifies it next.

    :raises Invalid: if a file is not one that can be kept.
    :raises NotAllowed: if `by` is neither the unit's clerk nor the responsible officer.
    :raises StepNotOpen, StaleState: as for every step.
    """
    require_step(opinion, Step.RECTIFY, by=by)
    referral = selectors.referral_in_hand(opinion)
    take(opinion, Step.RECTIFY, by=by, now=now, note=result)
    rectification = selectors.rectification_in_hand(opinion)
    rectification.result, rectification.rectified_by, rectification.rectified_at = result, by, now
    rectification.save(update_fields=["result", "rectified_by", "rectified_at"])
    referral.finished_at = now
    referral.save(update_fields=["finished_at"])
    for file in proof:
        attach(opinion, step=Step.RECTIFY, file=file, by=by, now=now)
    return rectification


@transaction.atomic
def verify_rectification(opinion: Opinion, *, note: str = "", by: Officer, now: datetime) -> Rectification:
    """
    Confirm that it was put right (核验). Never by who did it or answers for it: the database refuses that too.

    :raises NotAllowed, StepNotOpen, StaleState: as for every step.
    """
    require_step(opinion, Step.VERIFY, by=by)
    take(opinion, Step.VERIFY, by=by, now=now, note=note)
    rectification = selectors.rectification_in_hand(opinion)
    rectification.verified_by, rectification.verified_at = by, now
    rectification.save(update_fields=["verified_by", "verified_at"])
    follow(opinion, now=now)
    return rectification


@transaction.atomic
def reject_rectification(opinion: Opinion, *, note: str, by: Officer, now: datetime) -> Rectification:
    """
    Send the work back, saying what is missing (核验不通过). The unit's clock was never stopped.

    :raises NotAllowed, StepNotOpen, StaleState: as for every step.
    """
    require_step(opinion, Step.REJECT, by=by)
    referral = selectors.referral_in_hand(opinion)
    take(opinion, Step.REJECT, by=by, now=now, note=note, step_due_at=referral.due_at)
    rectification = selectors.rectification_in_hand(opinion)
    rectification.result, rectification.rectified_by, rectification.rectified_at = "", None, None
    rectification.save(update_fields=["result", "rectified_by", "rectified_at"])
    referral.finished_at = None
    referral.save(update_fields=["finished_at"])
    return rectification
