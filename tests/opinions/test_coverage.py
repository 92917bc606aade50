"""Everything that must be answered finds somebody who can, or is named."""

import pytest
from django.core.management import call_command
from django.test import Client

from tests.world import World
from zoufang.opinions.coverage import can_sign, gaps_within
from zoufang.opinions.forms import ReferForm
from zoufang.opinions.models import DutyEntry, Topic
from zoufang.organization.models import Officer, Role, Unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def told(world: World, units: object = None) -> dict[str, str]:
    gaps = gaps_within(Unit.objects.all(), today=world.today)
    return {gap.unit.name: gap.what for gap in gaps if gap.unit}


def test_a_station_without_clerk_or_leader_is_named(world: World) -> None:
    assert told(world)["星河派出所"] == "没有内勤，也没有单位负责人：无人能签收"
    world.clerk  # noqa: B018 - makes one
    assert told(world)["星河派出所"] == "没有单位负责人"
    world.leader  # noqa: B018
    assert "星河派出所" not in told(world)
    Officer.objects.filter(pk=world.clerk.pk).update(is_active=False)
    assert told(world)["星河派出所"] == "没有内勤"


def test_a_duty_over_the_whole_bureau_is_nobody_there(world: World) -> None:
    world.make_officer("all", world.bureau, (Role.CLERK, world.bureau))
    assert not can_sign(world.station)
    assert can_sign(world.bureau)
    world.leader  # noqa: B018 - makes one
    assert can_sign(world.station)
    assert can_sign(world.room)


def test_a_unit_that_the_directory_names_and_a_topic_that_it_leaves_out(world: World) -> None:
    room, topic = world.room, world.topic("A6")
    DutyEntry.objects.filter(topic=topic).update(unit=room)
    DutyEntry.objects.filter(topic=world.topic("B2")).delete()
    gaps = gaps_within(Unit.objects.all(), today=world.today)
    (named,) = [gap for gap in gaps if gap.unit == room]
    assert named.topics == (topic.label,)
    assert (Topic.objects.get(code="B2").label,) in [gap.topics for gap in gaps if gap.unit is None]


def test_the_program_exits_with_1_if_there_is_a_gap(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("duty_coverage")
    assert ended.value.code == 1
    assert "410800570000 星河派出所" in capsys.readouterr().out


def test_the_page_is_for_the_visit_office_and_system_administrators(world: World) -> None:
    admin = world.make_officer("sysadmin", world.unit("武陟县公安局"), Role.SYSTEM_ADMIN)
    for officer, status in ((world.visit_office, 200), (admin, 200), (world.clerk, 403)):
        client = Client()
        client.force_login(officer)
        answer = client.get("/duty-coverage/")
        assert answer.status_code == status
        if officer == admin:
            assert "武陟城关派出所" in answer.content.decode()
            assert "焦南派出所" not in answer.content.decode()


def test_referring_to_where_nobody_can_sign_warns_first(world: World) -> None:
    opinion = world.opinion()
    sent = {"to": world.other_station.code, "topic": "A6"}
    form = ReferForm(sent, opinion=opinion, viewer=world.clerk)
    assert set(form.errors) == {"anyway"}
    assert "无人能签收" in str(form.errors["anyway"])
    assert ReferForm(sent | {"anyway": "on"}, opinion=opinion, viewer=world.clerk).is_valid()
    world.other_clerk  # noqa: B018 - makes one
    assert ReferForm(sent, opinion=opinion, viewer=world.clerk).is_valid()
