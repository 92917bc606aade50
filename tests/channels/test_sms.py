"""Short messages in: signed, once each, in any order of parts; what cannot be taken waits; answers go out."""

import itertools
import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.channels.sms import PHONE, parts, send, text
from tests.world import World
from zoufang.channels.models import Delivery, TextPart
from zoufang.channels.services import take_incomplete
from zoufang.channels.vocabulary import State, Why
from zoufang.notifications.models import Outgoing
from zoufang.opinions.models import Asker, Opinion, Rating
from zoufang.opinions.services import STEPS
from zoufang.opinions.workflow import Step
from zoufang.privacy.sealing import unseal


def told() -> list[str]:
    """Return the texts on their way to citizens, oldest first."""
    return [unseal(bytes(one.text_sealed)) for one in Outgoing.objects.order_by("pk")]


def state_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.content
    return str(answer.json()["state"])


def code_in(receipt: str) -> str:
    return receipt.partition("查询码 ")[2].partition("，")[0]


def test_a_text_becomes_an_opinion_and_its_sender_gets_number_and_code(world: World, client: Client) -> None:
    assert send(client, text("m1")).json() == {"id": "m1", "state": "TAKEN", "repeated": False}

    opinion = Opinion.objects.get()
    assert (opinion.source, opinion.content[:6]) == ("SRC03", "小区东门的路")
    asker = Asker.objects.get()
    assert (unseal(bytes(asker.phone_sealed)), asker.tell_by) == (PHONE, "SMS")
    [receipt] = told()
    assert opinion.no in receipt
    followed = client.post("/public/track/", {"no": opinion.no, "code": code_in(receipt)})
    assert followed.status_code == 302


def test_a_replay_is_acknowledged_and_changes_nothing(world: World, client: Client) -> None:
    answers = [send(client, text("m1")).json() for _ in range(5)]
    respelled = json.dumps(text("m1"), indent=2, sort_keys=True).encode()

    assert send(client, respelled).json()["repeated"]
    assert [one["repeated"] for one in answers] == [False, True, True, True, True]
    assert (Opinion.objects.count(), Outgoing.objects.count()) == (1, 1)


@pytest.mark.parametrize("late", [-301, 301, -(10**6)])
def test_an_old_call_is_not_believed(world: World, client: Client, late: int) -> None:
    assert send(client, text("m1"), at=time.time() + late).status_code == 401
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("moment", ["", "x", "²³", "1e9", "9" * 30, "-5"])
def test_an_odd_moment_is_not_believed(world: World, client: Client, moment: str) -> None:
    from zoufang.channels import signing

    body = json.dumps(text("m1")).encode()
    from django.conf import settings as django

    signed = signing.signature(django.GATEWAY_KEYS["sms"], moment, body)
    headers = {signing.MOMENT: moment, signing.SIGNATURE: signed}
    answer = client.generic("POST", "/gateway/v1/sms", body, content_type="application/json", headers=headers)
    assert answer.status_code == 401


def test_a_wrong_key_or_none_is_not_believed(world: World, client: Client) -> None:
    assert send(client, text("m1"), key="x" * 40).status_code == 401
    assert client.post("/gateway/v1/sms", "{}", content_type="application/json").status_code == 401
    assert client.get("/gateway/v1/sms").status_code == 405
    assert not Delivery.objects.exists()


@override_settings(GATEWAY_KEYS={})
def test_a_gateway_that_is_switched_off_is_not_there(world: World, client: Client) -> None:
    assert send(client, text("m1"), key="x" * 40).status_code == 404


@pytest.mark.parametrize("size", [64 * 1024 + 1, 1024 * 1024, 10 * 1024 * 1024])
def test_what_is_too_long_is_turned_away(world: World, client: Client, size: int) -> None:
    assert send(client, b"x" * size).status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00\xff\xfe",
        b"[]",
        b"{",
        b"[" * 60000,
        b'{"id": "m1"}',
        b'{"id": "m1", "text": 7}',
        b'{"id": "", "text": "x"}',
        b'{"id": "m1", "text": "\\ud800"}',
        b'{"id": "m1", "text": "\\u0000\\u0000"}',
        json.dumps(text("m1", "长" * 5000)).encode(),
    ],
)
def test_what_cannot_be_read_waits_in_the_tray_once(world: World, client: Client, body: bytes) -> None:
    assert state_of(send(client, body)) == "IN_TRAY"
    assert send(client, body).json()["repeated"]
    assert Delivery.objects.count() == 1


def test_a_text_in_gb18030_and_with_what_nobody_sees_is_read(world: World, client: Client) -> None:
    said = json.dumps(text("m1", "井盖松动\x00，车一过就响\x07。"), ensure_ascii=False).encode("gb18030")

    assert state_of(send(client, said)) == "TAKEN"
    assert Opinion.objects.get().content == "井盖松动，车一过就响。"


def test_numbers_of_people_are_masked(world: World, client: Client) -> None:
    send(client, text("m1", f"路灯坏了，请打{PHONE}找我。"))

    assert PHONE not in Opinion.objects.get().content


def test_another_text_under_the_same_id_waits(world: World, client: Client) -> None:
    send(client, text("m1"))

    assert state_of(send(client, text("m1", "完全是另一件事情。"))) == "IN_TRAY"
    assert Delivery.objects.get(state=State.IN_TRAY).why == Why.CONFLICT


def test_the_same_text_within_a_day_is_one_opinion(world: World, client: Client) -> None:
    send(client, text("m1"))

    assert state_of(send(client, text("m2"))) == "DUPLICATE"
    assert state_of(send(client, text("m3", **{"from": "13900000000"}))) == "TAKEN"


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_parts_come_in_any_order_and_often(world: World, client: Client, order: tuple[int, ...]) -> None:
    calls = parts("long", "路灯坏了，", "晚上走路不放心，", "请修一修。")
    for at in order:
        first, second = send(client, calls[at]).json(), send(client, calls[at]).json()
        assert (first["repeated"], second["repeated"]) == (False, True)

    assert Opinion.objects.get().content == "路灯坏了，晚上走路不放心，请修一修。"
    assert {send(client, call).json()["repeated"] for call in calls} == {True}
    assert not TextPart.objects.exclude(body_sealed=b"").exists()


def test_a_message_that_is_not_complete_in_an_hour_waits_and_is_completed_late(world: World, client: Client) -> None:
    calls = parts("long", "路灯坏了，", "晚上走路不放心，", "请修一修。")
    assert state_of(send(client, calls[0])) == "WAITING_FOR_PARTS"
    send(client, calls[2])
    assert take_incomplete(now=timezone.now() + timedelta(minutes=50)) == 0
    assert take_incomplete(now=timezone.now() + timedelta(minutes=70)) == 1
    assert take_incomplete(now=timezone.now() + timedelta(minutes=70)) == 0
    waiting = Delivery.objects.get()
    assert (waiting.state, waiting.why) == (State.IN_TRAY, Why.INCOMPLETE)
    assert "［缺第 2 段］" in unseal(bytes(waiting.content_sealed))

    assert state_of(send(client, calls[1])) == "TAKEN"

    waiting.refresh_from_db()
    assert waiting.state == State.DUPLICATE
    assert waiting.opinion == Opinion.objects.get()


def test_a_part_that_contradicts_waits_by_itself(world: World, client: Client) -> None:
    calls = parts("long", "路灯坏了，", "请修一修。")
    send(client, calls[0])
    other = calls[0] | {"id": "long.x", "text": "另一段"}

    assert state_of(send(client, other)) == "IN_TRAY"
    assert state_of(send(client, calls[1])) == "TAKEN"


def test_a_text_asks_how_it_stands(world: World, client: Client) -> None:
    send(client, text("m1"))
    no, code = Opinion.objects.get().no, code_in(told()[0])

    send(client, text("m2", f"查询 {no} {code}", **{"from": "13900000000"}))
    send(client, text("m3", f"查询 {no} {'0' * 28}"))

    assert "待" not in told()[1]
    assert "正在确定由哪个单位办理" in told()[1]
    assert "对不上" in told()[2]
    assert Opinion.objects.count() == 1


def test_a_guesser_is_answered_no_more(world: World, client: Client) -> None:
    for at in range(40):
        send(client, text(f"m{at}", f"查询 YJ2026000001 {'A' * 27}{at % 10}"))

    assert len(told()) == 30


def test_the_answer_is_rated_by_one_digit_from_the_same_number(world: World, client: Client) -> None:
    send(client, text("m1"))
    opinion = Opinion.objects.get()
    send(client, text("m2", f"5 {opinion.no}"))
    assert "当前状态" in told()[-1]
    answered(world, opinion)

    send(client, text("m3", f"1{opinion.no}", **{"from": "13900000000"}))
    assert not Rating.objects.exists()
    assert "没有找到" in told()[-1]
    send(client, text("m4", f"２ {opinion.no}", **{"from": f"+86{PHONE}"}))
    send(client, text("m5", f"5 {opinion.no}"))

    rating = Rating.objects.get()
    assert (rating.satisfaction, rating.solved) == (2, False)
    assert "已评价过" in told()[-1]


def answered(world: World, opinion: Opinion) -> None:
    """Lead an opinion to its answer."""
    world.now = timezone.now()
    opinion.refresh_from_db()
    opinion.needs_rectification = False
    Opinion.objects.filter(pk=opinion.pk).update(needs_rectification=False)
    who = {Step.REFER: world.visit_office, Step.APPROVE: world.leader}
    for step, facts in (
        (Step.REFER, {"to": world.station}),
        (Step.SIGN, {}),
        (Step.REPLY, {"text": "路灯已经修好。"}),
        (Step.APPROVE, {}),
        (Step.FEED_BACK, {"told_by": "SMS"}),
    ):
        STEPS[step](opinion, **facts, by=who.get(step, world.clerk), now=world.later())


def test_a_report_says_that_it_arrived(world: World, client: Client) -> None:
    send(client, text("m1"))
    key = Outgoing.objects.get().send_key
    path = "/gateway/v1/sms/reports"

    assert send(client, {"id": key, "state": "delivered"}, path=path).json() == {"known": True}
    assert send(client, {"id": "other", "state": "delivered"}, path=path).json() == {"known": False}
    assert send(client, b"\xff", path=path).json() == {"known": False}
    assert Outgoing.objects.get().state == "DELIVERED"


@pytest.mark.urls("zoufang.site.urls_citizens")
def test_the_citizens_process_takes_texts_too(world: World, client: Client) -> None:
    assert state_of(send(client, text("m1"))) == "TAKEN"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["id", "from", "text", "at", "part", "ref", "no", "of"]), inner)
            ),
            max_leaves=12,
        ),
    )
)
def test_nothing_signed_is_refused(world: World, client: Client, said: Any) -> None:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    answer = send(client, body)

    assert answer.status_code == 200, answer.content
