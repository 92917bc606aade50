"""An opinion comes in: registered by an officer, heard from outside, or taken over with its history."""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from zoufang.audit import services as audit
from zoufang.kernel.refusal import Invalid
from zoufang.opinions import rules, selectors
from zoufang.opinions.models import Asker, Opinion, OpinionEvent, Referral, Reply, Topic
from zoufang.opinions.services.taking import log
from zoufang.opinions.vocabulary import Source
from zoufang.opinions.workflow import Status, Step
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit
from zoufang.organization.selectors import work_calendar
from zoufang.privacy.sealing import fingerprint, seal


@transaction.atomic
def register_opinion(
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
    uid: UUID | None = None,
) -> Opinion:
    """
    Register what was heard, credit `heard_by` with it, and promise an answer by a date.

    `by` is None when no officer stands between: the citizen wrote it on the public page.
    `needs_rectification` follows the kind unless it is said.

    :raises NotAllowed: if `by` may not register opinions for `heard_by`.
    :raises Invalid: if it was heard in the future, or no deadline policy is in force.
    """
    if by is not None:
        access.require(by, Do.REGISTER_OPINION, heard_by)
    if heard_at > now:
        raise Invalid(_("收集时间不能晚于现在。"))
    policy = selectors.policy_on(rules.policy_code(kind, source), now)
    calendar = work_calendar()
    opinion = Opinion.objects.create(
        no=_next_no("YJ", heard_at),
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
        due_at=calendar.due_after(now, working_days=policy.refer_days + policy.finish_days),
        step_due_at=calendar.due_after(now, working_days=policy.refer_days),
        complained_unit=complained_unit or (complained_officer.unit if complained_officer else None),
        complained_officer=complained_officer,
    )
    log(opinion, Step.REGISTER, was="", by=by, now=now)
    return opinion


def keep_asker(opinion: Opinion, *, code: str, now: datetime, name: str = "", phone: str = "") -> Asker:
    """Keep who asked: the code as a keyed hash, the contact sealed. Empty contact means an anonymous citizen."""
    return Asker.objects.create(
        opinion=opinion,
        code_hash=fingerprint(code),
        name_sealed=seal(name) if name else b"",
        phone_sealed=seal(phone) if phone else b"",
        asked_at=now,
    )


@transaction.atomic
def import_answered_opinion(
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
    now: datetime,
    source: str = Source.PUBLIC_PAGE,
    needs_rectification: bool | None = None,
) -> Opinion:
    """
    Take over an opinion that was answered elsewhere, with its history as far as the source tells it.

    Every moment is the source's own; the steps that it does not tell are not invented. The audit record
    bears the time of the import.

    :raises NotAllowed: if `by` may not import for `heard_by`.
    :raises Invalid: if the answer lies before the question.
    """
    access.require(by, Do.IMPORT_ROWS, heard_by)
    if replied_at < heard_at:
        raise Invalid(_("答复时间早于来信时间。"))
    policy = selectors.policy_on(rules.policy_code(kind, source), heard_at)
    calendar = work_calendar()
    opinion = Opinion.objects.create(
        no=_next_no("YJ", heard_at),
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
        due_at=calendar.due_after(heard_at, working_days=policy.refer_days + policy.finish_days),
    )
    referral = Referral.objects.create(
        opinion=opinion,
        unit=responsible_unit,
        hop=1,
        referred_at=heard_at,
        signed_at=heard_at,
        sign_due_at=calendar.due_after(heard_at, working_days=policy.sign_days),
        due_at=calendar.due_after(heard_at, working_days=policy.finish_days),
        finished_at=replied_at,
        closed_at=replied_at,
    )
    Reply.objects.create(
        referral=referral,
        text=reply,
        drafted_at=replied_at,
        approved_at=replied_at,
        told_by=Reply.ToldBy.PAGE,
        told_at=replied_at,
    )
    _tell_history(opinion, by=by, now=now, replied_at=replied_at)
    return opinion


def _tell_history(opinion: Opinion, *, by: Officer, now: datetime, replied_at: datetime) -> None:
    note = _("随历史数据导入")
    OpinionEvent.objects.bulk_create(
        OpinionEvent(opinion=opinion, step=step, was=was, becomes=becomes, by=by, unit=by.unit, at=at, note=note)
        for step, was, becomes, at in (
            (Step.REGISTER, "", Status.REGISTERED, opinion.heard_at),
            (Step.FEED_BACK, Status.REGISTERED, Status.ANSWERED, replied_at),
            (Step.CLOSE, Status.ANSWERED, Status.CLOSED, replied_at),
        )
    )
    audit.record("import", on="opinion", key=opinion.no, by=by, at=now, detail={"source_no": opinion.source_no})


def next_rectification_no(now: datetime) -> str:
    return _next_no("ZG", now)


def _next_no(prefix: str, moment: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [f"opinions_no_{prefix.lower()}"])
        (number,) = cursor.fetchone()
    return f"{prefix}{moment:%Y}{number:06d}"
