"""What nobody means to type or to send, and what a door must not answer to it."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from tests.guards.matrix_declaration import DECLARED
from tests.guards.matrix_routes import Route
from tests.guards.matrix_stage import OFFICE, STAFF, Stage
from tests.guards.matrix_who import Door, Subject

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
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SHOWN = 80


def doors(route: Route, method: str) -> Iterator[tuple[str, Door]]:
    for name in route.names:
        door = DECLARED[name]
        if getattr(door, method) or door.answers:
            yield name, door


def somebody_let_in(let_in: frozenset[str] | None, subject: Subject) -> str:
    """Return somebody whom the door lets through to this object; the visit office if it may."""
    able = (let_in or frozenset(STAFF)) & subject.seen & (subject.may or subject.seen)
    return OFFICE if OFFICE in able else next(viewer for viewer in STAFF if viewer in able or not able)


def right_body(stage: Stage, subject: Subject, viewer: str) -> dict[str, Any]:
    body = subject.send or {}
    return dict(body(stage, viewer) if callable(body) else body)


def fault_of(client: Any, path: str, *, send: Any = None, **sent: Any) -> str:
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


def short(sent: dict[str, Any]) -> str:
    return str({name: str(value)[:30] for name, value in sent.items()})[:300]


def told(wrong: list[str]) -> str:
    kinds: dict[str, int] = {}
    for one in wrong:
        kind = one.rsplit(": ", 1)[-1]
        kinds[kind] = kinds.get(kind, 0) + 1
    return f"{len(wrong)} faults, {kinds}:\n" + "\n".join(wrong[:SHOWN])


def one_of_each_form(subjects: Iterable[Subject]) -> list[Subject]:
    """One object for each step: the others have the same form."""
    found: dict[object, Subject] = {}
    for subject in subjects:
        if subject.seen and subject.may:
            found.setdefault(subject.args.get("step"), subject)
    return list(found.values())


def unquoted(said: str) -> str:
    """Leave out what a message quotes: names of units and roles in Chinese, where no English one is kept."""
    return re.sub("[“\"'].*?[”\"']", "", said)
