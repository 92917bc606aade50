"""A public answer: proposed by one, approved by another, about nobody, found by everybody, withdrawn at any time."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from tests.world import World
from zoufang.answers import selectors, services
from zoufang.answers.models import Publication
from zoufang.answers.vocabulary import PublicationState
from zoufang.kernel.refusal import Invalid, NotAllowed, StaleState, StepNotOpen
from zoufang.opinions.models import Opinion
from zoufang.organization.models import Officer

pytestmark = pytest.mark.django_db

TITLE = "孩子上户口要带什么"
QUESTION = "刚出生的孩子上户口，要带什么材料，到哪里办？"
ANSWER = "带出生医学证明、父母的户口簿和身份证，到任何一个派出所户籍窗口，当场办好，不收费。"


def proposed(world: World, opinion: Opinion | None = None, **facts: Any) -> Publication:
    wanted = {"title": TITLE, "question": QUESTION, "answer": ANSWER, "by": world.clerk}
    return services.propose_publication(opinion or world.answered(), **{**wanted, **facts}, now=world.later())


def published(world: World, **facts: Any) -> Publication:
    found = proposed(world, **facts)
    services.publish(found, by=world.leader, now=world.later())
    return found


def browser(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer)
    return client


def test_what_is_proposed_is_public_only_after_another_person_approved_it(world: World, client: Client) -> None:
    found = proposed(world)
    assert TITLE not in client.get("/public/answers/").content.decode()
    with pytest.raises(NotAllowed):
        services.publish(found, by=world.clerk, now=world.later())
    services.publish(found, seen=found.version, by=world.leader, now=world.later())

    assert TITLE in client.get("/public/answers/").content.decode()
    page = client.get(f"/public/answers/{found.pk}/").content.decode()
    assert ANSWER in page
    assert found.reply.referral.opinion.no not in page
    assert [event.act for event in found.events.all()] == ["PROPOSED", "PUBLISHED"]


def test_the_database_too_refuses_an_approval_by_the_same_hand(world: World) -> None:
    found = proposed(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.filter(pk=found.pk).update(
            state=PublicationState.PUBLISHED, published_by=world.clerk, published_at=timezone.now()
        )


def test_nobody_of_two_roles_approves_what_they_proposed(world: World) -> None:
    found = proposed(world, by=world.visit_office)
    with pytest.raises(NotAllowed):
        services.publish(found, by=world.visit_office, now=world.later())


def test_a_complaint_is_never_public(world: World) -> None:
    complaint = world.opinion(kind="COMPLAINT", complained_unit=world.other_station)
    with pytest.raises(NotAllowed):
        proposed(world, complaint)
    page = browser(world.clerk).get(f"/answers/of/{complaint.no}/propose/").content.decode()
    assert "投诉不公开" in page or "还没有答复" in page


def test_what_nobody_was_told_is_not_public(world: World) -> None:
    with pytest.raises(StepNotOpen):
        proposed(world, world.approved())


def test_what_may_tell_who_somebody_is_is_taken_out_or_explained(world: World) -> None:
    opinion = world.answered()
    with pytest.raises(Invalid):
        proposed(world, opinion, answer=ANSWER + "电话0391-2345678。")
    with pytest.raises(Invalid):
        proposed(world, opinion, question="我的身份证410803199001011239", override="无所谓")
    kept = proposed(world, opinion, answer=ANSWER + "电话0391-2345678。", override="是派出所的公开电话")

    assert kept.override == "是派出所的公开电话"


def test_the_editor_shows_the_original_and_takes_out_what_it_finds(world: World) -> None:
    opinion = world.answered(content="我叫李小红，住幸福里3号楼2单元501室，路灯坏了。")
    client = browser(world.clerk)
    page = client.get(f"/answers/of/{opinion.no}/propose/").content.decode()
    assert "李小红" in page  # the original
    assert "我叫某某，住幸福里（门牌略），路灯坏了。" in page

    sent = {"title": "路灯坏了找谁", "question": "住3号楼2单元501室的路灯坏了，找谁？", "answer": ANSWER}
    answer = client.post(f"/answers/of/{opinion.no}/propose/", sent)
    assert answer.status_code == 422
    assert "门牌号" in answer.content.decode()
    assert sent["question"] in answer.content.decode()
    assert client.post(f"/answers/of/{opinion.no}/propose/", sent | {"question": "路灯坏了找谁修？"}).status_code == 302
    assert Publication.objects.get().state == PublicationState.PROPOSED


def test_it_goes_back_and_comes_again(world: World) -> None:
    found = proposed(world)
    services.send_publication_back(found, note="标题再短一点", by=world.leader, now=world.later())
    opinion = found.reply.referral.opinion
    again = proposed(world, opinion, title="上户口带什么")
    assert again.pk == found.pk
    with pytest.raises(StepNotOpen):
        proposed(world, opinion)
    # The leader still has the page of the first proposal open.
    stale = Publication.objects.get(pk=found.pk)
    with pytest.raises(StaleState):
        services.publish(stale, seen=0, by=world.leader, now=world.later())


def test_withdrawn_it_is_gone_at_once_and_everywhere(world: World, client: Client) -> None:
    found = published(world)
    services.withdraw_publication(found, note="规定变了", by=world.clerk, now=world.later())

    assert client.get(f"/public/answers/{found.pk}/").status_code == 404
    assert TITLE not in client.get("/public/answers/").content.decode()
    assert client.get("/public/api/answers").json()["results"] == []
    assert TITLE not in client.get("/public/answers/feed/").content.decode()
    assert TITLE not in client.post("/public/answers/others/", {"text": QUESTION}).content.decode()
    services_again = proposed(world, found.reply.referral.opinion)
    assert services_again.state == PublicationState.PROPOSED


def test_who_is_out_of_reach_sees_and_does_nothing(world: World) -> None:
    found = proposed(world)
    assert browser(world.other_clerk).get(f"/answers/{found.pk}/").status_code == 404
    assert not selectors.publications_seen_by(world.other_clerk).exists()
    with pytest.raises(NotAllowed):
        services.publish(found, by=world.other_leader, now=world.later())


def test_two_characters_find_an_answer(world: World, client: Client) -> None:
    found = published(world)
    for words in ("户口", "材料 孩子", "窗口"):
        assert TITLE in client.get("/public/answers/", {"q": words}).content.decode()
    nothing = client.get("/public/answers/", {"q": "护照"}).content.decode()
    assert TITLE not in nothing
    assert "没有找到" in nothing
    assert TITLE in client.get("/public/answers/", {"topic": "A", "unit": world.station.code}).content.decode()
    assert TITLE not in client.get("/public/answers/", {"topic": "B"}).content.decode()
    assert found.is_public


def test_pages_follow_one_another_by_key(world: World, client: Client) -> None:
    titles = [f"第{number}个问题怎么办" for number in range(23)]
    for title in titles:
        published(world, title=title)
    first = client.get("/public/answers/")
    page = first.context["page"]
    second = client.get("/public/answers/", {"page": "2", "after": page.after}).context["page"]
    shown = [one.title for one in [*page.rows, *second.rows]]
    assert shown == titles[::-1]

    read: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        body = client.get("/public/api/answers", {"limit": "10", "cursor": cursor}).json()
        read += [one["title"] for one in body["results"]]
        cursor = body["next"]
    assert read == shown


def test_programs_read_the_same_and_are_told_what_is_wrong(world: World, client: Client) -> None:
    found = published(world)
    body = client.get("/public/api/answers", {"q": "户口"}).json()
    assert body["next"] is None
    (one,) = body["results"]
    assert (one["id"], one["title"], one["answer"], one["unit"]) == (found.pk, TITLE, ANSWER, world.station.code)
    assert set(one) == {
        "id", "title", "question", "answer", "topic", "topic_name", "unit", "unit_name", "published_at", "url",
    }  # fmt: skip
    wrong = client.get("/public/api/answers", {"topic": "没有"})
    assert wrong.status_code == 422
    assert "topic" in wrong.json()["errors"]
    assert client.get("/public/api/answers", {"cursor": "x"}).status_code == 422
    assert client.get("/public/answers/feed/")["Content-Type"].startswith("application/atom+xml")


def test_who_is_about_to_ask_is_shown_what_others_asked(world: World, client: Client) -> None:
    published(world)
    published(world, title="电动车怎么上牌", question="新买的电动车到哪里上牌？", answer="带发票和合格证到车管所。")

    said = client.post("/public/answers/others/", {"text": "孩子刚出生，上户口要带什么"}).content.decode()
    assert TITLE in said
    assert "电动车" not in said
    assert client.post("/public/answers/others/", {"text": "小偷"}).content.decode().strip() == ""
    assert "/public/answers/others/" in client.get("/public/say/").content.decode()
