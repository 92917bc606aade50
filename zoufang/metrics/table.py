"""The answer to a table's question: values by metric, unit and slice, with the words to print them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from zoufang.metrics.declarations import BLANK, Key, Metric, Number
from zoufang.metrics.frame import TOTAL, Frame
from zoufang.metrics.months import month_label
from zoufang.organization.models import Unit


@dataclass(frozen=True)
class Figure:
    """One value of a table; `sample` is the number of rows that a rate, median or mean stands on, else None."""

    metric: Metric
    unit: Unit
    key: Key
    value: Number | None
    sample: int | None = None

    @property
    def shown(self) -> str:
        return self.metric.shown(self.value)


class Table:
    """
    The values of metrics × units, and of their slices.

    `table[code, unit.pk]` is the value over the whole period, whatever slices the table; `table[code, unit.pk, key]`
    that of a slice. A slice without rows is 0, or None for a number that needs a base. By month, each month stands
    alone: its value is the one a table of just that month would give, so an as-of number is told month end by month
    end. By unit, the unit's own key holds what is credited to it directly, so that its slices add up to it.
    """

    def __init__(
        self,
        metrics: Sequence[Metric],
        frame: Frame,
        figures: Mapping[tuple[str, int, Key], tuple[Number | None, int | None]],
        children: Mapping[int, Sequence[Unit]],
    ) -> None:
        self.metrics = {metric.code: metric for metric in metrics}
        self.units = {unit.pk: unit for unit in frame.units}
        self.period = frame.period
        self.by = frame.by
        self._frame = frame
        self._figures = figures
        self._children = children

    def __getitem__(self, place: tuple[str, int] | tuple[str, int, Key]) -> Number | None:
        """
        Return the value at (code, unit pk) or (code, unit pk, key).

        :raises KeyError: if the metric or the unit was not asked for.
        """
        return self.figure(*place).value

    def __iter__(self) -> Iterator[Figure]:
        """Yield every figure, metric by metric and unit by unit: the total, then its slices."""
        for code in self.metrics:
            for unit in self.units:
                yield self.figure(code, unit)
                for key in self.keys(code, unit) if self.by else ():
                    yield self.figure(code, unit, key)

    def figure(self, code: str, unit: int, key: Key = TOTAL) -> Figure:
        """Return the figure at a place; raises KeyError like `table[...]`."""
        metric, asked = self.metrics[code], self.units[unit]
        value, sample = self._figures.get((code, unit, key), (metric.empty, None))
        return Figure(metric, asked, key, value, sample)

    def sample(self, code: str, unit: int, key: Key = TOTAL) -> int | None:
        """Return on how many rows a rate, median or mean stands; None for other numbers and where there is no row."""
        return self.figure(code, unit, key).sample

    def keys(self, code: str | None = None, unit: int | None = None) -> list[Key]:
        """
        Return the keys of the slices in order, of one metric or unit or of all.

        By month all months; by unit the unit itself, then its children that exist in the period or have a figure;
        by category the keys that occur, in the order of the category's labels.
        """
        if self.by is None:
            return []
        if self.by == "month":
            return [key for key in self._frame.spans if key is not TOTAL]
        found = {
            key
            for (of, at, key), (value, sample) in self._figures.items()
            if key is not TOTAL and (value or sample) and code in (None, of) and unit in (None, at)
        }
        if self.by == "unit":
            return [key for at in self.units if unit in (None, at) for key in self._unit_keys(at, found)]
        named = [key for key in self._names if key in found]
        return named + sorted(found - set(named), key=str)

    def _unit_keys(self, unit: int, found: set[Key]) -> list[Key]:
        first, last = self.period.first, self.period.last
        open_then = (
            child.pk
            for child in self._children.get(unit, ())
            if child.pk in found
            or (
                (child.valid_from is None or child.valid_from <= last)
                and (child.valid_to is None or first is None or child.valid_to >= first)
            )
        )
        return [unit, *open_then]

    def label(self, key: Key, unit: int | None = None) -> str:
        """Return what the slice `key` is called in the reader's language; by unit, as seen from the asked `unit`."""
        if key is TOTAL:
            return _("合计")
        if self.by == "month":
            return month_label(key)
        if self.by == "unit":
            own = key == unit or key not in self._unit_names
            return _("%(unit)s本级") % {"unit": self.units[key].label} if own else self._unit_names[key]
        if key == BLANK:
            return _("未填写")
        return str(self._names.get(key, key))

    @cached_property
    def _unit_names(self) -> dict[Key, str]:
        return {child.pk: child.label for children in self._children.values() for child in children}

    @cached_property
    def _names(self) -> dict[Key, Any]:
        metric = next((each for each in self.metrics.values() if self.by in each.categories), None)
        return metric.category(self.by).names() if metric and self.by else {}

    def rows_behind(self, code: str, unit: int, key: Key = TOTAL) -> QuerySet[Any]:
        """Return the rows behind a figure, each once; raises Invalid for a reported figure, which has none."""
        slices = {self.by: key} if self.by and key is not TOTAL else {}
        return self.metrics[code].rows_behind(self.units[unit], self.period, **slices)

    def as_records(self) -> list[dict[str, Any]]:
        """
        Return every figure in values that JSON can hold, in the order of iteration.

        `key` and `label` are null in the record of a total. `unit` is the unit's code.
        """
        return [
            {
                "metric": figure.metric.code,
                "title": str(figure.metric.title),
                "per": str(figure.metric.per),
                "unit": figure.unit.code,
                "unit_name": figure.unit.label,
                "by": self.by,
                "key": figure.key,
                "label": None if figure.key is TOTAL else self.label(figure.key, figure.unit.pk),
                "value": _plain(figure.value),
                "sample": figure.sample,
            }
            for figure in self
        ]


def _plain(value: Number | None) -> int | float | None:
    if not isinstance(value, Decimal):
        return value
    return int(value) if value.as_tuple().exponent == 0 else float(value)
