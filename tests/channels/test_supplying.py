"""A citizen adds what was asked for, by page or by program; the clocks run on by that."""

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World
from zoufang.channels.rules import grouped
from zoufang.opinions import services
from zoufang.opinions.models import Opinion

pytestmark = pytest.mark.django_db

CODE = "0123456789ABCDEFGHJKMNPQRSTV"


@pytest.fixture
def paused() -> Opinion:
    world = World(timezone.now())
    opinion = world.in_hand()
    services.keep_asker(opinion, code=CODE, now=world.now)
    services.pause_opinion(opinion, reason="FACTS", asked="请补充是哪几盏灯。", by=world.clerk, now=timezone.now())
    return opinion


def post(address: str, **body: Any) -> Any:
    return Client().post(address, json.dumps(body), content_type="application/json")


def test_a_program_reads_what_is_asked_and_answers_once(paused: Opinion) -> None:
    pair = {"no": paused.no, "code": grouped(CODE)}
    assert post("/public/api/track", **pair).json()["asked"] == "请补充是哪几盏灯。"
    assert post("/public/api/supplements", **pair).status_code == 422
    assert post("/public/api/supplements", **(pair | {"code": "X" * 28}), text="第一到第三盏").status_code == 404

    assert post("/public/api/supplements", **pair, text="第一到第三盏").status_code == 201

    paused.refresh_from_db()
    assert (paused.paused_at, paused.referrals.get().pauses.get().answer) == (None, "第一到第三盏")
    assert post("/public/api/track", **pair).json()["asked"] is None
    assert post("/public/api/supplements", **pair, text="再补一句").status_code == 409


def test_what_was_typed_too_late_is_not_lost(paused: Opinion) -> None:
    client = Client()
    client.post("/public/track/", {"no": paused.no, "code": grouped(CODE)})
    assert "请补充是哪几盏灯。" in client.get("/public/case/").content.decode()
    services.end_pauses(now=paused.referrals.get().pauses.get().until)

    answer = client.post("/public/case/supply/", {"text": "东侧第一到第三盏。"})

    assert answer.status_code == 409
    assert "东侧第一到第三盏。" in answer.content.decode()
