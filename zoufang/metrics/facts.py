"""
What each row contributes to a number, as one SELECT that a trigger can run over just the rows that changed.

The SELECT joins tables and does nothing else, so it is linear in each of them: put the changed rows of one table in
that table's place, and it returns exactly what they add or take away. A WITH clause of the table's own name does so.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import DateField, DateTimeField, Expression, F, IntegerField, QuerySet, TextField, Value
from django.db.models.expressions import Exists, Func, Subquery
from django.db.models.functions import Cast, Coalesce, TruncDate
from django.db.models.sql.constants import LOUTER
from django.db.models.sql.where import WhereNode
from psycopg import ClientCursor

from zoufang.kernel.clock import LOCAL
from zoufang.kernel.period import Period
from zoufang.metrics import paths
from zoufang.metrics.declarations import Count, Mean, Median, OfRows

# What the cut of a number's different values begins with; it is kept by day, like the number itself.
DIFFERENT = "="
# The cut of a median's values, each rounded to what is shown of it: how many tenths. Kept by month.
TENTHS = "~"

# Raise it when triggers do something else with the facts: cells that were kept otherwise are then made anew.
_KEPT_SO = 2

# Columns of a fact, in order; a cut of each category follows.
_FACT = ("unit", "at", "settled", "unsettled", "weight")


class NotLinear(Exception):
    """The number cannot be kept in cells: its rows are chosen by looking at other rows, or its sums are not exact."""


@dataclass(frozen=True)
class Facts:
    """The facts of one number: its SELECT, and the tables that it reads."""

    metric: OfRows

    @property
    def cuts(self) -> dict[str, Expression | F]:
        """The ways of telling rows apart that are kept: name of the cut → its key."""
        metric = self.metric
        if isinstance(metric, Median):
            return {TENTHS: _tenths(metric)}
        if not isinstance(metric, Count):
            return {}
        ways: dict[str, Expression | F] = {name: F(metric.category(name).path) for name in metric.categories}
        return ways | ({f"{DIFFERENT}{metric.distinct}": F(metric.distinct)} if metric.distinct else {})

    @property
    def weight(self) -> Expression | F:
        """
        What a row adds to the sum that is kept beside the number of rows.

        :raises NotLinear: if it is no whole number.
        """
        metric = self.metric
        if isinstance(metric, Count) and metric.value:
            return Coalesce(F(metric.value), 0)
        if isinstance(metric, Mean):
            if not isinstance(paths.target(metric.base(), "metric_value").field, IntegerField):
                raise NotLinear(metric.code)
            return F("metric_value")
        return Value(0)

    @cached_property
    def rows(self) -> QuerySet[Any, Any]:
        metric = self.metric
        needed = [metric.at, metric.owner, metric.settled, None if isinstance(metric, Count) else "metric_value"]
        base = metric.base().order_by().filter(**{f"{path}__isnull": False for path in needed if path})
        columns = {
            "fact_unit": F(metric.owner),
            "fact_at": _day(base, metric.at),
            "fact_settled": _day(base, metric.settled),
            "fact_unsettled": _day(base, metric.unsettled),
            "fact_weight": self.weight,
        }
        for index, key in enumerate(self.cuts.values()):
            columns[f"fact_cut_{index}"] = Coalesce(Cast(key, TextField()), Value(""), output_field=TextField())
        found: QuerySet[Any, Any] = base.annotate(**columns).values_list(*columns)
        return found

    def rows_of(self, days: Period) -> QuerySet[Any, Any]:
        """Return the facts of the rows that are dated on those days."""
        moment = paths.target(self.metric.rows(), self.metric.at).field
        kept: dict[str, date | None] = {f"{self.metric.at}__lt": paths.end_for(moment, days)}
        if days.first is not None:
            kept[f"{self.metric.at}__gte"] = paths.start_for(moment, days)
        return self.rows.filter(**kept)

    @cached_property
    def select(self) -> str:
        """The SELECT with its values in place: (unit, at, settled, unsettled, weight, one key for each cut)."""
        statement, params = self.rows.query.sql_with_params()
        connection.ensure_connection()
        return ClientCursor(connection.connection).mogrify(statement, params)

    @property
    def _joins(self) -> list[Any]:
        query = self.rows.query
        return [join for alias, join in query.alias_map.items() if query.alias_refcount.get(alias)]

    @property
    def tables(self) -> set[str]:
        """
        The tables that it reads.

        :raises NotLinear: if it reads any of them other than by a join, or what points back to its rows and may be
            missing: that a row was added there would change a fact that is there already.
        """
        query = self.rows.query
        if _looks_aside(query.where) or any(_is_aside(each) for each in query.annotations.values()):
            raise NotLinear(self.metric.code)
        if any(join.join_type == LOUTER and not _is_forward(join) for join in self._joins):
            raise NotLinear(self.metric.code)
        return {join.table_name for join in self._joins}

    @property
    def bent(self) -> set[str]:
        """Those of its tables in which it is not linear: read more than once, or by a join that may find nothing."""
        names = [join.table_name for join in self._joins]
        return {join.table_name for join in self._joins if names.count(join.table_name) > 1 or join.join_type == LOUTER}

    @property
    def links(self) -> dict[str, set[tuple[str, str, str]]]:
        """Table → (its column, the table it points to, that table's column), for the joins of the SELECT."""
        tables = {join.table_alias: join.table_name for join in self._joins}
        found: dict[str, set[tuple[str, str, str]]] = {}
        for join in self._joins:
            if join.parent_alias is None:
                continue
            above = tables[join.parent_alias]
            ((ours, theirs),) = join.join_cols
            if _is_forward(join):
                found.setdefault(above, set()).add((ours, join.table_name, theirs))
            else:
                found.setdefault(join.table_name, set()).add((theirs, above, ours))
        return found

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{_KEPT_SO} {self.select} {list(self.cuts)}".encode()).hexdigest()

    def amounts(self, counted: int, *, sign: int = 1, of: str = "") -> str:
        """
        Return the SELECT of signed amounts, one row for each fact and cut, ungrouped.

        `of` is a WITH clause that stands for one of the tables.
        """
        keys = [f"k{index}" for index in range(len(self.cuts))]
        cuts = "".join(
            f", ({_quoted(name)}, f.{key}, {not name.startswith(DIFFERENT)})"
            for name, key in zip(self.cuts, keys, strict=True)
        )
        days = ", ".join(
            f"CASE WHEN c.monthly THEN date_trunc('month', f.{day}::date)::date ELSE f.{day} END AS {day}"
            for day in ("at", "settled", "unsettled")
        )
        return (
            f"SELECT {counted}::bigint AS counted_id, c.monthly, c.cut, c.key, f.unit AS unit_id, {days},"
            f" {sign} AS rows, {sign} * f.weight AS total"
            f" FROM ({of} {self.select}) AS f ({', '.join([*_FACT, *keys])})"
            f" CROSS JOIN LATERAL (VALUES ('', '', false){cuts}) AS c (cut, key, monthly)"
        )


def _is_forward(join: Any) -> bool:
    """Is the key held by the table above? A reverse one is held by the joined table."""
    field = join.join_field
    return bool(field.many_to_one or (field.one_to_one and field.concrete))


def _day(rows: QuerySet[Any, Any], path: str | None) -> Expression | F:
    """The local day of a moment: `< midnight` and `<= day` choose the same rows."""
    if path is None:
        return Cast(Value(None), DateField())
    is_moment = isinstance(paths.target(rows, path).field, DateTimeField)
    return TruncDate(path, tzinfo=LOCAL) if is_moment else F(path)


def _tenths(metric: Median) -> Expression:
    """How many tenths are shown of a row's value: rounded half away from zero, as people do it."""
    if metric.is_duration:
        template = f"round(extract(epoch FROM %(expressions)s) * 10 / {metric.scale.total_seconds():.0f})"
    else:
        template = "round((%(expressions)s)::numeric * 10)"
    return Func(F("metric_value"), template=template, output_field=TextField())


def _looks_aside(node: object) -> bool:
    if isinstance(node, WhereNode):
        return any(_looks_aside(child) for child in node.children)
    return _is_aside(node)


def _is_aside(expression: object) -> bool:
    if isinstance(expression, Exists | Subquery) or hasattr(expression, "alias_map"):
        return True
    inside: list[object] = getattr(expression, "get_source_expressions", list)()
    return any(_is_aside(each) for each in inside)


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"
