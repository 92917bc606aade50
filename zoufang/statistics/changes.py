"""How a number stands to the one before: by how much, and whether that is good. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from zoufang.metrics.engine import Count, Metric, Number, Ratio

Difference = int | Decimal


@dataclass(frozen=True)
class Change:
    """
    A comparison in words. `direction` is "up", "down" or "same"; `tone` is "done" for better, "waiting" for worse
    and "neutral" where neither can be said.
    """

    words: str
    direction: str = "same"
    tone: str = "neutral"

    @property
    def icon(self) -> str:
        return {"up": "trending-up", "down": "trending-down"}.get(self.direction, "minus")


def change(metric: Metric, now: Number | None, before: Number | None, *, less_is_better: bool) -> Change | None:
    """Return how `now` stands to `before`; None where there is nothing to compare."""
    if now is None or before is None:
        return None
    difference: Difference = now - before
    if not difference:
        return Change(_("持平"))
    direction = "up" if difference > 0 else "down"
    better = (direction == "down") == less_is_better
    tone = "neutral" if isinstance(metric, Count) and not less_is_better else "done" if better else "waiting"
    return Change(_words(metric, difference, before), direction, tone)


def _words(metric: Metric, difference: Difference, before: Number) -> str:
    size = f"{abs(difference):,}"
    sign = "+" if difference > 0 else "−"
    if isinstance(metric, Ratio):
        return _("%(sign)s%(size)s 个百分点") % {"sign": sign, "size": size}
    if isinstance(metric, Count) and before:
        share = abs(Decimal(difference) * 100 / Decimal(before)).quantize(Decimal(1))
        return f"{sign}{size} ({sign}{share}%)"
    return f"{sign}{size} {metric.per}"
