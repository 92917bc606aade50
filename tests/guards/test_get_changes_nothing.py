"""To look is never to do: GET and HEAD leave every row as it was, whoever looks."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from tests.guards.matrix_declaration import DECLARED
from tests.guards.matrix_routes import Route, routes
from tests.guards.matrix_stage import AUDITOR, CLERK, OFFICE, SECADMIN, SYSADMIN, Stage, undone

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

POWERFUL = (OFFICE, CLERK, SECADMIN, SYSADMIN, AUDITOR)
# A session and a token know when they were used last.
KNOWS_ITS_USE = {"accounts_session", "accounts_token"}
AUDIT = {"audit_auditrecord", "audit_chainhead"}
# What the bureau prints anyway: units, holidays, milestones, issued bulletins. Taking it away is not put on record.
NO_SECRET = {"accounts:units", "accounts:special_days", "campaigns:milestones", "bulletins:list", "answers:templates"}


def test_looking_at_any_page_changes_no_row(stage: Stage) -> None:
    changed = []
    for viewer in POWERFUL:
        for route, path in _addresses(stage):
            for method in ("GET", "HEAD"):
                with undone():
                    before = _rows()
                    _look(stage, viewer, route, path, method)
                    changed += [f"{viewer} {method} {path}: {table}" for table in _differ(before, _rows())]
    assert not changed, "\n".join(changed)


def test_a_copy_that_leaves_writes_one_audit_record_and_nothing_else(stage: Stage) -> None:
    wrong, taken = [], 0
    for viewer in POWERFUL:
        for route, path in _lists(stage):
            for form in ("xlsx", "print"):
                with undone():
                    before = _rows()
                    response = _look(stage, viewer, route, f"{path}?format={form}", "GET")
                    differ = set(_differ(before, _rows()))
                    if not _is_copy(response, form):
                        assert not differ, path
                        continue
                    taken += 1
                    added = _rows()["audit_auditrecord"][0] - before["audit_auditrecord"][0]
                    if differ - AUDIT or added != (0 if NO_SECRET & set(route.names) else 1):
                        wrong.append(f"{viewer} {path}?format={form}: {added} records, {sorted(differ - AUDIT)}")
    assert taken > 20
    assert not wrong, "\n".join(wrong)


def _addresses(stage: Stage) -> Iterator[tuple[Route, str]]:
    """Every route that may be looked at, with two objects each."""
    for route in routes():
        name = next((name for name in route.names if DECLARED[name].get or DECLARED[name].answers), None)
        if name is None:
            continue
        for subject in list(DECLARED[name].subjects(stage))[:2]:
            yield route, route.path(**subject.args)


def _lists(stage: Stage) -> Iterator[tuple[Route, str]]:
    """The addresses that can be copied: not those of files, which are no lists."""
    for route, path in _addresses(stage):
        if not {"opinions:attachment", "bulletins:docx", "bulletins:pdf", "bulletins:draft_docx"} & set(route.names):
            yield route, path


def _look(stage: Stage, viewer: str, route: Route, path: str, method: str) -> Any:
    client = stage.program(viewer) if route.is_api else stage.browser(viewer)
    response = client.generic(method, path)
    assert response.status_code < 500, path
    if response.streaming:
        b"".join(getattr(response, "streaming_content"))  # noqa: B009 - the stubs do not know it
    return response


def _is_copy(response: Any, form: str) -> bool:
    if response.status_code != 200:
        return False
    return response.streaming if form == "xlsx" else "ui/print.html" in {one.name for one in response.templates}


def _differ(before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]) -> list[str]:
    return [table for table in before if before[table] != after[table] and table not in KNOWS_ITS_USE]


def _rows() -> dict[str, tuple[int, int]]:
    """Return, of each table, how many rows it has and a sum over their content."""
    parts = [
        f"SELECT '{table}', count(*), coalesce(sum(hashtext(t::text)::bigint), 0) FROM \"{table}\" t"
        for table in connection.introspection.table_names()
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return {table: (count, int(content)) for table, count, content in cursor.fetchall()}
