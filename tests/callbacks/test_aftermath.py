"""What the rehearsal city shows of work for several opinions and of the calls of the levels above."""

from datetime import timedelta
from random import Random

import pytest

from tests.world import World
from zoufang.callbacks.loading import load_reference
from zoufang.callbacks.models import CallBackSample
from zoufang.opinions.models import CallBack, Opinion, Rectification
from zoufang.opinions.workflow import Status
from zoufang.organization.selectors import work_calendar
from zoufang.rehearsal.aftermath import TOGETHER, call_back_by_levels, settle_together
from zoufang.rehearsal.life import Player
from zoufang.rehearsal.people import People, Staff

pytestmark = pytest.mark.django_db


def test_one_work_is_verified_for_three_opinions_and_another_is_in_hand_for_two() -> None:
    world, dice = World(), Random(1)
    staff = Staff(world.station, world.clerk, world.leader, [world.officer])
    player = Player(People(), work_calendar(), dice)

    settle_together(player, staff, world.later(days=20), dice)
    assert Rectification.objects.count() == len(TOGETHER)
    assert Opinion.objects.filter(status=Status.VERIFIED).count() == 3
    assert Opinion.objects.filter(status=Status.IN_HAND).count() == 2
    assert not Opinion.objects.filter(recorded_at__gt=world.now).exists()


def test_two_levels_ask_about_what_was_drawn_month_by_month() -> None:
    world, dice = World(), Random(1)
    load_reference(now=world.now)
    _callers = (world.visit_office, world.inspector)
    since = world.now
    for _month in range(3):
        for _each in range(6):
            world.closed()
        world.later(days=31)
    player = Player(People(), work_calendar(), dice)

    call_back_by_levels(player, since, world.later(days=40), dice)
    assert CallBackSample.objects.count() >= 4
    assert set(CallBack.objects.values_list("level", flat=True)) == {"COUNTY", "CITY"}
    assert not CallBack.objects.filter(at__gt=world.now + timedelta(seconds=1)).exists()
