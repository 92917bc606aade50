"""Who may come in, and what happens to words that make no sense."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from tests.statistics.conftest import FROM, TO
from tests.world import World
from zoufang.accounts.services import make_token
from zoufang.audit.models import AuditRecord
from zoufang.organization.models import Role
from zoufang.statistics.catalogue import CATALOGUE

Browser = Callable[[Any], Client]
PAGES = (
    "/statistics/",
    "/statistics/wall/",
    "/statistics/table/",
    "/statistics/catalogue/",
    "/statistics/rows/opinions.heard/",
    "/statistics/figures/",
)
NONSENSE = (
    "",
    " ",
    "x",
    "0",
    "-1",
    "999999999999999999999",
    "\0",
    "'",
    "<b>",
    "2026-13-45",
    "0001-01-01",
    "9999-12-31",
    "𠮷" * 300,
)


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_asked_to_sign_in(busy: World, path: str) -> None:
    answered = Client().get(path)
    assert answered.status_code == 302
    assert "sign-in" in answered["Location"]


@pytest.mark.parametrize("path", PAGES)
def test_an_administrator_of_audits_sees_no_numbers(busy: World, browser: Browser, path: str) -> None:
    assert browser(busy.auditor).get(path).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_everybody_with_business_reads_the_numbers_of_any_unit(busy: World, browser: Browser, path: str) -> None:
    assert browser(busy.officer).get(path, {"unit": busy.other_station.code}).status_code == 200


def test_the_evaluation_office_reads_numbers_but_none_of_their_rows(busy: World, browser: Browser) -> None:
    evaluator = busy.make_officer("evaluator", busy.bureau, Role.EVALUATOR)
    answered = browser(evaluator).get("/statistics/rows/visits.recorded/", {"from": FROM, "to": TO})
    opened = answered.context["opened"]
    assert opened.figure.value == 5
    assert not opened.rows.exists()
    assert opened.hidden() == 5
    assert "另有 5 条已计入" in answered.content.decode()


def test_rows_beyond_the_readers_reach_are_counted_but_not_shown(busy: World, browser: Browser) -> None:
    asked = {"unit": busy.bureau.code, "from": FROM, "to": TO}
    opened = browser(busy.other_clerk).get("/statistics/rows/opinions.heard/", asked).context["opened"]
    assert 0 < opened.rows.count() < opened.figure.value
    assert opened.hidden() == opened.figure.value - opened.rows.count()


def test_the_officer_complained_about_does_not_find_the_complaint_behind_a_number(
    busy: World, browser: Browser
) -> None:
    asked = {"unit": busy.room.code, "from": FROM, "to": TO}
    opened = browser(busy.officer).get("/statistics/rows/opinions.heard/", asked).context["opened"]
    assert not opened.rows.filter(complained_officer=busy.officer).exists()


def test_a_figure_without_rows_leads_to_the_figures_themselves(busy: World, browser: Browser) -> None:
    answered = browser(busy.chief).get("/statistics/rows/reported.fugitives_caught/")
    assert answered.status_code == 302
    assert answered["Location"] == "/statistics/figures/?code=fugitives_caught"


def test_a_number_that_does_not_exist_is_not_found(busy: World, browser: Browser) -> None:
    assert browser(busy.chief).get("/statistics/rows/no.such/").status_code == 404


@pytest.mark.parametrize("name", ["unit", "from", "to"])
def test_nonsense_in_a_filter_never_breaks_a_page(busy: World, browser: Browser, name: str) -> None:
    page = browser(busy.chief)
    for word in NONSENSE:
        for path in ("/statistics/", "/statistics/wall/", "/statistics/table/"):
            assert page.get(f"{path}?{urlencode({name: word})}").status_code == 200, (path, word)


def test_nonsense_in_every_choice_never_breaks_a_page(busy: World, browser: Browser) -> None:
    page = browser(busy.chief)
    names = ("against", "heat", "rank", "places", "warmth", "days", "group", "metric", "lines", "columns", "format")
    for word in NONSENSE:
        for path in ("/statistics/", "/statistics/wall/", "/statistics/table/"):
            assert page.get(f"{path}?{urlencode(dict.fromkeys(names, word))}").status_code == 200, (path, word)


@pytest.mark.parametrize(
    "name", ["unit", "from", "to", "month", "own", "topic", "end", "entered", "kind", "satisfaction", "no_such"]
)
def test_nonsense_behind_a_number_is_refused_in_words(busy: World, browser: Browser, name: str) -> None:
    page = browser(busy.chief)
    for word in NONSENSE:
        for code in ("referrals.on_time_rate", "ratings.satisfaction_rate"):
            answered = page.get(f"/statistics/rows/{code}/?{urlencode({name: word})}")
            assert answered.status_code in (200, 422), (code, word)


def test_nonsense_in_the_paging_behind_a_number_leads_to_the_first_page(busy: World, browser: Browser) -> None:
    page = browser(busy.chief)
    for word in NONSENSE:
        asked = urlencode({"page": word, "after": word, "before": word, "sort": word, "count": word})
        assert page.get(f"/statistics/rows/opinions.heard/?{asked}").status_code == 200, word


@pytest.mark.parametrize("name", ["metric", "unit", "from", "to", "by"])
def test_nonsense_at_the_api_is_a_problem_in_words(busy: World, name: str) -> None:
    _token, text = make_token(busy.chief, name="test", by=busy.chief, now=busy.now)
    program = Client(headers={"Authorization": f"Bearer {text}"})
    usual = {"metric": "opinions.heard", "from": FROM, "to": TO}
    for word in filter(str.strip, NONSENSE):
        answered = program.get(f"/api/v1/stats?{urlencode({**usual, name: word})}")
        if answered.status_code == 200:
            assert (name, word) == ("unit", "0") or name in ("from", "to")
            continue
        assert answered.status_code == 422, (word, answered.content)
        assert answered["Content-Type"] == "application/problem+json"
        assert answered.json()["detail"]


def test_the_api_wants_a_token_and_a_duty(busy: World) -> None:
    assert Client().get("/api/v1/stats", {"metric": "opinions.heard"}).status_code == 401
    _token, text = make_token(busy.auditor, name="test", by=busy.auditor, now=busy.now)
    answered = Client(headers={"Authorization": f"Bearer {text}"}).get("/api/v1/stats", {"metric": "opinions.heard"})
    assert answered.status_code == 403


def test_the_api_lists_every_number(busy: World) -> None:
    _token, text = make_token(busy.officer, name="test", by=busy.officer, now=busy.now)
    listed = Client(headers={"Authorization": f"Bearer {text}"}).get("/api/v1/metrics").json()["results"]
    assert [entry["code"] for entry in listed] == [metric.code for metric in CATALOGUE]


def test_changing_a_filter_brings_only_the_board(busy: World, browser: Browser) -> None:
    headers = {"HX-Request": "true", "HX-Target": "board"}
    answered = browser(busy.chief).get("/statistics/", {"from": FROM, "to": TO}, headers=headers)
    text = answered.content.decode()
    assert text.lstrip().startswith('<div id="board"')
    assert "<html" not in text


def test_paging_behind_a_number_brings_only_the_rows(busy: World, browser: Browser) -> None:
    headers = {"HX-Request": "true", "HX-Target": "rows"}
    answered = browser(busy.chief).get("/statistics/rows/opinions.heard/", {"from": FROM, "to": TO}, headers=headers)
    assert answered.content.decode().lstrip().startswith('<section id="rows"')


def test_rows_taken_away_as_excel_are_put_on_record(busy: World, browser: Browser) -> None:
    asked = {"from": FROM, "to": TO, "format": "xlsx"}
    answered = browser(busy.chief).get("/statistics/rows/visits.recorded/", asked)
    assert answered.getvalue().startswith(b"PK")
    record = AuditRecord.objects.get(object_type="statistics")
    assert (record.by, record.action, record.object_id) == (busy.chief, "export", "visits.recorded")
    assert record.detail == {"format": "xlsx", "rows": 5}


def test_without_a_word_the_board_is_about_the_widest_unit_of_the_reader(busy: World, browser: Browser) -> None:
    assert browser(busy.clerk).get("/statistics/").context["board"].question.unit == busy.station
    assert browser(busy.chief).get("/statistics/").context["board"].question.unit == busy.bureau
