"""The boards: for each reader what they need first; deadlines, silent units, the index and the map counted by hand."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.statistics.conftest import FROM, TO
from tests.world import World
from zoufang.casework.models import Dispute, PetitionCase
from zoufang.kernel.calendar import WorkCalendar
from zoufang.kernel.period import Period
from zoufang.metrics.engine import tabulate
from zoufang.opinions.models import Referral
from zoufang.organization.models import PeerGroup, Unit
from zoufang.organization.services import open_unit
from zoufang.statistics.board import LAYOUTS, Audience
from zoufang.statistics.catalogue import CATALOGUE
from zoufang.statistics.deadlines import KINDS, Number, deadlines_of
from zoufang.statistics.places import places_of, short_names
from zoufang.statistics.questions import Question
from zoufang.statistics.silence import silence_of
from zoufang.statistics.warmth import warmth_of
from zoufang.visits.models import Visit

SHANGHAI = ZoneInfo("Asia/Shanghai")
Browser = Callable[[Any], Client]
ASKED = {"from": FROM, "to": TO}
PERIOD = Period(date.fromisoformat(FROM), date.fromisoformat(TO))


def day(moment: datetime | None) -> date:
    return date.max if moment is None else moment.astimezone(SHANGHAI).date()


def late_days() -> dict[str, list[tuple[str, date, date]]]:
    """Return for each kind of deadline (path of the unit, first late day, day on which it was done) of every case."""
    referrals = Referral.objects.filter(returned_at=None).select_related("unit")
    petitions = PetitionCase.objects.filter(is_backlog=True, level="PROVINCE").select_related("unit")
    disputes = Dispute.objects.select_related("unit")
    return {
        "referrals.unsigned_due": [(r.unit.path, day(r.sign_due_at), day(r.signed_at)) for r in referrals],
        "referrals.falling_due": [(r.unit.path, day(r.due_at), day(r.finished_at)) for r in referrals],
        "petitions.falling_due": [(p.unit.path, day(p.deadline), day(p.closed_at)) for p in petitions],
        "disputes.falling_due": [(d.unit.path, day(d.deadline), day(d.resolved_at)) for d in disputes],
    }


def rows_at(page: Client, number: Number) -> int:
    return int(page.get(number.url).context["opened"].rows.count())


@pytest.mark.parametrize("today", [date(2026, 3, 2), date(2026, 3, 4), date(2026, 3, 17), date(2026, 4, 20)])
def test_deadlines_are_those_of_a_count_by_hand_and_open_their_lists(
    busy: World, browser: Browser, today: date
) -> None:
    page, cases = browser(busy.chief), late_days()
    for unit in (busy.bureau, busy.station):
        found = deadlines_of(unit, today, WorkCalendar())
        for kind, (_title, code, _late) in zip(found.kinds, KINDS, strict=True):
            inside = [(late, done) for path, late, done in cases[code] if path.startswith(unit.path)]
            end = found.until + timedelta(days=1)
            week = today - timedelta(days=6)
            assert kind.whole.soon.value == sum(today < late <= end < done for late, done in inside), code
            assert kind.whole.just.value == sum(week <= late <= today < done for late, done in inside), code
            assert kind.whole.late.value == sum(late <= today < done for late, done in inside), code
            lines = [*kind.first, *kind.others]
            assert not any(line.is_empty for line in lines)
            for name in ("soon", "just", "late"):
                whole: Number = getattr(kind.whole, name)
                # No lines: all of it is credited to the unit directly.
                assert sum(getattr(line, name).value for line in lines) == (whole.value if lines else 0)
                for line in (kind.whole, *lines):
                    assert rows_at(page, getattr(line, name)) == getattr(line, name).value


def test_the_deadlines_tried_above_are_not_all_quiet(busy: World) -> None:
    days = [date(2026, 3, 2), date(2026, 3, 4), date(2026, 3, 17), date(2026, 4, 20)]
    kinds = [kind for today in days for kind in deadlines_of(busy.bureau, today, WorkCalendar()).kinds]
    assert any(kind.whole.soon.value for kind in kinds)
    assert any(kind.whole.just.value for kind in kinds)
    assert any(kind.whole.late.value for kind in kinds)


@pytest.mark.parametrize(
    ("today", "until"),
    [
        (date(2026, 3, 2), date(2026, 3, 4)),  # Monday: today, Tuesday, Wednesday
        (date(2026, 3, 6), date(2026, 3, 10)),  # Friday: today, Monday, Tuesday
        (date(2026, 3, 7), date(2026, 3, 11)),  # Saturday: Monday to Wednesday
    ],
)
def test_due_soon_means_within_three_working_days(busy: World, today: date, until: date) -> None:
    assert deadlines_of(busy.station, today, WorkCalendar()).until == until


def test_a_unit_is_silent_if_a_count_by_hand_finds_nothing_lately(busy: World) -> None:
    units = list(Unit.objects.exclude(peer_group=""))
    question = Question(busy.bureau, PERIOD)
    visits = [(visit.unit.path, day(visit.visited_at)) for visit in Visit.objects.filter(voided_at=None)]
    for days, today in ((7, date(2026, 3, 2)), (30, date(2026, 3, 10)), (7, date(2026, 11, 1))):
        found = silence_of(question, units, days, today)
        assert found.window.last == min(today, PERIOD.last)
        silent = {each.unit for group in found.silent[0].groups for each in group.units}
        last, first = found.window.last, found.window.last - timedelta(days=days - 1)
        by_hand = {
            unit for unit in units if not any(path.startswith(unit.path) and first <= on <= last for path, on in visits)
        }
        assert silent == by_hand
        assert found.silent[0].many == len(by_hand)


def test_who_was_never_heard_of_is_told_from_who_is_only_quiet_lately(busy: World) -> None:
    found = silence_of(Question(busy.bureau, PERIOD), list(Unit.objects.exclude(peer_group="")), 7, date(2026, 3, 31))
    throughout = {each.unit.name: each.throughout for group in found.silent[0].groups for each in group.units}
    assert throughout["星河派出所"] is False
    assert throughout["交警支队"] is True


def test_the_index_is_the_difference_of_the_shares_of_active_unit_months(busy: World) -> None:
    units = list(Unit.objects.exclude(peer_group=""))
    found = warmth_of(CATALOGUE.get("visits.recorded"), units, PERIOD)
    assert found is not None
    active = {
        (unit.pk, day(visit.visited_at).month)
        for visit in Visit.objects.filter(voided_at=None)
        for unit in units
        if visit.unit.path.startswith(unit.path) and PERIOD.first <= day(visit.visited_at) <= PERIOD.last  # type: ignore[operator]
    }
    below = [unit for unit in units if unit.peer_group in ("XS", "CQ")]
    hits = sum(pk in {unit.pk for unit in below} for pk, _month in active)
    assert (found.below.active, found.below.of) == (hits, 2 * len(below))
    assert found.below.active > 0 == found.above.active
    assert found.index == found.below.rate == (Decimal(hits * 100) / (2 * len(below))).quantize(Decimal("0.1"))
    assert found.is_cold_above
    assert [each.unit.name for each in found.above.never] == ["交警支队"]


def test_without_units_above_there_is_no_index(busy: World) -> None:
    assert warmth_of(CATALOGUE.get("visits.recorded"), [busy.station, busy.other_station], PERIOD) is None


def test_every_hexagon_has_its_place_its_value_and_its_rows(busy: World, browser: Browser) -> None:
    metric = CATALOGUE.get("visits.recorded")
    units = [busy.station, busy.other_station, busy.unit("武陟县公安局")]
    found = places_of(units, tabulate([metric], units, PERIOD), metric)
    assert found is not None
    assert len({hexagon.points for hexagon in found.hexagons}) == 3
    page = browser(busy.chief)
    for hexagon in found.hexagons:
        opened = page.get(hexagon.url).context["opened"]
        assert opened.figure.value == hexagon.value == opened.rows.count()
    assert [hexagon.level for hexagon in found.hexagons] == [5, 0, 0]


@pytest.mark.parametrize("many", [2, 7, 8, 14, 40, 130])
def test_hexagons_never_lie_on_one_another(many: int) -> None:
    kinds = [Unit.Kind.COUNTY_BUREAU if at % 3 else Unit.Kind.STATION for at in range(many)]
    units = [Unit(pk=at + 1, name=f"第{at}派出所", kind=kind, path=f"/{at + 1}/") for at, kind in enumerate(kinds)]
    found = places_of(units, _Nothing(units), CATALOGUE.get("visits.recorded"))  # type: ignore[arg-type]
    assert found is not None
    assert len({hexagon.points for hexagon in found.hexagons}) == many


class _Nothing:
    """A table in which nothing happened."""

    def __init__(self, units: list[Unit]) -> None:
        self.period = PERIOD

    def __getitem__(self, _place: Any) -> int:
        return 0


def test_names_on_the_map_leave_out_the_end_that_all_share() -> None:
    stations = [Unit(pk=at, name=name) for at, name in enumerate(("定和派出所", "高新派出所"))]
    assert list(short_names(stations).values()) == ["定和", "高新"]
    spaced = [Unit(pk=at, name=name) for at, name in enumerate(("Dinghe Police Station", "Gaoxin Police Station"))]
    assert list(short_names(spaced).values()) == ["Dinghe", "Gaoxin"]
    assert list(short_names(stations[:1]).values()) == ["定和派出所"]


@pytest.mark.parametrize(
    ("who", "audience", "first"),
    [
        ("chief", Audience.BUREAU, "keys"),
        ("leader", Audience.UNIT, "deadlines"),
        ("officer", Audience.OWN, "deadlines"),
    ],
)
def test_each_reader_finds_first_what_they_need(
    busy: World, browser: Browser, who: str, audience: Audience, first: str
) -> None:
    answered = browser(getattr(busy, who)).get("/statistics/", ASKED)
    board = answered.context["board"]
    assert board.wish.audience is audience
    assert board.rows[0] == [f"statistics/parts/{first}.html"]
    assert (board.wish.inbox is None) == (audience is Audience.BUREAU)
    shown = {name for row in board.rows for name in row}
    assert ("statistics/parts/ranking.html" in shown) == (audience is not Audience.OWN)


def test_an_officers_deadlines_are_those_of_the_station_that_answers(busy: World, browser: Browser) -> None:
    board = browser(busy.officer).get("/statistics/", ASKED).context["board"]
    assert board.question.unit == busy.room
    assert board.deadlines.unit == busy.station


def test_a_unit_is_ranked_among_the_peers_of_the_unit_above_it(busy: World, browser: Browser) -> None:
    board = browser(busy.chief).get("/statistics/", ASKED | {"unit": busy.room.code}).context["board"]
    assert board.ranking.group is PeerGroup.CITY_STATION


def test_every_part_of_a_layout_is_drawn_somewhere() -> None:
    assert {name for layout in LAYOUTS.values() for row in layout for name in row} == {
        "keys",
        "deadlines",
        "places",
        "silence",
        "ranking",
        "warmth",
        "totals",
        "heat",
        "trend",
        "breakdowns",
    }


@pytest.mark.parametrize("who", ["chief", "leader", "officer"])
def test_every_mark_of_a_board_opens_what_it_says(busy: World, browser: Browser, who: str) -> None:
    page = browser(getattr(busy, who))
    text = page.get("/statistics/", ASKED).content.decode()
    links = {part.split('"', 1)[0].replace("&amp;", "&") for part in text.split('href="')[1:]}
    rows = [link for link in links if link.startswith("/statistics/rows/")]
    assert len(rows) > 20
    for link in rows:
        assert page.get(link).status_code == 200, link


@pytest.mark.parametrize("path", ["/statistics/", "/statistics/wall/", "/statistics/table/?columns=both"])
def test_a_page_costs_the_same_number_of_queries_however_many_units_there_are(
    busy: World, browser: Browser, path: str
) -> None:
    page = browser(busy.chief)
    address = f"{path}{'&' if '?' in path else '?'}from={FROM}&to={TO}"

    def queries() -> int:
        page.get(address)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert page.get(address).status_code == 200
        return len(caught)

    few = queries()
    for at in range(20):
        open_unit(
            code=f"4108005{at:02d}999",
            name=f"第{at}派出所",
            kind=Unit.Kind.STATION,
            parent=busy.bureau,
            peer_group=PeerGroup.CITY_STATION,
            position=100 + at,
            by=None,
            now=busy.later(),
        )
    assert queries() == few


def test_the_wall_shows_the_numbers_of_the_board_and_names_nobody(busy: World, browser: Browser) -> None:
    page = browser(busy.chief)
    answered = page.get("/statistics/wall/", ASKED)
    wall, board = answered.context["wall"], page.get("/statistics/", ASKED).context["board"]
    assert [card.figure.value for _title, card in wall.keys] == [key.main.figure.value for key in board.keys]
    cards = {card.metric.code: card.figure.value for group in board.totals for card in group.cards}
    for _title, card, _today in wall.totals:
        assert card.figure.value == cards[card.metric.code]
    text = answered.content.decode()
    for officer in (busy.chief, busy.officer, busy.leader, busy.clerk):
        assert officer.name not in text
    assert 'id="wall"' in text
    assert "data-away=" in text


def test_the_wall_moves_on_with_the_year_unless_days_were_chosen(busy: World, browser: Browser) -> None:
    page = browser(busy.chief)
    chosen = urlsplit(page.get("/statistics/", ASKED).context["wall_url"])
    usual = urlsplit(page.get("/statistics/").context["wall_url"])
    assert parse_qs(chosen.query)["from"] == [FROM]
    assert "from" not in parse_qs(usual.query)


def test_cards_are_compared_with_what_was_chosen(busy: World, browser: Browser) -> None:
    page = browser(busy.chief)
    march = {"from": "2026-03-01", "to": "2026-03-31"}

    def words(against: str) -> list[str]:
        board = page.get("/statistics/", march | {"against": against}).context["board"]
        assert list(board.wish.against) == {"both": ["环比", "同比"], "previous": ["环比"], "year": ["同比"]}[against]
        return [word for word, _change in board.totals[0].cards[0].changes]

    # Nothing is on record for 2025, and what is not there is not compared.
    assert words("both") == ["环比"]
    assert words("previous") == ["环比"]
    assert words("year") == []
