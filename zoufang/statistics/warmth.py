"""
The index "hot below, cold above" (上冷下热): do the units at the base work while those of the bureau itself look on?

It stands on one declared number at a time, told unit by unit and month by month: the very cells of the heat table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zoufang.kernel.period import Period
from zoufang.metrics.engine import Metric, Table, one_decimal, per_cent, tabulate
from zoufang.organization.models import PeerGroup, Unit
from zoufang.statistics.questions import Question

TITLE = gettext_lazy("上冷下热指数")
FORMULA = gettext_lazy(
    "指数 = 基层活跃率 − 局直活跃率（百分点）。活跃率 = 有记录的单位月数 ÷（单位数 × 月数）；"
    "某单位某月至少有 1 条记录，计 1 个单位月。基层为县（市）局和城区派出所，局直为局直单位序列。"
)
BELOW = (PeerGroup.COUNTY, PeerGroup.CITY_STATION)
ABOVE = (PeerGroup.BUREAU_UNIT,)
CHOICES = ("visits.recorded", "opinions.heard", "referrals.made", "opinions.closed")
# Below this the difference says nothing: a single unit may be the cause.
EVEN = Decimal(10)


@dataclass(frozen=True)
class Activity:
    """One unit: in how many of the months something is on record, and how much in all."""

    unit: Unit
    active: int
    months: int
    shown: str
    url: str


@dataclass(frozen=True)
class Side:
    """The units below, or those above: active unit-months out of all, and the units, the coldest first."""

    title: Any
    units: Sequence[Activity]

    @property
    def active(self) -> int:
        return sum(each.active for each in self.units)

    @property
    def of(self) -> int:
        return sum(each.months for each in self.units)

    @property
    def rate(self) -> Decimal | None:
        return per_cent(self.active, self.of)

    @property
    def never(self) -> Sequence[Activity]:
        """The units without any record in the whole period."""
        return [each for each in self.units if not each.active]


@dataclass(frozen=True)
class Warmth:
    """The index with both its sides; `before` is the index of the period that it is compared with."""

    metric: Metric
    below: Side
    above: Side
    before: Decimal | None = None

    @property
    def index(self) -> Decimal | None:
        """Percentage points from −100 to 100, or None if one side has no units."""
        return _index(self.below, self.above)

    @property
    def shown(self) -> str:
        index = self.index
        return "—" if index is None else f"{'+' if index > 0 else '−' if index < 0 else ''}{abs(index)}"

    @property
    def verdict(self) -> str:
        index = self.index
        if index is None:
            return ""
        return _("上下均衡") if abs(index) < EVEN else _("上冷下热") if index > 0 else _("上热下冷")

    @property
    def is_cold_above(self) -> bool:
        return self.index is not None and self.index >= EVEN

    @property
    def moved(self) -> str:
        """How the index moved since the period before, in words; empty where there is nothing to compare."""
        if self.index is None or self.before is None:
            return ""
        points = one_decimal(self.index - self.before)
        if not points:
            return _("持平")
        return _("%(sign)s%(size)s 个百分点") % {"sign": "+" if points > 0 else "−", "size": abs(points)}


def warmth_of(metric: Metric, units: Sequence[Unit], period: Period, before: Period | None = None) -> Warmth | None:
    """Return the index over `units` and `period`; None unless there are units on both sides."""
    below = [unit for unit in units if unit.peer_group in BELOW]
    above = [unit for unit in units if unit.peer_group in ABOVE]
    if not below or not above:
        return None
    sides = _sides(tabulate([metric], [*below, *above], period, by="month"), metric, below, above)
    if before is None:
        return Warmth(metric, *sides)
    earlier = _sides(tabulate([metric], [*below, *above], before, by="month"), metric, below, above)
    # A period before all records is nothing to compare with.
    return Warmth(metric, *sides, before=_index(*earlier) if any(side.active for side in earlier) else None)


def _sides(table: Table, metric: Metric, below: Sequence[Unit], above: Sequence[Unit]) -> tuple[Side, Side]:
    return _side(_("基层单位"), table, metric, below), _side(_("局直单位"), table, metric, above)


def _side(title: str, table: Table, metric: Metric, units: Sequence[Unit]) -> Side:
    keys = table.keys()
    found = [
        Activity(
            unit,
            sum(bool(table[metric.code, unit.pk, key]) for key in keys),
            len(keys),
            metric.shown(table[metric.code, unit.pk]),
            Question(unit, table.period).rows_url(metric),
        )
        for unit in units
    ]
    return Side(title, sorted(found, key=lambda each: each.active))


def _index(below: Side, above: Side) -> Decimal | None:
    if below.rate is None or above.rate is None:
        return None
    return below.rate - above.rate
