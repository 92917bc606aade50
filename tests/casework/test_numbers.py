"""The figures of petitions and disputes, as of any date, whatever was reopened since."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.casework.makers import dispute, in_hand, petition
from tests.world import World
from zoufang.casework import metrics, services
from zoufang.casework.ledger import DISPUTE_LEDGER, PETITION_LEDGER
from zoufang.casework.models import Dispute, DisputeMediation, PetitionCase, PetitionHandling
from zoufang.casework.vocabulary import DisputeCategory, DisputeStatus, Level
from zoufang.kernel.period import Period
from zoufang.metrics.engine import Count, tabulate

pytestmark = pytest.mark.django_db

JANUARY_TO_MAY = Period(date(2026, 1, 1), date(2026, 5, 31))


@pytest.fixture
def world(db: None) -> World:
    return World(datetime(2026, 1, 5, 1, tzinfo=UTC))


def figures(world: World, period: Period) -> dict[str, object]:
    table = tabulate(metrics.METRICS, [world.bureau], period)
    return {metric.code: table[metric.code, world.bureau.pk] for metric in metrics.METRICS}


def as_of(day: date) -> Period:
    return Period(date(2026, 1, 1), day)


def test_the_closure_rate_is_the_one_the_bulletin_printed(world: World) -> None:
    """338 assigned, 241 closed: the rows are laid down whole, since only their counting is in question."""
    clerk, at = world.clerk, world.now
    cases = PetitionCase.objects.bulk_create(
        PetitionCase(
            no=f"G-{n}",
            level=Level.PROVINCE,
            is_backlog=True,
            subject="交办积案",
            assigned_at=at,
            unit=world.station,
            due_at=at + timedelta(days=400),
            recorded_by=clerk,
            recorded_at=at,
        )
        for n in range(338)
    )
    PetitionHandling.objects.bulk_create(
        PetitionHandling(case=case, opened_at=at, closed_at=at, closed_by=clerk, result="办结")
        if n < 241
        else PetitionHandling(case=case, opened_at=at)
        for n, case in enumerate(cases)
    )
    petition(world, level=Level.MINISTRY)
    petition(world, is_backlog=False)
    told = figures(world, JANUARY_TO_MAY)
    assert told["petitions.assigned"] == 338
    assert told["petitions.closed"] == 241
    assert told["petitions.open"] == 97
    assert told["petitions.closure_rate"] == Decimal("71.3")
    assert told["petitions.overdue"] == 0


def test_the_disputes_are_those_the_bulletin_printed(world: World) -> None:
    """237 in 12 categories, 216 resolved, the other 21 each with a named officer."""
    clerk, at = world.clerk, world.now
    kinds = list(DisputeCategory)
    found = Dispute.objects.bulk_create(
        Dispute(
            no=f"G-{n}",
            category=kinds[n % 12],
            found_at=at,
            unit=world.station,
            due_on=date(2026, 9, 1),
            responsible=clerk,
            status=DisputeStatus.IN_HAND,
            recorded_by=clerk,
            recorded_at=at,
        )
        for n in range(237)
    )
    DisputeMediation.objects.bulk_create(
        DisputeMediation(dispute=one, opened_at=at, assigned_at=at, resolved_at=at, resolved_by=clerk, result="化解")
        if n < 216
        else DisputeMediation(dispute=one, opened_at=at, assigned_at=at)
        for n, one in enumerate(found)
    )
    told = figures(world, JANUARY_TO_MAY)
    assert told["disputes.categories"] == 12
    assert told["disputes.screened"] == 237
    assert told["disputes.resolved"] == 216
    assert told["disputes.unresolved"] == told["disputes.unresolved_assigned"] == 21
    assert told["disputes.unresolved_unassigned"] == 0
    assert told["disputes.resolution_rate"] == Decimal("91.1")
    assert told["disputes.assignment_rate"] == Decimal("100.0")


def test_a_reopening_does_not_change_an_earlier_day(world: World) -> None:
    case = in_hand(world)
    services.close_petition(case, result="已办结并送达", by=world.clerk, now=datetime(2026, 2, 10, tzinfo=UTC))
    before = figures(world, as_of(date(2026, 2, 28)))
    services.reopen_petition(case, reason="新情况需要核实", by=world.clerk, now=datetime(2026, 3, 10, tzinfo=UTC))
    services.close_petition(case, result="再次办结并送达", by=world.clerk, now=datetime(2026, 4, 10, tzinfo=UTC))

    assert figures(world, as_of(date(2026, 2, 28))) == before
    standing = {
        day: (told["petitions.closed"], told["petitions.open"])
        for day in (date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30))
        if (told := figures(world, as_of(day)))
    }
    assert list(standing.values()) == [(0, 1), (1, 0), (0, 1), (1, 0)]


def test_overdue_is_open_past_the_last_promise_on_that_day(world: World) -> None:
    petition(world, due_at=datetime(2026, 1, 31, 16, tzinfo=UTC))  # the midnight that ends 31 January
    extended = in_hand(world, due_at=datetime(2026, 1, 31, 16, tzinfo=UTC))
    services.extend_petition(
        extended,
        extended_to=datetime(2026, 2, 20, 16, tzinfo=UTC),
        reason="情况复杂",
        by=world.clerk,
        now=world.later(),
    )
    told = [
        figures(world, as_of(date(2026, month, day)))["petitions.overdue"] for month, day in ((1, 31), (2, 1), (2, 21))
    ]
    assert told == [0, 1, 2]


def test_disputes_add_up_on_every_day(world: World) -> None:
    for n in range(6):
        found = dispute(world, category=f"DS0{n + 1}")
        if n >= 2:
            services.assign_dispute(
                found, responsible=world.officer, by=world.clerk, now=datetime(2026, 1, 20, tzinfo=UTC)
            )
        if n >= 4:
            services.resolve_dispute(found, result="协议。", by=world.clerk, now=datetime(2026, 2, 10, tzinfo=UTC))
        if n == 5:
            services.reopen_dispute(found, reason="出现反复", by=world.clerk, now=datetime(2026, 3, 10, tzinfo=UTC))
    days = (date(2026, 1, 10), date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31))
    told = [figures(world, as_of(day)) for day in days]
    names = ("screened", "resolved", "unresolved", "unresolved_assigned", "unresolved_unassigned")
    rows = [tuple(one[f"disputes.{name}"] for name in names) for one in told]
    assert rows == [(6, 0, 6, 0, 6), (6, 0, 6, 4, 2), (6, 2, 4, 2, 2), (6, 1, 5, 3, 2)]
    by_category = tabulate([metrics.SCREENED, metrics.UNRESOLVED], [world.bureau], JANUARY_TO_MAY, by="category")
    assert by_category["disputes.screened", world.bureau.pk, "DS01"] == 1


def test_every_count_opens_onto_as_many_rows(world: World) -> None:
    in_hand(world)
    found = dispute(world)
    services.resolve_dispute(found, result="协议。", by=world.clerk, now=world.later())
    services.reopen_dispute(found, reason="出现反复", by=world.clerk, now=world.later())
    told = figures(world, JANUARY_TO_MAY)
    for metric in metrics.METRICS:
        if isinstance(metric, Count) and metric.distinct is None:
            assert metric.rows_behind(world.bureau, JANUARY_TO_MAY).count() == told[metric.code], metric.code


def test_the_ledgers_have_their_official_columns(world: World) -> None:
    case, found = in_hand(world), dispute(world)
    assert {"编号", "交办层级", "交办日", "包案领导", "责任人", "时限", "阶段", "结案日", "结果"} <= {
        str(column.title) for column in PETITION_LEDGER.columns
    }
    assert [str(column.title) for column in DISPUTE_LEDGER.columns] == [
        "编号",
        "类别",
        "发现日",
        "单位",
        "责任人",
        "时限",
        "结果",
        "化解日",
    ]
    for ledger, row in ((PETITION_LEDGER, case), (DISPUTE_LEDGER, found)):
        assert list(ledger.rows(world.clerk)) == [row]
        assert list(ledger.rows(world.other_clerk)) == []
        for column in ledger.columns:
            column.value(row)
