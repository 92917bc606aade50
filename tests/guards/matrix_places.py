"""What stands behind the doors of accounts and units, of posters, paper and foreign programs."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from tests.guards.matrix_stage import (
    CLERK,
    COUNTY_SECADMIN,
    COUNTY_SYSADMIN,
    LEADER,
    OFFICE,
    OFFICER,
    OTHER_CLERK,
    SECADMIN,
    SYSADMIN,
    Stage,
)
from tests.guards.matrix_who import ALL, NEW_PASSWORD, NOBODY, NOT_IN, RECORDERS, SECADMINS, SYSADMINS, Subject, Who
from zoufang.channels.models import ClientApp, PaperSeries, Poster
from zoufang.channels.open311 import services as open311
from zoufang.channels.paper import services as paper
from zoufang.channels.posters import services as posters
from zoufang.organization.models import Duty, Officer

# ---- accounts and units


def accounts(send: Callable[[Stage, Officer], Mapping[str, Any]] = lambda _stage, _officer: {}) -> Any:
    def subjects(stage: Stage) -> list[Subject]:
        far = Officer.objects.get(username="county_officer")
        here = {CLERK: (stage.people[CLERK], {SECADMIN}), "far": (far, SECADMINS)}
        myself = stage.people[SECADMIN]
        return [
            *(
                Subject(label, {"pk": one.pk}, frozenset(seen), send=dict(send(stage, one)))
                for label, (one, seen) in here.items()
            ),
            # Nobody changes an account of one's own.
            Subject("oneself", {"pk": myself.pk}, frozenset({SECADMIN}), NOBODY, dict(send(stage, myself))),
        ]

    return subjects


def unlocking(stage: Stage) -> list[Subject]:
    return [replace(one, may=ALL) for one in accounts()(stage)]


def duties(stage: Stage) -> list[Subject]:
    found = []
    for subject in accounts()(stage):
        duty = Duty.objects.filter(officer=subject.args["pk"]).latest("pk")
        found.append(replace(subject, args={**subject.args, "duty_pk": duty.pk}))
    mixed = {**found[0].args, "duty_pk": found[1].args["duty_pk"]}
    return [*found, Subject("a duty of another", mixed, NOBODY)]


def units(send: Callable[[Stage], Mapping[str, Any]], *, empty: bool = False) -> Any:
    def subjects(stage: Stage) -> list[Subject]:
        near = stage.empty_units["near"] if empty else stage.units["own"]
        far = stage.empty_units["far"] if empty else stage.units["cousin"]
        body = dict(send(stage))
        return [
            Subject("own", {"pk": near.pk}, frozenset({SYSADMIN}), send=body),
            Subject("cousin", {"pk": far.pk}, SYSADMINS, send=body),
        ]

    return subjects


def county(stage: Stage) -> dict[str, Any]:
    return {"to": str(stage.world.unit("武陟县公安局").pk)}


def open_officer(stage: Stage) -> list[Subject]:
    send = {"username": "somebody", "name": "民警新", "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    far, near = (send | {"unit": str(stage.units[place].pk)} for place in ("cousin", "own"))
    return [
        Subject("in reach", may=SECADMINS, send=far),
        Subject("out of reach", may=SECADMINS, send=near, then={COUNTY_SECADMIN: 422}),
    ]


def open_unit(stage: Stage) -> list[Subject]:
    send = {"code": "410823500099", "kind": "STATION", "name": "新设派出所", "position": "1"}
    far, near = (send | {"parent": str(stage.units[place].pk)} for place in ("cousin", "own"))
    return [
        Subject("in reach", may=SYSADMINS, send=far),
        Subject("out of reach", may=SYSADMINS, send=near, then={COUNTY_SYSADMIN: 422}),
    ]


def tokens(stage: Stage) -> list[Subject]:
    found = []
    for viewer in (CLERK, OFFICE):
        pk = stage.people[viewer].tokens.latest("pk").pk
        found.append(Subject(f"of {viewer}", {"pk": pk}, frozenset({viewer})))
    return found


# ---- posters, sheets of paper, keys of foreign programs

AT_DOORS = {"deep": frozenset({CLERK, LEADER, OFFICE}), "sibling": frozenset({OTHER_CLERK, OFFICE})}

TYPES = {"deep": AT_DOORS["deep"] | {OFFICER}, "sibling": AT_DOORS["sibling"]}


def poster(stage: Stage, place: str, window: str) -> Poster:
    unit = stage.units[place]
    known = Poster.objects.up().filter(unit=unit, window=window).first()
    facts: dict[str, Any] = {"by": stage.people[OFFICE], "now": stage.world.now}
    if known is not None or window:
        return known or posters.open_window(unit=unit, window=window, **facts)
    return posters.number_doors([unit], **facts)[0]


def all_posters(stage: Stage) -> list[Subject]:
    return [Subject(place, {}, seen, query=f"?no={poster(stage, place, '').no}") for place, seen in AT_DOORS.items()]


def windows(stage: Stage) -> list[Subject]:
    return [Subject(place, {"pk": poster(stage, place, "户籍窗口").pk}, seen) for place, seen in AT_DOORS.items()]


def choice(stage: Stage, viewer: str) -> dict[str, Any]:
    return {"doors": [stage.unit_of(viewer).code], "size": "a4"}


def one_window(stage: Stage, viewer: str, **facts: Any) -> dict[str, Any]:
    return {"unit": stage.unit_of(viewer).code, "window": "车管窗口"} | facts


def series_of(stage: Stage, place: str) -> PaperSeries:
    unit = stage.units[place]
    facts: dict[str, Any] = {"by": stage.people[OFFICE], "now": stage.world.now}
    known = PaperSeries.objects.filter(unit=unit).first()
    return known or paper.number_sheets(unit=unit, occasion=f"征求暗号{place}牌", source="SRC05", many=3, **facts)


def series(stage: Stage, viewer: str, **facts: Any) -> dict[str, Any]:
    form = {"unit": stage.unit_of(viewer).code, "occasion": "警务广场", "source": "SRC05", "many": "5"}
    return form | facts


def all_series(send: Callable[[Stage], dict[str, str]]) -> Callable[[Stage], list[Subject]]:
    def made(stage: Stage) -> list[Subject]:
        return [
            Subject(place, {"pk": series_of(stage, place).pk}, TYPES[place], may, send(stage))
            for place, may in AT_DOORS.items()
        ]

    return made


def handed_out(stage: Stage) -> dict[str, str]:
    return {"out-first": "1", "out-last": "2", "out-on": str(stage.world.today)}


def sheets_to_print(_stage: Stage) -> dict[str, str]:
    return {"first": "1", "last": "2"}


def sheets(stage: Stage) -> list[Subject]:
    def of(place: str) -> Subject:
        sheet = series_of(stage, place).sheets.earliest("position")
        send = {"sheet": sheet.code, "kind": "OPINION", "content": "路灯坏了。", "on": str(stage.world.today)}
        return Subject(place, may=RECORDERS, send=send, then=dict.fromkeys(RECORDERS - TYPES[place], 422))

    return [of(place) for place in TYPES]


def client_key(stage: Stage) -> str:
    _client, key = open311.give_key(name="城市服务", keeper="数据局", by=stage.people[SECADMIN], now=stage.world.now)
    return key


def clients(stage: Stage) -> list[Subject]:
    client_key(stage)
    return [Subject("a program", {"pk": ClientApp.objects.live().latest("pk").pk}, frozenset({SECADMIN}))]


def reported(stage: Stage) -> list[Subject]:
    said = {"api_key": client_key(stage), "service_code": "A6", "description": "东门的路灯坏了两周。"}
    return [Subject("json", {"form": "json"}, send=said), Subject("xml", {"form": "xml"}, send=said)]


def told_by(**args: str) -> Any:
    return lambda _stage: [Subject(form, {"form": form, **args}) for form in ("json", "xml")]


def sending(send: Callable[[Stage, str], Mapping[str, Any]] | Mapping[str, Any], may: Who = ALL) -> Any:
    return lambda _stage: [Subject(may=may, send=send)]


# ---- doors without a guard


def always(get: int, post: int) -> Callable[[str, str], int]:
    return lambda _viewer, method: get if method == "GET" else post


def signing(viewer: str, method: str) -> int:
    return 302 if method == "POST" or viewer not in NOT_IN else 200


def named(name: str, **args: str) -> Callable[[Stage], list[Subject]]:
    return lambda _stage: [Subject(args={"name": name, **args})]


def citizens_word(viewer: str, method: str) -> int:
    """An answer is not rated by those who gave it: not on a browser with an officer signed in."""
    if method == "GET":
        return 405
    return 302 if viewer in NOT_IN else 403


def heard_once(stage: Stage, _viewer: str) -> dict[str, Any]:
    return {"uid": str(uuid4()), "kind": "OPINION", "text": "小区东门的路灯坏了两周。", "contact": "anonymous"}


def case(stage: Stage, _viewer: str) -> dict[str, Any]:
    return {"no": stage.case_code[0], "code": stage.case_code[1]}
