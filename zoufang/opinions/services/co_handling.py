"""Units that help the one that answers (协办): each signs and says what it did; the lead waits, or says why not."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from zoufang.kernel.refusal import Invalid, NotAllowed, StepNotOpen
from zoufang.opinions import selectors
from zoufang.opinions.models import CoHandling, Opinion, Referral
from zoufang.opinions.services.taking import log
from zoufang.opinions.workflow import Step
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit


def ask_to_help(opinion: Opinion, referral: Referral, units: Sequence[Unit], *, now: datetime) -> None:
    """
    Ask further units to help with a new referral; call inside its transaction.

    :raises Invalid: if one of them is the lead itself, is closed down, or may have no part in the complaint.
    """
    for unit in units:
        if unit.pk == referral.unit_id:
            raise Invalid(_("主办单位不能同时协办。"))
        if not selectors.may_answer_complaint(opinion, unit):
            raise Invalid(_("被投诉单位及其下级、同级单位不能办理这条投诉。"))
        if unit.valid_to is not None and unit.valid_to < now.date():
            raise Invalid(_("%(unit)s已停用，请另选承办单位。") % {"unit": unit.label})
    CoHandling.objects.bulk_create(
        CoHandling(referral=referral, unit=unit, asked_at=now) for unit in dict.fromkeys(units)
    )


@transaction.atomic
def sign_co_handling(part: CoHandling, *, by: Officer, now: datetime) -> CoHandling:
    """
    Sign for one's part (协办签收).

    :raises NotAllowed: if `by` does not sign for that unit, or is concerned by the complaint.
    :raises StepNotOpen: if it was signed for, or the lead has finished.
    """
    part, opinion = _in_hand(part, by, Do.SIGN_REFERRAL)
    if part.signed_at is not None:
        raise StepNotOpen
    part.signed_at, part.signed_by = now, by
    part.save(update_fields=["signed_at", "signed_by"])
    log(opinion, Step.CO_SIGN, was=opinion.status, by=by, now=now, note=part.unit.name)
    return part


@transaction.atomic
def contribute(part: CoHandling, *, contribution: str, by: Officer, now: datetime) -> CoHandling:
    """
    Say what the unit did (协办反馈); the lead reads it before it finishes. Said again, it replaces what was said.

    :raises NotAllowed: as for signing.
    :raises StepNotOpen: if nobody has signed for it, or the lead has finished.
    """
    part, opinion = _in_hand(part, by, Do.RECTIFY_OPINION)
    if part.signed_at is None:
        raise StepNotOpen
    part.contribution, part.contributed_at, part.contributed_by = contribution, now, by
    part.save(update_fields=["contribution", "contributed_at", "contributed_by"])
    note = f"{part.unit.name}：{contribution}"
    log(opinion, Step.CO_REPORT, was=opinion.status, by=by, now=now, note=note)
    return part


def finish_with_parts(referral: Referral, *, without: str) -> None:
    """
    Let the lead finish: every unit that helps has said what it did, or the lead says why it does not wait.

    Call inside the transaction that finishes.

    :raises Invalid: if one has not, and no reason is given.
    """
    waiting = CoHandling.objects.select_for_update(no_key=True).filter(referral=referral, contributed_at=None)
    units = [part.unit.label for part in waiting.select_related("unit").order_by("pk")]
    if units and not without:
        raise Invalid(_("%(units)s还没有反馈协办情况；不再等的，请写明理由。") % {"units": _("、").join(units)})
    if units:
        waiting.update(not_waited_for=without)


def _in_hand(part: CoHandling, by: Officer, do: Do) -> tuple[CoHandling, Opinion]:
    """Return the part, locked, and its opinion, if `by` may `do` this for the unit and the lead is still at work."""
    part = (
        CoHandling.objects.select_for_update(of=("self",), no_key=True)
        .select_related("unit", "referral__opinion")
        .get(pk=part.pk)
    )
    opinion = part.referral.opinion
    if selectors.in_conflict(opinion, by):
        raise NotAllowed(_("您与该投诉有关联，应当回避。"))
    access.require(by, do, part.unit)
    standing = selectors.current_referral(opinion)
    if standing is None or standing.pk != part.referral_id or standing.finished_at is not None:
        raise StepNotOpen
    return part, opinion
