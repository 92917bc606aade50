"""Whatever a program sends, its door says what is wrong, in its language, as problem+json."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.guards.matrix_routes import Route, routes
from tests.guards.matrix_stage import OFFICE, STRANGER, Stage, undone
from tests.guards.matrix_who import Door, Subject
from tests.guards.wrong_input import (
    CHINESE,
    NASTY,
    SCRIPT,
    doors,
    one_of_each_form,
    right_body,
    somebody_let_in,
    told,
    unquoted,
)

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

JSON_NASTY: tuple[Any, ...] = (*NASTY, None, [], {}, ["x"], {"x": {"y": 1}}, 0, -1, 1.5, 10**40, True)
RAW = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b"1",
    b"\xff\xfe",
    b'{"a": NaN}',
    b'{"a": 1e999}',
    b"[" * 60000,
    b'{"a":' * 20000,
    b'{"' + b"x" * 70000 + b'": 1}',
)


def test_no_body_breaks_the_doors_for_programs(stage: Stage) -> None:
    wrong, sent = [], 0
    for route, name, door in _programs():
        for subject in one_of_each_form(door.subjects(stage)):
            viewer = STRANGER if route.is_public else somebody_let_in(door.post, subject)
            path = route.path(**subject.args)
            for body, content_type in _program_bodies(stage, subject, viewer, name):
                sent += 1
                client = stage.browser(viewer) if route.is_public else stage.program(viewer)
                with undone():
                    fault = _program_fault(client, path, body, content_type)
                if fault:
                    wrong.append(f"{viewer} {path} {body[:160]!r} {content_type}: {fault}")
    print(f"{sent} bodies")
    assert sent > 1000
    assert not wrong, told(wrong)


def test_a_program_is_refused_in_its_own_language(stage: Stage) -> None:
    wrong = []
    for route, name, door in _programs():
        subject = one_of_each_form(door.subjects(stage))[0]
        viewer = STRANGER if route.is_public else somebody_let_in(door.post, subject)
        client = stage.browser(viewer) if route.is_public else stage.program(viewer)
        for body in (b"{", b"[]", b'{"x": 1}'):
            with undone():
                answer = client.post(
                    route.path(**subject.args), body, content_type="application/json", headers={"Accept-Language": "en"}
                )
            if answer.status_code >= 400 and CHINESE.search(unquoted(str(_problem(answer)))):
                wrong.append(f"{name} {body!r}: {_problem(answer)}")
    assert not wrong, told(wrong)


def _programs() -> Iterator[tuple[Route, str, Door]]:
    for route in routes():
        if route.is_api or route.pattern.startswith(("public/api/", "gateway/")):
            for name, door in doors(route, "post"):
                if name not in ("api:openapi-json", "api:api-root"):
                    yield route, name, door


def _program_bodies(stage: Stage, subject: Subject, viewer: str, name: str) -> Iterator[tuple[bytes, str]]:
    right = right_body(stage, subject, viewer)
    fields = [*right, *_api_fields(stage, name), "version", "code", "phone", "comment"]
    for raw in RAW:
        yield raw, "application/json"
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        yield json.dumps(right).encode(), content_type
    for field in dict.fromkeys(fields):
        for nasty in JSON_NASTY:
            yield json.dumps({**right, field: nasty}).encode(), "application/json"
        # Half a character: JSON can spell it, nothing can store it.
        said = json.dumps({**right, field: "HALF"}).replace("HALF", r"\ud800 \udfff")
        yield said.encode(), "application/json"
        yield json.dumps({key: value for key, value in right.items() if key != field}).encode(), "application/json"
    if "uid" in right:
        rows: tuple[Any, ...] = (
            [],
            [{}],
            [None],
            "x",
            [{"topic": "A6", "content": SCRIPT}] * 60,
            [{"topic": "A6", "content": "\x00" * 9}],
        )
        for row in rows:
            body = {**right, "uid": str(uuid4()), "opinions": row}
            yield json.dumps(body).encode(), "application/json"


def _api_fields(stage: Stage, name: str) -> list[str]:
    """Return every field that the API's own description knows."""
    if not name.startswith("api:"):
        return ["unit", "place", "name", "phone", "complained_unit", "uid", "kind"]
    schemas = stage.program(OFFICE).get("/api/v1/openapi.json").json()["components"]["schemas"]
    wanted = {"api:record_visit": "VisitIn", "api:record_petition": "PetitionIn", "api:record_dispute": "DisputeIn"}
    return list(schemas[wanted[name]]["properties"]) if name in wanted else ["title", "place", "complained_unit"]


def _program_fault(client: Any, path: str, body: bytes, content_type: str) -> str:
    try:
        answer = client.generic("POST", path, body, content_type=content_type)
    except Exception as error:  # noqa: BLE001
        return f"500 {type(error).__name__}: {error}"[:150]
    if answer.status_code < 400:
        return ""
    if answer.status_code >= 500:
        return str(answer.status_code)
    if answer["Content-Type"] != "application/problem+json":
        return f"{answer.status_code} is {answer['Content-Type']}"
    said = _problem(answer)
    return "" if CHINESE.search(str(said["detail"])) and said["status"] == answer.status_code else f"says {said}"[:200]


def _problem(answer: Any) -> dict[str, Any]:
    return dict(json.loads(answer.content))
