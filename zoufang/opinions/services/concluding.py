"""How a matter ended, apart from how far its handling has come: decided, superseded, looked at again."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from zoufang.kernel.clock import local_day
from zoufang.kernel.refusal import Invalid
from zoufang.opinions import selectors
from zoufang.opinions.models import Opinion, Outcome, Referral
from zoufang.opinions.services.taking import require_step, take
from zoufang.opinions.vocabulary import OutcomeKind
from zoufang.opinions.workflow import Step
from zoufang.organization.models import Officer


@transaction.atomic
def review_outcome(
    opinion: Opinion,
    *,
    outcome: str,
    review_on: date | None = None,
    turn_to: str = "",
    note: str,
    by: Officer,
    now: datetime,
) -> Outcome:
    """
    Look again at what could not be done then, and say how it stands now (到期复查).

    :raises Invalid: as for `decide_outcome`.
    :raises NotAllowed, StepNotOpen, StaleState: as for every step; not open where nothing was put off.
    """
    require_step(opinion, Step.REVIEW, by=by)
    referral = selectors.referral_in_hand(opinion)
    said = f"{OutcomeKind(outcome).label}：{note}"
    take(opinion, Step.REVIEW, by=by, now=now, note=said, detail={"outcome": outcome})
    return decide_outcome(referral, outcome=outcome, review_on=review_on, turn_to=turn_to, by=by, now=now)


def decide_outcome(
    referral: Referral, *, outcome: str, review_on: date | None, turn_to: str, by: Officer, now: datetime
) -> Outcome:
    """
    Keep how the referral ended. The one decided before is superseded, unless it says the same.

    :raises Invalid: if "cannot now" has no later day, or "not ours" does not say where to turn.
    """
    kind = OutcomeKind(outcome)
    if kind is not OutcomeKind.CANNOT_NOW:
        review_on = None
    elif review_on is None or review_on <= local_day(now):
        raise Invalid(_("暂不能解决的，请填写今天以后的复查日期，到时会回到待办。"))
    if kind is not OutcomeKind.NOT_OURS:
        turn_to = ""
    elif not turn_to:
        raise Invalid(_("不属公安职责的，请写明群众应向何处反映。"))
    standing = selectors.standing_outcome(referral)
    if standing and (standing.kind, standing.review_on, standing.turn_to) == (kind, review_on, turn_to):
        return standing
    supersede_outcome(referral, now=now)
    return Outcome.objects.create(
        referral=referral, kind=kind, review_on=review_on, turn_to=turn_to, by=by, decided_at=now
    )


def supersede_outcome(referral: Referral, *, now: datetime) -> None:
    """Let nothing stand as decided: the work goes on."""
    referral.outcomes.filter(superseded_at=None).update(superseded_at=now)
