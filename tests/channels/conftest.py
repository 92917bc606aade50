"""A bureau whose doors are open now: the pages read the real clock."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.utils import timezone, translation

from tests.world import World
from zoufang.opinions.vocabulary import TellBy
from zoufang.organization.models import SpecialDay
from zoufang.organization.selectors import forget_calendar


@pytest.fixture
def world(db: None) -> World:
    world = World(now=timezone.now() - timedelta(hours=1))
    # The holidays of next year may not be known yet when this test runs.
    SpecialDay.objects.create(on=date(2099, 10, 1), is_working=False, name="国庆节")
    forget_calendar()
    return world


@pytest.fixture(autouse=True)
def _gateways(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text messages and mail can be sent."""
    monkeypatch.setattr("zoufang.channels.selectors.ways_offered", lambda: frozenset(TellBy))


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    with translation.override("zh-hans"):
        yield
