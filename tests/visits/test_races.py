"""Many phones at once: one visit, whatever happens."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from tests.world import World
from zoufang.audit.models import AuditRecord
from zoufang.kernel.refusal import Conflict, Refusal, StaleState
from zoufang.opinions.models import Opinion
from zoufang.opinions.vocabulary import Kind
from zoufang.visits.models import Visit
from zoufang.visits.services import HeardOpinion, record_visit, void_visit

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS = 8


def at_once(work: Callable[[int], Any], clients: int = CLIENTS) -> list[Any]:
    """Run `work` in threads that start together; return what each returned or raised."""
    barrier = threading.Barrier(clients)
    answers: list[Any] = [None] * clients

    def run(number: int) -> None:
        try:
            barrier.wait(timeout=20)
            answers[number] = work(number)
        except Refusal as refusal:
            answers[number] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def sent(world: World, **facts: Any) -> dict[str, Any]:
    opinion = HeardOpinion(kind=Kind.OPINION, topic=world.topic(), content="东门路灯坏了两周。")
    return {
        "uid": uuid4(),
        "unit": world.room,
        "visited_at": world.now - timedelta(hours=1),
        "mode": "F1",
        "object_category": "RES",
        "headcount": 1,
        "theme": "T2",
        "officers": [world.officer],
        "opinions": [opinion],
        "by": world.officer,
        "now": world.now,
    } | facts


def the_same(body: dict[str, Any]) -> Callable[[int], Any]:
    return lambda _number: record_visit(**body)


def test_the_same_visit_sent_at_once_is_recorded_once() -> None:
    world = World()
    for _round in range(5):
        answers = at_once(the_same(sent(world)))
        assert sorted(created for _visit, created in answers) == [False] * (CLIENTS - 1) + [True]
        assert len({visit.pk for visit, _created in answers}) == 1
    assert (Visit.objects.count(), Opinion.objects.count()) == (5, 5)
    assert AuditRecord.objects.filter(object_type="visit", action="record").count() == 5


def test_of_different_bodies_under_one_uid_one_is_kept_and_the_others_told() -> None:
    world = World()
    body = sent(world)
    answers = at_once(lambda number: record_visit(**(body | {"headcount": number + 1})))
    kept = [answer for answer in answers if isinstance(answer, tuple)]
    assert len(kept) == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == CLIENTS - 1
    assert Visit.objects.get() == kept[0][0]


def test_different_visits_at_once_are_all_recorded() -> None:
    world = World()
    bodies = [sent(world) for _client in range(CLIENTS)]
    answers = at_once(lambda number: record_visit(**bodies[number]))
    assert all(created for _visit, created in answers)
    assert Visit.objects.count() == Opinion.objects.count() == CLIENTS
    assert len(set(Opinion.objects.values_list("no", flat=True))) == CLIENTS


def test_a_visit_voided_by_many_at_once_is_voided_once() -> None:
    world = World()
    visit, _ = record_visit(**sent(world))
    clerk = world.clerk
    copies = [Visit.objects.select_related("unit").get() for _client in range(CLIENTS)]
    answers = at_once(lambda number: void_visit(copies[number], reason=f"原因{number}", by=clerk, now=world.now))
    assert sum(answer is None for answer in answers) == 1
    assert sum(isinstance(answer, StaleState) for answer in answers) == CLIENTS - 1
    assert visit.events.filter(kind="VOIDED").count() == 1
    assert AuditRecord.objects.filter(object_type="visit", action="void").count() == 1
