"""A visit is recorded once, whatever is sent how often, and voided with a reason."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from tests.world import World
from zoufang.audit.models import AuditRecord
from zoufang.kernel.refusal import Conflict, Invalid, NotAllowed, StaleState
from zoufang.opinions.models import Opinion
from zoufang.opinions.vocabulary import Kind, Source
from zoufang.organization.models import Role
from zoufang.visits import selectors
from zoufang.visits.models import Visit
from zoufang.visits.services import HeardOpinion, SomebodyElses, record_visit, void_visit
from zoufang.visits.vocabulary import EventKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return World()


def body(world: World, **facts: Any) -> dict[str, Any]:
    return {
        "uid": uuid4(),
        "unit": world.room,
        "visited_at": world.now - timedelta(hours=2),
        "mode": "F1",
        "object_category": "RES",
        "headcount": 3,
        "theme": "T2",
        "place": "丽景小区",
        "summary": "了解小区夜间治安情况。",
        "officers": [world.officer],
        "by": world.officer,
        "now": world.now,
    } | facts


def heard(world: World, **facts: Any) -> HeardOpinion:
    said: dict[str, Any] = {"kind": Kind.OPINION, "topic": world.topic(), "content": "东门路灯坏了两周。"}
    return HeardOpinion(**(said | facts))


def test_a_visit_is_recorded_with_its_opinions_event_and_audit(world: World) -> None:
    visit, created = record_visit(**body(world, opinions=[heard(world), heard(world, content="希望增加夜巡。")]))

    assert created
    assert list(visit.officers.all()) == [world.officer]
    assert visit.opinion_count == visit.opinions.count() == 2
    assert Visit.objects.get(pk=visit.pk).mode_group == "F"
    opinion = visit.opinions.order_by("pk")[0]
    assert (opinion.heard_by, opinion.heard_at, opinion.source) == (world.room, visit.visited_at, Source.VISIT)
    assert opinion.object_category == "RES"
    assert [event.kind for event in visit.events.all()] == [EventKind.RECORDED]
    assert AuditRecord.objects.filter(action="record", object_type="visit", object_id=str(visit.uid)).count() == 1


def test_a_hazard_heard_at_a_visit_has_minutes_and_visits_of_before_come_again_as_the_same(world: World) -> None:
    visit, _ = record_visit(
        **body(world, opinions=[heard(world), heard(world, content="楼道煤气味很重。", urgent=True)])
    )

    usual, hazard = visit.opinions.order_by("pk")
    assert (usual.urgent, hazard.urgent) == (False, True)
    assert hazard.due_at - visit.recorded_at < timedelta(days=2) < usual.due_at - visit.recorded_at
    assert "urgent" not in heard(world).body


def test_the_contact_decides_the_source_of_what_was_heard(world: World) -> None:
    sources = {}
    for category in ("JF", "ENT", "NPC", "RES"):
        visit, _ = record_visit(**body(world, object_category=category, opinions=[heard(world)]))
        sources[category] = visit.opinions.get().source
    assert sources == {
        "JF": Source.PROSECUTION_COURT,
        "ENT": Source.ENTERPRISE,
        "NPC": Source.DEPUTIES,
        "RES": Source.VISIT,
    }
    visit, _ = record_visit(**body(world, mode="F8", opinions=[heard(world)]))
    assert visit.opinions.get().source == Source.EVALUATION_EVENT


def test_a_resend_changes_nothing_and_answers_with_the_first_record(world: World) -> None:
    sent = body(world, opinions=[heard(world)])
    first, _ = record_visit(**sent)
    again, created = record_visit(**(sent | {"now": world.later(hours=5)}))

    assert not created
    assert again == first
    assert (Visit.objects.count(), Opinion.objects.count()) == (1, 1)
    assert AuditRecord.objects.filter(object_type="visit").count() == 1
    assert Visit.objects.get().recorded_at == first.recorded_at


@pytest.mark.parametrize(
    "change",
    [
        {"headcount": 4},
        {"summary": "另一段内容。"},
        {"mode": "F3"},
        {"place": ""},
        {"question": "夜间噪声"},
        {"opinions": []},
    ],
)
def test_the_same_uid_with_another_body_is_a_conflict(world: World, change: dict[str, Any]) -> None:
    sent = body(world, opinions=[heard(world)])
    first, _ = record_visit(**sent)
    with pytest.raises(Conflict):
        record_visit(**(sent | change))
    assert Visit.objects.get().body_hash == first.body_hash
    assert Opinion.objects.count() == 1


def test_another_officers_as_an_opinions_details_are_part_of_the_body(world: World) -> None:
    colleague = world.make_officer("colleague", world.room, Role.OFFICER)
    sent = body(world, opinions=[heard(world)])
    record_visit(**sent)
    for change in ({"officers": [colleague]}, {"opinions": [heard(world, kind=Kind.SUGGESTION)]}):
        with pytest.raises(Conflict):
            record_visit(**(sent | change))


def test_somebody_elses_uid_is_not_found(world: World) -> None:
    sent = body(world)
    record_visit(**sent)
    with pytest.raises(SomebodyElses) as refused:
        record_visit(**(sent | {"by": world.clerk}))
    assert refused.value.status == 404
    assert Visit.objects.count() == 1


def test_a_resend_is_answered_even_after_the_sender_has_moved(world: World) -> None:
    sent = body(world)
    first, _ = record_visit(**sent)
    world.officer.duties.all().delete()
    del world.officer.duties_held
    assert record_visit(**sent) == (first, False)


def test_nobody_records_for_a_unit_out_of_reach(world: World) -> None:
    with pytest.raises(NotAllowed):
        record_visit(**body(world, unit=world.other_station))
    with pytest.raises(NotAllowed):
        record_visit(**body(world, by=world.chief))
    assert not Visit.objects.exists()


def test_a_visit_cannot_lie_in_the_future_beyond_a_clocks_error(world: World) -> None:
    record_visit(**body(world, visited_at=world.now + timedelta(minutes=4), opinions=[heard(world)]))
    with pytest.raises(Invalid):
        record_visit(**body(world, visited_at=world.now + timedelta(minutes=6)))


def test_somebody_of_the_unit_was_there(world: World) -> None:
    for officers in ([], [world.other_clerk]):
        with pytest.raises(Invalid):
            record_visit(**body(world, officers=officers))
    record_visit(**body(world, officers=[world.officer, world.leader]))


def test_nothing_is_kept_when_an_opinion_is_refused(world: World) -> None:
    bad = heard(world, kind="NO_SUCH_KIND")
    with pytest.raises(Invalid):
        record_visit(**body(world, opinions=[heard(world), bad]))
    assert not Visit.objects.exists()
    assert not Opinion.objects.exists()
    assert not AuditRecord.objects.filter(object_type__in=["visit", "opinion"]).exists()


def test_a_voided_visit_keeps_its_reason_and_its_opinions(world: World) -> None:
    visit, _ = record_visit(**body(world, opinions=[heard(world)]))
    void_visit(visit, reason="重复录入", by=world.clerk, now=world.later())

    kept = Visit.objects.get()
    assert (kept.void_reason, kept.voided_by) == ("重复录入", world.clerk)
    assert not Visit.objects.standing().exists()
    assert Opinion.objects.get().status == "REGISTERED"
    assert [event.kind for event in visit.events.all()] == [EventKind.RECORDED, EventKind.VOIDED]
    assert AuditRecord.objects.filter(action="void", object_id=str(visit.uid)).count() == 1


def test_a_visit_is_voided_once_with_a_reason_by_whom_may(world: World) -> None:
    visit, _ = record_visit(**body(world))
    with pytest.raises(NotAllowed):
        void_visit(visit, reason="不想要了", by=world.officer, now=world.later())
    with pytest.raises(NotAllowed):
        void_visit(visit, reason="不想要了", by=world.other_clerk, now=world.later())
    with pytest.raises(Invalid):
        void_visit(visit, reason="  ", by=world.clerk, now=world.later())
    stale = Visit.objects.get()
    void_visit(visit, reason="重复录入", by=world.clerk, now=world.later())
    with pytest.raises(StaleState):
        void_visit(stale, reason="又一次", by=world.clerk, now=world.later())
    assert Visit.objects.get().void_reason == "重复录入"


@pytest.mark.parametrize(
    "wrong",
    [
        {"headcount": 0},
        {"void_reason": "没有时间和人"},
        {"recorded_at": None},
    ],
)
def test_the_database_refuses_what_no_visit_can_be(world: World, wrong: dict[str, Any]) -> None:
    visit, _ = record_visit(**body(world))
    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(visited_at=visit.recorded_at + timedelta(minutes=6))


def test_visits_are_seen_within_reach_only(world: World) -> None:
    visit, _ = record_visit(**body(world))
    for viewer in (world.officer, world.clerk, world.leader, world.visit_office, world.inspector, world.chief):
        assert list(selectors.visits_seen_by(viewer)) == [visit]
    evaluator = world.make_officer("evaluator", world.bureau, Role.EVALUATOR)
    for viewer in (world.other_clerk, world.other_leader, world.auditor, evaluator):
        assert not selectors.visits_seen_by(viewer).exists()


def test_a_complaint_leaves_no_trace_on_the_visit_for_whom_it_is_about(world: World) -> None:
    complaint = heard(world, kind=Kind.COMPLAINT, complained_officer=world.leader)
    record_visit(**body(world, by=world.visit_office, officers=[world.officer], opinions=[complaint, heard(world)]))
    for viewer, seen in ((world.visit_office, 2), (world.leader, 1)):
        visit = selectors.visits_listed_for(viewer).get()
        assert len(visit.opinions_seen) == seen  # type: ignore[attr-defined]


def test_the_next_visit_is_proposed_like_the_last(world: World) -> None:
    assert selectors.last_visit_of(world.officer) is None
    record_visit(**body(world))
    later, _ = record_visit(**body(world, mode="F3", now=world.later()))
    assert selectors.last_visit_of(world.officer) == later


def test_opinions_of_a_visit_bear_identifiers_made_of_its_own(world: World) -> None:
    uid = UUID("6f1f4c1e-6f0f-4a39-9b6f-0d1c2b3a4f5e")
    visit, _ = record_visit(**body(world, uid=uid, opinions=[heard(world), heard(world)]))
    uids = set(visit.opinions.values_list("uid", flat=True))
    assert len(uids) == 2
    assert None not in uids
