"""
What of a row goes into the lake: the facts of one number, and nothing else.

A fact has the unit credited, local days, one amount, and the keys by which it is told apart. It has no number of the
row, no text, no person. Which numbers there are, and what each reads, is said by their declarations alone.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import DateField, DateTimeField, Expression, F, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, TruncDate

from zoufang.kernel.clock import LOCAL
from zoufang.metrics import paths
from zoufang.metrics.declarations import Count, Mean, Median, Metric, OfRows, Ratio, Typical

# Types of columns, by names that every engine knows.
TEXT, DAY, WHOLE, REAL, EXACT = "string", "date", "bigint", "double", "decimal(38,16)"

# Raise it when facts are written otherwise: lakes that were written before are then refused.
FORMAT = 1


@dataclass(frozen=True)
class FactTable:
    """
    The facts of one number as a table; one row for each row that could ever count.

    `unit` is the code of the unit credited, `dated` the local day of the row. `settled`, `unsettled`, `value` and
    `different` are there where the number is declared with them, and one `by_…` for each of its categories.

    :raises TypeError: if a column could hold what people typed.
    """

    metric: OfRows

    def __post_init__(self) -> None:
        for name in self.metric.categories:
            if self.metric.category(name).labels is None:
                raise TypeError(f"{self.metric.code}: nobody says which values {name} may have")
        if isinstance(self.metric, Count):
            if self.metric.distinct and not self._field(self.metric.distinct).choices:
                raise TypeError(f"{self.metric.code}: nobody says which values {self.metric.distinct} may have")
            if self.metric.value and not isinstance(self._field(self.metric.value), models.IntegerField):
                raise TypeError(f"{self.metric.code}: {self.metric.value} is no whole number")

    def _field(self, path: str) -> Any:
        return paths.target(self.metric.base(), path).field

    @cached_property
    def columns(self) -> dict[str, str]:
        """Name → type of each column, in order."""
        metric = self.metric
        found = {"unit": TEXT, "dated": DAY}
        found |= {name: DAY for name in ("settled", "unsettled") if getattr(metric, name)}
        if isinstance(metric, Median):
            found["value"] = REAL
        elif isinstance(metric, Mean):
            found["value"] = EXACT
        elif isinstance(metric, Count) and metric.value:
            found["value"] = WHOLE
        elif isinstance(metric, Count) and metric.distinct:
            found["different"] = TEXT
        return found | {f"by_{name}": TEXT for name in metric.categories}

    @cached_property
    def statement(self) -> tuple[str, list[Any]]:
        """
        The SELECT of all facts of the units under one path, its last parameter, in an order that is always the same.
        """
        inner, params = self._rows.query.sql_with_params()
        ours = {"unit": "u.code", "value": self._value}
        columns = ", ".join(ours.get(name, f"f.{name}") for name in self.columns)
        order = ", ".join(str(index + 1) for index in (1, 0, *range(2, len(self.columns))))
        # The words of the statement come from declarations, not from people.
        statement = (
            f"SELECT {columns} FROM ({inner}) AS f ({', '.join(self.columns)})"  # noqa: S608
            f" JOIN organization_unit AS u ON u.id = f.unit WHERE u.path LIKE %s ORDER BY {order}"
        )
        return statement, list(params)

    @property
    def _value(self) -> str:
        """The amount, as PostgreSQL itself adds it up: an engine that is given the same numbers says the same."""
        if not isinstance(self.metric, Typical):
            return "f.value::bigint"
        seconds = self.metric.scale.total_seconds()
        value = f"extract(epoch FROM f.value) / {seconds}" if self.metric.is_duration else "f.value"
        return f"({value})::float8" if isinstance(self.metric, Median) else f"({value})::numeric(38, 16)"

    @property
    def _rows(self) -> QuerySet[Any, Any]:
        metric = self.metric
        kept = {f"{path}__isnull": False for path in (metric.at, metric.owner, metric.settled) if path}
        rows = metric.base().order_by().filter(**kept)
        columns: dict[str, Any] = {"fact_unit": F(metric.owner), "fact_dated": _day(rows, metric.at)}
        for name in ("settled", "unsettled"):
            if path := getattr(metric, name):
                columns[f"fact_{name}"] = _day(rows, path)
        if isinstance(metric, Typical):
            rows = rows.filter(metric_value__isnull=False)
            columns["fact_value"] = F("metric_value")
        elif isinstance(metric, Count) and metric.value:
            columns["fact_value"] = Coalesce(F(metric.value), 0)
        elif isinstance(metric, Count) and metric.distinct:
            columns["fact_different"] = _key(metric.distinct)
        columns |= {f"fact_by_{name}": _key(metric.category(name).path) for name in metric.categories}
        found: QuerySet[Any, Any] = rows.annotate(**columns).values_list(*columns)
        return found

    @cached_property
    def digest(self) -> str:
        """What tells whether facts in a lake are of this very declaration; it needs no database."""
        return hashlib.sha256(f"{FORMAT} {self.columns} {self.statement}".encode()).hexdigest()


def fact_tables(metrics: Iterable[Metric]) -> list[FactTable]:
    """Return the tables of `metrics`, each once; ratios stand on their counts, and reported figures have no rows."""
    found: dict[str, OfRows] = {}
    for metric in metrics:
        for each in (metric.part, metric.whole) if isinstance(metric, Ratio) else (metric,):
            if isinstance(each, OfRows):
                found[each.code] = each
    return [FactTable(metric) for metric in found.values()]


def _day(rows: QuerySet[Any, Any], path: str) -> Expression | F:
    """The local day of a moment: `< midnight` and `<= day` choose the same rows."""
    is_moment = isinstance(paths.target(rows, path).field, DateTimeField)
    return TruncDate(path, tzinfo=LOCAL) if is_moment else Cast(F(path), DateField())


def _key(path: str) -> Expression:
    return Coalesce(Cast(F(path), TextField()), Value(""), output_field=TextField())
