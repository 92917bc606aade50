"""Every value, and the rows behind it, equal a count made independently in plain loops over rows of chance."""

import random
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest

from tests.metrics import recount, sample
from tests.metrics.recount import Fact, Facts
from tests.metrics.sample import Bureau
from zoufang.kernel.period import Period
from zoufang.metrics.engine import TOTAL, Clock, Key, Table, tabulate
from zoufang.organization.models import Unit

pytestmark = pytest.mark.django_db

PERIODS = [
    Period(date(2026, 1, 1), date(2026, 5, 31)),
    Period(date(2026, 1, 17), date(2026, 3, 9)),
    Period(date(2026, 2, 1), date(2026, 2, 28)),
    Period(date(2025, 12, 31), date(2026, 1, 1)),
]
WAYS = [None, "unit", "month", "category"]


def expected_at(facts: Facts, metric: Any, unit: Unit, period: Period, by: str | None, key: Key) -> list[Fact]:
    """Return the facts that stand behind one cell."""
    first, last, under, only = period.first, period.last, unit.path, False
    rows = facts.of(metric.code)
    if key is not TOTAL and by == "month":
        first, last = recount.months(period.first or period.last, period.last)[key]
    elif key is not TOTAL and by == "unit":
        only = key == unit.pk
        under = facts.paths[key]
    elif key is not TOTAL:
        rows = [row for row in rows if row.category == key]
    return recount.counted(rows, first=first, last=last, as_of=metric.clock is Clock.AS_OF, under=under, only=only)


def way(metric: Any, by: str | None) -> str | None:
    """Return the first category of the metric where any category is meant."""
    return next(iter(metric.categories)) if by == "category" else by


def cells(table: Table, code: str) -> list[tuple[int, Key]]:
    return [(unit, key) for unit in table.units for key in (TOTAL, *table.keys(code, unit))]


def weigh(metric: Any, rows: list[Fact]) -> int:
    if metric.distinct:
        return len({row.different for row in rows})
    return sum(row.weight for row in rows) if metric.value else len(rows)


@pytest.mark.parametrize(("seed", "by"), list(enumerate(WAYS)))
def test_every_count_equals_the_recount_and_its_rows(seed: int, by: str | None) -> None:
    bureau = Bureau()
    bureau.scatter(random.Random(seed), opinions=50)
    units = [bureau.city, bureau.county, bureau.corner, bureau.outside]
    facts, checked = Facts(), 0
    for period in PERIODS:
        for metric in sample.COUNTS:
            if by == "category" and not metric.categories:
                continue
            table = tabulate([metric], units, period, way(metric, by))
            for unit, key in cells(table, metric.code):
                behind = expected_at(facts, metric, table.units[unit], period, by, key)
                where = (metric.code, period, table.units[unit].name, key)
                assert table[metric.code, unit, key] == weigh(metric, behind), where
                drilled = list(table.rows_behind(metric.code, unit, key).values_list("pk", flat=True))
                assert sorted(drilled) == sorted(row.pk for row in behind), where
                checked += bool(behind)
    assert checked > 90


@pytest.mark.parametrize("by", ["unit", "category"])
def test_the_slices_of_a_count_add_up_to_its_total(by: str) -> None:
    bureau = Bureau()
    bureau.scatter(random.Random(7), opinions=60)
    for metric in (sample.HEARD, sample.CLOSED_SO_FAR, sample.HOPS):
        table = tabulate([metric], [bureau.city, bureau.station], PERIODS[0], way(metric, by))
        for unit in table.units:
            total = table[metric.code, unit]
            assert total
            assert sum(table[metric.code, unit, key] or 0 for key in table.keys(metric.code, unit)) == total


@pytest.mark.parametrize("by", WAYS)
@pytest.mark.parametrize(
    ("metric", "typical"), [(sample.REFERRAL_DELAY, recount.middle), (sample.MEAN_HOPS, recount.mean)]
)
def test_medians_and_means_equal_the_recount(
    metric: Any, typical: Callable[[list[float]], Any], by: str | None
) -> None:
    bureau = Bureau()
    bureau.scatter(random.Random(11), opinions=80)
    units = [bureau.city, bureau.county, bureau.corner, bureau.outside]
    facts = Facts()
    for period in PERIODS:
        table = tabulate([metric], units, period, way(metric, by))
        for unit, key in cells(table, metric.code):
            behind = expected_at(facts, metric, table.units[unit], period, by, key)
            value = typical([row.value for row in behind if row.value is not None])
            shown = table[metric.code, unit, key]
            if value is None:
                assert shown is None
                continue
            assert shown is not None
            assert abs(Fraction(shown) - Fraction(value)) <= Fraction(1, 20) + Fraction(1, 10**9)
            assert table.sample(metric.code, unit, key) == len(behind)
            drilled = table.rows_behind(metric.code, unit, key)
            assert sorted(drilled.values_list("pk", flat=True)) == sorted(row.pk for row in behind)


@pytest.mark.parametrize("by", WAYS)
def test_a_ratio_is_its_part_over_its_whole_in_every_cell(by: str | None) -> None:
    bureau = Bureau()
    bureau.scatter(random.Random(13), opinions=80)
    metric, part, whole = sample.CLOSURE_RATE, sample.CLOSED_SO_FAR, sample.HEARD_SO_FAR
    table = tabulate([metric, part, whole], [bureau.city, bureau.station], PERIODS[0], way(metric, by))
    for unit, key in cells(table, metric.code):
        of, base = table[part.code, unit, key], table[whole.code, unit, key]
        assert of is not None
        if not base:
            assert table[metric.code, unit, key] is None
            continue
        exact = Decimal(1000 * int(of)) / int(base)
        assert table[metric.code, unit, key] == exact.quantize(Decimal(1), ROUND_HALF_UP) / 10
        assert table.sample(metric.code, unit, key) == base


def test_the_strings_of_a_web_address_drill_into_the_same_rows() -> None:
    bureau = Bureau()
    bureau.scatter(random.Random(17), opinions=60)
    period = PERIODS[0]
    for by in ("unit", "month", "kind", "object"):
        table = tabulate([sample.HEARD], [bureau.city], period, by)
        for key in table.keys(sample.HEARD.code):
            rows = sample.HEARD.rows_behind(bureau.city, period, **{by: str(key)})
            assert rows.count() == table[sample.HEARD.code, bureau.city.pk, key]


def test_slices_can_be_combined() -> None:
    bureau = Bureau()
    bureau.scatter(random.Random(19), opinions=80)
    rows = sample.HEARD.rows_behind(bureau.city, PERIODS[0], month="2026-02", unit=bureau.county.pk, kind="PRAISE")
    assert sorted(rows.values_list("pk", flat=True)) == sorted(
        fact.pk
        for fact in Facts().of("sample.heard")
        if (fact.at.year, fact.at.month) == (2026, 2)
        and fact.owner.startswith(bureau.county.path)
        and fact.category == "PRAISE"
    )
