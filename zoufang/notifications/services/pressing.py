"""Press for what is due: each deadline on each level once, by a clock that can be believed."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from zoufang.kernel.clock import local_day
from zoufang.notifications.models import Reminder, Watch
from zoufang.notifications.scheme import Rung, scheme_on
from zoufang.notifications.services.notices import notify
from zoufang.notifications.vocabulary import Case, Told
from zoufang.organization.models import Officer, Unit
from zoufang.organization.selectors import work_calendar

# The watch looks every few minutes. A clock that ran otherwise between two looks has jumped or stood still; it is
# believed again when it has run on evenly for so long.
LONGEST_GAP = timedelta(minutes=15)
SETTLING = timedelta(minutes=20)
# Two machines may differ by so little without anything being wrong.
DRIFT = timedelta(minutes=1)


@dataclass(frozen=True)
class Pressed:
    """A deadline in force: the first moment that is too late, when it was set, and the unit that must keep it."""

    deadline: str
    due_at: datetime
    since: datetime
    unit: Unit


@transaction.atomic
def believed(name: str, *, now: datetime) -> bool:
    """
    Note that the watch `name` looked, and say whether its clock can be believed.

    A clock that jumps for some minutes and back, by hours or by years, thereby fires nothing.
    """
    Watch.objects.bulk_create([Watch(name=name, looked_at=now, steady_since=now)], ignore_conflicts=True)
    watch = Watch.objects.select_for_update().get(name=name)
    gap = now - watch.looked_at
    if not -DRIFT <= gap <= LONGEST_GAP:
        watch.steady_since = now
    elif gap < timedelta():
        now = watch.looked_at
    watch.looked_at = now
    watch.save(update_fields=["looked_at", "steady_since"])
    return now - watch.steady_since >= SETTLING


def on_watch(name: str, *, now: datetime) -> bool:
    """May the watch `name` tell people something now: do they work, and can its clock be believed?"""
    # Asked in this order: the clock is followed at night too.
    return believed(name, now=now) and scheme_on(local_day(now)).works(now, work_calendar())


def digest_is_done(name: str, *, on: date) -> bool:
    """Has every officer been told this morning?"""
    return Watch.objects.filter(name=name, digest_on=on).exists()


def note_digest(name: str, *, on: date) -> None:
    """Note that every officer has been told this morning."""
    Watch.objects.filter(name=name).update(digest_on=on)


def press(
    case: Case,
    no: str,
    pressed: Sequence[Pressed],
    *,
    link: str,
    whom: Callable[[Unit, Told], Collection[Officer]],
    now: datetime,
) -> list[Reminder]:
    """
    Write the reminders that the deadlines of one case have come to, and tell who must know; return the new ones.

    Call inside a transaction that holds the lock on the case. Two deadlines that end at the same moment are told of in
    one notice. `whom` says which officers of a unit are meant, leaving out whom the case concerns.
    """
    scheme, calendar = scheme_on(local_day(now)), work_calendar()
    known = set(Reminder.objects.filter(case=case, about=no).values_list("deadline", "due_at", "level"))
    new: dict[tuple[datetime, Rung, int], list[Reminder]] = {}
    for one in pressed:
        for rung in scheme.reached(one.due_at, since=one.since, now=now, calendar=calendar):
            if (one.deadline, one.due_at, rung.level) not in known:
                reminder = Reminder(
                    case=case,
                    about=no,
                    link=link,
                    deadline=one.deadline,
                    due_at=one.due_at,
                    level=rung.level,
                    unit=one.unit,
                    at=now,
                )
                new.setdefault((one.due_at, rung, one.unit.pk), []).append(reminder)
    for (due_at, rung, _unit), reminders in new.items():
        officers = {officer.pk: officer for told in rung.tell for officer in whom(reminders[0].unit, told)}
        notify(
            officers.values(),
            key=f"reminder/{case}/{no}/{rung.level}/{due_at.isoformat()}",
            kind="reminder",
            parameters={
                "level": rung.level,
                "deadlines": [reminder.deadline for reminder in reminders],
                "due_at": due_at.isoformat(),
                "unit": reminders[0].unit.name,
                "unit_en": reminders[0].unit.name_en,
            },
            case=case,
            about=no,
            link=link,
            now=now,
        )
    return Reminder.objects.bulk_create(reminder for reminders in new.values() for reminder in reminders)
