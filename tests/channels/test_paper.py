"""Sheets of paper: numbered, handed out, typed back once, followed by the code that was torn off."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.channels.citizen import follow
from tests.world import World
from zoufang.channels.models import PaperSeries, PaperSheet
from zoufang.channels.paper import selectors, services
from zoufang.channels.paper.metrics import COLLECTED, HANDED_OUT, RETURN_RATE
from zoufang.channels.paper.services import TypedBefore, Written
from zoufang.channels.rules import grouped
from zoufang.kernel.clock import local_day
from zoufang.kernel.period import Period
from zoufang.kernel.refusal import Invalid, NotAllowed
from zoufang.metrics.engine import tabulate
from zoufang.opinions.models import Opinion
from zoufang.opinions.services import reveal_contact
from zoufang.organization.models import Officer

pytestmark = pytest.mark.django_db
SAID = Written(kind="OPINION", content="东门的路灯坏了两周，晚上走路不放心。")


def door(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer)
    return client


@pytest.fixture
def series(world: World) -> PaperSeries:
    return services.number_sheets(
        unit=world.station,
        occasion="两会驻地走访",
        source="SRC08",
        object_category="NPC",
        place="焦作迎宾馆",
        many=20,
        by=world.clerk,
        now=world.now,
    )


def sheet(series: PaperSeries, position: int = 1) -> PaperSheet:
    return series.sheets.select_related("series__unit").get(position=position)


def typed(sheet: PaperSheet, world: World, **facts: Any) -> dict[str, Any]:
    form = {"sheet": sheet.code, "kind": "OPINION", "content": SAID.content, "on": str(local_day(world.now))}
    return form | facts


def test_a_sheet_is_found_by_its_number_and_no_wrong_digit_finds_another(world: World, series: PaperSeries) -> None:
    one = sheet(series, 7)
    assert selectors.sheet_numbered(world.clerk, f" {one.code[:4]} {one.code[4:]}") == one
    for at in range(len(one.code)):
        other = one.code[:at] + str((int(one.code[at]) + 1) % 10) + one.code[at + 1 :]
        assert selectors.sheet_numbered(world.clerk, other) is None
    assert selectors.sheet_numbered(world.other_clerk, one.code) is None


def test_what_was_written_is_registered_as_the_series_says(world: World, series: PaperSeries) -> None:
    opinion = services.type_back(sheet(series), SAID, on=local_day(world.now), by=world.clerk, now=world.later())

    assert (opinion.source, opinion.object_category, opinion.heard_by) == ("SRC08", "NPC", world.station)
    assert opinion.place == "焦作迎宾馆"
    assert opinion.recorded_by == world.clerk
    assert opinion.topic.code.startswith(("A", "B"))
    page = door(world.clerk).get(f"/opinions/{opinion.no}/").content.decode()
    assert f"征求意见表 {sheet(series).code}" in page


def test_the_same_sheet_is_typed_once(world: World, series: PaperSeries) -> None:
    first = services.type_back(sheet(series), SAID, on=local_day(world.now), by=world.clerk, now=world.later())
    stale = sheet(series)
    stale.typed_at = None
    with pytest.raises(TypedBefore):
        services.type_back(stale, SAID, on=local_day(world.now), by=world.clerk, now=world.later())
    assert Opinion.objects.count() == 1

    answer = door(world.clerk).post("/paper/type/", typed(sheet(series), world))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "已经录入过" in page
    assert first.no in page
    assert SAID.content in page
    assert (
        f'href="/opinions/{first.no}/"'
        in door(world.clerk).get(f"/paper/sheet/?sheet={sheet(series).code}").content.decode()
    )


def test_one_sheet_after_the_other(world: World, series: PaperSeries) -> None:
    clerk = door(world.clerk)
    for position in (1, 2):
        answer = clerk.post("/paper/type/", typed(sheet(series, position), world, name="王女士", phone="13812345678"))
        assert answer.status_code == 302
        assert answer["Location"].startswith("/paper/type/?on=")
    page = clerk.get(answer["Location"]).content.decode()

    assert all(opinion.no in page for opinion in Opinion.objects.all())
    assert Opinion.objects.count() == 2
    told = reveal_contact(Opinion.objects.earliest("pk"), reason="回访", by=world.clerk, now=world.later())
    assert [one[:2] for one in told] == [("王女士", "13812345678")]


def test_whoever_wrote_follows_it_by_the_part_torn_off(world: World, series: PaperSeries) -> None:
    one = sheet(series)
    code = grouped(selectors.code_of(one))
    waits = follow(Client(), one.code, code)
    assert waits.status_code == 404
    assert "还没有录入" in waits.content.decode()
    assert "还没有录入" not in follow(Client(), one.code, "0" * 28).content.decode()

    opinion = services.type_back(one, SAID, on=local_day(world.now), by=world.clerk, now=world.later())

    for no in (one.code, f"{one.code[:4]} {one.code[4:]}", opinion.no):
        assert opinion.no in follow(Client(), no, code).content.decode()
    assert follow(Client(), sheet(series, 2).code, code).status_code == 404
    assert follow(Client(), one.code, grouped(selectors.code_of(sheet(series, 2)))).status_code == 404
    program = Client().post("/public/api/track", {"no": one.code, "code": code}, content_type="application/json")
    assert program.json()["no"] == opinion.no


def test_a_code_is_printed_until_the_sheet_comes_back_and_printing_is_on_record(
    world: World, series: PaperSeries
) -> None:
    clerk = door(world.clerk)
    address = f"/paper/series/{series.pk}/print/"
    both = clerk.post(address, {"first": 1, "last": 2}).content.decode()
    codes = [grouped(selectors.code_of(sheet(series, position))) for position in (1, 2)]
    assert all(code in both for code in codes)

    services.type_back(sheet(series, 1), SAID, on=local_day(world.now), by=world.clerk, now=world.later())

    again = clerk.post(address, {"first": 1, "last": 2}).content.decode()
    assert codes[0] not in again
    assert codes[1] in again
    refused = clerk.post(address, {"first": 1, "last": 1})
    assert refused.status_code == 422
    assert "不再打印" in refused.content.decode()
    assert door(world.officer).post(address, {"first": 1, "last": 2}).status_code == 404
    assert clerk.get(address).status_code == 405


def test_a_complaint_on_paper_goes_to_the_visit_office_and_leaves_the_typists_sight(
    world: World, series: PaperSeries
) -> None:
    clerk = door(world.clerk)
    about = typed(sheet(series), world, kind="COMPLAINT", complained_unit=world.station.code)

    page = clerk.post("/paper/type/", about, follow=True).content.decode()

    opinion = Opinion.objects.get()
    assert opinion.kind == "COMPLAINT"
    assert opinion.heard_by != world.station
    assert opinion.no not in page
    assert "由走访办受理" in page
    assert clerk.get(f"/opinions/{opinion.no}/").status_code == 404
    again = clerk.get(f"/paper/sheet/?sheet={sheet(series).code}").content.decode()
    assert opinion.no not in again
    assert opinion.no in door(world.visit_office).get(f"/opinions/{opinion.no}/").content.decode()


def test_handed_out_and_collected_are_counted(world: World, series: PaperSeries) -> None:
    yesterday = local_day(world.now) - timedelta(days=1)
    assert services.hand_out(series, first=1, last=10, on=yesterday, by=world.clerk, now=world.later()) == 10
    assert services.hand_out(series, first=9, last=12, on=yesterday, by=world.clerk, now=world.later()) == 2
    with pytest.raises(Invalid):
        services.hand_out(series, first=1, last=3, on=yesterday, by=world.clerk, now=world.later())
    services.type_back(sheet(series, 1), SAID, on=yesterday, by=world.clerk, now=world.later())
    services.collect_blank(sheet(series, 2), on=local_day(world.now), by=world.clerk, now=world.later())
    # It came back, so it was handed out, whether or not anybody noted it.
    services.type_back(sheet(series, 20), SAID, on=yesterday, by=world.clerk, now=world.later())

    days = Period(yesterday, local_day(world.now))
    table = tabulate([HANDED_OUT, COLLECTED, RETURN_RATE], [world.station], days)

    assert table[HANDED_OUT.code, world.station.pk] == 13
    assert table[COLLECTED.code, world.station.pk] == 3
    assert str(table[RETURN_RATE.code, world.station.pk]) == "23.1"
    assert table.rows_behind(COLLECTED.code, world.station.pk).count() == 3
    page = door(world.clerk).get("/paper/series/").content.decode()
    assert "两会驻地走访" in page


def test_days_that_cannot_be_are_refused(world: World, series: PaperSeries) -> None:
    today = local_day(world.now)
    services.hand_out(series, first=1, last=1, on=today, by=world.clerk, now=world.later())
    for on in (today + timedelta(days=1), today - timedelta(days=1)):
        with pytest.raises(Invalid):
            services.type_back(sheet(series), SAID, on=on, by=world.clerk, now=world.later())
    assert not Opinion.objects.exists()


def test_who_may_not_register_there_types_nothing(world: World, series: PaperSeries) -> None:
    for nobody in (world.other_clerk, world.officer, world.chief):
        with pytest.raises(NotAllowed):
            services.type_back(sheet(series), SAID, on=local_day(world.now), by=nobody, now=world.later())
    assert door(world.chief).get("/paper/type/").status_code == 403


def test_a_blank_sheet_has_nothing_written_on_it(world: World, series: PaperSeries) -> None:
    clerk = door(world.clerk)
    written = clerk.post("/paper/type/", typed(sheet(series), world, blank="1"))
    assert written.status_code == 422
    assert SAID.content in written.content.decode()

    blank = clerk.post("/paper/type/", typed(sheet(series), world, blank="1", content=""), follow=True)
    assert "空白表" in blank.content.decode()
    assert sheet(series).collected_at is not None
    assert not Opinion.objects.exists()
