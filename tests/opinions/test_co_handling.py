"""Units that help: each signs and tells what it did; the lead waits for all, or says why not."""

from datetime import timedelta

import pytest
from django.test import Client

from tests.world import World
from zoufang.kernel.refusal import Invalid, NotAllowed, StepNotOpen
from zoufang.opinions import services
from zoufang.opinions.forms import RectifyForm, ReferForm
from zoufang.opinions.models import CoHandling, Opinion
from zoufang.opinions.selectors import opinions_seen_by, waiting_for
from zoufang.opinions.vocabulary import Kind
from zoufang.opinions.workflow import Step

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def helped(world: World, **facts: object) -> tuple[Opinion, CoHandling]:
    opinion = world.opinion(**facts)
    services.refer_opinion(
        opinion, to=world.station, helped_by=[world.other_station], by=world.clerk, now=world.later()
    )
    services.sign_referral(opinion, by=world.clerk, now=world.later())
    return opinion, CoHandling.objects.get()


def planned(world: World) -> tuple[Opinion, CoHandling]:
    opinion, part = helped(world)
    services.write_measure(
        opinion,
        measure="联系路灯管理单位三日内更换灯具。",
        responsible=world.officer,
        planned_on=world.today + timedelta(days=3),
        by=world.clerk,
        now=world.later(),
    )
    return opinion, part


def test_who_helps_sees_it_signs_and_tells_what_it_did(world: World) -> None:
    before = world.opinion()
    opinion, part = helped(world)
    assert list(opinions_seen_by(world.other_clerk)) == [opinion]
    assert before not in opinions_seen_by(world.other_clerk)
    assert list(waiting_for(world.other_clerk)) == [opinion]
    with pytest.raises(StepNotOpen):
        services.contribute(part, contribution="已清理线杆旁杂物。", by=world.other_clerk, now=world.later())
    with pytest.raises(NotAllowed):
        services.sign_co_handling(part, by=world.clerk, now=world.later())
    services.sign_co_handling(part, by=world.other_clerk, now=world.later())
    services.contribute(part, contribution="已清理线杆旁杂物。", by=world.other_clerk, now=world.later())
    assert not waiting_for(world.other_clerk).exists()
    assert [event.step for event in opinion.events.all()][-2:] == [Step.CO_SIGN, Step.CO_REPORT]
    lead = Client()
    lead.force_login(world.clerk)
    assert "已清理线杆旁杂物" in lead.get(f"/opinions/{opinion.no}/").content.decode()


def test_the_lead_waits_or_says_why_not(world: World) -> None:
    opinion, part = planned(world)
    form = RectifyForm(
        {"result": "灯具已更换，复查正常。", "no_proof": "夜间不便拍照"}, opinion=opinion, viewer=world.clerk
    )
    assert set(form.errors) == {"without"}
    with pytest.raises(Invalid, match="焦南派出所"):
        services.rectify_opinion(opinion, result="灯具已更换。", by=world.officer, now=world.later())
    services.rectify_opinion(
        opinion, result="灯具已更换。", without="协办事项另行办理。", by=world.officer, now=world.later()
    )
    part.refresh_from_db()
    assert part.not_waited_for == "协办事项另行办理。"
    with pytest.raises(StepNotOpen):
        services.sign_co_handling(part, by=world.other_clerk, now=world.later())


def test_the_lead_finishes_when_all_have_told(world: World) -> None:
    opinion, part = planned(world)
    services.sign_co_handling(part, by=world.other_clerk, now=world.later())
    services.contribute(part, contribution="已清理线杆旁杂物。", by=world.other_clerk, now=world.later())
    assert "without" not in RectifyForm(opinion=opinion, viewer=world.clerk).fields
    services.rectify_opinion(opinion, result="灯具已更换。", by=world.officer, now=world.later())


def test_an_answer_that_is_the_work_waits_too(world: World) -> None:
    opinion, _part = helped(world, kind=Kind.CONSULTATION)
    with pytest.raises(Invalid):
        services.draft_reply(opinion, text="可以在警务室办理。", by=world.clerk, now=world.later())
    services.draft_reply(
        opinion, text="可以在警务室办理。", without="不需要协办单位的意见。", by=world.clerk, now=world.later()
    )


def test_who_may_help(world: World) -> None:
    opinion = world.opinion()
    world.leader  # noqa: B018 - makes one
    world.other_clerk  # noqa: B018 - makes one
    with pytest.raises(Invalid):
        services.refer_opinion(opinion, to=world.station, helped_by=[world.station], by=world.clerk, now=world.later())
    sent = {"to": world.station.code, "helped_by": [world.station.code]}
    assert "helped_by" in ReferForm(sent, opinion=opinion, viewer=world.clerk).errors
    complaint = world.opinion(kind=Kind.COMPLAINT, complained_unit=world.station, by=world.visit_office)
    with pytest.raises(Invalid):
        services.refer_opinion(
            complaint,
            to=world.unit("督察支队"),
            helped_by=[world.station],
            by=world.visit_office,
            now=world.later(),
        )


def test_a_returned_referral_is_out_of_sight_of_those_who_would_have_helped(world: World) -> None:
    opinion, part = helped(world)
    services.return_referral(opinion, reason="NOT_OURS", note="应由交警办理", by=world.clerk, now=world.later())
    assert opinion not in opinions_seen_by(world.other_clerk)
    with pytest.raises(StepNotOpen):
        services.sign_co_handling(part, by=world.other_clerk, now=world.later())


def test_the_pages_of_who_helps(world: World) -> None:
    opinion, part = helped(world)
    client = Client()
    client.force_login(world.other_clerk)
    page = f"/opinions/{opinion.no}/parts/{part.pk}/"
    assert "签收" in client.get(page).content.decode()
    assert client.post(page).status_code == 302
    assert client.post(page, {"contribution": "短"}).status_code == 422
    assert client.post(page, {"contribution": "已清理线杆旁杂物。"}).status_code == 302
    part.refresh_from_db()
    assert part.contributed_by == world.other_clerk
    assert client.post(f"/opinions/{opinion.no}/parts/999999/").status_code == 404
