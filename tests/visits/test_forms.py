"""What is typed or sent about a visit: every field refuses what it cannot mean, in words."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

import pytest

from tests.world import World
from zoufang.opinions.vocabulary import Kind
from zoufang.organization.models import Role
from zoufang.visits.forms import VisitForm, VoidForm, errors_of, opinion_rows, posted
from zoufang.visits.services import record_visit
from zoufang.visits.vocabulary import Mode, ModeGroup

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return World()


def said(world: World, **facts: Any) -> dict[str, Any]:
    return {
        "uid": str(uuid4()),
        "unit": world.room.code,
        "visited_at": (world.now - timedelta(hours=2)).isoformat(),
        "mode": "F1",
        "object_category": "RES",
        "headcount": "3",
        "theme": "T2",
        "officers": [world.officer.username],
    } | facts


def form_of(world: World, **facts: Any) -> VisitForm:
    return VisitForm(said(world, **facts), by=world.officer, now=world.now)


def test_a_well_filled_form_is_what_the_service_takes(world: World) -> None:
    form = form_of(world)
    assert form.is_valid(), form.errors
    _visit, created = record_visit(**form.cleaned_data, by=world.officer, now=world.now)
    assert created


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("uid", ""),
        ("uid", "not-a-uuid"),
        ("uid", "00000000-0000-0000-0000-00000000000g"),
        ("unit", ""),
        ("unit", "410800550000"),
        ("unit", "no such unit"),
        ("unit", "\x00"),
        ("visited_at", ""),
        ("visited_at", "yesterday"),
        ("visited_at", "2026-02-30T10:00"),
        ("visited_at", "2099-01-01T10:00"),
        ("visited_at", "9999-12-31T23:59:59-12:00"),
        ("visited_at", "0001-01-01T00:00"),
        ("visited_at", "1999-01-01T00:00"),
        ("mode", ""),
        ("mode", "F9"),
        ("mode", "f1"),
        ("object_category", ""),
        ("object_category", "重点人员"),
        ("theme", ""),
        ("theme", "T5"),
        ("headcount", ""),
        ("headcount", "0"),
        ("headcount", "-1"),
        ("headcount", "10000"),
        ("headcount", "1.5"),
        ("headcount", "many"),
        ("headcount", "99999999999999999999"),
        ("officers", []),
        ("officers", ["nobody"]),
        ("officers", ["other_clerk"]),
        ("place", "长" * 81),
        ("place", "电话 13812345678"),
        ("place", "\x00"),
        ("question", "长" * 201),
        ("summary", "长" * 2001),
        ("summary", "证件号 11010519491231002X"),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(world: World, field: str, value: Any) -> None:
    assert world.other_clerk.pk
    form = form_of(world, **{field: value})
    assert not form.is_valid()
    assert list(form.errors) == [field]


def test_an_old_visit_may_be_entered_within_the_bound(world: World, settings: Any) -> None:
    settings.VISIT_ENTRY_DAYS = 3
    assert form_of(world, visited_at=(world.now - timedelta(days=2)).isoformat()).is_valid()
    late = form_of(world, visited_at=(world.now - timedelta(days=4)).isoformat())
    assert list(late.errors) == ["visited_at"]


def test_a_resend_is_not_asked_rules_that_have_changed_since(world: World, settings: Any) -> None:
    data = said(world)
    form = VisitForm(data, by=world.officer, now=world.now)
    assert form.is_valid()
    first, _ = record_visit(**form.cleaned_data, by=world.officer, now=world.now)

    settings.VISIT_ENTRY_DAYS = 1
    now = world.later(days=30)
    world.officer.duties.all().delete()
    del world.officer.duties_held
    again = VisitForm(data, by=world.officer, now=now)
    assert again.is_valid(), again.errors
    assert record_visit(**again.cleaned_data, by=world.officer, now=now) == (first, False)


def test_an_offset_or_a_local_time_name_the_same_moment(world: World) -> None:
    moments = set()
    for text in ("2026-03-01T10:00", "2026-03-01T10:00:00+08:00", "2026-03-01T02:00:00Z"):
        form = form_of(world, visited_at=text)
        assert form.is_valid(), form.errors
        moments.add(form.cleaned_data["visited_at"])
    assert moments == {datetime(2026, 3, 1, 2, tzinfo=UTC)}


def test_a_browsers_line_breaks_make_no_other_body(world: World) -> None:
    forms = [form_of(world, summary=f"第一行{end}第二行") for end in ("\r\n", "\n", "\r")]
    assert all(form.is_valid() for form in forms)
    assert {form.cleaned_data["summary"] for form in forms} == {"第一行\n第二行"}


def test_an_empty_form_proposes_here_now_and_me(world: World) -> None:
    form = VisitForm(by=world.officer, now=world.now)
    form.offer_choices()
    assert form["unit"].value() == world.room.code
    assert form["officers"].value() == [world.officer.username]
    assert form["headcount"].value() == 1
    assert form["visited_at"].value() == "2026-03-02T09:00" or form.initial["visited_at"] == world.now


def test_the_kind_of_visit_is_never_assumed_but_offered_from_last_time(world: World) -> None:
    form = VisitForm(by=world.officer, now=world.now)
    assert form.last_time() is None
    online = {"mode": "K4", "object_category": "NET", "theme": "T4"}
    first = form_of(world, **online)
    assert first.is_valid(), first.errors
    record_visit(**first.cleaned_data, by=world.officer, now=world.now)

    form = VisitForm(by=world.officer, now=world.now)
    assert [form[name].value() for name in online] == [None, None, None]
    again = form.last_time()
    assert again is not None
    assert again.words == "微博 · 网民 · 治安状况"
    assert dict(parse_qsl(again.query)) == online
    assert VisitForm(by=world.clerk, now=world.now).last_time() is None


def test_the_officers_offered_are_near_the_unit_and_others_still_accepted(world: World) -> None:
    near = world.make_officer("near", world.room, Role.OFFICER)
    assert world.leader.pk
    form = VisitForm(by=world.officer, now=world.now)
    form.offer_choices()
    offered = [name for name, _label in form.fields["officers"].choices]  # type: ignore[attr-defined]
    assert offered[:2] == [world.officer.username, near.username]
    form = form_of(world, officers=[world.officer.username, world.leader.username])
    assert form.is_valid(), form.errors
    form.offer_choices()
    assert world.leader.username in [name for name, _label in form.fields["officers"].choices]  # type: ignore[attr-defined]


def test_who_records_for_others_is_not_offered_as_having_been_there(world: World) -> None:
    assert world.officer.pk
    data = {"unit": world.room.code, "officers": [world.visit_office.username]}
    form = VisitForm(by=world.visit_office, now=world.now, initial=data)
    form.offer_choices()
    assert [name for name, _label in form.fields["officers"].choices] == ["officer"]  # type: ignore[attr-defined]


def test_every_mode_stands_in_a_group() -> None:
    assert {mode.group for mode in Mode} == set(ModeGroup)


def rows_of(*opinions: dict[str, Any], program: bool = False) -> Any:
    return opinion_rows(posted({}, opinions), every_row_counts=program)


GOOD = {"kind": "OPINION", "topic": "A6", "content": "东门路灯坏了两周。"}


def test_a_row_left_as_offered_is_no_opinion(world: World) -> None:
    rows = rows_of(GOOD, {})
    assert rows.is_valid(), rows.errors
    assert [one.content for one in rows.heard()] == ["东门路灯坏了两周。"]
    rows = rows_of(GOOD, {}, program=True)
    assert not rows.is_valid()
    assert "opinions.1.topic" in errors_of(form_of(world), rows)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "PETITION"),
        ("topic", ""),
        ("topic", "A"),
        ("topic", "Z9"),
        ("content", ""),
        ("content", "短"),
        ("content", "长" * 4001),
        ("content", "打我电话 13812345678 细说"),
        ("place", "长" * 81),
        ("complained_unit", "410800570000"),
        ("complained_unit", "nowhere"),
    ],
)
def test_a_wrong_opinion_is_refused_at_its_field(world: World, field: str, value: Any) -> None:
    rows = rows_of(GOOD, GOOD | {field: value})
    assert not rows.is_valid()
    assert list(rows.errors[0]) == []
    assert list(rows.errors[1]) == [field]


def test_a_complaint_names_the_unit_complained_about(world: World) -> None:
    rows = rows_of(GOOD | {"kind": Kind.COMPLAINT, "complained_unit": world.station.code})
    assert rows.is_valid(), rows.errors
    assert rows.heard()[0].complained_unit == world.station


def test_at_most_twenty_opinions_are_taken(world: World) -> None:
    assert rows_of(*[GOOD] * 20, program=True).is_valid()
    many = rows_of(*[GOOD] * 21, program=True)
    assert not many.is_valid()
    assert "opinions" in errors_of(form_of(world), many)
    assert not rows_of(*[GOOD] * 2000, program=True).is_valid()


@pytest.mark.parametrize("total", ["", "-1", "many", "99999999"])
def test_a_broken_row_count_is_refused(world: World, total: str) -> None:
    data = posted({}, [GOOD]) | {"opinions-TOTAL_FORMS": total}
    assert not opinion_rows(data).is_valid()


@pytest.mark.parametrize("reason", ["", "   ", "重复", "长" * 201, "见 13812345678"])
def test_a_void_needs_a_reason_in_words(reason: str) -> None:
    assert not VoidForm({"reason": reason}).is_valid()
    assert VoidForm({"reason": "同一走访重复录入"}).is_valid()


def test_an_account_that_no_database_can_hold_is_not_among_the_officers(world: World) -> None:
    form = form_of(world, officers=["甲\x00乙"], unit="甲\x00乙")
    assert not form.is_valid()
    assert {"officers", "unit"} <= form.errors.keys()
    form = form_of(world, officers=["甲\x00乙"])
    assert not form.is_valid()
    form.offer_choices()
    assert "officers" in form.errors
