"""The citizens' API: the contract's three calls, and whatever else somebody may send to them."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from tests.world import World
from zoufang.opinions.models import Opinion, Rating

pytestmark = pytest.mark.django_db

TEXT = "小区东门的路灯坏了两周，晚上走路不放心。"


def post(address: str, body: Any, *, language: str = "zh-CN") -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body)
    client = Client(enforce_csrf_checks=True, headers={"Accept-Language": language})
    return client.post(f"/public/api/{address}", raw, content_type="application/json")


def test_an_opinion_sent_by_a_program_gets_the_whole_receipt(world: World) -> None:
    answer = post("opinions", {"text": TEXT, "unit": world.room.code, "place": "东门", "phone": "13812345678"})

    assert answer.status_code == 201
    receipt = answer.json()
    opinion = Opinion.objects.get()
    assert set(receipt) == {"no", "code", "due_at", "unit", "unit_name", "track_url"}
    assert receipt["no"] == opinion.no
    assert receipt["unit"] == world.room.code
    due_at = parse_datetime(receipt["due_at"])
    assert due_at == opinion.due_at
    assert due_at is not None
    assert due_at.utcoffset() is not None
    assert receipt["track_url"].startswith("http://testserver/public/track/#")
    assert opinion.kind == "OPINION"
    assert opinion.askers.get().phone_sealed
    assert answer.headers["Cache-Control"] == "no-store"
    assert not answer.cookies


def test_the_text_alone_is_enough(world: World) -> None:
    answer = post("opinions", {"text": TEXT})

    assert answer.status_code == 201
    assert Opinion.objects.get().heard_by == world.unit("走访办")


def test_the_same_uid_and_body_again_gets_the_same_answer(world: World) -> None:
    sent = {"text": TEXT, "uid": str(uuid4()), "kind": "HELP"}

    first, second = post("opinions", sent), post("opinions", sent)

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert Opinion.objects.count() == 1


def test_the_same_uid_with_another_body_is_a_conflict(world: World) -> None:
    sent = {"text": TEXT, "uid": str(uuid4())}
    post("opinions", sent)

    answer = post("opinions", sent | {"text": "另外一件完全不同的事情。"})

    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 409
    assert Opinion.objects.count() == 1


def test_number_and_code_give_the_record(world: World) -> None:
    receipt = post("opinions", {"text": TEXT, "unit": world.room.code}).json()
    world.now = timezone.now()
    world.answered(Opinion.objects.get())

    record = post("track", {"no": receipt["no"], "code": receipt["code"]})

    assert record.status_code == 200
    told = record.json()
    assert told["status"] == "answered"
    assert told["unit"] == world.station.code
    assert told["reply"]["text"].startswith("您反映的路灯问题已修复")
    assert told["may_rate"]
    assert not told["rated"]
    assert told["days_late"] == 0
    assert [set(event) for event in told["events"]] == [{"at", "text"}] * len(told["events"])
    assert world.clerk.name not in record.content.decode()


def test_every_wrong_pair_gets_one_and_the_same_404(world: World) -> None:
    receipt = post("opinions", {"text": TEXT}).json()
    wrong = [
        {"no": receipt["no"], "code": "A" * 28},
        {"no": "YJ2026999999", "code": receipt["code"]},
        {"no": "不存在", "code": "不存在"},
    ]

    answers = [post("track", pair) for pair in wrong]
    answers += [post("ratings", pair | {"solved": True, "satisfaction": 5}) for pair in wrong]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].headers["Content-Type"] == "application/problem+json"


def test_a_rating_is_kept_once(world: World) -> None:
    receipt = post("opinions", {"text": TEXT, "unit": world.room.code}).json()
    pair = {"no": receipt["no"], "code": receipt["code"]}
    early = post("ratings", pair | {"solved": True, "satisfaction": 5})
    world.now = timezone.now()
    world.answered(Opinion.objects.get())

    first = post("ratings", pair | {"solved": False, "satisfaction": 2, "comment": "还有一盏不亮"})
    second = post("ratings", pair | {"solved": True, "satisfaction": 5})

    assert early.status_code == 409
    assert first.status_code == 201
    assert first.json() | {"at": ""} == {
        "no": receipt["no"],
        "solved": False,
        "satisfaction": 2,
        "comment": "还有一盏不亮",
        "at": "",
    }
    assert second.status_code == 409
    assert second.headers["Content-Type"] == "application/problem+json"
    assert Rating.objects.get().satisfaction == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b" ", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b"null", 400),
        (b"[" * 60_000, 400),
        (b'{"text": ' + b"9" * 5000 + b"}", 400),
        (b'{"text": "' + b"x" * 70_000 + b'"}', 413),
        (b'{"text": NaN}', 422),
        ({}, 422),
        ({"text": None}, 422),
        ({"text": 5}, 422),
        ({"text": ["长", "一点"]}, 422),
        ({"text": {"a": 1}}, 422),
        ({"text": True}, 422),
        ({"text": ""}, 422),
        ({"text": "\x00\x00\x00\x00\x00"}, 422),
        ({"text": "字" * 4001}, 422),
        ({"text": "我的电话13812345678"}, 422),
        ({"text": TEXT, "kind": "GOSSIP"}, 422),
        ({"text": TEXT, "kind": "\ud800"}, 422),
        ({"text": TEXT, "unit": "410899999999"}, 422),
        ({"text": TEXT, "unit": "\ud800\x00"}, 201),
        ({"text": TEXT, "unit": 410800570001}, 422),
        ({"text": TEXT, "uid": "7"}, 422),
        ({"text": TEXT, "uid": 7}, 422),
        ({"text": TEXT, "phone": "打我"}, 422),
        ({"text": TEXT, "place": "长" * 81}, 422),
        ({"text": TEXT, "complained_unit": "410800570000"}, 422),
        ({"text": TEXT + "\ud800😀\u202e\x1b[0m\x00"}, 201),
        ({"text": TEXT, "name": "王女士"}, 201),
        ({"text": TEXT, "status": "CLOSED", "recorded_by": 1, "source": "SRC01", "unknown": {}}, 201),
    ],
)
def test_whatever_is_sent_gets_an_answer_and_never_a_crash(world: World, body: Any, status: int) -> None:
    answer = post("opinions", body)

    assert answer.status_code == status, answer.content.decode()
    if status >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        told = answer.json()
        assert told["status"] == status
        assert told["detail"]
        assert not Opinion.objects.exists()
    else:
        opinion = Opinion.objects.get()
        assert (opinion.status, opinion.source, opinion.recorded_by) == ("REGISTERED", "SRC18", None)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"no": 5, "code": 5},
        {"no": None, "code": None},
        {"no": "", "code": ""},
        {"no": "x" * 1000, "code": "y" * 1000},
        {"no": "\x00", "code": "\ud800"},
        {"no": {"$ne": ""}, "code": {"$ne": ""}},
    ],
)
def test_odd_pairs_are_turned_down_politely(world: World, body: Any) -> None:
    for address, more in (("track", {}), ("ratings", {"solved": True, "satisfaction": 5})):
        answer = post(address, body | more)
        assert answer.status_code in (404, 422), answer.content
        assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "odd",
    [
        {"solved": "true"},
        {"solved": 1},
        {"satisfaction": 0},
        {"satisfaction": 6},
        {"satisfaction": 4.5},
        {"satisfaction": True},
        {"satisfaction": "5"},
        {"satisfaction": 10**300},
        {"comment": 5},
        {"comment": "字" * 501},
        {"solved": None},
    ],
)
def test_odd_ratings_are_turned_down_by_field(world: World, odd: dict[str, Any]) -> None:
    answer = post("ratings", {"no": "YJ1", "code": "A" * 28, "solved": True, "satisfaction": 5} | odd)

    assert answer.status_code == 422
    assert set(odd) <= set(answer.json()["errors"])


def test_other_methods_and_other_types_are_named_as_such(world: World) -> None:
    for address in ("opinions", "track", "ratings"):
        for method in ("get", "put", "delete", "patch"):
            answer = getattr(Client(), method)(f"/public/api/{address}")
            assert answer.status_code == 405
            assert answer.headers["Allow"] == "POST"
            assert answer.headers["Content-Type"] == "application/problem+json"
        assert Client().post(f"/public/api/{address}", {"text": TEXT}).status_code == 415


def test_the_message_is_in_the_callers_language(world: World) -> None:
    chinese = post("track", {"no": "YJ1", "code": "A"}).json()["detail"]
    english = post("track", {"no": "YJ1", "code": "A"}, language="en")

    assert chinese == "编号和查询码对不上，请对照回执检查后再试。"
    assert english.headers["Content-Language"] == "en"


def test_guessing_by_program_is_slowed_down(world: World) -> None:
    statuses = [post("track", {"no": "YJ1", "code": "A" * 28}).status_code for _try in range(40)]

    assert statuses[0] == 404
    assert statuses[-1] == 429
    assert post("track", {"no": "YJ1", "code": "A" * 28}).headers["Retry-After"]


def test_the_receipt_of_the_api_opens_the_page(client: Client, world: World) -> None:
    receipt = post("opinions", {"text": TEXT}).json()

    answer = client.post("/public/track/", {"no": receipt["no"], "code": receipt["code"]}, follow=True)

    assert answer.status_code == 200
    assert receipt["track_url"].endswith(f"#{receipt['no']}.{receipt['code'].replace('-', '')}")


def test_a_complaint_by_program_names_no_taker_but_the_desk(world: World) -> None:
    answer = post(
        "opinions",
        {
            "text": "窗口态度恶劣。",
            "kind": "COMPLAINT",
            "unit": world.station.code,
            "complained_unit": world.station.code,
        },
    )

    assert answer.json()["unit"] == world.unit("走访办").code
