"""An opinion comes in: registered by an officer, heard from outside, or taken over with its history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zoufang.audit import services as audit
from zoufang.audit.services import Entry
from zoufang.kernel.refusal import Invalid
from zoufang.opinions import rules, selectors
from zoufang.opinions.models import Asker, Opinion, OpinionEvent, Referral, Reply, Topic
from zoufang.opinions.services.shaping import keep_shapes
from zoufang.opinions.services.taking import log_all
from zoufang.opinions.vocabulary import NEEDS_ADDRESS, NEEDS_PHONE, Kind, Source, TellBy
from zoufang.opinions.workflow import Status, Step
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit
from zoufang.organization.selectors import work_calendar
from zoufang.privacy.sealing import fingerprint, seal


@dataclass(frozen=True)
class Intake:
    """An opinion that may be registered, not saved yet; with its history if it was answered elsewhere."""

    opinion: Opinion
    referral: Referral | None = None
    reply: Reply | None = None


@transaction.atomic
def register_opinion(*, by: Officer | None, now: datetime, **facts: Any) -> Opinion:
    """
    Register what was heard, credit the unit that heard it, and promise an answer by a date.

    Facts and errors are those of `new_opinion`.
    """
    intake = new_opinion(**facts, by=by, now=now)
    take_in([intake], by=by, now=now)
    return intake.opinion


@transaction.atomic
def import_answered_opinion(*, by: Officer, now: datetime, **facts: Any) -> Opinion:
    """
    Take over an opinion that was answered elsewhere, with its history as far as the source tells it.

    Facts and errors are those of `answered_opinion`.
    """
    intake = answered_opinion(**facts, by=by)
    take_in([intake], by=by, now=now)
    return intake.opinion


def new_opinion(
    *,
    kind: str,
    source: str,
    topic: Topic,
    content: str,
    heard_by: Unit,
    heard_at: datetime,
    by: Officer | None,
    now: datetime,
    title: str = "",
    place: str = "",
    object_category: str = "",
    source_no: str = "",
    needs_rectification: bool | None = None,
    complained_unit: Unit | None = None,
    complained_officer: Officer | None = None,
    urgent: bool = False,
    uid: UUID | None = None,
    limit_at: datetime | None = None,
) -> Intake:
    """
    Return an opinion as it would be registered now, for `take_in`: credited to `heard_by`, with the promise of an answer.

    `by` is None when no officer stands between: the citizen wrote it on the public page.
    `needs_rectification` follows the kind unless it is said. A complaint that was heard by those it is about is taken by
    the level above them: nothing of it is theirs, no figure either. `urgent` is a hazard that is acted on first: its
    clock runs in minutes, round the clock. `limit_at` is set by whoever passes it on, and then the promise.

    :raises NotAllowed: if `by` may not register opinions for `heard_by`.
    :raises Invalid: if it was heard in the future, it complains and is no complaint, or no deadline policy is in force.
    """
    if by is not None:
        access.require(by, Do.REGISTER_OPINION, heard_by)
    if heard_at > now:
        raise Invalid(_("收集时间不能晚于现在。"))
    about = complained_unit or (complained_officer.unit if complained_officer else None)
    if about is not None:
        if kind != Kind.COMPLAINT:
            raise Invalid(_("只有“投诉”才填写被投诉单位；请改选类别或清空此项。"))
        heard_by = out_of_reach(heard_by, about)
    policy = selectors.policy_on(rules.policy_code(kind, source, urgent=urgent), now)
    calendar = work_calendar()
    opinion = Opinion(
        uid=uid,
        kind=kind,
        source=source,
        source_no=source_no,
        object_category=object_category,
        topic=topic,
        title=title,
        content=content,
        place=place,
        heard_by=heard_by,
        heard_at=heard_at,
        recorded_by=by,
        recorded_at=now,
        needs_rectification=rules.needs_rectification(kind) if needs_rectification is None else needs_rectification,
        urgent=urgent,
        limit_at=limit_at,
        due_at=limit_at or calendar.due_by(now, policy.term("refer", "finish")),
        step_due_at=calendar.due_by(now, policy.term("refer")),
        complained_unit=about,
        complained_officer=complained_officer,
    )
    return Intake(opinion)


def out_of_reach(heard_by: Unit, about: Unit) -> Unit:
    """Return who takes a complaint `about` a unit: who heard it, or the level above if those heard it themselves."""
    return selectors.level_above(about) if about.covers(heard_by) else heard_by


def answered_opinion(
    *,
    kind: str,
    topic: Topic,
    title: str,
    content: str,
    heard_by: Unit,
    heard_at: datetime,
    source_no: str,
    reply: str,
    replied_at: datetime,
    responsible_unit: Unit,
    by: Officer,
    source: str = Source.PUBLIC_PAGE,
    needs_rectification: bool | None = None,
) -> Intake:
    """
    Return an opinion that was answered elsewhere, for `take_in`, with its history as far as the source tells it.

    Every moment is the source's own; the steps that it does not tell are not invented.

    :raises NotAllowed: if `by` may not import for `heard_by`.
    :raises Invalid: if the answer lies before the question.
    """
    access.require(by, Do.IMPORT_ROWS, heard_by)
    if replied_at < heard_at:
        raise Invalid(_("答复时间早于来信时间。"))
    policy = selectors.policy_on(rules.policy_code(kind, source), heard_at)
    calendar = work_calendar()
    opinion = Opinion(
        kind=kind,
        source=source,
        source_no=source_no,
        topic=topic,
        title=title,
        content=content,
        heard_by=heard_by,
        heard_at=heard_at,
        recorded_by=by,
        recorded_at=heard_at,
        needs_rectification=rules.needs_rectification(kind) if needs_rectification is None else needs_rectification,
        status=Status.CLOSED,
        responsible_unit=responsible_unit,
        due_at=calendar.due_by(heard_at, policy.term("refer", "finish")),
    )
    referral = Referral(
        opinion=opinion,
        unit=responsible_unit,
        hop=1,
        referred_at=heard_at,
        signed_at=heard_at,
        sign_due_at=calendar.due_by(heard_at, policy.term("sign")),
        due_at=calendar.due_by(heard_at, policy.term("finish")),
        finished_at=replied_at,
        closed_at=replied_at,
    )
    told = Reply(
        referral=referral,
        text=reply,
        drafted_at=replied_at,
        approved_at=replied_at,
        told_by=Reply.ToldBy.PAGE,
        told_at=replied_at,
    )
    return Intake(opinion, referral, told)


@transaction.atomic
def take_in(intakes: Sequence[Intake], *, by: Officer | None, now: datetime) -> None:
    """Number and save opinions that may be registered, each with its history, events and audit record of `now`."""
    opinions = [intake.opinion for intake in intakes]
    for opinion, no in zip(opinions, _next_nos("YJ", [each.heard_at for each in opinions]), strict=True):
        opinion.no = no
    Opinion.objects.bulk_create(opinions)
    keep_shapes(opinions)
    Referral.objects.bulk_create(intake.referral for intake in intakes if intake.referral is not None)
    Reply.objects.bulk_create(intake.reply for intake in intakes if intake.reply is not None)
    if registered := [intake.opinion for intake in intakes if intake.reply is None]:
        log_all(registered, Step.REGISTER, was="", by=by, now=now)
    if by is not None and (answered := [intake for intake in intakes if intake.reply is not None]):
        _tell_histories(answered, by=by, now=now)


def keep_asker(
    opinion: Opinion,
    *,
    code: str,
    now: datetime,
    name: str = "",
    phone: str = "",
    address: str = "",
    tell_by: TellBy | str = "",
    language: str = "",
) -> Asker:
    """
    Keep who asked and how they wish to be told: the code as a keyed hash, the contact sealed.

    Empty contact means an anonymous citizen. Who leaves a phone and says nothing else is called. `language` is that
    in which they are told, the one of the moment unless said.

    :raises Invalid: if the way chosen needs a phone or an address that was not left.
    """
    tell_by = TellBy(tell_by or (TellBy.PHONE if phone else TellBy.PAGE))
    if (tell_by in NEEDS_PHONE and not phone) or (tell_by in NEEDS_ADDRESS and not address):
        raise Invalid(_("选择“%(way)s”告知，需要留下相应的联系方式。") % {"way": tell_by.label})
    return Asker.objects.create(
        opinion=opinion,
        code_hash=fingerprint(code),
        name_sealed=seal(name),
        phone_sealed=seal(phone),
        address_sealed=seal(address),
        tell_by=tell_by,
        language=language or get_language() or "zh-hans",
        asked_at=now,
    )


def _tell_histories(intakes: Sequence[Intake], *, by: Officer, now: datetime) -> None:
    note = _("随历史数据导入")
    OpinionEvent.objects.bulk_create(
        OpinionEvent(opinion=opinion, step=step, was=was, becomes=becomes, by=by, unit=by.unit, at=at, note=note)
        for opinion, replied_at in ((each.opinion, each.reply.drafted_at) for each in intakes if each.reply is not None)
        for step, was, becomes, at in (
            (Step.REGISTER, "", Status.REGISTERED, opinion.heard_at),
            (Step.FEED_BACK, Status.REGISTERED, Status.ANSWERED, replied_at),
            (Step.CLOSE, Status.ANSWERED, Status.CLOSED, replied_at),
        )
    )
    audit.record_all(
        [
            Entry("import", on="opinion", key=each.opinion.no, detail={"source_no": each.opinion.source_no})
            for each in intakes
        ],
        by=by,
        at=now,
    )


def next_rectification_no(now: datetime) -> str:
    (no,) = _next_nos("ZG", [now])
    return no


def _next_nos(prefix: str, moments: Sequence[datetime]) -> list[str]:
    with connection.cursor() as cursor:
        statement = "SELECT nextval(%s) FROM generate_series(1, %s)"
        cursor.execute(statement, [f"opinions_no_{prefix.lower()}", len(moments)])
        numbers = [number for (number,) in cursor.fetchall()]
    return [f"{prefix}{moment:%Y}{number:06d}" for moment, number in zip(moments, numbers, strict=True)]
