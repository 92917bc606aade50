"""A city's own program brings in a report and follows it, with a client of GeoReport v2 that others wrote."""

import json
from datetime import timedelta
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from django.utils import timezone
from georeport import GeoReport
from pytest_django.live_server_helper import LiveServer

from tests.world import World
from zoufang.channels.open311 import services
from zoufang.opinions.models import Opinion
from zoufang.opinions.vocabulary import Kind
from zoufang.organization.models import Role

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> World:
    return World(now=timezone.now() - timedelta(hours=1))


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_report_is_brought_in_and_followed_until_it_is_closed(
    world: World, live_server: LiveServer, form: str
) -> None:
    keeper = world.make_officer("secadmin", world.bureau, Role.SECURITY_ADMIN)
    key = services.give_key(name="城市服务", keeper="大数据局", by=keeper, now=world.now)[1]
    home = f"{live_server.url}/open311/v2"
    client = GeoReport(home, output_format=form)

    service = next(one for one in client.get_service_list() if one["service_code"] == "A6")
    assert str(service["metadata"]).lower() == "true"
    definition = client.get_service_definition("A6")
    (attribute,) = definition["attributes"] if form == "json" else [definition["attributes"]["attribute"]]
    assert attribute["code"] == "KIND"

    # The client reads only: what it would send is sent by hand, as the specification says it.
    sent = {
        "api_key": key,
        "service_code": service["service_code"],
        "description": "小区东门的路灯坏了两周，晚上走路不放心。",
        "address_string": "幸福里小区东门",
        "attribute[KIND]": Kind.OPINION.value,
        "phone": "13812345678",
    }
    with urlopen(f"{home}/requests.json", urlencode(sent).encode(), timeout=30) as answer:
        assert answer.status == 201
        (receipt,) = json.load(answer)

    no = receipt["service_request_id"]
    opinion = Opinion.objects.get(no=no)
    found = client.get_service_request(no)
    assert (found["status"], found["service_code"]) == ("open", "A6")
    assert "13812345678" not in str(found)
    assert client.get_service_requests(service_request_id=no) == ([found] if form == "json" else found)

    world.now = timezone.now() - timedelta(minutes=30)
    world.answered(opinion)
    found = client.get_service_request(no)
    assert (found["status"], found["status_notes"]) == ("closed", "已答复")
