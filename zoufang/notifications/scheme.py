"""When officers are reminded and who is told, read from reference data. Pure but for that one file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from zoufang.kernel.calendar import WorkCalendar
from zoufang.kernel.clock import LOCAL, local_day, start_of
from zoufang.notifications.vocabulary import Level, Told
from zoufang.ui.when import due_day

REFERENCE = Path(__file__).parent / "reference" / "reminders.yaml"


@dataclass(frozen=True)
class Hours:
    """A span of the local day, its end left out."""

    first: time
    last: time

    def hold(self, moment: datetime) -> bool:
        return self.first <= moment.astimezone(LOCAL).time() < self.last


@dataclass(frozen=True)
class Rung:
    """One level: `working_days` after the last day of a deadline (negative: before it) it is reached."""

    level: Level
    working_days: int
    tell: tuple[Told, ...]


@dataclass(frozen=True)
class Scheme:
    """How officers are reminded, from `valid_from` on."""

    valid_from: date
    hours: Hours
    digest: Hours
    forget_after: timedelta
    rungs: tuple[Rung, ...]

    def works(self, now: datetime, calendar: WorkCalendar) -> bool:
        """Is this a moment at which people may be told something?"""
        return calendar.is_working(local_day(now)) and self.hours.hold(now)

    def horizon(self, now: datetime, calendar: WorkCalendar) -> datetime:
        """Return the last moment a deadline may end at to have reached any level at `now`."""
        ahead = max(0, *(-rung.working_days for rung in self.rungs))
        return start_of(shifted(local_day(now), ahead, calendar) + timedelta(days=1))

    def reached(
        self, due_at: datetime | None, *, since: datetime, now: datetime, calendar: WorkCalendar
    ) -> Sequence[Rung]:
        """
        Return the levels that a deadline has reached, the gentlest first.

        `due_at` is the first moment that is too late, `since` when the deadline was set. Nobody is reminded on the
        day on which it was set, for they have just been told; nor of what is late, for that is urged. What fell due
        longer ago than `forget_after` was late before anybody was to be reminded of it: an old ledger taken in, say.
        """
        if due_at is None or now - due_at > self.forget_after:
            return []
        return [rung for rung in self.rungs if self._is_reached(rung, due_at, since, now, calendar)]

    def _is_reached(self, rung: Rung, due_at: datetime, since: datetime, now: datetime, calendar: WorkCalendar) -> bool:
        day = shifted(due_day(due_at), rung.working_days, calendar)
        if rung.working_days < 0:
            if now >= due_at:
                return False
            day = max(day, shifted(local_day(since), 1, calendar))
        return now >= datetime.combine(day, self.hours.first, LOCAL)


def shifted(day: date, working_days: int, calendar: WorkCalendar) -> date:
    """Return the working day so many working days after `day`, before it if negative."""
    step = timedelta(days=1 if working_days > 0 else -1)
    left = abs(working_days)
    while left:
        day += step
        left -= calendar.is_working(day)
    return day


def scheme_on(day: date) -> Scheme:
    """Return the scheme in force on `day`, the first one for days before it."""
    versions = _schemes()
    return next((version for version in reversed(versions) if version.valid_from <= day), versions[0])


@cache
def _schemes() -> tuple[Scheme, ...]:
    read = yaml.safe_load(REFERENCE.read_text(encoding="utf-8"))
    return tuple(sorted((_scheme(version) for version in read), key=lambda scheme: scheme.valid_from))


def _scheme(version: dict[str, Any]) -> Scheme:
    rungs = (
        Rung(Level(rung["level"]), int(rung["working_days"]), tuple(Told(one) for one in rung["tell"]))
        for rung in version["levels"]
    )
    ordered = tuple(sorted(rungs, key=lambda rung: rung.working_days))
    return Scheme(
        version["valid_from"],
        _hours(version["hours"]),
        _hours(version["digest"]),
        timedelta(days=version["forget_after_days"]),
        ordered,
    )


def _hours(written: dict[str, str]) -> Hours:
    return Hours(time.fromisoformat(written["from"]), time.fromisoformat(written["to"]))
