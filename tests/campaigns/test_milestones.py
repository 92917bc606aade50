"""Days that figures are counted from."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from tests.world import World
from zoufang.audit.models import AuditRecord
from zoufang.campaigns import selectors
from zoufang.campaigns.models import Milestone
from zoufang.campaigns.services import set_milestone
from zoufang.kernel.refusal import Conflict, NotAllowed
from zoufang.organization.models import Officer

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.campaigns.door_urls")]


@pytest.fixture
def world(db: None) -> World:
    return World()


def mark(world: World, **facts: Any) -> Milestone:
    wanted: dict[str, Any] = {
        "name": "现场会",
        "kind": Milestone.Kind.MEETING,
        "unit": world.bureau,
        "on": date(2026, 3, 11),
        "by": world.visit_office,
        "now": world.now,
    }
    return set_milestone(**(wanted | facts))


def door(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_latest_meeting_is_the_last_on_or_before_the_day(world: World) -> None:
    first, second = mark(world), mark(world, on=date(2026, 5, 20))
    mark(world, kind=Milestone.Kind.START, on=date(2026, 5, 25), name="启动")
    assert selectors.latest_meeting(date(2026, 3, 10)) is None
    assert selectors.latest_meeting(date(2026, 3, 11)) == first
    assert selectors.latest_meeting(date(2026, 5, 31)) == second


def test_a_unit_goes_live_once_and_those_below_with_it(world: World) -> None:
    county = world.unit("武陟县公安局")
    live = mark(world, kind=Milestone.Kind.GO_LIVE, unit=county, on=date(2026, 1, 20), name="系统上线")
    with pytest.raises(Conflict):
        mark(world, kind=Milestone.Kind.GO_LIVE, unit=county, on=date(2026, 2, 20), name="又上线")
    assert list(selectors.go_lives()) == [live]
    assert selectors.go_live_of(world.unit("武陟城关派出所")) == date(2026, 1, 20)
    assert selectors.go_live_of(world.station) is None


def test_only_the_visit_office_sets_milestones(world: World) -> None:
    for by in (world.clerk, world.leader, world.chief):
        with pytest.raises(NotAllowed):
            mark(world, by=by)
    mark(world)
    with pytest.raises(Conflict):
        mark(world)
    assert AuditRecord.objects.filter(object_type="milestone").count() == 1


def test_the_pages(world: World) -> None:
    office = door(world.visit_office)
    assert office.get("/campaign/new/").status_code == 200
    good = {"name": "现场会", "kind": "MEETING", "unit": world.bureau.code, "on": "2026-03-11"}
    assert office.post("/campaign/new/", good).status_code == 302
    assert office.post("/campaign/new/", good).status_code == 409
    for field, value in (
        ("name", ""),
        ("name", "长" * 61),
        ("kind", "X"),
        ("unit", "x"),
        ("on", "x"),
        ("on", ""),
    ):
        assert office.post("/campaign/new/", good | {field: value}).status_code == 422
    assert "共 1 条" in door(world.clerk).get("/campaign/").content.decode()
    assert "共 1 条" not in door(world.auditor).get("/campaign/").content.decode()
    assert door(world.clerk).get("/campaign/new/").status_code == 403
