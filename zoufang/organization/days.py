"""The days on the way to a deadline as people read them: week by week, holidays and make-up days by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from zoufang.kernel.calendar import ReckonedDay
from zoufang.organization.selectors import special_days


@dataclass(frozen=True)
class Day:
    """
    A local day: it counts as the `nth`, or not (0). `special` names a holiday or make-up day.

    `spent` is how much of a promise in hours ran on it.
    """

    on: date
    is_working: bool
    nth: int
    spent: timedelta
    special: str

    @property
    def minutes(self) -> int:
        return round(self.spent.total_seconds() / 60)


@dataclass(frozen=True)
class Walk:
    """Each local day from the one on which something began to the one on which it ends."""

    days: Sequence[Day]

    @property
    def weeks(self) -> list[list[Day | None]]:
        """The days week by week, from Monday; None stands for the days of the first week before the beginning."""
        weeks: list[list[Day | None]] = [
            list(week) for _week, week in groupby(self.days, lambda day: day.on.isocalendar()[:2])
        ]
        weeks[0][:0] = [None] * self.days[0].on.weekday()
        return weeks


def walk(reckoned: Sequence[ReckonedDay]) -> Walk:
    """Return the days that were reckoned, by name in the reader's language."""
    named = special_days(reckoned[0].on, reckoned[-1].on)
    return Walk([Day(*day, named.get(day.on, "")) for day in reckoned])
