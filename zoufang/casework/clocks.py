"""How the deadline of a petition came about, in natural days (期限说明)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from zoufang.casework import rules
from zoufang.casework.models import PetitionCase
from zoufang.kernel.clock import local_day
from zoufang.organization.days import Walk, walk
from zoufang.organization.selectors import work_calendar


@dataclass(frozen=True)
class Clock:
    """
    One deadline of a petition: each local day from `start` on, of which every one counts.

    `by_law`: so many days as the regulations give; else somebody set the date. After `days` come the days off by which
    a last day that was one is moved on. `most` is how many days the law allows.
    """

    anchor: str
    title: str
    start: datetime
    due_at: datetime
    done_at: datetime | None
    days: int
    most: int
    by_law: bool
    walk: Walk

    @property
    def moved_to(self) -> date | None:
        """The day to which a last day was moved on that was one off."""
        last = self.walk.days[-1]
        return None if last.nth or not self.days else last.on


def clocks_of(case: PetitionCase) -> list[Clock]:
    """Return the deadlines that were promised when the petition was assigned, then its extension if it has one."""
    found = []
    if case.notice_due_at is not None:
        notice = (case.notice_due_at, rules.PETITION_NOTICE_DAYS, case.notified_at)
        found.append(_clock("notice", _("书面告知"), case.assigned_at, *notice))
    found.append(_clock("finish", _("办理"), case.assigned_at, case.due_at, rules.PETITION_DAYS, case.closed_at))
    if case.extended_to is not None:
        last = case.due_at - timedelta(microseconds=1)
        found.append(
            _clock("extension", _("延期"), last, case.extended_to, rules.PETITION_EXTENSION_DAYS, case.closed_at)
        )
    return found


def _clock(anchor: str, title: str, start: datetime, due_at: datetime, most: int, done_at: datetime | None) -> Clock:
    calendar = work_calendar()
    by_law = calendar.natural_due_after(start, days=most) == due_at
    days = most if by_law else (local_day(due_at - timedelta(microseconds=1)) - local_day(start)).days
    reckoned = calendar.reckon_natural(start, days=days)
    # A date that somebody set is the last day, holiday or not.
    return Clock(
        anchor, title, start, due_at, done_at, days, most, by_law, walk(reckoned if by_law else reckoned[: days + 1])
    )
