"""A petition is recorded once, answered for by name, closed with a result, and reopened without rewriting the past."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.casework.makers import closed, in_hand, petition
from tests.world import World
from zoufang.audit.models import AuditRecord
from zoufang.casework import selectors, services
from zoufang.casework.models import PetitionCase
from zoufang.casework.vocabulary import Stage, Step
from zoufang.kernel.refusal import Conflict, Invalid, NotAllowed, StaleState, StepNotOpen
from zoufang.organization.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return World()


def test_a_petition_walks_from_assignment_to_closure(world: World) -> None:
    case = petition(world)
    assert case.no == f"XF2026{case.pk:06d}"
    services.assign_responsible(case, responsible=world.officer, leader=world.leader, by=world.clerk, now=world.later())
    services.close_petition(case, result="已出具处理意见并送达。", by=world.clerk, now=world.later())

    case.refresh_from_db()
    assert (case.responsible, case.leader, case.closed_by) == (world.officer, world.leader, world.clerk)
    assert [event.step for event in case.events.all()] == [Step.RECORD, Step.ASSIGN, Step.CLOSE]
    actions = AuditRecord.objects.filter(object_type="petition", object_id=case.no).order_by("pk")
    assert [record.action for record in actions] == ["record", "assign", "close"]


def test_without_a_date_it_is_due_on_the_sixtieth_day(world: World) -> None:
    case = petition(world)
    assert timedelta(days=60) <= case.due_at - case.assigned_at <= timedelta(days=68)


def test_whoever_asked_is_told_in_writing_within_fifteen_days(world: World) -> None:
    case = in_hand(world)
    assert case.notice_due_at is not None
    assert timedelta(days=15) <= case.notice_due_at - case.assigned_at <= timedelta(days=23)
    with pytest.raises(Invalid):
        services.notify_petitioner(case, note="  ", by=world.clerk, now=world.later())
    for wrong in (case.assigned_at - timedelta(seconds=1), world.later() + timedelta(days=1)):
        with pytest.raises(Invalid):
            services.notify_petitioner(case, note="邮寄送达", notified_at=wrong, by=world.clerk, now=world.later())
    with pytest.raises(NotAllowed):
        services.notify_petitioner(case, note="邮寄送达", by=world.officer, now=world.later())
    stale = PetitionCase.objects.select_related("unit").get()

    services.notify_petitioner(case, note="第 1 号告知书，邮寄送达", by=world.clerk, now=world.later())
    case.refresh_from_db()
    assert case.notified_at == world.now
    assert case.events.latest("pk").note == "第 1 号告知书，邮寄送达"
    with pytest.raises(StaleState):
        services.notify_petitioner(stale, note="再次邮寄", by=world.clerk, now=world.later())
    with pytest.raises(StepNotOpen):
        services.notify_petitioner(case, note="再次邮寄", by=world.clerk, now=world.later())
    with pytest.raises(StepNotOpen):
        services.notify_petitioner(closed(world), note="邮寄送达", by=world.clerk, now=world.later())


def test_the_same_row_twice_is_one_petition_and_another_is_a_conflict(world: World) -> None:
    first = petition(world, no="省交〔2026〕1号")
    assert petition(world, no="省交〔2026〕1号") == first
    for change in ({"subject": "另一事项"}, {"is_backlog": False}, {"due_at": world.now + timedelta(days=3)}):
        with pytest.raises(Conflict):
            petition(world, no="省交〔2026〕1号", **change)
    assert PetitionCase.objects.count() == 1


def test_what_cannot_be_is_refused(world: World) -> None:
    with pytest.raises(Invalid):
        petition(world, assigned_at=world.now + timedelta(seconds=1))
    with pytest.raises(Invalid):
        petition(world, due_at=world.now - timedelta(days=2))
    with pytest.raises(ValueError, match="MARS"):
        petition(world, level="MARS")


def test_only_who_records_for_the_unit_may(world: World) -> None:
    for by in (world.other_clerk, world.officer, world.chief, world.inspector):
        with pytest.raises(NotAllowed):
            petition(world, by=by)
    case = in_hand(world)
    later = world.later()
    for by in (world.other_clerk, world.officer, world.inspector):
        with pytest.raises(NotAllowed):
            services.assign_responsible(case, responsible=world.officer, by=by, now=later)
        with pytest.raises(NotAllowed):
            services.close_petition(case, result="已办结并送达", by=by, now=later)


def test_the_officer_named_works_near_the_unit(world: World) -> None:
    case = petition(world)
    for stranger in (world.other_leader, world.other_clerk):
        with pytest.raises(Invalid):
            services.assign_responsible(case, responsible=stranger, by=world.clerk, now=world.later())
    chief = world.chief
    services.assign_responsible(case, responsible=world.officer, leader=chief, by=world.clerk, now=world.later())


def test_nobody_closes_what_nobody_answers_for(world: World) -> None:
    case = petition(world)
    with pytest.raises(StepNotOpen, match="责任人"):
        services.close_petition(case, result="已办结并送达", by=world.clerk, now=world.later())


def test_a_closure_says_what_and_when_it_can_be(world: World) -> None:
    case = in_hand(world)
    now = world.later()
    with pytest.raises(Invalid):
        services.close_petition(case, result=" ", by=world.clerk, now=now)
    for closed_at in (case.assigned_at - timedelta(seconds=1), now + timedelta(seconds=1)):
        with pytest.raises(Invalid):
            services.close_petition(case, result="已办结并送达", closed_at=closed_at, by=world.clerk, now=now)
    services.close_petition(case, result="已办结并送达", closed_at=case.assigned_at, by=world.clerk, now=now)
    assert PetitionCase.objects.get().closed_at == case.assigned_at


def test_a_reopening_keeps_the_closure_on_record(world: World) -> None:
    case = closed(world)
    was = case.closed_at
    services.reopen_petition(case, reason="新情况需要核实", by=world.leader, now=world.later(days=3))
    assert (case.closed_at, case.result) == (None, "")
    first, second = case.handlings.all()
    assert (first.closed_at, first.reopened_at, first.result) == (was, world.now, "已出具处理意见并送达。")
    assert (second.opened_at, second.closed_at) == (world.now, None)

    with pytest.raises(Invalid, match="重新办理"):
        services.close_petition(
            PetitionCase.objects.get(), result="已办结并送达", closed_at=was, by=world.clerk, now=world.later()
        )
    services.close_petition(PetitionCase.objects.get(), result="再次办结并送达", by=world.clerk, now=world.later())
    assert case.handlings.filter(closed_at=None).count() == 0


def test_steps_are_open_only_where_they_lead(world: World) -> None:
    case = in_hand(world)
    with pytest.raises(StepNotOpen):
        services.reopen_petition(case, reason="新情况需要核实", by=world.clerk, now=world.later())
    services.close_petition(case, result="已办结并送达", by=world.clerk, now=world.later())
    takes: list[Callable[[], None]] = [
        lambda: services.close_petition(case, result="再办结", by=world.clerk, now=world.now),
        lambda: services.assign_responsible(case, responsible=world.officer, by=world.clerk, now=world.now),
        lambda: services.extend_petition(
            case, extended_to=case.due_at + timedelta(days=1), reason="情况复杂", by=world.clerk, now=world.now
        ),
    ]
    for take in takes:
        with pytest.raises(StepNotOpen):
            take()


def test_more_time_is_given_once_in_time_and_not_too_much(world: World) -> None:
    case = in_hand(world)
    thirty = case.due_at + timedelta(days=30)
    for to in (case.due_at, thirty + timedelta(seconds=1)):
        with pytest.raises(Invalid):
            services.extend_petition(case, extended_to=to, reason="情况复杂", by=world.clerk, now=world.later())
    late = petition(world, due_at=world.now - timedelta(hours=1))
    with pytest.raises(StepNotOpen, match="超期"):
        services.extend_petition(late, extended_to=thirty, reason="情况复杂", by=world.clerk, now=world.later())
    promised = case.due_at
    services.extend_petition(case, extended_to=thirty, reason="情况复杂", by=world.clerk, now=world.later())
    assert (case.due_at, case.deadline) == (promised, thirty)
    with pytest.raises(StepNotOpen, match="一次"):
        services.extend_petition(case, extended_to=thirty, reason="情况复杂", by=world.clerk, now=world.later())


def test_the_stages_follow_one_another_to_the_end(world: World) -> None:
    case = closed(world)
    for stage in (Stage.REVIEW, Stage.REEXAMINATION, Stage.ENDED):
        services.advance_petition(case, reason="信访人申请", by=world.clerk, now=world.later())
        assert PetitionCase.objects.get().stage == stage
    with pytest.raises(StepNotOpen):
        services.advance_petition(case, reason="信访人申请", by=world.clerk, now=world.later())
    with pytest.raises(StepNotOpen, match="终结"):
        services.reopen_petition(case, reason="同一事实", by=world.clerk, now=world.later())


def test_who_read_an_older_state_is_told(world: World) -> None:
    case = in_hand(world)
    stale = PetitionCase.objects.select_related("unit").get()
    services.close_petition(case, result="已办结并送达", by=world.clerk, now=world.later())
    with pytest.raises(StaleState):
        services.close_petition(stale, result="别的结果", by=world.leader, now=world.later())
    assert PetitionCase.objects.get().result == "已办结并送达"


def test_petitions_are_seen_within_reach_or_by_who_answers(world: World) -> None:
    case = petition(world)
    for viewer in (world.clerk, world.leader, world.visit_office, world.inspector, world.chief):
        assert list(selectors.petitions_seen_by(viewer)) == [case]
    for viewer in (world.officer, world.other_clerk, world.auditor):
        assert not selectors.petitions_seen_by(viewer).exists()
    services.assign_responsible(case, responsible=world.officer, by=world.clerk, now=world.later())
    assert list(selectors.petitions_seen_by(world.officer)) == [case]


def test_overdue_petitions_are_those_past_their_last_promise(world: World) -> None:
    late = petition(world, due_at=world.now + timedelta(hours=1))
    extended = in_hand(world, due_at=world.now + timedelta(hours=1))
    services.extend_petition(
        extended, extended_to=world.now + timedelta(days=5), reason="情况复杂", by=world.clerk, now=world.later()
    )
    closed(world, due_at=world.now + timedelta(hours=1))
    assert list(selectors.overdue_petitions(world.clerk, now=world.later(days=1))) == [late]


def test_a_row_of_an_old_ledger_is_taken_in_once(world: World) -> None:
    facts: dict[str, Any] = {
        "no": "旧-7",
        "level": "PROVINCE",
        "is_backlog": True,
        "subject": "反映补偿标准",
        "assigned_at": world.now - timedelta(days=90),
        "unit": world.station,
        "leader": world.leader,
        "responsible": world.officer,
        "notified_at": world.now - timedelta(days=80),
        "closed_at": world.now - timedelta(days=10),
        "result": "已出具处理意见并送达。",
        "by": world.clerk,
        "now": world.now,
    }
    case, created = services.take_in_petition(**facts)
    again, created_again = services.take_in_petition(**facts)
    assert (created, created_again, again) == (True, False, case)
    assert case.handlings.get().closed_at == facts["closed_at"]
    assert case.notified_at == facts["notified_at"]
    assert case.events.count() == 4


def test_the_database_refuses_what_no_petition_can_be(world: World) -> None:
    case = in_hand(world)
    for wrong in (
        {"closed_at": world.now},
        {"result": "没有结案"},
        {"due_at": case.assigned_at},
        {"extended_to": case.due_at},
        {"notified_at": case.assigned_at - timedelta(seconds=1)},
        {"no": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            PetitionCase.objects.filter(pk=case.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        case.handlings.create(opened_at=world.now)


def test_a_leader_of_another_rank_may_record_too(world: World) -> None:
    officer = world.make_officer("plain", world.station, Role.OFFICER)
    with pytest.raises(NotAllowed):
        petition(world, by=officer)
    assert petition(world, by=world.leader).recorded_by == world.leader
