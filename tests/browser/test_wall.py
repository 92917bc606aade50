"""The wall screen keeps itself up to date, and keeps its last numbers while the server is away."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import Street
from tests.world import World
from zoufang.statistics.wall import SECONDS

pytestmark = [pytest.mark.slow, pytest.mark.browser]
A_ROUND = (SECONDS + 1) * 1000


def test_the_wall_follows_the_numbers_and_says_of_when_they_are_while_it_cannot(world: World, street: Street) -> None:
    for name in ("chief", "officer"):
        getattr(world, name)
    page = street.officer("chief", 1920).page
    page.clock.install()
    page.goto("/statistics/wall/")
    heard = page.locator(".wall-totals > div").nth(1).locator("a").first
    before = re.sub(r"\D", "", heard.inner_text())

    world.opinion()
    page.clock.run_for(A_ROUND)
    expect(heard).to_contain_text(str(int(before) + 1))
    expect(page.locator("#away")).to_be_hidden()

    page.context.route("**/statistics/wall/", lambda route: route.abort())
    page.clock.run_for(A_ROUND)
    expect(page.locator("#away")).to_contain_text(page.locator("#at").inner_text())
    expect(heard).to_contain_text(str(int(before) + 1))

    page.context.unroute("**/statistics/wall/")
    page.clock.run_for(A_ROUND)
    expect(page.locator("#away")).to_be_hidden()

    page.context.clear_cookies()
    page.clock.run_for(A_ROUND)
    expect(page.locator("#away")).to_contain_text("登录已失效")
    expect(heard).to_contain_text(str(int(before) + 1))
    # The request that we let fail is no complaint.
    street.complaints[:] = [complaint for complaint in street.complaints if "ERR_FAILED" not in complaint]
