"""Samples: drawn once for each unit, month and level, and by the same seed the same again."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.world import World
from zoufang.audit.models import AuditRecord
from zoufang.callbacks import selectors, services
from zoufang.callbacks.loading import load_reference
from zoufang.callbacks.metrics import COVERAGE
from zoufang.callbacks.models import CallBackSample, SampledReferral, SamplingRule
from zoufang.callbacks.rules import drawn_from, month_around
from zoufang.kernel.period import Period
from zoufang.metrics.engine import tabulate
from zoufang.opinions import services as opinions
from zoufang.opinions.models import Opinion

MARCH = date(2026, 3, 15)


@pytest.fixture
def world(db: None) -> World:
    made = World()
    load_reference(now=made.now)
    return made


def in_april(world: World) -> None:
    world.later(days=30)


def test_the_dice_choose_a_share_at_least_so_many_and_never_more_than_there_are() -> None:
    hundred = list(range(1, 101))
    assert len(drawn_from(hundred, seed=7, percent=5, least=1)) == 5
    assert len(drawn_from(hundred[:41], seed=7, percent=5, least=1)) == 3
    assert len(drawn_from(hundred[:3], seed=7, percent=5, least=2)) == 2
    assert drawn_from([9], seed=7, percent=5, least=2) == [9]
    assert drawn_from(hundred, seed=7, percent=5, least=1) == drawn_from(hundred, seed=7, percent=5, least=1)
    assert drawn_from(hundred, seed=7, percent=5, least=1) != drawn_from(hundred, seed=8, percent=5, least=1)
    times = [sum(n in drawn_from(hundred, seed=seed, percent=10, least=1) for seed in range(500)) for n in (1, 50, 100)]
    assert all(25 < many < 80 for many in times)


@pytest.mark.parametrize(("day", "last"), [(date(2024, 2, 29), 29), (date(2026, 2, 1), 28), (date(2025, 12, 31), 31)])
def test_a_month_ends_on_its_last_day(day: date, last: int) -> None:
    assert month_around(day) == Period(day.replace(day=1), day.replace(day=last))


def test_a_sample_can_be_drawn_again_from_its_seed_and_its_seed_is_in_the_audit(world: World) -> None:
    for _each in range(4):
        world.closed()
    in_april(world)
    assert services.draw_samples(MARCH, now=world.now) == 2

    sample = CallBackSample.objects.get(level="COUNTY")
    assert (sample.unit, sample.month, sample.population) == (world.station, date(2026, 3, 1), 4)
    finished = selectors.finished_in(sample.unit, month_around(sample.month))
    rule = SamplingRule.objects.get(level="COUNTY")
    again = drawn_from(finished, seed=sample.seed, percent=sample.percent, least=rule.least)
    assert sorted(sample.drawn.values_list("referral", flat=True)) == again
    record = AuditRecord.objects.get(action="draw-sample", object_id=str(sample.pk))
    assert record.detail["seed"] == str(sample.seed)


def test_drawing_again_changes_nothing(world: World) -> None:
    world.closed()
    in_april(world)
    services.draw_samples(MARCH, now=world.now)
    before = list(SampledReferral.objects.values_list("sample", "referral"))
    world.closed()

    assert services.draw_samples(MARCH, now=world.later()) == 0
    assert list(SampledReferral.objects.values_list("sample", "referral")) == before


def test_what_was_drawn_is_the_work_of_its_level_until_it_is_asked(world: World) -> None:
    opinion = world.closed()
    in_april(world)
    services.draw_samples(MARCH, now=world.now)

    assert [row.referral.opinion for row in selectors.to_call(world.visit_office)] == [opinion]
    assert [row.referral.opinion for row in selectors.to_call(world.inspector)] == [opinion]
    assert not selectors.to_call(world.other_clerk).exists()
    fresh = Opinion.objects.get(pk=opinion.pk)
    opinions.call_back(
        fresh, reached=True, confirmed=True, solved=True, satisfaction=5, by=world.inspector, now=world.later()
    )
    assert not selectors.to_call(world.inspector).exists()
    assert selectors.to_call(world.visit_office).exists()


def test_who_is_out_of_reach_is_not_in_the_denominator_of_the_coverage(world: World) -> None:
    for _each in range(2):
        world.closed()
    in_april(world)
    services.draw_samples(MARCH, now=world.now)
    period = Period(world.now.date(), world.now.date() + timedelta(days=1))
    key = COVERAGE.code, world.bureau.pk

    def coverage() -> object:
        return tabulate([COVERAGE], [world.bureau], period, by="call_level")[COVERAGE.code, world.bureau.pk, "COUNTY"]

    assert coverage() == Decimal("0.0")
    first, second = selectors.to_call(world.visit_office).order_by("pk")
    for _attempt in range(3):
        opinions.call_back(
            Opinion.objects.get(pk=first.referral.opinion_id), reached=False, by=world.visit_office, now=world.later()
        )
    assert coverage() == Decimal("0.0")
    opinions.call_back(
        Opinion.objects.get(pk=second.referral.opinion_id),
        reached=True,
        solved=False,
        satisfaction=2,
        by=world.visit_office,
        now=world.later(),
    )
    assert coverage() == Decimal("100.0")
    assert not selectors.to_call(world.visit_office).exists()
    before = Period(date(2025, 1, 1), date(2025, 2, 1))
    assert tabulate([COVERAGE], [world.bureau], before)[key] is None
    assert selectors.progress(world.visit_office)["gave_up"] == 1
