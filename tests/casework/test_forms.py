"""Every field of every form refuses what it cannot mean, at its place."""

from datetime import timedelta
from typing import Any

import pytest

from tests.casework.makers import dispute, petition
from tests.world import World
from zoufang.casework import forms, services

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return World()


def petition_row(world: World, **facts: Any) -> dict[str, Any]:
    return {
        "no": "省交-1",
        "level": "PROVINCE",
        "is_backlog": "on",
        "subject": "反映办案期限过长",
        "unit": world.station.code,
        "assigned_at": "2026-02-01T09:00",
    } | facts


def dispute_row(world: World, **facts: Any) -> dict[str, Any]:
    return {"no": "D-1", "category": "DS02", "unit": world.station.code, "found_at": "2026-02-01T09:00"} | facts


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("no", "长" * 41),
        ("no", "\x00"),
        ("level", ""),
        ("level", "X"),
        ("subject", ""),
        ("subject", "短"),
        ("subject", "长" * 201),
        ("subject", "张某 13812345678 反映"),
        ("unit", ""),
        ("unit", "410800550000"),
        ("assigned_at", ""),
        ("assigned_at", "x"),
        ("assigned_at", "2030-01-01T00:00"),
        ("due_on", "x"),
        ("due_on", "2026-01-01"),
        ("batch", "长" * 41),
        ("leader", "nobody"),
        ("leader", "other_clerk"),
        ("responsible", "other_clerk"),
        ("closed_at", "x"),
    ],
)
def test_a_wrong_petition_is_refused_at_its_field(world: World, field: str, value: str) -> None:
    assert world.other_clerk.pk
    form = forms.PetitionImportForm(petition_row(world, **{field: value}), by=world.clerk, now=world.now)
    assert not form.is_valid()
    assert list(form.errors) == [field]


@pytest.mark.parametrize(
    ("facts", "wrong"),
    [
        ({"closed_at": "2026-02-02T09:00"}, ["result", "responsible"]),
        ({"closed_at": "2026-01-02T09:00", "result": "已办结", "responsible": "leader"}, ["closed_at"]),
        ({"closed_at": "2030-01-02T09:00", "result": "已办结", "responsible": "leader"}, ["closed_at"]),
        ({"result": "已办结"}, ["closed_at"]),
    ],
)
def test_an_imported_closure_is_whole_or_refused(world: World, facts: dict[str, str], wrong: list[str]) -> None:
    assert world.leader.pk
    form = forms.PetitionImportForm(petition_row(world, **facts), by=world.clerk, now=world.now)
    assert list(form.errors) == wrong


def test_a_well_filled_row_is_what_the_service_takes(world: World) -> None:
    assert world.leader.pk
    row = petition_row(
        world, responsible="leader", closed_at="2026-02-20T09:00", result="已办结并送达", due_on="2026-03-31"
    )
    form = forms.PetitionImportForm(row, by=world.clerk, now=world.now)
    assert form.is_valid(), form.errors
    case, created = services.take_in_petition(**form.cleaned_data, by=world.clerk, now=world.now)
    assert created
    assert case.closed_at is not None
    row = dispute_row(
        world, responsible="leader", resolved_at="2026-02-20T09:00", result="签订协议", due_on="2026-03-31"
    )
    dispute_form = forms.DisputeImportForm(row, by=world.clerk, now=world.now)
    assert dispute_form.is_valid(), dispute_form.errors
    found, created = services.take_in_dispute(**dispute_form.cleaned_data, by=world.clerk, now=world.now)
    assert created
    assert found.resolved_at is not None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("no", ""),
        ("category", ""),
        ("category", "DS13"),
        ("screening_round", "长" * 41),
        ("found_at", ""),
        ("found_at", "2030-01-01T00:00"),
        ("unit", "nowhere"),
        ("place", "长" * 81),
        ("summary", "长" * 501),
        ("summary", "证件号 11010519491231002X"),
        ("due_on", "2026-01-01"),
        ("due_on", "x"),
        ("responsible", "other_clerk"),
        ("resolved_at", "x"),
        ("result", "长" * 2001),
    ],
)
def test_a_wrong_dispute_is_refused_at_its_field(world: World, field: str, value: str) -> None:
    assert world.other_clerk.pk
    form = forms.DisputeImportForm(dispute_row(world, **{field: value}), by=world.clerk, now=world.now)
    assert not form.is_valid()
    assert list(form.errors) == [field]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar_break_nothing(world: World, day: str) -> None:
    for form in (
        forms.PetitionForm(petition_row(world, due_on=day), by=world.clerk, now=world.now),
        forms.DisputeForm(dispute_row(world, due_on=day), by=world.clerk, now=world.now),
        forms.ExtendPetitionForm({"extended_on": day, "reason": "情况复杂"}, case=petition(world), now=world.now),
        forms.AssignDisputeForm({"due_on": day, "responsible": "x"}, case=dispute(world), now=world.now),
    ):
        form.is_valid()


def test_steps_refuse_what_they_cannot_mean(world: World) -> None:
    case, found, now = petition(world), dispute(world), world.now
    assert world.other_clerk.pk
    too_late = (case.due_at + timedelta(days=31)).date().isoformat()
    wrong: list[tuple[Any, dict[str, str], str]] = [
        (forms.AssignPetitionForm, {"responsible": ""}, "responsible"),
        (forms.AssignPetitionForm, {"responsible": "other_clerk"}, "responsible"),
        (forms.ExtendPetitionForm, {"extended_on": too_late, "reason": "情况复杂"}, "extended_on"),
        (forms.ExtendPetitionForm, {"extended_on": "2026-01-01", "reason": "情况复杂"}, "extended_on"),
        (forms.PetitionReasonForm, {"reason": "短"}, "reason"),
        (forms.ClosePetitionForm, {"result": ""}, "result"),
        (forms.ClosePetitionForm, {"result": "已办结", "closed_at": "2030-01-01T00:00"}, "closed_at"),
    ]
    for form_class, data, field in wrong:
        form = form_class(data, case=case, now=now)
        assert field in form.errors, (form_class, data)
    for form_class, data, field in [
        (forms.AssignDisputeForm, {"responsible": "other_clerk"}, "responsible"),
        (forms.AssignDisputeForm, {"responsible": "x", "due_on": "2020-01-01"}, "due_on"),
        (forms.ResolveDisputeForm, {"result": "见 13812345678"}, "result"),
        (forms.ResolveDisputeForm, {"result": "签订协议", "resolved_at": "2020-01-01T00:00"}, "resolved_at"),
        (forms.ReopenDisputeForm, {"reason": ""}, "reason"),
    ]:
        form = form_class(data, case=found, now=now)
        assert field in form.errors, (form_class, data)
