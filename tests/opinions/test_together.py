"""One rectification for several opinions: one 件, several 条, moved together or not at all."""

from datetime import timedelta

import pytest
from django.test import Client

from tests.world import World
from zoufang.audit import services as audit
from zoufang.audit.models import AuditRecord
from zoufang.kernel.period import Period
from zoufang.kernel.refusal import Invalid, NotAllowed, StaleState, StepNotOpen
from zoufang.metrics.engine import tabulate
from zoufang.opinions import selectors, services
from zoufang.opinions.ledger import RECTIFICATION_LEDGER
from zoufang.opinions.metrics import FIRST_TIME_RATE, RECTIFIED
from zoufang.opinions.models import Opinion, Rectification
from zoufang.opinions.vocabulary import Kind, OutcomeKind
from zoufang.opinions.workflow import Status, Step
from zoufang.organization.models import Officer

pytestmark = pytest.mark.django_db
MEASURE = "社区民警会同物业三日内更换小区东门两盏路灯，夜间巡逻时连续复查一周。"


@pytest.fixture
def world() -> World:
    return World()


def plan(world: World, opinion: Opinion, *also: Opinion, by: Officer | None = None) -> Rectification:
    return services.write_measure(
        opinion,
        measure=MEASURE,
        responsible=world.officer,
        planned_on=world.now.date() + timedelta(days=3),
        also=also,
        by=by or world.clerk,
        now=world.later(),
    )


def statuses(*opinions: Opinion) -> list[str]:
    return [Opinion.objects.get(pk=each.pk).status for each in opinions]


def door(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer)
    return client


def test_one_measure_settles_three_opinions_and_each_has_its_own_record(world: World) -> None:
    one, two, three = (world.signed() for _each in range(3))
    rectification = plan(world, one, two, three)
    services.rectify_opinion(one, result="灯具已更换，复查正常。", by=world.officer, now=world.later())
    assert statuses(one, two, three) == [Status.RECTIFIED] * 3
    services.verify_rectification(Opinion.objects.get(pk=two.pk), by=world.leader, now=world.later())

    assert statuses(one, two, three) == [Status.VERIFIED] * 3
    assert Rectification.objects.get() == rectification
    for each in (one, two, three):
        assert list(each.events.values_list("step", flat=True))[-3:] == ["measure", "rectify", "verify"]
        assert AuditRecord.objects.filter(object_id=each.no, action="verify").count() == 1
        referral = selectors.referral_in_hand(each)
        assert referral.rectification_id == rectification.pk
        assert referral.finished_at is not None
        assert referral.outcomes.get().kind == OutcomeKind.SOLVED
    assert audit.verify().sound


def test_three_opinions_are_one_piece_of_work_in_ledger_and_figures(world: World) -> None:
    opinions = [world.signed() for _each in range(3)]
    plan(world, *opinions)
    services.rectify_opinion(opinions[0], result="灯具已更换，复查正常。", by=world.officer, now=world.later())
    services.verify_rectification(opinions[0], by=world.leader, now=world.later())

    (row,) = RECTIFICATION_LEDGER.rows(world.leader)
    columns = {column.name: column for column in RECTIFICATION_LEDGER.columns}
    assert columns["many"].value(row) == 3
    assert all(each.no in str(columns["opinions"].value(row)) for each in opinions)
    period = Period(world.today - timedelta(days=30), world.today)
    assert tabulate([RECTIFIED], [world.bureau], period)[RECTIFIED.code, world.bureau.pk] == 1


def test_an_opinion_joins_later_and_leaves_again(world: World) -> None:
    first, second = world.signed(), world.signed()
    rectification = plan(world, first)
    services.cover_opinion(second, rectification=rectification, by=world.clerk, now=world.later())
    assert (second.status, second.responsible) == (Status.IN_HAND, world.officer)
    assert selectors.rectification_in_hand(second) == rectification

    services.take_out(second, note="地点不同，另行整改。", by=world.clerk, now=world.later())
    assert statuses(first, second) == [Status.IN_HAND, Status.SIGNED]
    assert selectors.referral_in_hand(second).rectification is None
    assert second.step_due_at is not None
    assert second.step_due_at <= selectors.referral_in_hand(second).due_at
    plan(world, second)
    assert Rectification.objects.count() == 2


def test_the_last_opinion_cannot_be_taken_out_and_nothing_joins_finished_work(world: World) -> None:
    first, second = world.signed(), world.signed()
    rectification = plan(world, first)
    with pytest.raises(StepNotOpen):
        services.take_out(first, note="不合适。", by=world.clerk, now=world.later())
    services.rectify_opinion(first, result="灯具已更换，复查正常。", by=world.officer, now=world.later())

    with pytest.raises(StepNotOpen):
        services.cover_opinion(second, rectification=rectification, by=world.clerk, now=world.later())
    assert statuses(second) == [Status.SIGNED]


def test_steps_that_make_no_sense_are_not_offered(world: World) -> None:
    def offered(opinion: Opinion) -> set[Step]:
        return {offer.step for offer in services.offers(Opinion.objects.get(pk=opinion.pk), world.clerk)}

    first, second = world.signed(), world.signed()
    assert Step.COVER not in offered(second)
    rectification = plan(world, first)
    assert Step.COVER in offered(second)
    assert Step.TAKE_OUT not in offered(first)
    services.cover_opinion(second, rectification=rectification, by=world.clerk, now=world.later())
    assert Step.TAKE_OUT in offered(first)


def test_a_refusal_of_one_says_which_and_moves_none(world: World) -> None:
    one, two, three = (world.signed() for _each in range(3))
    moved = Opinion.objects.get(pk=three.pk)
    plan(world, moved)

    with pytest.raises(StaleState, match=three.no):
        plan(world, one, two, three)
    one, two = (Opinion.objects.get(pk=each.pk) for each in (one, two))
    with pytest.raises(StepNotOpen, match=f"{three.no}：已经有整改措施"):
        plan(world, one, two, moved)
    assert statuses(one, two, three) == [Status.SIGNED, Status.SIGNED, Status.IN_HAND]
    assert Rectification.objects.count() == 1


def test_opinions_of_another_unit_and_complaints_are_handled_by_themselves(world: World) -> None:
    own = world.signed()
    elsewhere = world.referred(to=world.other_station)
    services.sign_referral(elsewhere, by=world.other_clerk, now=world.later())
    complaint = world.signed()
    Opinion.objects.filter(pk=complaint.pk).update(kind=Kind.COMPLAINT, complained_unit=world.room)
    complaint.refresh_from_db()

    with pytest.raises(Invalid, match="同一责任单位"):
        plan(world, own, elsewhere)
    with pytest.raises(Invalid, match="投诉单独整改"):
        plan(world, own, complaint)
    with pytest.raises(Invalid, match="投诉单独整改"):
        plan(world, complaint, own)
    assert not selectors.to_settle_with(complaint, world.clerk).exists()
    assert complaint not in selectors.to_settle_with(own, world.clerk)


def test_writing_the_plan_again_changes_it_for_all_that_share_it(world: World) -> None:
    one, two = world.signed(), world.signed()
    plan(world, one, two)
    services.write_measure(
        Opinion.objects.get(pk=two.pk),
        measure="改由路灯管理处五日内更换，社区民警每晚复查。",
        responsible=world.leader,
        planned_on=world.today + timedelta(days=5),
        by=world.clerk,
        now=world.later(),
    )

    assert Rectification.objects.get().responsible == world.leader
    assert {Opinion.objects.get(pk=each.pk).responsible for each in (one, two)} == {world.leader}
    assert one.events.filter(step="measure").count() == 2


def test_who_did_it_verifies_none_of_them_and_a_rejection_sends_all_back(world: World) -> None:
    one, two = world.signed(), world.signed()
    plan(world, one, two)
    services.rectify_opinion(one, result="灯具已更换，复查正常。", by=world.clerk, now=world.later())
    with pytest.raises(NotAllowed, match="另一人核验"):
        services.verify_rectification(Opinion.objects.get(pk=two.pk), by=world.clerk, now=world.later())

    services.reject_rectification(
        Opinion.objects.get(pk=two.pk), note="西门还有一盏不亮。", by=world.leader, now=world.later()
    )
    assert statuses(one, two) == [Status.IN_HAND] * 2
    assert Rectification.objects.get().rejections == 1
    assert selectors.standing_outcome(selectors.referral_in_hand(one)) is None
    again = Opinion.objects.get(pk=one.pk)
    services.rectify_opinion(again, result="西门一盏也已更换。", by=world.officer, now=world.later())
    services.verify_rectification(again, by=world.leader, now=world.later())
    world.verified()
    period = Period(world.today - timedelta(days=30), world.today)
    table = tabulate([FIRST_TIME_RATE], [world.bureau], period)
    assert str(table[FIRST_TIME_RATE.code, world.bureau.pk]) == "50.0"
    before = Period(world.today - timedelta(days=90), world.today - timedelta(days=60))
    assert tabulate([FIRST_TIME_RATE], [world.bureau], before)[FIRST_TIME_RATE.code, world.bureau.pk] is None


def test_the_clerk_ticks_the_others_on_the_page_and_reads_the_work_on_its_own_page(world: World) -> None:
    one, two = world.signed(), world.signed(content="东门的路灯坏了，晚上看不见路。")
    page = door(world.clerk).get(f"/opinions/{one.no}/measure/").content.decode()
    assert two.no in page

    form = {
        "version": one.version,
        "measure": MEASURE,
        "responsible": world.officer.username,
        "planned_on": str(world.today + timedelta(days=4000)),
        "also": [two.no],
    }
    answer = door(world.clerk).post(f"/opinions/{one.no}/measure/", form)
    assert answer.status_code == 302, answer.content.decode()
    rectification = Rectification.objects.get()
    assert statuses(one, two) == [Status.IN_HAND] * 2
    page = door(world.leader).get(f"/opinions/rectifications/{rectification.no}/").content.decode()
    assert MEASURE in page
    assert one.no in page
    assert two.no in page
    assert door(world.other_clerk).get(f"/opinions/rectifications/{rectification.no}/").status_code == 404


def test_hints_come_while_the_measure_is_typed_and_nothing_is_kept(world: World) -> None:
    opinion = world.signed()
    answer = door(world.clerk).post(f"/opinions/{opinion.no}/measure/hints/", {"measure": "高度重视，立即整改。"})

    said = answer.content.decode()
    assert answer.status_code == 200
    assert "高度重视" in said
    assert "不足 30 个" in said
    assert statuses(opinion) == [Status.SIGNED]
    quiet = door(world.clerk).post(f"/opinions/{opinion.no}/measure/hints/", {"measure": "  "}).content.decode()
    assert "<li>" not in quiet
