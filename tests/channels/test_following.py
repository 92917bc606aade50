"""Following an opinion by number and code: what is shown, what never is, and what the citizen may do."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.channels.citizen import follow, say
from tests.world import World
from zoufang.channels import selectors, services
from zoufang.channels.models import Tries
from zoufang.opinions import services as opinions
from zoufang.opinions.models import Asker, Opinion, Rating
from zoufang.opinions.services import reopen_opinion

pytestmark = pytest.mark.django_db

WRONG = "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"


def heard(client: Client, world: World, **facts: Any) -> tuple[Opinion, str]:
    """Say something to the room, half an hour ago by the world's clock."""
    opinion, code = say(client, unit=world.room.code, **facts)
    world.now = timezone.now() - timedelta(minutes=30)
    opinion.heard_at = opinion.recorded_at = world.now
    opinion.save(update_fields=["heard_at", "recorded_at"])
    opinion.events.update(at=world.now)
    return opinion, code


def test_number_and_code_show_how_it_stands_and_are_in_no_address(client: Client, world: World) -> None:
    opinion, code = heard(client, world)
    elsewhere = Client()

    answer = follow(elsewhere, opinion.no, code)

    assert answer.status_code == 200
    assert answer.redirect_chain == [("/public/case/", 302)]
    page = answer.content.decode()
    assert "已收到，正在确定由哪个单位办理" in page
    assert "东焦作警务室" in page
    assert code not in page
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_code_typed_carelessly_is_accepted(client: Client, world: World) -> None:
    opinion, code = heard(client, world)

    careless = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")

    assert follow(Client(), f" {opinion.no.lower()} ", careless).status_code == 200


def test_every_wrong_pair_gets_one_and_the_same_answer(client: Client, world: World) -> None:
    (first, first_code), (second, second_code) = heard(client, world), heard(client, world)
    pairs = [(first.no, WRONG), ("YJ2026999999", WRONG), (first.no, second_code), (second.no, first_code), ("x", "y")]

    answers = [Client().post("/public/track/", {"no": no, "code": code}) for no, code in pairs]

    assert {answer.status_code for answer in answers} == {404}
    assert {str(answer.context["form"].non_field_errors()) for answer in answers} == {
        '<ul class="errorlist nonfield"><li>编号和查询码对不上，请对照回执检查后再试。</li></ul>'
    }
    assert not any(answer.cookies.get("zoufang_case") for answer in answers)


def test_without_number_and_code_there_is_nothing_to_see(client: Client, world: World) -> None:
    heard(client, world)
    stranger = Client()
    for address in ("case/", "receipt/"):
        assert stranger.get(f"/public/{address}").headers["Location"] == "/public/track/"
    for address in ("case/rate/", "case/again/"):
        assert stranger.post(f"/public/{address}", {}).headers["Location"] == "/public/track/"


def test_a_cookie_that_was_altered_opens_nothing(client: Client, world: World) -> None:
    heard(client, world)
    mine = client.cookies["zoufang_case"].value
    stranger = Client()
    other_first, other_last = ("8" if mine[0] == "9" else "9"), ("B" if mine[-1] == "A" else "A")
    for forged in ("1", other_first + mine[1:], mine[:-1] + other_last, ""):
        stranger.cookies["zoufang_case"] = forged
        assert stranger.get("/public/case/").status_code == 302


def test_the_way_in_closes_after_half_an_hour(client: Client, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    heard(client, world)
    later = timezone.now().timestamp() + 31 * 60

    monkeypatch.setattr("django.core.signing.time.time", lambda: later)

    assert client.get("/public/case/").status_code == 302
    assert client.get("/public/receipt/").headers["Location"] == "/public/track/"


def test_the_whole_way_in_public_words(client: Client, world: World) -> None:
    opinion, _code = heard(client, world)
    seen = []
    opinions.refer_opinion(opinion, to=world.station, note="内部意见：请尽快", by=world.clerk, now=world.later())
    seen.append(client.get("/public/case/").content.decode())
    opinions.sign_referral(opinion, by=world.clerk, now=world.later())
    seen.append(client.get("/public/case/").content.decode())
    opinions.write_measure(
        opinion,
        measure="联系路灯管理单位三日内更换灯具。",
        responsible=world.officer,
        planned_on=world.today + timedelta(days=3),
        by=world.clerk,
        now=world.later(),
    )
    opinions.rectify_opinion(opinion, result="灯具已更换，夜间复查正常。", by=world.officer, now=world.later())
    opinions.verify_rectification(opinion, note="现场看过", by=world.clerk, now=world.later())
    opinions.draft_reply(opinion, text="您反映的路灯已经修好，谢谢提醒。", by=world.clerk, now=world.later())
    opinions.approve_reply(opinion, by=world.leader, now=world.later())
    seen.append(client.get("/public/case/").content.decode())
    opinions.give_feedback(opinion, told_by="PAGE", by=world.clerk, now=world.later())
    answered = client.get("/public/case/").content.decode()

    assert "转交星河派出所办理" in seen[0]
    assert "等待承办单位签收" in seen[0]
    assert "星河派出所签收" in seen[1]
    assert "正在准备给您的答复" in seen[2]
    for page in seen:
        assert "您反映的路灯已经修好" not in page
        assert "请您评价" not in page
    assert "您反映的路灯已经修好" in answered
    assert "请您评价" in answered
    for page in [*seen, answered]:
        for inside in (
            "内部意见",
            "现场看过",
            "联系路灯管理单位",
            "灯具已更换",
            "民警</",
            world.clerk.name,
            world.officer.name,
        ):
            assert inside not in page, inside


def test_the_answer_is_rated_once_and_the_second_time_politely_refused(client: Client, world: World) -> None:
    opinion, _code = heard(client, world)
    world.answered(opinion)
    sent = {"solved": "true", "satisfaction": "4", "comment": "很快，谢谢"}

    first = client.post("/public/case/rate/", sent, follow=True)
    second = client.post("/public/case/rate/", sent)

    assert "您的评价" in first.content.decode()
    assert "很快，谢谢" in first.content.decode()
    assert second.status_code == 409
    assert "您已评价过这次答复" in second.content.decode()
    assert "public-head" in second.content.decode()
    rating = Rating.objects.get()
    assert (rating.solved, rating.satisfaction, rating.asker) == (True, 4, opinion.askers.get())


@pytest.mark.parametrize(
    "sent",
    [{}, {"solved": "maybe", "satisfaction": "3"}, {"solved": "true", "satisfaction": "9"}, {"solved": "false"}],
)
def test_an_incomplete_rating_is_shown_again(client: Client, world: World, sent: dict[str, str]) -> None:
    opinion, _code = heard(client, world)
    world.answered(opinion)

    answer = client.post("/public/case/rate/", sent | {"comment": "这句话不能丢"})

    assert answer.status_code == 422
    assert "这句话不能丢" in answer.content.decode()
    assert not Rating.objects.exists()


def test_what_is_not_answered_cannot_be_rated_or_asked_for_again(client: Client, world: World) -> None:
    heard(client, world)

    for address, sent in (
        ("rate", {"solved": "true", "satisfaction": "5"}),
        ("again", {"reason": "还没有修好，请再看看"}),
    ):
        assert client.post(f"/public/case/{address}/", sent).status_code == 409
    assert not Rating.objects.exists()


def test_looking_at_the_pages_rates_nothing(client: Client, world: World) -> None:
    opinion, _code = heard(client, world)
    world.answered(opinion)

    assert client.get("/public/case/rate/?solved=true&satisfaction=5").status_code == 405
    client.get("/public/case/?solved=true&satisfaction=5")

    assert not Rating.objects.exists()


def test_it_is_asked_for_again_once_and_handled_again(client: Client, world: World) -> None:
    opinion, _code = heard(client, world)
    world.answered(opinion)

    first = client.post("/public/case/again/", {"reason": "灯又坏了，请再修一次"}, follow=True)
    second = client.post("/public/case/again/", {"reason": "灯又坏了，请再修一次"})

    assert "再办申请已收到" in first.content.decode()
    assert second.status_code == 409
    assert "不用重复申请" in second.content.decode()
    opinion.refresh_from_db()
    reopen_opinion(opinion, note="确实没修好", by=world.leader, now=world.later())
    page = client.get("/public/case/").content.decode()
    assert "正在重新办理" in page
    assert "上一次的答复" in page
    assert "确实没修好" not in page
    assert "请您评价" not in page


def test_a_wish_that_was_decided_is_not_asked_again_for_the_same_answer(client: Client, world: World) -> None:
    opinion, _code = heard(client, world)
    world.answered(opinion)
    client.post("/public/case/again/", {"reason": "灯又坏了，请再修一次"})
    opinion.refresh_from_db()
    opinions.close_opinion(opinion, note="已现场复核，灯是亮的", by=world.leader, now=world.later())

    assert "申请再办一次" not in client.get("/public/case/").content.decode()
    assert client.post("/public/case/again/", {"reason": "我还是不同意"}).status_code == 409


def test_an_officer_does_not_rate_from_a_citizens_page(client: Client, world: World) -> None:
    opinion, _code = heard(client, world)
    world.answered(opinion)
    client.force_login(world.clerk)

    answer = client.post("/public/case/rate/", {"solved": "true", "satisfaction": "5"})

    assert answer.status_code == 403
    assert not Rating.objects.exists()


def test_being_late_is_said_honestly(client: Client, world: World) -> None:
    opinion, _code = heard(client, world)
    Opinion.objects.filter(pk=opinion.pk).update(due_at=timezone.now() - timedelta(days=3))

    page = client.get("/public/case/").content.decode()

    assert "已经超过承诺的期限" in page
    assert "对不起" in page


def test_an_answer_that_came_late_stays_late_and_one_in_time_never_becomes_it(client: Client, world: World) -> None:
    opinion, _code = heard(client, world)
    world.closed(opinion)
    asker = opinion.askers.get()
    in_time = selectors.standing(asker, now=timezone.now() + timedelta(days=400))
    Opinion.objects.filter(pk=opinion.pk).update(due_at=opinion.due_at - timedelta(days=100))
    asker = Asker.objects.get(pk=asker.pk)
    late = selectors.standing(asker, now=timezone.now())

    assert in_time.days_late == 0
    assert late.days_late > 50
    assert late.is_answered


@pytest.fixture
def _one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries are counted by quarters of an hour: let none end meanwhile."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)


@pytest.mark.usefixtures("_one_moment")
def test_trying_too_often_is_slowed_down_for_that_place_alone(client: Client, world: World) -> None:
    opinion, code = heard(client, world)
    guesser = Client(REMOTE_ADDR="203.0.113.9")
    answers = [
        guesser.post("/public/track/", {"no": "YJ2026000001", "code": WRONG})
        for _try in range(services.MOST_FROM_ONE_PLACE + 5)
    ]

    assert [answer.status_code for answer in answers].count(404) == services.MOST_FROM_ONE_PLACE
    assert answers[-1].status_code == 429
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 900
    assert guesser.post("/public/track/", {"no": opinion.no, "code": code}).status_code == 429
    assert follow(Client(REMOTE_ADDR="203.0.113.10"), opinion.no, code).status_code == 200


@pytest.mark.usefixtures("_one_moment")
def test_headers_that_the_sender_adds_do_not_make_another_place(client: Client, world: World) -> None:
    statuses = [
        Client(REMOTE_ADDR="203.0.113.9", headers={"X-Forwarded-For": f"198.51.100.{n}"})
        .post("/public/track/", {"no": f"YJ{n}", "code": WRONG})
        .status_code
        for n in range(services.MOST_FROM_ONE_PLACE + 2)
    ]

    assert statuses[-2:] == [429, 429]


@pytest.mark.usefixtures("_one_moment")
def test_addresses_of_one_ipv6_network_are_one_place(client: Client, world: World) -> None:
    statuses = [
        Client(REMOTE_ADDR=f"2001:db8:1:2::{n:x}").post("/public/track/", {"no": f"YJ{n}", "code": WRONG}).status_code
        for n in range(1, services.MOST_FROM_ONE_PLACE + 3)
    ]

    assert statuses[-1] == 429


@pytest.mark.usefixtures("_one_moment")
def test_behind_a_proxy_the_address_that_it_saw_counts(client: Client, world: World, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    statuses = [
        Client(REMOTE_ADDR="127.0.0.1", headers={"X-Forwarded-For": f"1.1.1.{n}, 203.0.113.77"})
        .post("/public/track/", {"no": f"YJ{n}", "code": WRONG})
        .status_code
        for n in range(services.MOST_FROM_ONE_PLACE + 1)
    ]
    other = Client(REMOTE_ADDR="127.0.0.1", headers={"X-Forwarded-For": "203.0.113.78"})

    assert statuses[-1] == 429
    assert other.post("/public/track/", {"no": "YJ1", "code": WRONG}).status_code == 404


def test_guessing_at_a_number_from_everywhere_does_not_lock_its_owner_out(client: Client, world: World) -> None:
    opinion, code = heard(client, world)
    now = timezone.now()
    for n in range(services.MOST_ON_ONE_NUMBER + 20):
        services.follow(no=opinion.no, code=WRONG, place=f"place {n // 10}", now=now)

    assert services.follow(no=opinion.no, code=WRONG, place="place 0", now=now).wait
    assert services.follow(no=opinion.no, code=code, place="home", now=now).asker == opinion.askers.get()


@pytest.mark.usefixtures("_one_moment")
def test_a_right_pair_costs_no_try(client: Client, world: World) -> None:
    opinion, code = heard(client, world)
    for _look in range(services.MOST_FROM_ONE_PLACE * 2):
        assert follow(Client(), opinion.no, code).status_code == 200


def test_counts_are_forgotten_with_their_quarter_of_an_hour(client: Client, world: World) -> None:
    now = timezone.now()
    services.follow(no="YJ1", code=WRONG, place="here", now=now)
    services.follow(no="YJ1", code=WRONG, place="here", now=now + timedelta(minutes=16))

    assert not Tries.objects.filter(until__lt=now + timedelta(minutes=16)).exists()
    assert Tries.objects.count() == 2


def test_a_rating_that_comes_too_late_is_not_lost(client: Client, world: World) -> None:
    opinion, _code = heard(client, world)
    world.answered(opinion)
    rating = {"solved": "true", "satisfaction": "5", "comment": "第一次的话。"}
    assert client.post("/public/case/rate/", rating).status_code == 302
    again = client.post("/public/case/rate/", rating | {"comment": "后来又想说的话。"})
    page = again.content.decode()
    assert again.status_code == 409
    assert "您已评价过这次答复，谢谢。" in page
    assert "后来又想说的话。" in page
    assert "第一次的话。" in page

    assert client.post("/public/case/again/", {"reason": "灯又不亮了。"}).status_code == 302
    twice = client.post("/public/case/again/", {"reason": "灯又不亮了，请快来。"})
    assert twice.status_code == 409
    assert "灯又不亮了，请快来。" in twice.content.decode()
    assert "no-store" in twice.headers["Cache-Control"]
