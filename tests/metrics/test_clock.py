"""When a row counts: local midnights, the two clocks, and closings that were taken back."""

from datetime import date, timedelta

import pytest

from tests.metrics import sample
from tests.metrics.sample import Bureau, local
from zoufang.kernel.period import Period
from zoufang.kernel.refusal import Invalid
from zoufang.metrics.engine import TOTAL, Clock, Count, Table, tabulate
from zoufang.opinions.models import Referral

pytestmark = pytest.mark.django_db

MARCH = Period.month(2026, 3)
SPRING = Period(date(2026, 1, 1), date(2026, 5, 31))


@pytest.fixture
def bureau() -> Bureau:
    return Bureau()


def monthly(table: Table) -> list[object]:
    """Return the figures of each month of a table of one metric and one unit."""
    return [figure.value for figure in table if figure.key is not TOTAL]


def value(metric: Count, bureau: Bureau, period: Period) -> object:
    return tabulate([metric], [bureau.city], period)[metric.code, bureau.city.pk]


def test_a_month_begins_at_local_midnight(bureau: Bureau) -> None:
    bureau.opinion(local(2026, 3, 1))  # 16:00 UTC on the last day of February
    bureau.opinion(local(2026, 3, 31, 23, 59, 59))
    bureau.opinion(local(2026, 4, 1))  # still March in UTC

    table = tabulate([sample.HEARD], [bureau.city], SPRING, by="month")

    city = bureau.city.pk
    assert table.keys() == ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05"]
    assert monthly(table) == [0, 0, 2, 1, 0]
    assert table[sample.HEARD.code, city] == 3


def test_the_last_instant_of_a_month_belongs_to_it(bureau: Bureau) -> None:
    bureau.opinion(local(2026, 4, 1) - timedelta(microseconds=1))
    assert value(sample.HEARD, bureau, MARCH) == 1


def test_a_flow_counts_within_the_period_and_as_of_counts_since_the_beginning(bureau: Bureau) -> None:
    bureau.opinion(local(2025, 6, 1))
    bureau.opinion(local(2026, 3, 15))
    bureau.opinion(local(2026, 4, 15))
    assert value(sample.HEARD, bureau, MARCH) == 1
    assert value(sample.HEARD_SO_FAR, bureau, MARCH) == 2
    assert value(sample.HEARD, bureau, MARCH.as_of) == 2


def test_a_case_closed_in_march_and_reopened_in_may_was_closed_as_of_april(bureau: Bureau) -> None:
    opinion = bureau.opinion(local(2026, 1, 5))
    bureau.referral(opinion, local(2026, 1, 6), closed_at=local(2026, 3, 10), reopened_at=local(2026, 5, 2))

    table = tabulate([sample.CLOSED_SO_FAR], [bureau.city], SPRING, by="month")

    by_month = monthly(table)
    assert by_month == [0, 0, 1, 1, 0]
    assert table[sample.CLOSED_SO_FAR.code, bureau.city.pk] == 0


def test_a_case_closed_twice_counts_once(bureau: Bureau) -> None:
    opinion = bureau.opinion(local(2026, 1, 5))
    bureau.referral(opinion, local(2026, 1, 6), closed_at=local(2026, 2, 1), reopened_at=local(2026, 2, 20))
    bureau.referral(opinion, local(2026, 2, 21), closed_at=local(2026, 3, 1))
    table = tabulate([sample.CLOSED_SO_FAR], [bureau.city], SPRING, by="month")
    assert monthly(table) == [0, 0, 1, 1, 1]


def test_settled_and_unsettled_speak_of_the_same_joined_row(bureau: Bureau) -> None:
    opinion = bureau.opinion(local(2026, 1, 5))
    bureau.referral(opinion, local(2026, 1, 6), closed_at=local(2026, 2, 1), reopened_at=local(2026, 2, 20))
    bureau.referral(opinion, local(2026, 2, 21))  # open: neither closed nor reopened
    assert value(sample.CLOSED_SO_FAR, bureau, MARCH) == 0
    assert not sample.CLOSED_SO_FAR.rows_behind(bureau.city, MARCH).exists()


def test_even_a_broken_promise_of_one_settled_row_counts_no_row_twice(bureau: Bureau) -> None:
    opinion = bureau.opinion(local(2026, 1, 5))
    bureau.referral(opinion, local(2026, 1, 6), closed_at=local(2026, 2, 1), reopened_at=local(2026, 5, 20))
    bureau.referral(opinion, local(2026, 1, 7), closed_at=local(2026, 2, 2))
    assert value(sample.CLOSED_SO_FAR, bureau, MARCH) == 1
    assert sample.CLOSED_SO_FAR.rows_behind(bureau.city, MARCH).count() == 1


def test_a_flow_with_settled_counts_what_the_period_brought_and_settled(bureau: Bureau) -> None:
    opinion = bureau.opinion(local(2026, 3, 1))
    bureau.referral(opinion, local(2026, 3, 2), finished_at=local(2026, 4, 2))
    assert value(sample.REFERRED_AND_FINISHED, bureau, MARCH) == 0
    assert value(sample.REFERRED_AND_FINISHED, bureau, Period.month(2026, 4)) == 0
    assert value(sample.REFERRED_AND_FINISHED, bureau, SPRING) == 1


def test_settled_on_the_stroke_of_the_end_is_settled_in_the_next_period(bureau: Bureau) -> None:
    opinion = bureau.opinion(local(2026, 3, 1))
    bureau.referral(opinion, local(2026, 3, 2), closed_at=local(2026, 4, 1), reopened_at=local(2026, 5, 1))
    assert value(sample.CLOSED_SO_FAR, bureau, MARCH) == 0
    assert value(sample.CLOSED_SO_FAR, bureau, Period.month(2026, 4)) == 1
    assert value(sample.CLOSED_SO_FAR, bureau, Period(None, date(2026, 5, 1))) == 0


def test_a_local_day_counts_in_the_month_it_names(bureau: Bureau) -> None:
    bureau.rectification(date(2026, 3, 1), rectified_at=local(2026, 3, 31, 23, 59))
    bureau.rectification(date(2026, 3, 31), rectified_at=local(2026, 3, 30))
    bureau.rectification(date(2026, 3, 31), rectified_at=local(2026, 4, 1))
    bureau.rectification(date(2026, 4, 1), rectified_at=local(2026, 3, 1))
    assert value(sample.PLANNED, bureau, MARCH) == 2
    assert sample.PLANNED.rows_behind(bureau.city, MARCH).count() == 2


def test_a_period_without_a_first_day_has_no_months(bureau: Bureau) -> None:
    with pytest.raises(Invalid, match="起始日期"):
        tabulate([sample.HEARD], [bureau.city], MARCH.as_of, by="month")


def test_a_month_outside_the_period_is_refused(bureau: Bureau) -> None:
    with pytest.raises(Invalid, match="2026-04"):
        sample.HEARD.rows_behind(bureau.city, MARCH, month="2026-04")


def test_the_months_of_a_cut_period_are_cut(bureau: Bureau) -> None:
    bureau.opinion(local(2026, 2, 9))
    bureau.opinion(local(2026, 2, 10))
    bureau.opinion(local(2026, 3, 5))
    bureau.opinion(local(2026, 3, 6))
    cut = Period(date(2026, 2, 10), date(2026, 3, 5))
    table = tabulate([sample.HEARD], [bureau.city], cut, by="month")
    assert monthly(table) == [1, 1]
    assert table.rows_behind(sample.HEARD.code, bureau.city.pk, "2026-03").count() == 1


def test_the_hearing_unit_and_the_answering_unit_are_credited_apart(bureau: Bureau) -> None:
    opinion = bureau.opinion(local(2026, 3, 1), bureau.room)
    bureau.referral(opinion, local(2026, 3, 2), bureau.other_station)
    heard, answers = (
        Count(code=f"sample.{name}", title="转办", per="件", rows=Referral.objects.all, at="referred_at", owner=owner)
        for name, owner in (("by_hearing", "opinion__heard_by"), ("by_answering", "unit"))
    )
    table = tabulate([heard, answers], [bureau.county, bureau.other_county], MARCH)
    assert [table[heard.code, bureau.county.pk], table[heard.code, bureau.other_county.pk]] == [1, 0]
    assert [table[answers.code, bureau.county.pk], table[answers.code, bureau.other_county.pk]] == [0, 1]
    assert heard.clock is Clock.FLOW
