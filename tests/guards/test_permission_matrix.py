"""Every door of the resolver, tried by everybody on real objects in every relation, against a table written by hand."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.guards.matrix_declaration import DECLARED
from tests.guards.matrix_routes import Route, routes
from tests.guards.matrix_stage import AUDITOR, NEWCOMER, STAFF, VIEWERS, Stage, undone
from tests.guards.matrix_who import NOT_IN, Door, Subject

SIGN_IN, OWN_PASSWORD = "to sign-in", "to one's own password"
BEFORE_OWN_PASSWORD = {"accounts:password", "accounts:sign_out", "accounts:language"}
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/"}
MOST_SHOWN = 200


@dataclass(frozen=True)
class Cell:
    """One try: who does what at which address, and what should come of it."""

    viewer: str
    method: str
    htmx: bool
    name: str
    subject: Subject
    path: str
    body: Any
    expected: int | str

    def __str__(self) -> str:
        part = " (htmx)" if self.htmx else ""
        return f"{self.viewer} {self.method}{part} {self.name} [{self.subject.label}] {self.path}"


def test_every_route_is_declared_and_every_declaration_is_a_route() -> None:
    named = {name for route in routes() for name in route.names}
    missing, gone = named - set(DECLARED), set(DECLARED) - named
    assert not missing, f"Say in tests/guards/matrix_declaration.py who may pass: {sorted(missing)}"
    assert not gone, f"Declared in tests/guards/matrix_declaration.py, but no route: {sorted(gone)}"


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("app", sorted({name.partition(":")[0] for name in DECLARED}))
def test_nobody_passes_a_door_that_is_not_theirs(app: str, stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    of_app = [route for route in routes() if route.names[0].startswith(f"{app}:")]
    wrong: list[str] = []
    tried: Counter[str] = Counter()
    allowed: set[tuple[str, str]] = set()
    denied: set[tuple[str, str]] = set()
    for route in of_app:
        for cell in _cells(stage, route):
            answer = _try(stage, route, cell)
            tried[str(answer)] += 1
            if answer != cell.expected:
                wrong.append(f"{cell}: {answer}, should be {cell.expected}")
            side = allowed if isinstance(cell.expected, int) and cell.expected < 400 else denied
            side.add((cell.name, cell.method))
    with capsys.disabled():
        print(f"\npermission matrix: {app}: {tried.total()} cells, {len(of_app)} routes, {dict(tried.most_common(9))}")
    assert not wrong, f"{len(wrong)} of {tried.total()} cells:\n" + "\n".join(wrong[:MOST_SHOWN])
    always_denied = {pair for pair in denied - allowed if _ever_opens(pair)}
    assert not always_denied, f"No twin that is let in, so the denial proves nothing: {sorted(always_denied)}"


def _ever_opens(pair: tuple[str, str]) -> bool:
    """Does this door claim to open to this method at all, with an answer below 400?"""
    name, method = pair
    door = DECLARED[name]
    if door.answers:
        return False
    return bool(door.get if method == "GET" else door.post)


def _cells(stage: Stage, route: Route) -> Iterator[Cell]:
    doors = {name: DECLARED[name] for name in route.names}
    for method, htmx in (("GET", False), ("GET", True), ("POST", False)):
        if htmx and (route.is_api or route.pattern.startswith(("public/api/", "gateway/"))):
            continue
        name, door = _door_for(doors, method)
        for subject in door.subjects(stage):
            for viewer in VIEWERS:
                body = (subject.send or {}) if method == "POST" else None
                body = body(stage, viewer) if callable(body) else body
                path = route.path(**subject.args) + (subject.query if method == "GET" else "")
                expected = _expected(stage, route, name, door, subject, viewer, method)
                yield Cell(viewer, method, htmx, name, subject, path, body, expected)


def _door_for(doors: dict[str, Door], method: str) -> tuple[str, Door]:
    for name, door in doors.items():
        if door.answers or (door.get if method == "GET" else door.post) is not None:
            return name, door
    return next(iter(doors.items()))


def _expected(
    stage: Stage, route: Route, name: str, door: Door, subject: Subject, viewer: str, method: str
) -> int | str:
    who = door.get if method == "GET" else door.post
    if door.answers:
        held = viewer == NEWCOMER and not route.is_public and not route.is_api and name not in BEFORE_OWN_PASSWORD
        return OWN_PASSWORD if held else door.answers(viewer, method)
    if route.is_api:
        if who is None:
            return 405
        if viewer not in STAFF:
            return 401
    elif viewer in NOT_IN:
        return SIGN_IN
    elif viewer == NEWCOMER and name not in BEFORE_OWN_PASSWORD:
        return OWN_PASSWORD
    elif who is None:
        return 405
    return _behind_the_door(door, subject, viewer, method, who)


def _behind_the_door(door: Door, subject: Subject, viewer: str, method: str, who: frozenset[str]) -> int:
    looks = method == "GET"
    if viewer not in who and (door.by_role or viewer in subject.seen):
        return 403
    if viewer not in subject.seen:
        return 404
    if viewer not in subject.may and not (looks and not door.may_to_look):
        return 403
    if looks:
        return door.got
    return subject.then.get(viewer, door.posted)


def _try(stage: Stage, route: Route, cell: Cell) -> int | str:
    client = stage.program(cell.viewer) if route.is_api else stage.browser(cell.viewer)
    headers = HTMX if cell.htmx else {}
    with undone():
        try:
            response = _send(client, route, cell, headers)
        except Exception as error:  # noqa: BLE001  # whatever a door lets fall is a finding of this cell
            return f"500 {type(error).__name__}: {error}"[:120]
        return _leak(stage, cell, response) or _status(response)


def _send(client: Client, route: Route, cell: Cell, headers: dict[str, str]) -> Any:
    if cell.method == "GET":
        return client.get(cell.path, headers=headers)
    if route.is_api or route.pattern.startswith(("public/api/", "gateway/")):
        return client.post(cell.path, cell.body or {}, content_type="application/json", headers=headers)
    return client.post(cell.path, cell.body or {}, headers=headers)


def _status(response: HttpResponse) -> int | str:
    onward = response.get("Location", "") or response.get("HX-Redirect", "")
    if onward.startswith("/accounts/sign-in/?next="):
        return SIGN_IN
    if onward.startswith("/accounts/me/password/"):
        return OWN_PASSWORD
    return response.status_code


def _leak(stage: Stage, cell: Cell, response: Any) -> str:
    """Return the words of a hidden object that the answer holds, if it holds any."""
    if response.streaming:
        # Read to its end: it closes the file, and nothing else.
        return "" if b"".join(response.streaming_content) else "an empty file"
    if cell.viewer == AUDITOR and cell.name == "accounts:audit_records":
        return ""  # It names numbers of objects, and never what was said.
    text = response.content.decode()
    for mark in stage.marks:
        if cell.viewer not in mark.seen and mark.text in text and not _said_by_viewer(cell, mark.text):
            return f"leak: {mark.text}"
    return ""


def _said_by_viewer(cell: Cell, words: str) -> bool:
    """A page may say back what the address or the form said."""
    return words in cell.path or words in str(cell.body) or cell.name == "opinions:contact"
