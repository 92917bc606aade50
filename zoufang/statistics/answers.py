"""The answer to a question in values that JSON can hold: the same for the API and the command line."""

from collections.abc import Mapping
from typing import Any

from zoufang.metrics.engine import Metric, Table, tabulate
from zoufang.organization.models import Unit
from zoufang.statistics.questions import Question, slicing


def answer(metric: Metric, question: Question, by: str = "") -> dict[str, Any]:
    """
    Return the value of `metric` and, told apart by `by`, its slices: one record each, the total first with `key` null.

    A slice by unit has the unit's code as its key; the asked unit's own code is what it is credited with directly.

    :raises Invalid: if the metric cannot be told apart so.
    """
    wanted = slicing(metric, by, question.period)
    table = tabulate([metric], [question.unit], question.period, by=wanted)
    codes = dict(Unit.objects.filter(pk__in=table.keys()).values_list("pk", "code")) if wanted == "unit" else {}
    return told(table, question, codes)


def told(table: Table, question: Question, codes: Mapping[int, str]) -> dict[str, Any]:
    """Return the answer that a table of one metric gives; `codes` has those of its units by primary key."""
    (metric,) = table.metrics.values()
    records = table.as_records()
    if table.by == "unit":
        records = [{**record, "key": codes.get(record["key"])} for record in records]
    names = ("metric", "unit", "unit_name", "key", "label", "value", "sample")
    return {
        "metric": metric.code,
        "title": str(metric.title),
        "per": str(metric.per),
        "unit": question.unit.code,
        "unit_name": question.unit.label,
        "from": question.first.isoformat(),
        "to": question.period.last.isoformat(),
        "by": table.by,
        "value": records[0]["value"],
        "sample": records[0]["sample"],
        "results": [{name: record[name] for name in names} for record in records],
    }
