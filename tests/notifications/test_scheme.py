"""When each level is reached: in working days from the last day of the deadline, at the opening of the office."""

from datetime import UTC, date, datetime, timedelta

import pytest

from zoufang.kernel.calendar import WorkCalendar
from zoufang.kernel.clock import LOCAL, start_of
from zoufang.notifications.rules import MOST_TRIES, wait_after
from zoufang.notifications.scheme import scheme_on, shifted

# Monday to Wednesday, 4 to 6 May 2026, are taken for holidays, Saturday the 9th is worked.
CALENDAR = WorkCalendar({date(2026, 5, 4 + n): False for n in range(3)} | {date(2026, 5, 9): True})
SCHEME = scheme_on(date(2026, 5, 1))
LONG_AGO = datetime(2026, 4, 1, tzinfo=UTC)


def local(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=LOCAL)


def reached(due_at: datetime, now: datetime, since: datetime = LONG_AGO) -> list[str]:
    return [str(rung.level) for rung in SCHEME.reached(due_at, since=since, now=now, calendar=CALENDAR)]


@pytest.mark.parametrize(
    ("now", "levels"),
    [
        (local(4, 30, 8, 29), []),
        (local(4, 30, 8, 30), ["REMIND"]),
        (local(5, 1, 23, 59), ["REMIND"]),
        (start_of(date(2026, 5, 2)), []),
        (local(5, 7, 8, 29), []),
        (local(5, 7, 8, 30), ["URGE"]),
        (local(5, 9, 8, 29), ["URGE"]),
        (local(5, 9, 8, 30), ["URGE", "SUPERVISE"]),
        (local(5, 11, 17, 0), ["URGE", "SUPERVISE"]),
        (local(5, 12, 8, 30), ["URGE", "SUPERVISE", "BULLETIN"]),
        (local(6, 30, 12, 0), ["URGE", "SUPERVISE", "BULLETIN"]),
        (local(7, 2, 12, 0), []),
    ],
)
def test_a_deadline_on_the_eve_of_holidays_is_pressed_for_when_people_work_again(
    now: datetime, levels: list[str]
) -> None:
    # Friday 1 May is its last day; 7, 8 and the make-up day 9 May are the next three that are worked.
    assert reached(start_of(date(2026, 5, 2)), now) == levels


def test_nobody_is_reminded_on_the_day_on_which_a_deadline_was_set() -> None:
    due_at, since = start_of(date(2026, 4, 29)), local(4, 27, 9, 0)
    assert reached(due_at, local(4, 27, 9, 5), since) == []
    assert reached(due_at, local(4, 28, 8, 30), since) == ["REMIND"]
    # One that ends on the day on which it was set is urged for only.
    assert reached(local(4, 27, 13), local(4, 27, 12), since) == []
    assert reached(local(4, 27, 13), local(4, 28, 9), since) == ["URGE"]


def test_a_deadline_in_the_middle_of_a_day_belongs_to_that_day() -> None:
    assert reached(local(4, 29, 15), local(4, 28, 9)) == ["REMIND"]
    assert reached(local(4, 29, 15), local(4, 29, 16)) == []
    assert reached(local(4, 29, 15), local(4, 30, 9)) == ["URGE"]


def test_what_is_beyond_the_horizon_has_reached_nothing() -> None:
    for hours in range(0, 24 * 14, 7):
        now = local(4, 27) + timedelta(hours=hours)
        horizon = SCHEME.horizon(now, CALENDAR)
        assert reached(horizon + timedelta(microseconds=1), now) == []
        for days in range(20):
            due_at = start_of(date(2026, 4, 27) + timedelta(days=days))
            assert not reached(due_at, now) or due_at <= horizon


def test_people_are_told_in_working_hours_only() -> None:
    assert SCHEME.works(local(4, 30, 8, 30), CALENDAR)
    assert SCHEME.works(local(5, 9, 17, 59), CALENDAR)
    assert not any(
        SCHEME.works(moment, CALENDAR)
        for moment in (local(4, 30, 8, 29), local(4, 30, 18), local(5, 5, 10), local(5, 10, 10))
    )


def test_working_days_are_counted_both_ways() -> None:
    assert shifted(date(2026, 5, 7), -1, CALENDAR) == date(2026, 5, 1)
    assert shifted(date(2026, 5, 3), 2, CALENDAR) == date(2026, 5, 8)
    assert shifted(date(2026, 5, 3), 0, CALENDAR) == date(2026, 5, 3)


def test_a_message_waits_longer_each_time_but_never_a_day() -> None:
    waits = [wait_after(tries, chance=1) for tries in range(1, MOST_TRIES + 1)]
    assert waits == sorted(waits)
    assert waits[-1] <= timedelta(hours=6)
    assert wait_after(1, chance=0) == waits[0] / 2
