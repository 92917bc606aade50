"""Whatever stands in an address, its page says what is wrong and breaks nowhere."""

import base64
import json
from collections.abc import Iterator
from itertools import chain
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.guards.matrix_pages import asked_of
from tests.guards.matrix_routes import routes
from tests.guards.matrix_stage import OFFICE, STRANGER, Stage, undone
from tests.guards.wrong_input import NASTY, SCRIPT, doors, fault_of, short, somebody_let_in, told

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

LISTED = ("page", "after", "before", "sort", "format", "count")


def cursor(values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


CURSORS = (
    "!!!",
    "AAAA",
    cursor([]),
    cursor({"a": 1}),
    cursor(["x", "y"]),
    cursor(["甲\x00乙", 1]),
    cursor(["2026-02-30T00:00:00", 1]),
    cursor(["9999-12-31T23:59:59+00:00", 10**30]),
    cursor([10**30, 10**30]),
    cursor([True, None]),
    cursor([[[]], {}]),
    base64.urlsafe_b64encode(b"[" * 1400).decode(),
    base64.urlsafe_b64encode(b'["\\ud800", 1]').decode(),
    base64.urlsafe_b64encode(b"[1e999, NaN]").decode(),
)


def test_no_word_of_an_address_breaks_a_page(stage: Stage) -> None:
    wrong, asked = [], 0
    for route in routes():
        for name, door in doors(route, "get"):
            subject = next(iter(door.subjects(stage)))
            viewer = somebody_let_in(door.get, subject) if not door.answers else STRANGER
            path = route.path(**subject.args)
            client = stage.program(viewer) if route.is_api else stage.browser(viewer)
            words = _api_words(stage, name) if route.is_api else _words(client.get(path))
            for query in _queries(words):
                asked += 1
                with undone():
                    fault = fault_of(client, f"{path}?{urlencode(query, errors='surrogatepass')}")
                if fault:
                    wrong.append(f"{path}?{short(query)}: {fault}")
    print(f"{asked} addresses")
    assert asked > 1000
    assert not wrong, told(wrong)


def test_no_name_of_an_object_breaks_a_door(stage: Stage) -> None:
    wrong = []
    odd = ("%00", "%FF%FE", "%ED%A0%80", "9" * 40, "-1", "0", "%27%20OR%201=1", "长" * 300, "%2e%2e%2f", "%0a", "²")
    for route in routes():
        if not route.params:
            continue
        _name, door = next(chain(doors(route, "get"), doors(route, "post")))
        subject = next(iter(door.subjects(stage)))
        for param in route.params:
            for word in odd:
                path = route.path(**{**subject.args, param: word})
                client = stage.program(OFFICE) if route.is_api else stage.browser(OFFICE)
                for send in (client.get, client.post):
                    with undone():
                        fault = fault_of(client, path, send=send, content_type="application/json")
                    if fault:
                        wrong.append(f"{path}: {fault}")
    assert not wrong, told(wrong)


def _words(response: Any) -> list[str]:
    if response.streaming:
        b"".join(response.streaming_content)
        return []
    found = asked_of(response.content.decode()) if response.get("Content-Type", "").startswith("text/html") else []
    return list(dict.fromkeys([*found, *(LISTED if found else ()), *(["unit", "from", "to"] if found else ())]))


def _api_words(stage: Stage, name: str) -> list[str]:
    """Return the words that the API says it understands."""
    spec = stage.program(OFFICE).get("/api/v1/openapi.json").json()
    found = [
        one["name"]
        for path in spec["paths"].values()
        for operation in path.values()
        if operation["operationId"].endswith(name.partition(":")[2])
        for one in operation.get("parameters", [])
        if one["in"] == "query"
    ]
    return list(dict.fromkeys(found))


def _queries(words: list[str]) -> Iterator[dict[str, str]]:
    if not words:
        yield from ({word: nasty} for word in ("x", "page", "format") for nasty in (SCRIPT, "甲\x00乙"))
        return
    for nasty in NASTY:
        yield dict.fromkeys(words, nasty)
    for word in words:
        for nasty in ("甲\x00乙", "9" * 40, "2026-02-30", "9999-12-31", "-1", SCRIPT):
            yield {word: nasty}
    if "after" in words or "cursor" in words:
        for mark in CURSORS:
            yield from ({"page": "2", "after": mark}, {"page": "2", "before": mark}, {"cursor": mark})
        yield from ({"sort": f"-{word}"} for word in ("pk", "no_such", "__", "password", "visited_at"))
        yield from ({"page": page} for page in ("0", "-5", "1e3", "999999", "99999999999", "二"))
    if "period_from" in words:
        yield {"period_from": "2026-05-01", "period_to": "2026-01-01"}
        yield {"period_from": "2026-05-01", "period_to": "9999-12-31"}
    yield {"from": "2026-05-01", "to": "2026-01-01"}
    yield {"from": "2000-01-01", "to": "2099-12-31"}
