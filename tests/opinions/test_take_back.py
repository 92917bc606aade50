"""Undo: a referral or a signature is taken back by who made it, for some minutes, if nothing followed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.world import World
from zoufang.audit.models import AuditRecord
from zoufang.kernel.period import Period
from zoufang.kernel.refusal import NotAllowed, StepNotOpen
from zoufang.metrics.services import cell_differences, countable
from zoufang.metrics.sources import BaseRows
from zoufang.metrics.tabulate import tabulate
from zoufang.opinions import services
from zoufang.opinions.metrics import HOPS, OPEN, REFERRAL_DELAY, REFERRED, RETURNED, UNSIGNED
from zoufang.opinions.models import Opinion
from zoufang.opinions.workflow import Status, Step

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def test_a_recalled_referral_leaves_the_opinion_as_it_was_and_stays_on_record(world: World) -> None:
    opinion = world.opinion()
    before = opinion.step_due_at
    referral = services.refer_opinion(opinion, to=world.station, by=world.clerk, now=world.later())

    services.recall_referral(opinion, by=world.clerk, now=world.later())

    fresh = Opinion.objects.get(pk=opinion.pk)
    assert (fresh.status, fresh.responsible_unit, fresh.step_due_at) == (Status.REGISTERED, None, before)
    referral.refresh_from_db()
    assert referral.recalled_at == world.now
    assert [event.step for event in fresh.events.all()] == ["register", "refer", "recall"]
    assert AuditRecord.objects.filter(action="recall", object_id=opinion.no).exists()


def test_referred_again_it_is_the_first_time(world: World) -> None:
    opinion = world.referred()
    services.recall_referral(opinion, by=world.clerk, now=world.later())

    again = services.refer_opinion(opinion, to=world.other_station, by=world.clerk, now=world.later())

    assert again.hop == 1
    assert opinion.referrals.count() == 2


@pytest.mark.parametrize(
    ("prepare", "why"),
    [
        (lambda w, _o: w.later(minutes=10), "时间"),
        (lambda w, o: services.sign_referral(o, by=w.clerk, now=w.later()), "只有|状态"),
    ],
)
def test_not_after_its_time_nor_when_it_was_signed_for(
    world: World, prepare: Callable[[World, Opinion], object], why: str
) -> None:
    opinion = world.referred()
    prepare(world, opinion)

    with pytest.raises((NotAllowed, StepNotOpen), match=why):
        services.recall_referral(opinion, by=world.clerk, now=world.now)

    assert not opinion.referrals.exclude(recalled_at=None).exists()


def test_only_by_whose_hand_it_was(world: World) -> None:
    opinion = world.referred()

    with pytest.raises(NotAllowed):
        services.recall_referral(opinion, by=world.visit_office, now=world.later())

    assert Step.RECALL not in [offer.step for offer in services.offers(opinion, world.visit_office, now=world.now)]
    assert Step.RECALL in [offer.step for offer in services.offers(opinion, world.clerk, now=world.now)]


def test_a_signature_is_taken_back_unless_something_followed(world: World) -> None:
    opinion = world.signed()
    services.unsign_referral(opinion, by=world.clerk, now=world.later())
    referral = opinion.referrals.get()
    assert (opinion.status, referral.signed_at, opinion.step_due_at) == (Status.REFERRED, None, referral.sign_due_at)

    followed = world.in_hand()
    with pytest.raises(StepNotOpen):
        services.unsign_referral(followed, by=world.clerk, now=world.later())


def values(figures: list[Any], world: World, period: Period, **more: Any) -> list[Any]:
    table = tabulate(figures, [world.station], period, **more)
    return [table[figure.code, world.station.pk] for figure in figures]


def test_no_figure_counts_a_recalled_referral(world: World) -> None:
    figures = [REFERRED, RETURNED, OPEN, UNSIGNED, HOPS, REFERRAL_DELAY]
    period = Period(world.today, world.today)
    kept = world.signed()
    plain = values(figures, world, period)
    recalled = world.referred(heard_by=kept.heard_by)
    services.recall_referral(recalled, by=world.clerk, now=world.later())

    assert values(figures, world, period) == plain
    assert values(figures, world, period, source=BaseRows()) == plain
    assert cell_differences(countable(figures)) == []


def test_the_page_offers_undo_and_takes_it(world: World, client: Client) -> None:
    opinion = world.opinion()
    client.force_login(world.clerk)
    sent = {"to": world.station.code, "version": str(opinion.version)}
    page = client.post(f"/opinions/{opinion.no}/refer/", sent, follow=True).content.decode()
    assert f'action="/opinions/{opinion.no}/recall/"' in page

    page = client.post(f"/opinions/{opinion.no}/recall/", follow=True).content.decode()

    assert "撤回转办" in page
    opinion.refresh_from_db()
    assert opinion.status == Status.REGISTERED
