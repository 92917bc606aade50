"""How the deadlines of an opinion came about, day by day (期限说明)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils.translation import gettext as _

from zoufang.kernel.clock import start_of
from zoufang.opinions import rules, selectors
from zoufang.opinions.models import DeadlinePolicy, Opinion
from zoufang.opinions.vocabulary import Kind, Source
from zoufang.organization.selectors import special_days, work_calendar


@dataclass(frozen=True)
class Day:
    """A local day: it counts as the `nth` working day, or not (0). `special` names a holiday or make-up day."""

    on: date
    is_working: bool
    nth: int
    special: str


@dataclass(frozen=True)
class Clock:
    """
    One deadline: what it is for, when it began to run, and each local day from then to its end. `anchor` leads to it.

    `due_at` is what was promised, by the policy that was in force at `start`. The days are those of the calendar as it
    is now: a promise stays though the calendar was changed since, and is then not `as_reckoned`.
    """

    anchor: str
    title: str
    start: datetime
    working_days: int
    policy: DeadlinePolicy
    due_at: datetime
    days: Sequence[Day]

    @property
    def policy_label(self) -> str:
        """What the policy is for: a kind of opinion, or a source that sets its own time."""
        kinds = {"ASSIGNED": Source.SUPERIOR.label, "ENTERPRISE": Source.ENTERPRISE.label}
        return str(kinds.get(self.policy.kind) or Kind(self.policy.kind).label)

    @property
    def as_reckoned(self) -> bool:
        return start_of(self.days[-1].on + timedelta(days=1)) == self.due_at

    @property
    def weeks(self) -> list[list[Day | None]]:
        """The days week by week, from Monday; None stands for the days of the first week before `start`."""
        weeks: list[list[Day | None]] = [
            list(week) for _week, week in groupby(self.days, lambda day: day.on.isocalendar()[:2])
        ]
        weeks[0][:0] = [None] * self.days[0].on.weekday()
        return weeks


def clocks_of(opinion: Opinion) -> list[Clock]:
    """Return what was promised: to the citizen first, then by each unit that was made to answer, in their order."""
    calendar, kind = work_calendar(), rules.policy_code(opinion.kind, opinion.source)

    def clock(anchor: str, title: str, start: datetime, due_at: datetime, *parts: str) -> Clock:
        policy = selectors.policy_on(kind, start)
        working_days = sum(getattr(policy, part) for part in parts)
        reckoned = calendar.reckon(start, working_days=working_days)
        named = special_days(reckoned[0].on, reckoned[-1].on)
        days = [Day(*day, named.get(day.on, "")) for day in reckoned]
        return Clock(anchor, title, start, working_days, policy, due_at, days)

    referrals = list(opinion.referrals.select_related("unit"))
    # A promise is made anew when an opinion is handled again, and never else: returns cost the bureau its own time.
    promised = max([opinion.recorded_at, *(each.reopened_at for each in referrals if each.reopened_at)])
    found = [clock("promise", _("对群众的承诺"), promised, opinion.due_at, "refer_days", "finish_days")]
    for each in referrals:
        words = {"n": each.hop, "unit": each.unit.label}
        sign, finish = _("第 %(n)d 次转办 · %(unit)s · 签收") % words, _("第 %(n)d 次转办 · %(unit)s · 办理") % words
        found += [
            clock(f"sign-{each.hop}", sign, each.referred_at, each.sign_due_at, "sign_days"),
            clock(f"finish-{each.hop}", finish, each.referred_at, each.due_at, "finish_days"),
        ]
    return found
