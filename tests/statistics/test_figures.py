"""Figures that are typed in: two people, one document, no rows, and never a change without a trace."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from tests.world import World
from zoufang.audit.models import AuditRecord
from zoufang.kernel.period import Period
from zoufang.kernel.refusal import Conflict, Invalid, NotAllowed, StaleState
from zoufang.metrics.engine import tabulate
from zoufang.statistics.catalogue import CATALOGUE
from zoufang.statistics.models import ReportedFigure
from zoufang.statistics.services import approve_figure, reject_figure, report_figure

FEBRUARY = Period(date(2026, 2, 1), date(2026, 2, 28))
CODE = "criminal_cases_solved"
Browser = Callable[[Any], Client]


def reported(world: World, **facts: Any) -> ReportedFigure:
    usual: dict[str, Any] = {
        "code": CODE,
        "unit": world.station,
        "period": FEBRUARY,
        "value": 7,
        "source_doc": "专项行动战果统计表（2月）",
        "by": world.clerk,
        "now": world.later(),
    }
    return report_figure(**(usual | facts))


def counted(world: World, period: Period = FEBRUARY) -> Any:
    metric = CATALOGUE.get(f"reported.{CODE}")
    return tabulate([metric], [world.station], period)[metric.code, world.station.pk]


def test_a_figure_counts_only_once_another_person_approved_it(world: World) -> None:
    figure = reported(world)
    assert counted(world) is None
    approve_figure(figure, by=world.leader, now=world.later())
    assert counted(world) == 7


def test_a_figure_counts_only_for_exactly_its_days(world: World) -> None:
    approve_figure(reported(world), by=world.leader, now=world.later())
    assert counted(world, Period(date(2026, 2, 1), date(2026, 2, 27))) is None
    assert counted(world, FEBRUARY.as_of) is None


def test_nobody_approves_their_own_figure(world: World) -> None:
    both = world.visit_office
    figure = reported(world, unit=world.bureau, by=both)
    with pytest.raises(NotAllowed):
        approve_figure(figure, by=both, now=world.later())


def test_the_database_refuses_an_approval_by_the_reporter(world: World) -> None:
    figure = reported(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportedFigure.objects.filter(pk=figure.pk).update(approved_by=world.clerk, approved_at=world.later())


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": -1},
        {"value": 3_000_000_000},
        {"source_doc": "  "},
        {"code": "no_such_figure"},
        {"period": Period(None, date(2026, 2, 28))},
        {"period": Period(date(2026, 2, 1), date(2030, 1, 1))},
    ],
)
def test_a_figure_that_makes_no_sense_is_refused(world: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        reported(world, **wrong)


def test_a_constable_may_not_report_and_a_neighbour_may_not_approve(world: World) -> None:
    with pytest.raises(NotAllowed):
        reported(world, by=world.officer)
    figure = reported(world)
    with pytest.raises(NotAllowed):
        approve_figure(figure, by=world.other_leader, now=world.later())


def test_only_one_figure_waits_for_the_same_days(world: World) -> None:
    reported(world)
    with pytest.raises(Conflict):
        reported(world, value=8)


def test_a_correction_replaces_the_figure_and_keeps_it_on_record(world: World) -> None:
    first = reported(world)
    approve_figure(first, by=world.leader, now=world.later())
    second = reported(world, value=9)
    assert counted(world) == 7
    approve_figure(second, by=world.leader, now=world.later())
    assert counted(world) == 9
    first.refresh_from_db()
    assert first.state is ReportedFigure.State.SUPERSEDED


def test_a_rejected_figure_never_counts_and_says_why(world: World) -> None:
    figure = reported(world)
    reject_figure(figure, reason="与文件不符", by=world.leader, now=world.later())
    assert counted(world) is None
    figure.refresh_from_db()
    assert figure.reject_reason == "与文件不符"
    with pytest.raises(StaleState):
        approve_figure(figure, by=world.leader, now=world.later())


def test_who_reported_it_may_take_it_back(world: World) -> None:
    figure = reported(world)
    reject_figure(figure, reason="填错单位", by=world.clerk, now=world.later())
    assert figure.state is ReportedFigure.State.REJECTED
    with pytest.raises(NotAllowed):
        reject_figure(reported(world), reason="x", by=world.other_clerk, now=world.later())


def test_of_two_decisions_one_is_told_politely(world: World) -> None:
    figure = reported(world)
    approve_figure(ReportedFigure.objects.get(pk=figure.pk), by=world.leader, now=world.later())
    with pytest.raises(StaleState):
        reject_figure(figure, reason="晚了一步", by=world.leader, now=world.later())
    assert counted(world) == 7


def test_every_step_is_on_record(world: World) -> None:
    figure = reported(world)
    approve_figure(figure, by=world.leader, now=world.later())
    steps = AuditRecord.objects.filter(object_type="reported_figure", object_id=str(figure.pk)).order_by("at")
    assert [(step.action, step.by) for step in steps] == [
        ("figure.report", world.clerk),
        ("figure.approve", world.leader),
    ]


def test_a_figure_goes_from_the_form_to_the_dashboard(world: World, browser: Browser) -> None:
    clerk, leader = browser(world.clerk), browser(world.leader)
    form = {
        "code": CODE,
        "unit": world.station.pk,
        "period_from": "2026-02-01",
        "period_to": "2026-02-28",
        "value": "12",
        "source_doc": "战果统计表",
    }
    answered = clerk.post("/statistics/figures/new/", form)
    assert answered.status_code == 302
    page = answered["Location"]
    assert clerk.post(f"{page}approve/").status_code == 403
    assert leader.get("/statistics/").context["to_approve"] == 1
    assert leader.post(f"{page}approve/").status_code == 302
    asked = {"unit": world.station.code, "from": "2026-02-01", "to": "2026-02-28"}
    board = leader.get("/statistics/", asked).context["board"]
    assert [(card.metric.code, card.figure.value) for card in board.reported] == [(f"reported.{CODE}", 12)]


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("value", "-3"),
        ("value", "很多"),
        ("source_doc", "身份证 11010519491231002X"),
        ("period_from", ""),
        ("period_to", "x"),
        ("code", "none"),
        ("unit", "0"),
        ("unit", "\0"),
    ],
)
def test_a_wrong_form_comes_back_with_the_reason(world: World, browser: Browser, name: str, word: str) -> None:
    form = {
        "code": CODE,
        "unit": world.station.pk,
        "period_from": "2026-02-01",
        "period_to": "2026-02-28",
        "value": "12",
        "source_doc": "战果统计表",
    }
    answered = browser(world.clerk).post("/statistics/figures/new/", form | {name: word})
    assert answered.status_code == 422
    assert not ReportedFigure.objects.exists()


def test_a_waiting_figure_of_another_unit_does_not_exist_for_me(world: World, browser: Browser) -> None:
    figure = reported(world)
    neighbour = browser(world.other_clerk)
    assert neighbour.get(f"/statistics/figures/{figure.pk}/").status_code == 404
    assert neighbour.post(f"/statistics/figures/{figure.pk}/reject/", {"reason": "x"}).status_code == 404
    approve_figure(figure, by=world.leader, now=world.later())
    assert neighbour.get(f"/statistics/figures/{figure.pk}/").status_code == 200
    assert "专项行动战果统计表" in neighbour.get("/statistics/figures/").content.decode()


def test_a_refused_figure_comes_back_as_typed(world: World, browser: Browser) -> None:
    reported(world)
    form = {
        "code": CODE,
        "unit": world.station.pk,
        "period_from": "2026-02-01",
        "period_to": "2026-02-28",
        "value": "4312",
        "source_doc": "战果统计表（更正）",
    }
    answer = browser(world.clerk).post("/statistics/figures/new/", form)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert 'role="alert"' in page
    assert "正在等待审批" in page
    for typed in ("4312", "2026-02-01", "战果统计表（更正）"):
        assert f'value="{typed}"' in page
    assert ReportedFigure.objects.count() == 1


def test_a_reason_that_comes_too_late_is_not_lost(world: World, browser: Browser) -> None:
    figure = reported(world)
    approve_figure(ReportedFigure.objects.get(pk=figure.pk), by=world.leader, now=world.later())
    answer = browser(world.leader).post(f"/statistics/figures/{figure.pk}/reject/", {"reason": "与文件不符，请核对"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "与文件不符，请核对" in page
    assert 'name="reason"' not in page
