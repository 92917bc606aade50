"""Two cities that have exported into one lake, and the engines that read it."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from tests.lake import cluster
from tests.lake.chance import scatter_everything
from tests.metrics.sample import Bureau
from zoufang.lake.engines import DuckDB, Spark
from zoufang.lake.export import export_lake
from zoufang.statistics.catalogue import CATALOGUE

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def _cities(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Bureau]:
    """Make the cities once a file, in a transaction of their own: the tests' are rolled back inside it."""
    with django_db_blocker.unblock(), transaction.atomic():
        bureau = Bureau()
        scatter_everything(bureau, random.Random(11), rows=70)
        yield bureau
        transaction.set_rollback(True)


@pytest.fixture
def cities(_cities: Bureau, db: None) -> Bureau:
    return _cities


@pytest.fixture(scope="module")
def _place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lake")


@pytest.fixture
def exported(cities: Bureau, _place: Path) -> Path:
    """The directory into which both cities have exported all numbers: once a file, by the first test that asks."""
    if not (_place / "bureaus").exists():
        export_lake(_place, list(CATALOGUE), now=NOW)
    return _place


@pytest.fixture(scope="session")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Spark cluster of three processes beside this one."""
    with cluster.running(tmp_path_factory.mktemp("spark")) as address:
        yield address


@pytest.fixture(scope="session")
def duckdb() -> Iterator[DuckDB]:
    engine = DuckDB()
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def spark(master: str) -> Iterator[Spark]:
    """One session for all tests: it takes half a minute to begin."""
    engine = Spark(master)
    yield engine
    engine.close()
