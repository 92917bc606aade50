"""
Draw the pictures of the guides, by walking through the main job in a rehearsal city.

`make demo` in one terminal, then `.venv/bin/python docs/images/make.py http://127.0.0.1:8000` in another. The walk
records a visit, refers, answers and rates, so run it on a city that may be loaded anew. Chromium must be installed.
"""

import argparse
import io
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect, sync_playwright

HERE = Path(__file__).parent
PHONE, DESK = (390, 844), (1440, 900)
MOST_BYTES = 200_000
SAID = "北环路小学放学时门口车多，孩子过马路不安全。"
PARTS: list[Callable[["Studio"], None]] = []


class Studio:
    """Opens screens in Chinese, keeps pictures of them, and remembers what the next person needs."""

    def __init__(self, browser: Browser, url: str, password: str) -> None:
        self.browser, self.url, self.password = browser, url, password
        self.no = self.code = self.opinion = self.hand = ""

    @contextmanager
    def screen(self, size: tuple[int, int], username: str = "", **more: object) -> Iterator[Page]:
        """Have a browser of its own for as long as the block lasts, signed in if a demo account is named."""
        width, height = size
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN",
            base_url=self.url,
            reduced_motion="reduce",
            **more,
        )
        page = context.new_page()
        if username:
            page.goto("/accounts/sign-in/")
            page.get_by_label("账号").fill(username)
            page.get_by_label("密码").fill(self.password)
            page.get_by_role("button", name="登录").click()
            expect(page).not_to_have_url(re.compile("sign-in"))
        yield page
        context.close()

    def keep(self, page: Page, name: str, *, whole: bool = False) -> None:
        """Keep what the screen shows (or the whole page) as `name.png`, in as many colours as it needs."""
        page.wait_for_load_state("networkidle")
        page.evaluate("document.querySelectorAll('.toast-note').forEach(note => note.remove())")
        page.evaluate("document.activeElement && document.activeElement.blur()")
        self._write(name, page.screenshot(full_page=whole, animations="disabled"))

    def keep_part(self, page: Page, selector: str, name: str) -> None:
        """Keep the first part of the page that `selector` names, such as a sheet of paper, as `name.png`."""
        page.wait_for_load_state("networkidle")
        self._write(name, page.locator(selector).first.screenshot(animations="disabled"))

    def _write(self, name: str, screenshot: bytes) -> None:
        shot = Image.open(io.BytesIO(screenshot)).convert("RGB")
        for colours in (256, 128, 64, 32):
            drawn = io.BytesIO()
            shot.quantize(colours, dither=Image.Dither.NONE).save(drawn, "PNG", optimize=True)
            if drawn.tell() <= MOST_BYTES:
                break
        (HERE / f"{name}.png").write_bytes(drawn.getvalue())
        sys.stdout.write(f"{name}.png  {drawn.tell() // 1024} KB\n")


def part(walk: Callable[[Studio], None]) -> Callable[[Studio], None]:
    PARTS.append(walk)
    return walk


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def follow(page: Page, words: str) -> None:
    if page.locator("#step").get_by_role("button", name=words, exact=True).count():
        return  # The form of the step that an opinion waits for stands on its page.
    page.get_by_role("main").get_by_role("link", name=words).first.click()


def write(page: Page, label: str, text: str) -> None:
    page.get_by_label(label).and_(page.locator("input, textarea")).first.fill(text)


def choose(page: Page, label: str, words: str) -> None:
    control = page.get_by_label(label).and_(page.get_by_role("combobox").or_(page.locator("select"))).first
    if control.evaluate("control => control.tagName") == "SELECT":
        control.select_option(control.locator("option", has_text=words).first.get_attribute("value"))
        return
    control.fill(words)
    page.get_by_role("option", name=words).first.click()


@part
def a_citizen_speaks(studio: Studio) -> None:
    with studio.screen(PHONE) as page:
        page.goto("/public/")
        studio.keep(page, "citizen-start")
        page.get_by_role("link", name=re.compile("^我有话要说")).click()
        page.get_by_text("求助：遇到困难，需要帮忙", exact=True).click()
        write(page, "请说说是什么事", "我家楼下的健身器材旁夜里总有人聚着喝酒吵闹，老人休息不好，希望晚上有人来看看。")
        write(page, "事情发生在哪里", "幸福里小区南门")
        choose(page, "您想让哪里来办", "星河派出所")
        studio.keep(page, "citizen-say", whole=True)
        press(page, "提交")
        facts = page.get_by_role("region", name="回执").locator("dd").all_inner_texts()
        studio.no, studio.code = facts[0].strip(), re.sub(r"\s", "", facts[1])
        studio.keep(page, "citizen-receipt")


@part
def an_officer_visits(studio: Studio) -> None:
    with studio.screen(PHONE, "officer") as page:
        page.goto("/")
        studio.hand = page.locator(".me-name").first.text_content() or ""
        studio.keep(page, "officer-inbox")
        follow(page, "记一次走访")
        for choice in ("入户", "居民家庭", "群众反映"):
            page.get_by_text(choice, exact=True).first.click()
        write(page, "走访地点", "北环路小学")
        write(page, "走访情况", "走访校门口商户和接送孩子的家长，谈放学时段的交通。")
        studio.keep(page, "officer-visit")
        row = page.get_by_role("group", name=re.compile(r"^意见 \d")).first
        row.get_by_label("内容").fill(SAID)
        page.get_by_label("主题").and_(page.get_by_role("combobox")).last.fill("校园")
        page.get_by_role("option", name="校园周边").first.click()
        page.get_by_role("heading", name="听到的意见建议").scroll_into_view_if_needed()
        page.evaluate("document.querySelector('#heard').scrollIntoView({behavior: 'instant'})")
        studio.keep(page, "officer-opinion")
        press(page, "保存走访")
        studio.opinion = page.get_by_role("link", name=SAID).get_attribute("href") or ""
        studio.keep(page, "officer-saved")


@part
def a_clerk_is_told(studio: Studio) -> None:
    with studio.screen(PHONE, "clerk") as page:
        page.goto("/notices/")
        studio.keep(page, "clerk-notices")


@part
def a_clerk_refers(studio: Studio) -> None:
    with studio.screen(DESK, "clerk") as page:
        page.goto("/")
        studio.keep(page, "clerk-inbox")
        page.goto(studio.opinion)
        follow(page, "转办")
        choose(page, "承办单位", "星河派出所")
        studio.keep(page, "clerk-refer")
        press(page, "转办")
        page.get_by_role("link", name="怎么算的").first.click()
        studio.keep(page, "clerk-deadlines")
        page.goto(studio.opinion)
        follow(page, "签收")
        press(page, "签收")
        follow(page, "制定整改措施")
        write(page, "整改措施", "本周起放学时段两名民警在校门口疏导，与学校、城管一周内划好临时停车线，月底回访家长。")
        choose(page, "责任人", studio.hand)
        write(page, "计划完成日期", (date.today() + timedelta(days=6)).isoformat())  # noqa: DTZ011
        studio.keep(page, "clerk-measure")
        hasty = page.get_by_role("textbox", name="整改措施")
        kept = hasty.input_value()
        hasty.fill("高度重视，立即整改，加强巡逻。")
        expect(page.locator("#measure-hints")).to_contain_text("高度重视")
        page.evaluate("document.querySelector('#step').scrollIntoView({behavior: 'instant'})")
        studio.keep(page, "clerk-hints")
        hasty.fill(kept)
        press(page, "制定整改措施")
        expect(page.get_by_role("main")).to_contain_text("整改中")


@part
def a_clerk_hears_the_same_again(studio: Studio) -> None:
    with studio.screen(DESK, "clerk") as page:
        page.goto("/opinions/new/")
        write(page, "内容", "三号楼前的井盖松动，半夜车一过就咣当响。")
        choose(page, "主题", "技防照明")
        expect(page.locator(".said-already-place")).to_contain_text("井盖")
        studio.keep(page, "clerk-similar")


@part
def the_work_is_done_and_verified(studio: Studio) -> None:
    with studio.screen(PHONE, "officer") as page:
        proof = io.BytesIO()
        drawing = Image.new("RGB", (800, 500), (150, 160, 165))
        for left in range(60, 800, 170):
            ImageDraw.Draw(drawing).line([(left, 120), (left + 60, 430)], fill=(245, 245, 240), width=12)
        drawing.save(proof, "JPEG")
        page.goto(studio.opinion + "rectify/")
        write(page, "整改结果", "停车线已划好，放学时段两名民警在岗，三天没有再堵。")
        page.get_by_label("佐证材料").set_input_files(
            {"name": "校门口停车线.jpg", "mimeType": "image/jpeg", "buffer": proof.getvalue()}
        )
        page.evaluate("document.querySelector('#step').scrollIntoView({behavior: 'instant'})")
        studio.keep(page, "officer-rectify")
        press(page, "完成整改")
        expect(page.get_by_role("main")).to_contain_text("待核验")
    with studio.screen(DESK, "leader") as page:
        page.goto(studio.opinion)
        studio.keep(page, "leader-verify")
        follow(page, "核验通过")
        press(page, "核验通过")
        expect(page.get_by_role("main")).to_contain_text("待拟答复")


@part
def it_is_answered(studio: Studio) -> None:
    with studio.screen(DESK, "clerk") as page:
        page.goto(studio.opinion + "reply/")
        write(
            page,
            "答复内容",
            "您反映的北环路小学放学时段车多的问题，我们已会同学校、城管划好停车线，放学时有两名民警疏导。谢谢您。",
        )
        press(page, "拟写答复")
        expect(page.get_by_role("main")).to_contain_text("待审批")
    with studio.screen(DESK, "leader") as page:
        page.goto(studio.opinion + "approve/")
        studio.keep(page, "leader-approve")
        press(page, "批准答复")
        expect(page.get_by_role("main")).to_contain_text("待反馈")
    with studio.screen(DESK, "clerk") as page:
        page.goto(studio.opinion + "feedback/")
        choose(page, "反馈方式", "上门")
        press(page, "反馈群众")
        expect(page.get_by_role("main")).to_contain_text("已反馈")
        studio.keep(page, "clerk-answered")


@part
def the_visit_office_calls_back(studio: Studio) -> None:
    with studio.screen(PHONE, "office") as page:
        page.goto("/call-backs/")
        page.locator("#rows tbody a").first.click()
        page.get_by_text("已接通", exact=True).click()
        page.evaluate("document.querySelector('#step').scrollIntoView({behavior: 'instant'})")
        studio.keep(page, "office-call-back")


@part
def the_visit_office_looks_into_the_tray(studio: Studio) -> None:
    with studio.screen(DESK, "office") as page:
        page.goto("/deliveries/tray/")
        studio.keep(page, "office-tray")


@part
def the_citizen_follows(studio: Studio) -> None:
    answer_the_citizen(studio)
    with studio.screen(PHONE) as page:
        page.goto("/public/track/")
        write(page, "编号", studio.no)
        write(page, "查询码", studio.code)
        press(page, "查看")
        expect(page.get_by_role("main")).to_contain_text(studio.no)
        studio.keep(page, "citizen-case")
        page.get_by_role("heading", name="请您评价").scroll_into_view_if_needed()
        page.evaluate("document.querySelector('.panel.reply').scrollIntoView({behavior: 'instant'})")
        studio.keep(page, "citizen-rate")


def answer_the_citizen(studio: Studio) -> None:
    """Lead the citizen's opinion to its answer, without pictures."""
    opinion = f"/opinions/{studio.no}/"
    forms: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("clerk", "sign", {}),
        ("clerk", "measure", {"整改措施": "安排夜间巡逻每晚两次经过幸福里南门，劝离聚饮，一周后回访。"}),
        (
            "clerk",
            "rectify",
            {"整改结果": "连续五晚巡逻，已劝离，夜间安静。", "没有佐证的原因": "夜间巡逻，没有可拍的实物。"},
        ),
        ("leader", "verify", {}),
        ("clerk", "reply", {"答复内容": "您反映的夜间吵闹，我们已安排每晚两次巡逻并劝离。如再有，请随时告诉我们。"}),
        ("leader", "approve", {}),
        ("clerk", "feedback", {}),
    )
    for username, step, texts in forms:
        with studio.screen(DESK, username) as page:
            page.goto(opinion)
            if step == "sign" and "待转办" in page.get_by_role("main").inner_text():
                page.goto(opinion + "refer/")
                choose(page, "承办单位", "星河派出所")
                page.locator("#step button.btn-primary").click()
            page.goto(opinion + step + "/")
            for label, text in texts.items():
                write(page, label, text)
            if step == "measure":
                choose(page, "责任人", studio.hand)
                write(page, "计划完成日期", (date.today() + timedelta(days=5)).isoformat())  # noqa: DTZ011
            before = page.url
            page.locator("#step button.btn-primary").click()
            expect(page).not_to_have_url(before)


@part
def posters_and_paper(studio: Studio) -> None:
    with studio.screen(DESK, "clerk") as page:
        page.goto("/posters/")
        page.get_by_role("checkbox").first.check()
        press(page, "打印选中的")
        page.locator(".screen-only").evaluate("bar => bar.remove()")
        studio.keep_part(page, "article.poster", "poster")
        page.goto("/paper/series/new/")
        write(page, "征求场合", "警务广场")
        write(page, "地点", "东方红广场")
        press(page, "编号")
        press(page, "打印这些表")
        studio.keep_part(page, "article.sheet-page", "paper-sheet")
        number = page.locator(".sheet-head figcaption b").first.inner_text()
        page.goto("/paper/type/")
        page.keyboard.type(number)
        page.keyboard.press("Enter")
        expect(page.locator("#known")).to_contain_text("警务广场")
        page.keyboard.type("东门路灯坏了两周，晚上走路不放心，希望早点修好。")
        studio.keep(page, "paper-typing")


@part
def the_office_counts(studio: Studio) -> None:
    year = date.today().year if date.today() > date(date.today().year, 5, 31) else date.today().year - 1  # noqa: DTZ011
    asked = f"from={year}-01-01&to={year}-05-31"
    with studio.screen((1440, 1200), "office") as page:
        page.goto(f"/statistics/?{asked}")
        expect(page.locator(".plot.is-drawn").first).to_be_visible()
        studio.keep(page, "dashboard")
        page.goto(f"/statistics/rows/petitions.closed/?{asked}")
        studio.keep(page, "office-rows")
        page.goto(f"/statistics/table/?{asked}")
        studio.keep(page, "office-table")
        page.goto("/ledgers/")
        studio.keep(page, "office-ledgers")
        page.goto(f"/bulletins/draft/?period_from={year}-01-01&period_to={year}-05-31&template=formal")
        page.evaluate("scrollTo(0, 520)")
        studio.keep(page, "office-bulletin")
    with studio.screen(PHONE, "office") as page:
        page.goto(f"/statistics/?{asked}")
        studio.keep(page, "dashboard-phone")
    with studio.screen(DESK, "office", color_scheme="dark") as page:
        page.goto(f"/statistics/?{asked}")
        studio.keep(page, "dashboard-dark")


@part
def the_administrators_keep_house(studio: Studio) -> None:
    for username, address, name in (
        ("secadmin", "/accounts/officers/", "admin-officers"),
        ("sysadmin", "/accounts/units/", "admin-units"),
        ("auditadmin", "/accounts/audit/", "admin-audit"),
    ):
        with studio.screen(DESK, username) as page:
            page.goto(address)
            studio.keep(page, name)


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the pictures of the guides.")
    parser.add_argument("url", help="where a rehearsal city is served, e.g. http://127.0.0.1:8000")
    parser.add_argument("--password", default="zoufang-demo-2026", help="of the demo accounts")
    asked = parser.parse_args()
    # The browser's own words, such as those of its date picker, follow its environment and not the page.
    spoken = {**os.environ, "LANG": "zh_CN.UTF-8", "LANGUAGE": "zh_CN"}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--lang=zh-CN", "--hide-scrollbars"],
            env=spoken,
        )
        expect.set_options(timeout=30_000)
        studio = Studio(browser, asked.url.rstrip("/"), asked.password)
        for walk in PARTS:
            walk(studio)
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
