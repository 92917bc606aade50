"""Questions answered on line are visits by their mode: counted once, never typed in, undone when withdrawn."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.answers.test_publications import proposed
from tests.world import World
from zoufang.answers import services
from zoufang.answers.ledger import ONLINE_LEDGER
from zoufang.answers.metrics import ONLINE, PUBLISHED
from zoufang.kernel.clock import local_day
from zoufang.kernel.period import Period
from zoufang.metrics.engine import BASE_ROWS, tabulate
from zoufang.opinions import services as opinions
from zoufang.opinions.models import Opinion
from zoufang.visits.models import Visit

pytestmark = pytest.mark.django_db


def told(world: World, *, source: str = "SRC18", told_by: str = "PAGE", **facts: Any) -> Opinion:
    opinion = world.approved(source=source, **facts)
    opinions.give_feedback(opinion, told_by=told_by, by=world.clerk, now=world.later())
    return opinion


def period() -> Period:
    today = local_day(timezone.now())
    return Period(today - timedelta(days=2), today + timedelta(days=1))


def by_mode(world: World) -> dict[Any, Any]:
    """The value of each mode, the same from the cells and from the rows."""
    cells, rows = (tabulate([ONLINE], [world.bureau], period(), "mode", source=source) for source in (None, BASE_ROWS))
    found = {figure.key: figure.value for figure in cells if figure.value and figure.key}
    assert found == {figure.key: figure.value for figure in rows if figure.value and figure.key}
    return found


def test_each_answer_on_line_counts_by_the_mode_in_which_it_was_asked(world: World) -> None:
    told(world)
    told(world, source="SRC02", told_by="SMS")
    told(world, source="SRC03", told_by="SMS")
    told(world, source="SRC04", told_by="MESSAGE")
    told(world, source="SRC19", told_by="MESSAGE")
    told(world, source="SRC01", told_by="SMS")  # heard at a visit, which counts by itself
    told(world, told_by="PHONE")  # answered, but not on line
    told(world, kind="COMPLAINT")

    assert by_mode(world) == {"K3": 2, "K2": 1, "K4": 1, "K5": 1}
    assert not Visit.objects.exists()
    (figure,) = tabulate([ONLINE], [world.station], period())
    assert figure.value == 5
    behind = ONLINE.rows_behind(world.bureau, period(), mode="K3")
    assert behind.count() == 2
    assert ONLINE_LEDGER.rows(world.clerk).filter(pk__in=behind.values("pk")).count() == 2
    assert not ONLINE_LEDGER.rows(world.other_clerk).exists()


def test_an_answer_told_otherwise_counts_as_long_as_it_is_public(world: World) -> None:
    opinion = told(world, told_by="PHONE")
    assert by_mode(world) == {}
    publication = proposed(world, opinion)
    assert by_mode(world) == {}
    services.publish(publication, by=world.leader, now=world.later())
    assert by_mode(world) == {"K3": 1}
    assert tabulate([PUBLISHED], [world.bureau], period())[PUBLISHED.code, world.bureau.pk] == 1

    services.withdraw_publication(publication, note="规定变了", by=world.clerk, now=world.later())
    assert by_mode(world) == {}
    assert tabulate([PUBLISHED], [world.bureau], period())[PUBLISHED.code, world.bureau.pk] == 0


def test_told_on_line_and_public_too_it_counts_once(world: World) -> None:
    opinion = told(world)
    services.publish(proposed(world, opinion), by=world.leader, now=world.later())

    assert by_mode(world) == {"K3": 1}
