"""The whole main job, in the hands of the people whose job it is: from a visit to a bulletin, and the citizen's word."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.people import DESK, PHONE, Screen, Street
from tests.world import World
from zoufang.opinions.models import Opinion

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAMP = "东门路灯坏了两周，晚上走路不放心。"
PARKING = "校门口放学时乱停车，孩子过马路危险。"
SAID = "小区夜里有人翻墙，希望多来巡逻。"


@dataclass(frozen=True)
class Receipt:
    """What the citizen takes home."""

    no: str
    code: str


def test_from_a_visit_to_the_bulletin(world: World, street: Street, tmp_path: Path) -> None:
    _ = (world.officer, world.clerk, world.leader)
    citizen = street.screen(PHONE)
    receipt = say_something(citizen)
    officer = street.officer(world.officer.username, PHONE)
    record_a_visit(officer)
    office = street.officer(world.visit_office.username)
    expect_figures(office, visits=1, heard=3, done=0)

    clerk = street.officer(world.clerk.username)
    refer_and_plan(clerk, world)
    report_it_done(officer, proof_picture(tmp_path))
    leader = street.officer(world.leader.username)
    verify(leader)
    answer(clerk, leader)
    expect_figures(office, visits=1, heard=3, done=1)
    expect_ledgers(office)

    world.answered(Opinion.objects.get(no=receipt.no))
    follow_and_rate(citizen, receipt)
    decide(leader, receipt)
    expect_the_citizen_sees_it(citizen, receipt)
    office.go("/statistics/")
    office.press("English")
    expect(office.page.get_by_role("heading", level=1)).to_have_text("Statistics")
    expect(office.page.get_by_role("navigation").first).to_contain_text("Bulletins")


def say_something(citizen: Screen) -> Receipt:
    citizen.go("/public/")
    citizen.page.get_by_role("link", name=re.compile("^我有话要说")).click()
    citizen.tick("意见：有个问题，希望改进")
    citizen.write("请说说是什么事", SAID)
    citizen.choose("您想让哪里来办", "星河派出所")
    citizen.press("提交")
    citizen.reads("请把这一页打印、拍照或抄下来")
    receipt = citizen.page.get_by_role("region", name="回执")
    facts = receipt.locator("dd").all_inner_texts()
    citizen.press("我记下了，离开")
    citizen.press("记下了，离开")
    citizen.reads("怎么办")
    return Receipt(no=facts[0].strip(), code=re.sub(r"\s", "", facts[1]))


def record_a_visit(officer: Screen) -> None:
    officer.follow("记一次走访")
    officer.tick("入户")
    officer.tick("居民家庭")
    officer.tick("群众反映")
    officer.write("走访地点", "幸福里小区")
    officer.write("走访情况", "入户走访三户，谈夜间照明和接送孩子。")
    rows = officer.page.get_by_role("group", name=re.compile(r"^意见 \d"))
    for number, (text, topic) in enumerate([(LAMP, "技防照明"), (PARKING, "停车")]):
        if number:
            officer.press("再记一条意见")
        row = rows.nth(number)
        officer.write("内容", text, within=row)
        officer.choose("主题", topic, within=row)
    officer.press("保存走访")
    for text in (LAMP, PARKING):
        officer.reads(text)


def refer_and_plan(clerk: Screen, world: World) -> None:
    clerk.go("/")
    clerk.follow(LAMP)
    clerk.follow("转办")
    expect(clerk.page.get_by_role("combobox", name="承办单位")).to_have_value(re.compile("星河派出所"))
    clerk.press("转办")
    clerk.told("转办，已记录")
    clerk.take("签收")
    clerk.follow("制定整改措施")
    clerk.write("整改措施", "联系路灯管理单位三日内更换灯具，更换前每晚加一班巡逻。")
    clerk.choose("责任人", world.officer.name)
    clerk.write("计划完成日期", "2026-05-25")
    clerk.press("制定整改措施")
    clerk.told("制定整改措施，已记录")
    clerk.reads(world.officer.name)


def proof_picture(place: Path) -> Path:
    path = place / "更换后的路灯.jpg"
    Image.new("RGB", (320, 240), (250, 220, 140)).save(path)
    return path


def report_it_done(officer: Screen, proof: Path) -> None:
    officer.go("/")
    officer.follow(LAMP)
    officer.follow("完成整改")
    officer.write("整改结果", "灯具已更换，晚上七点试亮正常。")
    officer.page.get_by_label("佐证材料").set_input_files(proof)
    officer.press("完成整改")
    officer.told("完成整改，已记录")
    officer.reads("更换后的路灯.jpg")
    officer.reads("这一步由")
    expect(officer.page.get_by_role("link", name="核验通过")).to_have_count(0)


def verify(leader: Screen) -> None:
    leader.go("/")
    leader.follow(LAMP)
    leader.take("核验通过")


def answer(clerk: Screen, leader: Screen) -> None:
    clerk.go("/")
    clerk.follow(LAMP)
    clerk.follow("拟写答复")
    clerk.write("答复内容", "您反映的东门路灯已更换，当晚试亮正常。谢谢您的提醒。")
    clerk.press("拟写答复")
    clerk.told("拟写答复，已记录")
    leader.go("/")
    leader.follow(LAMP)
    leader.take("批准答复")
    clerk.go("/")
    clerk.follow(LAMP)
    clerk.follow("反馈群众")
    clerk.choose("反馈方式", "上门")
    clerk.press("反馈群众")
    clerk.told("反馈群众，已记录")
    clerk.take("办结归档")


def expect_figures(office: Screen, *, visits: int, heard: int, done: int) -> None:
    """Look at the dashboard and at the draft: both count what has just happened; a click opens the very rows."""
    office.go("/statistics/")
    for name, value in (("征求意见建议", heard), ("办结意见建议", done)):
        figure = office.page.get_by_role("region", name="总量").get_by_role("link", name=re.compile(f"^{name}"))
        expect(figure).to_contain_text(re.compile(rf"{name}\s*{value}\s*条"))
        figure.click()
        expect_rows(office, name, value)
        office.page.go_back()
    office.go("/bulletins/draft/")
    document = office.page.get_by_role("article")
    expect(document).to_contain_text(f"录入走访{visits}条")
    expect(document).to_contain_text(f"征求意见建议{heard}条，已办结{done}条")
    document.get_by_role("link", name=str(heard), exact=True).last.click()
    expect_rows(office, "征求意见建议", heard)


def expect_rows(office: Screen, title: str, many: int) -> None:
    expect(office.page.get_by_role("heading", level=1)).to_have_text(title)
    expect(office.page.locator(".rows-table tbody tr")).to_have_count(many)
    if many:
        office.reads(f"共 {many} 条")


def expect_ledgers(office: Screen) -> None:
    for ledger, rows, says in (
        ("走访台账", 1, "谈夜间照明和接送孩子"),
        ("转办台账", 1, LAMP),
        ("整改台账", 1, "联系路灯管理单位"),
    ):
        office.go("/ledgers/")
        office.follow(re.compile(f"^{ledger}"))
        expect(office.page.get_by_role("heading", level=1)).to_have_text(ledger)
        expect(office.page.locator(".rows-table tbody tr")).to_have_count(rows)
        office.reads(says)


def follow_and_rate(citizen: Screen, receipt: Receipt) -> None:
    follow(citizen, receipt)
    citizen.reads("给您的答复")
    rating = citizen.page.locator("form", has=citizen.page.get_by_role("button", name="提交评价"))
    citizen.tick("没有解决", within=rating)
    citizen.tick("不满意", within=rating)
    citizen.write("还想说什么", "昨晚还有人翻墙。", within=rating)
    citizen.press("提交评价")
    citizen.reads("谢谢您的评价")
    citizen.tick("没有办好？申请再办一次")
    citizen.write("为什么希望再办一次", "昨晚还有人翻墙，巡逻没有看到。")
    citizen.press("申请再办")
    citizen.reads("再办申请已收到")


def follow(citizen: Screen, receipt: Receipt) -> None:
    citizen.go("/public/track/")
    citizen.write("编号", receipt.no)
    citizen.write("查询码", receipt.code)
    citizen.press("查看")
    citizen.reads(receipt.no)
    assert receipt.code not in citizen.page.url
    assert receipt.no not in citizen.page.url


def decide(leader: Screen, receipt: Receipt) -> None:
    leader.go("/")
    leader.reads("决定是否再办")
    leader.follow(SAID)
    leader.reads("昨晚还有人翻墙，巡逻没有看到。")
    leader.follow("重新办理")
    leader.write("理由", "群众反映夜间仍有翻墙，重新安排巡逻。")
    leader.press("重新办理")
    leader.told(f"{receipt.no}：重新办理")


def expect_the_citizen_sees_it(citizen: Screen, receipt: Receipt) -> None:
    follow(citizen, receipt)
    citizen.reads("正在重新办理")
    citizen.reads("上一次的答复")
    citizen.press("看完了，离开")
    citizen.go("/public/case/")
    assert urlsplit(citizen.page.url).path == "/public/track/"


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_no_page_of_the_menu_is_wider_than_the_screen(world: World, street: Street, width: int) -> None:
    world.closed()
    world.in_hand()
    for username in (world.officer.username, world.visit_office.username):
        screen = street.officer(username, width)
        places = screen.page.locator("nav a").evaluate_all(
            "links => [...new Set(links.map(a => a.getAttribute('href')))]"
        )
        assert len(places) >= 6
        for address in [*places, "/visits/new/", "/opinions/new/", "/accounts/me/", "/statistics/table/"]:
            screen.go(address)
            wide = screen.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide == 0, address
