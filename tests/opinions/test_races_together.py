"""Many people at once at one rectification for several opinions: nothing is moved twice, nothing is half moved."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from time import sleep
from typing import Any

import pytest
from django.db import connection

from tests.world import World
from zoufang.audit import services as audit
from zoufang.audit.models import AuditRecord
from zoufang.kernel.refusal import Refusal, StaleState
from zoufang.opinions import selectors, services
from zoufang.opinions.models import CallBack, Opinion, Rectification
from zoufang.opinions.workflow import Status
from zoufang.organization.models import Role

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6


def at_once(*acts: Callable[[], Any], pause: float = 0, apart: float = 0) -> list[Refusal | None]:
    """
    Do all at the same moment, or each so many seconds `apart` from the one before; return what each was told.

    `pause` is so many seconds after each change or lock.
    """
    barrier = Barrier(len(acts))

    def slowly(execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        done = execute(sql, *more)
        if sql.startswith("UPDATE") or "FOR NO KEY UPDATE" in sql:
            sleep(pause)
        return done

    def one(act: Callable[[], Any]) -> Refusal | None:
        try:
            barrier.wait(timeout=60)
            sleep(apart * acts.index(act))
            with connection.execute_wrapper(slowly):
                act()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def shared(world: World, many: int = 3) -> list[Opinion]:
    opinions = [world.signed() for _each in range(many)]
    services.write_measure(
        opinions[0],
        measure="社区民警会同物业三日内更换小区东门两盏路灯，夜间巡逻时连续复查一周。",
        responsible=world.officer,
        planned_on=world.now.date() + timedelta(days=3),
        also=opinions[1:],
        by=world.clerk,
        now=world.later(),
    )
    return fresh(opinions)


def fresh(opinions: list[Opinion]) -> list[Opinion]:
    return [Opinion.objects.select_related("heard_by", "responsible_unit").get(pk=each.pk) for each in opinions]


def test_of_those_who_verify_different_opinions_of_one_rectification_one_wins() -> None:
    world = World()
    people = (world.leader, world.visit_office, world.inspector)
    for _round in range(ROUNDS):
        opinions = shared(world)
        services.rectify_opinion(opinions[0], result="灯具已更换，复查正常。", by=world.officer, now=world.later())
        seen, now = fresh(opinions), world.later()
        told = at_once(
            *(partial(services.verify_rectification, one, by=by, now=now) for one, by in zip(seen, people, strict=True))
        )

        assert told.count(None) == 1
        assert {refusal.status for refusal in told if refusal} == {409}
        for each in opinions:
            assert each.events.filter(step="verify").count() == 1
            assert AuditRecord.objects.filter(object_id=each.no, action="verify").count() == 1
    assert audit.verify().sound


def test_an_opinion_is_finished_with_the_others_or_taken_out_but_never_half() -> None:
    world = World()
    _people = (world.clerk, world.officer)
    outcomes = set()
    for _round in range(ROUNDS):
        first, second = shared(world, 2)
        now = world.later()
        told = at_once(
            partial(services.rectify_opinion, first, result="灯具已更换，复查正常。", by=world.officer, now=now),
            partial(services.take_out, second, note="地点不同，另行整改。", by=world.clerk, now=now),
        )

        first, second = fresh([first, second])
        outcomes.add((first.status, second.status))
        done, left = told[0] is None, told[1] is None
        assert done or left
        assert (second.status == Status.SIGNED) == left
        assert (selectors.referral_in_hand(second).rectification is None) == left
        assert (first.status == Status.RECTIFIED) == done
        if done and not left:
            assert second.status == Status.RECTIFIED
        rectification = Rectification.objects.latest("pk")
        assert (rectification.rectified_at is not None) == done
    assert outcomes <= {
        (Status.RECTIFIED, Status.RECTIFIED),
        (Status.IN_HAND, Status.SIGNED),
        (Status.RECTIFIED, Status.SIGNED),
    }
    assert audit.verify().sound


def test_two_clerks_who_claim_the_same_opinion_for_different_measures() -> None:
    world = World()
    other = world.make_officer("second_clerk", world.station, Role.CLERK)
    for _round in range(ROUNDS):
        one, two, both = fresh([world.signed() for _each in range(3)])
        third = fresh([both])[0]
        plan: dict[str, Any] = {
            "measure": "社区民警三日内联系路灯管理处更换灯具，每晚巡逻时复查。",
            "responsible": world.officer,
            "planned_on": world.now.date() + timedelta(days=3),
            "now": world.later(),
        }
        told = at_once(
            partial(services.write_measure, one, also=[both], by=world.clerk, **plan),
            partial(services.write_measure, two, also=[third], by=other, **plan),
        )

        assert told.count(None) == 1
        (refusal,) = [each for each in told if each]
        assert both.no in refusal.message
        assert both.events.filter(step="measure").count() == 1
        loser = two if told[0] is None else one
        assert fresh([loser])[0].status == Status.SIGNED


def test_the_same_level_reaches_the_citizen_once() -> None:
    world = World()
    opinion = world.answered()
    asked: dict[str, Any] = {
        "reached": True,
        "solved": True,
        "satisfaction": 4,
        "by": world.visit_office,
        "now": world.later(),
    }
    told = at_once(*(partial(services.call_back, Opinion.objects.get(pk=opinion.pk), **asked) for _each in range(8)))

    assert told.count(None) == 1
    assert CallBack.objects.filter(referral__opinion=opinion).count() == 1


def test_who_moves_what_is_joined_and_who_parts_it_do_not_wait_in_a_circle() -> None:
    world = World()
    for late in range(ROUNDS):
        # The joined one is the older: an order by number alone would hold it first.
        joined, main = world.opinion(), world.opinion()
        services.join_opinion(joined, main=main, by=world.clerk, now=world.later())
        joined, main = fresh([joined, main])
        now = world.later()
        told = at_once(
            partial(services.refer_opinion, main, to=world.station, by=world.clerk, now=now),
            partial(services.unjoin_opinion, joined, note="不是同一件事。", by=world.clerk, now=now),
            pause=0.08,
            apart=late * 0.02,
        )

        assert told[1] is None or told[0] is None
        if told[1] is None:
            assert fresh([joined])[0].joined_to_id is None


def test_who_enters_a_rectification_and_who_joins_what_it_covers_do_not_wait_in_a_circle() -> None:
    world = World()
    for late in range(ROUNDS):
        (free,) = fresh([world.signed()])
        (covered,) = shared(world, 1)
        now = world.later()
        again = fresh([free])[0]
        told = at_once(
            partial(
                services.cover_opinion,
                free,
                rectification=selectors.rectification_in_hand(covered),
                by=world.clerk,
                now=now,
            ),
            partial(services.join_opinion, again, main=covered, by=world.clerk, now=now),
            pause=0.08,
            apart=late * 0.02,
        )

        assert told.count(None) == 1
        left = fresh([free])[0]
        assert left.status == (Status.IN_HAND if told[0] is None else Status.JOINED)


def test_what_was_moved_along_is_seen_anew() -> None:
    world = World()
    first, second, third = (world.opinion() for _each in range(3))
    services.join_opinion(first, main=second, by=world.clerk, now=world.later())
    (seen,) = fresh([first])
    services.join_opinion(fresh([second])[0], main=third, by=world.clerk, now=world.later())
    with pytest.raises(StaleState):
        services.unjoin_opinion(seen, note="不是同一件事。", by=world.clerk, now=world.later())
