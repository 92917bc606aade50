"""The working calendar: weekdays, the State Council's holidays, and the make-up days (调休) they cost."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from zoufang.kernel.clock import LOCAL, local_day, start_of

# Hours that are promised run while somebody is at the desk, unless the promise is for round the clock.
OFFICE_OPENS, OFFICE_CLOSES = time(9), time(17)
_INSTANT = timedelta(microseconds=1)


class Term(NamedTuple):
    """
    How long something may take: `minutes` first, then whole working `days`.

    Minutes are those of office hours on working days; `round_the_clock`, those of any hour of any day.
    """

    days: int = 0
    minutes: int = 0
    round_the_clock: bool = False


class ReckonedDay(NamedTuple):
    """
    A local day on the way to a deadline. `nth` is which of the days counted it is; 0 if it does not count.

    `spent` is how much of a promise in hours ran on it.
    """

    on: date
    is_working: bool
    nth: int
    spent: timedelta = timedelta(0)


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

    def due_by(self, start: datetime, term: Term) -> datetime:
        """
        Return the first moment that is too late for what began at `start` and may take `term`.

        Whole days end at midnight as in `due_after`; minutes end to the second.
        """
        end = max((until for _on, until, _spent in self._minutes(start, term)), default=start)
        return end if term.minutes and not term.days else self.due_after(end, working_days=term.days)

    def reckon_term(self, start: datetime, term: Term) -> list[ReckonedDay]:
        """Return each local day from `start` to the end of `term`, with what of it ran on that day."""
        walked = list(self._minutes(start, term))
        days = [ReckonedDay(on, self.is_working(on), 0, spent) for on, _until, spent in walked]
        end = walked[-1][1] if walked else start
        if term.minutes and not term.days:
            return days
        return days + self.reckon(end, working_days=term.days)[1 if days else 0 :]

    def moved(self, due_at: datetime, *, working_days: int) -> datetime:
        """Return `due_at` moved on by whole working days: the midnight that ends the last of them."""
        return self.due_after(due_at - _INSTANT, working_days=working_days) if working_days else due_at

    def reckon_move(self, due_at: datetime, *, working_days: int) -> list[ReckonedDay]:
        """Return the last day of `due_at`, and each one after it up to the end of the move."""
        return self.reckon(due_at - _INSTANT, working_days=working_days)

    def stands_until(self, start: datetime, *, working_days: int) -> datetime:
        """Return the midnight at which a clock that stands still from `start` on has missed so many working days."""
        return self.moved(start_of(local_day(start)), working_days=working_days)

    def reckon_standing(self, start: datetime, end: datetime, *, began: datetime | None) -> list[ReckonedDay]:
        """
        Return each local day whose end falls between `start` and `end`, while a clock stands still.

        A working day is spent at the midnight that ends it, and the day on which the clock `began` does not count: the
        `nth` are the working days that it misses. So what was left at `start` is left at `end`, and nothing runs out meanwhile.
        """
        days, nth, first = [], 0, local_day(start)
        for on in (first + timedelta(days=n) for n in range((local_day(end) - first).days)):
            is_missed = self.is_working(on) and (began is None or on > local_day(began))
            nth += is_missed
            days.append(ReckonedDay(on, self.is_working(on), nth if is_missed else 0))
        return days

    def reckon_natural(self, start: datetime, *, days: int) -> list[ReckonedDay]:
        """Return the local day of `start`, the `days` natural days after it, and the days off that follow the last."""
        first = local_day(start)
        found = [ReckonedDay(first, self.is_working(first), 0)]
        while len(found) <= days or not found[-1].is_working:
            on = first + timedelta(days=len(found))
            found.append(ReckonedDay(on, self.is_working(on), len(found) if len(found) <= days else 0))
        return found

    def _minutes(self, start: datetime, term: Term) -> Iterator[tuple[date, datetime, timedelta]]:
        """Spend the minutes of `term`: for each local day the day, when the last of them ran out, and how many."""
        left, at = timedelta(minutes=term.minutes), start
        while left:
            on = local_day(at)
            begins, ends = start_of(on), start_of(on + timedelta(days=1))
            if not term.round_the_clock:
                worked = self.is_working(on)
                begins = datetime.combine(on, OFFICE_OPENS, LOCAL)
                ends = datetime.combine(on, OFFICE_CLOSES, LOCAL) if worked else begins
            since = max(at, begins)
            spent = min(left, max(ends - since, timedelta(0)))
            yield on, since + spent, spent
            left, at = left - spent, start_of(on + timedelta(days=1))

    def natural_due_after(self, start: datetime, *, days: int) -> datetime:
        """
        Return the last moment of the `days`-th natural day after `start`, moved on past a final holiday.

        Source: Civil Code, articles 200-203, as applied to the Regulations on petitioning work (2022).
        """
        return start_of(self.reckon_natural(start, days=days)[-1].on + timedelta(days=1))

    def working_days_between(self, start: datetime, end: datetime) -> int:
        """Return how many working days after the day of `start` have begun by `end` (negative if reversed)."""
        first, last, sign = start.astimezone(LOCAL).date(), end.astimezone(LOCAL).date(), 1
        if last < first:
            first, last, sign = last, first, -1
        days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
        return sign * sum(self.is_working(day) for day in days)
