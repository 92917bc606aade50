"""What a value looks like: rates rounded half up, dashes for no base, categories by name, records for JSON."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils.translation import override

from tests.metrics import sample
from tests.metrics.sample import Bureau, local
from zoufang.kernel.period import Period
from zoufang.kernel.refusal import Invalid
from zoufang.metrics.engine import BLANK, DAY, Count, Median, one_decimal, per_cent, tabulate
from zoufang.opinions.models import Opinion, Referral
from zoufang.opinions.vocabulary import ObjectCategory

MARCH = Period.month(2026, 3)
CODE = sample.HEARD.code
SPRING = Period(date(2026, 1, 1), date(2026, 5, 31))


@pytest.fixture
def bureau(db: None) -> Bureau:
    return Bureau()


@pytest.mark.parametrize(
    ("part", "whole", "rate"),
    [
        (241, 338, "71.3"),  # 71.302: the closure rate of a printed bulletin
        (216, 237, "91.1"),
        (56, 56, "100.0"),
        (0, 7, "0.0"),
        (1, 16, "6.3"),  # 6.25 is rounded up, not to even
        (1, 8, "12.5"),
        (1, 2000, "0.1"),  # 0.05
        (1, 2001, "0.0"),
    ],
)
def test_a_rate_has_one_decimal_rounded_half_up(part: int, whole: int, rate: str) -> None:
    assert str(per_cent(part, whole)) == rate


def test_one_decimal_is_what_people_write() -> None:
    assert str(one_decimal(Decimal("2.25"))) == "2.3"


def test_a_rate_without_base_is_a_dash_and_never_a_number(bureau: Bureau) -> None:
    table = tabulate([sample.CLOSURE_RATE, sample.HEARD_SO_FAR], [bureau.city], MARCH, by="unit")
    for figure in table:
        if figure.metric is sample.CLOSURE_RATE:
            assert (figure.value, figure.shown, figure.sample) == (None, "—", None)
        else:
            assert (figure.value, figure.shown) == (0, "0")


def test_a_rate_of_nothing_done_is_zero_and_says_of_how_many(bureau: Bureau) -> None:
    bureau.opinion(local(2026, 3, 2))
    table = tabulate([sample.CLOSURE_RATE], [bureau.city], MARCH, by="kind")
    figure = table.figure(sample.CLOSURE_RATE.code, bureau.city.pk)
    assert (figure.value, figure.shown, figure.sample) == (Decimal("0.0"), "0.0%", 1)
    assert table.keys(sample.CLOSURE_RATE.code) == ["OPINION"]


def test_a_rate_opens_onto_the_rows_of_its_whole(bureau: Bureau) -> None:
    closed, waiting = bureau.opinion(local(2026, 3, 2)), bureau.opinion(local(2026, 3, 3))
    bureau.referral(closed, local(2026, 3, 4), closed_at=local(2026, 3, 9))
    table = tabulate([sample.CLOSURE_RATE], [bureau.city], MARCH)
    assert table[sample.CLOSURE_RATE.code, bureau.city.pk] == Decimal("50.0")
    assert set(table.rows_behind(sample.CLOSURE_RATE.code, bureau.city.pk)) == {closed, waiting}


def test_a_sum_adds_up_the_field(bureau: Bureau) -> None:
    opinion = bureau.opinion(local(2026, 3, 1))
    for day in (2, 3, 4):
        moment = local(2026, 3, day)
        bureau.referral(opinion, moment, closed_at=moment, reopened_at=moment + timedelta(hours=1))
    assert tabulate([sample.HOPS], [bureau.city], MARCH)[sample.HOPS.code, bureau.city.pk] == 1 + 2 + 3


def test_different_values_are_counted_once_wherever_they_meet(bureau: Bureau) -> None:
    shop, school = ObjectCategory.SHOP, ObjectCategory.SCHOOL
    for heard_by, category in (
        (bureau.room, shop),
        (bureau.room, shop),
        (bureau.other_station, shop),
        (bureau.other_station, school),
        (bureau.other_station, ""),
    ):
        bureau.opinion(local(2026, 3, 2), heard_by, object_category=category)
    table = tabulate([sample.OBJECTS], [bureau.city], MARCH, by="unit")
    city = bureau.city.pk
    assert table[sample.OBJECTS.code, city] == 2
    assert table[sample.OBJECTS.code, city, bureau.county.pk] == 1
    assert table[sample.OBJECTS.code, city, bureau.other_county.pk] == 2
    assert sample.OBJECTS.rows_behind(bureau.city, MARCH).count() == 4


def test_a_median_of_a_unit_is_over_all_rows_below_it_and_no_median_of_medians(bureau: Bureau) -> None:
    for heard_by, hours in ((bureau.room, 1), (bureau.room, 2), (bureau.room, 30), (bureau.other_station, 100)):
        opinion = bureau.opinion(local(2026, 3, 2), heard_by)
        bureau.referral(opinion, local(2026, 3, 2) + timedelta(hours=hours))
    code = sample.REFERRAL_DELAY.code
    table = tabulate([sample.REFERRAL_DELAY], [bureau.city, bureau.county, bureau.outside], MARCH)
    assert table[code, bureau.county.pk] == Decimal("2.0")
    assert (table[code, bureau.city.pk], table.sample(code, bureau.city.pk)) == (Decimal("16.0"), 4)
    assert (table[code, bureau.outside.pk], table.sample(code, bureau.outside.pk)) == (None, None)


def test_a_duration_is_told_in_the_scale_of_its_declaration(bureau: Bureau) -> None:
    opinion = bureau.opinion(local(2026, 3, 2))
    bureau.referral(opinion, local(2026, 3, 3, 18))
    days = Median(
        code="sample.delay_in_days",
        title="转办时延",
        per="天",
        rows=Referral.objects.all,
        at="referred_at",
        owner="unit",
        value=sample.REFERRAL_DELAY.value,
        scale=DAY,
    )
    assert tabulate([days], [bureau.city], MARCH)[days.code, bureau.city.pk] == Decimal("1.8")


def test_rows_without_a_value_weigh_nothing_in_a_median(bureau: Bureau) -> None:
    opinion = bureau.opinion(local(2026, 3, 2))
    bureau.referral(opinion, local(2026, 3, 3))
    until_closed = Median(
        code="sample.until_closed",
        title="办理周期",
        per="小时",
        rows=Referral.objects.all,
        at="referred_at",
        owner="unit",
        value="hop",
        categories={"reason": "return_reason"},
        settled="closed_at",
    )
    table = tabulate([until_closed], [bureau.city], MARCH, by="reason")
    assert table[until_closed.code, bureau.city.pk] is None
    assert table.keys(until_closed.code) == []


def test_a_reported_figure_is_read_and_opens_onto_nothing(bureau: Bureau) -> None:
    table = tabulate([sample.SOLVED], [bureau.city, bureau.county], SPRING, by="month")
    code, city = sample.SOLVED.code, bureau.city.pk
    assert table[code, city] == 789
    assert [table[code, city, key] for key in table.keys(code, city)] == [None, None, None, None, 789]
    assert table[code, bureau.county.pk] is None
    assert not sample.SOLVED.has_rows
    with pytest.raises(Invalid, match="没有明细"):
        table.rows_behind(code, city)
    with pytest.raises(Invalid, match="不能按"):
        tabulate([sample.SOLVED], [bureau.city], SPRING, by="kind")


def test_categories_come_in_the_order_of_their_labels_and_by_name(bureau: Bureau) -> None:
    for kind in ("PRAISE", "HELP", "CONSULTATION"):
        bureau.opinion(local(2026, 3, 2), kind=kind)
    table = tabulate([sample.HEARD], [bureau.city], MARCH, by="kind")
    assert table.keys(CODE) == ["CONSULTATION", "HELP", "PRAISE"]
    assert [table.label(key) for key in table.keys(sample.HEARD.code)] == ["咨询", "求助", "表扬"]
    assert table[sample.HEARD.code, bureau.city.pk, "COMPLAINT"] == 0


def test_rows_without_a_category_have_a_slice_of_their_own(bureau: Bureau) -> None:
    bureau.opinion(local(2026, 3, 2), object_category="SHOP")
    bureau.opinion(local(2026, 3, 2))
    for metric, by in ((sample.HEARD, "object"), (sample.WHERE_FROM, "way")):
        table = tabulate([metric], [bureau.city], MARCH, by=by)
        assert BLANK in table.keys(metric.code)
        assert table.label(BLANK) == "未填写"
        assert table[metric.code, bureau.city.pk, BLANK] == 1
        assert table.rows_behind(metric.code, bureau.city.pk, BLANK).count() == 1


def test_a_category_that_is_not_declared_is_refused_in_words(bureau: Bureau) -> None:
    with pytest.raises(Invalid, match="“征求意见”不能按“weather”分类统计"):
        tabulate([sample.HEARD], [bureau.city], MARCH, by="weather")
    with pytest.raises(Invalid):
        sample.HEARD.rows_behind(bureau.city, MARCH, weather="rain")


def test_a_key_that_cannot_be_read_is_refused_in_words(bureau: Bureau) -> None:
    by_topic = Count(
        code="sample.by_topic",
        title="征求意见",
        per="条",
        rows=Opinion.objects.all,
        at="heard_at",
        owner="heard_by",
        categories={"topic": "topic", "open": "needs_rectification"},
    )
    bureau.opinion(local(2026, 3, 2))
    assert by_topic.rows_behind(bureau.city, MARCH, topic=str(bureau.topic.pk), open="True").count() == 1
    for slices in ({"topic": "甲"}, {"open": "maybe"}):
        with pytest.raises(Invalid, match="不是可以选的分类"):
            by_topic.rows_behind(bureau.city, MARCH, **slices)


def test_records_hold_what_json_can(bureau: Bureau) -> None:
    opinion = bureau.opinion(local(2026, 3, 2))
    bureau.referral(opinion, local(2026, 3, 2, 1, 30), closed_at=local(2026, 3, 3))
    metrics = [sample.HEARD_SO_FAR, sample.CLOSURE_RATE, sample.REFERRAL_DELAY]
    records = tabulate(metrics, [bureau.city], MARCH, by="kind").as_records()
    assert json.loads(json.dumps(records)) == records
    assert [(each["metric"], each["key"], each["label"], each["value"], each["sample"]) for each in records] == [
        ("sample.heard_so_far", None, None, 1, None),
        ("sample.heard_so_far", "OPINION", "意见", 1, None),
        ("sample.closure_rate", None, None, 100.0, 1),
        ("sample.closure_rate", "OPINION", "意见", 100.0, 1),
        ("sample.referral_delay", None, None, 1.5, 1),
        ("sample.referral_delay", "OPINION", "意见", 1.5, 1),
    ]
    assert {record["unit"] for record in records} == {bureau.city.code}


def test_months_are_named_in_the_readers_language(bureau: Bureau) -> None:
    table = tabulate([sample.HEARD], [bureau.city], MARCH, by="month")
    assert table.label("2026-03") == "2026年3月"
    with override("en"):
        assert table.label("2026-03") == "March 2026"
