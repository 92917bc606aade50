"""Undo: whoever referred or signed for an opinion by mistake takes it back, for some minutes, if nothing followed."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from zoufang.kernel.refusal import NotAllowed
from zoufang.opinions import selectors
from zoufang.opinions.models import Opinion, Referral
from zoufang.opinions.services.taking import require_step, take
from zoufang.opinions.workflow import Step
from zoufang.organization.models import Officer


@transaction.atomic
def recall_referral(opinion: Opinion, *, by: Officer, now: datetime) -> Referral:
    """
    Take a referral back before anybody has signed for it (撤回转办): as if it had not been made, but on record.

    The opinion waits to be referred again, by the time that was set for it before. A corrected topic stays corrected.

    :raises NotAllowed: if another referred it, something has followed, or the minutes are over.
    :raises StepNotOpen, StaleState: as for every step.
    """
    _require_in_time(opinion, Step.RECALL, by=by, now=now)
    referral = selectors.referral_in_hand(opinion)
    take(
        opinion,
        Step.RECALL,
        by=by,
        now=now,
        note=referral.unit.name,
        responsible_unit=None,
        responsible=None,
        step_due_at=referral.refer_due_at,
    )
    referral.recalled_at = now
    referral.save(update_fields=["recalled_at"])
    return referral


@transaction.atomic
def unsign_referral(opinion: Opinion, *, by: Officer, now: datetime) -> Referral:
    """
    Take a signature back (撤销签收): the referral waits to be signed for, by the time that was promised.

    :raises NotAllowed: if another signed for it, something has followed, or the minutes are over.
    :raises StepNotOpen, StaleState: as for every step.
    """
    _require_in_time(opinion, Step.UNSIGN, by=by, now=now)
    referral = selectors.referral_in_hand(opinion)
    take(opinion, Step.UNSIGN, by=by, now=now, step_due_at=referral.sign_due_at)
    referral.signed_at = referral.measure_due_at = None
    referral.save(update_fields=["signed_at", "measure_due_at"])
    return referral


def _require_in_time(opinion: Opinion, step: Step, *, by: Officer, now: datetime) -> None:
    require_step(opinion, step, by=by)
    until = selectors.undone_until(opinion, step, by=by)
    if until is None:
        raise NotAllowed(_("只有刚办理这一步的人可以撤回，且其后没有别的办理。"))
    if now >= until:
        raise NotAllowed(_("已超过可以撤回的时间；承办单位可以退回，办理机关可以重新转办。"))
