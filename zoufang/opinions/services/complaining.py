"""An opinion turns out to be a complaint: from then on it goes the complaint's way."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from zoufang.kernel.refusal import Invalid
from zoufang.opinions import rules, selectors
from zoufang.opinions.models import Opinion, Referral
from zoufang.opinions.services.joining import leave, part_all
from zoufang.opinions.services.registering import out_of_reach
from zoufang.opinions.services.taking import require_step, take
from zoufang.opinions.services.timing import end_pause
from zoufang.opinions.vocabulary import Kind
from zoufang.opinions.workflow import Step
from zoufang.organization.models import Officer, Unit
from zoufang.organization.selectors import work_calendar


@transaction.atomic
def treat_as_complaint(
    opinion: Opinion,
    *,
    complained_unit: Unit | None = None,
    complained_officer: Officer | None = None,
    note: str,
    by: Officer,
    now: datetime,
) -> Opinion:
    """
    Say that the opinion is a complaint about a unit or an officer (转为投诉).

    At once it is out of sight of those it is about, waits for a unit above them, and shares no work with other
    opinions any more. The citizen's promise stays as it was made.

    :raises Invalid: if it is said of nobody, or the opinion is a complaint about somebody already.
    :raises NotAllowed, StepNotOpen, StaleState: as for every step.
    """
    require_step(opinion, Step.COMPLAINT, by=by)
    about = complained_unit or (complained_officer.unit if complained_officer else None)
    if about is None:
        raise Invalid(_("请写明投诉的是哪个单位或哪位民警。"))
    if opinion.complained_unit_id is not None:
        raise Invalid(_("这一条已经是投诉。"))
    if opinion.joined_to_id is not None:
        leave(opinion, note=str(Step.COMPLAINT.label), by=by, now=now)
    part_all(opinion, note=str(Step.COMPLAINT.label), by=by, now=now)
    if opinion.paused_at is not None:
        end_pause(opinion, Step.RESUME, answer=str(Step.COMPLAINT.label), by=by, now=now)
    referral = selectors.current_referral(opinion)
    if referral is not None:
        referral.returned_at, referral.return_reason = now, Referral.ReturnReason.CONFLICT
        referral.save(update_fields=["returned_at", "return_reason"])
    policy = selectors.policy_on(rules.policy_code(Kind.COMPLAINT, opinion.source), now)
    take(
        opinion,
        Step.COMPLAINT,
        by=by,
        now=now,
        note=note,
        detail={"kind_was": opinion.kind},
        kind=Kind.COMPLAINT,
        complained_unit=about,
        complained_officer=complained_officer,
        heard_by=out_of_reach(opinion.heard_by, about),
        responsible_unit=None,
        responsible=None,
        needs_rectification=rules.needs_rectification(Kind.COMPLAINT),
        extension_asked_at=None,
        step_due_at=work_calendar().due_by(now, policy.term("refer")),
    )
    return opinion
