"""GeoReport v2 as foreign programs speak it, in both forms; and what it tells nobody."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.channels.citizen import follow, say
from tests.world import World
from zoufang.channels.models import Arrival, ClientApp
from zoufang.channels.open311 import selectors, services
from zoufang.kernel.refusal import NotAllowed
from zoufang.opinions import services as opinions
from zoufang.opinions.models import Opinion, Topic
from zoufang.organization.models import Officer, Role

pytestmark = pytest.mark.django_db
SAID = "小区东门的路灯坏了两周，晚上走路不放心。"
HOME = "/open311/v2"


@pytest.fixture
def keeper(world: World) -> Officer:
    return world.make_officer("secadmin", world.bureau, Role.SECURITY_ADMIN)


@pytest.fixture
def key(world: World, keeper: Officer) -> str:
    return services.give_key(name="城市服务", keeper="大数据局", by=keeper, now=world.now)[1]


def report(key: str, form: str = "json", **more: Any) -> Any:
    sent = {"api_key": key, "service_code": "A6", "description": SAID, "address_string": "幸福里小区东门"} | more
    return Client().post(f"{HOME}/requests.{form}", {name: value for name, value in sent.items() if value is not None})


def parts(answer: Any) -> Iterator[dict[str, str]]:
    """Yield the parts of an XML answer, each by the names of what it holds."""
    for part in ET.fromstring(answer.content):
        yield {child.tag: child.text or "" for child in part}


# ---- the specification's own shapes


def test_services_in_both_forms_say_the_same(world: World) -> None:
    told = Client().get(f"{HOME}/services.json")
    written = Client().get(f"{HOME}/services.xml")

    assert told["Content-Type"].startswith("application/json")
    assert written["Content-Type"].startswith("text/xml")
    assert ET.fromstring(written.content).tag == "services"
    listed = told.json()
    assert len(listed) == Topic.objects.exclude(parent=None).count()
    assert set(listed[0]) == {
        "service_code", "service_name", "description", "metadata", "type", "keywords", "group"
    }  # fmt: skip
    assert [one["service_code"] for one in listed] == [one["service_code"] for one in parts(written)]
    assert next(parts(written))["metadata"] == "true"
    assert listed[0]["metadata"] is True


def test_a_service_says_what_may_be_chosen(world: World) -> None:
    told = Client().get(f"{HOME}/services/A6.json").json()
    assert told["service_code"] == "A6"
    (kind,) = told["attributes"]
    assert kind["datatype"] == "singlevaluelist"
    assert {"key": "COMPLAINT", "name": "投诉"} in kind["values"]

    written = ET.fromstring(Client().get(f"{HOME}/services/A6.xml").content)
    assert written.tag == "service_definition"
    assert written.find("attributes/attribute/values/value/key") is not None
    assert written.findtext("attributes/attribute/variable") == "true"


def test_what_is_brought_in_is_an_opinion_that_its_citizen_follows(world: World, key: str) -> None:
    answer = report(
        key, **{"attribute[KIND]": "SUGGESTION", "first_name": "某", "last_name": "王", "phone": "13812345678"}
    )

    assert answer.status_code == 201
    (receipt,) = answer.json()
    opinion = Opinion.objects.get(no=receipt["service_request_id"])
    assert (opinion.kind, opinion.topic.code, opinion.place) == ("SUGGESTION", "A6", "幸福里小区东门")
    assert opinion.content == SAID
    assert Arrival.objects.get(opinion=opinion).client == ClientApp.objects.get()
    code = receipt["service_notice"].partition("查询码 ")[2].partition("。")[0]
    assert opinion.no in follow(Client(), opinion.no, code).content.decode()
    office = Client()
    office.force_login(world.visit_office)
    assert "城市服务" in office.get(f"/opinions/{opinion.no}/").content.decode()

    token = Client().get(f"{HOME}/tokens/{receipt['token']}.json").json()
    assert token == [{"service_request_id": opinion.no, "token": receipt["token"]}]


def test_the_same_in_xml(world: World, key: str) -> None:
    answer = report(key, "xml")

    assert answer.status_code == 201
    assert ET.fromstring(answer.content).tag == "service_requests"
    (receipt,) = parts(answer)
    assert Opinion.objects.get().no == receipt["service_request_id"]
    (token,) = parts(Client().get(f"{HOME}/tokens/{receipt['token']}.xml"))
    assert token["service_request_id"] == receipt["service_request_id"]
    (shown,) = parts(Client().get(f"{HOME}/requests/{receipt['service_request_id']}.xml"))
    assert shown["status"] == "open"
    assert shown["service_code"] == "A6"


def test_discovery_leads_to_the_doors(world: World) -> None:
    told = Client().get("/open311/discovery.json").json()
    (endpoint,) = told["endpoints"]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["url"] == "http://testserver/open311/v2"
    written = ET.fromstring(Client().get("/open311/discovery.xml").content)
    assert written.findtext("endpoints/endpoint/formats/format") == "text/xml"


# ---- errors


@pytest.mark.parametrize(
    ("more", "status", "said"),
    [
        ({"api_key": ""}, 403, "api_key"),
        ({"api_key": "x" * 43}, 403, "api_key"),
        ({"service_code": ""}, 400, "service_code"),
        ({"service_code": "ZZ99"}, 404, "service_code"),
        ({"description": ""}, 400, "description"),
        ({"description": "长" * 5000}, 400, "description"),
        ({"attribute[KIND]": "RANT"}, 400, "attribute[KIND]"),
        ({"phone": "电话"}, 400, "phone"),
        ({"description": "我的身份证是11010519491231002X，请联系"}, 400, "description"),
        ({"jurisdiction_id": "dc.gov"}, 404, "jurisdiction_id"),
    ],
)
def test_an_error_is_told_as_the_specification_writes_it(
    world: World, key: str, more: dict[str, str], status: int, said: str
) -> None:
    told, written = report(key, **more), report(key, "xml", **more)

    assert told.status_code == written.status_code == status
    assert told.json()[0]["code"] == status
    assert said in told.json()[0]["description"]
    assert ET.fromstring(written.content).tag == "errors"
    assert [int(one["code"]) for one in parts(written)] == [status] * len(told.json())
    assert not Opinion.objects.exists()


def test_a_revoked_key_opens_nothing(world: World, key: str, keeper: Officer) -> None:
    services.revoke_key(ClientApp.objects.get(), by=keeper, now=world.later())

    assert report(key).status_code == 403
    with pytest.raises(NotAllowed):
        services.give_key(name="x", keeper="y", by=world.visit_office, now=world.later())


def test_a_key_is_kept_as_a_digest_alone(world: World, key: str, keeper: Officer) -> None:
    assert key not in json.dumps(list(ClientApp.objects.values()), default=str)
    page = Client()
    page.force_login(keeper)
    given = page.post("/clients/new/", {"name": "小程序", "keeper": "数据局"}).content.decode()
    second = ClientApp.objects.latest("pk")
    assert any(selectors.client_of(word) == second for word in given.replace("<", " ").replace(">", " ").split())
    assert "小程序" in page.get("/clients/").content.decode()


def test_a_refusal_of_the_house_is_told_in_the_same_shape(world: World, key: str) -> None:
    from zoufang.opinions.models import DeadlinePolicy

    DeadlinePolicy.objects.all().delete()
    answer = report(key, "xml")
    assert answer.status_code == 422
    assert ET.fromstring(answer.content).tag == "errors"


def test_a_program_that_sends_again_says_it_once(world: World, key: str) -> None:
    sent = {"api_key": key, "service_code": "A6", "description": SAID}
    header = {"Idempotency-Key": str(uuid4())}
    first, second = (Client().post(f"{HOME}/requests.json", sent, headers=header) for _ in range(2))
    other = Client().post(f"{HOME}/requests.json", sent | {"description": "别的事，请看看。"}, headers=header)

    assert (first.status_code, second.status_code, other.status_code) == (201, 200, 409)
    assert first.json() == second.json()
    assert Opinion.objects.count() == 1


# ---- what comes along


def test_a_position_is_a_place_and_a_long_address_is_kept_whole(world: World, key: str) -> None:
    report(key, address_string=None, lat="35.2153421", long="113.2417772")
    assert Opinion.objects.get().place == "35.2153, 113.2418"
    long = "河南省焦作市解放区" + "幸福里小区" * 20
    report(key, address_string=long)
    opinion = Opinion.objects.latest("pk")
    assert long in opinion.content
    assert len(opinion.place) <= 80


def test_pictures_come_as_files_and_no_address_is_fetched(world: World, key: str) -> None:
    file = SimpleUploadedFile("灯.pdf", b"%PDF-1.4 lamp")
    (receipt,) = report(key, media=file, media_url="http://127.0.0.1:9/x.jpg").json()

    opinion = Opinion.objects.get(no=receipt["service_request_id"])
    assert opinion.attachments.count() == 1
    assert "media_url" in receipt["service_notice"]
    assert "127.0.0.1:9" not in opinion.content


def test_who_the_sender_was_beyond_what_was_said_is_kept_nowhere(world: World, key: str) -> None:
    report(key, email="wang@example.org", device_id="device-4711", account_id="account-4711")

    from django.db import connection

    with connection.cursor() as cursor:
        for table in ("opinions_opinion", "opinions_asker", "channels_arrival", "audit_auditrecord", "channels_intake"):
            cursor.execute(f'SELECT string_agg(t::text, chr(10)) FROM "{table}" t')
            rows = str(cursor.fetchone()[0])
            assert "wang@example.org" not in rows
            assert "4711" not in rows


# ---- what strangers are told


def requests(**query: str) -> list[dict[str, Any]]:
    answer = Client().get(f"{HOME}/requests.json", query)
    assert answer.status_code == 200, answer.content.decode()
    return list(answer.json())


def test_strangers_are_told_how_it_stands_and_nothing_of_what_was_said(world: World, key: str) -> None:
    (receipt,) = report(key, first_name="某", last_name="王", phone="13812345678").json()

    for answer in (
        Client().get(f"{HOME}/requests.json"),
        Client().get(f"{HOME}/requests/{receipt['service_request_id']}.json"),
        Client().get(f"{HOME}/requests.xml"),
    ):
        text = answer.content.decode()
        assert receipt["service_request_id"] in text
        for hidden in (SAID[:6], "幸福里", "13812345678", "王"):
            assert hidden not in text
    (shown,) = requests()
    assert shown["description"] is shown["address"] is shown["lat"] is None
    assert shown["requested_datetime"].endswith("T00:00:00+08:00")
    assert shown["agency_responsible"] == world.bureau.label


def test_a_complaint_and_what_an_officer_heard_do_not_exist(world: World, key: str) -> None:
    (receipt,) = report(key, **{"attribute[KIND]": "COMPLAINT"}).json()
    heard = world.opinion()

    assert requests() == []
    assert requests(service_request_id=f"{receipt['service_request_id']},{heard.no}") == []
    for no in (receipt["service_request_id"], heard.no, "YJ2020999999"):
        answer = Client().get(f"{HOME}/requests/{no}.json")
        assert answer.status_code == 404
        assert answer.json()[0]["code"] == 404


def test_a_unit_is_named_only_where_enough_asked_it_the_same(world: World, key: str) -> None:
    for many in range(1, 6):
        report(key)
        opinions.refer_opinion(
            Opinion.objects.latest("pk"), to=world.station, by=world.visit_office, now=timezone.now()
        )
        named = {one["agency_responsible"] for one in requests()}
        assert named == ({world.station.label} if many == 5 else {world.bureau.label})


def test_requests_are_narrowed_by_service_status_and_time(world: World, key: str) -> None:
    report(key)
    report(key, service_code="B2")
    world.now = timezone.now()
    opinion, _code = say(Client())

    assert {one["service_code"] for one in requests(service_code="a6,b2")} == {"A6", "B2"}
    assert [one["service_code"] for one in requests(service_code="B2")] == ["B2"]
    assert len(requests(status="open")) == 3
    assert requests(status="closed") == []
    assert [one["service_request_id"] for one in requests(service_request_id=opinion.no.lower())] == [opinion.no]
    now = timezone.now()
    assert requests(end_date=(now - timedelta(days=1)).isoformat()) == []
    assert len(requests(start_date=(now - timedelta(days=1)).isoformat())) == 3
    Opinion.objects.update(heard_at=now - timedelta(days=91))
    assert requests() == []
    assert len(requests(start_date=(now - timedelta(days=92)).isoformat())) == 3


@pytest.mark.parametrize(
    "query",
    [
        {"status": "lost"},
        {"start_date": "yesterday"},
        {"end_date": "2026-02-30T00:00:00"},
        {"start_date": "0001-01-01T00:00:00"},
        {"start_date": "2026-01-01T00:00:00+08:00", "end_date": "2026-12-31T00:00:00+08:00"},
    ],
)
def test_what_cannot_be_asked_is_said_so(world: World, query: dict[str, str]) -> None:
    answer = Client().get(f"{HOME}/requests.json", query)
    assert answer.status_code == 400
    assert next(iter(query)).partition("_")[0] in answer.json()[0]["description"] or "end_date" in query


def test_an_answered_request_is_closed(world: World, key: str) -> None:
    opinion, _code = say(Client(), unit=world.station.code)
    world.now = timezone.now()
    world.answered(opinion)

    (shown,) = requests(status="closed")
    assert shown["service_request_id"] == opinion.no
    assert shown["status_notes"] == "已答复"
    datetime.fromisoformat(shown["updated_datetime"])


def test_a_token_of_somebody_else_leads_nowhere(world: World, key: str) -> None:
    for token in ("YJ2026000001.x", "x", "." * 20, "甲"):
        assert Client().get(f"{HOME}/tokens/{token}.json").status_code == 404
