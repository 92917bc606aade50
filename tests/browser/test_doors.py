"""What is printed for citizens is read back from paper, and a sheet is typed in half a minute."""

import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.people import DESK, PHONE, Screen, Street
from tests.world import World
from zoufang.channels.models import Arrival, PaperSheet, Poster
from zoufang.channels.paper import selectors
from zoufang.channels.paper.services import number_sheets
from zoufang.channels.posters.services import number_doors, open_window
from zoufang.channels.rules import grouped, plain_code
from zoufang.opinions.models import Opinion

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WRITTEN = "东门路灯坏了两周，晚上走路不放心，希望早点修好。"
# The keystroke-level model: seconds for a key of an average typist, and for a thought before each part.
KEY, THOUGHT = 0.28, 1.35
# Chinese is typed by its sounds: so many keys a character, on average.
KEYS_A_CHARACTER = 2.5


def on_paper(page: Screen, place: Path) -> list[Path]:
    """Print the page as the browser would, and return a picture of each sheet, 150 dots an inch."""
    # What is on paper is laid out by the stylesheet, which a page that only has its text still waits for.
    page.page.wait_for_load_state("load")
    pdf = place / "printed.pdf"
    page.page.pdf(path=pdf, prefer_css_page_size=True, print_background=True)
    subprocess.run(["pdftoppm", "-r", "150", "-png", str(pdf), str(place / "sheet")], check=True)
    return sorted(place.glob("sheet*.png"))


def codes_in(picture: Path) -> set[str]:
    """Return what a scanner reads in the picture."""
    read = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", str(picture)], capture_output=True, text=True
    )
    return set(read.stdout.split())


@pytest.fixture(autouse=True)
def _scanner() -> None:
    if not shutil.which("zbarimg"):
        pytest.fail("zbarimg is not installed: make test-packages")


@pytest.mark.parametrize(("size", "sheets"), [("A4，一页一张", 3), ("A6，一页四张", 1)])
def test_a_citizen_scans_a_printed_poster_and_speaks(
    world: World, street: Street, tmp_path: Path, size: str, sheets: int
) -> None:
    open_window(
        unit=world.station, window="户籍窗口", window_en="Household registration", by=world.clerk, now=world.now
    )
    clerk = street.officer(world.clerk.username)
    clerk.go("/posters/")
    for button in clerk.page.get_by_role("button", name="全选").all():
        button.click()
    clerk.page.get_by_label("户籍窗口").check()
    clerk.page.get_by_label(re.compile(size)).check()
    clerk.press("打印选中的")
    expect(clerk.page.locator("article.poster")).to_have_count(3)

    pictures = on_paper(clerk, tmp_path)

    assert len(pictures) == sheets
    addresses = {f"{street.url}/p/{poster.no}/" for poster in Poster.objects.all()}
    assert set().union(*(codes_in(picture) for picture in pictures)) == addresses
    room = Poster.objects.get(unit=world.room)
    citizen = street.screen(PHONE)
    citizen.go(next(address for address in addresses if room.no in address))
    citizen.reads("您扫的是：东焦作警务室")
    citizen.write("请说说是什么事", WRITTEN)
    citizen.press("提交")
    citizen.reads("请把这一页打印、拍照或抄下来")
    assert Arrival.objects.get().poster == room
    assert Opinion.objects.get().heard_by == world.room


def test_a_poster_fits_one_page_with_a_long_name_and_in_english(world: World, street: Street, tmp_path: Path) -> None:
    (poster,) = number_doors([world.room], by=world.clerk, now=world.now)
    world.room.name = "焦作市公安局解放分局东焦作街道第三社区幸福里综合警务室"
    world.room.name_en = "East Jiaozuo Subdistrict Third Community Xingfuli Comprehensive Police Room"
    world.room.save()
    clerk = street.officer(world.clerk.username)
    clerk.go(f"/posters/print/?no={poster.no}")

    (picture,) = on_paper(clerk, tmp_path)

    assert codes_in(picture) == {f"{street.url}/p/{poster.no}/"}
    article = clerk.page.locator("article.poster")
    assert article.evaluate("poster => poster.scrollHeight - poster.clientHeight") <= 1


def test_sheets_are_printed_handed_out_typed_back_in_half_a_minute_and_followed(
    world: World, street: Street, tmp_path: Path
) -> None:
    series = number_sheets(
        unit=world.station, occasion="两会驻地走访", source="SRC08", many=3, by=world.clerk, now=world.now
    )
    clerk = street.officer(world.clerk.username)
    clerk.go(f"/paper/series/{series.pk}/")
    clerk.press("打印这些表")
    expect(clerk.page.locator("article.sheet-page")).to_have_count(3)
    pictures = on_paper(clerk, tmp_path)
    assert len(pictures) == 3
    sheets = list(PaperSheet.objects.select_related("series__unit"))
    for sheet, picture in zip(sheets, pictures, strict=True):
        follow = f"{street.url}/public/track/#{sheet.code}.{selectors.code_of(sheet)}"
        assert codes_in(picture) == {sheet.code, follow}
    clerk.go(f"/paper/series/{series.pk}/")
    clerk.press("登记发放")
    clerk.told("已登记发放 3 份")

    clerk.go("/paper/type/")
    waited = [type_one(clerk, sheet, WRITTEN) for sheet in sheets[:2]]
    type_again(street, sheets[0])
    keys = len(sheets[0].code) + 1 + len(WRITTEN) * KEYS_A_CHARACTER + 1
    # What a hand needs for the keys and three thoughts (number, text, done); what the machine adds is only told.
    seconds = keys * KEY + 3 * THOUGHT
    print(f"\na sheet of {len(WRITTEN)} characters: {keys:.0f} keys, {seconds:.1f} s, and {max(waited):.2f} s waited")
    assert seconds < 29

    citizen = street.screen(PHONE)
    citizen.go(f"/public/track/#{sheets[0].code}.{selectors.code_of(sheets[0])}")
    expect(citizen.page.get_by_label("编号")).to_have_value(sheets[0].code)
    assert plain_code(citizen.page.get_by_label("查询码").input_value()) == selectors.code_of(sheets[0])
    citizen.press("查看")
    citizen.reads(Opinion.objects.order_by("pk")[0].no)
    assert grouped(selectors.code_of(sheets[0])) not in citizen.page.url


def type_one(clerk: Screen, sheet: PaperSheet, text: str) -> float:
    """Type a sheet with the keyboard alone, from an empty form to the next; return the seconds that were waited."""
    page = clerk.page
    expect(page.get_by_label("表号")).to_be_focused()
    started = time.monotonic()
    page.keyboard.type(sheet.code)
    page.keyboard.press("Enter")
    expect(page.locator("#id_content")).to_be_focused()
    page.keyboard.insert_text(text)
    page.keyboard.press("Control+Enter")
    clerk.told(f"{sheet.code} 已录入为")
    expect(page.get_by_label("表号")).to_be_focused()
    expect(page.get_by_label("表号")).to_have_value("")
    return time.monotonic() - started


def type_again(street: Street, sheet: PaperSheet) -> None:
    """A number that was typed before is said to be so as soon as it stands there."""
    colleague = street.officer("clerk", DESK)
    colleague.go("/paper/type/")
    colleague.page.keyboard.type(sheet.code)
    colleague.page.keyboard.press("Enter")
    expect(colleague.page.locator("#known")).to_contain_text("这张表已由")
    expect(colleague.page.locator("#known").get_by_role("link")).to_have_count(1)
