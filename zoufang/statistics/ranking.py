"""Units in order of a number. Small samples are not ranked, and what has no base never stands for nought. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from zoufang.metrics.engine import Figure, Number
from zoufang.organization.models import Unit

# A rate of fewer rows than this says more about chance than about the unit.
SMALLEST_SAMPLE = 5


@dataclass(frozen=True)
class Place:
    """
    One line of a ranking. `no` is the place, shared by equals (1, 2, 2, 4), or None with the reason in `why_not`.

    `share` is the length of its bar: the value as a part of the largest that is ranked, from 0 to 100.
    """

    unit: Unit
    value: Number | None
    shown: str
    sample: int | None
    no: int | None = None
    why_not: str = ""
    share: float = 0.0


def rank(figures: Iterable[Figure], *, less_is_better: bool) -> list[Place]:
    """Return a place for each figure: the ranked ones, best first, then the others in the order given."""
    figures = list(figures)
    ranked = [figure for figure in figures if not _why_not(figure)]
    ranked.sort(key=lambda figure: figure.value or 0, reverse=not less_is_better)
    most = max((figure.value or 0 for figure in ranked), default=0)
    values = [figure.value for figure in ranked]
    places = [_place(figure, no=values.index(figure.value) + 1, most=most) for figure in ranked]
    return places + [_place(figure, no=None, most=most) for figure in figures if _why_not(figure)]


def _why_not(figure: Figure) -> str:
    if figure.value is None:
        return _("期内无记录")
    if figure.sample is not None and figure.sample < SMALLEST_SAMPLE:
        return _("样本不足 %(n)d，不排名") % {"n": SMALLEST_SAMPLE}
    return ""


def _place(figure: Figure, *, no: int | None, most: Number) -> Place:
    share = 100 * float(figure.value or 0) / float(most) if most and no else 0.0
    return Place(figure.unit, figure.value, figure.shown, figure.sample, no, _why_not(figure), max(0.0, share))
