"""One step with many opinions: each by itself, every refusal told, nothing twice, and no texts fetched for it."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.world import World
from zoufang.audit.models import AuditRecord
from zoufang.kernel.clock import local_day
from zoufang.kernel.refusal import Conflict, Invalid, NotAllowed
from zoufang.opinions import services as opinions
from zoufang.opinions.models import Opinion
from zoufang.opinions.workflow import Status, Step
from zoufang.ui.listing import ADDRESS
from zoufang.worklists import services
from zoufang.worklists.choosing import Marked
from zoufang.worklists.models import BulkItem, BulkRun

pytestmark = pytest.mark.django_db
DONE, REFUSED = BulkItem.Outcome.DONE, BulkItem.Outcome.REFUSED
CONTENT = re.compile(r'(?<!LEFT\()"opinions_opinion"\."content"')


@pytest.fixture
def world() -> World:
    return World(now=timezone.now() - timedelta(hours=2))


def marked(*found: Opinion) -> Marked:
    return Marked(picks={opinion.no: opinion.version for opinion in found})


def outcomes(run: BulkRun) -> dict[str, str]:
    return {item.opinion.no: item.outcome for item in run.items.select_related("opinion")}


def take(world: World, those: Marked, step: Step, **said: str) -> BulkRun:
    return services.take_with_all(those, step, said=said, by=world.clerk, clock=world.later)


def test_each_goes_to_its_own_proposed_unit(world: World) -> None:
    lamp, traffic = world.opinion(), world.opinion(topic="B2")

    run = take(world, marked(lamp, traffic), Step.REFER)

    assert set(outcomes(run).values()) == {DONE}
    for opinion in (lamp, traffic):
        opinion.refresh_from_db()
        assert opinion.status == Status.REFERRED
    assert lamp.responsible_unit == world.station
    assert traffic.responsible_unit != lamp.responsible_unit
    assert AuditRecord.objects.filter(action="refer").count() == 2


def test_what_moved_meanwhile_is_told_and_not_overwritten(world: World) -> None:
    moved, still = world.referred(), world.referred()
    seen = marked(moved, still)
    opinions.return_referral(moved, reason="UNCLEAR", note="请补充地点", by=world.clerk, now=world.later())
    opinions.refer_opinion(moved, to=world.station, by=world.clerk, now=world.later())

    run = take(world, seen, Step.SIGN)

    assert outcomes(run) == {moved.no: REFUSED, still.no: DONE}
    assert "已被他人更新" in run.items.get(opinion=moved).reason
    moved.refresh_from_db()
    assert moved.status == Status.REFERRED


def test_every_refusal_has_its_reason_and_the_rest_is_done(world: World) -> None:
    ready, gone_on = world.referred(), world.signed()

    run = take(world, marked(ready, gone_on), Step.SIGN)

    assert outcomes(run) == {ready.no: DONE, gone_on.no: REFUSED}
    assert run.items.get(opinion=gone_on).reason


def test_a_filter_stands_for_all_that_it_holds_and_no_newer_ones(world: World) -> None:
    waiting = [world.referred() for _ in range(3)]
    read_at = world.later()
    late = world.opinion()
    opinions.refer_opinion(late, to=world.station, by=world.clerk, now=world.later())

    run = take(world, Marked(path="/opinions/", query="status=REFERRED", as_of=read_at), Step.SIGN)

    assert outcomes(run) == {one.no: DONE for one in waiting} | {late.no: REFUSED}


def test_nobody_marks_what_they_may_not_see(world: World) -> None:
    hidden = world.opinion(kind="COMPLAINT", complained_unit=world.station, by=world.visit_office)
    far = world.opinion(heard_by=world.other_station, by=world.visit_office)
    mine = world.opinion()

    run = take(world, marked(hidden, far, mine), Step.REFER)

    assert outcomes(run) == {mine.no: DONE}
    assert run.picked == 3
    with pytest.raises(Invalid):
        take(world, marked(hidden, far), Step.REFER)
    with pytest.raises(NotAllowed):
        services.take_with_all(marked(mine), Step.REFER, said={}, by=world.officer, clock=world.later)


def test_the_same_run_twice_is_once(world: World) -> None:
    opinion, uid = world.opinion(), uuid4()
    facts: dict[str, Any] = {"said": {}, "uid": uid, "by": world.clerk, "clock": world.later}

    first = services.take_with_all(marked(opinion), Step.REFER, **facts)
    second = services.take_with_all(marked(opinion), Step.REFER, **facts)

    assert first.pk == second.pk
    assert opinion.referrals.count() == 1
    with pytest.raises(Conflict):
        services.take_with_all(marked(opinion), Step.SIGN, **facts)


def test_a_long_run_is_a_job_that_goes_on_where_it_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoufang.worklists.services.bulk.AT_ONCE", 2)
    waiting = [world.referred() for _ in range(4)]

    run = take(world, marked(*waiting), Step.SIGN)

    assert set(outcomes(run).values()) == {BulkItem.Outcome.WAITING}
    times = iter([world.later(), world.later()])
    with pytest.raises(StopIteration):  # the worker dies on the way
        services.carry_out(run.pk, clock=lambda: next(times))
    assert list(outcomes(run).values()).count(DONE) == 2

    services.carry_out(run.pk, clock=world.later)
    services.carry_out(run.pk, clock=world.later)

    assert not BulkRun.objects.get(pk=run.pk).is_going_on
    assert set(outcomes(run).values()) == {DONE}
    assert AuditRecord.objects.filter(action="sign").count() == 4


def test_a_run_is_undone_where_nothing_followed(world: World) -> None:
    kept, gone_on = world.opinion(), world.opinion()
    run = take(world, marked(kept, gone_on), Step.REFER)
    gone_on.refresh_from_db()
    opinions.sign_referral(gone_on, by=world.clerk, now=world.later())

    back = services.undo(run, by=world.clerk, clock=world.later)
    again = services.undo(run, by=world.clerk, clock=world.later)

    assert again.pk == back.pk
    assert outcomes(back) == {kept.no: DONE, gone_on.no: REFUSED}
    kept.refresh_from_db()
    assert kept.status == Status.REGISTERED
    with pytest.raises(NotAllowed):
        services.undo(run, by=world.other_clerk, clock=world.later)


def test_a_measure_for_several(world: World) -> None:
    those = [world.signed(), world.signed()]

    run = take(
        world,
        marked(*those),
        Step.MEASURE,
        measure="联系路灯管理单位三日内更换灯具。",
        responsible=world.officer.username,
        planned_on=str(local_day(world.now)),
    )

    assert set(outcomes(run).values()) == {DONE}
    assert {Opinion.objects.get(pk=one.pk).responsible for one in those} == {world.officer}


# ---- the pages


def sent(*found: Opinion, **more: str) -> dict[str, Any]:
    return {"pick": [f"{one.no}:{one.version}" for one in found], "of": ADDRESS.sign("/"), **more}


def test_the_page_asks_proposes_and_tells(world: World, client: Client) -> None:
    ready, closed = world.opinion(), world.signed()
    client.force_login(world.clerk)

    asked = client.post("/worklists/bulk/refer/", sent(ready, closed)).content.decode()
    assert world.station.label in asked
    assert "有 1 件现在不能办理" in asked
    assert not Opinion.objects.get(pk=ready.pk).referrals.exists()

    told = client.post("/worklists/bulk/refer/", sent(ready, closed, confirmed="1"), follow=True).content.decode()
    assert "已办 <strong>1</strong> 件，未办 <strong>1</strong> 件" in told
    assert closed.no in told


def test_when_all_is_done_one_is_back_in_the_list_and_may_undo(world: World, client: Client) -> None:
    those = [world.opinion(), world.opinion()]
    client.force_login(world.clerk)

    response = client.post("/worklists/bulk/refer/", sent(*those, confirmed="1"), follow=True)

    assert response.redirect_chain[-1][0] == "/"
    run = BulkRun.objects.get()
    assert f"/worklists/runs/{run.uid}/undo/" in response.content.decode()
    client.post(f"/worklists/runs/{run.uid}/undo/")
    assert set(Opinion.objects.values_list("status", flat=True)) == {Status.REGISTERED}


def test_lists_and_bulk_pages_fetch_no_texts(world: World, client: Client) -> None:
    those = [world.opinion() for _ in range(3)]
    client.force_login(world.clerk)
    everything = {"all": "1", "of": ADDRESS.sign("/opinions/"), "as_of": timezone.now().isoformat()}
    looks: list[tuple[str, dict[str, Any] | None]] = [
        ("/", None),
        ("/opinions/", None),
        ("/opinions/?q=路灯&status=REGISTERED", None),
        ("/worklists/bulk/refer/", sent(*those)),
        ("/worklists/bulk/close/", everything),
    ]
    for address, body in looks:
        with CaptureQueriesContext(connection) as queries:
            response = client.get(address) if body is None else client.post(address, body)
        assert response.status_code == 200
        assert those[0].headline in response.content.decode()
        selected = [one["sql"].partition(" FROM ")[0] for one in queries.captured_queries]
        assert [sql for sql in selected if CONTENT.search(sql)] == []


def test_printing_is_one_a_page_and_on_record(world: World, client: Client) -> None:
    those = [world.referred(), world.opinion(content="路口信号灯时间太短，老人过不完马路。")]
    client.force_login(world.clerk)

    page = client.post("/worklists/print/slips/", sent(*those)).content.decode()

    assert page.count('class="slip"') == 2
    assert "老人过不完马路" in page
    record = AuditRecord.objects.get(action="export")
    assert (record.detail["format"], record.detail["rows"]) == ("slips", 2)


def test_a_list_of_other_things_is_refused(world: World, client: Client) -> None:
    client.force_login(world.clerk)
    everything = {"all": "1", "of": ADDRESS.sign("/ledgers/visits/"), "as_of": timezone.now().isoformat()}

    response = client.post("/worklists/bulk/sign/", everything)

    assert response.status_code == 422
