"""The pages of visits, as officers use them."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World
from zoufang.kernel.refusal import Invalid
from zoufang.opinions.models import Opinion
from zoufang.opinions.services import refer_opinion
from zoufang.opinions.vocabulary import Kind
from zoufang.organization.models import Officer, Role
from zoufang.visits.models import Visit
from zoufang.visits.services import HeardOpinion, record_visit, void_visit

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.visits.api_urls")]


@pytest.fixture
def world(db: None) -> World:
    return World(timezone.now().replace(microsecond=0) - timedelta(days=1))


def door(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def typed(world: World, **facts: Any) -> dict[str, Any]:
    return {
        "uid": str(uuid4()),
        "unit": world.room.code,
        "visited_at": timezone.localtime(world.now).strftime("%Y-%m-%dT%H:%M"),
        "mode": "F1",
        "object_category": "RES",
        "headcount": "1",
        "theme": "T2",
        "officers": [world.officer.username],
        "summary": "了解夜间治安。",
        "opinions-TOTAL_FORMS": "1",
        "opinions-INITIAL_FORMS": "0",
        "opinions-0-kind": "OPINION",
        "opinions-0-topic": "",
        "opinions-0-content": "",
    } | facts


def kept(world: World, **facts: Any) -> Visit:
    wanted: dict[str, Any] = {
        "uid": uuid4(),
        "unit": world.room,
        "visited_at": world.now - timedelta(hours=1),
        "mode": "F1",
        "object_category": "RES",
        "headcount": 2,
        "theme": "T2",
        "officers": [world.officer],
        "by": world.officer,
        "now": world.now,
    }
    return record_visit(**(wanted | facts))[0]


def test_an_officer_records_a_visit_with_one_opinion_without_scripts(world: World) -> None:
    client = door(world.officer)
    assert client.get("/visits/new/").status_code == 200
    data = typed(world) | {"opinions-0-topic": "A6", "opinions-0-content": "东门路灯坏了两周。"}
    answer = client.post("/visits/new/", data, follow=True)

    assert answer.status_code == 200
    visit = Visit.objects.get()
    assert answer.redirect_chain[-1][0] == f"/visits/{visit.uid}/"
    assert Opinion.objects.get().no in answer.content.decode()


def test_a_second_press_of_the_button_makes_no_second_visit(world: World) -> None:
    client, data = door(world.officer), typed(world)
    assert client.post("/visits/new/", data).status_code == client.post("/visits/new/", data).status_code == 302
    assert Visit.objects.count() == 1


def test_going_back_and_changing_the_sent_visit_is_refused_politely(world: World) -> None:
    client, data = door(world.officer), typed(world)
    client.post("/visits/new/", data)
    answer = client.post("/visits/new/", data | {"headcount": "5"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "未保存" in page
    assert "要更正它，请到那条走访作废后重录" in page
    assert "了解夜间治安。" in page
    assert data["uid"] not in page
    assert "no-store" in client.get("/visits/new/")["Cache-Control"]


def test_save_and_another_leads_to_an_empty_page(world: World) -> None:
    answer = door(world.officer).post("/visits/new/", typed(world) | {"another": "1"})
    assert answer["Location"] == "/visits/new/"


def test_the_kind_of_the_last_visit_is_chosen_only_by_asking_for_it(world: World) -> None:
    client = door(world.officer)
    kept(world, mode="K4", object_category="NET")
    page = client.get("/visits/new/").content.decode()
    assert "同上一次" in page
    assert " checked" not in page.split('id="id_mode"')[1].split('id="id_headcount"')[0]

    chosen = client.get("/visits/new/?mode=K4&object_category=NET&theme=T2&headcount=9").content.decode()
    for value in ("K4", "NET", "T2"):
        assert re.search(rf'value="{value}"[^>]* checked', chosen)
    assert 'value="9"' not in chosen
    assert client.get("/visits/new/?mode=burn").status_code == 200


def test_without_the_kind_of_visit_nothing_is_saved(world: World) -> None:
    data = typed(world)
    for name in ("mode", "object_category", "theme"):
        data.pop(name)
    assert door(world.officer).post("/visits/new/", data).status_code == 422
    assert not Visit.objects.exists()


def test_an_opinion_leads_to_its_visit_and_back_and_was_heard_where_the_visit_was(world: World) -> None:
    heard = [
        HeardOpinion(kind=Kind.OPINION, topic=world.topic(), content="东门路灯坏了两周。"),
        HeardOpinion(kind=Kind.OPINION, topic=world.topic(), content="站前路口太堵。", place="站前路口"),
    ]
    visit = kept(world, place="丽景小区", opinions=heard)
    lamp, junction = Opinion.objects.order_by("pk")
    assert (lamp.place, junction.place) == ("丽景小区", "站前路口")

    page = door(world.clerk).get(f"/opinions/{lamp.no}/").content.decode()
    assert "丽景小区" in page
    assert f'href="/visits/{visit.uid}/"' in page
    back = door(world.clerk).get(f"/visits/{visit.uid}/").content.decode()
    assert f'href="/opinions/{lamp.no}/"' in back
    assert "来自走访" not in door(world.clerk).get(f"/opinions/{world.opinion().no}/").content.decode()

    void_visit(visit, reason="重复录入", by=world.clerk, now=world.later())
    assert "已作废" in door(world.clerk).get(f"/opinions/{lamp.no}/").content.decode()


def test_who_answers_for_an_opinion_without_seeing_the_visit_is_not_led_there(world: World) -> None:
    heard = [HeardOpinion(kind=Kind.OPINION, topic=world.topic(), content="东门路灯坏了两周。")]
    visit = kept(world, opinions=heard)
    opinion = Opinion.objects.get()
    refer_opinion(opinion, to=world.other_station, by=world.clerk, now=world.later())

    page = door(world.other_clerk).get(f"/opinions/{opinion.no}/")
    assert page.status_code == 200
    assert str(visit.uid) not in page.content.decode()
    assert "来自走访" not in page.content.decode()


def test_what_was_typed_stays_when_something_is_wrong(world: World) -> None:
    wrong = typed(world, headcount="0") | {"opinions-0-content": "东门路灯坏了两周。"}
    answer = door(world.officer).post("/visits/new/", wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "东门路灯坏了两周。" in page
    assert "了解夜间治安。" in page
    assert wrong["uid"] in page
    assert not Visit.objects.exists()


def test_who_may_not_record_is_told_so(world: World) -> None:
    assert door(world.chief).get("/visits/new/").status_code == 403
    assert door(world.chief).post("/visits/new/", typed(world)).status_code == 403


def test_the_officers_follow_the_unit_chosen(world: World) -> None:
    assert world.other_leader.pk
    page = door(world.visit_office).get("/visits/new/officers/", {"unit": world.other_station.code})
    assert world.other_leader.username in page.content.decode()
    assert "<html" not in page.content.decode()


def test_the_list_shows_what_is_within_reach_and_asked_for(world: World) -> None:
    mine = kept(world, place="丽景小区", summary="了解夜间治安")
    voided = kept(world, place="作废的那次")
    void_visit(voided, reason="重复录入", by=world.clerk, now=world.later())

    def seen(officer: Officer, query: str = "") -> list[str]:
        page = door(officer).get(f"/visits/{query}")
        assert page.status_code == 200
        return [uid for uid in (str(mine.uid), str(voided.uid)) if uid in page.content.decode()]

    assert seen(world.officer) == [str(mine.uid)]
    assert seen(world.officer, "?voided=on") == [str(mine.uid), str(voided.uid)]
    assert seen(world.officer, "?mine=on") == [str(mine.uid)]
    assert seen(world.clerk, "?mine=on") == []
    assert seen(world.clerk, "?q=丽景") == seen(world.clerk, "?mode=F1&mode=K1") == [str(mine.uid)]
    assert (
        seen(world.clerk, "?q=没有")
        == seen(world.clerk, "?theme=T4")
        == seen(world.clerk, "?object_category=ENT")
        == []
    )
    assert seen(world.visit_office, f"?unit={world.station.code}") == [str(mine.uid)]
    assert seen(world.visit_office, f"?unit={world.other_station.code}") == []
    assert seen(world.visit_office, "?period_to=2020-01-01") == []
    assert seen(world.visit_office, "?period_from=x&mode=%00&unit=%00&theme=x") == [str(mine.uid)]
    assert seen(world.other_clerk) == []


@pytest.mark.parametrize("form", ["xlsx", "print"])
def test_the_list_leaves_as_a_file(world: World, form: str) -> None:
    kept(world, summary="=HYPERLINK(1)")
    answer = door(world.clerk).get("/visits/", {"format": form})
    assert answer.status_code == 200
    assert answer.getvalue()


def test_a_visit_out_of_reach_is_not_found(world: World) -> None:
    visit = kept(world)
    for officer in (world.other_clerk, world.auditor):
        assert door(officer).get(f"/visits/{visit.uid}/").status_code == 404
        assert door(officer).post(f"/visits/{visit.uid}/void/", {"reason": "重复录入了"}).status_code == 404
    assert door(world.officer).get(f"/visits/{uuid4()}/").status_code == 404


def test_a_visit_is_voided_with_a_reason(world: World) -> None:
    opinion = HeardOpinion(kind=Kind.OPINION, topic=world.topic(), content="东门路灯坏了两周。")
    visit = kept(world, opinions=[opinion])
    client, address = door(world.clerk), f"/visits/{visit.uid}/void/"

    assert "不随之作废" in client.get(address).content.decode()
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "同一走访重复录入"}).status_code == 302
    assert client.post(address, {"reason": "同一走访重复录入"}).status_code == 409
    assert "同一走访重复录入" in client.get(f"/visits/{visit.uid}/").content.decode()
    assert Opinion.objects.get().status == "REGISTERED"
    assert door(world.officer).get(address).status_code == 403


def test_a_complaint_about_the_reader_is_nowhere_on_the_page(world: World) -> None:
    complaint = HeardOpinion(
        kind=Kind.COMPLAINT, topic=world.topic("F1"), content="态度生硬的投诉。", complained_officer=world.leader
    )
    visit = kept(world, opinions=[complaint], by=world.visit_office)
    no = Opinion.objects.get().no
    for address in ("/visits/", f"/visits/{visit.uid}/", "/visits/?format=print"):
        assert no in door(world.visit_office).get(address).content.decode()
        assert no not in door(world.leader).get(address).content.decode()
    assert "没有登记意见" in door(world.leader).get(f"/visits/{visit.uid}/").content.decode()


def test_markup_in_a_visit_is_shown_as_text(world: World) -> None:
    visit = kept(world, summary="<script>alert(1)</script>", place="<b>粗</b>")
    for address in ("/visits/", f"/visits/{visit.uid}/"):
        page = door(world.clerk).get(address).content.decode()
        assert "<script>alert" not in page
        assert "<b>粗" not in page


def test_what_was_typed_stays_when_the_service_refuses(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    typed_in = typed(world) | {"opinions-0-topic": "A6", "opinions-0-content": "东门路灯坏了两周。"}

    def closed(*_args: Any, **_values: Any) -> None:
        raise Invalid("意见登记暂停。")

    # The visit is written first, the opinion after it: nothing of either may stay.
    monkeypatch.setattr("zoufang.visits.services.take_in", closed)
    answer = door(world.officer).post("/visits/new/", typed_in)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'role="alert"' in page
    assert "意见登记暂停。" in page
    assert "了解夜间治安。" in page
    assert "东门路灯坏了两周。" in page
    assert typed_in["uid"] in page
    assert not Visit.objects.exists()


def test_a_visit_under_somebody_elses_number_is_not_found_but_not_lost(world: World) -> None:
    mine, other = typed(world), door(world.make_officer("second", world.room, Role.OFFICER))
    door(world.officer).post("/visits/new/", mine)
    theirs = mine | {"officers": ["second"], "summary": "看望独居老人。"}
    answer = other.post("/visits/new/", theirs)
    assert answer.status_code == 404
    assert "看望独居老人。" in answer.content.decode()
    assert "了解夜间治安。" not in answer.content.decode()


def test_why_a_visit_should_be_void_stays_when_it_is_so_already(world: World) -> None:
    visit = kept(world)
    void_visit(visit, reason="重复录入", by=world.clerk, now=world.later())
    answer = door(world.clerk).post(f"/visits/{visit.uid}/void/", {"reason": "时间填错，另行补录"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "这条走访已经作废。" in page
    assert "重复录入" in page
    assert "时间填错，另行补录" in page
    assert 'name="reason"' not in page
