"""One number, four doors: the page, the API, the command line and the rows behind it say the same, and a count by hand agrees."""

import json
from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO, StringIO
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.test import Client
from openpyxl import load_workbook

from tests.statistics.conftest import FROM, TO
from tests.world import World
from zoufang.accounts.services import make_token
from zoufang.casework.models import Dispute, PetitionCase
from zoufang.metrics.engine import Count, Ratio, Typical
from zoufang.opinions.models import Opinion, Rating, Referral
from zoufang.organization.models import Unit
from zoufang.statistics.catalogue import CATALOGUE
from zoufang.visits.models import Visit

SHANGHAI = ZoneInfo("Asia/Shanghai")
Browser = Callable[[Any], Client]


def by_hand(unit: Unit) -> dict[str, Any]:
    """Count in plain loops over local dates; shares nothing with the engine."""

    def day(moment: datetime) -> date:
        return moment.astimezone(SHANGHAI).date()

    def inside(moment: datetime | None) -> bool:
        return moment is not None and date.fromisoformat(FROM) <= day(moment) <= date.fromisoformat(TO)

    def under(other: Unit) -> bool:
        here: Unit | None = other
        while here is not None:
            if here.pk == unit.pk:
                return True
            here = here.parent
        return False

    visits = [v for v in Visit.objects.all() if under(v.unit) and v.voided_at is None and inside(v.visited_at)]
    heard = [o for o in Opinion.objects.all() if under(o.heard_by) and inside(o.heard_at)]
    referrals = [r for r in Referral.objects.all() if under(r.unit)]
    due = [r for r in referrals if r.returned_at is None and inside(r.due_at)]
    in_time = [r for r in due if r.finished_at is not None and r.finished_at < r.due_at]
    ratings = [r for r in Rating.objects.all() if under(r.referral.unit) and inside(r.at)]
    disputes = [d for d in Dispute.objects.all() if under(d.unit)]
    petitions = [p for p in PetitionCase.objects.all() if under(p.unit)]
    delays = [(v.recorded_at - v.visited_at).total_seconds() / 3600 for v in visits]
    return {
        "visits.recorded": len(visits),
        "visits.headcount": sum(v.headcount for v in visits),
        "visits.entry_delay": round(median(delays), 1) if delays else None,
        "opinions.heard": len(heard),
        "opinions.closed": sum(1 for r in referrals if inside(r.closed_at) and r.reopened_at is None),
        "referrals.due": len(due),
        "referrals.on_time_rate": round(100 * len(in_time) / len(due), 1) if due else None,
        "ratings.given": len(ratings),
        "ratings.satisfaction_rate": round(100 * sum(r.satisfaction >= 3 for r in ratings) / len(ratings), 1)
        if ratings
        else None,
        "petitions.assigned": len(petitions),
        "petitions.closed": sum(1 for p in petitions if p.closed_at is not None),
        "disputes.screened": len(disputes),
        "disputes.categories": len({d.category for d in disputes}),
        "disputes.resolved": sum(1 for d in disputes if d.resolved_at is not None),
    }


@pytest.mark.parametrize("name", ["焦作市公安局", "星河派出所", "焦南派出所", "交警支队"])
def test_every_door_says_what_a_count_by_hand_says(busy: World, browser: Browser, name: str) -> None:
    unit = busy.unit(name)
    _token, text = make_token(busy.chief, name="test", by=busy.chief, now=busy.now)
    program, page = Client(headers={"Authorization": f"Bearer {text}"}), browser(busy.chief)
    asked = {"unit": unit.code, "from": FROM, "to": TO}

    for code, expected in by_hand(unit).items():
        answered = program.get("/api/v1/stats", {"metric": code, **asked})
        assert answered.status_code == 200, answered.content
        assert answered.json()["value"] == expected, code

        out = StringIO()
        call_command("stats", code, "--unit", unit.code, "--from", FROM, "--to", TO, "--json", stdout=out)
        assert json.loads(out.getvalue()) == answered.json()

        opened = page.get(f"/statistics/rows/{code}/", asked).context["opened"]
        assert opened.figure.value is None if expected is None else float(opened.figure.value) == expected, code
        assert opened.hidden() == 0

    board = page.get("/statistics/", asked).context["board"]
    cards = [card for group in board.totals for card in group.cards]
    cards += [card for key in board.keys for card in (key.main, key.beside)]
    shown = {card.metric.code: card.figure.value for card in cards}
    for code, expected in by_hand(unit).items():
        if code in shown:
            assert shown[code] is None if expected is None else float(shown[code]) == expected, code


def test_every_number_opens_onto_as_many_rows_as_it_counts(busy: World, browser: Browser) -> None:
    page = browser(busy.chief)
    for metric in CATALOGUE:
        if not metric.has_rows:
            continue
        opened = page.get(f"/statistics/rows/{metric.code}/", {"from": FROM, "to": TO}).context["opened"]
        rows = opened.rows.count()
        if isinstance(metric, Count) and not metric.value and not metric.distinct:
            assert opened.figure.value == rows, metric.code
        if isinstance(metric, Ratio | Typical):
            assert (opened.figure.sample or 0) == rows, metric.code


def test_the_slices_of_a_number_add_up_to_it_and_open_onto_their_rows(busy: World, browser: Browser) -> None:
    page = browser(busy.chief)
    _token, text = make_token(busy.chief, name="test", by=busy.chief, now=busy.now)
    program = Client(headers={"Authorization": f"Bearer {text}"})
    for by in ("unit", "month", "topic", "source", "kind"):
        asked = {"metric": "opinions.heard", "from": FROM, "to": TO, "by": by}
        total, *slices = program.get("/api/v1/stats", asked).json()["results"]
        assert sum(record["value"] for record in slices) == total["value"] > 0
        for record in slices:
            words = {"unit": record["unit"], "from": FROM, "to": TO}
            if by == "unit":
                own = record["key"] == record["unit"]
                words |= {"own": "1"} if own else {"unit": record["key"]}
            else:
                words[by] = record["key"]
            opened = page.get("/statistics/rows/opinions.heard/", words).context["opened"]
            assert opened.rows.count() == record["value"] == opened.figure.value


def test_the_part_and_the_rest_of_a_rate_make_its_whole(busy: World, browser: Browser) -> None:
    page = browser(busy.chief)
    metric = CATALOGUE.get("petitions.closure_rate")
    rows = {
        end: set(page.get(f"/statistics/rows/{metric.code}/", {"to": TO, "end": end}).context["opened"].rows)
        for end in ("whole", "part", "rest")
    }
    assert len(rows["whole"]) == 3
    assert len(rows["part"]) == 2
    assert rows["part"] | rows["rest"] == rows["whole"]
    assert not rows["part"] & rows["rest"]


def test_a_table_shows_the_same_numbers_line_by_line_and_in_excel(busy: World, browser: Browser) -> None:
    page = browser(busy.chief)
    asked = {"from": FROM, "to": TO, "metric": ["visits.recorded", "opinions.heard"], "lines": "children"}
    numbers = page.get("/statistics/table/", asked).context["numbers"]
    total, *lines = numbers.lines
    for at, metric in enumerate(numbers.metrics):
        assert total.cells[at][0].value == by_hand(busy.bureau)[metric.code]
        assert sum(line.cells[at][0].value for line in lines) == total.cells[at][0].value
    answered = page.get("/statistics/table/", asked | {"format": "xlsx"})
    sheet = load_workbook(BytesIO(answered.getvalue())).worksheets[0]
    read = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert read == [[line.label, *(cell[0].value for cell in line.cells)] for line in numbers.lines]


def test_a_table_by_category_leaves_out_what_cannot_be_told_apart_so(busy: World, browser: Browser) -> None:
    asked = {"from": FROM, "to": TO, "metric": ["visits.recorded", "opinions.heard"], "lines": "topic"}
    numbers = browser(busy.chief).get("/statistics/table/", asked).context["numbers"]
    assert [metric.code for metric in numbers.metrics] == ["opinions.heard"]
    assert [metric.code for metric in numbers.left_out] == ["visits.recorded"]
    assert {line.label for line in numbers.lines} >= {"治安防范", "交通管理", "户政服务"}


def test_a_quiet_unit_has_dashes_and_noughts_but_never_a_hundred_per_cent(busy: World, browser: Browser) -> None:
    answered = browser(busy.chief).get("/statistics/", {"unit": busy.unit("交警支队").code, "from": FROM, "to": TO})
    board = answered.context["board"]
    assert board.is_empty
    assert [key.main.value for key in board.keys] == ["—", "—", "—"]


def test_the_lines_of_the_heat_table_add_up_to_its_foot(busy: World, browser: Browser) -> None:
    asked = {"from": FROM, "to": TO, "heat": "opinions.heard"}
    for unit in (busy.bureau, busy.station, busy.room):
        heat = browser(busy.chief).get("/statistics/", asked | {"unit": unit.code}).context["board"].heat
        foot = heat.whole or heat.lines[0]
        assert sum(line.total for line in heat.lines) == foot.total == by_hand(unit)["opinions.heard"]
        for at, cell in enumerate(foot.cells):
            assert sum(line.cells[at].value for line in heat.lines) == cell.value


def test_a_month_alone_is_shown_among_the_months_before_it(busy: World, browser: Browser) -> None:
    board = browser(busy.chief).get("/statistics/", {"from": "2026-03-01", "to": "2026-03-31"}).context["board"]
    assert board.trend.labels[0] == "2025年10月"
    assert len(board.trend.labels) == 6
    assert board.totals[0].cards[0].figure.value < by_hand(busy.bureau)["visits.recorded"]
