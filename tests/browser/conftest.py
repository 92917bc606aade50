"""A real Chromium before a live server, at a set hour of a working day: the bureau's clock runs on from there."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.browser.people import Street
from tests.world import World
from zoufang.kernel.clock import LOCAL

MORNING = datetime(2026, 5, 20, 9, 30, tzinfo=LOCAL)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a Wednesday in May, whatever day the tests run on; seconds pass as they do."""
    since, real = timezone.now(), timezone.now
    monkeypatch.setattr(timezone, "now", lambda: MORNING + (real() - since))


@pytest.fixture
def world(clock: None, transactional_db: None) -> World:
    """A bureau that has been at work since the evening before."""
    return World(now=timezone.now() - timedelta(hours=15))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, so Django would refuse it the database.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        options = ["--no-sandbox", "--lang=zh-CN", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=path, args=options)
        expect.set_options(timeout=20_000)
        yield browser
        browser.close()


@pytest.fixture
def street(chromium: Browser, world: World, live_server: LiveServer, tmp_path: Path) -> Iterator[Street]:
    """Everybody's screens. In the end, no page may have complained on its console."""
    opened = Street(chromium, live_server.url)
    yield opened
    opened.close()
    assert not opened.complaints
