"""The watch over deadlines: it reminds, urges and hands over to the inspectorate, and tells each morning what waits."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from zoufang.kernel.clock import local_day
from zoufang.kernel.held import holding
from zoufang.notifications.models import Notice, Reminder
from zoufang.notifications.scheme import scheme_on
from zoufang.notifications.services import digest_is_done, note_digest, notify, on_watch, press
from zoufang.notifications.vocabulary import Case, Deadline, Level
from zoufang.opinions import reminders, selectors
from zoufang.opinions.models import Opinion
from zoufang.opinions.services.taking import log
from zoufang.opinions.workflow import WAITS_FOR, Step
from zoufang.organization.models import Duty, Officer
from zoufang.ui.when import day_words, due_day

WATCH = "opinions"
# What the history of an opinion tells; a reminder ahead of time is shown, but is no step.
_STEPS = {Level.URGE: Step.URGE, Level.SUPERVISE: Step.SUPERVISE}


def keep_watch(*, now: datetime) -> int:
    """
    Remind of the deadlines of opinions and tell what waits, if people work now and the clock can be believed.

    Return how many reminders were written. Each is written once, whoever else keeps watch and whenever one is killed:
    see `notifications.models.Reminder`.
    """
    if not on_watch(WATCH, now=now):
        return 0
    if scheme_on(local_day(now)).digest.hold(now):
        tell_what_waits(now=now)
    return remind(now=now)


def remind(*, now: datetime) -> int:
    """Write the reminders that are due at `now`, opinion by opinion; return how many."""
    with holding():
        return sum(_remind_of(pk, now) for pk in list(reminders.to_be_reminded_of(now)))


@transaction.atomic
def _remind_of(pk: int, now: datetime) -> int:
    # Whoever has it locked takes a step with it or reminds of it: the next look finds what is left.
    locked = Opinion.objects.select_for_update(skip_locked=True, of=["self"], no_key=True)
    opinion = locked.select_related("heard_by", "responsible_unit", "responsible__unit").filter(pk=pk).first()
    if opinion is None:
        return 0
    new = press(
        Case.OPINION,
        opinion.no,
        [one for one in reminders.deadlines_in_force(opinion) if one.since <= now],
        link=reverse("opinions:detail", args=[opinion.no]),
        whom=lambda unit, told: reminders.told_of(opinion, unit, told),
        now=now,
    )
    for level, step in _STEPS.items():
        if said := [reminder for reminder in new if reminder.level == level]:
            log(opinion, step, was=opinion.status, by=None, now=now, note="\n".join(_words(said)))
    return len(new)


def _words(said: list[Reminder]) -> Iterator[str]:
    for reminder in said:
        day = due_day(reminder.due_at)
        yield f"{reminder.unit.name}：{Deadline(reminder.deadline).label} {day_words(day, day)}"


def tell_what_waits(*, now: datetime) -> None:
    """
    Tell each officer for whom something waits how much it is: once a day, by the counts of their inbox.

    Begun again after a crash, it leaves out those who have been told.
    """
    today = local_day(now)
    if digest_is_done(WATCH, on=today):
        return
    key = f"digest/{today.isoformat()}"
    roles = {role for _step, waiting in WAITS_FOR.values() for role in waiting}
    told = Notice.objects.filter(key=key).values("officer")
    workers = Officer.objects.filter(is_active=True, pk__in=Duty.objects.filter(role__in=roles).values("officer"))
    named = Officer.objects.filter(is_active=True, opinions_in_hand__isnull=False)
    for officer in (workers | named).exclude(pk__in=told).distinct().select_related("unit").order_by("pk"):
        counts = selectors.count_waiting_for(officer, now=now)
        if counts.many:
            facts: dict[str, Any] = counts.as_parameters()
            notify([officer], key=key, kind="digest", parameters=facts, link=reverse("opinions:inbox"), now=now)
    note_digest(WATCH, on=today)
