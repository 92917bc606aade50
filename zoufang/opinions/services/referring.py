"""Referral: make a unit answer, have it sign, let it return the opinion with a reason."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zoufang.kernel.refusal import Invalid, NotAllowed, Refusal
from zoufang.opinions import rules, selectors
from zoufang.opinions.models import Opinion, Referral, Topic
from zoufang.opinions.services.co_handling import ask_to_help
from zoufang.opinions.services.registering import register_opinion
from zoufang.opinions.services.taking import require_step, take
from zoufang.opinions.workflow import Step
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit
from zoufang.organization.selectors import work_calendar


@transaction.atomic
def refer_opinion(
    opinion: Opinion,
    *,
    to: Unit,
    note: str = "",
    topic: Topic | None = None,
    anyway: bool = False,
    helped_by: Sequence[Unit] = (),
    by: Officer,
    now: datetime,
) -> Referral:
    """
    Make `to` answer for the opinion (转办). Its clock begins now; the citizen's runs on as it was promised.

    `topic` corrects what the opinion was said to be about; the event and the audit record tell old and new.

    `helped_by` are further units that do their part (协办); `to` leads. `anyway` says that whoever refers knows that nobody there can sign for it yet; the audit record tells.

    After three returns only the visit office refers, and that referral cannot be returned.

    :raises NotAllowed: if `by` may not refer opinions of the unit that heard it.
    :raises Invalid: if it is a complaint that `to` may not answer for, or `to` is closed down.
    :raises StepNotOpen: if the opinion is past referral.
    :raises StaleState: if someone moved it first.
    """
    require_step(opinion, Step.REFER, by=by)
    if not selectors.may_answer_complaint(opinion, to):
        raise Invalid(_("投诉不能转给被投诉单位及其下级、同级单位办理，请转其上一级或督察、纪检部门。"))
    if to.valid_to is not None and to.valid_to < now.date():
        raise Invalid(_("%(unit)s已停用，请另选承办单位。") % {"unit": to.label})
    policy = selectors.policy_of(opinion, now)
    calendar = work_calendar()
    hops = opinion.referrals.filter(follows=None, recalled_at=None).count()
    refer_due_at = opinion.step_due_at
    returns = opinion.referrals.exclude(returned_at=None).count()

    def due_by(part: str) -> datetime:
        return opinion.within_limit(calendar.due_by(now, policy.term(part)), since=now)

    sign_due_at = due_by("sign")
    speaks = policy.has_first_contact and selectors.can_be_spoken_to(opinion)
    words, detail, changes = _correction(opinion, topic)
    helped = [_("协办：%(units)s") % {"units": "、".join(unit.name for unit in helped_by)}] if helped_by else []
    detail |= {"anyway": "1"} if anyway else {}
    take(
        opinion,
        Step.REFER,
        by=by,
        now=now,
        note="\n".join([_note(to.name, note), *helped, *words]),
        detail=detail,
        responsible_unit=to,
        responsible=None,
        step_due_at=sign_due_at,
        **changes,
    )
    referral = Referral.objects.create(
        opinion=opinion,
        unit=to,
        hop=hops + 1,
        by=by,
        designated=returns >= rules.RETURNS_BEFORE_DESIGNATION,
        refer_due_at=refer_due_at,
        referred_at=now,
        sign_due_at=sign_due_at,
        contact_due_at=due_by("contact") if speaks else None,
        due_at=due_by("finish"),
    )
    ask_to_help(opinion, referral, helped_by, now=now)
    return referral


@transaction.atomic
def register_and_refer(*, by: Officer, now: datetime, **facts: Any) -> tuple[Opinion, str]:
    """
    Register what was heard and refer it at once to the unit that the duty directory proposes.

    Return the opinion, and why it was not referred: empty if it was. Facts and errors are those of `new_opinion`.
    """
    opinion = register_opinion(by=by, now=now, **facts)
    unit = selectors.suggested_unit(opinion.topic, opinion.heard_by)
    if unit is None:
        return opinion, _("职责目录没有列出这个主题，请自行选择承办单位。")
    try:
        with transaction.atomic():
            refer_opinion(opinion, to=unit, by=by, now=now)
    except Refusal as refusal:
        return opinion, refusal.message
    return opinion, ""


@transaction.atomic
def sign_referral(opinion: Opinion, *, by: Officer, now: datetime) -> Referral:
    """
    Sign for the opinion: from now on the unit answers for it (签收).

    :raises NotAllowed, StepNotOpen, StaleState: as for every step.
    """
    require_step(opinion, Step.SIGN, by=by)
    referral = selectors.referral_in_hand(opinion)
    if opinion.needs_rectification:
        policy = selectors.policy_of(opinion, referral.referred_at)
        due_at = work_calendar().due_by(now, policy.term(policy.measure_part))
        referral.measure_due_at = min(due_at, referral.due_at)
    take(opinion, Step.SIGN, by=by, now=now, step_due_at=referral.measure_due_at or referral.due_at)
    referral.signed_at = now
    referral.save(update_fields=["signed_at", "measure_due_at"])
    return referral


@transaction.atomic
def return_referral(opinion: Opinion, *, reason: str, note: str, by: Officer, now: datetime) -> Referral:
    """
    Return the opinion to whoever referred it, within the time for signing and with a reason (退回).

    :raises NotAllowed: if the referral was designated by the visit office, or the time for returning has passed.
    :raises StepNotOpen, StaleState: as for every step.
    """
    require_step(opinion, Step.RETURN, by=by)
    referral = selectors.referral_in_hand(opinion)
    if now >= referral.sign_due_at and not access.may(by, Do.DESIGNATE_UNIT, opinion.heard_by):
        raise NotAllowed(_("已超过退回时限，视为接受办理；确需调整请联系走访办。"))
    policy = selectors.policy_of(opinion, now)
    label = Referral.ReturnReason(reason).label
    take(
        opinion,
        Step.RETURN,
        by=by,
        now=now,
        note=_note(str(label), note),
        responsible_unit=None,
        responsible=None,
        extension_asked_at=None,
        step_due_at=work_calendar().due_by(now, policy.term("refer")),
    )
    referral.returned_at = now
    referral.return_reason = reason
    referral.save(update_fields=["returned_at", "return_reason"])
    return referral


def _correction(opinion: Opinion, topic: Topic | None) -> tuple[list[str], dict[str, str], dict[str, Any]]:
    """Return what a corrected topic adds to the event, to the audit record and to the opinion: nothing if it stays."""
    was = opinion.topic
    if topic is None or topic == was:
        return [], {}, {}
    said = _("主题由“%(was)s”（%(was_code)s）更正为“%(becomes)s”（%(code)s）") % {
        "was": was.name,
        "was_code": was.code,
        "becomes": topic.name,
        "code": topic.code,
    }
    return [said], {"topic_was": was.code, "topic_becomes": topic.code}, {"topic": topic}


def _note(head: str, note: str) -> str:
    return f"{head}：{note}" if note else head
