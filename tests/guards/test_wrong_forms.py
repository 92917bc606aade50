"""Whatever is typed, a form says what is wrong, in the reader's language, and keeps what was typed."""

import re
from collections.abc import Iterator
from functools import partial
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.guards.matrix_pages import forms_of
from tests.guards.matrix_routes import routes
from tests.guards.matrix_stage import STRANGER, Stage, undone
from tests.guards.wrong_input import (
    CHINESE,
    NASTY,
    SCRIPT,
    doors,
    fault_of,
    one_of_each_form,
    right_body,
    short,
    somebody_let_in,
    told,
    unquoted,
)

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

# What no person types: which rows are marked in which list, what is chosen.
BY_PAGES = {"of", "as_of", "pick", "all", "uid", "confirmed", "template", "language"}


def test_no_form_breaks_or_loses_what_was_typed(stage: Stage) -> None:
    wrong, sent = [], 0
    for route in routes():
        if route.is_api or route.pattern.startswith(("public/api/", "gateway/")):
            continue
        for name, door in doors(route, "post"):
            for subject in one_of_each_form(door.subjects(stage)):
                viewer = (
                    STRANGER if route.is_public or name == "accounts:sign_in" else somebody_let_in(door.post, subject)
                )
                right = right_body(stage, subject, viewer)
                for body in _bodies(stage, viewer, route.path(**subject.args), right):
                    sent += 1
                    with undone():
                        fault = _form_fault(stage, viewer, route.path(**subject.args), body)
                    if fault:
                        wrong.append(f"{viewer} {name} [{subject.label}] {short(body)}: {fault}")
    print(f"{sent} forms")
    assert sent > 1000
    assert not wrong, told(wrong)


def test_a_form_in_english_complains_in_english(stage: Stage) -> None:
    wrong = []
    for route in routes():
        if route.is_api or route.pattern.startswith(("public/api/", "gateway/")):
            continue
        for _name, door in doors(route, "post"):
            for subject in one_of_each_form(door.subjects(stage)):
                viewer = STRANGER if route.is_public else somebody_let_in(door.post, subject)
                client = stage.browser(viewer)
                client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
                path = route.path(**subject.args)
                with undone():
                    answer = client.post(path, {"x": "1"})
                said = _complaints(answer)
                if answer.status_code == 422 and CHINESE.search(unquoted(said)):
                    wrong.append(f"{path}: {said}")
    assert not wrong, told(wrong)


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
        for name, door in doors(route, "post"):
            subject = next(iter(door.subjects(stage)))
            viewer = STRANGER if route.is_public or name == "accounts:sign_in" else somebody_let_in(door.post, subject)
            client, path = stage.browser(viewer), route.path(**subject.args)
            for body, content_type in bodies:
                with undone():
                    # `generic` sends the bytes as they are; `post` would itself look the encoding up.
                    fault = fault_of(
                        client, path, send=partial(client.generic, "POST"), data=body, content_type=content_type
                    )
                if fault:
                    wrong.append(f"{path} {body[:30]!r} {content_type}: {fault}")
    assert not wrong, told(wrong)


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
        return fault_of(client, answer["Location"]) if SCRIPT in str(body) else ""
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
