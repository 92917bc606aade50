"""Transfers from other offices: by their own numbers, once, with their time limit, and the answer fetched back."""

import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tests.channels.sms import PHONE, send
from tests.channels.test_feeds import brought
from tests.world import World
from zoufang.accounts.services import make_token
from zoufang.channels import signing
from zoufang.channels.forms import transfers
from zoufang.channels.models import Delivery
from zoufang.channels.vocabulary import State
from zoufang.opinions.models import Asker, Opinion
from zoufang.organization.models import Officer
from zoufang.privacy.sealing import unseal

KEY = "hotline-key-" * 4
DOOR = "/gateway/v1/transfers/12345"


@pytest.fixture(autouse=True)
def _keys(settings: Settings) -> None:
    settings.GATEWAY_KEYS = {"12345": KEY}


def order(no: str = "GD001", **facts: Any) -> dict[str, Any]:
    """Return a work order as the hotline sends it."""
    return {
        "no": no,
        "at": "2026-03-02T09:30:00+08:00",
        "text": "小区东门路灯不亮，请修一修。",
        "unit": "410800570000",
        "name": "王女士",
        "phone": PHONE,
    } | facts


def passed_on(client: Client, *orders: Any) -> list[dict[str, Any]]:
    answer = send(client, {"items": list(orders)}, path=DOOR, key=KEY)
    assert answer.status_code == 200, answer.content
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def fetch(client: Client, no: str, *, key: str = KEY) -> Any:
    path = f"{DOOR}/{no}"
    return client.get(path, headers=signing.headers(key, path.encode(), at=time.time()))


def api(world: World, officer: Officer, said: dict[str, Any]) -> Any:
    _token, key = make_token(officer, name="test", by=officer, now=timezone.now())
    return Client().post(
        "/api/v1/transfers",
        json.dumps(said),
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )


def test_a_work_order_keeps_its_number_and_who_to_call(world: World, client: Client) -> None:
    [taken] = passed_on(client, order())

    opinion = Opinion.objects.get()
    assert taken == {"id": "12345/GD001", "state": "TAKEN", "repeated": False, "no": opinion.no}
    assert (opinion.source, opinion.source_no, opinion.heard_by) == ("SRC15", "GD001", world.station)
    assert unseal(bytes(Asker.objects.get().phone_sealed)) == PHONE
    assert passed_on(client, order())[0]["repeated"]
    assert send(client, order(), path=DOOR, key=KEY).json()["items"][0]["repeated"]


def test_another_order_under_the_same_number_waits(world: World, client: Client) -> None:
    passed_on(client, order())

    assert passed_on(client, order(text="完全是另一件事情。"))[0]["state"] == "IN_TRAY"
    assert Opinion.objects.count() == 1


def test_a_number_that_was_typed_in_before_waits(world: World, client: Client) -> None:
    world.opinion(source="SRC15", source_no="GD001")

    assert passed_on(client, order())[0]["state"] == "IN_TRAY"
    assert "GD001" in Delivery.objects.get().detail


@pytest.mark.parametrize(
    "wrong", [{"no": ""}, {"text": ""}, {"at": "昨天"}, {"unit": "x"}, {"due_at": "尽快"}, {"kind": "RUMOUR"}]
)
def test_what_is_wrong_waits(world: World, client: Client, wrong: dict[str, Any]) -> None:
    assert passed_on(client, order(**wrong))[0]["state"] == "IN_TRAY"


def test_a_complaint_goes_the_way_of_complaints(world: World, client: Client) -> None:
    passed_on(client, order(kind="投诉", complained_unit="410800570000", text="民警态度生硬，推来推去。"))

    opinion = Opinion.objects.get()
    assert opinion.complained_unit == world.station
    assert opinion.heard_by != world.station


def test_the_answer_is_fetched_by_the_senders_number(world: World, client: Client) -> None:
    passed_on(client, order())
    opinion = Opinion.objects.get()

    found = fetch(client, "GD001").json()
    assert (found["no"], found["status"], found["reply"]) == (opinion.no, "received", "")
    assert fetch(client, "GD002").status_code == 404
    assert fetch(client, "GD001", key="x" * 40).status_code == 401
    assert client.get(f"{DOOR}/GD001").status_code == 401


def test_an_officers_program_passes_one_on(world: World) -> None:
    said = order() | {"sender": "12345"}
    first, again = api(world, world.clerk, said), api(world, world.clerk, said)
    assert (first.status_code, again.status_code) == (201, 200), first.content
    assert first.json()["no"] == Opinion.objects.get().no
    assert api(world, world.clerk, said | {"text": "另一件事情，请看看。"}).status_code == 202
    assert api(world, world.clerk, said | {"no": "GD2", "unit": "410800550000"}).status_code == 403
    assert api(world, world.officer, said).status_code == 403
    wrong = api(world, world.clerk, said | {"no": "GD3", "text": "短"})
    assert wrong.status_code == 422
    assert "text" in wrong.json()["errors"]
    assert Delivery.objects.filter(state=State.TAKEN).count() == 1


def test_a_file_of_transfers(world: World, tmp_path: Path) -> None:
    lines = (
        "来处,原编号,反映时间,内容,类别,单位代码,办理期限,电话",
        f"12345,GD001,2026-03-02 09:30,小区东门路灯不亮，请修一修。,意见,410800570000,,{PHONE}",
        "110,H-7,2026-03-02 10:30,出警很快，谢谢民警。,表扬,,,",
        "天气台,1,2026-03-02 10:30,下雨了没有人管。,意见,,,",
        "12345,GD009,2026-03-02 09:30,小区西门路灯不亮，请修一修。,意见,410823500000,,",
    )
    report, faults = brought(world, tmp_path, "transfers", *lines, by=world.clerk)

    assert (report.created, report.rejected) == (2, 2)
    assert {fault.row for fault in faults} == {4, 5}
    assert set(Opinion.objects.values_list("source", "source_no")) == {("SRC15", "GD001"), ("SRC13", "H-7")}


def test_a_hazard_is_passed_on_as_one(world: World, client: Client) -> None:
    passed_on(client, order(urgent=True), order("GD002"))
    by_no = {opinion.source_no: opinion for opinion in Opinion.objects.all()}
    assert b"urgent" not in transfers.item(order("GD002"), "12345")[1]
    assert (by_no["GD001"].urgent, by_no["GD002"].urgent) == (True, False)
    assert by_no["GD001"].due_at < by_no["GD002"].due_at

    praise = api(world, world.clerk, {"sender": "110", **order("GD003", urgent=True, kind="PRAISE")})
    assert praise.status_code == 422
    assert "urgent" in praise.json()["errors"]


def test_the_senders_time_limit_is_the_promise(world: World, client: Client) -> None:
    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    passed_on(client, order(due_at=day))

    due_at = timezone.localtime(Opinion.objects.get().due_at)
    assert (due_at - timedelta(seconds=1)).date().isoformat() == day
