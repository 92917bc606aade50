"""Units × months of one number, shaded by how much. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from zoufang.metrics.engine import TOTAL, Count, Key, Metric, Number, Table, month_label
from zoufang.organization.models import Unit

LEVELS = 5
# More months than these are no longer taken in at a glance; the last ones are shown.
MOST_MONTHS = 24


@dataclass(frozen=True)
class Cell:
    """One month of one unit; `level` runs from 0 (nothing) to `LEVELS` (the most of the table)."""

    key: str
    value: Number | None
    shown: str
    level: int


@dataclass(frozen=True)
class Line:
    """One unit with its months and the whole period; `is_own` if only with what is credited to it directly."""

    unit: Unit
    cells: Sequence[Cell]
    total: Number | None
    is_own: bool = False


@dataclass(frozen=True)
class Heat:
    """The table; `silent` are the units of which nothing is on record in the whole period, `whole` is the foot."""

    metric: Metric
    months: Sequence[tuple[str, str]]
    lines: Sequence[Line]
    silent: Sequence[Unit]
    whole: Line | None


def heat_of(table: Table, metric: Metric, whole: Unit | None = None) -> Heat:
    """
    Return the heat table of a table of one metric by month.

    `whole` is the one unit of the table of which the others are all the children: it becomes the foot, and what is
    credited to it directly a line of its own, as far as the number can be added up.
    """
    keys = table.keys()[-MOST_MONTHS:]
    told_apart = [unit for unit in table.units.values() if unit != whole]
    values = {(unit.pk, key): table[metric.code, unit.pk, key] for unit in told_apart for key in keys}
    most = max((value for value in values.values() if value), default=0)
    lines = [
        Line(unit, [_cell(metric, key, values[unit.pk, key], most) for key in keys], table[metric.code, unit.pk])
        for unit in told_apart
        if not _is_silent(table, metric, unit)
    ]
    silent = [unit for unit in told_apart if _is_silent(table, metric, unit)]
    months = list(zip(keys, short_months(keys, table.period.last), strict=True))
    if whole is None:
        return Heat(metric, months, lines, silent, None)
    of_whole = {key: table[metric.code, whole.pk, key] for key in [*keys, TOTAL]}
    if isinstance(metric, Count) and not metric.distinct:
        lines += _own(metric, whole, {key: _less(value, key, lines) for key, value in of_whole.items()}, most)
    cells = [Cell(key, of_whole[key], metric.shown(of_whole[key]), 0) for key in keys]
    return Heat(metric, months, lines, silent, Line(whole, cells, of_whole[TOTAL]))


def _is_silent(table: Table, metric: Metric, unit: Unit) -> bool:
    return not table[metric.code, unit.pk] and not table.sample(metric.code, unit.pk)


def _less(value: Number | None, key: Key, lines: Sequence[Line]) -> Number:
    """Return what is left of the whole's value when those of the lines are taken away."""
    if key is TOTAL:
        return (value or 0) - sum(line.total or 0 for line in lines)
    return (value or 0) - sum(cell.value or 0 for line in lines for cell in line.cells if cell.key == key)


def _own(metric: Metric, whole: Unit, values: Mapping[Key, Number], most: Number) -> list[Line]:
    if not values[TOTAL]:
        return []
    cells = [_cell(metric, key, value, most) for key, value in values.items() if key is not TOTAL]
    return [Line(whole, cells, values[TOTAL], is_own=True)]


def _cell(metric: Metric, key: str, value: Number | None, most: Number) -> Cell:
    return Cell(key, value, metric.shown(value), level_of(value, most))


def level_of(value: Number | None, most: Number) -> int:
    """Return how dark a value is shaded beside the largest: 0 for nothing, else 1 to `LEVELS`."""
    level = 0 if not value or most <= 0 else max(1, -(-int(value * LEVELS * 1000) // int(most * 1000)))
    return min(level, LEVELS)


def short_months(keys: Sequence[str], last: date) -> list[str]:
    """Return the months without their year where all are of one, and the last one with its last day if it is cut."""
    one_year = len({key[:4] for key in keys}) == 1
    labels = [_without_year(key) if one_year else month_label(key) for key in keys]
    if labels and (last + timedelta(days=1)).day != 1:
        labels[-1] = _("%(month)s（至%(day)d日）") % {"month": labels[-1], "day": last.day}
    return labels


def _without_year(key: str) -> str:
    label = month_label(key)
    return label.replace(f"{key[:4]}年", "").replace(f" {key[:4]}", "")
