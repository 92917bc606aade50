"""The same number over fewer rows, or told apart two ways at once: for tables that no single `tabulate` answers."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from zoufang.metrics.engine import Category, Key, Metric, OfRows, Ratio
from zoufang.organization.models import Unit

# The one category of a crossed number: its keys are two texts with a character between them that no key holds.
PAIR = "pair"
_BETWEEN = "\x1f"

Rows = QuerySet[Any]
_One = TypeVar("_One", bound=OfRows)


def credited_to(metric: Metric, unit: Unit) -> Metric:
    """Return the number of those rows alone that are credited to `unit` itself, not to a unit below it."""
    return _over(metric, "own", lambda one: lambda: one.rows().filter(**{one.owner: unit.pk}))


def crossed(metric: Metric, first: str, second: str) -> Metric:
    """
    Return the number with one category, `PAIR`, that tells its rows apart by the categories `first` and `second`.

    Each pair is counted from its own rows, so numbers that do not add up are right too. See `pair` for its keys.

    :raises Invalid: if the number is not told apart by one of them.
    """
    for name in (first, second):
        metric.category(name)

    def rows(one: OfRows) -> Callable[[], Rows]:
        ends = [Cast(F(one.category(name).path), TextField()) for name in (first, second)]
        return lambda: one.rows().annotate(metric_pair=Concat(ends[0], Value(_BETWEEN, TextField()), ends[1]))

    return _over(metric, "crossed", rows, {PAIR: Category("metric_pair")})


def pair(first: Key, second: Key) -> str:
    """Return the key under which a crossed number has the slice of both keys."""
    return f"{first}{_BETWEEN}{second}"


def _over(
    metric: Metric,
    how: str,
    rows: Callable[[OfRows], Callable[[], Rows]],
    categories: Mapping[str, str | Category] | None = None,
) -> Metric:
    def over(one: _One) -> _One:
        kept = one.categories if categories is None else categories
        # A code of its own: nobody takes it for the number that is kept in cells.
        return replace(one, code=f"{one.code}_{how}", rows=rows(one), categories=kept)

    if isinstance(metric, Ratio):
        return replace(metric, code=f"{metric.code}_{how}", part=over(metric.part), whole=over(metric.whole))
    if isinstance(metric, OfRows):
        return over(metric)
    raise TypeError(f"{metric.code}: a number without rows is not told apart by them")
