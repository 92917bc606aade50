"""What is counted about visits, and that voided ones are not."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from tests.world import World
from zoufang.kernel.period import Period
from zoufang.metrics.engine import tabulate
from zoufang.opinions.vocabulary import Kind
from zoufang.visits import metrics
from zoufang.visits.ledger import VISIT_LEDGER
from zoufang.visits.models import Visit
from zoufang.visits.services import HeardOpinion, record_visit, void_visit

pytestmark = pytest.mark.django_db

FEBRUARY, MARCH = Period.month(2026, 2), Period.month(2026, 3)


@pytest.fixture
def world(db: None) -> World:
    return World()


def kept(world: World, at: datetime, **facts: Any) -> Visit:
    wanted: dict[str, Any] = {
        "uid": uuid4(),
        "unit": world.room,
        "visited_at": at,
        "mode": "F1",
        "object_category": "RES",
        "headcount": 1,
        "theme": "T2",
        "officers": [world.officer],
        "by": world.officer,
        "now": max(world.now, at),
    }
    return record_visit(**(wanted | facts))[0]


def test_visits_are_counted_when_they_took_place_and_entered_when_recorded(world: World) -> None:
    opinion = HeardOpinion(kind=Kind.OPINION, topic=world.topic(), content="东门路灯坏了两周。")
    last_moment = datetime(2026, 2, 28, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    kept(world, last_moment, headcount=3, opinions=[opinion])
    kept(world, last_moment + timedelta(minutes=1), headcount=5, question="夜间噪声", mode="K1")
    void_visit(kept(world, last_moment, headcount=100), reason="重复录入", by=world.clerk, now=world.now)

    table = tabulate(
        [metrics.RECORDED, metrics.HEADCOUNT, metrics.ENTERED, metrics.WITH_OPINIONS, metrics.QUESTION_RATE],
        [world.bureau, world.other_station],
        FEBRUARY,
    )
    assert table["visits.recorded", world.bureau.pk] == 1
    assert table["visits.headcount", world.bureau.pk] == 3
    assert table["visits.entered", world.bureau.pk] == 0
    assert table["visits.with_opinions", world.bureau.pk] == 1
    assert table["visits.question_rate", world.bureau.pk] == Decimal("0.0")
    assert table["visits.recorded", world.other_station.pk] == 0
    assert table["visits.question_rate", world.other_station.pk] is None

    march = tabulate([metrics.RECORDED, metrics.ENTERED], [world.bureau], MARCH)
    assert (march["visits.recorded", world.bureau.pk], march["visits.entered", world.bureau.pk]) == (1, 2)


def test_visits_are_told_apart_by_how_and_to_whom(world: World) -> None:
    for mode in ("F1", "F3", "K1", "P1"):
        kept(world, world.now, mode=mode)
    table = tabulate([metrics.RECORDED], [world.bureau], MARCH, by="mode_group")
    assert [table["visits.recorded", world.bureau.pk, group] for group in "FKP"] == [2, 1, 1]
    for by in ("mode", "object_category", "theme", "month", "unit"):
        tabulate([metrics.RECORDED], [world.bureau], MARCH, by=by)


def test_the_headcount_of_prosecution_and_court_staff_is_their_visits_alone(world: World) -> None:
    kept(world, world.now, object_category="JF", headcount=580)
    kept(world, world.now, object_category="JF", headcount=3)
    kept(world, world.now, headcount=50)
    table = tabulate([metrics.PROSECUTION_COURT_HEADCOUNT], [world.bureau], MARCH)
    assert table["visits.prosecution_court_headcount", world.bureau.pk] == 583


def test_the_entry_delay_is_the_median_in_hours(world: World) -> None:
    for hours in (1, 3, 50):
        kept(world, datetime(2026, 3, 10, tzinfo=UTC), now=datetime(2026, 3, 10, tzinfo=UTC) + timedelta(hours=hours))
    table = tabulate([metrics.ENTRY_DELAY], [world.bureau], MARCH)
    assert table["visits.entry_delay", world.bureau.pk] == Decimal("3.0")


def test_a_figure_opens_onto_its_very_rows(world: World) -> None:
    visit = kept(world, world.now)
    kept(world, world.now - timedelta(days=60))
    behind = metrics.RECORDED.rows_behind(world.bureau, Period(date(2026, 3, 1), date(2026, 3, 31)))
    assert list(behind) == [visit]


def test_the_ledger_has_its_official_columns_and_no_void_rows(world: World) -> None:
    visit = kept(
        world, world.now, opinions=[HeardOpinion(kind=Kind.OPINION, topic=world.topic(), content="路灯坏了。")]
    )
    void_visit(kept(world, world.now), reason="重复录入", by=world.clerk, now=world.later())
    titles = [str(column.title) for column in VISIT_LEDGER.columns]
    assert titles == [
        "序号",
        "单位",
        "警务室",
        "时间",
        "方式",
        "对象类别",
        "人次",
        "主题",
        "带题",
        "摘要",
        "产生意见号",
        "录入时间",
    ]
    (row,) = VISIT_LEDGER.rows(world.clerk)
    assert row == visit
    shown = {column.name: column.value(row) for column in VISIT_LEDGER.columns}
    assert (shown["unit"], shown["police_room"]) == (world.station.name, world.room.name)
    assert shown["opinions"] == visit.opinions.get().no
    assert list(VISIT_LEDGER.rows(world.other_clerk)) == []


def test_a_ledger_costs_the_same_number_of_queries_for_any_number_of_rows(
    world: World, django_assert_max_num_queries: Any
) -> None:
    for _visit in range(5):
        kept(world, world.now)
    clerk = world.clerk
    with django_assert_max_num_queries(6):
        for row in VISIT_LEDGER.rows(clerk):
            assert [column.value(row) for column in VISIT_LEDGER.columns]
