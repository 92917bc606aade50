"""PostgreSQL, DuckDB and Spark say the same of every number, for every unit, period and way of telling apart."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.lake.chance import units
from tests.metrics.sample import Bureau
from zoufang.kernel.period import Period
from zoufang.lake import source
from zoufang.lake.lake import Lake
from zoufang.metrics.engine import BASE_ROWS, TOTAL, Metric, Reported, Table, tabulate
from zoufang.organization.models import Unit
from zoufang.statistics.catalogue import CATALOGUE

pytestmark = [pytest.mark.lake, pytest.mark.django_db]

# Whole months told apart in every way, days in the middle of months, and the two days at a new year.
WHOLE = Period(date(2026, 1, 1), date(2026, 5, 31))
CODES = [metric.code for metric in CATALOGUE]
CATEGORIES = sorted({name for metric in CATALOGUE for name in metric.categories})
ASKED: list[tuple[Period, str]] = [
    *((WHOLE, by) for by in ("unit", "month", *CATEGORIES)),
    (Period(date(2026, 1, 17), date(2026, 3, 9)), "month"),
    (Period(date(2025, 12, 31), date(2026, 1, 1)), "unit"),
]
# Value, sample, and what it is called, by number, code of the unit, and key.
Said = dict[tuple[str, str, Any], tuple[Any, int | None, str | None]]


def told_apart(by: str) -> list[Metric]:
    return [metric for metric in CATALOGUE if by in ("unit", "month", *metric.categories)]


def said(table: Table, codes: dict[int, str]) -> Said:
    return {
        (
            figure.metric.code,
            figure.unit.code,
            codes[figure.key] if table.by == "unit" and figure.key is not TOTAL else figure.key,
        ): (
            figure.value,
            figure.sample,
            table.label(figure.key, figure.unit.pk),
        )
        for figure in table
    }


def by_rows(period: Period, by: str) -> Said:
    codes = dict(Unit.objects.values_list("pk", "code"))
    return said(tabulate(told_apart(by), units(), period, by, source=BASE_ROWS), codes)


def by_lake(lake: Lake, period: Period, by: str, engine: Any) -> Said:
    asked = [lake.tree.called(unit.code) for unit in units()]
    table = lake.tabulate(told_apart(by), asked, period, by, engine=engine)
    return said(table, {unit.pk: code for code, unit in lake.tree.by_code.items()})


def different(expected: Said, found: Said) -> dict[Any, Any]:
    places = expected.keys() | found.keys()
    return {at: (expected.get(at), found.get(at)) for at in places if expected.get(at) != found.get(at)}


@pytest.mark.parametrize("name", ["duckdb", "spark"])
def test_every_number_of_the_catalogue(
    cities: Bureau, exported: Path, request: pytest.FixtureRequest, name: str
) -> None:
    lake, engine = Lake(exported), request.getfixturevalue(name)
    told: Counter[str] = Counter()
    for period, by in ASKED:
        expected = by_rows(period, by)
        assert different(expected, by_lake(lake, period, by, engine)) == {}, (period, by)
        told.update(code for (code, *_place), (value, *_words) in expected.items() if value)
    reported = {metric.code for metric in CATALOGUE if isinstance(metric, Reported)}
    assert {code: told[code] for code in CODES if told[code] < (1 if code in reported else 10)} == {}


def test_the_whole_lake_is_the_sum_of_its_bureaus(cities: Bureau, exported: Path, duckdb: Any) -> None:
    lake, metric = Lake(exported), CATALOGUE.get("visits.recorded")
    table = lake.tabulate([metric], [lake.tree.root], WHOLE, "unit", engine=duckdb)
    total, _own, *bureaus = [figure.value for figure in table]

    assert [lake.tree.root.code, lake.tree.root.name] == ["000000000000", "全国"]
    rows = tabulate([metric], [cities.city, cities.outside], WHOLE, source=BASE_ROWS)
    assert bureaus == [figure.value for figure in rows]
    assert total == sum(int(value or 0) for value in bureaus) > 0


def _off_by_a_day(within: Callable[..., str]) -> Callable[..., str]:
    return lambda metric, period: within(metric, replace(period, last=date(2026, 5, 30)))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("_within", _off_by_a_day(source._within)),
        ("_between", lambda low, _high: Decimal(str(low))),
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
    assert different(by_rows(WHOLE, "month"), by_lake(lake, WHOLE, "month", duckdb))
