"""What a number is: which rows, the moment that dates them, the unit credited, the noun counted. Declares, never counts."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q, QuerySet
from django.db.models.enums import ChoicesType
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from zoufang.kernel.period import Period
from zoufang.kernel.refusal import Invalid
from zoufang.metrics import paths
from zoufang.metrics.months import month_of
from zoufang.organization.models import Unit
from zoufang.ui.ledger import Ledger

Text = str | Promise
Number = int | Decimal
Key = Any  # of a slice: a month "2026-03", the pk of a unit, or a value of a category; BLANK where none was given
BLANK = ""

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

_CODE = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_OWN_SLICES = frozenset({"unit", "month"})


class Clock(Enum):
    """Which span of time a number speaks of."""

    FLOW = "flow"  # 期内: rows dated within the period
    AS_OF = "as_of"  # 截至: rows dated before the period's end, since the beginning


@dataclass(frozen=True)
class Category:
    """
    A field by which rows can be told apart, and what its values are called.

    `labels` is a Choices class, or a function that returns {key: label}. It is called when a table prints its
    labels, once a table, so it may read the database; its order is the order of the table.
    """

    path: str
    labels: ChoicesType | Callable[[], Mapping[Any, Text]] | None = None

    def names(self) -> dict[Key, Text]:
        if self.labels is None:
            return {}
        return dict(self.labels.choices if isinstance(self.labels, ChoicesType) else self.labels())


@dataclass(frozen=True, kw_only=True, eq=False)
class Metric(ABC):
    """What every number says about itself. `per` is the noun counted: 条 件 起 人次 …"""

    code: str
    title: Text
    per: Text
    source: Text = ""
    note: Text = ""
    categories: Mapping[str, str | Category] = field(default_factory=dict)
    ledger: Ledger | None = None

    empty: ClassVar[Number | None] = None
    has_rows: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise ValueError(f"{self.code!r} is not a code like 'petitions.closed'")
        if _OWN_SLICES & self.categories.keys():
            raise ValueError(f"{self.code}: unit and month are no categories")

    def category(self, name: str) -> Category:
        """
        Return the declared category `name`.

        :raises Invalid: if this number is not told apart so.
        """
        found = self.categories.get(name)
        if found is None:
            raise Invalid(_("“%(title)s”不能按“%(by)s”分类统计。") % {"title": self.title, "by": name})
        return found if isinstance(found, Category) else Category(found)

    @abstractmethod
    def rows_behind(self, unit: Unit, period: Period, /, **slices: Key) -> QuerySet[Any]:
        """
        Return the very rows that make the value of `unit` over `period`, each once.

        `slices` narrow them as a table does: `month="2026-03"`, `unit=pk` (a child, or the unit's own pk for what
        is credited to it directly), or a category and its key. Keys may be the strings of a web address.

        :raises Invalid: if a slice is unknown, its key cannot be read, or the number has no rows (`has_rows`).
        """

    def shown(self, value: Number | None) -> str:
        """Return the value as people read it; a number that has no base is a dash, never 0 or 100."""
        return "—" if value is None else str(value)


@dataclass(frozen=True, kw_only=True, eq=False)
class OfRows(Metric):
    """
    A number with rows behind it.

    `rows` returns the base rows, unordered by time and free of `distinct()`, slices and aggregates (say it with
    `Exists`). `at` dates a row: a DateTimeField, or a DateField of local days. `owner` leads to the Unit credited.

    With `settled`, a row counts only if that moment lies before the period's end. With `unsettled` too, only if
    that second moment is empty or not before the period's end: a case closed in March and reopened in May still
    counts as closed as of April. Both may cross the same to-many relation (`"referrals__closed_at"`,
    `"referrals__reopened_at"`); they then speak of one joined row, and the declaring app guarantees that at any
    instant at most one of them is settled. All other paths cross to-one relations only.
    """

    rows: Callable[[], QuerySet[Any]]
    at: str
    owner: str
    clock: Clock = Clock.FLOW
    settled: str | None = None
    unsettled: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        rows = self.rows()
        query = rows.query
        if query.distinct or query.is_sliced or query.combinator or query.group_by is not None:
            raise ValueError(f"{self.code}: rows must be plain rows; say it with Exists")
        if self.unsettled and not self.settled:
            raise ValueError(f"{self.code}: what was never settled cannot be unsettled")
        for path in filter(None, (self.at, self.settled, self.unsettled)):
            if not isinstance(paths.target(rows, path).field, models.DateField):
                raise TypeError(f"{self.code}: {path} is not a moment or a day")
        if paths.target(rows, self.owner).field.related_model is not Unit:
            raise TypeError(f"{self.code}: {self.owner} does not lead to a unit")
        for path in self._to_one_paths():
            if paths.target(rows, path).many:
                raise TypeError(f"{self.code}: {path} may lead to several values; count those rows instead")

    def _to_one_paths(self) -> list[str]:
        return [self.at, self.owner, *(self.category(name).path for name in self.categories)]

    def base(self) -> QuerySet[Any]:
        """Return the rows that could ever count."""
        return self.rows()

    def dated(self, period: Period) -> Q:
        """Return the filter of rows that are dated and settled in time, whatever was unsettled since."""
        rows = self.rows()
        moment = paths.target(rows, self.at).field
        kept = Q(**{f"{self.at}__lt": paths.end_for(moment, period)})
        if self.clock is Clock.FLOW and period.first is not None:
            kept &= Q(**{f"{self.at}__gte": paths.start_for(moment, period)})
        if self.settled:
            kept &= Q(**{f"{self.settled}__lt": paths.end_for(paths.target(rows, self.settled).field, period)})
        return kept

    def counted(self, period: Period) -> Q:
        """Return the filter of rows that count over `period`: the one reading of the clock, for value and drill alike."""
        kept = self.dated(period)
        if self.unsettled:
            end = paths.end_for(paths.target(self.rows(), self.unsettled).field, period)
            kept &= Q(**{f"{self.unsettled}__isnull": True}) | Q(**{f"{self.unsettled}__gte": end})
        return kept

    def rows_behind(self, unit: Unit, period: Period, /, **slices: Key) -> QuerySet[Any]:
        if "month" in slices:
            period = month_of(period, slices.pop("month"))
        kept = self.counted(period) & self._whose(unit, slices.pop("unit", None))
        for name, key in slices.items():
            kept &= self._of_category(name, key)
        rows = self.base().filter(kept)
        return self.base().filter(pk__in=rows.order_by().values("pk")) if paths.crosses_many(rows) else rows

    def _whose(self, unit: Unit, part: Key) -> Q:
        subtree = Q(**{f"{self.owner}__path__startswith": unit.path})
        if part is None:
            return subtree
        try:
            pk = int(part)
        except ValueError as error:
            raise Invalid(_("没有这个单位。")) from error
        if pk == unit.pk:
            return Q(**{self.owner: pk})
        return subtree & Q(**{f"{self.owner}__path__startswith": f"{unit.path}{pk}/"})

    def _of_category(self, name: str, key: Key) -> Q:
        path = self.category(name).path
        end = paths.target(self.base(), path)
        if key is None or key == BLANK:
            blank = Q(**{f"{path}__isnull": True})
            return blank | Q(**{path: ""}) if end.is_text else blank
        try:
            return Q(**{path: getattr(end.field, "target_field", end.field).to_python(key)})
        except ValidationError as error:
            raise Invalid(_("“%(key)s”不是可以选的分类。") % {"key": key}) from error


@dataclass(frozen=True, kw_only=True, eq=False)
class Count(OfRows):
    """
    How many rows; or with `value` the sum of that field (人次); or with `distinct` how many different values of
    that field occur, empty ones left out (12 类).
    """

    value: str | None = None
    distinct: str | None = None

    empty: ClassVar[Number | None] = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.value and self.distinct:
            raise ValueError(f"{self.code}: sum a field or count its different values, not both")
        if self.value and (_settles_many(self) or paths.crosses_many(self.rows())):
            raise TypeError(f"{self.code}: a sum over a to-many relation would add a row twice")

    def _to_one_paths(self) -> list[str]:
        return [*super()._to_one_paths(), *filter(None, (self.value, self.distinct))]

    def dated(self, period: Period) -> Q:
        kept = super().dated(period)
        if self.distinct:
            kept &= Q(**{f"{self.distinct}__isnull": False})
            if paths.target(self.rows(), self.distinct).is_text:
                kept &= ~Q(**{self.distinct: ""})
        return kept


@dataclass(frozen=True, kw_only=True, eq=False)
class Typical(OfRows):
    """
    One value that stands for many: of a field path or an expression over each row, empty ones left out.

    Durations are told in `scale` (hours unless said). The value is a Decimal with one decimal, rounded half up,
    and None where there is no row; the number of rows is the table's `sample`.
    """

    value: Any
    scale: timedelta = HOUR

    sql: ClassVar[str]

    def __post_init__(self) -> None:
        super().__post_init__()
        if _settles_many(self) or paths.crosses_many(self.base()):
            raise TypeError(f"{self.code}: over a to-many relation a row would weigh twice")

    def base(self) -> QuerySet[Any]:
        value = F(self.value) if isinstance(self.value, str) else self.value
        rows: QuerySet[Any] = self.rows().annotate(metric_value=value)
        return rows

    def dated(self, period: Period) -> Q:
        return super().dated(period) & Q(metric_value__isnull=False)

    @property
    def is_duration(self) -> bool:
        return isinstance(paths.target(self.base(), "metric_value").field, models.DurationField)


class Median(Typical):
    """The value in the middle: half of the rows lie at or below it."""

    sql = "percentile_cont(0.5) WITHIN GROUP (ORDER BY ({value})::float8)"


class Mean(Typical):
    """The sum of the values divided by their number."""

    sql = "avg(({value})::numeric)"


@dataclass(frozen=True, kw_only=True, eq=False)
class Ratio(Metric):
    """
    How many per cent of `whole` are in `part`: one decimal, rounded half up; None where the whole is 0.

    Both must count the same noun of the same model, dated by the same moment, credited to the same unit, by the
    same clock: a rate of unlike things, or one that could pass 100, is refused when it is declared. The rows
    behind it are those of the whole.
    """

    part: Count
    whole: Count
    per: Text = "%"

    def __post_init__(self) -> None:
        for end in (self.part, self.whole):
            if not isinstance(end, Count):
                raise TypeError(f"{self.code}: a ratio is of two counts, not of {end!r}")
        for name in ("per", "clock", "owner", "at", "value", "distinct"):
            if getattr(self.part, name) != getattr(self.whole, name):
                raise ValueError(f"{self.code}: part and whole differ in {name!r}")
        if self.part.rows().model is not self.whole.rows().model:
            raise ValueError(f"{self.code}: part and whole count rows of different models")
        shared = {name: way for name, way in self.whole.categories.items() if name in self.part.categories}
        object.__setattr__(self, "categories", shared)
        object.__setattr__(self, "ledger", self.ledger or self.whole.ledger)
        super().__post_init__()

    def rows_behind(self, unit: Unit, period: Period, /, **slices: Key) -> QuerySet[Any]:
        return self.whole.rows_behind(unit, period, **slices)

    def shown(self, value: Number | None) -> str:
        return "—" if value is None else f"{value}%"


@dataclass(frozen=True, kw_only=True, eq=False)
class Reported(Metric):
    """
    A number without rows, typed in from a document: `read(unit, period)` returns it, or None if none was approved.

    It belongs to a unit as a whole, so it is told by unit and month but by no category, and opens onto no rows.
    """

    read: Callable[[Unit, Period], Number | None]

    has_rows: ClassVar[bool] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.categories:
            raise ValueError(f"{self.code}: a reported figure has no rows to tell apart")

    def rows_behind(self, _unit: Unit, _period: Period, /, **_slices: Key) -> QuerySet[Any]:
        """Refuse: there are no rows."""
        raise Invalid(_("“%(title)s”为填报数，没有明细。") % {"title": self.title})


def _settles_many(metric: OfRows) -> bool:
    rows = metric.rows()
    return any(paths.target(rows, path).many for path in (metric.settled, metric.unsettled) if path)
