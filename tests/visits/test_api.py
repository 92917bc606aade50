"""The doors for programs: sent once, answered the same, paged, and wrong in words."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World
from zoufang.organization.models import Officer
from zoufang.visits.models import Visit

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.visits.api_urls")]

VISITS = "/api/v1/visits"


@pytest.fixture
def world(db: None) -> World:
    return World(timezone.now().replace(microsecond=0))


def door(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def visit(world: World, **facts: Any) -> dict[str, Any]:
    return {
        "uid": str(uuid4()),
        "visited_at": (world.now - timedelta(hours=1)).isoformat(),
        "mode": "F1",
        "object_category": "RES",
        "theme": "T2",
        "headcount": 2,
        "summary": "了解夜间治安。",
        "opinions": [{"topic": "A6", "content": "东门路灯坏了两周。"}],
    } | facts


def send(client: Client, body: Any) -> Any:
    return client.post(VISITS, body, content_type="application/json")


def test_a_visit_is_created_then_answered_the_same_then_a_conflict(world: World) -> None:
    client, body = door(world.officer), visit(world)
    first, again = send(client, body), send(client, body)
    other = send(client, body | {"headcount": 9})

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first.json() == again.json()
    answer = first.json()
    assert (answer["unit"], answer["officers"], answer["recorded_by"]) == (world.room.code, ["officer"], "officer")
    assert len(answer["opinions"]) == 1
    assert other["Content-Type"] == "application/problem+json"
    assert other.json()["status"] == 409
    assert Visit.objects.count() == 1


def test_an_uid_of_somebody_else_is_not_found(world: World) -> None:
    body = visit(world)
    send(door(world.officer), body)
    answer = send(door(world.other_clerk), body)
    assert answer.status_code == 404
    assert world.officer.name not in answer.content.decode()


def test_what_is_wrong_is_told_by_field(world: World) -> None:
    wrong = visit(
        world,
        mode="X1",
        headcount=0,
        opinions=[{"topic": "A6", "content": "东门路灯坏了两周。"}, {"topic": "Z9", "content": "打 13812345678"}],
    )
    answer = send(door(world.officer), wrong)
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert set(answer.json()["errors"]) == {"mode", "headcount", "opinions.1.topic", "opinions.1.content"}
    assert not Visit.objects.exists()


def test_more_than_twenty_opinions_are_refused(world: World) -> None:
    opinions = [{"topic": "A6", "content": "东门路灯坏了两周。"}] * 21
    answer = send(door(world.officer), visit(world, opinions=opinions))
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["opinions"])


@pytest.mark.parametrize(
    "facts",
    [
        {"uid": "x"},
        {"uid": None},
        {"visited_at": "2026-03-01T10:00:00"},
        {"visited_at": 10**30},
        {"headcount": "two"},
        {"headcount": 10**30},
        {"officers": "officer"},
        {"officers": [None]},
        {"opinions": {}},
        {"opinions": [{}]},
        {"summary": ["x"]},
        {"summary": "\x00"},
        {"place": "\ud800"},
        {"unit": {"code": 1}},
    ],
)
def test_a_malformed_body_is_a_422_never_a_500(world: World, facts: dict[str, Any]) -> None:
    answer = send(door(world.officer), visit(world, **facts))
    assert answer.status_code == 422, answer.content
    assert not Visit.objects.exists()


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '"x"', "\xff"])
def test_what_is_no_json_is_refused(world: World, text: str) -> None:
    answer = door(world.officer).post(VISITS, text.encode("latin-1"), content_type="application/json")
    assert answer.status_code in (400, 422)


def test_who_may_not_record_is_told(world: World) -> None:
    answer = send(door(world.chief), visit(world, unit=world.room.code, opinions=[]))
    assert answer.status_code == 403
    assert "走访办" in answer.json()["detail"]


def test_pages_follow_one_another_without_gaps(world: World) -> None:
    client = door(world.officer)
    for minutes in range(5):
        send(
            client, visit(world, visited_at=(world.now - timedelta(hours=1, minutes=minutes)).isoformat(), opinions=[])
        )
    seen: list[str] = []
    cursor: str | None = ""
    pages = 0
    while cursor is not None:
        page = client.get(VISITS, {"limit": "2", "cursor": cursor}).json()
        seen += [one["uid"] for one in page["results"]]
        cursor, pages = page["next"], pages + 1
    assert pages == 3
    assert seen == [str(uid) for uid in Visit.objects.values_list("uid", flat=True)]
    assert client.get(VISITS, {"cursor": "garbage"}).status_code == 422


def test_lists_are_narrowed_and_scoped(world: World) -> None:
    client = door(world.officer)
    send(client, visit(world))
    send(client, visit(world, mode="K1", object_category="NET", theme="T4", summary="电话回访", opinions=[]))

    def found(**asked: Any) -> int:
        answer = client.get(VISITS, asked)
        assert answer.status_code == 200, answer.content
        return len(answer.json()["results"])

    today = world.now.date()
    assert found() == 2
    assert found(mode="K1") == found(object_category="NET") == found(theme="T4") == found(q="回访") == 1
    assert found(mode=["F1", "K1"]) == 2
    assert found(mine="true") == 2
    assert found(unit=world.room.code) == 2
    assert found(unit=world.other_station.code) == 0
    assert (
        found(**{"from": (today - timedelta(days=2)).isoformat(), "to": (today + timedelta(days=1)).isoformat()}) == 2
    )
    assert found(to=(today - timedelta(days=9)).isoformat()) == 0
    assert door(world.other_clerk).get(VISITS).json()["results"] == []
    for wrong in ({"unit": "x"}, {"mode": "Z"}, {"from": "x"}, {"from": "2026-03-02", "to": "2026-03-01"}):
        assert client.get(VISITS, wrong).status_code == 422


def test_voided_visits_are_listed_on_request_only(world: World) -> None:
    from zoufang.visits.services import void_visit

    client = door(world.officer)
    send(client, visit(world))
    void_visit(Visit.objects.get(), reason="重复录入", by=world.clerk, now=timezone.now())
    assert client.get(VISITS).json()["results"] == []
    assert client.get(VISITS, {"voided": "true"}).json()["results"][0]["void_reason"] == "重复录入"
