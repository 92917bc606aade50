"""One stage for all tests of a module: made in a transaction that is never committed."""

from collections.abc import Iterator

import pytest
from django.utils import translation
from pytest_django import DjangoDbBlocker

from tests.guards.matrix_stage import Stage, build, undone


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Stage]:
    """The bureau with everybody and everything in it. Write only inside `undone()`."""
    with django_db_blocker.unblock(), undone():
        yield build()


@pytest.fixture(autouse=True)
def _in_chinese() -> Iterator[None]:
    """A request in English leaves its language with the thread; each test begins without."""
    with translation.override("zh-hans"):
        yield
