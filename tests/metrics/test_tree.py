"""Where a row counts: in its unit and in every unit above it, six levels up, and nowhere else."""

from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.metrics import sample
from tests.metrics.sample import Bureau, local, unit
from zoufang.kernel.period import Period
from zoufang.kernel.refusal import Invalid
from zoufang.metrics.engine import tabulate

pytestmark = pytest.mark.django_db

MARCH = Period.month(2026, 3)
CODE = sample.HEARD.code


@pytest.fixture
def bureau() -> Bureau:
    return Bureau()


def test_a_row_counts_on_all_six_levels_above_it(bureau: Bureau) -> None:
    bureau.opinion(local(2026, 3, 2), bureau.corner)
    line = [bureau.city, bureau.county, bureau.station, bureau.room, bureau.post, bureau.corner]
    table = tabulate([sample.HEARD], line, MARCH)
    assert [table[CODE, each.pk] for each in line] == [1] * 6


def test_a_row_counts_in_no_unit_beside_or_below(bureau: Bureau) -> None:
    bureau.opinion(local(2026, 3, 2), bureau.room)
    elsewhere = [bureau.post, bureau.other_county, bureau.outside]
    table = tabulate([sample.HEARD], elsewhere, MARCH)
    assert [table[CODE, each.pk] for each in elsewhere] == [0, 0, 0]


def test_units_outside_the_city_do_not_count_in_it(bureau: Bureau) -> None:
    bureau.opinion(local(2026, 3, 2), bureau.outside_station)
    table = tabulate([sample.HEARD], [bureau.city, bureau.outside], MARCH, by="unit")
    assert table[CODE, bureau.city.pk] == 0
    assert table[CODE, bureau.outside.pk, bureau.outside_station.pk] == 1


def test_a_key_that_begins_like_another_is_not_below_it(bureau: Bureau) -> None:
    """Paths are compared with their closing stroke: /90/ does not hold /900/."""
    short = unit("甲", bureau.city, pk=900_001)
    long = unit("乙", bureau.city, pk=9_000_012)
    bureau.opinion(local(2026, 3, 2), long)
    table = tabulate([sample.HEARD], [bureau.city, short, long], MARCH, by="unit")
    assert [table[CODE, short.pk], table[CODE, long.pk]] == [0, 1]
    for child, rows in ((short, 0), (long, 1)):
        assert table[CODE, bureau.city.pk, child.pk] == rows
        assert sample.HEARD.rows_behind(child, MARCH).count() == rows
        assert sample.HEARD.rows_behind(bureau.city, MARCH, unit=child.pk).count() == rows


def test_by_unit_tells_the_children_and_what_is_credited_to_the_unit_itself(bureau: Bureau) -> None:
    bureau.opinion(local(2026, 3, 2), bureau.city)
    bureau.opinion(local(2026, 3, 2), bureau.corner)
    bureau.opinion(local(2026, 3, 2), bureau.other_county)

    table = tabulate([sample.HEARD], [bureau.city], MARCH, by="unit")

    city = bureau.city.pk
    assert table.keys(CODE, city) == [city, bureau.county.pk, bureau.other_county.pk]
    assert [table[CODE, city, key] for key in table.keys(CODE, city)] == [1, 1, 1]
    assert [table.rows_behind(CODE, city, key).get().heard_by for key in table.keys(CODE, city)] == [
        bureau.city,
        bureau.corner,
        bureau.other_county,
    ]
    assert [table.label(key) for key in table.keys(CODE)] == ["市局本级", "甲县局", "乙县局"]


def test_a_unit_asked_beside_its_parent_keeps_its_own_name(bureau: Bureau) -> None:
    table = tabulate([sample.HEARD], [bureau.city, bureau.county], MARCH, by="unit")
    county = bureau.county.pk
    assert table.label(county, bureau.city.pk) == "甲县局"
    assert table.label(county, county) == "甲县局本级"


def test_a_closed_unit_is_told_only_while_it_existed_or_has_figures(bureau: Bureau) -> None:
    closed = unit("撤并所", bureau.county, valid_to=date(2026, 2, 28))
    coming = unit("新设所", bureau.county, valid_from=date(2026, 3, 31))
    closing = unit("将撤所", bureau.county, valid_to=date(2026, 3, 1))
    later = unit("后设所", bureau.county, valid_from=date(2026, 4, 1))
    busy = unit("忙所", bureau.county, valid_to=date(2025, 12, 31))
    bureau.opinion(local(2026, 3, 2), busy)

    table = tabulate([sample.HEARD], [bureau.county], MARCH, by="unit")

    keys = table.keys(CODE, bureau.county.pk)
    assert {coming.pk, closing.pk, busy.pk} < set(keys)
    assert not {closed.pk, later.pk} & set(keys)
    assert sum(int(table[CODE, bureau.county.pk, key] or 0) for key in keys) == 1
    since_ever = tabulate([sample.HEARD], [bureau.county], MARCH.as_of, by="unit")
    assert closed.pk in since_ever.keys(CODE, bureau.county.pk)


def test_the_rows_of_a_child_that_does_not_exist_are_refused_or_none(bureau: Bureau) -> None:
    bureau.opinion(local(2026, 3, 2), bureau.room)
    with pytest.raises(Invalid):
        sample.HEARD.rows_behind(bureau.city, MARCH, unit="甲")
    assert not sample.HEARD.rows_behind(bureau.other_county, MARCH, unit=bureau.room.pk).exists()


def test_the_number_of_queries_does_not_grow_with_units_and_months(
    bureau: Bureau, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    bureau.opinion(local(2026, 3, 2), bureau.corner)
    metrics = [sample.CLOSURE_RATE, sample.HEARD_SO_FAR, sample.HEARD, sample.REFERRAL_DELAY]
    year = Period(date(2026, 1, 1), date(2026, 12, 31))
    units = bureau.units
    with django_assert_num_queries(2 + 4):  # the tree, the cells that are kept; closed, heard so far, heard, the median
        tabulate(metrics, units, year, by="month")
    with django_assert_num_queries(3 + 4):  # and the children
        tabulate(metrics, units, year, by="unit")


def test_a_metric_or_unit_that_was_not_asked_is_no_zero(bureau: Bureau) -> None:
    table = tabulate([sample.HEARD], [bureau.city], MARCH)
    with pytest.raises(KeyError):
        table["sample.hops", bureau.city.pk]
    with pytest.raises(KeyError):
        table[CODE, bureau.county.pk]
