"""Long lists become files: for who asked, with what they may see, once, and not for ever."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.world import World
from zoufang.audit.models import AuditRecord
from zoufang.exports import services
from zoufang.exports.models import KEPT, MOST, Export
from zoufang.organization.models import Officer, Role
from zoufang.organization.services import appoint
from zoufang.ui import listing, xlsx
from zoufang.ui.columns import Column
from zoufang.visits.services import record_visit

pytestmark = pytest.mark.django_db

LIST = "/ledgers/visits/"
State = Export.State


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A station with three visits, where more than one row is many."""
    monkeypatch.setattr(listing, "AT_ONCE", 1)
    made = World(now=timezone.now() - timedelta(hours=3))
    for mode, summary in (("F1", "=1+1"), ("F1", "路灯已修"), ("F5", "谈路边占道")):
        record_visit(
            uid=made.new_uid(),
            unit=made.room,
            visited_at=made.now - timedelta(hours=2),
            mode=mode,
            object_category="RES",
            headcount=3,
            theme="T2",
            officers=[made.officer],
            summary=summary,
            by=made.officer,
            now=made.later(),
        )
    return made


def browser(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def ask(officer: Officer, query: str = "") -> Export:
    """Press the button on the list."""
    client = browser(officer)
    page = client.get(LIST + query)
    assert page.context["of"]
    assert client.post("/exports/ask/", {"of": page.context["of"]}).status_code == 302
    return officer.exports.latest("pk")


def made_for(officer: Officer, query: str = "") -> Export:
    export = ask(officer, query)
    services.make(export.pk, clock=timezone.now)
    export.refresh_from_db()
    return export


def take(officer: Officer, export: Export) -> Any:
    return browser(officer).post(f"/exports/{export.uid}/file/")


def cells(content: bytes) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in load_workbook(io.BytesIO(content)).worksheets[0].rows]


def files() -> list[Path]:
    return [path for path in Path(default_storage.path("exports")).rglob("*") if path.is_file()]


@pytest.fixture(autouse=True)
def _no_files() -> None:
    for path in files():
        path.unlink()


def test_the_file_holds_what_the_list_shows_with_its_filters(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    export = made_for(world.clerk, "?mode=F1&sort=recorded_at")
    got = cells(take(world.clerk, export).getvalue())
    monkeypatch.setattr(listing, "AT_ONCE", 10)
    at_once = cells(browser(world.clerk).get(f"{LIST}?mode=F1&sort=recorded_at&format=xlsx").getvalue())
    assert got == at_once
    assert len(got) == 3
    assert (export.rows, export.written, export.state) == (2, 2, State.READY)


def test_a_short_list_is_made_at_once_and_a_long_one_leads_to_the_question(world: World) -> None:
    client = browser(world.clerk)
    assert client.get(f"{LIST}?mode=F5&format=xlsx").getvalue().startswith(b"PK")
    led = client.get(f"{LIST}?format=xlsx")
    assert led.status_code == 302
    assert client.get(led["Location"]).status_code == 200
    assert not Export.objects.exists()


def test_the_same_list_asked_for_twice_is_made_once(world: World) -> None:
    for query in ("", "", "?mode=F1", ""):
        ask(world.clerk, query)
    assert world.clerk.exports.count() == 2
    assert ProcrastinateJob.objects.filter(task_name="exports.make").count() == 2


def test_the_job_is_there_if_and_only_if_the_row_is(world: World) -> None:
    with transaction.atomic():
        ask(world.clerk)
        transaction.set_rollback(True)
    assert not Export.objects.exists()
    assert not ProcrastinateJob.objects.filter(task_name="exports.make").exists()


def test_nobody_else_sees_takes_or_discards_it(world: World) -> None:
    export = made_for(world.clerk)
    other = browser(world.leader)
    assert take(world.leader, export).status_code == 404
    assert other.post(f"/exports/{export.uid}/discard/").status_code == 404
    assert not other.get("/exports/").context["exports"]


def test_it_is_made_with_the_rights_of_who_asked_as_they_are_then(world: World) -> None:
    export = ask(world.clerk)
    world.clerk.duties.all().delete()
    services.make(export.pk, clock=timezone.now)
    export.refresh_from_db()
    assert export.state == State.FAILED
    assert not files()


def test_after_a_change_of_duties_it_is_not_given_out(world: World) -> None:
    export = made_for(world.clerk)
    appoint(world.clerk, role=Role.LEADER, over=world.station, by=None, now=world.later())
    refused = take(world.clerk, export)
    assert refused.status_code == 403
    assert "请重新导出" in refused.content.decode()


def test_who_was_disabled_meanwhile_gets_nothing_made(world: World) -> None:
    export = ask(world.clerk)
    Officer.objects.filter(pk=world.clerk.pk).update(is_active=False)
    services.make(export.pk, clock=timezone.now)
    assert Export.objects.get().state == State.FAILED


def test_asking_making_and_taking_away_are_on_record_without_what_was_searched(world: World) -> None:
    export = made_for(world.clerk, "?q=路")
    take(world.clerk, export).getvalue()
    records = AuditRecord.objects.filter(by=world.clerk).order_by("pk")
    assert [one.action for one in records] == ["export.ask", "export", "export.download"]
    assert not any("路" in str(one.detail) for one in records)


def test_a_file_discarded_while_it_is_made_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    export = ask(world.clerk)
    monkeypatch.setattr(services, "_OFTEN", 1)
    write = services._watched

    def discarded_meanwhile(export: Export, rows: Iterator[Any]) -> Iterator[Any]:
        services.discard(Export.objects.get(pk=export.pk), by=world.clerk, now=world.now)
        yield from write(export, rows)

    monkeypatch.setattr(services, "_watched", discarded_meanwhile)
    services.make(export.pk, clock=timezone.now)
    assert not Export.objects.exists()
    assert not files()


def test_a_crashed_one_is_begun_again_and_given_up_in_the_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    export = ask(world.clerk)

    def crash(*_args: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(services, "_write", crash)
        for _turn in range(2):
            with pytest.raises(SystemExit):
                services.make(export.pk, clock=timezone.now)
    services.make(export.pk, clock=timezone.now)
    export.refresh_from_db()
    assert (export.state, export.attempts) == (State.READY, 3)
    services.make(export.pk, clock=timezone.now)
    export.refresh_from_db()
    assert export.attempts == 3
    again = ask(world.clerk)
    Export.objects.filter(pk=again.pk).update(attempts=3, state=State.RUNNING)
    services.make(again.pk, clock=timezone.now)
    again.refresh_from_db()
    assert (again.state, again.why_failed) == (State.FAILED, "多次中断，未能完成。请缩小范围后重新导出。")


def test_what_goes_wrong_is_said_on_the_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    export = ask(world.clerk)

    def break_down(*_args: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(services, "ask_again", lambda *_a, **_k: break_down())
    services.make(export.pk, clock=timezone.now)
    page = browser(world.clerk).get("/exports/").content.decode()
    assert "生成文件时出错" in page
    assert "every 2s" not in page


def test_the_page_asks_again_while_something_is_going_on(world: World) -> None:
    ask(world.clerk)
    assert "every 2s" in browser(world.clerk).get("/exports/").content.decode()
    part = browser(world.clerk).get("/exports/", headers={"HX-Request": "true", "HX-Target": "exports"})
    assert part.content.decode().strip().startswith("<section")


def test_it_speaks_the_language_of_who_asked(world: World) -> None:
    client = browser(world.clerk)
    client.post("/accounts/language/", {"language": "en", "next": "/"})
    of = client.get(LIST).context["of"]
    client.post("/exports/ask/", {"of": of})
    export = world.clerk.exports.get()
    services.make(export.pk, clock=timezone.now)
    export.refresh_from_db()
    assert cells(take(world.clerk, export).getvalue())[0][0] == "No."


def test_more_rows_than_a_sheet_holds_are_written_as_csv(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_ROWS", 2)
    export = made_for(world.clerk)
    content = take(world.clerk, export).getvalue()
    assert content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(lines) == 4
    assert "'=1+1" in {cell for line in lines for cell in line}
    assert export.name.endswith(".csv")


@pytest.mark.parametrize(
    ("said", "written"),
    [("=1", "'=1"), ("+1", "'+1"), ("-x", "'-x"), ("@x", "'@x"), (" =1", "' =1"), ("路灯", "路灯"), (-1, "-1")],
)
def test_csv_runs_no_formula(said: Any, written: str) -> None:
    file = io.BytesIO()
    xlsx.write_csv(file, xlsx.Sheet("t", [Column("a", "甲", lambda row: row)], [said]))
    assert list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"))))[1] == [written]


@pytest.mark.parametrize("of", ["", "/visits/", "/accounts/me/:x", "\0", "x" * 5000])
def test_only_an_address_that_a_list_has_signed_is_taken(world: World, of: str) -> None:
    assert browser(world.clerk).post("/exports/ask/", {"of": of}).status_code == 422
    assert not Export.objects.exists()


def test_one_person_keeps_a_few_files_only(world: World) -> None:
    for n in range(MOST):
        made_for(world.clerk, f"?headcount={n}")
    client = browser(world.clerk)
    assert client.post("/exports/ask/", {"of": client.get(LIST).context["of"]}).status_code == 422


def test_old_files_are_deleted_with_their_rows(world: World, django_capture_on_commit_callbacks: Any) -> None:
    old, new = made_for(world.clerk), made_for(world.clerk, "?mode=F1")
    Export.objects.filter(pk=old.pk).update(asked_at=timezone.now() - KEPT - timedelta(minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        assert services.forget_old(now=timezone.now()) == 1
    assert list(Export.objects.all()) == [new]
    assert [path.name for path in files()] == [Path(str(new.file.name)).name]
