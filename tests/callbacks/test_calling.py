"""Call-backs of three levels: asked three times at most, seen by the next level, compared."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils.translation import override

from tests.world import World
from zoufang.callbacks import selectors as callbacks
from zoufang.callbacks.metrics import DENIED_RATE, DISAGREEMENT_RATE, SATISFACTION_RATE, SOLVE_RATE
from zoufang.kernel.period import Period
from zoufang.kernel.refusal import NotAllowed, Refusal
from zoufang.metrics.engine import tabulate
from zoufang.opinions import selectors, services
from zoufang.opinions.models import CallBack, Opinion
from zoufang.opinions.vocabulary import CallLevel
from zoufang.organization.models import Officer, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def ask(world: World, opinion: Opinion, by: Officer, **answers: object) -> CallBack:
    given = {"reached": True, "confirmed": True, "solved": True, "satisfaction": 4} | answers
    return services.call_back(Opinion.objects.get(pk=opinion.pk), **given, by=by, now=world.later())  # type: ignore[arg-type]


def door(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer)
    return client


def test_each_level_asks_for_itself_and_is_known_by_its_duty(world: World) -> None:
    opinion = world.closed()

    levels = [ask(world, opinion, by).level for by in (world.clerk, world.visit_office, world.inspector)]
    assert levels == [CallLevel.UNIT, CallLevel.COUNTY, CallLevel.CITY]
    with pytest.raises(Refusal, match="已经完成"):
        ask(world, opinion, world.visit_office)


def test_the_clerk_of_a_county_bureau_asks_about_its_stations_one_level_up(world: World) -> None:
    county, station = world.unit("武陟县公安局"), world.unit("武陟城关派出所")
    above, own = (world.make_officer(f"clerk_{u.code}", u, Role.CLERK) for u in (county, station))
    opinion = world.opinion(heard_by=station, by=world.visit_office)
    services.refer_opinion(opinion, to=station, by=own, now=world.later())
    referral = selectors.referral_in_hand(opinion)

    assert selectors.call_level(own, referral) == CallLevel.UNIT
    assert selectors.call_level(above, referral) == CallLevel.COUNTY


def test_three_attempts_then_out_of_reach_and_in_no_denominator(world: World) -> None:
    opinion, other = world.closed(), world.closed()
    for _attempt in range(3):
        call = ask(world, opinion, world.clerk, reached=False, confirmed=None, solved=None, satisfaction=None)
        assert (call.reached, call.solved, call.differs) == (False, None, None)
    with pytest.raises(Refusal, match="无法联系"):
        ask(world, opinion, world.clerk)
    ask(world, opinion, world.visit_office, solved=False)
    ask(world, other, world.clerk)

    period = Period(world.today - timedelta(days=9), world.today)
    assert tabulate([SOLVE_RATE], [world.bureau], period)[SOLVE_RATE.code, world.bureau.pk] == Decimal("50.0")


def test_solved_is_not_satisfied(world: World) -> None:
    ask(world, world.closed(), world.clerk, solved=True, satisfaction=1)
    ask(world, world.closed(), world.clerk, solved=False, satisfaction=3)

    period = Period(world.today - timedelta(days=9), world.today)
    table = tabulate([SOLVE_RATE, SATISFACTION_RATE], [world.station], period)
    assert table[SOLVE_RATE.code, world.station.pk] == Decimal("50.0")
    assert table[SATISFACTION_RATE.code, world.station.pk] == Decimal("50.0")
    empty = tabulate([SOLVE_RATE, SATISFACTION_RATE, DENIED_RATE, DISAGREEMENT_RATE], [world.other_station], period)
    assert all(figure.value is None and figure.shown == "—" for figure in empty)


def test_a_level_that_was_told_otherwise_is_shown_and_counted(world: World) -> None:
    same, other, alone = world.closed(), world.closed(), world.closed()
    ask(world, same, world.clerk, satisfaction=5)
    ask(world, other, world.clerk)
    assert ask(world, same, world.visit_office, satisfaction=3).differs is False
    assert ask(world, other, world.visit_office, solved=False).differs is True
    assert ask(world, other, world.inspector, solved=False).differs is False
    assert ask(world, alone, world.inspector).differs is None

    period = Period(world.today - timedelta(days=9), world.today)
    rate = tabulate([DISAGREEMENT_RATE], [world.bureau], period)[DISAGREEMENT_RATE.code, world.bureau.pk]
    assert rate == Decimal("33.3")
    page = door(world.inspector).get(f"/opinions/{other.no}/").content.decode()
    assert "与前次回访不一致" in page


def test_a_later_level_reads_the_script_and_what_was_told_before(world: World) -> None:
    opinion = world.closed()
    ask(world, opinion, world.clerk, note="灯亮了，很高兴。")

    page = door(world.visit_office).get(f"/opinions/{opinion.no}/call-back/").content.decode()
    assert "您反映的问题现在解决了吗？" in page
    assert "灯亮了，很高兴。" in page
    assert "第 1 次，最多 3 次" in page
    with override("en"):
        english = door(world.visit_office).get(f"/opinions/{opinion.no}/call-back/", headers={"Accept-Language": "en"})
    page = english.content.decode()
    assert "Has the problem been solved?" in page


def test_who_did_the_work_does_not_ask_and_who_says_nobody_came_is_a_lead_for_the_inspection(world: World) -> None:
    opinion = world.in_hand()
    services.rectify_opinion(opinion, result="已换新灯，复查正常。", by=world.clerk, now=world.later())
    services.verify_rectification(opinion, by=world.leader, now=world.later())
    services.draft_reply(opinion, text="您反映的路灯已经修好了。", by=world.clerk, now=world.later())
    services.approve_reply(opinion, by=world.leader, now=world.later())
    services.give_feedback(opinion, told_by="PHONE", by=world.clerk, now=world.later())
    with pytest.raises(NotAllowed, match="另一人回访"):
        ask(world, opinion, world.clerk)

    ask(world, opinion, world.inspector, confirmed=False, solved=False, satisfaction=1)
    assert [call.referral.opinion for call in callbacks.denied(world.inspector)] == [opinion]
    assert not callbacks.denied(world.other_clerk).exists()
    page = door(world.inspector).get("/call-backs/denied/").content.decode()
    assert opinion.no in page
    period = Period(world.today - timedelta(days=9), world.today)
    assert tabulate([DENIED_RATE], [world.bureau], period)[DENIED_RATE.code, world.bureau.pk] == Decimal("100.0")
