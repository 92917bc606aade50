"""Numbers read from cells: what was folded by day and month, and what was written since, in one statement."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, cached_property
from typing import Any

from django.db import connection

from zoufang.kernel.period import Period
from zoufang.metrics import paths
from zoufang.metrics.declarations import BLANK, Clock, Count, Key, Median, Number, OfRows, Typical
from zoufang.metrics.facts import DIFFERENT, TENTHS, Facts
from zoufang.metrics.frame import TOTAL, Frame
from zoufang.metrics.sources import BASE_ROWS, Cell

# What lies in one cell of a table, by the key of a cut ("" for the number itself).
Amounts = Mapping[Cell, Mapping[str, int]]


class Cells:
    """
    The source of one table: cells where a number is kept in them, the base rows for all others.

    Both say the same at every instant; only what they cost differs. The cost of cells depends on units × periods.
    """

    def counts(self, metric: Count, frame: Frame) -> Mapping[Cell, Number]:
        counted = self._counted(metric)
        if counted is None:
            return BASE_ROWS.counts(metric, frame)
        if frame.category:
            return _of_categories(counted, metric, frame)
        if metric.distinct:
            different = _read(_Question(counted, metric, frame, cut=f"{DIFFERENT}{metric.distinct}"))
            return {cell: sum(bool(key and rows) for key, rows in keys.items()) for cell, keys in different.items()}
        return {cell: keys[""] for cell, keys in _read(_Question(counted, metric, frame, sum_of=_sum(metric))).items()}

    def typical(self, metric: Typical, frame: Frame) -> Mapping[Cell, tuple[Decimal, int]]:
        counted = self._counted(metric)
        if counted is None or frame.category:
            return BASE_ROWS.typical(metric, frame)
        if isinstance(metric, Median):
            return _medians(counted, metric, frame)
        rows = _read(_Question(counted, metric, frame))
        sums = _read(_Question(counted, metric, frame, sum_of="total"))
        return {cell: (Decimal(sums[cell][""]) / keys[""], keys[""]) for cell, keys in rows.items() if keys[""]}

    def _counted(self, metric: OfRows) -> int | None:
        """Return the key under which the number is kept, if its cells can be read as they are."""
        pk, digest = self._kept.get(metric.code, (None, ""))
        return pk if digest == _digest(metric) else None

    @cached_property
    def _kept(self) -> dict[str, tuple[int, str]]:
        # Each figure on its own begins with this, so it is asked for as plainly as it can be.
        with connection.cursor() as cursor:
            cursor.execute("SELECT code, id, digest FROM metrics_counted WHERE carried")
            return {code: (pk, digest) for code, pk, digest in cursor.fetchall()}


@cache
def _digest(metric: OfRows) -> str:
    return Facts(metric).digest


def _sum(metric: Count) -> str:
    return "total" if metric.value else "rows"


def _of_categories(counted: int, metric: Count, frame: Frame) -> Mapping[Cell, Number]:
    """Return whole months from cells and the days around them from the rows: categories are kept by month only."""
    months, around = _whole_months(metric, frame.period)
    if metric.distinct or months is None or (around and (metric.settled or metric.clock is Clock.AS_OF)):
        return BASE_ROWS.counts(metric, frame)
    asked = _Question(counted, metric, frame, cut=str(frame.category), sum_of=_sum(metric), months=months)
    read = _reader(metric, str(frame.category))
    sums: Counter[Cell] = Counter()
    for (unit, _total), keys in _read(asked).items():
        sums[unit, TOTAL] += sum(keys.values())
        for key, number in keys.items():
            sums[unit, read(key)] += number
    for days in around:
        sums.update(BASE_ROWS.counts(metric, replace(frame, period=days)))
    return sums


def _medians(counted: int, metric: Median, frame: Frame) -> Mapping[Cell, tuple[Decimal, int]]:
    """
    Return medians as they are shown, from how often each tenth occurs in whole months and in the days around them.

    The one value in the middle, or two that are shown alike, give the median to the tenth. Where the two differ it
    lies between them, and is read from the rows.
    """
    months, around = _whole_months(metric, frame.period)
    if months is None or (around and metric.settled):
        return BASE_ROWS.typical(metric, frame)
    found: dict[Cell, tuple[Decimal, int]] = {}
    between = set()
    for cell, keys in _read(_Question(counted, metric, frame, cut=TENTHS, months=months, around=around)).items():
        rows = sum(keys.values())
        low, high = _middle(sorted((int(tenths), times) for tenths, times in keys.items()), rows)
        if low != high:
            between.add(cell)
        elif rows:
            found[cell] = Decimal(low) / 10, rows
    if between:
        units = {unit for unit, _key in between}
        exact = BASE_ROWS.typical(metric, replace(frame, units=[unit for unit in frame.units if unit.pk in units]))
        found |= {cell: exact[cell] for cell in between}
    return found


def _middle(tenths: Sequence[tuple[int, int]], rows: int) -> tuple[int, int]:
    """Return the value in the middle of (value, times) in order, twice, or the two values around it."""
    low, upto = None, 0
    for value, times in tenths:
        upto += times
        if low is None and 2 * upto >= rows:
            low = value
        if 2 * upto > rows:
            return value if low is None else low, value
    return 0, 0


def _whole_months(metric: OfRows, period: Period) -> tuple[Period | None, list[Period]]:
    """Return the whole months of what the number speaks of, if it has any, and the days before and after them."""
    first, end = period.first if metric.clock is Clock.FLOW else None, period.last + timedelta(days=1)
    from_month, to_month = first and _month_on_or_after(first), end.replace(day=1)
    if from_month is not None and from_month >= to_month:
        return None, [Period(first, period.last)]
    around = []
    if first is not None and from_month is not None and first < from_month:
        around.append(Period(first, from_month - timedelta(days=1)))
    if to_month < end:
        around.append(Period(to_month, period.last))
    return Period(from_month, to_month - timedelta(days=1)), around


@dataclass(frozen=True)
class _Question:
    """Which cells of a number are asked for: the sum of `rows` or `total`, by the keys of one cut."""

    counted: int
    metric: OfRows
    frame: Frame
    cut: str = ""
    sum_of: str = "rows"
    # For a cut that is kept by month: its whole months, and the days that are to be read from the rows themselves.
    months: Period | None = None
    around: Sequence[Period] = ()

    @cached_property
    def spans(self) -> list["_Span"]:
        return [_Span(self.metric, span) for span in self.frame.spans.values()]

    @property
    def places(self) -> list[tuple[int, bool, int, int]]:
        """(unit whose cells are read, with what lies below it, asked unit, its child), for every place in the table."""
        units = [unit.pk for unit in self.frame.units]
        if self.frame.by != "unit":
            return [(unit, True, unit, unit) for unit in units]
        asked = set(units)
        found = [(unit, False, unit, unit) for unit in units]
        for path in self.frame.paths.values():
            above, unit = ([0, *(int(step) for step in path.strip("/").split("/"))])[-2:]
            if above in asked:
                found.append((unit, True, above, unit))
        return found


def _read(asked: _Question) -> Amounts:
    """Return what is asked for, in one statement; cells and keys without anything are absent or 0."""
    spans, frame = asked.spans, asked.frame
    numbers = ", ".join(f"sum({asked.sum_of}) FILTER (WHERE {span.test})" for span in spans)
    parts = [*_cell_parts(asked), _delta_part(asked), *_row_parts(asked)]
    statement = (
        f"SELECT unit, child, key, {numbers} FROM ({' UNION ALL '.join(part for part, _params in parts)})"
        f" AS a (unit, child, {_AMOUNT}) GROUP BY unit, child, key"
    )
    params = [param for span in spans for param in span.params] + [param for _part, some in parts for param in some]
    found: defaultdict[Cell, Counter[str]] = defaultdict(Counter)
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        for unit, child, key, *amounts in cursor.fetchall():
            places = [(unit, child)] if unit is not None else frame.places.get(child, ())
            for span, amount in zip(frame.spans, amounts, strict=True):
                if not amount:
                    continue
                for above, part in places:
                    found[above, span][key] += int(amount)
                    if frame.by == "unit":
                        found[above, part][key] += int(amount)
    return found


_Part = tuple[str, list[Any]]  # a SELECT of (unit, child, key, at, settled, unsettled, rows, total), and its parameters
_AMOUNT = "key, at, settled, unsettled, rows, total"


def _cell_parts(asked: _Question) -> list[_Part]:
    columns = [list(column) for column in zip(*asked.places, strict=True)]
    parts: list[_Part] = []
    for monthly, test, days in _stored(asked):
        kept, params = "counted_id = %s AND cut = %s", [asked.counted, asked.cut, *days]
        if asked.metric.settled and not monthly:
            # By day such cells are not summed for the units above.
            owners = [] if asked.frame.owners is None else [asked.frame.owners]
            within = "AND unit_id = ANY(%s)" if owners else ""
            cells = f"SELECT NULL::bigint, unit_id, {_AMOUNT} FROM metrics_cell WHERE {kept} AND NOT monthly AND {test} {within}"
            parts.append((cells, [*params, *owners]))
            continue
        cells = (
            f"SELECT p.unit, p.child, {_AMOUNT} FROM metrics_cell AS c"
            " JOIN unnest(%s::bigint[], %s::boolean[], %s::bigint[], %s::bigint[]) AS p (id, whole, unit, child)"
            " ON c.unit_id = p.id AND (p.whole OR NOT c.below)"
            f" WHERE {kept} AND {'' if monthly else 'NOT '}monthly AND {test}"
        )
        parts.append((cells, [*columns, *params]))
    return parts


def _delta_part(asked: _Question) -> _Part:
    """Deltas are those of their own unit: they are few, and are carried up the tree by who reads them."""
    test, days = _dated(asked.months.first, asked.months.last + timedelta(days=1)) if asked.months else ("true", [])
    return (
        f"SELECT NULL::bigint, unit_id, {_AMOUNT} FROM metrics_delta WHERE counted_id = %s AND cut = %s AND {test}",
        [asked.counted, asked.cut, *days],
    )


def _row_parts(asked: _Question) -> list[_Part]:
    """The rows of the days around whole months, told apart by the only cut of the number."""
    if not asked.around:
        return []
    places = [(owner, unit, child) for owner, under in asked.frame.places.items() for unit, child in under]
    columns = [[place[index] for place in places] for index in range(3)]
    parts = []
    for days in asked.around:
        facts, params = Facts(asked.metric).rows_of(days).query.sql_with_params()
        rows = (
            f"SELECT p.unit, p.child, r.key, r.at, r.settled, r.unsettled, 1, 0 FROM ({facts})"
            " AS r (owner, at, settled, unsettled, weight, key)"
            " JOIN unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS p (owner, unit, child) USING (owner)"
        )
        parts.append((rows, [*params, *columns]))
    return parts


class _Span:
    """The local days [`first`, `end`) in which a row of the number counts; `first` is None for "since the beginning"."""

    def __init__(self, metric: OfRows, period: Period) -> None:
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


def _stored(asked: _Question) -> list[tuple[bool, str, list[date]]]:
    """
    Return which cells hold the rows asked for, each row in one of them: (by month or by day, condition, its days).

    Whole months come from monthly cells and the days before and after from daily ones. If the period ends amid a
    month, what was settled or unsettled in that month needs its very day as well, however long ago it is dated.
    """
    if asked.months:
        return [(True, *_dated(asked.months.first, asked.months.last + timedelta(days=1)))]
    first, end = asked.spans[0].first, asked.spans[0].end
    from_month, to_month = None if first is None else _month_on_or_after(first), end.replace(day=1)
    if from_month is not None and from_month >= to_month:
        return [(False, *_dated(first, end))]
    found = []
    whole, days = _dated(from_month, to_month)
    if first is not None and from_month is not None and first < from_month:
        found.append((False, *_dated(first, from_month)))
    if to_month < end:
        found.append((False, *_dated(to_month, end)))
        for moment in ("settled", "unsettled"):
            if getattr(asked.metric, moment):
                amid = [to_month, _month_on_or_after(end)]
                found.append((False, f"{whole} AND {moment} >= %s AND {moment} < %s", [*days, *amid]))
                whole, days = f"{whole} AND ({moment} >= %s AND {moment} < %s) IS NOT TRUE", [*days, *amid]
    return [(True, whole, days), *found]


def _dated(first: date | None, end: date) -> tuple[str, list[date]]:
    return ("at < %s", [end]) if first is None else ("at >= %s AND at < %s", [first, end])


def _month_on_or_after(day: date) -> date:
    return day if day.day == 1 else (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _reader(metric: Count, category: str) -> Callable[[str], Key]:
    """Return what makes a key of the text that a cell holds: a value of the category's field, or blank."""
    end = paths.target(metric.base(), metric.category(category).path)
    field = getattr(end.field, "target_field", end.field)
    return lambda key: field.to_python(key) if key else BLANK
