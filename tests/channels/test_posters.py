"""A poster has a number for good; what is said there says where, and a complaint says nothing to that place."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.channels.citizen import said, say
from tests.world import World
from zoufang.channels import digits
from zoufang.channels.models import Arrival, Poster
from zoufang.channels.posters import services
from zoufang.channels.posters.metrics import SCANNED
from zoufang.channels.qr import qr_path
from zoufang.kernel.clock import local_day
from zoufang.kernel.period import Period
from zoufang.kernel.refusal import Conflict, NotAllowed, StaleState
from zoufang.metrics.engine import tabulate
from zoufang.opinions.models import Opinion
from zoufang.organization.models import Officer

pytestmark = pytest.mark.django_db


def door(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer)
    return client


@pytest.fixture
def poster(world: World) -> Poster:
    return services.number_doors([world.room], by=world.clerk, now=world.now)[0]


def test_every_wrong_digit_and_every_two_changed_places_are_seen() -> None:
    for number in (1001, 1234, 98765):
        right = digits.with_check(number)
        assert digits.number_in(right) == number
        for at, digit in enumerate(right):
            for other in "0123456789".replace(digit, ""):
                assert digits.number_in(right[:at] + other + right[at + 1 :]) is None
        for at in range(len(right) - 1):
            if right[at] != right[at + 1]:
                assert digits.number_in(right[:at] + right[at + 1] + right[at] + right[at + 2 :]) is None


@pytest.mark.parametrize("typed", ["", "x", "１２３４", "12 34", "-1", "²³", "9" * 40, "甲\x00乙", "1.0"])
def test_what_is_no_number_is_none(typed: str) -> None:
    assert digits.number_in(typed) is None or digits.with_check(digits.number_in(typed) or 0) == digits.plain(typed)


def test_a_number_typed_in_full_width_or_with_spaces_is_the_same() -> None:
    right = digits.with_check(1234)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in right)
    assert digits.number_in(wide) == digits.number_in(f"{right[:2]} {right[2:]}") == 1234


def test_a_door_keeps_its_number_however_often_it_is_printed(world: World, poster: Poster) -> None:
    again = services.number_doors([world.room, world.station], by=world.clerk, now=world.later())

    assert {one.no for one in again if one.unit == world.room} == {poster.no}
    assert Poster.objects.count() == 2


def test_only_who_keeps_the_door_gives_it_a_number(world: World) -> None:
    for nobody in (world.officer, world.other_clerk, world.chief):
        with pytest.raises(NotAllowed):
            services.number_doors([world.room], by=nobody, now=world.now)
    assert not Poster.objects.exists()


def test_a_window_has_one_number_until_it_is_taken_down(world: World) -> None:
    first = services.open_window(unit=world.station, window="户籍窗口", by=world.clerk, now=world.now)
    with pytest.raises(Conflict, match=first.no):
        services.open_window(unit=world.station, window="户籍窗口", by=world.clerk, now=world.later())

    services.take_down(first, by=world.clerk, now=world.later())
    with pytest.raises(StaleState):
        services.take_down(first, by=world.clerk, now=world.later())
    second = services.open_window(unit=world.station, window="户籍窗口", by=world.clerk, now=world.later())
    assert second.no != first.no


def test_all_rooms_of_a_station_are_chosen_and_printed_at_once(world: World) -> None:
    window = services.open_window(
        unit=world.station, window="户籍窗口", window_en="Household registration", by=world.clerk, now=world.now
    )
    clerk = door(world.clerk)

    answer = clerk.post(
        "/posters/",
        {"doors": [world.station.code, world.room.code], "windows": [window.pk], "size": "card"},
        follow=True,
    )

    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count('<article class="poster">') == 3
    assert "东焦作警务室" in page
    assert "户籍窗口" in page
    assert "Household registration" in page
    for poster in Poster.objects.all():
        _width, path = qr_path(f"http://testserver/p/{poster.no}/")
        assert path in page
        assert f"testserver/p/{poster.no}" in page


def test_the_address_of_the_citizens_site_is_printed_where_one_is_set(
    world: World, poster: Poster, settings: object
) -> None:
    settings.PUBLIC_URL = "https://say.example.org"  # type: ignore[attr-defined]

    page = door(world.clerk).get(f"/posters/print/?no={poster.no}").content.decode()

    assert qr_path(f"https://say.example.org/p/{poster.no}/")[1] in page
    assert f"say.example.org/p/{poster.no}" in page


def test_nothing_chosen_prints_nothing_and_says_so(world: World) -> None:
    answer = door(world.clerk).post("/posters/", {"size": "a4"})

    assert answer.status_code == 422
    assert "请至少选一处" in answer.content.decode()
    assert not Poster.objects.exists()


def test_who_scans_finds_the_place_filled_in_and_the_opinion_says_where(world: World, poster: Poster) -> None:
    citizen = Client()
    page = citizen.get(f"/p/{poster.no}/", follow=True).content.decode()
    assert "您扫的是：东焦作警务室" in page
    assert f'value="{world.room.code}" selected' in page

    opinion, _code = say(citizen, poster=poster.no, unit=world.room.code)

    assert Arrival.objects.get(opinion=opinion).poster == poster
    assert opinion.heard_by == world.room
    shown = door(world.clerk).get(f"/opinions/{opinion.no}/").content.decode()
    assert f"扫意见码 {poster.no}" in shown


def test_a_wrong_number_leads_on_and_loses_nothing(world: World, poster: Poster) -> None:
    wrong = poster.no[:-1] + str((int(poster.no[-1]) + 1) % 10)

    answer = Client().get(f"/p/{wrong}/")
    assert answer.status_code == 404
    assert "没有这个号码" in answer.content.decode()

    opinion, _code = say(Client(), poster=wrong)
    assert not Arrival.objects.filter(opinion=opinion).exists()


def test_a_photograph_of_what_was_taken_down_still_leads_to_its_unit(world: World) -> None:
    window = services.open_window(unit=world.station, window="户籍窗口", by=world.clerk, now=world.now)
    services.take_down(window, by=world.clerk, now=world.later())

    assert "星河派出所" in Client().get(f"/p/{window.no}/", follow=True).content.decode()
    assert door(world.clerk).get(f"/posters/print/?no={window.no}").status_code == 404


def test_a_complaint_by_a_poster_is_told_by_no_figure_of_that_place(world: World, poster: Poster) -> None:
    say(Client(), poster=poster.no, unit=world.room.code)
    say(Client(), poster=poster.no, kind="COMPLAINT", complained_unit=world.station.code)
    assert Arrival.objects.count() == 2

    today = local_day(timezone.now())
    table = tabulate([SCANNED], [world.station, world.bureau], Period(today - timedelta(days=1), today))

    assert table[SCANNED.code, world.station.pk] == 1
    assert table[SCANNED.code, world.bureau.pk] == 1
    page = door(world.clerk).get("/posters/").content.decode()
    assert "1 条意见" in page
    assert Opinion.objects.get(kind="COMPLAINT").no not in page


def test_a_program_names_the_poster_too(world: World, poster: Poster) -> None:
    sent = {name: value for name, value in said(poster=poster.no).items() if name != "contact"}

    answer = Client().post("/public/api/opinions", sent, content_type="application/json")

    assert answer.status_code == 201
    assert Arrival.objects.get().poster == poster
