"""A program reads how a deadline came about, as the page tells it."""

from collections.abc import Callable

from tests.api.conftest import OPINIONS, Program
from tests.world import World
from zoufang.opinions.clocks import clocks_of
from zoufang.opinions.models import Opinion


def test_a_program_reads_what_the_page_says(world: World, program: Callable[..., Program]) -> None:
    opinion = world.referred()

    told = program(world.clerk).get(f"{OPINIONS}/{opinion.no}/deadlines").json()

    clocks = clocks_of(Opinion.objects.get(pk=opinion.pk))
    assert [(each["code"], each["working_days"], each["as_reckoned"]) for each in told] == [
        (clock.anchor, clock.working_days, True) for clock in clocks
    ]
    assert [[(day["on"], day["nth"], day["special"]) for day in each["days"]] for each in told] == [
        [(str(day.on), day.nth, day.special) for day in clock.days] for clock in clocks
    ]
    assert program(world.other_clerk).get(f"{OPINIONS}/{opinion.no}/deadlines").status_code == 404
