"""Opinions from a table: those answered elsewhere with their history, the others to be answered here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from zoufang.opinions import rules
from zoufang.opinions.loading import topic_vocabulary
from zoufang.opinions.models import Opinion, Reply, Topic
from zoufang.opinions.selectors import opinions_seen_by, suggested_unit
from zoufang.opinions.services import import_answered_opinion, refer_opinion, register_opinion
from zoufang.opinions.vocabulary import Kind, Source
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Unit
from zoufang.site.importing.columns import Cells, Column, Holds, RowErrors, moment_of
from zoufang.site.importing.desk import Desk, Importer, Outcome

LONGEST_TEXT = 20_000
LONGEST_TITLE = 80
LONGEST_ID = 64

# Where the words of a text point to no topic: other suggestions.
OTHER_TOPIC = "J3"


@dataclass(frozen=True)
class Said:
    """A row that can be read: what was asked, when, and the answer, if there is one."""

    id: str
    source: str
    kind: str
    title: str
    text: str
    heard_at: datetime
    heard_by: Unit
    topic: Topic
    reply: str
    replied_at: datetime | None
    responsible_unit: Unit | None


def take_opinion(row: Cells, desk: Desk) -> Outcome:
    said = _read(row, desk)
    known = Opinion.objects.filter(source=said.source, source_no=said.id).first()
    if known is not None:
        return _compare(known, said, row, desk)
    facts: dict[str, Any] = {
        "kind": said.kind,
        "source": said.source,
        "source_no": said.id,
        "topic": said.topic,
        "title": said.title,
        "content": said.text,
        "heard_by": said.heard_by,
        "heard_at": said.heard_at,
    }
    if said.replied_at is not None:
        import_answered_opinion(
            **facts,
            reply=said.reply,
            replied_at=said.replied_at,
            responsible_unit=said.responsible_unit or _answering(said, desk),
            by=desk.officer,
            now=desk.now,
        )
        return Outcome.CREATED
    opinion = register_opinion(**facts, by=desk.officer, now=desk.now)
    if said.responsible_unit is not None:
        refer_opinion(opinion, to=said.responsible_unit, by=desk.officer, now=desk.now)
    return Outcome.CREATED


def _read(row: Cells, desk: Desk) -> Said:
    """:raises RowErrors: if it says nothing that can be taken in."""
    errors = _faults(row, desk.now)
    heard_by = _unit(row, "heard_by", desk, errors) or desk.officer.unit
    responsible_unit = _unit(row, "responsible_unit", desk, errors)
    if "heard_by" not in errors and not access.may(desk.officer, Do.IMPORT_ROWS, heard_by):
        errors["heard_by"] = [_out_of_reach(heard_by)]
    topic = _topic(row, desk)
    if topic is None:
        errors["topic"] = [_("没有这个二级主题代码。")]
    heard_at = moment_of(row["received_at"])
    if errors or topic is None or heard_at is None:
        raise RowErrors(errors)
    return Said(
        id=row["id"],
        source=row["source"] or Source.PUBLIC_PAGE,
        kind=row["kind"] or Kind.OPINION,
        title=row["title"],
        text=row["text"],
        heard_at=heard_at,
        heard_by=heard_by,
        topic=topic,
        reply=row["reply"],
        replied_at=moment_of(row["replied_at"]),
        responsible_unit=responsible_unit,
    )


def _faults(row: Cells, now: datetime) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for name, most in (("id", LONGEST_ID), ("title", LONGEST_TITLE), ("text", LONGEST_TEXT), ("reply", LONGEST_TEXT)):
        if len(row[name]) > most:
            errors[name] = [_("有 %(n)d 个字，最多 %(most)d 个字。") % {"n": len(row[name]), "most": most}]
    if bool(row["reply"]) != bool(row["replied_at"]):
        empty = "reply" if row["replied_at"] else "replied_at"
        errors[empty] = [_("答复内容和答复时间应当同时填写或同时留空。")]
    heard_at, replied_at = moment_of(row["received_at"]), moment_of(row["replied_at"])
    if heard_at and heard_at > now:
        errors["received_at"] = [_("收到时间晚于现在。")]
    if replied_at and replied_at > now:
        errors["replied_at"] = [_("答复时间晚于现在。")]
    elif replied_at and heard_at and replied_at < heard_at:
        errors["replied_at"] = [_("答复时间早于收到时间。")]
    return errors


def _unit(row: Cells, name: str, desk: Desk, errors: dict[str, list[str]]) -> Unit | None:
    """Return the unit that a cell names. Rows name units of one's own: nobody fills the books of another."""
    if not row[name]:
        return None
    unit = desk.unit(row[name])
    if unit is None:
        errors[name] = [_("没有这个单位代码。")]
    elif not access.may(desk.officer, Do.IMPORT_ROWS, unit):
        errors[name] = [_out_of_reach(unit)]
    return unit


def _out_of_reach(unit: Unit) -> str:
    return _("%(unit)s不在您可以导入的范围内。") % {"unit": unit.label}


def _topic(row: Cells, desk: Desk) -> Topic | None:
    code = row["topic"].upper() or rules.suggest_topic(
        row["title"] + row["text"], topic_vocabulary(), otherwise=OTHER_TOPIC
    )
    return desk.once(("topic", code), lambda: Topic.objects.exclude(parent=None).filter(code=code).first())


def _answering(said: Said, desk: Desk) -> Unit:
    """Return whom the duty directory names for the topic, where that is one's own unit; else whoever heard it."""
    unit = desk.once(("suggested", said.topic.pk, said.heard_by.pk), lambda: suggested_unit(said.topic, said.heard_by))
    return unit if unit is not None and access.may(desk.officer, Do.IMPORT_ROWS, unit) else said.heard_by


def _compare(known: Opinion, said: Said, row: Cells, desk: Desk) -> Outcome:
    """
    Say whether the row is what has been taken in under its number: what it leaves open is not compared.

    :raises RowErrors: if it is something else. What is here stays as it is.
    """
    same = (known.content, known.title, known.heard_at) == (said.text, said.title, said.heard_at)
    for cell, now, then in (
        ("kind", known.kind, said.kind),
        ("topic", known.topic_id, said.topic.pk),
        ("heard_by", known.heard_by_id, said.heard_by.pk),
    ):
        same = same and (not row[cell] or now == then)
    # The answer that came with a table has no officer who wrote it here.
    told = Reply.objects.filter(referral__opinion=known, drafted_by=None).order_by("pk").first()
    if same and (told.text if told else "", told.told_at if told else None) == (said.reply, said.replied_at):
        return Outcome.UNCHANGED
    # A number is told only to those who may see the opinion.
    seen = opinions_seen_by(desk.officer).filter(pk=known.pk).exists()
    if same and told is None and seen:
        message = _("该编号已登记为 %(no)s，正在系统内办理，表中的答复没有导入，请在系统内答复。")
    elif seen:
        message = _("该编号已登记为 %(no)s，内容不同，未改动。")
    else:
        message = _("该编号已登记，内容不同，未改动。")
    raise RowErrors({"id": [message % {"no": known.no}]})


OPINIONS = Importer(
    (
        Column("id", ("编号", "原编号", "留言编号"), True, "2549"),
        Column("title", ("标题", "留言主题"), False, "小区东门路灯不亮", Holds.TEXT),
        Column("received_at", ("收到时间", "留言时间", "收集时间"), True, "2026-03-02 09:12:00", Holds.MOMENT),
        Column("text", ("内容", "留言详情"), True, "东门路灯坏了两周，晚上走路不放心。", Holds.TEXT),
        Column("reply", ("答复", "答复意见"), False, "已更换灯具。", Holds.TEXT),
        Column("replied_at", ("答复时间",), False, "2026-03-10 15:00:00", Holds.MOMENT),
        Column("kind", ("类别",), False, "意见", choices=Kind),
        Column("source", ("来源",), False, "网上群众留言", choices=Source),
        Column("topic", ("主题代码",), False, "A6"),
        Column("heard_by", ("收集单位代码",), False, "410800900000"),
        Column("responsible_unit", ("责任单位代码",), False, "410800570000"),
    ),
    take_opinion,
)
