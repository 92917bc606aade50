"""PostgreSQL, DuckDB and Spark say the same of every number, for every unit, period and way of telling apart."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.lake.chance import units
from tests.metrics.sample import Bureau
from zoufang.kernel.period import Period
from zoufang.lake import source
from zoufang.lake.lake import Lake
from zoufang.metrics.engine import BASE_ROWS, Metric, Reported, Table, tabulate
from zoufang.organization.models import Unit
from zoufang.statistics.catalogue import CATALOGUE

pytestmark = [pytest.mark.lake, pytest.mark.django_db]

# Whole months, days in the middle of months, and the two days at a new year.
PERIODS = [
    Period(date(2026, 1, 1), date(2026, 5, 31)),
    Period(date(2026, 1, 17), date(2026, 3, 9)),
    Period(date(2025, 12, 31), date(2026, 1, 1)),
]
Said = dict[tuple[str, Any], tuple[Any, int | None, str | None]]


def ways(metric: Metric) -> Iterator[str]:
    yield from ("unit", "month", *metric.categories)


def said(table: Table, codes: dict[int, str]) -> Said:
    """Return every figure by the code of its unit and its key, with its sample and what it is called."""
    return {
        (figure.unit.code, codes[figure.key] if table.by == "unit" and figure.key is not None else figure.key): (
            figure.value,
            figure.sample,
            table.label(figure.key, figure.unit.pk) if figure.key is not None else None,
        )
        for figure in table
    }


def by_rows(metric: Metric, period: Period, by: str | None) -> Said:
    asked = units()
    return said(tabulate([metric], asked, period, by, source=BASE_ROWS), dict(Unit.objects.values_list("pk", "code")))


def by_lake(lake: Lake, metric: Metric, period: Period, by: str | None, engine: Any) -> Said:
    asked = [lake.tree.called(unit.code) for unit in units()]
    table = lake.tabulate([metric], asked, period, by, engine=engine)
    return said(table, {unit.pk: code for code, unit in lake.tree.by_code.items()})


def compare(lake: Lake, metric: Metric, engine: Any, periods: list[Period]) -> int:
    """Hold a number against its rows; return how many of its figures say something."""
    told = 0
    for index, period in enumerate(periods):
        # The long way of slicing over the long period, another one over each of the others.
        for by in ways(metric) if index == 0 else list(ways(metric))[index - 1 : index]:
            expected = by_rows(metric, period, by)
            assert by_lake(lake, metric, period, by, engine) == expected, (metric.code, period, by)
            told += sum(bool(value) for value, _sample, _label in expected.values())
    return told


def compare_all(lake: Lake, engine: Any, periods: list[Period]) -> dict[str, int]:
    return {metric.code: compare(lake, metric, engine, periods) for metric in CATALOGUE}


@pytest.mark.parametrize("name", ["duckdb", "spark"])
def test_every_number_of_the_catalogue(
    cities: Bureau, exported: Path, request: pytest.FixtureRequest, name: str
) -> None:
    lake, engine = Lake(exported), request.getfixturevalue(name)
    told = compare_all(lake, engine, PERIODS)
    reported = {metric.code for metric in CATALOGUE if isinstance(metric, Reported)}
    assert {code: said for code, said in told.items() if said < (1 if code in reported else 10)} == {}


def test_the_whole_lake_is_the_sum_of_its_bureaus(cities: Bureau, exported: Path, duckdb: Any) -> None:
    lake, metric = Lake(exported), CATALOGUE.get("visits.recorded")
    table = lake.tabulate([metric], [lake.tree.root], PERIODS[0], "unit", engine=duckdb)
    total, _own, *bureaus = [figure.value for figure in table]

    assert [lake.tree.root.code, lake.tree.root.name] == ["000000000000", "全国"]
    rows = tabulate([metric], [cities.city, cities.outside], PERIODS[0], source=BASE_ROWS)
    assert bureaus == [figure.value for figure in rows]
    assert total == sum(bureaus) > 0


def _off_by_a_day(within: Callable[..., str]) -> Callable[..., str]:
    return lambda metric, period: within(metric, replace(period, last=date(2026, 5, 30)))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("_within", _off_by_a_day(source._within)),
        ("_between", lambda low, _high: source.Decimal(str(low))),
        ("_test", source._within),
    ],
)
def test_an_engine_that_says_something_else_is_found_out(
    cities: Bureau,
    exported: Path,
    duckdb: Any,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    wrong: Callable[..., Any],
) -> None:
    lake = Lake(exported)
    monkeypatch.setattr(source, name, wrong)
    with pytest.raises(AssertionError):
        compare_all(lake, duckdb, PERIODS[:1])
