"""Tables told apart two ways: every figure and every total is what a count of its own rows gives."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from tests.statistics.conftest import FROM, TO
from tests.world import World
from zoufang.kernel.period import Period
from zoufang.kernel.refusal import Invalid
from zoufang.metrics.engine import BASE_ROWS, TOTAL, Category, Clock, Count, Metric, OfRows, Ratio, month_of, tabulate
from zoufang.opinions.metrics import OPINION_CATEGORIES
from zoufang.opinions.models import Opinion
from zoufang.organization.models import Unit
from zoufang.statistics import pivot
from zoufang.statistics.catalogue import CATALOGUE
from zoufang.statistics.drill import open_figure
from zoufang.statistics.pivot import Head, numbers
from zoufang.statistics.questions import Question

Browser = Callable[[Any], Client]
PERIOD = Period(date.fromisoformat(FROM), date.fromisoformat(TO))

TOPICS = Count(
    code="opinions.topics",
    title="不同主题",
    per="类",
    rows=Opinion.objects.all,
    at="heard_at",
    owner="heard_by",
    distinct="topic",
    categories=OPINION_CATEGORIES,
)
# Numbers that are summed, of different values, as of the end, rates, medians, means: few of them add up.
WAYS: list[tuple[list[Any], list[str]]] = [
    (["opinions.heard", "opinions.closure_rate", "opinions.open_door", TOPICS], ["source", "subtopic"]),
    (["referrals.overdue", "referrals.on_time_rate", "referrals.delay", "referrals.hops"], ["object_category"]),
    (["visits.headcount", "visits.entry_delay"], ["mode"]),
]


def asked_for(codes: list[Any]) -> list[Metric]:
    return [code if isinstance(code, Metric) else CATALOGUE.get(code) for code in codes]


def crossings() -> Iterator[tuple[list[Any], str, str]]:
    for codes, kinds in WAYS:
        ways = ["children", "month", *kinds]
        for lines in ["STATION", *ways]:
            for columns in ["", *ways]:
                if pivot.wrong_pair(lines, columns) is None:
                    yield codes, lines, columns


def by_rows(metric: Metric, question: Question, line: Head, column: Head) -> Any:
    """Count the figure of one cell anew: over the unit, the days and the rows of its own alone."""
    slices: dict[str, Any] = {**line.slices, **column.slices}
    unit = line.unit or column.unit or question.unit
    period = month_of(question.period, slices.pop("month")) if "month" in slices else question.period
    own = slices.pop("own", None)

    def narrow(one: OfRows) -> Any:
        wanted: dict[str, Any] = {}
        for name, key in slices.items():
            category = one.category(name)
            assert isinstance(category, Category)
            wanted |= {category.path: key} if key != "" else {}
        rows = one.rows().filter(**wanted, **({one.owner: unit.pk} if own else {}))
        for name, key in slices.items():
            if key == "":
                rows = rows.filter(**{f"{one.category(name).path}__in": [""]})
        pks = [0, *rows.values_list("pk", flat=True)]
        return replace(one, code=f"{one.code}_anew", rows=lambda: one.rows().filter(pk__in=pks))

    if isinstance(metric, Ratio):
        anew: Metric = replace(metric, part=narrow(metric.part), whole=narrow(metric.whole))
    else:
        assert isinstance(metric, OfRows)
        anew = narrow(metric)
    return tabulate([anew], [unit], period, source=BASE_ROWS)[anew.code, unit.pk]


@pytest.mark.parametrize(("codes", "lines", "columns"), list(crossings()))
def test_every_figure_and_every_total_is_counted_from_its_own_rows(
    busy: World, codes: list[Any], lines: str, columns: str
) -> None:
    question = Question(busy.bureau, PERIOD)
    table = numbers(asked_for(codes), question, lines, columns)
    assert len(table.lines) > 1
    looked = 0
    for line in table.lines:
        places = [(head, metric) for head in table.heads for metric in table.metrics]
        for (column, metric), (figure, _url) in zip(places, line.cells, strict=True):
            looked += 1
            where = (metric.code, line.label, column.label)
            assert figure.value == by_rows(metric, question, line.head, column), where
    assert looked == len(table.lines) * len(table.heads) * len(table.metrics)


@pytest.mark.parametrize("unit", ["星河派出所", "东焦作警务室", "交警支队"])
def test_a_unit_without_children_or_rows_has_a_table_too(busy: World, unit: str) -> None:
    question = Question(busy.unit(unit), PERIOD)
    table = numbers(asked_for(WAYS[0][0]), question, "children", "month")
    total, own, *_children = table.lines
    assert total.label == unit
    assert own.label == f"{unit}本级"
    assert [head.label for head in table.heads] == ["合计", "2月", "3月"]


def test_units_of_one_level_below_one_unit_are_its_own(busy: World) -> None:
    question = Question(busy.unit("武陟县公安局"), PERIOD)
    table = numbers(asked_for(["visits.recorded"]), question, "STATION")
    assert [line.label for line in table.lines] == ["武陟县公安局", "武陟城关派出所"]


def test_peers_elsewhere_have_no_common_total(busy: World) -> None:
    table = numbers(asked_for(["visits.recorded"]), Question(busy.station, PERIOD), "CQ", "month")
    assert [line.label for line in table.lines] == ["星河派出所", "焦南派出所"]


def test_lines_and_columns_can_be_turned(busy: World) -> None:
    question = Question(busy.bureau, PERIOD)
    one, other = (
        numbers(asked_for(["opinions.heard"]), question, *ways) for ways in (("topic", "month"), ("month", "topic"))
    )
    values = [[figure.value for figure, _url in line.cells] for line in one.lines]
    turned = [[figure.value for figure, _url in line.cells] for line in other.lines]
    assert values == [list(row) for row in zip(*turned, strict=True)]


def test_a_number_that_does_not_know_the_kind_is_left_out_in_words(busy: World, browser: Browser) -> None:
    asked = {
        "from": FROM,
        "to": TO,
        "metric": ["visits.recorded", "opinions.heard"],
        "lines": "month",
        "columns": "topic",
    }
    answered = browser(busy.chief).get("/statistics/pivot/", asked)
    table = answered.context["numbers"]
    assert [metric.code for metric in table.metrics] == ["opinions.heard"]
    assert [metric.code for metric in table.left_out] == ["visits.recorded"]
    assert answered.context["form"].data.getlist("metric") == asked["metric"]


@pytest.mark.parametrize(("lines", "columns"), [("topic", "topic"), ("children", "STATION"), ("CQ", "children")])
def test_what_cannot_be_crossed_is_said_and_what_was_chosen_stays(
    busy: World, browser: Browser, lines: str, columns: str
) -> None:
    asked = {"from": FROM, "to": TO, "metric": ["opinions.heard"], "lines": lines, "columns": columns}
    answered = browser(busy.chief).get("/statistics/pivot/", asked)
    form = answered.context["form"]
    assert form.errors["columns"]
    assert form.errors["columns"][0] in answered.content.decode()
    assert (form["lines"].value(), form["columns"].value()) == (lines, columns)
    with pytest.raises(Invalid):
        numbers(asked_for(["opinions.heard"]), Question(busy.bureau, PERIOD), lines, columns)


def test_a_table_too_large_to_read_is_refused_in_words(
    busy: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pivot, "MOST_FIGURES", 5)
    asked = {"from": FROM, "to": TO, "metric": ["opinions.heard"], "lines": "children", "columns": "month"}
    answered = browser(busy.chief).get("/statistics/pivot/", asked)
    assert answered.status_code == 422
    assert "请少选几个指标" in answered.content.decode()
    assert answered.context["form"]["columns"].value() == "month"


def test_every_cell_opens_the_rows_it_counts(busy: World, browser: Browser) -> None:
    page = browser(busy.chief)
    codes = ["opinions.heard", "opinions.closure_rate"]
    for lines, columns in (("children", "month"), ("topic", "source"), ("month", "kind"), ("children", "topic")):
        asked = {"from": FROM, "to": TO, "metric": codes, "lines": lines, "columns": columns}
        table = page.get("/statistics/pivot/", asked).context["numbers"]
        for line in table.lines:
            for figure, url in line.cells:
                if figure.value is None:
                    continue
                opened = page.get(url).context["opened"]
                assert opened.figure.value == figure.value, url
                if isinstance(figure.metric, Count):
                    assert opened.rows.count() + opened.hidden() == figure.value, url


def test_rows_narrowed_in_three_ways_are_still_counted(busy: World) -> None:
    slices = {"topic": "A", "source": "SRC01", "kind": "OPINION"}
    opened = open_figure(
        CATALOGUE.get("opinions.heard"), Question(busy.bureau, PERIOD), slices, end="whole", viewer=busy.chief
    )
    assert opened.figure is None
    assert opened.counted == opened.behind.count() > 0


def test_the_sheet_holds_the_table(busy: World, browser: Browser) -> None:
    asked = {
        "from": FROM,
        "to": TO,
        "metric": ["opinions.heard", "opinions.closure_rate"],
        "lines": "children",
        "columns": "month",
        "format": "xlsx",
    }
    answered = browser(busy.chief).get("/statistics/pivot/", asked)
    sheet = load_workbook(BytesIO(answered.getvalue())).worksheets[0]
    head, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    table = numbers(asked_for(asked["metric"]), Question(busy.bureau, PERIOD), "children", "month")  # type: ignore[arg-type]
    assert head[:4] == ["单位", "合计 征求意见建议（条）", "合计 意见办结率（%）", "2月 征求意见建议（条）"]
    values = [[figure.value for figure, _url in line.cells] for line in table.lines]
    assert [row[1:] for row in rows] == [
        [None if v is None else float(v) if v % 1 else int(v) for v in row] for row in values
    ]


def test_a_closed_unit_keeps_its_line_where_it_has_figures(busy: World) -> None:
    Unit.objects.filter(pk=busy.other_station.pk).update(valid_to=date(2026, 1, 1))
    question = Question(busy.bureau, PERIOD)
    labels = [line.label for line in numbers(asked_for(["opinions.heard"]), question, "children").lines]
    assert "焦南派出所" in labels
    labels = [line.label for line in numbers(asked_for(["visits.recorded"]), question, "children").lines]
    assert "焦南派出所" not in labels


def test_as_of_numbers_are_told_month_end_by_month_end(busy: World) -> None:
    metric = CATALOGUE.get("opinions.open_door")
    assert isinstance(metric, Count)
    assert metric.clock is Clock.AS_OF
    table = numbers([metric], Question(busy.bureau, PERIOD), "source", "month")
    assert table.lines[0].cells[0][0].value == table.lines[0].cells[-1][0].value
    assert table.heads[0].key is TOTAL
