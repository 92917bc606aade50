"""Units × months of one number, shaded by how much. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from zoufang.metrics.engine import Metric, Number, Table, month_label
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
    """One unit with its months and the whole period."""

    unit: Unit
    cells: Sequence[Cell]
    total: Number | None
    shown: str


@dataclass(frozen=True)
class Heat:
    """The table; `silent` are the units of which nothing is on record in the whole period."""

    metric: Metric
    months: Sequence[tuple[str, str]]
    lines: Sequence[Line]
    silent: Sequence[Unit]


def heat_of(table: Table, metric: Metric) -> Heat:
    """Return the heat table of a table of one metric by month."""
    keys = table.keys()[-MOST_MONTHS:]
    values = {(unit, key): table[metric.code, unit, key] for unit in table.units for key in keys}
    most = max((value for value in values.values() if value), default=0)
    lines, silent = [], []
    for pk, unit in table.units.items():
        total = table[metric.code, pk]
        if not total and not table.sample(metric.code, pk):
            silent.append(unit)
            continue
        cells = [_cell(metric, key, values[pk, key], most) for key in keys]
        lines.append(Line(unit, cells, total, metric.shown(total)))
    months = list(zip(keys, short_months(keys, table.period.last), strict=True))
    return Heat(metric, months, lines, silent)


def _cell(metric: Metric, key: str, value: Number | None, most: Number) -> Cell:
    level = 0 if not value or most <= 0 else max(1, -(-int(value * LEVELS * 1000) // int(most * 1000)))
    return Cell(key, value, metric.shown(value), min(level, LEVELS))


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
