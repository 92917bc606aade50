"""How a matter ended, apart from its status; what cannot be done now comes up again by itself."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from tests.world import World
from zoufang.audit.models import AuditRecord
from zoufang.channels.selectors import standing
from zoufang.kernel.clock import local_day
from zoufang.kernel.period import Period
from zoufang.kernel.refusal import Invalid, StepNotOpen
from zoufang.metrics.engine import tabulate
from zoufang.opinions import selectors, services
from zoufang.opinions.metrics import OUTCOMES, OUTCOMES_SOLVED_RATE
from zoufang.opinions.models import Opinion, Outcome
from zoufang.opinions.vocabulary import Kind, OutcomeKind
from zoufang.opinions.workflow import Status, Step
from zoufang.organization.models import Officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def inbox(officer: Officer, today: date) -> set[str]:
    return set(selectors.waiting_for(officer, today=today).values_list("no", flat=True))


def door(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer)
    return client


def in_words(world: World, opinion: Opinion) -> str:
    asker = services.keep_asker(opinion, code=f"{opinion.pk:028d}", now=world.now)
    asker.opinion.refresh_from_db()
    return standing(asker, now=world.now).outcome


def test_what_cannot_be_done_now_comes_up_on_its_day_and_not_before(world: World) -> None:
    on = local_day(world.now) + timedelta(days=30)
    opinion = world.put_off(review_on=on)
    assert opinion.status == Status.CLOSED

    assert opinion.no not in inbox(world.clerk, on - timedelta(days=1))
    assert opinion.no in inbox(world.clerk, on)
    assert opinion.no in inbox(world.leader, on + timedelta(days=100))
    assert opinion.no not in inbox(world.other_clerk, on)
    assert opinion.no not in inbox(world.officer, on)

    world.later(days=30)
    later = on + timedelta(days=60)
    services.review_outcome(
        opinion, outcome="CANNOT_NOW", review_on=later, note="预算尚未批下。", by=world.clerk, now=world.later()
    )
    assert opinion.no not in inbox(world.clerk, on + timedelta(days=1))
    assert opinion.no in inbox(world.clerk, later)
    services.review_outcome(opinion, outcome="SOLVED", note="路灯已经装好。", by=world.clerk, now=world.later())
    assert opinion.no not in inbox(world.clerk, later)
    assert opinion.events.filter(step=Step.REVIEW).count() == 2
    assert AuditRecord.objects.filter(object_id=opinion.no, action="review").count() == 2
    with pytest.raises(StepNotOpen):
        services.review_outcome(opinion, outcome="SOLVED", note="再看一次。", by=world.clerk, now=world.later())


def test_a_day_that_has_passed_and_a_place_that_is_not_named_are_refused(world: World) -> None:
    opinion = world.in_hand()
    with pytest.raises(Invalid, match="复查日期"):
        services.rectify_opinion(
            opinion,
            result="暂时办不到，已说明。",
            outcome="CANNOT_NOW",
            review_on=local_day(world.now),
            by=world.officer,
            now=world.later(),
        )
    opinion.refresh_from_db()
    with pytest.raises(Invalid, match="应向何处反映"):
        services.rectify_opinion(
            opinion, result="已说明归口。", outcome="NOT_OURS", by=world.officer, now=world.later()
        )
    assert not Outcome.objects.exists()
    referral = selectors.referral_in_hand(Opinion.objects.get(pk=opinion.pk))
    for wrong in ({"kind": "CANNOT_NOW"}, {"kind": "NOT_OURS"}, {"kind": "SOLVED", "review_on": world.today}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Outcome.objects.create(referral=referral, decided_at=world.now, **wrong)


def test_the_answer_may_say_otherwise_than_the_work_and_both_stay_on_record(world: World) -> None:
    opinion = world.verified()
    services.draft_reply(
        opinion,
        text="您反映的树木修剪归园林部门，已为您转达。",
        outcome="NOT_OURS",
        turn_to="市园林绿化中心，0391-12345 转 2",
        by=world.clerk,
        now=world.later(),
    )

    kinds = list(Outcome.objects.order_by("pk").values_list("kind", "superseded_at"))
    assert kinds == [("SOLVED", world.now), ("NOT_OURS", None)]
    services.send_reply_back(opinion, note="请写明科室。", by=world.leader, now=world.later())
    services.draft_reply(opinion, text="您反映的树木修剪归园林部门绿化科。", by=world.clerk, now=world.later())
    assert selectors.outcome_of(opinion) == Outcome.objects.get(superseded_at=None)


def test_a_question_is_explained_and_a_reopened_opinion_has_no_outcome(world: World) -> None:
    question = world.signed(kind=Kind.CONSULTATION)
    services.draft_reply(question, text="请带身份证到窗口办理即可。", by=world.clerk, now=world.later())
    outcome = selectors.outcome_of(question)
    assert outcome is not None
    assert outcome.kind == OutcomeKind.EXPLAINED

    again = world.closed()
    services.reopen_opinion(again, note="群众反映又坏了。", by=world.leader, now=world.later())
    assert selectors.outcome_of(again) is None


def test_the_citizen_reads_how_it_ended_in_plain_words(world: World) -> None:
    on = local_day(world.now) + timedelta(days=40)
    assert in_words(world, world.answered()) == "已经办好了。"
    assert f"{on.month}月{on.day}日" in in_words(world, world.put_off(review_on=on))
    assert in_words(world, world.verified()) == ""


def test_an_outcome_that_changed_counts_as_it_stood_then(world: World) -> None:
    on = local_day(world.now) + timedelta(days=20)
    opinion = world.put_off(review_on=on)
    world.closed()
    first = local_day(world.now)
    until = Period(first - timedelta(days=5), first)
    key = OUTCOMES_SOLVED_RATE.code, world.bureau.pk

    assert tabulate([OUTCOMES_SOLVED_RATE], [world.bureau], until)[key] == Decimal("50.0")
    world.later(days=30)
    services.review_outcome(opinion, outcome="SOLVED", note="路灯已经装好。", by=world.clerk, now=world.later())
    assert tabulate([OUTCOMES_SOLVED_RATE], [world.bureau], until)[key] == Decimal("50.0")
    whole = Period(first - timedelta(days=5), local_day(world.now))
    assert tabulate([OUTCOMES_SOLVED_RATE], [world.bureau], whole)[key] == Decimal("100.0")
    table = tabulate([OUTCOMES], [world.bureau], until, by="outcome")
    assert table[OUTCOMES.code, world.bureau.pk, "CANNOT_NOW"] == 1
    before = Period(first - timedelta(days=60), first - timedelta(days=50))
    assert tabulate([OUTCOMES_SOLVED_RATE], [world.bureau], before)[key] is None


def test_the_page_asks_for_proof_or_a_reason_and_lists_by_outcome(world: World) -> None:
    opinion = world.in_hand()
    address = f"/opinions/{opinion.no}/rectify/"
    answer = door(world.officer).post(address, {"result": "灯具已更换，夜间复查正常。", "outcome": "SOLVED"})
    assert answer.status_code == 422
    assert "请附上照片或文件" in answer.content.decode()

    given = {"result": "灯具已更换，夜间复查正常。", "outcome": "PARTLY", "no_proof": "夜间光线不足，拍不清。"}
    assert door(world.officer).post(address, given).status_code == 302
    page = door(world.leader).get(f"/opinions/{opinion.no}/verify/").content.decode()
    assert "夜间光线不足，拍不清。" in page
    assert "整改前" in page
    listed = door(world.leader).get("/opinions/?outcome=PARTLY").content.decode()
    assert opinion.no in listed
    assert opinion.no not in door(world.leader).get("/opinions/?outcome=SOLVED").content.decode()
