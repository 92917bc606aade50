"""The work waits for a citizen and goes on with the answer; a unit asks for more time and gets it."""

import os
from pathlib import Path

import pytest

from tests.browser.people import PHONE, Screen, Street
from tests.world import World
from zoufang.channels.rules import grouped
from zoufang.opinions import services

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CODE = "0123456789ABCDEFGHJKMNPQRSTV"
ASKED = "请补充是东门的哪几盏灯不亮。"


def picture(screen: Screen, name: str) -> None:
    """Keep what is on the screen where `PICTURES` says, to be looked at."""
    if place := os.environ.get("PICTURES"):
        screen.page.screenshot(path=str(Path(place) / f"{name}.png"), full_page=True)


def test_a_citizen_supplies_what_was_asked_and_the_visit_office_grants_more_time(world: World, street: Street) -> None:
    _ = (world.officer, world.clerk, world.visit_office)
    opinion = world.in_hand()
    services.keep_asker(opinion, code=CODE, phone="13800001234", now=world.now)
    clerk = street.officer(world.clerk.username)
    clerk.go(f"/opinions/{opinion.no}/")
    clerk.follow("首次联系")
    clerk.write("联系情况", "约好明天上午到现场看。")
    clerk.press("首次联系")
    clerk.told("首次联系，已记录")
    clerk.follow("暂停计时")
    clerk.write("请群众补充什么", ASKED)
    picture(clerk, "pause-form")
    clerk.press("暂停计时")
    clerk.told("暂停计时，已记录")
    clerk.reads("已暂停，等群众补充")

    citizen = street.screen(PHONE)
    citizen.go("/public/track/")
    citizen.write("编号", opinion.no)
    citizen.write("查询码", grouped(CODE))
    citizen.press("查看")
    citizen.reads(ASKED)
    picture(citizen, "citizen-asked")
    citizen.write("您的补充", "东门往里数第一到第三盏。")
    citizen.press("提交补充")
    citizen.reads("收到您的补充")

    clerk.go(f"/opinions/{opinion.no}/")
    clerk.reads("东门往里数第一到第三盏。")
    clerk.follow("申请延期")
    clerk.write("延长工作日", "3")
    clerk.write("延期理由", "灯具缺货，供应商三天后到货。")
    clerk.press("申请延期")
    clerk.told("申请延期，已记录")
    office = street.officer(world.visit_office.username)
    office.reads("决定是否延期")
    picture(office, "office-inbox")
    office.go(f"/opinions/{opinion.no}/")
    office.follow("批准延期")
    picture(office, "grant")
    office.press("批准延期")
    office.told("批准延期，已记录")
    office.reads("原定")
    picture(office, "detail")
    office.go(f"/opinions/{opinion.no}/deadlines/")
    office.reads("现在这一步")
    office.reads("期限顺延")
    picture(office, "deadlines")
    office.page.set_viewport_size({"width": PHONE, "height": 844})
    picture(office, "deadlines-phone")
    citizen.go("/public/case/")
    citizen.reads("已顺延")
    picture(citizen, "citizen-extended")
