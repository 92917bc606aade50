"""What an import leaves behind, but for keys and numbers that a second one draws anew."""

from typing import Any

from django.db import connection

from zoufang.audit import services as audit
from zoufang.audit.models import AuditRecord
from zoufang.metrics.services import cell_differences, countable
from zoufang.opinions.models import Opinion, OpinionEvent, Referral, Reply
from zoufang.statistics.catalogue import CATALOGUE
from zoufang.visits.models import Visit, VisitEvent

VISIT_HEAD = [
    "走访时间", "单位代码", "走访民警", "方式", "对象类别", "人次", "走访主题", "走访地点", "走访情况", "征得意见",
]  # fmt: skip

# Everything that was counted, whether it has been folded or not, without the sums that follow from it. Units are named
# by code, numbers by their own. How long something took (the tenths of a median) is told from the moment of the import,
# and not the same for two of them.
_COUNTED = """
SELECT m.code, c.monthly, c.cut, CASE WHEN c.cut LIKE 'topic%%' OR c.cut = '~' THEN '' ELSE c.key END, u.code, c.at,
    sum(c.rows), sum(c.total)
FROM (
    SELECT {columns} FROM metrics_cell WHERE NOT (below OR (monthly AND (cut = '' OR cut LIKE '=%%')))
    UNION ALL
    SELECT {columns} FROM metrics_delta
) AS c
JOIN metrics_counted AS m ON m.id = c.counted_id JOIN organization_unit AS u ON u.id = c.unit_id
GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(c.rows) <> 0 OR sum(c.total) <> 0
""".format(columns="counted_id, monthly, cut, key, unit_id, at, rows, total")


def picture() -> dict[str, Any]:
    """Return all rows of visits and opinions with what belongs to them, and what was counted."""
    said = {opinion.no: f"{opinion.source_no}/{opinion.content}" for opinion in Opinion.objects.all()}
    records = AuditRecord.objects.filter(object_type__in=["visit", "opinion"]).order_by("pk")
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED)
        counted = cursor.fetchall()
    return {
        "visits": sorted(
            (
                visit.uid, visit.body_hash, visit.unit.code, visit.visited_at, visit.mode, visit.mode_group,
                visit.object_category, visit.headcount, visit.theme, visit.place, visit.question, visit.summary,
                visit.opinion_count, visit.recorded_by.username,
                sorted(officer.username for officer in visit.officers.all()),
                sorted(said[opinion.no] for opinion in visit.opinions.all()),
            )
            for visit in Visit.objects.select_related("unit", "recorded_by").prefetch_related("officers", "opinions")
        ),
        "visit events": sorted(VisitEvent.objects.values_list("visit__uid", "kind", "by__username", "note")),
        "opinions": sorted(
            (said[no], *rest)
            for no, *rest in Opinion.objects.values_list(
                "no", "kind", "source", "topic__code", "title", "place", "object_category", "heard_by__code",
                "heard_at", "needs_rectification", "status", "version",
            )
        ),
        "opinion events": sorted(
            (said[no], *rest) for no, *rest in OpinionEvent.objects.values_list("opinion__no", "step", "was", "becomes")
        ),
        "referrals": sorted(
            (said[no], *rest) for no, *rest in Referral.objects.values_list("opinion__no", "unit__code", "hop")
        ),
        "replies": sorted(Reply.objects.values_list("referral__opinion__content", "text", "told_at")),
        "audit": sorted(
            (said.get(record.object_id, record.object_id), record.action, sorted(record.detail.items()))
            for record in records
        ),
        "counted": sorted(counted, key=repr),
    }  # fmt: skip


def nothing_is_off() -> None:
    """What `zoufang audit verify` and `zoufang recount --check` would say."""
    assert audit.verify().sound
    assert cell_differences(countable(CATALOGUE)) == []
