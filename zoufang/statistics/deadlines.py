"""Deadlines about to pass and just passed: how many, of which units, each number opening its list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy

from zoufang.kernel.calendar import WorkCalendar
from zoufang.kernel.period import Period
from zoufang.metrics.engine import Key, Metric, Table, tabulate
from zoufang.organization.models import Unit
from zoufang.statistics.catalogue import CATALOGUE
from zoufang.statistics.questions import Question

# What may be late: its name, what falls due within some days, and all that is overdue.
KINDS = (
    (gettext_lazy("意见签收"), "referrals.unsigned_due", "referrals.unsigned"),
    (gettext_lazy("意见办理"), "referrals.falling_due", "referrals.overdue"),
    (gettext_lazy("信访积案办理"), "petitions.falling_due", "petitions.overdue"),
    (gettext_lazy("矛盾纠纷化解"), "disputes.falling_due", "disputes.overdue"),
)
SOON_IN_WORKING_DAYS, JUST_IN_DAYS = 3, 7
SHOWN_UNITS = 4


@dataclass(frozen=True)
class Number:
    """How many, and where they are listed."""

    metric: Metric
    value: int
    url: str


@dataclass(frozen=True)
class Line:
    """One unit, or the whole: what is due soon, what became late in the last days, and all that is late."""

    label: str
    soon: Number
    just: Number
    late: Number

    @property
    def is_empty(self) -> bool:
        return not (self.soon.value or self.just.value or self.late.value)


@dataclass(frozen=True)
class Kind:
    """One sort of deadline: the whole, and the units that have any, the most pressed first."""

    title: Any
    whole: Line
    first: Sequence[Line]
    others: Sequence[Line]


@dataclass(frozen=True)
class Deadlines:
    """All sorts of deadlines of `unit`, as things stand `today`; `until` is the last day of what is due soon."""

    unit: Unit
    today: date
    until: date
    since: date
    kinds: Sequence[Kind]

    @property
    def is_quiet(self) -> bool:
        return all(kind.whole.is_empty for kind in self.kinds)


def deadlines_of(unit: Unit, today: date, calendar: WorkCalendar) -> Deadlines:
    """
    Return the deadlines of `unit` and of each unit directly below it.

    A deadline falls due on the day after its last one. So what is due by the third working day from today is due
    soon, and what fell due in the last seven days, today among them, has just become late.
    """
    until = _last_day_soon(today, calendar)
    since = today - timedelta(days=JUST_IN_DAYS)
    soon = Period(today + timedelta(days=1), until + timedelta(days=1))
    just = Period(today - timedelta(days=JUST_IN_DAYS - 1), today)
    late = Period(today.replace(month=1, day=1), today)
    falling = [CATALOGUE.get(code) for _title, code, _late in KINDS]
    overdue = [CATALOGUE.get(code) for _title, _code, code in KINDS]
    tables = (
        tabulate(falling, [unit], soon, by="unit"),
        tabulate(falling, [unit], just, by="unit"),
        tabulate(overdue, [unit], late, by="unit"),
    )
    below = {child.pk: child for child in Unit.objects.filter(parent=unit)}
    kinds = [_kind(unit, below, title, (code, code, all_late), tables) for title, code, all_late in KINDS]
    return Deadlines(unit, today, until, since, kinds)


def _last_day_soon(today: date, calendar: WorkCalendar) -> date:
    """Return the third working day from today on, today among them if it is one."""
    day, left = today, SOON_IN_WORKING_DAYS - calendar.is_working(today)
    while left:
        day += timedelta(days=1)
        left -= calendar.is_working(day)
    return day


def _kind(unit: Unit, below: Mapping[int, Unit], title: Any, codes: Sequence[str], tables: Sequence[Table]) -> Kind:
    keys = [*below, unit.pk] if below else []
    lines = [line for key in keys if not (line := _line(unit, below, key, codes, tables)).is_empty]
    if [line.label for line in lines] == [tables[0].label(unit.pk, unit.pk)]:
        lines = []  # what is credited to the unit directly is all there is
    lines.sort(key=lambda line: (-line.soon.value - line.just.value, -line.late.value))
    return Kind(title, _line(unit, below, None, codes, tables), lines[:SHOWN_UNITS], lines[SHOWN_UNITS:])


def _line(unit: Unit, below: Mapping[int, Unit], key: Key, codes: Sequence[str], tables: Sequence[Table]) -> Line:
    """Return the numbers of a unit below, of what is credited to `unit` itself (its own key), or of all (None)."""
    whose = below.get(key, unit)
    own = 1 if key == unit.pk else None
    numbers = []
    for code, table in zip(codes, tables, strict=True):
        metric = table.metrics[code]
        value = int(table[code, unit.pk, key] or 0)
        numbers.append(Number(metric, value, Question(whose, table.period).rows_url(metric, own=own)))
    return Line(tables[0].label(key, unit.pk) if own else whose.label, *numbers)
