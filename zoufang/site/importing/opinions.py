"""Opinions from a table: those answered elsewhere with their history, the others to be answered here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zoufang.kernel.refusal import Refusal
from zoufang.opinions import rules
from zoufang.opinions.loading import topic_vocabulary
from zoufang.opinions.models import Opinion, Reply, Topic
from zoufang.opinions.selectors import opinions_seen_by, suggested_unit
from zoufang.opinions.services import Intake, answered_opinion, new_opinion, refer_opinion, take_in
from zoufang.opinions.vocabulary import Kind, Source
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Unit
from zoufang.site.importing.columns import Cells, Column, Holds, RowErrors, moment_of
from zoufang.site.importing.desk import Answer, Desk, Importer, Outcome, by_turns

# What belongs together and is checked against what is there in one go. With their answers opinions are long.
AT_ONCE = 1000

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
    # What the row says itself; the rest was inferred.
    stated: frozenset[str]

    @property
    def key(self) -> tuple[str, str]:
        return str(self.source), self.id

    @property
    def refer_to(self) -> Unit | None:
        """The unit that shall answer, if that is still to be done and one is named."""
        return self.responsible_unit if self.replied_at is None else None


def take_opinions(rows: Sequence[Cells], desk: Desk) -> list[Answer]:
    answers: dict[int, Answer] = {}
    said: dict[int, Said] = {}
    for place, row in enumerate(rows):
        try:
            said[place] = _read(row, desk)
        except RowErrors as error:
            answers[place] = error
    answers |= zip(
        said, by_turns(list(said.values()), lambda one: one.key, lambda turn: _taken(turn, desk)), strict=True
    )
    return [answers[place] for place in range(len(rows))]


def _taken(said: Sequence[Said], desk: Desk) -> list[Answer]:
    """Compare what is known; of the rest take in all at once, and then each that is to be referred as well."""
    known = _known(said)
    answers: dict[int, Answer] = {}
    intakes: list[Intake] = []
    for place, one in enumerate(said):
        if one.key in known:
            answers[place] = _compare(known[one.key], one, desk)
        elif one.refer_to is None:
            try:
                intakes.append(_intake(one, desk))
            except Refusal as refusal:
                answers[place] = refusal
            else:
                answers[place] = Outcome.CREATED
    take_in(intakes, by=desk.officer, now=desk.now)
    for place, one in enumerate(said):
        if place not in answers and one.refer_to is not None:
            answers[place] = _referred(one, one.refer_to, desk)
    return [answers[place] for place in range(len(said))]


def _intake(said: Said, desk: Desk) -> Intake:
    """:raises Refusal: if it may not be taken in."""
    facts: dict[str, Any] = {
        "kind": said.kind,
        "source": said.source,
        "source_no": said.id,
        "topic": said.topic,
        "title": said.title,
        "content": said.text,
        "heard_by": said.heard_by,
        "heard_at": said.heard_at,
        "by": desk.officer,
    }
    if said.replied_at is None:
        return new_opinion(**facts, now=desk.now)
    responsible_unit = said.responsible_unit or _answering(said, desk)
    return answered_opinion(**facts, reply=said.reply, replied_at=said.replied_at, responsible_unit=responsible_unit)


def _referred(said: Said, to: Unit, desk: Desk) -> Answer:
    try:
        with transaction.atomic():
            intake = _intake(said, desk)
            take_in([intake], by=desk.officer, now=desk.now)
            refer_opinion(intake.opinion, to=to, by=desk.officer, now=desk.now)
    except Refusal as refusal:
        return refusal
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
        stated=frozenset(name for name, cell in row.items() if cell),
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


@dataclass(frozen=True)
class Known:
    """What has been taken in under a number, and the answer that came with it."""

    opinion: Opinion
    told: Reply | None


def _known(said: Sequence[Said]) -> dict[tuple[str, str], Known]:
    # A number is rarely used by two sources: those of the other fall away here.
    asked = {one.key for one in said}
    opinions = Opinion.objects.filter(source_no__in={one.id for one in said}, source__in={one.source for one in said})
    found = {key: each for each in opinions if (key := (each.source, each.source_no)) in asked}
    # The answer that came with a table has no officer who wrote it here.
    told: dict[int, Reply] = {}
    replies = Reply.objects.filter(referral__opinion__in=found.values(), drafted_by=None).select_related("referral")
    for reply in replies.order_by("pk"):
        told.setdefault(reply.referral.opinion_id, reply)
    return {key: Known(opinion, told.get(opinion.pk)) for key, opinion in found.items()}


def _compare(known: Known, said: Said, desk: Desk) -> Answer:
    """
    Say whether the row is what has been taken in under its number: what it leaves open is not compared.

    If it is something else, say so. What is here stays as it is.
    """
    opinion, told = known.opinion, known.told
    same = (opinion.content, opinion.title, opinion.heard_at) == (said.text, said.title, said.heard_at)
    for cell, now, then in (
        ("kind", opinion.kind, said.kind),
        ("topic", opinion.topic_id, said.topic.pk),
        ("heard_by", opinion.heard_by_id, said.heard_by.pk),
    ):
        same = same and (cell not in said.stated or now == then)
    if same and (told.text if told else "", told.told_at if told else None) == (said.reply, said.replied_at):
        return Outcome.UNCHANGED
    # A number is told only to those who may see the opinion.
    seen = opinions_seen_by(desk.officer).filter(pk=opinion.pk).exists()
    if same and told is None and seen:
        message = _("该编号已登记为 %(no)s，正在系统内办理，表中的答复没有导入，请在系统内答复。")
    elif seen:
        message = _("该编号已登记为 %(no)s，内容不同，未改动。")
    else:
        message = _("该编号已登记，内容不同，未改动。")
    return RowErrors({"id": [message % {"no": opinion.no}]})


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
    take_opinions,
    at_once=AT_ONCE,
)
