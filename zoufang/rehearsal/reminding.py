"""What the watch over deadlines would have written in the last two weeks, had it run."""

from datetime import datetime, time

from zoufang.casework import services as casework
from zoufang.kernel.clock import LOCAL, local_day
from zoufang.notifications.scheme import shifted
from zoufang.opinions import services as opinions
from zoufang.organization.selectors import work_calendar

MORNINGS = 10


def press_for_what_is_late(now: datetime) -> None:
    """Press for what is still in hand, morning by morning, and tell this morning what waits."""
    calendar, today = work_calendar(), local_day(now)
    mornings = [datetime.combine(shifted(today, -days, calendar), time(8, 45), LOCAL) for days in range(MORNINGS)]
    past = sorted(morning for morning in mornings if morning <= now and calendar.is_working(morning.date()))
    for morning in past:
        opinions.remind(now=morning)
        casework.remind(now=morning)
    opinions.tell_what_waits(now=past[-1])
