"""A dispute that is not resolved has a named officer and a date, and the past stays as it was."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.casework.makers import dispute
from tests.world import World
from zoufang.audit.models import AuditRecord
from zoufang.casework import selectors, services
from zoufang.casework.models import Dispute
from zoufang.casework.vocabulary import DisputeCategory, DisputeStatus, Step
from zoufang.kernel.clock import local_day
from zoufang.kernel.refusal import Conflict, Invalid, NotAllowed, StaleState, StepNotOpen

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return World()


def test_there_are_twelve_categories() -> None:
    assert [category.value for category in DisputeCategory] == [f"DS{n:02d}" for n in range(1, 13)]


def test_a_dispute_walks_from_screening_to_resolution(world: World) -> None:
    found = dispute(world)
    assert (found.status, found.no) == (DisputeStatus.FOUND, f"JF2026{found.pk:06d}")
    assert found.due_on == local_day(found.found_at) + timedelta(days=30)
    services.assign_dispute(found, responsible=world.officer, by=world.clerk, now=world.later())
    assert Dispute.objects.get().status == DisputeStatus.IN_HAND
    services.resolve_dispute(found, result="双方签订调解协议。", by=world.clerk, now=world.later())
    assert Dispute.objects.get().status == DisputeStatus.RESOLVED
    assert [event.step for event in found.events.all()] == [Step.RECORD, Step.ASSIGN, Step.RESOLVE]
    assert AuditRecord.objects.filter(object_type="dispute", object_id=found.no).count() == 3


def test_the_named_officer_may_resolve_it_whatever_the_duty(world: World) -> None:
    found = dispute(world)
    with pytest.raises(NotAllowed):
        services.resolve_dispute(found, result="双方签订调解协议。", by=world.officer, now=world.later())
    services.assign_dispute(found, responsible=world.officer, by=world.clerk, now=world.later())
    services.resolve_dispute(found, result="双方签订调解协议。", by=world.officer, now=world.later())
    assert found.resolved_by == world.officer


def test_a_dispute_resolved_unassigned_was_answered_for_by_who_resolved_it(world: World) -> None:
    found = dispute(world)
    services.resolve_dispute(found, result="双方签订调解协议。", by=world.clerk, now=world.later())
    found.refresh_from_db()
    assert found.responsible == world.clerk
    assert found.mediations.get().assigned_at == found.resolved_at


def test_a_resolution_entered_late_is_dated_when_it_was(world: World) -> None:
    found = dispute(world, found_at=world.now - timedelta(days=9))
    services.assign_dispute(found, responsible=world.officer, by=world.clerk, now=world.later())
    then = world.now - timedelta(days=2)
    services.resolve_dispute(found, result="双方签订调解协议。", resolved_at=then, by=world.clerk, now=world.later())
    mediation = found.mediations.get()
    assert mediation.assigned_at == mediation.resolved_at == then


def test_what_cannot_be_is_refused(world: World) -> None:
    with pytest.raises(Invalid):
        dispute(world, found_at=world.now + timedelta(seconds=1))
    with pytest.raises(Invalid):
        dispute(world, due_on=local_day(world.now) - timedelta(days=2))
    found = dispute(world)
    now = world.later()
    with pytest.raises(Invalid):
        services.assign_dispute(found, responsible=world.other_clerk, by=world.clerk, now=now)
    with pytest.raises(Invalid):
        services.assign_dispute(
            found, responsible=world.officer, due_on=local_day(now) - timedelta(days=9), by=world.clerk, now=now
        )
    for assigned_at in (found.found_at - timedelta(seconds=1), now + timedelta(seconds=1)):
        with pytest.raises(Invalid):
            services.assign_dispute(
                Dispute.objects.get(), responsible=world.officer, assigned_at=assigned_at, by=world.clerk, now=now
            )
    for resolved_at in (found.found_at - timedelta(seconds=1), now + timedelta(seconds=1)):
        with pytest.raises(Invalid):
            services.resolve_dispute(
                Dispute.objects.get(), result="调解协议。", resolved_at=resolved_at, by=world.clerk, now=now
            )
    with pytest.raises(Invalid):
        services.resolve_dispute(Dispute.objects.get(), result=" ", by=world.clerk, now=now)
    assert Dispute.objects.get().status == DisputeStatus.FOUND


def test_only_who_records_for_the_unit_may(world: World) -> None:
    for by in (world.other_clerk, world.officer, world.chief):
        with pytest.raises(NotAllowed):
            dispute(world, by=by)
    found = dispute(world)
    with pytest.raises(NotAllowed):
        services.assign_dispute(found, responsible=world.officer, by=world.other_clerk, now=world.later())
    services.resolve_dispute(found, result="双方签订调解协议。", by=world.clerk, now=world.later())
    with pytest.raises(NotAllowed):
        services.reopen_dispute(found, reason="出现反复", by=world.officer, now=world.later())


def test_a_reopening_keeps_the_resolution_and_the_officer(world: World) -> None:
    found = dispute(world)
    services.assign_dispute(found, responsible=world.officer, by=world.clerk, now=world.later())
    with pytest.raises(StepNotOpen):
        services.reopen_dispute(found, reason="出现反复", by=world.clerk, now=world.later())
    services.resolve_dispute(found, result="双方签订调解协议。", by=world.clerk, now=world.later())
    was = found.resolved_at
    takes: list[Callable[[], None]] = [
        lambda: services.resolve_dispute(found, result="再次", by=world.clerk, now=world.now),
        lambda: services.assign_dispute(found, responsible=world.leader, by=world.clerk, now=world.now),
    ]
    for take in takes:
        with pytest.raises(StepNotOpen):
            take()
    now = world.later(days=40)
    with pytest.raises(Invalid):
        services.reopen_dispute(found, reason="出现反复", due_on=local_day(was), by=world.clerk, now=now)  # type: ignore[arg-type]
    services.reopen_dispute(found, reason="出现反复", by=world.clerk, now=now)
    found.refresh_from_db()
    assert (found.status, found.responsible, found.result) == (DisputeStatus.IN_HAND, world.officer, "")
    assert found.due_on == local_day(now) + timedelta(days=30)
    first, second = found.mediations.all()
    assert (first.resolved_at, first.reopened_at) == (was, now)
    assert (second.opened_at, second.assigned_at, second.resolved_at) == (now, now, None)
    with pytest.raises(Invalid, match="重新调处"):
        services.resolve_dispute(found, result="协议。", resolved_at=was, by=world.clerk, now=world.later())


def test_the_same_row_twice_is_one_dispute_and_another_is_a_conflict(world: World) -> None:
    first = dispute(world, no="D-1")
    assert dispute(world, no="D-1") == first
    with pytest.raises(Conflict):
        dispute(world, no="D-1", place="别处")


def test_who_read_an_older_state_is_told(world: World) -> None:
    found = dispute(world)
    stale = Dispute.objects.select_related("unit").get()
    services.assign_dispute(found, responsible=world.officer, by=world.clerk, now=world.later())
    with pytest.raises(StaleState):
        services.assign_dispute(stale, responsible=world.leader, by=world.leader, now=world.later())
    with pytest.raises(StaleState):
        services.resolve_dispute(stale, result="协议。", by=world.leader, now=world.later())
    assert Dispute.objects.get().responsible == world.officer


def test_disputes_are_seen_within_reach_or_by_who_answers(world: World) -> None:
    found = dispute(world)
    for viewer in (world.officer, world.other_clerk, world.auditor):
        assert not selectors.disputes_seen_by(viewer).exists()
    for viewer in (world.clerk, world.visit_office, world.chief):
        assert list(selectors.disputes_seen_by(viewer)) == [found]
    services.assign_dispute(found, responsible=world.officer, by=world.clerk, now=world.later())
    assert list(selectors.disputes_seen_by(world.officer)) == [found]


def test_unanswered_are_the_unresolved_that_nobody_answers_for_or_that_are_late(world: World) -> None:
    nobodys = dispute(world)
    in_time = dispute(world)
    services.assign_dispute(in_time, responsible=world.officer, by=world.clerk, now=world.later())
    late = dispute(world, due_on=local_day(world.now))
    services.assign_dispute(late, responsible=world.officer, by=world.clerk, now=world.later())
    resolved = dispute(world)
    services.resolve_dispute(resolved, result="协议。", by=world.clerk, now=world.later())
    assert list(selectors.unanswered_disputes(world.clerk, now=world.later(days=1))) == [late, nobodys]


def test_a_row_of_an_old_ledger_is_taken_in_once(world: World) -> None:
    facts: dict[str, Any] = {
        "no": "旧-9",
        "category": "DS06",
        "found_at": world.now - timedelta(days=60),
        "unit": world.station,
        "responsible": world.officer,
        "resolved_at": world.now - timedelta(days=20),
        "result": "双方签订调解协议。",
        "by": world.clerk,
        "now": world.now,
    }
    taken, created = services.take_in_dispute(**facts)
    again, created_again = services.take_in_dispute(**facts)
    assert (created, created_again, again) == (True, False, taken)
    mediation = taken.mediations.get()
    assert (mediation.assigned_at, mediation.resolved_at) == (facts["found_at"], facts["resolved_at"])


def test_the_database_refuses_what_no_dispute_can_be(world: World) -> None:
    found = dispute(world)
    for wrong in (
        {"status": DisputeStatus.IN_HAND},
        {"status": DisputeStatus.RESOLVED},
        {"responsible": world.officer},
        {"result": "没有化解"},
        {"no": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Dispute.objects.filter(pk=found.pk).update(**wrong)
