"""The working calendar: weekdays, the State Council's holidays, and the make-up days (调休) they cost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from zoufang.kernel.clock import LOCAL, local_day, start_of


class ReckonedDay(NamedTuple):
    """A local day on the way to a deadline. `nth` is which working day it is; 0 if it does not count."""

    on: date
    is_working: bool
    nth: int


@dataclass(frozen=True)
class WorkCalendar:
    """
    Which local days are worked.

    `special` maps a date to True (a make-up day, worked) or False (a holiday); every other day follows the
    weekday. Beyond `known_to` the yearly notice is not out yet, and the weekday alone decides: a deadline
    that reaches so far is provisional, never refused.

    Source: the State Council's yearly holiday notice, kept as reference data of `organization`.
    """

    special: Mapping[date, bool] = field(default_factory=dict)
    known_to: date = date.max

    def is_working(self, day: date) -> bool:
        return self.special.get(day, day.weekday() < 5)

    def reckon(self, start: datetime, *, working_days: int) -> list[ReckonedDay]:
        """Return the local day of `start`, which does not count, and each one after it up to the `working_days`-th."""
        day, nth = local_day(start), 0
        days = [ReckonedDay(day, self.is_working(day), 0)]
        while nth < working_days:
            day += timedelta(days=1)
            is_working = self.is_working(day)
            nth += is_working
            days.append(ReckonedDay(day, is_working, nth if is_working else 0))
        return days

    def due_after(self, start: datetime, *, working_days: int) -> datetime:
        """
        Return the last moment of the `working_days`-th working day after `start`.

        The day of `start` does not count. Days are local (Asia/Shanghai); the result is the midnight that
        ends the last one, so compare with `<`.
        """
        return start_of(self.reckon(start, working_days=working_days)[-1].on + timedelta(days=1))

    def natural_due_after(self, start: datetime, *, days: int) -> datetime:
        """
        Return the last moment of the `days`-th natural day after `start`, moved on past a final holiday.

        Source: Civil Code, articles 200-203, as applied to the Regulations on petitioning work (2022).
        """
        day = local_day(start) + timedelta(days=days)
        while not self.is_working(day):
            day += timedelta(days=1)
        return start_of(day + timedelta(days=1))

    def working_days_between(self, start: datetime, end: datetime) -> int:
        """Return how many working days after the day of `start` have begun by `end` (negative if reversed)."""
        first, last, sign = start.astimezone(LOCAL).date(), end.astimezone(LOCAL).date(), 1
        if last < first:
            first, last, sign = last, first, -1
        days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
        return sign * sum(self.is_working(day) for day in days)
