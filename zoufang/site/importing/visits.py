"""Visits from a table, each with at most one opinion; what the page would refuse is refused here."""

import re
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from django.utils.translation import gettext as _

from zoufang.opinions.vocabulary import ObjectCategory
from zoufang.site.importing.columns import Cells, Column, Holds, RowErrors
from zoufang.site.importing.desk import Desk, Importer, Outcome, by_column
from zoufang.visits.forms import VisitForm, errors_of, opinion_rows, posted
from zoufang.visits.services import SomebodyElses, record_visit
from zoufang.visits.vocabulary import Mode, Theme

OTHER_TOPIC = "J3"

_COLUMN_OF = {"opinions.0.content": "opinion", "opinions.0.topic": "topic", "opinions": "opinion"}


def take_visit(row: Cells, desk: Desk) -> Outcome:
    by, now = desk.officer, desk.now
    said: dict[str, Any] = {name: value for name, value in row.items() if value}
    said["officers"] = [name for name in re.split(r"[\s,、;]+", row["officers"]) if name] or [by.username]
    said["unit"] = row["unit"] or by.unit.code
    # Without an identifier of its own a row is known by what it says: the same row again is the same visit.
    said["uid"] = row["uid"] or str(uuid5(NAMESPACE_OID, "|".join(f"{name}={said[name]}" for name in sorted(said))))
    heard = [{"content": row["opinion"], "topic": row["topic"] or OTHER_TOPIC}] if row["opinion"] else []
    data = posted(said, heard)
    form, rows = VisitForm(data, by=by, now=now), opinion_rows(data, every_row_counts=True)
    if not all([form.is_valid(), rows.is_valid()]):
        raise RowErrors(by_column(errors_of(form, rows), _COLUMN_OF))
    try:
        _visit, created = record_visit(**form.cleaned_data, opinions=rows.heard(), by=by, now=now)
    except SomebodyElses as refusal:
        raise RowErrors({"uid": [_("这条走访已由他人录入，未改动。")]}) from refusal
    return Outcome.of(created=created)


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
    take_visit,
)
