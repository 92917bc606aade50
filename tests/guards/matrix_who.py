"""Who there is, and how a door and what stands behind it are written down."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.guards.matrix_stage import (
    CHIEF,
    CLERK,
    COUNTY_SECADMIN,
    COUNTY_SYSADMIN,
    DISABLED,
    EVALUATOR,
    INSPECTOR,
    LEADER,
    NEWCOMER,
    OFFICE,
    OFFICER,
    OTHER_CLERK,
    SECADMIN,
    STAFF,
    STRANGER,
    SYSADMIN,
    WRONG_KEY,
    Stage,
    local,
)

Who = frozenset[str]

ALL: Who = frozenset(STAFF)

NOBODY: Who = frozenset()

READERS: Who = frozenset({OFFICER, CLERK, LEADER, OTHER_CLERK, OFFICE, INSPECTOR, CHIEF})

COUNTERS: Who = READERS | {EVALUATOR}

# The inspector is a clerk too, over the inspectors' own unit.
RECORDERS: Who = frozenset({OFFICER, CLERK, LEADER, OTHER_CLERK, OFFICE, INSPECTOR})

CASE_RECORDERS: Who = RECORDERS - {OFFICER}

REPORTERS: Who = frozenset({CLERK, OTHER_CLERK, OFFICE, INSPECTOR})

SYSADMINS: Who = frozenset({SYSADMIN, COUNTY_SYSADMIN})

SECADMINS: Who = frozenset({SECADMIN, COUNTY_SECADMIN})

NOT_IN: Who = frozenset({STRANGER, DISABLED, WRONG_KEY})

NEW_PASSWORD = "Regen-und-Dach-9"


@dataclass(frozen=True)
class Subject:
    """
    One object behind a door. Who is not in `seen` gets 404, who is not in `may` gets 403.

    `send` is a body that is right for whoever may; `then` is what those get for it who are not answered by `posted`.
    """

    label: str = ""
    args: Mapping[str, object] = field(default_factory=dict)
    seen: Who = ALL | {NEWCOMER}
    may: Who = ALL | {NEWCOMER}
    send: Any = None
    then: Mapping[str, int] = field(default_factory=dict)
    query: str = ""


@dataclass(frozen=True)
class Door:
    """
    What a route answers: to whom on GET and POST (None: never, 405), and with which status when all is well.

    `by_role`: the role is asked before the object is looked for, so the wrong role gets 403 even for what is not
    there. `may_to_look`: what `Subject.may` says holds for GET too. `open`: strangers come in, `answers` says how.
    """

    get: Who | None = None
    post: Who | None = None
    got: int = 200
    posted: int = 302
    subjects: Callable[[Stage], Iterable[Subject]] = lambda _stage: [Subject()]
    by_role: bool = False
    may_to_look: bool = False
    answers: Callable[[str, str], int] | None = None


def said(stage: Stage, viewer: str, **facts: Any) -> dict[str, Any]:
    """Return an opinion as its page sends it."""
    heard_at = local(stage.world.now)
    form = {"kind": "OPINION", "source": "SRC16", "topic": "A6", "content": "小区东门的路灯坏了。"}
    return form | {"heard_by": stage.unit_of(viewer).code, "heard_at": heard_at} | facts


def visited(stage: Stage, viewer: str, **facts: Any) -> dict[str, Any]:
    """Return a visit as its page sends it."""
    form = {
        "uid": str(uuid4()),
        "visited_at": local(stage.world.now),
        "unit": stage.unit_of(viewer).code,
        "officers": [stage.people[viewer].username if viewer in stage.people else "clerk"],
        "mode": "F1",
        "object_category": "RES",
        "theme": "T2",
        "headcount": "1",
        "opinions-TOTAL_FORMS": "0",
        "opinions-INITIAL_FORMS": "0",
    }
    return form | facts


def anew(make: Callable[..., dict[str, Any]], **facts: Any) -> Callable[[Stage, str], dict[str, Any]]:
    return lambda stage, viewer: make(stage, viewer, **facts)


# Who went to the unit out of reach: somebody who works there.
THERE = {"officers": ["county_officer"]}


def out_of_reach(stage: Stage, name: str) -> dict[str, str]:
    return {name: stage.units["cousin"].code}


# Something new for one's own unit is recorded; for a unit out of reach, the form does not know that unit.
def new(make: Callable[..., dict[str, Any]], unit: str, who: Who, **there: Any) -> Callable[[Stage], list[Subject]]:
    def subjects(stage: Stage) -> list[Subject]:
        far = dict.fromkeys(who - {OFFICE}, 422)
        return [
            Subject("own unit", may=who, send=anew(make)),
            Subject("unit out of reach", may=who, send=anew(make, **out_of_reach(stage, unit), **there), then=far),
        ]

    return subjects


def petition(stage: Stage, viewer: str, **facts: Any) -> dict[str, Any]:
    form = {"level": "PROVINCE", "subject": "反映办案期限过长", "assigned_at": local(stage.world.now)}
    return form | {"unit": stage.unit_of(viewer).code} | facts


def dispute(stage: Stage, viewer: str, **facts: Any) -> dict[str, Any]:
    return {"category": "DS02", "found_at": local(stage.world.now), "unit": stage.unit_of(viewer).code} | facts
