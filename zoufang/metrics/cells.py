"""Numbers read from cells: what was folded by day and month, and what was written since, in one statement."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, cached_property
from typing import Any

from django.db import connection

from zoufang.kernel.period import Period
from zoufang.metrics import paths
from zoufang.metrics.declarations import Clock, Count, Number, Typical
from zoufang.metrics.facts import DIFFERENT, Facts
from zoufang.metrics.frame import Frame
from zoufang.metrics.models import Counted
from zoufang.metrics.sources import BASE_ROWS, Cell, carried_up

_COLUMNS = "unit_id, key, at, settled, unsettled, rows, total"


class Cells:
    """
    The source of one table: cells where a number is kept in them, the base rows for all others.

    Both say the same at every instant; only what they cost differs. The cost of cells depends on units × periods.
    """

    def counts(self, metric: Count, frame: Frame) -> Mapping[Cell, Number]:
        kept = self._kept.get(metric.code)
        if kept is None or kept[1] != _digest(metric):
            return BASE_ROWS.counts(metric, frame)
        if frame.category:
            return _of_categories(kept[0], metric, frame)
        return carried_up(_grouped(kept[0], metric, frame), metric, frame)

    def typical(self, metric: Typical, frame: Frame) -> Mapping[Cell, tuple[Decimal, int]]:
        return BASE_ROWS.typical(metric, frame)

    @cached_property
    def _kept(self) -> dict[str, tuple[int, str]]:
        return {code: (pk, digest) for code, pk, digest in Counted.objects.values_list("code", "pk", "digest")}


@cache
def _digest(metric: Count) -> str:
    return Facts(metric).digest


def _of_categories(counted: int, metric: Count, frame: Frame) -> Mapping[Cell, Number]:
    """Return whole months from cells and the days around them from the rows: categories are kept by month only."""
    months, around = _whole_months(frame.period)
    if metric.distinct or months is None or (around and (metric.settled or metric.clock is Clock.AS_OF)):
        return BASE_ROWS.counts(metric, frame)
    inside = replace(frame, period=months)
    sums = Counter(carried_up(_grouped(counted, metric, inside), metric, inside))
    for days in around:
        sums.update(BASE_ROWS.counts(metric, replace(frame, period=days)))
    return sums


def _whole_months(period: Period) -> tuple[Period | None, list[Period]]:
    """Return the whole months of the period, if it has any, and the days before and after them."""
    first, end = period.first, period.last + timedelta(days=1)
    from_month, to_month = first and _month_on_or_after(first), end.replace(day=1)
    if from_month is not None and from_month >= to_month:
        return None, [period]
    around = []
    if first is not None and from_month is not None and first < from_month:
        around.append(Period(first, from_month - timedelta(days=1)))
    if to_month < end:
        around.append(Period(to_month, period.last))
    return Period(from_month, to_month - timedelta(days=1)), around


def _grouped(counted: int, metric: Count, frame: Frame) -> Iterator[tuple[Any, ...]]:
    """Yield (owner, category, distinct value, number of each span), as the base rows would group them."""
    cut = frame.category or (f"{DIFFERENT}{metric.distinct}" if metric.distinct else "")
    spans = [_Span(metric, span) for span in frame.spans.values()]
    stored, wanted = _stored(metric, spans[0], all(span.is_aligned for span in spans))
    numbers = ", ".join(f"sum({'total' if metric.value else 'rows'}) FILTER (WHERE {span.test})" for span in spans)
    owners = "" if frame.owners is None else "WHERE unit_id = ANY(%s)"
    common = "counted_id = %s AND cut = %s"
    parts = [f"SELECT {_COLUMNS} FROM metrics_cell WHERE {common} AND {test}" for test in stored]
    parts.append(f"SELECT {_COLUMNS} FROM metrics_delta WHERE {common}")
    statement = f"SELECT unit_id, key, {numbers} FROM ({' UNION ALL '.join(parts)}) AS a {owners} GROUP BY unit_id, key"
    params: list[Any] = [param for span in spans for param in span.params]
    for index in range(len(parts)):
        params += [counted, cut, *(wanted[index] if index < len(stored) else ())]
    if frame.owners is not None:
        params.append(frame.owners)
    read = _reader(metric, frame)
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        for unit, key, *found in cursor.fetchall():
            if metric.distinct and not key:
                continue
            shown = [int(number) if number is not None and (number > 0 or metric.value) else 0 for number in found]
            yield unit, read(key) if frame.category else None, key if metric.distinct else None, *shown


class _Span:
    """The local days [`first`, `end`) in which a row of the number counts; `first` is None for "since the beginning"."""

    def __init__(self, metric: Count, period: Period) -> None:
        self.first = period.first if metric.clock is Clock.FLOW else None
        self.end = period.last + timedelta(days=1)
        tests, params = ["at < %s"], [self.end]
        if self.first is not None:
            tests.append("at >= %s")
            params.append(self.first)
        if metric.settled:
            tests.append("settled < %s")
            params.append(self.end)
        if metric.unsettled:
            tests.append("(unsettled IS NULL OR unsettled >= %s)")
            params.append(self.end)
        self.test, self.params = " AND ".join(tests), params

    @property
    def is_aligned(self) -> bool:
        """Does it begin and end with a month?"""
        return self.end.day == 1 and (self.first is None or self.first.day == 1)


def _stored(metric: Count, whole: _Span, aligned: bool) -> tuple[list[str], list[list[date]]]:
    """
    Return which cells hold the rows dated in `whole`, as conditions with their values.

    Whole months come from monthly cells and the days before and after from daily ones. What is settled at the end
    of a month needs its very day, so then all of it is read by day, unless every span is of whole months.
    """
    first, end = whole.first, whole.end
    from_month = None if first is None else _month_on_or_after(first)
    to_month = end.replace(day=1)
    if metric.settled and not aligned:
        return [_range("NOT monthly", first, end)[0]], [_range("NOT monthly", first, end)[1]]
    if from_month is not None and from_month >= to_month and not aligned:
        return [_range("NOT monthly", first, end)[0]], [_range("NOT monthly", first, end)[1]]
    ranges = [_range("monthly", from_month, to_month)]
    if first is not None and from_month is not None and first < from_month:
        ranges.append(_range("NOT monthly", first, from_month))
    if to_month < end:
        ranges.append(_range("NOT monthly", to_month, end))
    return [test for test, _days in ranges], [days for _test, days in ranges]


def _range(grain: str, first: date | None, end: date) -> tuple[str, list[date]]:
    if first is None:
        return f"{grain} AND at < %s", [end]
    return f"{grain} AND at >= %s AND at < %s", [first, end]


def _month_on_or_after(day: date) -> date:
    return day if day.day == 1 else (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _reader(metric: Count, frame: Frame) -> Any:
    """Return what makes a key of the text that a cell holds: a value of the category's field, or blank."""
    if frame.category is None:
        return str
    end = paths.target(metric.base(), metric.category(frame.category).path)
    field = getattr(end.field, "target_field", end.field)
    return lambda key: field.to_python(key) if key else None
