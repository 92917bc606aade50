"""An opinion's life, step by step, and who may not take each step."""

from datetime import timedelta

import pytest

from tests.world import World
from zoufang.audit import services as audit
from zoufang.audit.models import AuditRecord
from zoufang.kernel.refusal import Invalid, NotAllowed, Refusal, StaleState, StepNotOpen
from zoufang.opinions import selectors, services
from zoufang.opinions.models import Opinion, OpinionEvent
from zoufang.opinions.vocabulary import Kind
from zoufang.opinions.workflow import GATE, MOVES, Status, Step
from zoufang.organization.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def test_an_opinion_goes_from_the_visit_to_the_rating_and_every_step_is_on_record(world: World) -> None:
    opinion = world.closed()

    steps = list(opinion.events.values_list("step", flat=True))
    assert steps == [
        "register",
        "refer",
        "sign",
        "measure",
        "rectify",
        "verify",
        "reply",
        "approve",
        "feedback",
        "close",
    ]
    audited = AuditRecord.objects.filter(object_type="opinion", object_id=opinion.no).order_by("at")
    assert list(audited.values_list("action", flat=True)) == steps
    opinion.refresh_from_db()
    assert opinion.status == Status.CLOSED
    assert opinion.version == len(steps) - 1
    assert audit.verify().sound


def test_every_move_of_the_table_names_who_may_take_it() -> None:
    from zoufang.opinions.workflow import BY_CITIZEN

    assert {move.step for move in MOVES} - BY_CITIZEN <= GATE.keys()


def test_a_question_is_answered_without_a_measure(world: World) -> None:
    opinion = world.signed(kind=Kind.CONSULTATION)

    with pytest.raises(StepNotOpen):
        services.write_measure(
            opinion,
            measure="不需要的措施不需要",
            responsible=world.officer,
            planned_on=world.today,
            by=world.clerk,
            now=world.now,
        )
    services.draft_reply(opinion, text="请带身份证到窗口办理即可。", by=world.clerk, now=world.later())
    services.approve_reply(opinion, by=world.leader, now=world.later())

    assert selectors.referral_in_hand(opinion).finished_at == world.now


def test_a_constable_may_not_refer(world: World) -> None:
    opinion = world.opinion()

    with pytest.raises(NotAllowed, match="内勤"):
        services.refer_opinion(opinion, to=world.station, by=world.officer, now=world.later())
    assert Opinion.objects.get(pk=opinion.pk).status == Status.REGISTERED


def test_the_clerk_of_another_station_may_not_sign(world: World) -> None:
    opinion = world.referred()

    with pytest.raises(NotAllowed, match="不在您的管辖范围"):
        services.sign_referral(opinion, by=world.other_clerk, now=world.later())


def test_who_rectified_may_not_verify_and_the_responsible_officer_neither(world: World) -> None:
    opinion = world.in_hand()
    services.rectify_opinion(opinion, result="已换新灯，复查正常。", by=world.clerk, now=world.later())

    with pytest.raises(NotAllowed, match="另一人核验"):
        services.verify_rectification(opinion, by=world.clerk, now=world.later())
    services.verify_rectification(opinion, by=world.leader, now=world.later())
    assert opinion.status == Status.VERIFIED


def test_who_drafted_may_not_approve(world: World) -> None:
    both = world.make_officer("both", world.station, Role.CLERK, Role.LEADER)
    opinion = world.verified()
    services.draft_reply(opinion, text="您反映的路灯已经修好了。", by=both, now=world.later())

    with pytest.raises(NotAllowed, match="拟稿人"):
        services.approve_reply(opinion, by=both, now=world.later())


def test_a_rejected_rectification_goes_back_and_its_clock_runs_on(world: World) -> None:
    opinion = world.rectified()
    due_at = selectors.referral_in_hand(opinion).due_at

    services.reject_rectification(opinion, note="东侧第二盏仍然不亮。", by=world.leader, now=world.later())

    referral = selectors.referral_in_hand(opinion)
    assert opinion.status == Status.IN_HAND
    assert referral.finished_at is None
    assert referral.due_at == due_at


def test_a_unit_returns_with_a_reason_only_while_there_is_time_to_sign(world: World) -> None:
    opinion = world.referred(to=world.other_station)
    services.return_referral(opinion, reason="OTHER_PLACE", note="属星河辖区", by=world.other_clerk, now=world.later())
    assert opinion.status == Status.REGISTERED
    assert opinion.responsible_unit is None

    world.referred(opinion, to=world.other_station)
    with pytest.raises(NotAllowed, match="超过退回时限"):
        services.return_referral(
            opinion, reason="OTHER_PLACE", note="属星河辖区", by=world.other_clerk, now=world.later(days=5)
        )


def test_after_three_returns_the_visit_office_designates_and_nobody_returns_it_again(world: World) -> None:
    opinion = world.opinion()
    for _each in range(3):
        world.referred(opinion, to=world.other_station)
        services.return_referral(opinion, reason="NOT_OURS", note="不归我所", by=world.other_clerk, now=world.later())

    with pytest.raises(NotAllowed, match="走访办指定"):
        services.refer_opinion(opinion, to=world.other_station, by=world.clerk, now=world.later())
    services.refer_opinion(opinion, to=world.other_station, by=world.visit_office, now=world.later())
    with pytest.raises(NotAllowed, match="不能再退回"):
        services.return_referral(opinion, reason="NOT_OURS", note="不归我所", by=world.other_clerk, now=world.later())
    assert selectors.referral_in_hand(opinion).hop == 4


def test_the_promise_to_the_citizen_does_not_move_with_the_hops(world: World) -> None:
    opinion = world.opinion()
    promised = opinion.due_at
    world.referred(opinion, to=world.other_station)
    services.return_referral(
        opinion, reason="NOT_OURS", note="不归我所", by=world.other_clerk, now=world.later(hours=6)
    )
    world.referred(opinion)

    opinion.refresh_from_db()
    assert opinion.due_at == promised


def test_a_complaint_is_not_there_for_the_unit_complained_about(world: World) -> None:
    opinion = world.opinion(
        kind=Kind.COMPLAINT,
        topic="F1",
        heard_by=world.unit("走访办"),
        by=world.visit_office,
        complained_officer=world.officer,
    )

    for concerned in (world.officer,):
        assert not selectors.opinions_seen_by(concerned).filter(pk=opinion.pk).exists()
    with pytest.raises(Invalid, match="不能转给被投诉单位"):
        services.refer_opinion(opinion, to=world.room, by=world.visit_office, now=world.later())
    services.refer_opinion(opinion, to=world.unit("督察支队"), by=world.visit_office, now=world.later())
    assert selectors.opinions_seen_by(world.inspector).filter(pk=opinion.pk).exists()


def test_the_author_of_a_complaint_about_the_own_unit_loses_sight_of_it(world: World) -> None:
    opinion = world.opinion(kind=Kind.COMPLAINT, topic="F1", complained_unit=world.station, by=world.officer)

    for concerned in (world.officer, world.clerk, world.leader):
        assert not selectors.opinions_seen_by(concerned).filter(pk=opinion.pk).exists()
        with pytest.raises(NotAllowed, match="回避"):
            services.refer_opinion(opinion, to=world.station, by=concerned, now=world.later())
    assert selectors.opinions_seen_by(world.visit_office).filter(pk=opinion.pk).exists()


def test_reopening_keeps_what_was_and_the_promise_does_not_begin_anew(world: World) -> None:
    opinion = world.closed()
    promised = opinion.due_at
    closed_at = opinion.referrals.get().closed_at
    services.reopen_opinion(opinion, note="群众反映灯又坏了。", by=world.leader, now=world.later(days=3))

    old = opinion.referrals.get()
    assert (old.closed_at, old.reopened_at) == (closed_at, world.now)
    world.referred(opinion)
    assert opinion.referrals.count() == 2
    opinion.refresh_from_db()
    assert (opinion.due_at, opinion.first_due_at) == (promised, None)
    assert opinion.referrals.latest("hop").due_at > world.now + timedelta(days=9)


def test_a_wish_to_have_it_handled_again_keeps_it_from_being_closed_silently(world: World) -> None:
    opinion = world.answered()
    asker = services.keep_asker(opinion, code="X" * 26, now=world.now)
    services.ask_again(opinion, asker=asker, reason="只修了一半。", now=world.later())

    with pytest.raises(Refusal, match="再办"):
        services.close_opinion(opinion, by=world.leader, now=world.later())
    assert selectors.waiting_for(world.leader).filter(pk=opinion.pk).exists()
    with pytest.raises(Refusal, match="已收到"):
        services.ask_again(opinion, asker=asker, reason="再说一次。", now=world.later())


def test_a_wish_that_comes_after_closing_may_be_turned_down_with_a_reason(world: World) -> None:
    opinion = world.closed()
    closed_at = opinion.referrals.get().closed_at
    asker = services.keep_asker(opinion, code="Z" * 26, now=world.now)
    services.ask_again(opinion, asker=asker, reason="想再要一盏灯。", now=world.later(days=1))
    assert selectors.waiting_for(world.leader).filter(pk=opinion.pk).exists()

    services.close_opinion(opinion, note="照明已达标，已向群众说明。", by=world.leader, now=world.later())

    assert opinion.status == Status.CLOSED
    assert opinion.referrals.get().closed_at == closed_at
    assert not selectors.waiting_for(world.leader).filter(pk=opinion.pk).exists()


def test_a_citizen_rates_once(world: World) -> None:
    opinion = world.answered()
    asker = services.keep_asker(opinion, code="Y" * 26, now=world.now)
    services.rate_answer(opinion, asker=asker, solved=True, satisfaction=5, now=world.later())

    with pytest.raises(Refusal, match="已评价"):
        services.rate_answer(opinion, asker=asker, solved=False, satisfaction=1, now=world.later())


def test_a_person_who_saw_an_older_state_is_told(world: World) -> None:
    opinion = world.in_hand()
    seen_before = Opinion.objects.get(pk=opinion.pk)
    services.rectify_opinion(opinion, result="已换新灯，复查正常。", by=world.officer, now=world.later())

    with pytest.raises(StaleState):
        services.rectify_opinion(seen_before, result="也说修好了。", by=world.clerk, now=world.later())
    assert OpinionEvent.objects.filter(opinion=opinion, step=Step.RECTIFY).count() == 1


def test_the_inbox_holds_what_waits_for_each_and_nothing_else(world: World) -> None:
    registered, referred, drafted = world.opinion(), world.referred(), world.drafted()
    in_hand, rectified = world.in_hand(), world.rectified()

    def inbox(of: object) -> set[str]:
        return set(selectors.waiting_for(of).values_list("no", flat=True))  # type: ignore[arg-type]

    assert inbox(world.clerk) == {registered.no, referred.no, in_hand.no, rectified.no}
    assert inbox(world.leader) == {drafted.no, rectified.no}
    assert inbox(world.officer) == {in_hand.no}
    assert inbox(world.chief) == set()


def test_offers_say_why_a_step_is_closed(world: World) -> None:
    opinion = world.drafted()

    offers = {offer.step: offer for offer in services.offers(opinion, world.clerk)}
    assert not offers[Step.APPROVE].open
    assert "单位负责人" in offers[Step.APPROVE].reason
    assert {offer.step for offer in services.offers(opinion, world.leader) if offer.open} == {
        Step.FIRST_CONTACT,
        Step.APPROVE,
        Step.SEND_BACK,
    }


def test_contacts_are_shown_for_a_reason_and_each_look_is_audited(world: World) -> None:
    opinion = world.referred()
    services.keep_asker(opinion, code="Z" * 26, name="王先生", phone="13800001234", now=world.now)

    with pytest.raises(Invalid):
        services.reveal_contact(opinion, reason=" ", by=world.clerk, now=world.later())
    told = services.reveal_contact(opinion, reason="电话回访", by=world.clerk, now=world.later())

    assert told == [("王先生", "13800001234", "", "电话")]
    assert AuditRecord.objects.filter(action="reveal-contact", object_id=opinion.no, by=world.clerk).count() == 1
    with pytest.raises(NotAllowed):
        services.reveal_contact(opinion, reason="电话回访", by=world.officer, now=world.later())


def test_contacts_are_disposed_of_when_they_have_served(world: World) -> None:
    opinion = world.closed()
    asker = services.keep_asker(opinion, code="W" * 26, name="王先生", phone="13800001234", now=world.now)

    assert services.dispose_of_contacts(now=world.later(days=179)) == 0
    assert services.dispose_of_contacts(now=world.later(days=2)) == 1
    asker.refresh_from_db()
    assert (bytes(asker.name_sealed), bytes(asker.phone_sealed)) == (b"", b"")
