"""Each who asked is told by their own way, once for each answer; the page tells how far it came, never who."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from tests.world import World
from zoufang.kernel.refusal import Invalid
from zoufang.notifications.models import Outgoing
from zoufang.notifications.services import note_delivered
from zoufang.notifications.vocabulary import Way
from zoufang.opinions import services
from zoufang.opinions.models import Asker, Opinion
from zoufang.opinions.tellings import tellings_of
from zoufang.privacy.sealing import unseal
from zoufang.ui.when import due_day

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return World()


def asker(world: World, opinion: Opinion, code: str, **facts: Any) -> Asker:
    return services.keep_asker(opinion, code=code, now=world.later(), **facts)


def answered(world: World, opinion: Opinion, told_by: str = "PAGE") -> None:
    services.give_feedback(opinion, told_by=told_by, by=world.clerk, now=world.later())


def texts() -> dict[str, str]:
    return {one.way: unseal(bytes(one.text_sealed)) for one in Outgoing.objects.all()}


def test_each_is_told_in_the_way_they_chose_and_nobody_twice(world: World) -> None:
    opinion = world.approved()
    asker(world, opinion, "A", tell_by="SMS", phone="13812345678")
    asker(world, opinion, "B", tell_by="MAIL", address="wang@example.com")
    asker(world, opinion, "C", tell_by="PHONE", phone="13812340000")
    asker(world, opinion, "D")
    asker(world, opinion, "E", tell_by="LETTER")
    answered(world, opinion)

    assert {one.way: unseal(bytes(one.address_sealed)) for one in Outgoing.objects.all()} == {
        "SMS": "13812345678",
        "MAIL": "wang@example.com",
        "PAGE": "",
    }
    assert {one.about for one in Outgoing.objects.all()} == {opinion.no}
    # The answer is short, so the text message holds it, with the number and the address.
    assert "您反映的路灯问题已修复" in texts()["SMS"]
    assert opinion.no in texts()["SMS"]
    assert "/public/" in texts()["SMS"]
    with pytest.raises(Exception, match="状态"):
        answered(world, opinion)
    assert Outgoing.objects.count() == 3


def test_a_long_answer_is_only_announced_and_a_complaint_always(world: World) -> None:
    long = "您反映的路灯问题，" + "我们当天到现场看过，已经换好。" * 8
    opinion = world.verified()
    services.draft_reply(opinion, text=long, by=world.clerk, now=world.later())
    services.approve_reply(opinion, by=world.leader, now=world.later())
    asker(world, opinion, "A", tell_by="SMS", phone="13812345678")
    asker(world, opinion, "B", tell_by="MAIL", address="wang@example.com")
    answered(world, opinion)
    assert "当天到现场" not in texts()["SMS"]
    assert "当天到现场" in texts()["MAIL"]

    Outgoing.objects.all().delete()
    complaint = world.approved(kind="COMPLAINT")
    asker(world, complaint, "C", tell_by="MAIL", address="wang@example.com")
    answered(world, complaint)
    assert "修复" not in texts()["MAIL"]
    assert complaint.no in texts()["MAIL"]


def test_a_citizen_is_told_in_the_language_in_which_they_asked(world: World) -> None:
    opinion = world.approved()
    with translation.override("en"):
        asker(world, opinion, "A", tell_by="SMS", phone="13812345678")
    answered(world, opinion)

    assert "answer" in texts()["SMS"]
    assert Outgoing.objects.get().language == "en"


def test_who_asks_the_same_is_told_under_their_own_number(world: World) -> None:
    opinion, other = world.approved(), world.opinion()
    asker(world, other, "A", tell_by="SMS", phone="13812345678")
    services.join_opinion(other, main=opinion, by=world.visit_office, now=world.later())
    answered(world, opinion)

    assert Outgoing.objects.get().about == other.no
    assert other.no in texts()["SMS"]


def test_a_way_without_what_it_needs_is_refused(world: World) -> None:
    opinion = world.opinion()
    for way in ("SMS", "PHONE", "MAIL", "MESSAGE"):
        with pytest.raises(Invalid):
            asker(world, opinion, way, tell_by=way)
    assert asker(world, opinion, "A", phone="13812345678").tell_by == "PHONE"


def test_the_page_tells_how_far_it_came_and_offers_the_telephone_when_it_failed(world: World) -> None:
    opinion = world.approved()
    asker(world, opinion, "A", tell_by="SMS", phone="13812345678", name="王先生")
    asker(world, opinion, "B", tell_by="PHONE", phone="13812340000")
    answered(world, opinion, told_by="SMS")
    client = Client()
    client.force_login(world.clerk)

    assert [one.tone for one in tellings_of(opinion)] == ["waiting", "waiting"]
    key = Outgoing.objects.get().send_key
    note_delivered(way=Way.SMS, key=key, delivered=False, why="空号", at=world.later())
    (failed, by_hand) = tellings_of(opinion)
    assert (failed.tone, failed.why, failed.call) == ("late", "空号", True)
    assert (by_hand.words, by_hand.call) == ("请打电话告知", False)
    page = client.get(f"/opinions/{opinion.no}/").content.decode()
    assert "空号" in page
    assert "改打电话" in page
    assert "13812345678" not in page
    assert "王先生" not in page
    note_delivered(way=Way.SMS, key=key, delivered=True, at=world.later())
    assert tellings_of(opinion)[0].tone == "done"


def test_the_form_says_what_was_chosen(world: World) -> None:
    opinion = world.approved()
    asker(world, opinion, "A", tell_by="SMS", phone="13812345678")
    client = Client()
    client.force_login(world.clerk)
    page = client.get(f"/opinions/{opinion.no}/feedback/").content.decode()

    assert "短信 1 人" in page
    assert '<option value="SMS" selected>' in page


def test_who_is_waited_for_is_told_what_is_asked(world: World) -> None:
    opinion = world.signed()
    asker(world, opinion, "A", tell_by="SMS", phone="13812345678")
    asker(world, opinion, "B", tell_by="MAIL", address="wang@example.com", language="en")
    asker(world, opinion, "C")
    services.pause_opinion(opinion, reason="FACTS", asked="请告诉我们是几号楼。", by=world.clerk, now=world.later())

    # Whoever looks at the page finds it there, so nothing is sent to them.
    assert set(texts()) == {"SMS", "MAIL"}
    assert "请告诉我们是几号楼。" in texts()["SMS"]
    assert opinion.no in texts()["SMS"]
    assert "We need more from you" in texts()["MAIL"]


def test_what_a_complaint_is_about_goes_over_no_wire(world: World) -> None:
    complaint = world.signed(kind="COMPLAINT")
    asker(world, complaint, "A", tell_by="SMS", phone="13812345678")
    services.pause_opinion(complaint, reason="FACTS", asked="请说明是哪个窗口。", by=world.clerk, now=world.later())
    assert "窗口" not in texts()["SMS"]
    assert complaint.no in texts()["SMS"]


def test_who_asked_for_a_later_day_is_not_told_so(world: World) -> None:
    opinion = world.signed()
    asker(world, opinion, "A", tell_by="SMS", phone="13812345678")
    services.pause_opinion(opinion, reason="LATER", asked="约定五月再办。", by=world.clerk, now=world.later())
    assert not Outgoing.objects.exists()


def test_a_day_that_moves_is_told_and_one_that_stays_is_not(world: World) -> None:
    opinion = world.extending()
    asker(world, opinion, "A", tell_by="SMS", phone="13812345678")
    services.grant_extension(opinion, by=world.visit_office, now=world.later())
    opinion.refresh_from_db()
    assert due_day(opinion.due_at).isoformat() in texts()["SMS"]

    Outgoing.objects.all().delete()
    late = world.extending()
    asker(world, late, "B", tell_by="SMS", phone="13812345678")
    Opinion.objects.filter(pk=late.pk).update(due_at=world.now - timedelta(days=1))
    late.refresh_from_db()
    services.grant_extension(late, by=world.visit_office, now=world.later())
    assert not Outgoing.objects.exists()
