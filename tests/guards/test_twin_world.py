"""
Two worlds that differ in one complaint: those it is about cannot tell which one they live in.

Numbers of the whole city, and of units above, count every opinion: a known limit, kept as short as the list below.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from tests.guards.matrix_declaration import DECLARED
from tests.guards.matrix_pages import plain
from tests.guards.matrix_routes import Route, routes
from tests.guards.matrix_stage import CLERK, INSPECTOR, LEADER, OFFICE, OFFICER, Stage, local, undone
from zoufang.opinions import services
from zoufang.opinions.models import Opinion
from zoufang.statistics.catalogue import CATALOGUE
from zoufang.visits.services import HeardOpinion, record_visit

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

# Everybody who belongs to the unit that the complaint is about.
CONCERNED = (OFFICER, CLERK, LEADER)
WORDS = "群众投诉窗口态度生硬暗号孪生"

# Pages that count, and so tell that there is one more somewhere: nothing of what it says.
COUNTS = {
    "statistics:dashboard",
    "statistics:rows",
    "api:stats",
}


def complain(stage: Stage) -> Opinion:
    """Register a complaint about the station, said in its own police room, and lead it half through its life."""
    world, office, other = stage.world, stage.people[OFFICE], stage.people[INSPECTOR]
    opinion = world.opinion(
        kind="COMPLAINT",
        content=WORDS,
        heard_by=world.room,
        complained_unit=world.station,
        source="SRC15",
        source_no="12345-77",
        by=office,
    )
    services.keep_asker(opinion, code="twin", name="某某", phone="13900002222", now=world.later())
    services.refer_opinion(
        opinion, to=world.unit("督察支队"), helped_by=[world.unit("走访办")], by=office, now=world.later()
    )
    services.sign_referral(opinion, by=other, now=world.later())
    services.write_measure(
        opinion,
        measure=f"{WORDS}：约谈并整改窗口服务。",
        responsible=other,
        planned_on=timezone.localdate() + timedelta(days=3),
        by=other,
        now=world.later(),
    )
    return opinion


def heard_at_a_visit(stage: Stage, *, complains: bool) -> None:
    """Record a visit of the station's own officer, at which somebody complained about the station, or nobody did."""
    complaint = HeardOpinion(
        kind="COMPLAINT", topic=stage.world.topic(), content=WORDS, complained_unit=stage.world.station
    )
    with connection.cursor() as cursor:
        # The ledger's serial numbers are the keys: in both worlds the visit has the same.
        cursor.execute("SELECT setval(pg_get_serial_sequence('visits_visit', 'id'), max(id)) FROM visits_visit")
    record_visit(
        uid=UUID(int=77),
        unit=stage.world.room,
        visited_at=stage.world.now - timedelta(hours=3),
        mode="F1",
        object_category="RES",
        headcount=1,
        theme="T2",
        officers=[stage.world.officer],
        opinions=[complaint] if complains else [],
        by=stage.people[OFFICE],
        now=stage.world.now,
    )


TWINS: dict[str, tuple[Callable[[Stage], object], Callable[[Stage], object]]] = {
    "registered": (lambda _stage: None, complain),
    "heard at a visit": (
        lambda stage: heard_at_a_visit(stage, complains=False),
        lambda stage: heard_at_a_visit(stage, complains=True),
    ),
}


@pytest.mark.parametrize("twins", TWINS.values(), ids=TWINS)
def test_those_complained_about_see_the_same_pages_with_and_without(
    twins: tuple[Callable[[Stage], object], Callable[[Stage], object]],
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    told: dict[str, list[str]] = {}
    looked = 0
    for viewer in CONCERNED:
        with undone():
            twins[0](stage)
            without = dict(_pages(stage, viewer))
        with undone():
            twins[1](stage)
            for (name, place), page in _pages(stage, viewer):
                looked += 1
                # A page may say back what its own address asks.
                assert WORDS in page.path or WORDS.encode() not in page.content, page.path
                if not page.is_like(without[name, place], made_anew=name in MADE_ANEW):
                    told.setdefault(name, []).append(f"{viewer} {page.path}: {page.unlike(without[name, place])}")
    assert looked > 200
    beyond = {name: paths for name, paths in told.items() if name not in COUNTS}
    assert not beyond, beyond
    assert not COUNTS - set(told), f"No longer told apart, so no longer an exception: {COUNTS - set(told)}"


def test_a_hidden_complaint_answers_as_one_that_never_was(stage: Stage) -> None:
    with undone():
        no = complain(stage).no
        never = no[:2] + "2001" + no[6:]
        for viewer in CONCERNED:
            for tail in ("", "contact/", "files/1/", "refer/", "close/"):
                for send in ("get", "post"):
                    hidden, absent = (
                        getattr(stage.browser(viewer), send)(f"/opinions/{one}/{tail}") for one in (no, never)
                    )
                    assert hidden.status_code == absent.status_code
                    assert plain(hidden.content).replace(no.encode(), never.encode()) == plain(absent.content)


def test_a_number_of_a_hidden_complaint_is_not_told_to_who_types_its_source_number(stage: Stage) -> None:
    with undone():
        opinion = complain(stage)
        typed = {
            "kind": "COMPLAINT",
            "source": "SRC15",
            "source_no": "12345-77",
            "topic": "A6",
            "content": "同一件投诉。",
            "heard_by": stage.world.station.code,
            "heard_at": local(stage.world.now),
        }
        for viewer in (CLERK, LEADER):
            answer = stage.browser(viewer).post("/opinions/new/", typed)
            assert answer.status_code == 422
            assert opinion.no not in answer.content.decode()
        assert opinion.no in stage.browser(OFFICE).post("/opinions/new/", typed).content.decode()


@dataclass(frozen=True)
class Page:
    """What was answered at an address."""

    path: str
    status: int
    content: bytes

    def is_like(self, other: "Page", *, made_anew: bool) -> bool:
        """Do both tell the same? What is made anew for each look has other keys each time: then figures are left out."""
        if self.path == other.path and not made_anew:
            return self == other
        ours, theirs = (_FIGURES.sub(b"0", one.content) for one in (self, other))
        return self.status == other.status and ours == theirs

    def unlike(self, other: "Page") -> str:
        """Return the first line that only this page has."""
        theirs = set(other.content.splitlines())
        return next((line.decode().strip()[:300] for line in self.content.splitlines() if line not in theirs), "")


# A code that is drawn is a figure too.
_FIGURES = re.compile(rb' d="M[^"]*"|\d+')
# What is looked at there is made anew for each look, and takes its number from a row of numbers that all share.
MADE_ANEW = {"paper:series", "api:answer"}


def _pages(stage: Stage, viewer: str) -> Iterator[tuple[tuple[str, str], Page]]:
    """Every page that `viewer` may look at, the search for the complaint's own words among them, each by its place."""
    for route in routes():
        for name in route.names:
            door = DECLARED[name]
            if not door.get or viewer not in door.get:
                continue
            for number, subject in enumerate(door.subjects(stage)):
                if viewer not in subject.seen or name == "ui:components":
                    continue
                for asked in _queries(name):
                    path = route.path(**subject.args) + (subject.query or asked)
                    yield (name, f"{number}{asked}"), _page(stage, viewer, route, path)
    # What is being typed is looked for among what is there.
    typed = stage.browser(viewer).post("/opinions/said/", {"content": WORDS, "topic": "A6"})
    yield ("opinions:said_already", "said"), Page("/opinions/said/", typed.status_code, plain(typed.content))
    for metric in CATALOGUE:
        if metric.has_rows:
            path = f"/statistics/rows/{metric.code}/?unit={stage.world.station.code}"
            yield ("statistics:rows", path), _page(stage, viewer, None, path)


def _queries(name: str) -> tuple[str, ...]:
    if name in {"opinions:list", "ledgers:ledger", "api:list_opinions", "visits:list"}:
        return ("", "?format=print", f"?q={WORDS}", "?kind=COMPLAINT", "?overdue=on", "?count=1")
    return ("?unit=410800570000",) if name.startswith("statistics:") else ("",)


def _page(stage: Stage, viewer: str, route: Route | None, path: str) -> Page:
    client = stage.program(viewer) if route is not None and route.is_api else stage.browser(viewer)
    response: Any = client.get(path)
    content = b"".join(response.streaming_content) if response.streaming else plain(response.content)
    return Page(path, response.status_code, content)
