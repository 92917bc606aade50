"""A text is sent, referred, answered and rated, through the gateway's own process and over real HTTP."""

import signal
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.channels.simulator import Simulator, simulator, worker
from tests.channels.sms import PHONE
from tests.world import World
from zoufang.channels.models import Delivery
from zoufang.notifications.models import Outgoing
from zoufang.notifications.senders import citizen_senders
from zoufang.notifications.services import deliver_due
from zoufang.opinions.models import Opinion, Rating
from zoufang.opinions.services import STEPS
from zoufang.opinions.workflow import Step

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LONG = "小区东门的路灯坏了两周，晚上走路不放心，老人和孩子都不敢走那条路，" * 6


@pytest.fixture
def world(transactional_db: None) -> World:
    return World(now=timezone.now() - timedelta(hours=1))


@pytest.fixture
def gateway(live_server: LiveServer, settings: Settings) -> Iterator[Simulator]:
    with simulator(live_server.url) as running:
        settings.SMS_URL = running.messages
        yield running


def until(found: Callable[[], object]) -> None:
    """Wait until something is there."""
    end = time.monotonic() + 30
    while not found():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def send_what_is_due() -> None:
    deliver_due(citizen_senders(), timezone.now() + timedelta(seconds=1))


def test_a_text_is_answered_by_text_and_rated(world: World, gateway: Simulator) -> None:
    gateway.turn(repeats=2, shuffle=True, part_length=30)
    calls = gateway.send(PHONE, LONG)
    assert {call["status"] for call in calls} == {200}
    opinion = Opinion.objects.get()
    assert opinion.content == LONG

    send_what_is_due()
    [receipt] = gateway.texts_to(PHONE)
    code = receipt.partition("查询码 ")[2].partition("，")[0]
    until(lambda: Outgoing.objects.filter(state="DELIVERED").exists())

    _answer(world, opinion)
    gateway.turn(repeats=1, shuffle=False, part_length=1000)
    gateway.send(PHONE, f"查询 {opinion.no} {code}")
    gateway.send(PHONE, f"4 {opinion.no}")
    send_what_is_due()
    texts = gateway.texts_to(PHONE)
    assert any("路灯已经修好" in one for one in texts)
    assert any("4 分" in one for one in texts)
    assert Rating.objects.get().satisfaction == 4
    assert Delivery.objects.exclude(state="TAKEN").count() == 0


def test_a_worker_killed_between_sending_and_writing_down_sends_one_text(world: World, gateway: Simulator) -> None:
    gateway.send(PHONE, "路口的井盖松动，车一过就响。")
    gateway.turn(hold=20, report=False)
    killed = worker(gateway.messages)
    until(lambda: gateway.texts_to(PHONE))
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=30)
    assert Outgoing.objects.get().state == "SENDING"

    gateway.turn(hold=0)
    assert worker(gateway.messages).communicate(timeout=60)[0].strip() == "0"
    assert worker(gateway.messages, ahead=15).communicate(timeout=60)[0].strip() == "1"

    [text] = gateway.state()["texts_out"]
    assert text["calls"] == 2
    assert Outgoing.objects.get().state == "SENT"


def test_a_gateway_that_turns_away_or_loses_its_answer_is_asked_again(world: World, gateway: Simulator) -> None:
    gateway.send(PHONE, "路口的井盖松动，车一过就响。")
    gateway.turn(turn_away=100, report=False)
    send_what_is_due()
    assert gateway.texts_to(PHONE) == []
    gateway.turn(turn_away=0, lose_answers=100)
    deliver_due(citizen_senders(), timezone.now() + timedelta(hours=1))
    assert Outgoing.objects.get().state == "WAITING"
    gateway.turn(lose_answers=0)
    deliver_due(citizen_senders(), timezone.now() + timedelta(hours=9))

    [text] = gateway.state()["texts_out"]
    assert text["calls"] == 2
    assert Outgoing.objects.get().state == "SENT"


def _answer(world: World, opinion: Opinion) -> None:
    """Lead an opinion to its answer, as the desks do."""
    world.now = timezone.now() - timedelta(minutes=30)
    opinion.refresh_from_db()
    officers = {Step.REFER: world.visit_office, Step.RECTIFY: world.officer}
    officers |= dict.fromkeys((Step.VERIFY, Step.APPROVE), world.leader)
    for step, facts in (
        (Step.REFER, {"to": world.station}),
        (Step.SIGN, {}),
        (Step.MEASURE, {"measure": "更换灯具。", "responsible": world.officer, "planned_on": timezone.localdate()}),
        (Step.RECTIFY, {"result": "灯具已更换。"}),
        (Step.VERIFY, {}),
        (Step.REPLY, {"text": "您反映的路灯已经修好。"}),
        (Step.APPROVE, {}),
        (Step.FEED_BACK, {"told_by": "SMS"}),
    ):
        STEPS[step](opinion, **facts, by=officers.get(step, world.clerk), now=world.later())
