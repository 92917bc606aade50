"""The rehearsal city, loaded once into a database of its own; tests that write get a copy, and leave no trace."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import cast
from urllib.parse import quote

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg.sql import SQL, Identifier

from zoufang.kernel.clock import LOCAL
from zoufang.metrics.services import install_cells
from zoufang.rehearsal.city import load_jiaozuo
from zoufang.statistics.catalogue import CATALOGUE

YEAR = 2026
NOW = datetime(2026, 7, 20, 10, 0, tzinfo=LOCAL)


@contextmanager
def loaded_city() -> Iterator[str]:
    """Have the city in a database for as long as the block lasts; yield the database's name."""
    name = f"test_{connection.settings_dict['NAME'].removeprefix('test_')}_jiaozuo"
    with _created(name, template="template0"), standing_in(name):
        call_command("migrate", verbosity=0)
        install_cells(CATALOGUE)
        _load(name)
        yield name


def load() -> None:
    load_jiaozuo(YEAR, now=NOW)


def _load(name: str) -> None:
    """Load in a process of its own, as an operator would: what the tests hold open is none of its business."""
    facts = connection.settings_dict
    host, user, password = (quote(str(facts[key] or ""), safe="") for key in ("HOST", "USER", "PASSWORD"))
    port = f":{facts['PORT']}" if facts["PORT"] else ""
    command = "import django; django.setup(); from tests.journeys import city; city.load()"
    subprocess.run(
        [sys.executable, "-c", command],
        check=True,
        cwd=settings.ROOT,
        env=os.environ | {"DATABASE_URL": f"postgres://{user}:{password}@{host}{port}/{name}"},
    )


@contextmanager
def copy_of(city: str) -> Iterator[None]:
    """Have a copy of the city to write in."""
    _let_go()
    name = f"{city}_copy"
    with _created(name, template=city), standing_in(name):
        yield


@contextmanager
def standing_in(name: str) -> Iterator[None]:
    """Let everything read and write the database `name`."""
    usual = connection.settings_dict["NAME"]
    _let_go()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        _let_go()
        connection.settings_dict["NAME"] = usual


@contextmanager
def _created(name: str, *, template: str) -> Iterator[None]:
    _run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    _run("CREATE DATABASE {} TEMPLATE {}", name, template)
    try:
        yield
    finally:
        _run("DROP DATABASE {} WITH (FORCE)", name)


def _run(statement: str, *names: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(SQL(statement).format(*map(Identifier, names)))


def _let_go() -> None:
    connections.close_all()
    cast(DatabaseWrapper, connections["default"]).close_pool()
