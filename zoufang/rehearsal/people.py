"""The officers of the rehearsal city: every unit that answers for something has a clerk, a leader and officers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from random import Random

from zoufang.organization.models import Officer, PeerGroup, Role, Unit
from zoufang.organization.services import appoint, open_officer
from zoufang.rehearsal.texts import officer_names

BUREAU, VISIT_OFFICE, DEMO_STATION = "410800000000", "410800900000", "410800570000"
# Offices that are compared with nobody, and yet answer for opinions.
STAFFED_OFFICES = frozenset({VISIT_OFFICE, "410800340000", "410800320000"})

# Account, unit code, and the duties: (role, unit code).
DEMO_ACCOUNTS: tuple[tuple[str, str, tuple[tuple[Role, str], ...]], ...] = (
    ("officer", "410800570001", ((Role.OFFICER, "410800570001"),)),
    ("clerk", "410800570000", ((Role.CLERK, "410800570000"),)),
    ("leader", "410800570000", ((Role.LEADER, "410800570000"),)),
    ("office", "410800900000", ((Role.VISIT_OFFICE, "410800000000"), (Role.CLERK, "410800900000"))),
    ("inspector", "410800340000", ((Role.INSPECTOR, "410800000000"), (Role.CLERK, "410800340000"))),
    ("evaluator", "410800910000", ((Role.EVALUATOR, "410800000000"),)),
    ("chief", "410800000000", ((Role.CHIEF, "410800000000"),)),
    ("sysadmin", "410800000000", ((Role.SYSTEM_ADMIN, "410800000000"),)),
    ("secadmin", "410800000000", ((Role.SECURITY_ADMIN, "410800000000"),)),
    ("auditadmin", "410800000000", ((Role.AUDIT_ADMIN, "410800000000"),)),
)
DEMO_PASSWORD = "zoufang-demo-2026"  # noqa: S105 - printed by the set-up, and refused nowhere but in production


@dataclass
class Staff:
    """Who works in one unit. `officers` may belong to rooms and brigades below it."""

    unit: Unit
    clerk: Officer
    leader: Officer
    officers: list[Officer] = field(default_factory=list)


class People:
    """All officers of the city; `of` returns the staff of a unit, or of the nearest unit above that has one."""

    def __init__(self) -> None:
        self._staff: dict[int, Staff] = {}
        self.in_field: list[Officer] = []

    def add(self, staff: Staff) -> None:
        self._staff[staff.unit.pk] = staff

    def of(self, unit: Unit) -> Staff:
        return next(self._staff[pk] for pk in reversed(unit.ancestor_pks) if pk in self._staff)

    def has(self, unit: Unit) -> bool:
        return unit.pk in self._staff

    def __iter__(self) -> Iterator[Staff]:
        return iter(self._staff.values())


def people_the_city(dice: Random, now: datetime) -> People:
    """Open the demo accounts and the officers of every unit. Only the demo accounts have a password."""
    units = {unit.code: unit for unit in Unit.objects.all()}
    recruits = _Recruits(dice, now)
    demo = {username: recruits.demo(username, units[code]) for username, code, _duties in DEMO_ACCOUNTS}
    for username, _code, duties in DEMO_ACCOUNTS:
        for role, over in duties:
            appoint(demo[username], role=role, over=units[over], by=None, now=now)
    people = People()
    people.in_field.append(demo["officer"])
    for unit in sorted(units.values(), key=lambda unit: unit.code):
        if unit.peer_group or unit.code in STAFFED_OFFICES:
            staff = _staff(unit, units, recruits, demo)
            people.in_field += [officer for officer in staff.officers if officer != demo["officer"]]
            people.add(staff)
    head = people.of(units[VISIT_OFFICE]).leader
    appoint(head, role=Role.VISIT_OFFICE, over=units[BUREAU], by=None, now=now)
    return people


class _Recruits:
    """Opens accounts one after another, each with a name and a number of its own."""

    def __init__(self, dice: Random, now: datetime) -> None:
        self.names, self.numbers, self.now = iter(officer_names(dice, 400)), count(100001), now

    def demo(self, username: str, unit: Unit) -> Officer:
        return self._open(username, unit, DEMO_PASSWORD)

    def officer(self, unit: Unit, role: Role) -> Officer:
        officer = self._open(str(next(self.numbers)), unit, None)
        appoint(officer, role=role, over=unit, by=None, now=self.now)
        return officer

    def _open(self, username: str, unit: Unit, password: str | None) -> Officer:
        return open_officer(
            username=username,
            name=next(self.names),
            unit=unit,
            password=password,
            temporary=False,
            by=None,
            now=self.now,
        )


def _staff(unit: Unit, units: dict[str, Unit], recruits: _Recruits, demo: dict[str, Officer]) -> Staff:
    if unit.code == DEMO_STATION:
        staff = Staff(unit, demo["clerk"], demo["leader"], [demo["officer"]])
    else:
        staff = Staff(unit, recruits.officer(unit, Role.CLERK), recruits.officer(unit, Role.LEADER))
    for below in _places_of_work(unit, units):
        staff.officers += [recruits.officer(below, Role.OFFICER) for _each in range(2)]
    return staff


def _places_of_work(unit: Unit, units: dict[str, Unit]) -> list[Unit]:
    """Return where officers of the unit work: its rooms, stations and brigades; the unit itself if it has none."""
    if unit.peer_group not in (PeerGroup.COUNTY, PeerGroup.CITY_STATION):
        return [unit]
    below = [other for other in units.values() if other.pk != unit.pk and unit.covers(other)]
    if unit.peer_group == PeerGroup.CITY_STATION:
        return [u for u in below if u.kind == Unit.Kind.POLICE_ROOM or u.has_patrol_duty]
    rooms = [u for u in below if u.kind in (Unit.Kind.POLICE_ROOM, Unit.Kind.STATION)]
    return rooms + [u for u in below if u.kind == Unit.Kind.BRIGADE]
