"""Visits from a table, each with at most one opinion; what the page would refuse is refused here."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from django.utils.translation import gettext as _

from zoufang.kernel.refusal import Refusal
from zoufang.opinions.vocabulary import Kind, ObjectCategory
from zoufang.organization.models import Officer
from zoufang.site.importing.columns import Cells, Column, Holds, RowErrors
from zoufang.site.importing.desk import Answer, Desk, Importer, Outcome, by_column, by_turns
from zoufang.visits.forms import VisitTable, uid_in
from zoufang.visits.services import Recorded, SomebodyElses, record_visits
from zoufang.visits.vocabulary import Mode, Theme

OTHER_TOPIC = "J3"

# What belongs together and is checked against what is there in one go.
AT_ONCE = 5000

_COLUMN_OF = {"opinion.content": "opinion", "opinion.topic": "topic"}


# The fields of a visit as a page would post them, and those of the opinion heard at it.
Said = tuple[dict[str, Any], dict[str, str] | None]


def read_visit(row: Cells, desk: Desk) -> Said:
    return _fields(row, desk.officer), _heard(row)


def take_visits(said: Sequence[Said], desk: Desk) -> list[Answer]:
    return by_turns(said, lambda one: one[0]["uid"], lambda turn: _taken(turn, desk))


def _taken(said: Sequence[Said], desk: Desk) -> list[Answer]:
    table = VisitTable(said, by=desk.officer, now=desk.now)
    read = [table.read(place) for place in range(len(said))]
    visits = [visit for visit, _wrong in read if visit is not None]
    recorded = iter(record_visits(visits, by=desk.officer, now=desk.now))
    return [_answer(next(recorded)) if visit else RowErrors(by_column(wrong, _COLUMN_OF)) for visit, wrong in read]


def _fields(row: Cells, by: Officer) -> dict[str, Any]:
    """Return the row as a page would post it."""
    said: dict[str, Any] = {name: value for name, value in row.items() if value}
    said["officers"] = [name for name in re.split(r"[\s,、;]+", row["officers"]) if name] or [by.username]
    said["unit"] = row["unit"] or by.unit.code
    # Without an identifier of its own a row is known by what it says: the same row again is the same visit.
    said["uid"] = (
        uid_in(row["uid"])
        or row["uid"]
        or uuid5(NAMESPACE_OID, "|".join([f"{name}={said[name]}" for name in sorted(said)]))
    )
    return said


def _heard(row: Cells) -> dict[str, str] | None:
    if not row["opinion"]:
        return None
    return {"kind": Kind.OPINION, "content": row["opinion"], "topic": row["topic"] or OTHER_TOPIC}


def _answer(recorded: Recorded) -> Answer:
    if isinstance(recorded, SomebodyElses):
        return RowErrors({"uid": [_("这条走访已由他人录入，未改动。")]})
    if isinstance(recorded, Refusal):
        return recorded
    return Outcome.of(created=recorded)


VISITS = Importer(
    (
        Column("visited_at", ("走访时间", "时间"), True, "2026-03-02 09:30", Holds.MOMENT),
        Column("unit", ("走访单位代码", "单位代码"), False, "410800570001"),
        Column("officers", ("民警账号", "走访民警"), False, "officer"),
        Column("mode", ("走访方式", "方式"), True, "入户", choices=Mode),
        Column("object_category", ("对象类别",), True, "居民家庭", choices=ObjectCategory),
        Column("headcount", ("人次",), True, "3"),
        Column("theme", ("走访主题", "主题"), True, "治安状况", choices=Theme),
        Column("place", ("走访地点", "地点"), False, "锦绣花园", Holds.TEXT),
        Column("summary", ("走访情况", "摘要"), False, "了解楼院治安情况。", Holds.TEXT),
        Column("question", ("带题",), False, "", Holds.TEXT),
        Column("opinion", ("征得意见",), False, "希望夜间多巡逻。", Holds.TEXT),
        Column("topic", ("意见主题代码",), False, "A4"),
        Column("uid", ("原记录编号",), False, ""),
    ),
    take_visits,
    at_once=AT_ONCE,
    prepare=read_visit,
)
