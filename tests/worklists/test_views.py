"""Lists under names: shown as tabs, read as whoever looks, and telling their owner when too much waits."""

import pytest
from django.test import Client

from tests.world import World
from zoufang.kernel.refusal import Conflict, NotAllowed
from zoufang.notifications.models import Notice
from zoufang.notifications.wording import words_of
from zoufang.opinions import services as opinions
from zoufang.organization.models import Officer, Unit
from zoufang.ui.listing import ADDRESS
from zoufang.worklists import services
from zoufang.worklists.models import SavedView

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def saved(
    world: World,
    by: Officer,
    name: str = "等转办的",
    unit: Unit | None = None,
    over: int | None = None,
    days: int | None = None,
) -> SavedView:
    return services.save_view(
        name=name,
        path="/opinions/",
        query="status=REGISTERED",
        shared_with=unit,
        over=over,
        days=days,
        by=by,
        now=world.later(),
    )


def test_a_view_is_a_tab_counted_as_who_looks(world: World, client: Client) -> None:
    world.opinion()
    world.opinion(heard_by=world.station, by=world.clerk)
    saved(world, world.clerk, unit=world.station)
    tabs = f"/worklists/views/tabs/?of={ADDRESS.sign('/opinions/')}"
    for viewer, count in ((world.clerk, 2), (world.officer, 1)):
        client.force_login(viewer)
        assert "等转办的" in client.get("/opinions/").content.decode()
        page = client.get(tabs).content.decode()
        assert f'<span class="tab-count">{count}</span>' in page
    client.force_login(world.other_clerk)
    assert "等转办的" not in client.get("/opinions/").content.decode()


def test_only_within_ones_own_unit_and_under_one_name(world: World) -> None:
    saved(world, world.clerk)
    with pytest.raises(Conflict):
        saved(world, world.clerk)
    with pytest.raises(NotAllowed):
        saved(world, world.clerk, "别的", unit=world.bureau)
    with pytest.raises(NotAllowed):
        services.delete_view(saved(world, world.clerk, "三", unit=world.station), by=world.leader, now=world.now)


def test_columns_are_part_of_a_view(world: World, client: Client) -> None:
    world.opinion()
    client.force_login(world.clerk)
    of = ADDRESS.sign("/opinions/?status=REGISTERED")
    form = {"name": "窄的", "columns": ["status", "no"], "shared_with": "NOBODY"}
    page = client.post(f"/worklists/views/new/?of={of}", form, follow=True)
    assert page.redirect_chain[-1][0] == "/opinions/?status=REGISTERED&columns=status%2Cno"
    heads = page.content.decode().partition("<tbody")[0].rpartition("<thead")[2]
    assert "编号" in heads
    assert "收集时间" not in heads


def test_its_owner_is_told_once_and_again_only_after_it_fell_below(world: World) -> None:
    saved(world, world.clerk, over=1)
    first, _second = world.opinion(), world.opinion()

    assert services.watch_views(now=world.later()) == 1
    assert services.watch_views(now=world.later()) == 0
    opinions.refer_opinion(first, to=world.station, by=world.clerk, now=world.later())
    assert services.watch_views(now=world.later()) == 0
    world.opinion()
    assert services.watch_views(now=world.later()) == 1

    notices = Notice.objects.filter(officer=world.clerk, kind="saved_view")
    assert notices.count() == 2
    assert "2 件" in words_of("saved_view", notices[0].parameters).text


def test_its_owner_is_told_when_the_oldest_waits_too_long(world: World) -> None:
    saved(world, world.clerk, days=3)
    world.opinion()

    assert services.watch_views(now=world.later(days=3)) == 0
    assert services.watch_views(now=world.later(days=1)) == 1


def test_what_its_owner_may_not_see_is_not_counted(world: World) -> None:
    saved(world, world.clerk, over=1)
    for _ in range(2):
        world.opinion(heard_by=world.other_station, by=world.visit_office)

    assert services.watch_views(now=world.later()) == 0
