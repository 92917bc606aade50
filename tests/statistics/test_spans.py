"""Tables whose numbers stand beside those of the month, of other periods, and what was carried over."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from tests.world import World
from zoufang.kernel.period import Period
from zoufang.metrics.engine import Count, tabulate
from zoufang.statistics.catalogue import CARRIED_OVER, CATALOGUE
from zoufang.statistics.questions import Question
from zoufang.statistics.tables import Spans, numbers

Browser = Callable[[Any], Client]
PERIOD = Period(date(2026, 2, 1), date(2026, 3, 31))
CODES = ("visits.recorded", "referrals.made", "disputes.screened", "disputes.unresolved")


def table(world: World, columns: Spans, by: str = "children") -> Any:
    metrics = [CATALOGUE.get(code) for code in CODES]
    return numbers(metrics, Question(world.bureau, PERIOD), by, columns)


def value(world: World, code: str, period: Period) -> Any:
    return tabulate([CATALOGUE.get(code)], [world.bureau], period)[code, world.bureau.pk]


def test_the_month_the_whole_and_what_was_carried_over(busy: World) -> None:
    found = table(busy, Spans.MONTHLY)
    assert [(span.of.code, span.label) for span in found.spans] == [
        ("visits.recorded", "本月"),
        ("visits.recorded", "累计"),
        ("referrals.made", "本月"),
        ("referrals.made", "累计"),
        ("referrals.made", "结转"),
        ("disputes.screened", "累计"),
        ("disputes.screened", "结转"),
        ("disputes.unresolved", "累计"),
        ("disputes.unresolved", "结转"),
    ]
    total = [cell.figure.value for cell in found.lines[0].cells]
    march, january = Period(date(2026, 3, 1), PERIOD.last), Period(date(2026, 1, 31), date(2026, 1, 31))
    assert total[:2] == [value(busy, "visits.recorded", march), value(busy, "visits.recorded", PERIOD)]
    assert total[4] == value(busy, "referrals.open", january)
    assert total[8] == value(busy, "disputes.unresolved", january)
    assert [many for _metric, many in found.heads] == [2, 3, 2, 2]


def test_what_is_carried_over_and_came_in_is_what_was_settled_and_stands_open(busy: World) -> None:
    """A referral is in hand until it is closed, returned or reopened: the sum of a monthly return."""
    first, second = Period(date(2026, 2, 1), date(2026, 3, 1)), Period(date(2026, 3, 2), date(2026, 3, 31))
    for period in (first, second):
        question = Question(busy.bureau, period)
        found = numbers([CATALOGUE.get("referrals.made")], question, "children", Spans.MONTHLY)
        came, carried = (found.lines[0].cells[at].figure.value or 0 for at in (1, 2))
        over = [
            referral
            for referral in CATALOGUE.get("referrals.made").rows_behind(busy.bureau, Period(None, period.last))
            if (ends := [m for m in (referral.closed_at, referral.returned_at, referral.reopened_at) if m])
            and period.start is not None
            and period.start <= min(ends) < period.end
        ]
        assert carried + came - len(over) == value(busy, "referrals.open", period)


@pytest.mark.parametrize("columns", list(Spans))
@pytest.mark.parametrize("by", ["children", "CQ", "category", "month"])
def test_every_cell_opens_as_many_rows_as_it_counts(busy: World, browser: Browser, columns: Spans, by: str) -> None:
    page = browser(busy.chief)
    for line in table(busy, columns, by).lines:
        for cell in line.cells:
            metric = cell.figure.metric
            if not cell.figure.value or not isinstance(metric, Count):
                continue
            opened = page.get(cell.url).context["opened"]
            assert opened.figure.value == cell.figure.value == opened.rows.count()


def test_a_comparison_says_how_the_period_stands_to_the_other(busy: World) -> None:
    march = Question(busy.bureau, Period(date(2026, 3, 1), date(2026, 3, 31)))
    found = numbers([CATALOGUE.get("visits.recorded")], march, "children", Spans.BOTH)
    own, before, year = found.lines[0].cells
    assert [span.label for span in found.spans] == ["统计期", "上一时段", "去年同期"]
    assert before.figure.value
    assert before.change is not None
    assert before.change.words.startswith("−")
    assert own.change is None
    # Nothing is on record for the year before.
    assert (year.figure.value, year.change) == (0, None)


def test_what_is_carried_over_exists_and_is_told_as_of_a_day(busy: World) -> None:
    for code, carried in CARRIED_OVER.items():
        assert code in CATALOGUE
        assert CATALOGUE.get(carried).clock.value == "as_of"  # type: ignore[attr-defined]


def test_a_sheet_has_the_columns_of_the_page(busy: World, browser: Browser) -> None:
    page = browser(busy.chief)
    asked = {"from": "2026-02-01", "to": "2026-03-31", "columns": "monthly", "format": "xlsx"}
    answered = page.get("/statistics/table/", asked)
    sheet = load_workbook(BytesIO(answered.getvalue())).worksheets[0]
    heads = [cell.value for cell in next(sheet.iter_rows(max_row=1))]
    shown = page.get("/statistics/table/", {**asked, "format": ""}).context["numbers"]
    assert len(heads) == 1 + len(shown.spans)
    assert heads[1] == "走访（条） · 本月"
    assert len(set(heads)) == len(heads)
