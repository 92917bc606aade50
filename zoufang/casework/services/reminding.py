"""The watch over the deadlines of petitions and disputes: see `opinions.services.reminding` for that of opinions."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse

from zoufang.casework.models import Dispute, PetitionCase
from zoufang.casework.vocabulary import DisputeStatus
from zoufang.kernel.clock import local_day
from zoufang.kernel.held import holding
from zoufang.notifications.scheme import scheme_on
from zoufang.notifications.services import Pressed, on_watch, press
from zoufang.notifications.vocabulary import Case, Deadline, Told
from zoufang.organization.models import Officer, Role, Unit
from zoufang.organization.selectors import on_duty, work_calendar

WATCH = "casework"


def keep_watch(*, now: datetime) -> int:
    """Remind of the deadlines of petitions and disputes, if people may be told now; return how many were written."""
    return remind(now=now) if on_watch(WATCH, now=now) else 0


def remind(*, now: datetime) -> int:
    """Write the reminders that are due at `now`, case by case; return how many."""
    with holding():
        petitions, disputes = (list(rows.values_list("pk", flat=True)) for rows in _near(now))
        return sum(_remind_of_petition(pk, now) for pk in petitions) + sum(
            _remind_of_dispute(pk, now) for pk in disputes
        )


def _near(now: datetime) -> tuple[QuerySet[PetitionCase], QuerySet[Dispute]]:
    """Return what is open and ends soon or ended not too long ago."""
    scheme = scheme_on(local_day(now))
    first, last = now - scheme.forget_after, scheme.horizon(now, work_calendar())
    petitions = PetitionCase.objects.filter(closed_at=None).alias(ends_at=Coalesce("extended_to", "due_at"))
    untold = Q(notified_at=None, notice_due_at__range=(first, last))
    disputes = Dispute.objects.exclude(status=DisputeStatus.RESOLVED)
    return petitions.filter(untold | Q(ends_at__range=(first, last))), disputes.filter(
        due_on__range=(local_day(first) - timedelta(days=1), local_day(last))
    )


@transaction.atomic
def _remind_of_petition(pk: int, now: datetime) -> int:
    locked = PetitionCase.objects.select_for_update(skip_locked=True, of=["self"])
    case = locked.select_related("unit", "responsible", "leader").filter(pk=pk, closed_at=None).first()
    if case is None:
        return 0
    pressed = [Pressed(Deadline.SETTLE, case.deadline, case.assigned_at, case.unit)]
    if case.notice_due_at is not None and case.notified_at is None:
        pressed.append(Pressed(Deadline.NOTICE, case.notice_due_at, case.assigned_at, case.unit))
    link, named = reverse("casework:petition", args=[case.pk]), [case.responsible, case.leader]
    return len(press(Case.PETITION, case.no, pressed, link=link, whom=lambda *at: _told_of(*at, named=named), now=now))


@transaction.atomic
def _remind_of_dispute(pk: int, now: datetime) -> int:
    locked = Dispute.objects.select_for_update(skip_locked=True, of=["self"])
    rows = locked.select_related("unit", "responsible").exclude(status=DisputeStatus.RESOLVED)
    dispute = rows.filter(pk=pk).first()
    if dispute is None:
        return 0
    pressed = Pressed(Deadline.SETTLE, dispute.deadline, dispute.found_at, dispute.unit)
    link, named = reverse("casework:dispute", args=[dispute.pk]), [dispute.responsible]
    return len(
        press(Case.DISPUTE, dispute.no, [pressed], link=link, whom=lambda *at: _told_of(*at, named=named), now=now)
    )


def _told_of(unit: Unit, told: Told, *, named: Collection[Officer | None]) -> Collection[Officer]:
    """Return who is meant by `told`: those named for the case, or who holds the duty nearest to its unit."""
    if told is Told.DOER:
        working = [officer for officer in named if officer is not None and officer.is_active]
        return working or next(_nearest(unit, Role.CLERK), [])
    return next(_nearest(unit, Role(told.value)), [])


def _nearest(unit: Unit, role: Role) -> Iterator[list[Officer]]:
    return iter(on_duty(unit, [role]))
