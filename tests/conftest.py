"""What every test needs: a PostgreSQL of its own, and places that no other test writes to."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import DjangoDbBlocker

_open = ExitStack()

# These stand for what `make demo` prepares, or cost time that no test is about.
_IN_TESTS = {
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    "WHITENOISE_AUTOREFRESH": True,
    "WHITENOISE_USE_FINDERS": True,
}


def pytest_configure(config: pytest.Config) -> None:
    """Without `DATABASE_URL`, start the embedded cluster or join it: test processes share it, a database each."""
    for name, value in _IN_TESTS.items():
        setattr(settings, name, value)
    storages: dict[str, Any] = settings.STORAGES
    storages["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    if "DATABASE_URL" not in os.environ and not config.option.collectonly:
        from zoufang.site import database

        _open.enter_context(database.running())


def pytest_unconfigure() -> None:
    _open.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take minutes: of several processes none is left alone with one at the end."""
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(autouse=True, scope="session")
def _attachments_stay_apart(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Attachments that tests store are theirs alone."""
    place: Path = tmp_path_factory.mktemp("attachments")
    storages: dict[str, Any] = settings.STORAGES
    storages["default"]["OPTIONS"]["location"] = place


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """
    Let the database keep the numbers, as every real one does.

    At the end send away who still holds a connection, such as a browser's last request: the database goes.
    """
    from zoufang.metrics.services import install_cells
    from zoufang.statistics.catalogue import CATALOGUE

    with django_db_blocker.unblock():
        install_cells(CATALOGUE)
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Let Django empty the audit tables between transactional tests; elsewhere the database refuses it."""
    databases: dict[str, Any] = settings.DATABASES
    databases["default"]["OPTIONS"]["options"] = "-c zoufang.allow_truncate=on"
