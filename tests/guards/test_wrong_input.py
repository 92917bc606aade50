"""Whatever is typed or sent, a door says what is wrong, in the reader's language, and keeps what was typed."""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from functools import partial
from html import unescape
from itertools import chain
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.guards.matrix_declaration import DECLARED
from tests.guards.matrix_pages import asked_of, forms_of
from tests.guards.matrix_routes import Route, routes
from tests.guards.matrix_stage import OFFICE, STAFF, STRANGER, Stage, undone
from tests.guards.matrix_who import Door, Subject

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
# What nobody means to type: empty, blank, over-long, of no type, too great, unknown, unseen, and what means something
# to the machines behind.
NASTY = (
    "",
    "　 ",
    "长" * 5000,
    "未知-UNKNOWN",
    "-1",
    "9" * 40,
    "1e999",
    "NaN",
    "²³",
    "甲\x00乙",
    "\x1b[31m\x07\x08\u202e右到左\u2028",
    "😀👨‍👩‍👧‍👦",
    SCRIPT,
    "'; DROP TABLE opinions_opinion; -- %s %(x)s {0} {{ x }} {% x %}",
    "2026-02-30",
    "0001-01-01",
    "9999-12-31",
    "2026-13-01T25:61",
)
# What no person types: which rows are marked in which list, what is chosen.
BY_PAGES = {"of", "as_of", "pick", "all", "uid", "confirmed", "template", "language"}
LISTED = ("page", "after", "before", "sort", "format", "count")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SHOWN = 80


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


# ---- pages that are asked


def test_no_word_of_an_address_breaks_a_page(stage: Stage) -> None:
    wrong, asked = [], 0
    for route in routes():
        for name, door in _doors(route, "get"):
            subject = next(iter(door.subjects(stage)))
            viewer = _who(door.get, subject) if not door.answers else STRANGER
            path = route.path(**subject.args)
            client = stage.program(viewer) if route.is_api else stage.browser(viewer)
            words = _api_words(stage, name) if route.is_api else _words(client.get(path))
            for query in _queries(words):
                asked += 1
                with undone():
                    fault = _fault(client, f"{path}?{urlencode(query, errors='surrogatepass')}")
                if fault:
                    wrong.append(f"{path}?{_short(query)}: {fault}")
    print(f"{asked} addresses")
    assert asked > 1000
    assert not wrong, _told(wrong)


def test_no_name_of_an_object_breaks_a_door(stage: Stage) -> None:
    wrong = []
    odd = ("%00", "%FF%FE", "%ED%A0%80", "9" * 40, "-1", "0", "%27%20OR%201=1", "长" * 300, "%2e%2e%2f", "%0a", "²")
    for route in routes():
        if not route.params:
            continue
        _name, door = next(chain(_doors(route, "get"), _doors(route, "post")))
        subject = next(iter(door.subjects(stage)))
        for param in route.params:
            for word in odd:
                path = route.path(**{**subject.args, param: word})
                client = stage.program(OFFICE) if route.is_api else stage.browser(OFFICE)
                for send in (client.get, client.post):
                    with undone():
                        fault = _fault(client, path, send=send, content_type="application/json")
                    if fault:
                        wrong.append(f"{path}: {fault}")
    assert not wrong, _told(wrong)


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


# ---- forms that are sent


def test_no_form_breaks_or_loses_what_was_typed(stage: Stage) -> None:
    wrong, sent = [], 0
    for route in routes():
        if route.is_api or route.pattern.startswith(("public/api/", "gateway/")):
            continue
        for name, door in _doors(route, "post"):
            for subject in _one_of_each_form(door.subjects(stage)):
                viewer = STRANGER if route.is_public or name == "accounts:sign_in" else _who(door.post, subject)
                right = _body(stage, subject, viewer)
                for body in _bodies(stage, viewer, route.path(**subject.args), right):
                    sent += 1
                    with undone():
                        fault = _form_fault(stage, viewer, route.path(**subject.args), body)
                    if fault:
                        wrong.append(f"{viewer} {name} [{subject.label}] {_short(body)}: {fault}")
    print(f"{sent} forms")
    assert sent > 1000
    assert not wrong, _told(wrong)


def test_a_form_in_english_complains_in_english(stage: Stage) -> None:
    wrong = []
    for route in routes():
        if route.is_api or route.pattern.startswith(("public/api/", "gateway/")):
            continue
        for _name, door in _doors(route, "post"):
            for subject in _one_of_each_form(door.subjects(stage)):
                viewer = STRANGER if route.is_public else _who(door.post, subject)
                client = stage.browser(viewer)
                client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
                path = route.path(**subject.args)
                with undone():
                    answer = client.post(path, {"x": "1"})
                said = _complaints(answer)
                if answer.status_code == 422 and CHINESE.search(_unquoted(said)):
                    wrong.append(f"{path}: {said}")
    assert not wrong, _told(wrong)


def test_bytes_that_are_no_text_are_read_as_something(stage: Stage) -> None:
    urlencoded = "application/x-www-form-urlencoded"
    bodies = (
        (b"content=%FF%FE%ED%A0%80&kind=%00", urlencoded),
        (b"\xff\xfe\x00" * 100, urlencoded),
        (b"&".join(b"f%d=1" % n for n in range(2500)), urlencoded),
        (b"--x\r\nContent-Disposition: form-data; name=", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data"),
        (b"{}", "application/json"),
        (b"a=1", "text/plain; charset=no-such"),
    )
    wrong = []
    for route in routes():
        if route.is_api or route.pattern.startswith(("public/api/", "gateway/")):
            continue
        for name, door in _doors(route, "post"):
            subject = next(iter(door.subjects(stage)))
            viewer = STRANGER if route.is_public or name == "accounts:sign_in" else _who(door.post, subject)
            client, path = stage.browser(viewer), route.path(**subject.args)
            for body, content_type in bodies:
                with undone():
                    # `generic` sends the bytes as they are; `post` would itself look the encoding up.
                    fault = _fault(
                        client, path, send=partial(client.generic, "POST"), data=body, content_type=content_type
                    )
                if fault:
                    wrong.append(f"{path} {body[:30]!r} {content_type}: {fault}")
    assert not wrong, _told(wrong)


def _one_of_each_form(subjects: Iterable[Subject]) -> list[Subject]:
    """One object for each step: the others have the same form."""
    found: dict[object, Subject] = {}
    for subject in subjects:
        if subject.seen and subject.may:
            found.setdefault(subject.args.get("step"), subject)
    return list(found.values())


def _bodies(stage: Stage, viewer: str, path: str, right: dict[str, Any]) -> Iterator[dict[str, Any]]:
    with undone():
        page = stage.browser(viewer).post(path, {"x": "1"})
        forms = [form for form in forms_of(_text(page)) if form.method == "post"]
    mine = [form for form in forms if form.action in ("", path)]
    fields = list(dict.fromkeys([*right, *(name for form in mine for name in form.fields)]))
    fields = [name for name in fields if name not in ("x", "version") and not name.endswith("_mask")]
    yield {}
    yield {"x": "1"}
    for nasty in NASTY:
        yield dict.fromkeys(fields, nasty)
        for name in fields:
            yield {**right, name: nasty}
    for name in fields:
        yield {key: value for key, value in right.items() if key != name}
    if "version" in right:
        yield from ({**right, "version": version} for version in ("", "-1", "9" * 40, "²", "x"))
    for name in {name for form in mine for name in form.files}:
        for file in _files():
            yield {**right, name: file}


def _text(answer: Any) -> str:
    """Return what a page says; a file that is sent away says nothing, and is closed once it is read."""
    if answer.streaming:
        b"".join(answer.streaming_content)
        return ""
    return str(answer.content.decode())


def _files() -> list[SimpleUploadedFile]:
    return [
        SimpleUploadedFile("空.pdf", b""),
        SimpleUploadedFile("长" * 200 + ".pdf", b"%PDF-1.4"),
        SimpleUploadedFile("../../etc/x\x00.png", b"\x89PNG\r\n\x1a\n broken"),
        SimpleUploadedFile(f"{SCRIPT}.exe", b"MZ"),
        SimpleUploadedFile("a.docx", b"PK\x03\x04 broken"),
    ]


def _form_fault(stage: Stage, viewer: str, path: str, body: dict[str, Any]) -> str:
    client = stage.browser(viewer)
    try:
        answer = client.post(path, body)
    except Exception as error:  # noqa: BLE001
        return f"500 {type(error).__name__}: {error}"[:150]
    if answer.status_code in (301, 302):
        return _fault(client, answer["Location"]) if SCRIPT in str(body) else ""
    text = _text(answer)
    if answer.status_code >= 500:
        return str(answer.status_code)
    if SCRIPT in text:
        return "unescaped"
    if answer.status_code == 422:
        if not CHINESE.search(_complaints(answer)):
            return f"422 without a word: {_complaints(answer)!r}"
        return _lost(text, body)
    return ""


def _lost(text: str, body: dict[str, Any]) -> str:
    """Return which typed texts the page that came back has forgotten."""
    typed: dict[str, str] = {}
    asked: set[str] = set()
    for form in forms_of(text):
        asked |= {*form.fields, *form.files}
        if form.method == "post":
            # A row that a script may add is no field yet.
            typed |= {name: value for name, value in form.typed.items() if "__prefix__" not in name}
    lost = []
    for name, value in body.items():
        if name in typed and isinstance(value, str) and _bare(typed[name]) != _bare(value):
            lost.append(name)
    written = {
        value
        for name, value in body.items()
        if name not in BY_PAGES and isinstance(value, str) and CHINESE.search(value)
    }
    shown = _bare(unescape(text))
    if not asked & body.keys() and any(_bare(value) not in shown for value in written):
        return f"the page has no form any more: {_complaints_of(text)[:80]}"
    return f"lost {lost}" if lost else ""


def _bare(text: str) -> str:
    """What a browser makes of a text in a field: one kind of line break, and none at the beginning."""
    return text.replace("\r\n", "\n").strip().replace("\x00", "")


def _complaints(answer: Any) -> str:
    return _complaints_of(_text(answer))


def _complaints_of(text: str) -> str:
    found = re.findall(
        r'class="(?:field-error|error-summary|refusal-reason|messages?)[^"]*"[^>]*>(.*?)</(?:div>\s*</div|p|ul)>',
        text,
        re.DOTALL,
    )
    return re.sub(r"<[^>]+>|\s+", " ", " ".join(found)).strip()


def _unquoted(said: str) -> str:
    """Leave out what a message quotes: names of units and roles in Chinese, where no English one is kept."""
    return re.sub("[“\"'].*?[”\"']", "", said)


# ---- programs


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
        for subject in _one_of_each_form(door.subjects(stage)):
            viewer = STRANGER if route.is_public else _who(door.post, subject)
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
    assert not wrong, _told(wrong)


def test_a_program_is_refused_in_its_own_language(stage: Stage) -> None:
    wrong = []
    for route, name, door in _programs():
        subject = _one_of_each_form(door.subjects(stage))[0]
        viewer = STRANGER if route.is_public else _who(door.post, subject)
        client = stage.browser(viewer) if route.is_public else stage.program(viewer)
        for body in (b"{", b"[]", b'{"x": 1}'):
            with undone():
                answer = client.post(
                    route.path(**subject.args), body, content_type="application/json", headers={"Accept-Language": "en"}
                )
            if answer.status_code >= 400 and CHINESE.search(_unquoted(str(_problem(answer)))):
                wrong.append(f"{name} {body!r}: {_problem(answer)}")
    assert not wrong, _told(wrong)


def _programs() -> Iterator[tuple[Route, str, Door]]:
    for route in routes():
        if route.is_api or route.pattern.startswith(("public/api/", "gateway/")):
            for name, door in _doors(route, "post"):
                if name not in ("api:openapi-json", "api:api-root"):
                    yield route, name, door


def _program_bodies(stage: Stage, subject: Subject, viewer: str, name: str) -> Iterator[tuple[bytes, str]]:
    right = _body(stage, subject, viewer)
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


# ---- shared


def _doors(route: Route, method: str) -> Iterator[tuple[str, Door]]:
    for name in route.names:
        door = DECLARED[name]
        if getattr(door, method) or door.answers:
            yield name, door


def _who(let_in: frozenset[str] | None, subject: Subject) -> str:
    """Return somebody whom the door lets through to this object; the visit office if it may."""
    able = (let_in or frozenset(STAFF)) & subject.seen & (subject.may or subject.seen)
    return OFFICE if OFFICE in able else next(viewer for viewer in STAFF if viewer in able or not able)


def _body(stage: Stage, subject: Subject, viewer: str) -> dict[str, Any]:
    body = subject.send or {}
    return dict(body(stage, viewer) if callable(body) else body)


def _fault(client: Any, path: str, *, send: Any = None, **sent: Any) -> str:
    """Return what is wrong with the answer: an error of ours, or a script that would run."""
    send = send or client.get
    try:
        answer = send(path, **sent)
    except Exception as error:  # noqa: BLE001
        return f"500 {type(error).__name__}: {error}"[:150]
    if answer.streaming:
        b"".join(answer.streaming_content)
        return ""
    if answer.status_code >= 500:
        return str(answer.status_code)
    return "unescaped" if SCRIPT in answer.content.decode() and answer["Content-Type"].startswith("text/html") else ""


def _short(sent: dict[str, Any]) -> str:
    return str({name: str(value)[:30] for name, value in sent.items()})[:300]


def _told(wrong: list[str]) -> str:
    kinds: dict[str, int] = {}
    for one in wrong:
        kind = one.rsplit(": ", 1)[-1]
        kinds[kind] = kinds.get(kind, 0) + 1
    return f"{len(wrong)} faults, {kinds}:\n" + "\n".join(wrong[:SHOWN])
