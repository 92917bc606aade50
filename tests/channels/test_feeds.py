"""Feeds: shuffled, tripled and with poison among them they leave the same rows, by webhook and from a file."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tests.channels.sms import send
from tests.world import World
from zoufang.channels.models import Delivery
from zoufang.channels.vocabulary import State
from zoufang.opinions import services
from zoufang.opinions.models import Asker, Opinion
from zoufang.opinions.vocabulary import TellBy
from zoufang.privacy.sealing import unseal
from zoufang.site.importing.kinds import IMPORTERS
from zoufang.site.importing.run import Fault, Report, run_import

KEY = "feed-key-" * 5
DAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _keys(settings: Settings) -> None:
    settings.GATEWAY_KEYS = {"microblog": KEY, "messages": KEY + "2", "evaluation-sms": KEY + "3"}


def post(n: int, **facts: Any) -> dict[str, Any]:
    at = (DAY + timedelta(minutes=n)).isoformat()
    item = {"id": f"wb-{n}", "at": at, "sender": f"s{n}", "text": f"第{n}路公交站牌被撞歪了，请扶正。"}
    return item | {"unit": "410800570000"} | facts


def feed(client: Client, *items: Any, name: str = "microblog", key: str = KEY) -> list[dict[str, Any]]:
    answer = send(client, {"items": list(items)}, path=f"/gateway/v1/feed/{name}", key=key)
    assert answer.status_code == 200, answer.content
    answered: list[dict[str, Any]] = answer.json()["items"]
    return answered


def left() -> set[tuple[str, str, datetime]]:
    return set(Opinion.objects.values_list("content", "heard_by__code", "heard_at"))


def test_each_item_is_answered(world: World, client: Client) -> None:
    answers = {one["id"]: one for one in feed(client, post(1), post(2, text="短"), post(3, unit="9"), {"text": 7})}

    assert answers["wb-1"]["state"] == "TAKEN"
    assert answers["wb-1"]["no"] == Opinion.objects.get().no
    assert answers["wb-2"]["state"] == answers["wb-3"]["state"] == "IN_TRAY"
    assert len(answers) == 4
    assert Opinion.objects.get().source == "SRC04"
    assert Opinion.objects.get().heard_by == world.station


def test_what_was_posted_is_answered_under_the_post(world: World, client: Client) -> None:
    where = "https://weibo.example/1776448504/N8x"
    feed(client, post(1, link=where), post(2, link="javascript:alert(1)"), post(3, link=where, text="短"))

    posted = Asker.objects.get(opinion__content__startswith="第1路")
    assert posted.tell_by == TellBy.POST
    assert unseal(bytes(posted.address_sealed)) == where
    assert Asker.objects.get(opinion__content__startswith="第2路").tell_by == TellBy.PAGE

    world.now = timezone.now()
    opinion = world.approved(posted.opinion)
    clerk = Client()
    clerk.force_login(world.clerk, backend="django.contrib.auth.backends.ModelBackend")
    page = clerk.get(f"/opinions/{opinion.no}/feedback/").content.decode()
    assert "原帖下回复 1 人" in page
    assert where not in page
    assert where in clerk.post(f"/opinions/{opinion.no}/contact/", {"reason": "到原帖下回复"}).content.decode()
    services.give_feedback(opinion, told_by="PAGE", by=world.clerk, now=world.later())
    assert "请到原帖下回复" in clerk.get(f"/opinions/{opinion.no}/").content.decode()

    # Of what waits in the tray, the link is not shown, and is there once it is taken.
    waiting = Delivery.objects.get(state=State.IN_TRAY)
    office = Client()
    office.force_login(world.visit_office, backend="django.contrib.auth.backends.ModelBackend")
    assert f'value="{where}"' not in office.post(f"/deliveries/{waiting.pk}/open/").content.decode()
    right = {"kind": "OPINION", "content": "第3路公交站牌也歪了。", "source": "SRC04", "said_at": "2026-03-02T08:00"}
    assert office.post(f"/deliveries/{waiting.pk}/take/", right).status_code == 302
    assert Asker.objects.get(opinion__content__startswith="第3路").tell_by == TellBy.POST


def test_a_feed_in_any_order_and_thrice_leaves_the_same(world: World, client: Client) -> None:
    items: list[Any] = [post(n) for n in range(100)]
    # The same said again within a day, under another id; and one that nobody can read.
    items += [post(n, id=f"again-{n}", at=(DAY + timedelta(hours=5)).isoformat()) for n in range(0, 100, 7)]
    items[50] = {"id": "wb-50", "at": "2026-03-02T09:30:00+08:00", "text": {"poison": [1]}}
    dice = random.Random(3)
    for _ in range(3):
        dice.shuffle(items)
        for start in range(0, len(items), 60):
            feed(client, *items[start : start + 60])

    assert len({content for content, _unit, _at in left()}) == Opinion.objects.count() == 99
    assert Delivery.objects.filter(state=State.DUPLICATE).count() == 15
    assert Delivery.objects.filter(state=State.IN_TRAY).count() == 1
    assert set(Delivery.objects.values_list("times", flat=True)) == {3}


@pytest.mark.slow
def test_one_in_a_thousand_is_poison(world: World, client: Client) -> None:
    items: list[Any] = [post(n) for n in range(1000)]
    items[613] = post(613, text="\x00\x01" * 10, at="2026-13-45")
    for start in (500, 0):
        feed(client, *items[start : start + 500])

    assert Opinion.objects.count() == 999
    assert [one.provider_id for one in Delivery.objects.filter(state=State.IN_TRAY)] == ["wb-613"]


def test_points_without_words_are_counted_for_the_unit(world: World, client: Client) -> None:
    name, key = "evaluation-sms", KEY + "3"
    feed(client, post(1, text="", rating=5), post(2, text="态度不好，等了很久。", rating=2), name=name, key=key)

    assert Opinion.objects.get().source == "SRC03"
    rated = Delivery.objects.exclude(rating=None).order_by("rating")
    assert [(one.rating, one.rated_unit, one.state) for one in rated] == [
        (2, world.station, State.TAKEN),
        (5, world.station, State.TAKEN),
    ]


def test_a_batch_that_is_none_waits_as_a_whole(world: World, client: Client) -> None:
    for body in (b"\xff\xfe", b"[1,2]", b'{"items": 5}'):
        answer = send(client, body, path="/gateway/v1/feed/microblog", key=KEY)
        assert [one["state"] for one in answer.json()["items"]] == ["IN_TRAY"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/gateway/v1/feed/messages", 401),
        ("/gateway/v1/feed/other", 404),
    ],
)
def test_each_feed_has_a_key_of_its_own(world: World, client: Client, path: str, status: int) -> None:
    assert send(client, {"items": []}, path=path, key=KEY).status_code == status


def test_a_batch_that_is_too_long_is_turned_away(world: World, client: Client) -> None:
    assert send(client, {"items": [{}] * 501}, path="/gateway/v1/feed/microblog", key=KEY).status_code == 413
    assert send(client, b" " * (3 * 1024 * 1024), path="/gateway/v1/feed/microblog", key=KEY).status_code == 413


def brought(world: World, tmp_path: Path, kind: str, *lines: str, by: Any = None) -> tuple[Report, list[Fault]]:
    faults: list[Fault] = []
    file = tmp_path / f"{kind}.csv"
    file.write_text("\n".join(lines))
    report = run_import(IMPORTERS[kind], file, by=by or world.visit_office, now=timezone.now(), tell=faults.append)
    return report, faults


FEED = (
    "渠道,编号,时间,昵称散列,目标单位代码,内容,评分",
    "microblog,wb-2,2026-03-02 11:00,a1,410800570000,路口红绿灯时间太短，老人过不去,",
    "microblog,wb-1,2026-03-02 09:00,a1,410800570000,路口红绿灯时间太短，老人过不去。,",
    "microblog,wb-3,2026-03-02 09:00,a2,410800570000,短,",
    "evaluation-sms,d-1,2026-03-02 10:00,b1,410800570000,,5",
)


def test_a_file_is_taken_in_once_in_the_order_of_its_times(world: World, tmp_path: Path) -> None:
    report, faults = brought(world, tmp_path, "feed", *FEED)

    assert (report.created, report.rejected) == (3, 1)
    assert "待处理来件" in faults[0].message
    assert Opinion.objects.get().heard_at.hour == 1
    head, *rows = FEED
    again, _faults = brought(world, tmp_path, "feed", head, *reversed(rows))
    assert (again.created, again.unchanged, again.rejected) == (0, 3, 1)
    assert Delivery.objects.count() == 4


def test_a_clerk_may_not_bring_a_feed(world: World, tmp_path: Path) -> None:
    report, _faults = brought(world, tmp_path, "feed", *FEED, by=world.clerk)

    assert report.rejected == 4
    assert not Delivery.objects.exists()


def test_the_signature_is_over_the_very_bytes(world: World, client: Client) -> None:
    body = json.dumps({"items": [post(1)]}).encode()
    from zoufang.channels import signing

    headers = signing.headers(KEY, body, at=timezone.now().timestamp())
    answer = client.generic(
        "POST", "/gateway/v1/feed/microblog", body + b" ", content_type="application/json", headers=headers
    )
    assert answer.status_code == 401
