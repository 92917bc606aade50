"""What came late or was corrected after a bulletin went out is said on its page, and the late rows open."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.world import World
from zoufang.bulletins.models import Bulletin
from zoufang.bulletins.selectors import Change, changes_since
from zoufang.bulletins.services import issue_bulletin
from zoufang.kernel.period import Period
from zoufang.visits.models import Visit
from zoufang.visits.services import record_visit, void_visit
from zoufang.visits.vocabulary import Mode, Theme

pytestmark = pytest.mark.django_db
FEBRUARY = Period(date(2026, 2, 1), date(2026, 2, 28))


def visit(world: World, **facts: Any) -> Visit:
    made, _new = record_visit(
        uid=world.new_uid(),
        unit=world.room,
        visited_at=world.now - timedelta(days=5),
        mode=Mode.HOUSEHOLD,
        object_category=facts.get("object_category", "JF"),
        headcount=facts.get("headcount", 2),
        theme=Theme.CONCERNS,
        officers=[world.officer],
        by=world.officer,
        now=world.later(),
    )
    return made


def issue(world: World) -> Bulletin:
    return issue_bulletin(FEBRUARY, template="formal", by=world.visit_office, now=world.later())


def browser(world: World) -> Client:
    client = Client()
    client.force_login(world.visit_office, backend="django.contrib.auth.backends.ModelBackend")
    return client


def changed(bulletin: Bulletin, code: str) -> Change:
    return next(change for change in changes_since(bulletin) if change.figure.metric == code)


@pytest.fixture
def world() -> World:
    made = World()
    for name in ("officer", "clerk", "visit_office"):
        getattr(made, name)
    return made


def test_nothing_changed_as_long_as_nothing_came_late(world: World) -> None:
    visit(world)
    bulletin = issue(world)
    assert changes_since(bulletin) == []
    assert "签发后有变化的数字" not in browser(world).get(f"/bulletins/{bulletin.pk}/").content.decode()


def test_a_late_opinion_is_counted_named_and_opened(world: World) -> None:
    world.opinion(source="SRC05", heard_at=world.now - timedelta(days=4))
    bulletin = issue(world)
    late = world.opinion(source="SRC05", heard_at=world.now - timedelta(days=3))
    found = changed(bulletin, "opinions.open_door")
    assert (found.was, found.now, found.late, found.difference, found.corrected) == (1, 2, 1, "+1", "")
    page = browser(world)
    text = page.get(f"/bulletins/{bulletin.pk}/").content.decode()
    assert "签发后补录 1 条" in text
    opened = page.get(found.late_url).context["opened"]
    assert [row.pk for row in opened.rows] == [late.pk]
    assert page.get(found.rows_url).context["opened"].rows.count() == 2


def test_a_correction_is_told_from_what_came_late(world: World) -> None:
    wrong = visit(world, headcount=3)
    bulletin = issue(world)
    void_visit(wrong, reason="重复录入", by=world.clerk, now=world.later())
    visit(world, headcount=5)
    found = changed(bulletin, "visits.prosecution_court_headcount")
    # A sum of people is no number of rows: by how much it was corrected cannot be said from them.
    assert (found.difference, found.late, found.corrected) == ("+2", 1, "")


def test_the_page_costs_no_more_queries_the_more_rows_came_late(world: World) -> None:
    bulletin = issue(world)

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            changes_since(bulletin)
        return len(caught)

    visit(world)
    first = queries()
    for _again in range(5):
        visit(world)
    assert queries() == first


@pytest.mark.parametrize(
    "word", ["x", "2026-13-01T00:00:00+08:00", "2026-03-01", "2026-03-01T00:00:00", "\0", "🕐" * 99]
)
def test_a_moment_that_is_none_is_refused_in_words(world: World, word: str) -> None:
    answered = browser(world).get("/statistics/rows/opinions.heard/", {"entered": word})
    assert answered.status_code == 422


@pytest.mark.parametrize("code", ["opinions.closed", "rectifications.verified", "ratings.given", "petitions.assigned"])
def test_every_sort_of_row_can_be_asked_when_it_was_entered(world: World, code: str) -> None:
    answered = browser(world).get(f"/statistics/rows/{code}/", {"entered": world.now.isoformat()})
    assert answered.status_code == 200
    assert answered.context["opened"].counted == 0
