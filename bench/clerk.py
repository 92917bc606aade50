"""
What one opinion costs a clerk: clicks, fields, characters and seconds from registering it to closing it.

`make demo` (or `zoufang serve`) in one terminal, then `.venv/bin/python -m bench.clerk http://127.0.0.1:8000` in another;
it prints JSON. It registers opinions and leads them through, so run it on a rehearsal city that may be loaded anew.

A listener in the page counts what a person would do: trusted clicks, controls whose value was changed, characters that
came in. Seconds are those of the machine, from the first page to the last: nobody thinks, and texts come as if pasted.
What the leader does in between (verify, approve) is done by the program and not counted. A field that comes filled
and is left so costs nothing; a chosen option costs its control, and the click that opens it.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

_COUNT = """
(() => {
  if (window.top !== window || window.__counts) return;
  window.__counts = true;
  const add = (name, by = 1) => sessionStorage.setItem(name, Number(sessionStorage.getItem(name) || 0) + by);
  window.__add = add;
  const named = new Set();
  document.addEventListener("click", (event) => { if (event.isTrusted && event.detail) add("clicks"); }, true);
  document.addEventListener("keydown", (event) => {
    if (event.isTrusted && !["Control", "Shift"].includes(event.key) && event.key !== "Unidentified") add("keys");
  }, true);
  document.addEventListener("input", (event) => {
    if (!event.isTrusted) return;
    if (event.data) add("characters", Array.from(event.data).length);
    const control = event.target;
    if (!named.has(control)) { named.add(control); add("fields"); }
  }, true);
  add("pages");
})();
"""
_COUNTED = ("clicks", "fields", "keys", "characters", "pages")
SAID = "小区东门的路灯坏了两周，晚上走路不放心，请尽快修好。"
MEASURE = "联系路灯管理单位三日内更换灯具，更换前每晚加一班巡逻。"
DONE = "灯具已更换，夜间复查正常。"
ANSWER = "您反映的东门路灯已更换，当晚试亮正常。谢谢您的提醒。"


@dataclass
class Cost:
    """What one walk cost, part by part."""

    parts: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def total(self) -> dict[str, float]:
        found = {name: sum(part[name] for part in self.parts.values()) for name in (*_COUNTED, "seconds")}
        return found | {"steps": found["clicks"] + found["fields"]}


class Clerk:
    """A screen whose user is counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.cost = page, Cost()

    @contextmanager
    def counted(self, part: str) -> Iterator[None]:
        before, started = self._read(), time.perf_counter()
        yield
        self.page.wait_for_load_state("load")
        seconds = time.perf_counter() - started
        after = self._read()
        self.cost.parts[part] = {name: after[name] - before[name] for name in _COUNTED} | {"seconds": seconds}

    def _read(self) -> dict[str, float]:
        read = "names => names.map(name => Number(sessionStorage.getItem(name) || 0))"
        return dict(zip(_COUNTED, self.page.evaluate(read, list(_COUNTED)), strict=True))

    def press(self, words: str) -> None:
        self.page.get_by_role("main").get_by_role("button", name=words, exact=True).first.click()

    def write(self, label: str, text: str) -> None:
        control = self.page.get_by_label(label).and_(self.page.locator("input, textarea")).first
        if control.evaluate("control => document.activeElement !== control"):
            control.click()
        self.page.keyboard.insert_text(text)

    def write_day(self, label: str, day: date) -> None:
        control = self.page.get_by_label(label).first
        if not control.input_value():
            control.click()
            self.page.keyboard.type(f"{day:%m%d%Y}")

    def choose(self, label: str, words: str) -> None:
        control = self.page.get_by_label(label).and_(self.page.get_by_role("combobox")).first
        if control.evaluate("control => control.tagName") == "SELECT":
            option = control.locator("option", has_text=words).first.get_attribute("value")
            if control.input_value() != option:
                control.select_option(option)
                # The list that the browser draws by itself sends no clicks: one to open it, one to choose.
                self.page.evaluate("() => { window.__add('clicks', 2); window.__add('fields', 1); }")
            return
        if words in control.input_value():
            return
        if control.evaluate("control => document.activeElement !== control"):
            control.click()
        self.page.keyboard.insert_text(words)
        self.page.get_by_role("option", name=words).first.click()

    def open_step(self, step: str) -> None:
        """Have the form of a step before one, whether it is there already or a link leads to it."""
        if not self.page.get_by_role("main").get_by_role("button", name=step, exact=True).count():
            self.page.get_by_role("main").get_by_role("link", name=step, exact=True).first.click()

    def told(self, step: str) -> None:
        expect(self.page.locator(".toasts")).to_contain_text(f"{step}，已记录")


def one_opinion(clerk: Clerk, leader: Page, number: int, station: str, officer: str) -> None:
    page = clerk.page
    page.goto("/")
    with clerk.counted("register and refer"):
        page.get_by_role("link", name="登记意见").first.click()
        clerk.write("内容", f"{number}号楼：{SAID}")
        clerk.choose("主题", "技防照明")
        both = page.get_by_role("main").get_by_role("button", name="登记并转办", exact=True)
        if both.count():
            both.click()
        else:
            clerk.press("登记")
            clerk.open_step("转办")
            clerk.choose("承办单位", station)
            clerk.press("转办")
        expect(page.get_by_role("main")).to_contain_text("待签收")
    with clerk.counted("sign"):
        clerk.open_step("签收")
        clerk.press("签收")
        clerk.told("签收")
    with clerk.counted("measure"):
        clerk.open_step("制定整改措施")
        clerk.write("整改措施", MEASURE)
        clerk.choose("责任人", officer)
        clerk.write_day("计划完成日期", date.today() + timedelta(days=5))  # noqa: DTZ011
        clerk.press("制定整改措施")
        clerk.told("制定整改措施")
    with clerk.counted("rectify"):
        clerk.open_step("完成整改")
        clerk.write("整改结果", DONE)
        clerk.press("完成整改")
        clerk.told("完成整改")
    address = page.url.split("#")[0]
    _by_the_leader(leader, address, "核验通过", "verify")
    page.goto(address)
    with clerk.counted("reply"):
        clerk.open_step("拟写答复")
        clerk.write("答复内容", ANSWER)
        clerk.press("拟写答复")
        clerk.told("拟写答复")
    _by_the_leader(leader, address, "批准答复", "approve")
    page.goto(address)
    with clerk.counted("tell and close"):
        clerk.open_step("反馈群众")
        clerk.press("反馈群众")
        clerk.told("反馈群众")
        clerk.open_step("办结归档")
        clerk.press("办结归档")
        clerk.told("办结归档")


def many_at_once(clerk: Clerk, many: int) -> dict[str, float] | None:
    """Refer the first rows of the list that wait for it, all at once; None where the list has no such thing."""
    page = clerk.page
    page.goto("/opinions/?status=REGISTERED")
    boxes = page.locator("input[name=pick]")
    if boxes.count() < many:
        return None
    with clerk.counted("many"):
        boxes.first.click()
        boxes.nth(many - 1).click(modifiers=["Shift"])
        page.locator("#bulk").get_by_role("button", name="转办", exact=True).click()
        page.get_by_role("button", name=f"转办 {many} 件").click()
        page.wait_for_load_state("load")
    found = clerk.cost.parts.pop("many")
    return {"opinions": many, "steps": found["clicks"] + found["fields"], "seconds": round(found["seconds"], 2)}


def _by_the_leader(leader: Page, address: str, words: str, step: str) -> None:
    leader.goto(f"{address.rstrip('/')}/{step}/")
    leader.get_by_role("button", name=words, exact=True).click()
    leader.wait_for_load_state("load")


def _signed_in(browser: Browser, url: str, username: str, password: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", base_url=url).new_page()
    page.goto("/accounts/sign-in/")
    page.get_by_label("账号").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda address: "sign-in" not in address)
    return page


def figures(url: str, password: str, *, rounds: int, station: str, officer: str, many: int) -> dict[str, Any]:
    """Return medians over `rounds` opinions, by part and in all, and what `many` referrals at once cost."""
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page, leader = (_signed_in(browser, url, who, password) for who in ("clerk", "leader"))
        page.context.add_init_script(_COUNT)
        costs = []
        for number in range(1, rounds + 1):
            clerk = Clerk(page)
            one_opinion(clerk, leader, number, station, officer)
            costs.append(clerk.cost)
        at_once = many_at_once(Clerk(page), many)
        browser.close()
    parts = {
        part: {name: round(median(cost.parts[part][name] for cost in costs), 2) for name in (*_COUNTED, "seconds")}
        for part in costs[0].parts
    }
    total = {name: round(median(cost.total[name] for cost in costs), 2) for name in costs[0].total}
    return {"rounds": rounds, "one_opinion": total, "parts": parts, "refer_many_at_once": at_once}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else "")
    parser.add_argument("url")
    parser.add_argument("--password", default=os.environ.get("ZOUFANG_DEMO_PASSWORD", ""))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--station", default="星河派出所")
    parser.add_argument("--officer", required=True, help="name of the officer who will rectify")
    parser.add_argument("--many", type=int, default=10)
    asked = parser.parse_args()
    found = figures(
        asked.url,
        asked.password,
        rounds=asked.rounds,
        station=asked.station,
        officer=asked.officer,
        many=asked.many,
    )
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
