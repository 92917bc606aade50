"""Call-backs: the citizen is asked afterwards, by each level for itself, and what was told before is looked at."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from zoufang.kernel.refusal import Refusal
from zoufang.opinions import rules, selectors
from zoufang.opinions.models import CallBack, Opinion
from zoufang.opinions.services.taking import require_step, take
from zoufang.opinions.workflow import Step
from zoufang.organization.models import Officer


@transaction.atomic
def call_back(
    opinion: Opinion,
    *,
    reached: bool,
    confirmed: bool | None = None,
    solved: bool | None = None,
    satisfaction: int | None = None,
    note: str = "",
    by: Officer,
    now: datetime,
) -> CallBack:
    """
    Ask the citizen afterwards (回访), at the level of `by`: is it true, solved, satisfied? Not reached leaves all open.

    :raises Refusal: if this level has reached the citizen already, or tried as often as it should.
    :raises NotAllowed, StepNotOpen, StaleState: as for every step.
    """
    require_step(opinion, Step.CALL_BACK, by=by)
    referral = selectors.referral_in_hand(opinion)
    level = selectors.call_level(by, referral)
    calls = list(referral.call_backs.all())
    own = [each for each in calls if each.level == level]
    if any(each.reached for each in own):
        raise Refusal(_("%(level)s已经完成，结果不能改；情况有变的，请重新办理。") % {"level": level.label})
    if len(own) >= rules.CALL_ATTEMPTS:
        raise Refusal(_("%(level)s已 %(n)d 次未接通，记为无法联系。") % {"level": level.label, "n": len(own)})
    call = CallBack(
        referral=referral,
        level=level,
        by=by,
        at=now,
        reached=reached,
        confirmed=confirmed if reached else None,
        solved=solved if reached else None,
        satisfaction=satisfaction if reached else None,
        note=note,
    )
    before = rules.call_before(calls, level)
    call.differs = rules.calls_differ(before, call) if reached and before is not None else None
    take(
        opinion,
        Step.CALL_BACK,
        by=by,
        now=now,
        note=_("%(level)s：%(result)s") % {"level": level.label, "result": note or _result(call, len(own) + 1)},
        detail={"level": level.value},
    )
    call.save()
    return call


def _result(call: CallBack, attempt: int) -> str:
    return _("已接通") if call.reached else _("第 %(n)d 次未接通") % {"n": attempt}
