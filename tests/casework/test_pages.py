"""The pages and doors of petitions and disputes."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.casework.makers import closed, dispute, in_hand, petition
from tests.world import World
from zoufang.casework.models import Dispute, PetitionCase
from zoufang.kernel.refusal import Conflict, StaleState
from zoufang.organization.models import Officer

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.casework.door_urls")]


@pytest.fixture
def world(db: None) -> World:
    return World(timezone.now().replace(microsecond=0) - timedelta(days=2))


def door(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_clerk_leads_a_petition_through_its_pages(world: World) -> None:
    client = door(world.clerk)
    assert world.leader.pk
    assert client.get("/casework/petitions/new/").status_code == 200
    row = {
        "level": "PROVINCE",
        "is_backlog": "on",
        "subject": "反映办案期限过长",
        "unit": world.station.code,
        "assigned_at": "2026-02-01T09:00",
        "due_on": (timezone.localdate() + timedelta(days=9)).isoformat(),
    }
    assert client.post("/casework/petitions/new/", row | {"subject": ""}).status_code == 422
    assert client.post("/casework/petitions/new/", row).status_code == 302
    case = PetitionCase.objects.get()
    page = f"/casework/petitions/{case.pk}/"
    steps: list[tuple[str, dict[str, str]]] = [
        ("assign", {"responsible": "leader"}),
        ("notify", {"note": "第 1 号告知书，邮寄送达"}),
        ("extend", {"extended_on": (timezone.localdate() + timedelta(days=20)).isoformat(), "reason": "情况复杂"}),
        ("close", {"result": "已出具处理意见并送达。"}),
        ("advance", {"reason": "信访人申请复查"}),
        ("reopen", {"reason": "复查认为需要补充"}),
    ]
    for step, data in steps:
        assert client.get(f"{page}{step}/").status_code == 200
        assert client.post(f"{page}{step}/", {}).status_code == 422
        answer = client.post(f"{page}{step}/", data, follow=True)
        assert answer.redirect_chain == [(page, 302)], (step, answer.content.decode()[-500:])
    assert client.post(f"{page}reopen/", {"reason": "复查认为需要补充"}).status_code == 409
    assert client.get(f"{page}record/").status_code == 404
    assert client.get(f"{page}resolve/").status_code == 404


def test_a_clerk_leads_a_dispute_through_its_pages(world: World) -> None:
    client = door(world.clerk)
    assert world.leader.pk
    row = {"category": "DS02", "unit": world.station.code, "found_at": "2026-02-01T09:00", "summary": "楼道堆物。"}
    assert client.get("/casework/disputes/new/").status_code == 200
    assert client.post("/casework/disputes/new/", row).status_code == 302
    page = f"/casework/disputes/{Dispute.objects.get().pk}/"
    for step, data in (
        ("assign", {"responsible": "leader"}),
        ("resolve", {"result": "双方签订协议。"}),
        ("reopen", {"reason": "出现反复"}),
    ):
        assert client.get(f"{page}{step}/").status_code == 200
        assert client.post(f"{page}{step}/", data, follow=True).redirect_chain == [(page, 302)]
    assert client.post(f"{page}reopen/", {"reason": "出现反复"}).status_code == 409


def test_lists_are_scoped_and_narrowed(world: World) -> None:
    case, found = petition(world, subject="反映补偿标准"), dispute(world, place="丽景小区")

    def seen(officer: Officer, address: str) -> bool:
        page = door(officer).get(f"/casework/{address}")
        assert page.status_code == 200
        return f"/casework/petitions/{case.pk}/" in (text := page.content.decode()) or (
            f"/casework/disputes/{found.pk}/" in text
        )

    for address in (
        "petitions/",
        "petitions/?q=补偿",
        "petitions/?state=open&backlog=on",
        "petitions/?level=PROVINCE",
        "petitions/?state=bogus&period_from=x",
        "disputes/",
        "disputes/?q=丽景",
        "disputes/?status=FOUND",
        "disputes/?category=DS02",
    ):
        assert seen(world.clerk, address), address
        assert not seen(world.other_clerk, address), address
    for address in (
        "petitions/?q=没有",
        "petitions/?state=closed",
        "petitions/?state=overdue",
        "petitions/?level=CITY",
        "petitions/?period_to=2020-01-01",
        "disputes/?overdue=on",
        "disputes/?status=RESOLVED",
        "disputes/?screening_round=x",
        f"disputes/?unit={world.other_station.code}",
        f"petitions/?unit={world.other_station.code}",
    ):
        assert not seen(world.clerk, address), address


def test_what_is_out_of_reach_is_not_found(world: World) -> None:
    case, found = petition(world), dispute(world)
    for officer in (world.other_clerk, world.officer, world.auditor):
        client = door(officer)
        for page in (f"/casework/petitions/{case.pk}/", f"/casework/disputes/{found.pk}/"):
            assert client.get(page).status_code == 404
            assert client.post(f"{page}assign/", {"responsible": "clerk"}).status_code == 404
    assert door(world.chief).get("/casework/petitions/new/").status_code == 403
    assert door(world.chief).get(f"/casework/petitions/{case.pk}/").status_code == 200
    assert door(world.chief).post(f"/casework/petitions/{case.pk}/assign/", {"responsible": "clerk"}).status_code == 403


def test_the_lists_leave_as_files(world: World) -> None:
    in_hand(world, subject="=cmd|' /C calc'!A1")
    for address in ("petitions", "disputes"):
        for form in ("xlsx", "print"):
            answer = door(world.clerk).get(f"/casework/{address}/", {"format": form})
            assert answer.status_code == 200
            assert answer.getvalue()


def test_programs_record_and_read(world: World) -> None:
    client = door(world.clerk)
    body: dict[str, Any] = {
        "no": "省交-1",
        "level": "PROVINCE",
        "is_backlog": True,
        "subject": "反映办案期限过长",
        "unit": world.station.code,
        "assigned_at": "2026-02-01T09:00:00+08:00",
    }

    def send(address: str, said: dict[str, Any]) -> Any:
        return client.post(address, said, content_type="application/json")

    assert [send("/api/v1/petitions", body).status_code for _ in range(2)] == [201, 200]
    assert send("/api/v1/petitions", body | {"subject": "另一事项"}).status_code == 409
    wrong = send("/api/v1/petitions", body | {"level": "X", "subject": "\x00"})
    assert (wrong.status_code, set(wrong.json()["errors"])) == (422, {"level", "subject"})
    assert send("/api/v1/petitions", body | {"subject": "\ud800"}).status_code == 422
    listed = client.get("/api/v1/petitions", {"state": "open", "from": "2026-01-01", "unit": world.station.code}).json()
    assert (listed["results"][0]["no"], listed["results"][0]["unit"], listed["next"]) == (
        "省交-1",
        world.station.code,
        None,
    )
    assert listed["results"][0]["responsible"] is None

    row = {"no": "D-1", "category": "DS02", "found_at": "2026-02-01T09:00:00+08:00", "unit": world.station.code}
    assert [send("/api/v1/disputes", row).status_code for _ in range(2)] == [201, 200]
    assert send("/api/v1/disputes", row | {"category": "DS03"}).status_code == 409
    assert client.get("/api/v1/disputes", {"status": "FOUND"}).json()["results"][0]["category"] == "DS02"
    assert client.get("/api/v1/disputes", {"status": "X"}).status_code == 422
    assert door(world.other_clerk).get("/api/v1/petitions").json()["results"] == []
    assert door(world.other_clerk).get("/api/v1/disputes").json()["results"] == []


def test_a_refused_petition_comes_back_as_typed(world: World) -> None:
    row = {
        "level": "PROVINCE",
        "no": "JZ-7",
        "subject": "反映办案期限过长",
        "unit": world.station.code,
        "assigned_at": "2026-02-01T09:00",
        "due_on": (timezone.localdate() + timedelta(days=9)).isoformat(),
    }

    def refuse(**_facts: Any) -> None:
        raise Conflict("编号 JZ-7 已登记，内容与本次不同。")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zoufang.casework.views.services.record_petition", refuse)
        answer = door(world.clerk).post("/casework/petitions/new/", row)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "编号 JZ-7 已登记，内容与本次不同。" in page
    assert "反映办案期限过长" in page
    assert 'value="2026-02-01T09:00"' in page


def test_a_step_that_another_took_first_keeps_what_was_typed(world: World) -> None:
    case, found, client = in_hand(world), dispute(world), door(world.clerk)
    page = f"/casework/petitions/{case.pk}/close/"
    closing = {"result": "已出具处理意见并送达。"}
    assert client.post(page, closing).status_code == 302
    answer = client.post(page, {"result": "已当面答复并送达，<另附>回执。"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "已当面答复并送达，&lt;另附&gt;回执。" in html
    assert "您刚才写的内容" in html
    assert 'name="result"' not in html
    # The page of a step that is closed says so, and offers no form.
    assert 'name="result"' not in client.get(page).content.decode()

    answer = client.post(f"/casework/disputes/{found.pk}/reopen/", {"reason": "又起争执"})
    assert answer.status_code == 409
    assert "又起争执" in answer.content.decode()


def test_a_race_lost_brings_the_form_back_open(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = in_hand(world)

    def lost(*_args: Any, **_values: Any) -> None:
        raise StaleState

    monkeypatch.setattr("zoufang.casework.services.petitions._change", lost)
    answer = door(world.clerk).post(f"/casework/petitions/{case.pk}/close/", {"result": "已当面答复并送达。"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "该记录已被他人更新" in html
    assert 'name="result"' in html
    assert "已当面答复并送达。" in html


def test_what_was_closed_without_notice_is_not_shown_as_told_in_time(world: World) -> None:
    page = f"/casework/petitions/{closed(world).pk}/"
    client = door(world.clerk)
    shown = client.get(page).content.decode()
    assert "没有告知记录" in shown
    assert shown.count("按期完成") == 1  # the petition itself
    days = client.get(f"{page}deadlines/").content.decode()
    assert "没有告知记录" in days
    assert days.count("按期完成") == 1
