"""Ask for numbers: metrics × units × a period, sliced one way, all read at the same instant."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from django.db import connection

from zoufang.kernel.period import Period
from zoufang.metrics.cells import Cells
from zoufang.metrics.declarations import Count, Metric, Number, Ratio, Reported, Typical
from zoufang.metrics.frame import Frame
from zoufang.metrics.instant import at_one_instant
from zoufang.metrics.months import months_of
from zoufang.metrics.sources import Cell, Source
from zoufang.metrics.table import Table
from zoufang.organization.models import Unit

Values = Mapping[Cell, tuple[Number | None, int | None]]


def tabulate(
    metrics: Sequence[Metric],
    units: Sequence[Unit],
    period: Period,
    by: str | None = None,
    *,
    source: Source | None = None,
) -> Table:
    """
    Return the values of `metrics` for the subtree of each of `units` over `period`.

    `by` slices them: `"unit"` into the children of each unit and the unit itself, `"month"` into local months, or
    the name of a category that all metrics declare. Costs one query a Count, Median or Mean, however many units
    and slices, and up to three for the unit tree and the cells that are kept. Outside a transaction all of them see the same
    instant. `source` is where they are read: from the cells where a number is kept in cells, unless said otherwise.

    :raises Invalid: if a metric does not know the category, or `by="month"` meets a period without a first day.
    """
    if by == "month":
        months_of(period)
    elif by not in (None, "unit"):
        for metric in metrics:
            metric.category(by)
    read = _read if connection.in_atomic_block else at_one_instant(_read)
    return read(metrics, units, period, by, source)


def _read(
    metrics: Sequence[Metric], units: Sequence[Unit], period: Period, by: str | None, source: Source | None
) -> Table:
    frame = Frame(list({unit.pk: unit for unit in units}.values()), period, by)
    return table_over(metrics, frame, _children(frame), source or Cells())


def table_over(
    metrics: Sequence[Metric], frame: Frame, children: Mapping[int, Sequence[Unit]], source: Source
) -> Table:
    """Return the table of a frame and of the `children` of its units, wherever these came from."""
    answers = _Answers(frame, source, children)
    figures = {
        (metric.code, unit, key): value for metric in metrics for (unit, key), value in answers.of(metric).items()
    }
    return Table(metrics, frame, figures, children)


def _children(frame: Frame) -> dict[int, list[Unit]]:
    if frame.by != "unit":
        return {}
    found = list(Unit.objects.filter(parent__in=frame.units))
    return {unit.pk: [child for child in found if child.parent_id == unit.pk] for unit in frame.units}


class _Answers:
    """The numbers of one frame, each asked of the source once, however many ratios share it."""

    def __init__(self, frame: Frame, source: Source, children: Mapping[int, Sequence[Unit]]) -> None:
        self._frame = frame
        self._source = source
        self._children = children
        self._counts: dict[Count, Mapping[Cell, Number]] = {}

    def of(self, metric: Metric) -> Values:
        """Return value and sample of every cell that is not empty."""
        if isinstance(metric, Count):
            return {cell: (number, None) for cell, number in self._count(metric).items()}
        if isinstance(metric, Ratio):
            parts = self._count(metric.part)
            wholes = self._count(metric.whole)
            return {cell: (per_cent(parts.get(cell, 0), whole), int(whole)) for cell, whole in wholes.items() if whole}
        if isinstance(metric, Typical):
            typical = self._source.typical(metric, self._frame)
            return {cell: (one_decimal(value), rows) for cell, (value, rows) in typical.items()}
        if isinstance(metric, Reported):
            return {cell: (metric.read(*asked), None) for cell, asked in self._reported_cells()}
        raise TypeError(f"{metric.code}: no number of a known kind")

    def _count(self, metric: Count) -> Mapping[Cell, Number]:
        if metric not in self._counts:
            self._counts[metric] = self._source.counts(metric, self._frame)
        return self._counts[metric]

    def _reported_cells(self) -> Iterator[tuple[Cell, tuple[Unit, Period]]]:
        for unit in self._frame.units:
            for span, period in self._frame.spans.items():
                yield (unit.pk, span), (unit, period)
            for child in self._children.get(unit.pk, ()):
                yield (unit.pk, child.pk), (child, self._frame.period)


def per_cent(part: Number, whole: Number) -> Decimal | None:
    """Return part / whole in per cent with one decimal, rounded half up; None if the whole is 0."""
    return one_decimal(Decimal(part) * 100 / Decimal(whole)) if whole else None


def one_decimal(value: Decimal) -> Decimal:
    """Return `value` with one decimal, rounded half up as people do it, not half to even."""
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)
