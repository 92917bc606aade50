"""Templates: checked when they are kept, filled for an opinion, never left half filled in a reply."""

import pytest
from django.test import Client

from tests.world import World
from zoufang.answers import selectors, services
from zoufang.answers.loading import load_reference
from zoufang.answers.models import ReplyTemplate
from zoufang.answers.vocabulary import Occasion
from zoufang.audit.models import AuditRecord
from zoufang.kernel.refusal import Invalid, NotAllowed, StaleState
from zoufang.opinions import services as opinions
from zoufang.opinions.models import Reply

pytestmark = pytest.mark.django_db
TEXT = "您好，您反映的“{said}”由{unit}办理。"


def template(world: World, **facts: object) -> ReplyTemplate:
    wanted = {"code": "test", "occasion": "REPLY", "title": "试用", "text": TEXT, "by": world.visit_office}
    return services.keep_template(**{**wanted, **facts}, now=world.later())  # type: ignore[arg-type]


def browser(world: World, username: str = "clerk") -> Client:
    client = Client()
    client.force_login({"clerk": world.clerk, "office": world.visit_office, "leader": world.leader}[username])
    return client


def test_the_house_brings_words_for_every_occasion_in_both_languages(world: World) -> None:
    assert {one.occasion for one in ReplyTemplate.objects.all()} == set(Occasion.values)
    assert all(one.current.text_en and one.title_en for one in ReplyTemplate.objects.all())
    assert load_reference(now=world.later()) == {"reply_templates": 0}


@pytest.mark.parametrize(
    "text", ["您好，{name}的事办好了。", "{no.__class__.__mro__}您好，办好了。", "{0}您好，已经办好了。"]
)
def test_an_unknown_placeholder_is_refused_when_the_template_is_kept(world: World, text: str) -> None:
    kept = template(world)
    with pytest.raises(Invalid):
        template(world, code="other", text=text)
    with pytest.raises(Invalid):
        services.reword_template(kept, text=TEXT, text_en=text, by=world.visit_office, now=world.later())

    assert not ReplyTemplate.objects.filter(code="other").exists()
    answer = browser(world, "office").post(
        "/answers/templates/new/", {"code": "other", "occasion": "REPLY", "title": "试用", "text": text}
    )
    assert answer.status_code == 422
    assert "没有这样的占位符" in answer.content.decode()


def test_only_the_visit_office_keeps_templates_and_every_wording_stays(world: World) -> None:
    kept = template(world)
    with pytest.raises(NotAllowed):
        services.reword_template(kept, text=TEXT + "谢谢。", by=world.clerk, now=world.later())
    services.reword_template(kept, text=TEXT + "谢谢。", seen=1, by=world.visit_office, now=world.later())
    with pytest.raises(StaleState):
        services.reword_template(kept, text=TEXT + "再见。", seen=1, by=world.visit_office, now=world.later())

    versions = ReplyTemplate.objects.get(code="test").versions.order_by("number")
    assert [(one.number, one.text) for one in versions] == [(1, TEXT), (2, TEXT + "谢谢。")]
    assert AuditRecord.objects.filter(action="template-keep", object_id="test").count() == 2


def test_a_template_is_filled_with_the_facts_of_the_opinion(world: World) -> None:
    opinion = world.verified(content="小区东门的路灯坏了两周。")
    words = {one.template.code: one.text for one in selectors.words_for(opinion, today=world.today)}

    assert "小区东门的路灯坏了两周。" in words["reply"]
    assert "联系路灯管理单位三日内更换灯具" in words["reply"]
    assert "灯具已更换，夜间复查正常。" in words["reply"]
    # Nobody has said under which number the station answers, so that stays to be seen.
    assert "{phone}" in words["reply"]
    assert "reply-parking" not in words
    assert "reply-praise" not in words
    world.station.phone = "0391-2345678"
    world.station.save(update_fields=["phone"])
    filled = {one.template.code: one.text for one in selectors.words_for(opinion, today=world.today)}
    assert "请打 0391-2345678 找星河派出所" in filled["reply"]


def test_words_made_for_the_topic_come_first(world: World) -> None:
    opinion = world.signed(content="门口乱停车，救护车进不来。", topic="B2")
    replies = [
        one.template.code
        for one in selectors.words_for(opinion, today=world.today)
        if one.template.occasion == Occasion.REPLY
    ]

    assert replies[0] == "reply-parking"
    assert "reply" in replies


def test_a_clerk_takes_a_template_into_the_box_and_keeps_what_was_typed(world: World) -> None:
    opinion, kept = world.verified(), template(world)
    page = browser(world).get(f"/answers/words/{opinion.no}/?reply=1", headers={"HX-Request": "true"})
    box = browser(world).post(
        f"/answers/words/{opinion.no}/fill/",
        {"template": kept.pk, "text": "我已经写了一半。"},
        headers={"HX-Request": "true"},
    )

    assert "试用" in page.content.decode()
    assert "由星河派出所办理" in box.content.decode()
    assert "我已经写了一半。" in box.content.decode()
    assert box["HX-Trigger-After-Settle"] == "filled"


def test_a_reply_with_something_left_to_fill_is_not_drafted(world: World) -> None:
    opinion = world.verified()
    for text in ("您好，您反映的事{measure}，已经办好了。", "您好，我们[写明哪天]去看过了，已经办好了。"):
        with pytest.raises(Invalid):
            opinions.draft_reply(opinion, text=text, by=world.clerk, now=world.later())
        answer = browser(world).post(f"/opinions/{opinion.no}/reply/", {"text": text})
        assert answer.status_code == 422
        assert text in answer.content.decode()
    assert not Reply.objects.exists()


def test_the_box_is_looked_at_while_it_is_typed(world: World) -> None:
    text = "我们高度重视，将积极协调，尽快处理{due}，电话13812345678。"
    said = browser(world).post("/answers/words/check/", {"text": text}).content.decode()

    assert "{due}" in said
    assert "138****5678" in said
    assert "13812345678" not in said
    assert (
        "高度重视"
        in browser(world).post("/answers/words/check/", {"text": "我们高度重视，尽快处理。"}).content.decode()
    )
    assert browser(world).post("/answers/words/check/", {"text": "3月2日已经修好。"}).content.decode().strip() == ""


def test_a_retired_template_is_offered_no_more(world: World) -> None:
    opinion, kept = world.verified(), template(world)
    services.retire_template(kept, by=world.visit_office, now=world.later())

    assert "test" not in {one.template.code for one in selectors.words_for(opinion, today=world.today)}
    answer = browser(world).post(f"/answers/words/{opinion.no}/fill/", {"template": kept.pk})
    assert answer.status_code == 422
