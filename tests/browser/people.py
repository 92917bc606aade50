"""People before their screens: what they click and type, found by what they read, never by how a page is built."""

from dataclasses import dataclass, field
from re import Pattern

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Locator, Page, Response, expect

from tests.world import PASSWORD

PHONE, DESK = 390, 1440


class Street:
    """Opens screens, and hears what their pages complain of: errors, broken policies, answers that never should be."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self.complaints: list[str] = []
        self._contexts: list[BrowserContext] = []

    def screen(self, width: int) -> "Screen":
        """Return a new browser of its own, as wide as a telephone or a desk's screen, with nobody signed in."""
        height = 844 if width <= PHONE else 900
        touches = width <= PHONE
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", base_url=self.url, has_touch=touches
        )
        context.set_default_timeout(20_000)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", self._hear_error)
        page.on("response", self._see)
        return Screen(page)

    def officer(self, username: str, width: int = DESK) -> "Screen":
        """Return a screen on which the officer has signed in."""
        screen = self.screen(width)
        screen.go("/accounts/sign-in/")
        screen.page.get_by_label("账号").fill(username)
        screen.page.get_by_label("密码").fill(PASSWORD)
        screen.press("登录")
        expect(screen.page).not_to_have_url(self.url + "/accounts/sign-in/")
        return screen

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.location.get('url')}: {message.text}")

    def _hear_error(self, error: Error) -> None:
        self.complaints.append(f"script: {error.message}")

    def _see(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status}: {response.url}")


@dataclass
class Screen:
    """One person's browser."""

    page: Page
    seen: list[str] = field(default_factory=list)

    def go(self, address: str) -> None:
        self.page.goto(address)

    def press(self, words: str) -> None:
        """Press the button that says exactly this."""
        self.page.get_by_role("button", name=words, exact=True).click()

    def follow(self, words: str | Pattern[str]) -> None:
        """
        Follow the first link on the page, beside the menu, that says this.

        The form of the step that an opinion waits for stands on its page: then there is nothing to follow.
        """
        if isinstance(words, str) and self.page.locator("#step").get_by_role("button", name=words, exact=True).count():
            return
        self.page.get_by_role("main").get_by_role("link", name=words).first.click()

    def take(self, step: str) -> None:
        """Open a step whose form asks for nothing that must be said, and take it."""
        self.follow(step)
        self.press(step)
        self.told(f"{step}，已记录")

    def write(self, label: str, text: str, *, within: Locator | None = None) -> None:
        (within or self.page).get_by_label(label).and_(self.page.locator("input, textarea")).first.fill(text)

    def choose(self, label: str, option: str, *, within: Locator | None = None) -> None:
        """Choose what has these words: by typing where the list can be searched, else the browser's own way."""
        control = (
            (within or self.page)
            .get_by_label(label)
            .and_(self.page.get_by_role("combobox").or_(self.page.locator("select")))
            .first
        )
        if control.evaluate("control => control.tagName") == "SELECT":
            control.select_option(control.locator("option", has_text=option).first.get_attribute("value"))
            return
        control.fill(option)
        self.page.get_by_role("option", name=option).first.click()

    def tick(self, words: str, *, within: Locator | None = None) -> None:
        """Tick the box or the choice that is labelled so."""
        (within or self.page).get_by_text(words, exact=True).first.click()

    def reads(self, words: str | Pattern[str]) -> None:
        """Wait until the page's own part says this."""
        expect(self.page.get_by_role("main")).to_contain_text(words)

    def told(self, words: str | Pattern[str]) -> None:
        """Wait until the notice of what has just been done says this."""
        expect(self.page.locator(".toasts")).to_contain_text(words)
