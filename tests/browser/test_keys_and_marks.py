"""A list under the hands of a clerk with an inbox of hundreds: keys, marks, all that match, and undo."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import Street
from tests.world import World
from zoufang.opinions.models import Opinion
from zoufang.opinions.workflow import Status

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def statuses() -> list[str]:
    return sorted(Opinion.objects.values_list("status", flat=True))


def test_a_clerk_walks_marks_and_refers_by_keys_and_takes_it_back(world: World, street: Street) -> None:
    for number in range(4):
        world.opinion(content=f"第{number}件：小区东门的路灯坏了两周。", topic="A6")
    clerk = street.officer(world.clerk.username)
    page = clerk.page
    clerk.go("/")

    page.keyboard.press("j")
    expect(page.locator("tbody tr").nth(0).locator("a")).to_be_focused()
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    expect(page.locator(".bulk-count")).to_have_text("已选 2 条")
    page.keyboard.press("z")
    clerk.reads("建议承办单位")
    clerk.press("转办 2 件")
    clerk.told("转办：2 件，已记录")
    assert statuses() == [Status.REFERRED] * 2 + [Status.REGISTERED] * 2

    page.locator(".toasts").get_by_role("button", name="撤销").click()
    clerk.told("撤回转办：2 件，已记录")
    assert statuses() == [Status.REGISTERED] * 4


def test_all_that_match_are_marked_and_the_rest_of_the_page_stays_as_it_is(world: World, street: Street) -> None:
    for number in range(55):
        world.opinion(content=f"第{number}件：小区东门的路灯坏了两周。")
    clerk = street.officer(world.clerk.username)
    page = clerk.page
    clerk.go("/opinions/")
    boxes = page.locator("input[name=pick]")
    boxes.nth(2).click()
    boxes.nth(5).click(modifiers=["Shift"])
    expect(page.locator(".bulk-count")).to_have_text("已选 4 条")

    page.get_by_label("选择本页全部").check()
    page.get_by_label("选中全部符合条件的 55 条").check()
    clerk.press("转办")

    clerk.reads(re.compile("件数较多，将在后台逐件办理"))
    expect(page.get_by_role("button", name="转办 55 件")).to_be_enabled()
    assert not Opinion.objects.exclude(status=Status.REGISTERED).exists()


def test_keys_leave_alone_who_types_and_who_wants_none(world: World, street: Street) -> None:
    world.opinion()
    clerk = street.officer(world.clerk.username)
    page = clerk.page
    clerk.go("/opinions/")
    page.keyboard.press("/")
    page.keyboard.type("jxzq")
    expect(page.get_by_role("searchbox").or_(page.get_by_label("搜索")).first).to_have_value("jxzq")
    clerk.go("/opinions/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("勾选或取消勾选这一条")
    page.get_by_label(re.compile("启用单键操作")).uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("input[name=pick]").first).not_to_be_checked()
