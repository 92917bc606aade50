"""How numbers are compared, ranked and asked for: pure."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from zoufang.kernel.period import Period
from zoufang.kernel.refusal import Invalid
from zoufang.metrics.engine import Figure
from zoufang.organization.models import Unit
from zoufang.statistics.catalogue import CATALOGUE, CATEGORY_TITLES, LESS_IS_BETTER
from zoufang.statistics.changes import change
from zoufang.statistics.periods import evening_before, groups, presets, previous, this_month, year_before
from zoufang.statistics.questions import day_called, period_between, slicing
from zoufang.statistics.ranking import rank

RATE = CATALOGUE.get("referrals.on_time_rate")
DELAY = CATALOGUE.get("visits.entry_delay")
HEARD = CATALOGUE.get("opinions.heard")


def figures(*values: tuple[Any, int | None], metric: Any = RATE) -> list[Figure]:
    return [
        Figure(metric, Unit(pk=at, name=f"{at}"), None, value, sample)
        for at, (value, sample) in enumerate(values, start=1)
    ]


def places(*values: tuple[Any, int | None], less_is_better: bool = False) -> list[tuple[int, int | None]]:
    return [(place.unit.pk, place.no) for place in rank(figures(*values), less_is_better=less_is_better)]


def test_equals_share_a_place_and_the_next_place_is_left_empty() -> None:
    values = [(Decimal(value), 10) for value in ("80", "90", "80", "70")]
    assert places(*values) == [(2, 1), (1, 2), (3, 2), (4, 4)]


def test_the_shorter_delay_comes_first() -> None:
    assert places((Decimal(9), 8), (Decimal(2), 8), less_is_better=True) == [(2, 1), (1, 2)]


def test_a_sample_of_four_is_not_ranked_and_one_of_five_is() -> None:
    assert places((Decimal(100), 4), (Decimal(50), 5)) == [(2, 1), (1, None)]


def test_what_has_no_base_is_not_ranked_as_nought() -> None:
    assert places((None, None), (Decimal(0), 6)) == [(2, 1), (1, None)]
    ranked = rank(figures((None, None), (Decimal(1), 3)), less_is_better=False)
    assert [place.why_not for place in ranked] == ["期内无记录", "样本不足 5，不排名"]


def test_a_count_needs_no_sample() -> None:
    ranked = rank(figures((0, None), (3, None), metric=HEARD), less_is_better=False)
    assert [(place.unit.pk, place.no) for place in ranked] == [(2, 1), (1, 2)]


def test_the_longest_bar_is_that_of_the_largest_ranked_value() -> None:
    ranked = rank(figures((Decimal(100), 2), (Decimal(40), 9), (Decimal(80), 9)), less_is_better=False)
    assert [place.share for place in ranked] == [100.0, 50.0, 0.0]


@pytest.mark.parametrize(
    ("metric", "now", "before", "words", "tone"),
    [
        (RATE, Decimal("71.3"), Decimal("69.2"), "+2.1 个百分点", "done"),
        (RATE, Decimal("60.0"), Decimal("69.2"), "−9.2 个百分点", "waiting"),
        (DELAY, Decimal("2.0"), Decimal("3.5"), "−1.5 小时", "done"),
        (DELAY, Decimal("4.0"), Decimal("3.5"), "+0.5 小时", "waiting"),
        (HEARD, 30, 20, "+10 (+50%)", "neutral"),
        (HEARD, 1_500, 0, "+1,500 条", "neutral"),
        (HEARD, 20, 20, "持平", "neutral"),
    ],
)
def test_a_change_says_by_how_much_and_whether_it_is_good(
    metric: Any, now: Any, before: Any, words: str, tone: str
) -> None:
    found = change(metric, now, before, less_is_better=metric.code in LESS_IS_BETTER)
    assert found is not None
    assert (found.words, found.tone) == (words, tone)


def test_what_has_no_value_is_not_compared() -> None:
    assert change(RATE, None, Decimal(1), less_is_better=False) is None
    assert change(RATE, Decimal(1), None, less_is_better=False) is None


@pytest.mark.parametrize(
    ("first", "last", "earlier", "later"),
    [
        ("2026-05-01", "2026-05-31", "2026-04-01", "2026-04-30"),
        ("2026-01-01", "2026-05-31", "2025-08-01", "2025-12-31"),
        ("2026-01-01", "2026-12-31", "2025-01-01", "2025-12-31"),
        ("2026-03-05", "2026-03-11", "2026-02-26", "2026-03-04"),
        ("2026-03-01", "2026-03-30", "2026-01-30", "2026-02-28"),
    ],
)
def test_the_period_before_is_as_long_in_months_or_days(first: str, last: str, earlier: str, later: str) -> None:
    period = Period(date.fromisoformat(first), date.fromisoformat(last))
    assert previous(period) == Period(date.fromisoformat(earlier), date.fromisoformat(later))


def test_the_year_before_minds_leap_years() -> None:
    assert year_before(Period(date(2024, 2, 29), date(2024, 3, 10))) == Period(date(2023, 2, 28), date(2023, 3, 10))
    assert year_before(Period(date(2025, 2, 1), date(2025, 2, 28))) == Period(date(2024, 2, 1), date(2024, 2, 29))


@pytest.mark.parametrize("today", [date(2026, month, day) for month in (1, 2, 6, 12) for day in (1, 28)])
def test_every_preset_ends_by_today(today: date) -> None:
    offered = presets(today, meeting=date(2026, 1, 1))
    assert len({preset.label for preset in offered}) == len(offered)
    assert all(preset.period.last <= today for preset in offered)


def test_periods_have_names_by_day_month_quarter_year_and_milestone() -> None:
    today = date(2026, 11, 23)
    assert [preset.label for preset in presets(today)] == ["今天", "本月", "上月", "本季度", "今年以来"]
    found = {
        group.title: {preset.label: preset.period for preset in group.presets}
        for group in groups(today, [("现场会", date(2026, 3, 11)), ("还没到的事", date(2026, 12, 1))])
    }
    assert list(found) == ["日", "月", "季度", "年", "活动与里程碑"]
    assert found["日"]["昨天"] == Period(date(2026, 11, 22), date(2026, 11, 22))
    assert found["日"]["近 7 天"] == Period(date(2026, 11, 17), today)
    assert list(found["月"])[:2] == ["2026年11月", "2026年10月"]
    assert len(found["月"]) == 12
    assert found["季度"]["2026 年第 3 季度"] == Period(date(2026, 7, 1), date(2026, 9, 30))
    assert found["季度"]["2025 年第 4 季度"] == Period(date(2025, 10, 1), date(2025, 12, 31))
    assert list(found["年"]) == ["今年以来", "1—5月", "1—10月", "去年全年"]
    assert found["活动与里程碑"] == {"现场会以来（2026-03-11）": Period(date(2026, 3, 11), today)}


def test_the_month_of_a_period_never_begins_before_it_and_what_is_carried_over_ends_before_it() -> None:
    period = Period(date(2026, 3, 11), date(2026, 5, 20))
    assert this_month(period) == Period(date(2026, 5, 1), date(2026, 5, 20))
    assert this_month(Period(date(2026, 5, 10), date(2026, 5, 20))).first == date(2026, 5, 10)
    assert evening_before(period).last == date(2026, 3, 10)


def test_without_days_the_question_is_about_this_year() -> None:
    assert period_between("", "", today=date(2026, 3, 9)) == Period(date(2026, 1, 1), date(2026, 3, 9))
    assert period_between("", "2025-05-31", today=date(2026, 3, 9)) == Period(date(2025, 1, 1), date(2025, 5, 31))


@pytest.mark.parametrize("text", ["", "2026", "2026-02-30", "31.3.2026", "1999-12-31", "2100-01-01", "今天"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        day_called(text)


def test_months_without_end_are_refused() -> None:
    with pytest.raises(Invalid):
        slicing(HEARD, "month", Period(date(2000, 1, 1), date(2026, 1, 1)))


def test_category_stands_for_the_category_of_that_name_or_else_the_first() -> None:
    period = Period(date(2026, 1, 1), date(2026, 1, 31))
    assert slicing(CATALOGUE.get("disputes.screened"), "category", period) == "category"
    assert slicing(HEARD, "category", period) == next(iter(HEARD.categories))


def test_every_category_has_a_title() -> None:
    assert {name for metric in CATALOGUE for name in metric.categories} <= CATEGORY_TITLES.keys()


def test_every_number_of_which_less_is_better_exists() -> None:
    assert all(code in CATALOGUE for code in LESS_IS_BETTER)
