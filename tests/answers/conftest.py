"""A bureau with templates, in the language of its officers."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone, translation

from tests.world import World
from zoufang.answers.loading import load_reference
from zoufang.organization.selectors import forget_calendar


@pytest.fixture
def world(db: None) -> World:
    forget_calendar()
    world = World(now=timezone.now() - timedelta(hours=2))
    load_reference(now=world.now)
    return world


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    with translation.override("zh-hans"):
        yield
