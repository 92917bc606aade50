"""Tables kept under a name: who may open whose, and that only choices are kept."""

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World
from zoufang.audit.models import AuditRecord
from zoufang.kernel.refusal import Conflict, NotAllowed
from zoufang.organization.models import Role, Unit
from zoufang.statistics import selectors, services
from zoufang.statistics.models import SavedTable
from zoufang.statistics.periods import running_period

Browser = Callable[[Any], Client]
CHOICES = {
    "unit": ["410800570000"],
    "from": ["2026-01-01"],
    "to": ["2026-03-31"],
    "lines": ["children"],
    "columns": ["month"],
    "metric": ["opinions.heard", "opinions.closure_rate"],
}


def kept(world: World, by: Any, shared_with: Unit | None = None, **facts: Any) -> SavedTable:
    usual: dict[str, Any] = {"name": "每月意见", "choices": CHOICES, "span": "FIXED"}
    return services.save_table(**(usual | facts), shared_with=shared_with, by=by, now=world.later())


def seen(viewer: Any) -> list[SavedTable]:
    return list(selectors.saved_tables_seen_by(viewer))


def test_a_table_is_its_owners_until_it_is_shared(world: World) -> None:
    table = kept(world, world.clerk)
    assert seen(world.clerk) == [table]
    for other in (world.leader, world.officer, world.other_clerk, world.visit_office, world.chief, world.auditor):
        assert seen(other) == []


def test_a_shared_table_is_open_to_those_of_the_unit_and_below(world: World) -> None:
    table = kept(world, world.clerk, world.station)
    for member in (world.clerk, world.leader, world.officer):
        assert seen(member) == [table]
    for other in (world.other_clerk, world.visit_office, world.chief):
        assert seen(other) == []


def test_a_table_of_the_bureau_is_open_to_all_who_read_statistics(world: World) -> None:
    table = kept(world, world.visit_office, world.bureau)
    evaluator = world.make_officer("evaluator", world.unit("走访办"), (Role.EVALUATOR, world.bureau))
    for reader in (world.officer, world.clerk, world.other_clerk, world.chief, world.inspector, evaluator):
        assert seen(reader) == [table]
    assert seen(world.auditor) == []


@pytest.mark.parametrize(("who", "unit"), [("officer", "room"), ("clerk", "bureau"), ("clerk", "other_station")])
def test_nobody_shares_beyond_their_duty(world: World, who: str, unit: str) -> None:
    with pytest.raises(NotAllowed):
        kept(world, getattr(world, who), getattr(world, unit))
    assert not SavedTable.objects.exists()


def test_only_the_owner_changes_and_deletes(world: World) -> None:
    table = kept(world, world.clerk, world.station)
    with pytest.raises(NotAllowed):
        services.change_saved_table(
            table, name="改名", span="FIXED", shared_with=None, by=world.leader, now=world.later()
        )
    with pytest.raises(NotAllowed):
        services.delete_saved_table(table, by=world.leader, now=world.later())
    services.change_saved_table(
        table, name="改名", span="THIS_YEAR", shared_with=None, by=world.clerk, now=world.later()
    )
    assert seen(world.leader) == []
    services.delete_saved_table(table, by=world.clerk, now=world.later())
    assert not SavedTable.objects.exists()
    done = AuditRecord.objects.filter(object_type="saved_table").order_by("at").values_list("action", flat=True)
    assert list(done) == ["saved_table.save", "saved_table.change", "saved_table.delete"]


def test_two_tables_of_one_owner_have_two_names(world: World) -> None:
    kept(world, world.clerk)
    with pytest.raises(Conflict):
        kept(world, world.clerk)
    assert kept(world, world.leader).name == "每月意见"


def test_a_copy_is_ones_own_and_shared_with_nobody(world: World) -> None:
    table = kept(world, world.visit_office, world.bureau, name="长" * 40)
    copies = [services.copy_saved_table(table, by=world.officer, now=world.later()) for _again in range(3)]
    assert len({copy.name for copy in copies}) == 3
    assert all(len(copy.name) <= 40 for copy in copies)
    assert {(copy.owner, copy.shared_with) for copy in copies} == {(world.officer, None)}
    assert copies[0].choices == CHOICES


def test_a_table_is_saved_opened_shared_copied_and_deleted_in_the_browser(world: World, browser: Browser) -> None:
    page = browser(world.clerk)
    asked = "/statistics/pivot/save/?unit=410800570000&from=2026-01-01&to=2026-03-31&lines=topic&columns=month&metric=opinions.heard"
    assert "征求意见建议" in page.get(asked).content.decode()
    answered = page.post(asked, {"name": "主题逐月", "span": "FIXED", "shared_with": world.station.code})
    assert answered.status_code == 302
    table = SavedTable.objects.get()
    assert table.choices["lines"] == ["topic"]
    assert "主题逐月" in browser(world.officer).get("/statistics/pivot/saved/").content.decode()
    opened = browser(world.officer).get(f"/statistics/pivot/saved/{table.pk}/open/")
    query = parse_qs(urlsplit(opened["Location"]).query)
    assert query["metric"] == ["opinions.heard"]
    assert (query["from"], query["columns"]) == (["2026-01-01"], ["month"])
    assert browser(world.officer).get(opened["Location"]).context["numbers"].is_crossed
    assert browser(world.other_clerk).get(f"/statistics/pivot/saved/{table.pk}/open/").status_code == 404
    copied = browser(world.officer).post(f"/statistics/pivot/saved/{table.pk}/copy/")
    assert copied["Location"] == f"/statistics/pivot/saved/{SavedTable.objects.get(owner=world.officer).pk}/"
    assert browser(world.officer).post(f"/statistics/pivot/saved/{table.pk}/delete/").status_code == 403
    assert page.post(f"/statistics/pivot/saved/{table.pk}/delete/").status_code == 302
    assert not SavedTable.objects.filter(owner=world.clerk).exists()


def test_a_name_that_is_taken_keeps_what_was_typed(world: World, browser: Browser) -> None:
    kept(world, world.clerk)
    answered = browser(world.clerk).post(
        "/statistics/pivot/save/", {"name": "每月意见", "span": "LAST_MONTH", "shared_with": "NOBODY"}
    )
    assert answered.status_code == 409
    text = answered.content.decode()
    assert "您已有一张同名的表" in text
    assert 'value="每月意见"' in text
    assert SavedTable.objects.count() == 1


def test_days_that_run_along_are_those_of_the_day_it_is_opened(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = kept(world, world.clerk, span="LAST_MONTH")
    monkeypatch.setattr(timezone, "localdate", lambda: date(2027, 1, 15))
    opened = browser(world.clerk).get(f"/statistics/pivot/saved/{table.pk}/open/")
    query = parse_qs(urlsplit(opened["Location"]).query)
    assert (query["from"], query["to"]) == (["2026-12-01"], ["2026-12-31"])


@pytest.mark.parametrize(
    ("span", "first", "last"),
    [
        ("THIS_MONTH", date(2026, 3, 1), date(2026, 3, 15)),
        ("LAST_MONTH", date(2026, 2, 1), date(2026, 2, 28)),
        ("THIS_YEAR", date(2026, 1, 1), date(2026, 3, 15)),
        ("LAST_YEAR", date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_running_periods(span: str, first: date, last: date) -> None:
    period = running_period(span, date(2026, 3, 15))
    assert period is not None
    assert (period.first, period.last) == (first, last)
    assert running_period("FIXED", date(2026, 3, 15)) is None
