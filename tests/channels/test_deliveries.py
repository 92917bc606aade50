"""What other systems deliver: each item once, none stopping the next, nothing lost, nobody in the clear."""

import json
import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils.timezone import localdate

from tests.world import World
from zoufang.audit.models import AuditRecord
from zoufang.channels.forms import read_item
from zoufang.channels.metrics import RATED, SATISFACTION_RATE
from zoufang.channels.models import Delivery
from zoufang.channels.services import Delivered, Item, Rated, Told, Untaken, forget_deliveries, take_delivery
from zoufang.channels.vocabulary import Channel, State, Why
from zoufang.kernel.period import Period
from zoufang.kernel.refusal import NotAllowed
from zoufang.metrics.engine import tabulate
from zoufang.opinions.models import Asker, Opinion
from zoufang.privacy.sealing import unseal

PHONE = "13812345678"


def item(world: World, **facts: str) -> dict[str, str]:
    """Return an item as a system may deliver it."""
    values = {"kind": "OPINION", "source": "SRC04", "content": "路口的红绿灯时间太短，老人过不去。"}
    return values | {"said_at": world.now.isoformat(), "sender": "a1", "phone": PHONE} | facts


def parse(body: bytes) -> Told:
    try:
        values: Mapping[str, str] = json.loads(body)
    except ValueError:
        raise Untaken(Why.UNREADABLE, "不是 JSON") from None
    if values.get("content") == "poison":
        raise ZeroDivisionError("秘密 13812345678")
    return read_item(values, sender=values["sender"])


def deliver(
    world: World, provider_id: str, values: Mapping[str, str] | bytes, now: datetime | None = None
) -> Delivered:
    body = values if isinstance(values, bytes) else json.dumps(values, ensure_ascii=False).encode()
    return take_delivery(Channel.MICROBLOG, provider_id, body, parse, now=now or world.now)


@pytest.fixture
def office(world: World, client: Client) -> Client:
    client.force_login(world.visit_office, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_an_item_becomes_an_opinion_that_can_be_followed(world: World) -> None:
    taken = deliver(world, "m-1", item(world))

    assert taken.created
    assert taken.delivery.state == State.TAKEN
    assert taken.opinion is not None
    assert taken.opinion.source == "SRC04"
    asker = Asker.objects.get(opinion=taken.opinion)
    assert unseal(bytes(asker.phone_sealed)) == PHONE
    assert len(taken.code) == 28


def test_the_same_again_gets_the_same_answer(world: World) -> None:
    first = deliver(world, "m-1", item(world))
    again = [deliver(world, "m-1", item(world)) for _ in range(3)]

    assert {one.opinion for one in again} == {first.opinion}
    assert {one.code for one in again} == {first.code}
    assert not any(one.created for one in again)
    assert Opinion.objects.count() == 1
    assert Delivery.objects.get().times == 4


def test_another_body_under_the_same_id_waits_for_a_person(world: World) -> None:
    first = deliver(world, "m-1", item(world))
    other = deliver(world, "m-1", item(world, content="完全是另一件事，请看一看。"))
    again = deliver(world, "m-1", item(world, content="完全是另一件事，请看一看。"))

    assert other.delivery.state == State.IN_TRAY
    assert other.delivery.why == Why.CONFLICT
    assert other.delivery.first == first.delivery
    assert again.delivery == other.delivery
    assert Opinion.objects.count() == 1


def test_the_same_words_of_the_same_sender_within_a_day_are_one_opinion(world: World) -> None:
    first = deliver(world, "m-1", item(world))
    later = (world.now - timedelta(hours=5)).isoformat()
    twin = deliver(world, "m-2", item(world, content="路口的红绿灯时间太短,老人过不去!", said_at=later))
    other = deliver(world, "m-3", item(world, sender="b2"))
    days_before = deliver(world, "m-4", item(world, said_at=(world.now - timedelta(hours=30)).isoformat()))

    assert twin.delivery.state == State.DUPLICATE
    assert twin.delivery.first == first.delivery
    assert (twin.opinion, twin.code) == (first.opinion, first.code)
    assert other.delivery.state == days_before.delivery.state == State.TAKEN


def test_one_poisonous_item_stops_none(world: World, caplog: pytest.LogCaptureFixture) -> None:
    states = [deliver(world, f"m-{n}", item(world, content=text)).delivery.state for n, text in enumerate(_TEXTS)]

    assert states == [State.TAKEN, State.IN_TRAY, State.TAKEN]
    assert Delivery.objects.get(state=State.IN_TRAY).why == Why.FAILED
    assert PHONE not in caplog.text
    assert "秘密" not in caplog.text


_TEXTS = ("路灯坏了，请修一修。", "poison", "井盖松动，车一过就响。")


def test_a_feed_shuffled_and_repeated_leaves_the_same_rows(world: World) -> None:
    sent = [(f"m-{n}", item(world, content=f"第{n}路公交站牌被撞歪了。", sender=f"s{n}")) for n in range(40)]
    sent[17] = ("m-17", item(world, content="poison"))
    dice = random.Random(7)
    for _ in range(3):
        dice.shuffle(sent)
        for provider_id, values in sent:
            deliver(world, provider_id, values)

    assert Opinion.objects.count() == 39
    assert Delivery.objects.filter(state=State.TAKEN).count() == 39
    assert set(Delivery.objects.values_list("times", flat=True)) == {3}


def test_the_tray_shows_why_and_takes_what_was_put_right(world: World, office: Client) -> None:
    waiting = deliver(world, "m-1", item(world, content="短")).delivery
    assert waiting.why == Why.INVALID

    listed = office.get("/deliveries/tray/").content.decode()
    assert "内容不符合要求" in listed
    seen = AuditRecord.objects.filter(action="open-delivery").count()
    opened = office.post(f"/deliveries/{waiting.pk}/open/")
    assert AuditRecord.objects.filter(action="open-delivery").count() == seen + 1
    shown = opened.content.decode()
    assert 'value="SRC04" selected' in shown
    assert PHONE not in shown

    right = {"kind": "OPINION", "content": "楼道灯太暗，请换一个。", "source": "SRC04", "said_at": "2026-03-02T08:00"}
    wrong = office.post(f"/deliveries/{waiting.pk}/take/", right | {"content": "短"})
    assert wrong.status_code == 422
    assert office.post(f"/deliveries/{waiting.pk}/take/", right).status_code == 302

    waiting.refresh_from_db()
    assert (waiting.state, waiting.settled_by) == (State.TAKEN, world.visit_office)
    assert waiting.opinion is not None
    assert unseal(bytes(waiting.opinion.askers.get().phone_sealed)) == PHONE
    assert office.post(f"/deliveries/{waiting.pk}/take/", right).status_code == 409


def test_what_is_discarded_says_why(world: World, office: Client) -> None:
    waiting = deliver(world, "m-1", b"\x00\xff\xfe").delivery

    assert office.post(f"/deliveries/{waiting.pk}/discard/", {"reason": ""}).status_code == 422
    assert office.post(f"/deliveries/{waiting.pk}/discard/", {"reason": "广告"}).status_code == 302

    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == (State.DISCARDED, "广告")
    assert forget_deliveries(now=world.now + timedelta(days=29)) == 0
    assert forget_deliveries(now=world.now + timedelta(days=400)) == 1
    waiting.refresh_from_db()
    assert bytes(waiting.content_sealed) == b""


def test_the_tray_is_the_visit_offices(world: World) -> None:
    waiting = deliver(world, "m-1", b"?").delivery
    from zoufang.channels.services import open_content

    with pytest.raises(NotAllowed):
        open_content(waiting, by=world.clerk, now=world.now)


def test_nobody_stands_in_the_clear(world: World) -> None:
    deliver(world, "m-1", item(world))
    deliver(world, "m-2", item(world, content="短"))
    deliver(world, "m-3", item(world, content=f"请打 {PHONE} 找我。"))

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d::text, o::text FROM channels_delivery d LEFT JOIN opinions_opinion o ON o.id = opinion_id"
        )
        rows: Any = str(cursor.fetchall())
    assert PHONE not in rows
    assert "a1" not in {part for row in rows.split(",") for part in [row.strip()]}


def test_the_channels_are_shown_by_numbers_that_open_their_rows(world: World, office: Client) -> None:
    deliver(world, "m-1", item(world))
    deliver(world, "m-2", item(world))
    deliver(world, "m-3", item(world, content="短"))

    page = office.get("/deliveries/channels/")
    assert page.status_code == 200
    [line] = [line for line in page.context["overview"].channels if line.label == "微博"]
    assert [cell.text for cell in line.cells] == ["3", "1", "1", "1", "1"]
    rows = office.get(line.cells[1].url)
    assert Opinion.objects.get().no in rows.content.decode()


def test_points_are_counted_for_the_unit_that_they_are_about(world: World) -> None:
    given: dict[bytes, Item] = {
        str(n).encode(): Rated(points, world.station, world.now, sender=f"r{n}") for n, points in enumerate((5, 3, 1))
    }
    for body in given:
        take_delivery(Channel.SMS, f"r-{body.decode()}", body, given.__getitem__, now=world.now)
    today = localdate(world.now)
    table = tabulate([RATED, SATISFACTION_RATE], [world.station, world.other_station], Period(today, today))

    assert table["deliveries.rated", world.station.pk] == 3
    assert str(table["deliveries.satisfaction_rate", world.station.pk]) == "66.7"
    assert table["deliveries.satisfaction_rate", world.other_station.pk] is None
