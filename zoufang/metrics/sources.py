"""Where numbers come from. A source answers for whole frames, so another one can replace it without any caller knowing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from string import Template
from typing import Any, Protocol

from django.db import connection, models
from django.db.models import BooleanField, ExpressionWrapper, F, QuerySet, Sum

from zoufang.metrics import paths
from zoufang.metrics.declarations import BLANK, Count, Key, Number, OfRows, Typical
from zoufang.metrics.frame import Frame

_TYPICAL = Template((Path(__file__).parent / "sql" / "typical.sql").read_text(encoding="utf-8"))

Cell = tuple[int, Key]  # the pk of an asked unit, and the key of a slice or TOTAL


class Source(Protocol):
    """
    What `tabulate` needs to know. A cell that is absent is 0, or has no value.

    Each answer holds the totals of the asked units under TOTAL, and their slices by `frame.by`.
    """

    def counts(self, metric: Count, frame: Frame) -> Mapping[Cell, Number]: ...

    def typical(self, metric: Typical, frame: Frame) -> Mapping[Cell, tuple[Decimal, int]]:
        """Return value and number of rows."""
        ...


class BaseRows:
    """The recount: reads the base rows, one grouped query a metric."""

    def counts(self, metric: Count, frame: Frame) -> Mapping[Cell, Number]:
        return _carried_up(_grouped(metric, frame), metric, frame)

    def typical(self, metric: Typical, frame: Frame) -> dict[Cell, tuple[Decimal, int]]:
        sql, params, spans = _typical_query(metric, frame)
        cells: dict[Cell, tuple[Decimal, int]] = {}
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            for unit, span, part, is_total, value, rows in cursor.fetchall():
                cells[unit, spans[span] if is_total else _key(part)] = (Decimal(str(value)), rows)
        return cells


Grouped = Iterable[tuple[Any, ...]]  # (owner, category, distinct value, number of each span of the frame)


def _carried_up(grouped: Grouped, metric: Count, frame: Frame) -> Mapping[Cell, Number]:
    """Return the cells of a frame: what is grouped by owner belongs to every unit above it too."""
    if metric.distinct:
        values: defaultdict[Cell, set[Any]] = defaultdict(set)
        for cell, _, value in _placed(grouped, frame):
            values[cell].add(value)
        return {cell: len(different) for cell, different in values.items()}
    sums: defaultdict[Cell, Number] = defaultdict(int)
    for cell, number, _ in _placed(grouped, frame):
        sums[cell] += number
    return sums


def _placed(grouped: Grouped, frame: Frame) -> Iterator[tuple[Cell, Number, Any]]:
    """Yield each grouped number once for every cell that it belongs to, with the different value it counts, if any."""
    by_category = frame.category is not None
    for owner, category, value, *numbers in grouped:
        for span, number in zip(frame.spans, numbers, strict=True):
            if not number:
                continue
            for unit, child in frame.places.get(owner, ()):
                yield (unit, span), number, value
                if by_category:
                    yield (unit, _key(category)), number, value
                elif frame.by == "unit":
                    yield (unit, child), number, value


def _grouped(metric: Count, frame: Frame) -> Iterator[tuple[Any, ...]]:
    """Yield (owner, category, distinct value, number of each span), grouped by the first three, in one query."""
    category = metric.category(frame.category).path if frame.category else None
    rows = _needed(metric, frame)
    if len(frame.spans) == 1:
        rows = rows.filter(metric.counted(frame.period))
        kept: list[Any] = [None]
    else:
        rows = rows.filter(metric.dated(frame.period))
        kept = [metric.counted(span) for span in frame.spans.values()]
    repeats = paths.crosses_many(rows)
    numbers = {f"metric_{index}": _number(metric, only, repeats) for index, only in enumerate(kept)}
    by = dict.fromkeys(filter(None, (metric.owner, category, metric.distinct)))
    for row in rows.values(*by).annotate(**numbers):
        yield (
            row[metric.owner],
            row[category] if category else None,
            row[metric.distinct] if metric.distinct else None,
            *(row[name] for name in numbers),
        )


def _number(metric: Count, only: Any, repeats: bool) -> models.Aggregate:
    if metric.value:
        return Sum(metric.value, filter=only)
    if repeats and not metric.distinct:
        return models.Count("pk", distinct=True, filter=only)
    # Counting a constant lets PostgreSQL answer from an index alone, without a look at the rows.
    return models.Count(models.Value(1), filter=only)


def _needed(metric: OfRows, frame: Frame) -> QuerySet[Any]:
    rows: QuerySet[Any] = metric.base().order_by()
    return rows if frame.owners is None else rows.filter(**{f"{metric.owner}__in": frame.owners})


def _typical_query(metric: Typical, frame: Frame) -> tuple[str, list[Any], list[Key]]:
    """Return the query of `sql/typical.sql`, its parameters, and the keys of its spans."""
    category = metric.category(frame.category).path if frame.category else None
    spans = list(frame.spans)
    hits = {f"metric_in_{index}": metric.counted(span) for index, span in enumerate(frame.spans.values())}
    rows = (
        _needed(metric, frame)
        .filter(metric.dated(frame.period))
        .annotate(
            metric_owner=F(metric.owner),
            metric_slice=F(category) if category else models.Value(None, output_field=models.IntegerField()),
            **{name: ExpressionWrapper(hit, output_field=BooleanField()) for name, hit in hits.items()},
        )
        .values_list("metric_owner", "metric_slice", "metric_value", *hits)
    )
    inner, params = rows.query.sql_with_params()
    value = f"extract(epoch FROM r.value) / {metric.scale.total_seconds()}" if metric.is_duration else "r.value"
    key = "p.child" if frame.by == "unit" else "r.slice" if category else None
    sql = _TYPICAL.substitute(
        rows=inner,
        hits=", ".join(hits),
        slice=key or "NULL",
        is_total=f"grouping({key}) = 1" if key else "true",
        sets=f"(p.unit, s.span), (p.unit, s.span, {key})" if key else "(p.unit, s.span)",
        typical=metric.sql.format(value=value),
        spans=", ".join(f"({index}, r.{name})" for index, name in enumerate(hits)),
    )
    places = [(owner, unit, child) for owner, under in frame.places.items() for unit, child in under]
    columns = [[place[index] for place in places] for index in range(3)]
    return sql, [*params, *columns], spans


def _key(value: Any) -> Key:
    return BLANK if value is None else value


BASE_ROWS = BaseRows()
