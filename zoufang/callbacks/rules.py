"""The dice: which of the finished matters are asked about, and when a month begins and ends. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil
from random import Random

from zoufang.kernel.period import Period


def month_around(day: date) -> Period:
    """Return the calendar month in which `day` lies."""
    first = day.replace(day=1)
    return Period(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))


def drawn_from(finished: Sequence[int], *, seed: int, percent: int, least: int) -> list[int]:
    """Return which of `finished` the dice choose: so many per cent, rounded up, at least `least`, in the order of keys."""
    wanted = min(len(finished), max(least, ceil(len(finished) * percent / 100)))
    # What nobody may foresee is the seed; from there on everybody may throw the dice again.
    return sorted(Random(seed).sample(finished, wanted))  # noqa: S311
