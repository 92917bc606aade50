"""Several opinions about one matter: one carries the work, and no asker is lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.world import World
from zoufang.audit.models import AuditRecord
from zoufang.channels.selectors import standing
from zoufang.kernel.period import Period
from zoufang.kernel.refusal import Invalid, NotAllowed, Refusal, StaleState, StepNotOpen
from zoufang.metrics.engine import tabulate
from zoufang.metrics.sources import BaseRows
from zoufang.opinions import metrics, services
from zoufang.opinions.models import Asker, Opinion, Rating, Referral
from zoufang.opinions.selectors import askers_of, current_referral, opinions_seen_by, waiting_for
from zoufang.opinions.workflow import Status, Step

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def lead_on(world: World, opinion: Opinion) -> Opinion:
    """Rectify, verify, answer and close an opinion that was signed for."""
    services.write_measure(
        opinion,
        measure="联系路灯管理单位三日内更换灯具，并在夜间巡逻时复查。",
        responsible=world.officer,
        planned_on=world.today + timedelta(days=3),
        by=world.clerk,
        now=world.later(),
    )
    services.rectify_opinion(opinion, result="灯具已更换，夜间复查正常。", by=world.officer, now=world.later())
    services.verify_rectification(opinion, by=world.clerk, now=world.later())
    services.draft_reply(opinion, text="您反映的路灯问题已修复，感谢。", by=world.clerk, now=world.later())
    services.approve_reply(opinion, by=world.leader, now=world.later())
    services.give_feedback(opinion, told_by="PHONE", by=world.clerk, now=world.later())
    services.close_opinion(opinion, by=world.leader, now=world.later())
    return opinion


def asker(world: World, opinion: Opinion, code: str, **contact: str) -> Asker:
    return services.keep_asker(opinion, code=code, now=world.later(), **contact)


def join(world: World, opinion: Opinion, main: Opinion) -> Opinion:
    return services.join_opinion(opinion, main=main, by=world.clerk, now=world.later())


def anew(opinion: Opinion) -> Opinion:
    return Opinion.objects.select_related("joined_to", "heard_by", "responsible_unit").get(pk=opinion.pk)


MAKERS: list[Callable[[World], Opinion]] = [World.opinion, World.referred, World.signed]


@pytest.mark.parametrize("make", MAKERS, ids=["registered", "referred", "signed"])
def test_a_joined_opinion_comes_back_to_where_it_was(world: World, make: Callable[[World], Opinion]) -> None:
    main = world.signed()
    opinion = make(world)
    before = anew(opinion)

    join(world, opinion, main)
    joined = anew(opinion)
    assert (joined.status, joined.joined_to, joined.responsible_unit) == (Status.JOINED, main, world.station)
    assert current_referral(joined) is None

    services.unjoin_opinion(joined, note="地点不同，是另一盏灯。", by=world.clerk, now=world.later())
    after = anew(opinion)
    kept = ("status", "responsible_unit", "due_at", "step_due_at", "no", "content", "joined_to", "joined_at")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert current_referral(after) == current_referral(before)
    assert [event.step for event in after.events.all()][-2:] == [Step.JOIN, Step.UNJOIN]
    assert [event.step for event in main.events.all()][-2:] == [Step.JOIN, Step.UNJOIN]
    for no in (main.no, opinion.no):
        actions = AuditRecord.objects.filter(object_id=no).order_by("pk").values_list("action", flat=True)
        assert list(actions)[-2:] == ["join", "unjoin"]


def test_nothing_waits_for_a_joined_opinion(world: World) -> None:
    main, opinion = world.signed(), world.referred()
    join(world, opinion, main)
    assert list(waiting_for(world.clerk)) == [main]
    offered = {offer.step for offer in services.offers(anew(opinion), world.clerk) if offer.open}
    assert offered == {Step.UNJOIN, Step.COMPLAINT}


def test_both_askers_see_the_answer_and_rate_it_and_neither_sees_the_other(world: World) -> None:
    first = world.signed(content="东门的路灯坏了，我母亲摔了一跤。")
    second = world.opinion(content="小区东门没有灯，孩子放学害怕。", source="SRC15", source_no="12345-1")
    one, two = asker(world, first, "one"), asker(world, second, "two", name="王某", phone="13900003333")
    join(world, second, first)
    lead_on(world, anew(first))

    for let_in, others in ((one, "孩子放学害怕"), (two, "我母亲摔了一跤")):
        who = Asker.objects.get(pk=let_in.pk)
        shown = standing(who, now=world.later())
        assert (shown.stage_code, shown.may_rate) == ("closed", True)
        assert "路灯问题已修复" in shown.reply
        told = shown.reply + shown.words + "".join(line.text for line in shown.history)
        assert others not in told
        assert other_no(shown.opinion, first, second) not in told
        services.rate_answer(who.opinion, asker=who, solved=True, satisfaction=4, now=world.later())
        with pytest.raises(Refusal):
            services.rate_answer(who.opinion, asker=who, solved=True, satisfaction=1, now=world.later())
    assert Rating.objects.filter(referral__opinion=first).count() == 2
    shown = standing(Asker.objects.get(pk=two.pk), now=world.later())
    assert (shown.opinion, shown.opinion.source_no) == (second, "12345-1")
    assert [line.text for line in shown.history][:2] == ["收到您说的情况", "与别人反映的同一件事一并办理"]
    assert set(askers_of(first)) == {one, two}


def other_no(own: Opinion, *both: Opinion) -> str:
    return next(one.no for one in both if one.pk != own.pk)


def test_every_contact_is_opened_to_who_may_see_it_and_each_look_is_recorded(world: World) -> None:
    first, second = world.signed(), world.opinion(heard_by=world.other_station, by=world.visit_office)
    asker(world, first, "one", name="李某", phone="13900001111")
    asker(world, second, "two", name="王某", phone="13900003333")
    services.join_opinion(second, main=first, by=world.visit_office, now=world.later())
    told = services.reveal_contact(anew(first), reason="电话反馈", by=world.clerk, now=world.later())
    assert [one[:2] for one in told] == [("李某", "13900001111"), ("王某", "13900003333")]
    looks = AuditRecord.objects.filter(action="reveal-contact").values_list("object_id", flat=True)
    assert set(looks) == {first.no, second.no}
    # Who heard the second sees its asker, not those of the opinion that it was joined to.
    told = services.reveal_contact(anew(second), reason="电话反馈", by=world.other_clerk, now=world.later())
    assert [one[:2] for one in told] == [("王某", "13900003333")]


def test_who_answers_for_the_matter_sees_all_that_was_said_of_it(world: World) -> None:
    first, second = world.opinion(), world.opinion(heard_by=world.other_station, by=world.visit_office)
    services.join_opinion(second, main=first, by=world.visit_office, now=world.later())
    assert second not in opinions_seen_by(world.clerk)
    world.referred(anew(first))
    assert second in opinions_seen_by(world.clerk)
    services.return_referral(anew(first), reason="NOT_OURS", note="应由交警办理", by=world.clerk, now=world.later())
    assert second not in opinions_seen_by(world.clerk)


def test_chains_flatten(world: World) -> None:
    a, b, c, d = (world.opinion() for _each in range(4))
    join(world, a, b)
    assert join(world, b, c) == c
    assert join(world, d, anew(a)) == c
    assert {one.pk for one in c.joined.all()} == {a.pk, b.pk, d.pk}
    with pytest.raises(Invalid):
        join(world, anew(c), anew(a))


def test_what_may_not_be_joined(world: World) -> None:
    opinion, closed, planned = world.opinion(), world.closed(), world.in_hand()
    complaint = world.opinion(kind="COMPLAINT")
    with pytest.raises(Invalid):
        join(world, opinion, closed)
    with pytest.raises(Invalid):
        join(world, opinion, opinion)
    for one, other in ((opinion, complaint), (complaint, opinion)):
        with pytest.raises(Invalid):
            services.join_opinion(one, main=other, by=world.visit_office, now=world.later())
    with pytest.raises(StepNotOpen):
        join(world, planned, opinion)
    with pytest.raises(NotAllowed):
        services.join_opinion(opinion, main=planned, by=world.officer, now=world.later())
    elsewhere = world.opinion(heard_by=world.other_station, by=world.visit_office)
    with pytest.raises(NotAllowed):
        join(world, opinion, elsewhere)
    services.reopen_opinion(closed, note="又坏了，重新办理。", by=world.leader, now=world.later())
    join(world, opinion, closed)
    with pytest.raises(IntegrityError), transaction.atomic():
        Opinion.objects.filter(pk=opinion.pk).update(joined_to=None)


def test_who_saw_it_before_is_told_that_it_was_joined_meanwhile(world: World) -> None:
    first, second = world.opinion(), world.opinion()
    stale = anew(second)
    join(world, second, first)
    with pytest.raises(StaleState):
        services.refer_opinion(stale, to=world.station, by=world.clerk, now=world.later())


CODES = (
    metrics.HEARD,
    metrics.OPEN_DOOR,
    metrics.CLOSED,
    metrics.CLOSED_HEARD,
    metrics.FROM_COURTS_RECTIFIED,
    metrics.RECTIFIED,
    metrics.OPEN_DOOR_RECTIFIED,
    metrics.REFERRED,
    metrics.DUE,
    metrics.OVERDUE,
    metrics.UNSIGNED,
    metrics.OPEN,
    metrics.RATED,
)


def figures(world: World, after: int = 40) -> dict[str, object]:
    first = world.today
    period = Period(first.replace(day=1, month=1), first + timedelta(days=after))
    counted = tabulate(CODES, [world.bureau], period)
    anew_counted = tabulate(CODES, [world.bureau], period, source=BaseRows())
    told: dict[str, object] = {metric.code: counted[metric.code, world.bureau.pk] for metric in CODES}
    assert told == {metric.code: anew_counted[metric.code, world.bureau.pk] for metric in CODES}
    return told


def test_each_opinion_is_counted_once_and_the_work_once(world: World) -> None:
    first = world.signed(source="SRC02", object_category="JF")
    second = world.referred(source="SRC03", object_category="JF")
    third = world.opinion(source="SRC04", object_category="JF")
    before = figures(world)
    assert (before["referrals.overdue"], before["referrals.unsigned"]) == (2, 1)
    join(world, second, first)
    join(world, third, first)
    joined = figures(world)
    assert joined["opinions.heard"] == 3
    assert joined["opinions.open_door"] == 1
    assert joined["referrals.open"] == joined["referrals.due"] == joined["referrals.overdue"] == 1
    assert joined["referrals.unsigned"] == 0

    lead_on(world, anew(first))
    done = figures(world)
    assert done["opinions.closed"] == done["opinions.closed_of_heard"] == 3
    assert done["opinions.from_courts_rectified"] == 3
    assert done["rectifications.verified"] == done["rectifications.open_door"] == 1
    assert (done["referrals.made"], done["referrals.due"]) == (2, 1)
    assert done["referrals.open"] == done["referrals.overdue"] == 0

    services.reopen_opinion(anew(first), note="又坏了，重新办理。", by=world.leader, now=world.later())
    again = figures(world)
    assert again["opinions.closed"] == again["opinions.closed_of_heard"] == 0
    services.unjoin_opinion(anew(second), note="不是同一盏灯。", by=world.clerk, now=world.later())
    parted = figures(world)
    assert (parted["opinions.open_door"], parted["referrals.unsigned"]) == (2, 1)
    assert Referral.objects.filter(opinion=second, follows=None).count() == 1
