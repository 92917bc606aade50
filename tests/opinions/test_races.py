"""Fifty people at once: exactly one wins each step, the others are told, and nothing is counted twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from tests.world import World
from zoufang.audit import services as audit
from zoufang.audit.models import AuditRecord
from zoufang.kernel.refusal import Refusal
from zoufang.opinions import services
from zoufang.opinions.models import Opinion, OpinionEvent, Rating, Referral, Reply

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 50


def race(pk: int, act: Callable[[Opinion], Any]) -> tuple[int, list[Refusal]]:
    """Let everybody look at the opinion, then act on what they saw at the same moment; return winners and refusals."""
    barrier = Barrier(PEOPLE)

    def one(_number: int) -> Refusal | None:
        try:
            seen = Opinion.objects.get(pk=pk)
            connection.close()
            barrier.wait(timeout=60)
            act(seen)
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(PEOPLE) as pool:
        answers = list(pool.map(one, range(PEOPLE)))
    refusals = [answer for answer in answers if answer is not None]
    return PEOPLE - len(refusals), refusals


STEPS: dict[str, tuple[str, Callable[[World, Opinion], Any]]] = {
    "refer": ("opinion", lambda w, o: services.refer_opinion(o, to=w.station, by=w.clerk, now=w.now)),
    "sign": ("referred", lambda w, o: services.sign_referral(o, by=w.clerk, now=w.now)),
    "return": (
        "referred",
        lambda w, o: services.return_referral(o, reason="UNCLEAR", note="请补充地点", by=w.clerk, now=w.now),
    ),
    "measure": (
        "signed",
        lambda w, o: services.write_measure(
            o, measure="三日内更换灯具并复查。", responsible=w.officer, planned_on=w.today, by=w.clerk, now=w.now
        ),
    ),
    "rectify": (
        "in_hand",
        lambda w, o: services.rectify_opinion(o, result="已换新灯，复查正常。", by=w.officer, now=w.now),
    ),
    "verify": ("rectified", lambda w, o: services.verify_rectification(o, by=w.leader, now=w.now)),
    "reject": ("rectified", lambda w, o: services.reject_rectification(o, note="仍然不亮。", by=w.leader, now=w.now)),
    "reply": ("verified", lambda w, o: services.draft_reply(o, text="您反映的路灯已修好。", by=w.clerk, now=w.now)),
    "approve": ("drafted", lambda w, o: services.approve_reply(o, by=w.leader, now=w.now)),
    "send-back": ("drafted", lambda w, o: services.send_reply_back(o, note="请写明时间。", by=w.leader, now=w.now)),
    "feedback": ("approved", lambda w, o: services.give_feedback(o, told_by="PHONE", by=w.clerk, now=w.now)),
    "close": ("answered", lambda w, o: services.close_opinion(o, by=w.leader, now=w.now)),
    "first-contact": ("signed", lambda w, o: services.note_first_contact(o, told_by="PHONE", by=w.clerk, now=w.now)),
    "pause": (
        "in_hand",
        lambda w, o: services.pause_opinion(o, reason="FACTS", asked="请补充具体路段。", by=w.clerk, now=w.now),
    ),
    "resume": ("paused", lambda w, o: services.resume_opinion(o, note="已补充路段。", by=w.clerk, now=w.now)),
    "extend": (
        "in_hand",
        lambda w, o: services.ask_extension(o, days=3, reason="等待路灯到货。", by=w.clerk, now=w.now),
    ),
    "grant-extension": ("extending", lambda w, o: services.grant_extension(o, by=w.visit_office, now=w.now)),
    "refuse-extension": (
        "extending",
        lambda w, o: services.refuse_extension(o, note="无需延期。", by=w.visit_office, now=w.now),
    ),
    "reopen": ("answered", lambda w, o: services.reopen_opinion(o, note="群众要求再办。", by=w.leader, now=w.now)),
}


@pytest.mark.parametrize("step", STEPS)
def test_exactly_one_of_fifty_takes_the_step(step: str) -> None:
    world = World()
    _people = (world.clerk, world.leader, world.officer, world.visit_office)
    before, act = STEPS[step]
    opinion = getattr(world, before)()
    world.later()
    pk, no = opinion.pk, opinion.no
    referrals = Referral.objects.filter(opinion=opinion).count()

    won, refusals = race(pk, lambda seen: act(world, seen))

    assert won == 1
    assert {refusal.status for refusal in refusals} == {409}
    assert OpinionEvent.objects.filter(opinion=pk, step=step).count() == 1
    assert AuditRecord.objects.filter(object_id=no, action=step).count() == 1
    assert Referral.objects.filter(opinion=pk).count() == referrals + (step == "refer")
    assert Reply.objects.filter(referral__opinion=pk).count() <= 1
    assert audit.verify().sound


def test_one_citizen_who_clicks_fifty_times_rates_once() -> None:
    world = World()
    opinion = world.answered()
    asker = services.keep_asker(opinion, code="Q" * 26, now=world.now)
    pk = opinion.pk
    world.later()

    won, _refusals = race(
        pk, lambda seen: services.rate_answer(seen, asker=asker, solved=True, satisfaction=4, now=world.now)
    )

    assert won == 1
    assert Rating.objects.filter(referral__opinion=pk).count() == 1


def test_two_opinions_joined_to_each_other_at_once_are_joined_one_way() -> None:
    world = World()
    pks = [world.opinion().pk for _each in range(2)]
    clerk, now = world.clerk, world.later()
    barrier = Barrier(10)

    def one(number: int) -> Refusal | None:
        try:
            opinion, main = (Opinion.objects.get(pk=pks[(number + at) % 2]) for at in range(2))
            connection.close()
            barrier.wait(timeout=60)
            services.join_opinion(opinion, main=main, by=clerk, now=now)
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(one, range(10)))
    assert answers.count(None) == 1
    (joined,) = Opinion.objects.exclude(joined_to=None)
    assert joined.joined_to is not None
    assert joined.joined_to.joined_to_id is None


def test_joined_while_the_main_one_is_closed_it_is_closed_with_it_or_not_joined() -> None:
    world = World()
    for _round in range(5):
        main, opinion = world.answered(), world.opinion()
        close = partial(services.close_opinion, by=world.leader, now=world.later())
        join = partial(services.join_opinion, main=main, by=world.clerk, now=world.later())
        barrier = Barrier(2)
        with ThreadPoolExecutor(2) as pool:
            tries = [pool.submit(tried, act, pk, barrier) for act, pk in ((close, main.pk), (join, opinion.pk))]
            closed, joined = (each.result() for each in tries)
        assert closed
        after = Opinion.objects.get(pk=opinion.pk)
        ends = Referral.objects.filter(opinion=opinion, follows__isnull=False).exclude(closed_at=None).count()
        assert ((after.joined_to_id == main.pk), ends) == (joined, int(joined))


def tried(act: Callable[[Opinion], object], pk: int, barrier: Barrier) -> bool:
    """Look at an opinion, wait until everybody has, then act; return whether it was not refused."""
    try:
        opinion = Opinion.objects.get(pk=pk)
        barrier.wait(timeout=60)
        act(opinion)
    except Refusal:
        return False
    finally:
        connection.close()
    return True


def test_a_pause_and_the_end_of_the_work_at_once_are_one_after_the_other() -> None:
    world = World()
    opinion = world.in_hand()
    _people, pk, turns = (world.clerk, world.officer), opinion.pk, iter(range(PEOPLE))
    world.later()

    def either(seen: Opinion) -> None:
        if next(turns) % 2:
            services.pause_opinion(seen, reason="FACTS", asked="请补充具体路段。", by=world.clerk, now=world.now)
        else:
            services.rectify_opinion(seen, result="已换新灯，复查正常。", by=world.officer, now=world.now)

    won, refusals = race(pk, either)

    opinion = Opinion.objects.get(pk=pk)
    referral = opinion.referrals.get()
    assert (won, {refusal.status for refusal in refusals}) == (1, {409})
    assert (opinion.paused_at is None) == (referral.finished_at is not None)
    assert referral.pauses.count() == (opinion.paused_at is not None)


def test_one_extension_granted_by_fifty_moves_the_deadlines_once() -> None:
    world = World()
    opinion = world.extending()
    office, pk, due_at, promised = world.visit_office, opinion.pk, opinion.referrals.get().due_at, opinion.due_at
    world.later()

    won, _refusals = race(pk, lambda seen: services.grant_extension(seen, by=office, now=world.now))

    opinion = Opinion.objects.get(pk=pk)
    extension = opinion.referrals.get().extensions.get()
    assert won == 1
    assert (extension.due_was, extension.promise_was) == (due_at, promised)
    assert (opinion.due_at, opinion.first_due_at) == (extension.promise_due_at, promised)
    assert opinion.referrals.get().due_at == extension.due_at
