"""Which deadlines of an opinion are in force, and who is told of one: read here, written by `services.reminding`."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from zoufang.kernel.clock import local_day
from zoufang.notifications.models import Reminder
from zoufang.notifications.scheme import scheme_on
from zoufang.notifications.services import Pressed
from zoufang.notifications.vocabulary import Case, Deadline, Told
from zoufang.opinions import workflow
from zoufang.opinions.models import Opinion, Referral
from zoufang.opinions.selectors import current_referral, in_conflict
from zoufang.opinions.workflow import Status
from zoufang.organization.models import Officer, Role, Unit
from zoufang.organization.selectors import on_duty, work_calendar

# Nothing of these waits for anybody.
AT_REST = (Status.CLOSED, Status.JOINED)
_OF_OPINIONS = (Deadline.STEP, Deadline.CONTACT, Deadline.FINISH, Deadline.PROMISE)


def to_be_reminded_of(now: datetime) -> Iterator[int]:
    """Yield the primary keys of the opinions of which a deadline has come to a level that is not written yet."""
    scheme, calendar = scheme_on(local_day(now)), work_calendar()
    near = (now - scheme.forget_after, scheme.horizon(now, calendar))
    facts = Reminder.objects.filter(case=Case.OPINION, due_at__range=near)
    known = set(facts.values_list("about", "deadline", "due_at", "level"))
    for pk, no, *moments in _with_deadlines(near):
        for deadline, due_at in zip(_OF_OPINIONS, moments, strict=True):
            # When it was set is looked up for the few that are left.
            reached = scheme.reached(due_at, since=now - scheme.forget_after, now=now, calendar=calendar)
            if any((no, deadline, due_at, rung.level) not in known for rung in reached):
                yield pk
                break


def _with_deadlines(near: tuple[datetime, datetime]) -> Iterator[tuple[Any, ...]]:
    """Yield (pk, no, ends of the step, of the first contact, of the unit's time, of the promise) with one in `near`."""
    standing = {"returned_at": None, "reopened_at": None, "follows": None, "recalled_at": None}
    running = Referral.objects.filter(finished_at=None, **standing)
    unspoken = running.filter(contacted_at=None, signed_at__isnull=False)
    open_step = Opinion.objects.exclude(status__in=AT_REST)
    open_promise = Opinion.objects.exclude(status__in=workflow.SETTLED)
    # Conditions with an index each, instead of one that none serves.
    found = Opinion.objects.filter(
        Q(paused_at=None),
        Q(pk__in=open_step.filter(step_due_at__range=near).values("pk"))
        | Q(pk__in=open_promise.filter(due_at__range=near).values("pk"))
        | Q(pk__in=running.filter(due_at__range=near).values("opinion"))
        | Q(pk__in=unspoken.filter(contact_due_at__range=near).values("opinion")),
    )
    of_this = {"opinion": OuterRef("pk")}
    rows = found.annotate(
        contact_due_at=Subquery(unspoken.filter(**of_this).values("contact_due_at")[:1]),
        finish_due_at=Subquery(running.filter(**of_this).values("due_at")[:1]),
    ).order_by("pk")
    for pk, no, status, step, contact, unit, promise in rows.values_list(
        "pk", "no", "status", "step_due_at", "contact_due_at", "finish_due_at", "due_at"
    ):
        answered = status in workflow.SETTLED
        yield (
            pk,
            no,
            None if status in AT_REST else step,
            None if answered else contact,
            None if answered else unit,
            None if answered else promise,
        )


def deadlines_in_force(opinion: Opinion) -> Iterator[Pressed]:
    """
    Yield the deadlines that somebody must keep now: of the step in hand, of a first word, of the unit, the citizen's.

    While the citizen is waited for the clocks stand still, and there is none.
    """
    if opinion.paused_at is not None:
        return
    unit = unit_in_hand(opinion)
    if opinion.step_due_at is not None and opinion.status not in AT_REST:
        taken = opinion.events.exclude(step__in=workflow.BY_CLOCK).order_by("-at", "-pk").first()
        yield Pressed(Deadline.STEP, opinion.step_due_at, taken.at if taken else opinion.recorded_at, unit)
    if opinion.status in workflow.SETTLED:
        return
    referral = current_referral(opinion)
    if referral is not None and referral.finished_at is None:
        # Before it is signed for, signing is what the unit is pressed about.
        if referral.signed_at and referral.contact_due_at and referral.contacted_at is None:
            yield Pressed(Deadline.CONTACT, referral.contact_due_at, referral.referred_at, referral.unit)
        yield Pressed(Deadline.FINISH, referral.due_at, referral.referred_at, referral.unit)
    yield Pressed(Deadline.PROMISE, opinion.due_at, opinion.recorded_at, unit)


def unit_in_hand(opinion: Opinion) -> Unit:
    """Return the unit whose turn it is: the one that must answer, or before there is one the one that heard it."""
    return opinion.responsible_unit or opinion.heard_by


def told_of(opinion: Opinion, unit: Unit, told: Told) -> Collection[Officer]:
    """
    Return who is meant by `told` at `unit`: those nearest to it whom the opinion does not concern.

    Where it concerns all of them, as a complaint about a station does, those above are told, at last the visit office.
    """
    if told is not Told.DOER:
        return _nearest(opinion, unit, Role(told.value))
    if opinion.asked_again_at is not None:
        return _nearest(opinion, unit, Role.LEADER)
    step, roles = workflow.WAITS_FOR[Status(opinion.status)]
    doers = _nearest(opinion, unit, *roles)
    named = opinion.responsible
    if named and named.is_active and step in workflow.BY_RESPONSIBLE_OFFICER and not in_conflict(opinion, named):
        doers.append(named)
    return doers


def _nearest(opinion: Opinion, unit: Unit, *roles: Role) -> list[Officer]:
    for wanted in (roles, (Role.VISIT_OFFICE,)):
        for officers in on_duty(unit, wanted):
            if free := [officer for officer in officers if not in_conflict(opinion, officer)]:
                return free
    return []
