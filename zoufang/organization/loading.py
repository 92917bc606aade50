"""
Reference data of the organization: holidays for everybody, and the unit tree of a city.

Any app that keeps reference data has a module `loading` with `load_reference(*, now) -> dict[str, int]`: what it
created, by name. `manage.py load_reference` calls them in the order of the storeys. Loading again creates nothing,
and never overwrites what an administrator changed.
"""

import csv
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from zoufang.organization import selectors, services
from zoufang.organization.models import SpecialDay, Unit

REFERENCE = Path(__file__).parent / "reference"


def load_reference(*, now: datetime) -> dict[str, int]:
    """Load the holidays and make-up days of the State Council's yearly notices; a day already on record stays."""
    del now
    return {"special_days": load_special_days(REFERENCE / "holidays.csv")}


def load_special_days(file: Path) -> int:
    """Load a file of `date,is_working,name`; return how many days were new."""
    with file.open(encoding="utf-8", newline="") as lines:
        days = [
            SpecialDay(on=date.fromisoformat(row["date"]), is_working=row["is_working"] == "1", name=row["name"])
            for row in csv.DictReader(lines)
        ]
    before = SpecialDay.objects.count()
    SpecialDay.objects.bulk_create(days, ignore_conflicts=True)
    selectors.forget_calendar()
    return SpecialDay.objects.count() - before


def load_units(city: str, *, now: datetime) -> int:
    """
    Load the unit tree of `reference/<city>/units.yaml` as the operator at the console; return how many were new.

    :raises FileNotFoundError: if there is no such city.
    """
    known = {unit.code: unit for unit in Unit.objects.all()}
    created = 0
    for position, row in enumerate(read_units(city), start=1):
        if row["code"] in known:
            continue
        parent = known[row["parent"]] if row["parent"] else None
        known[row["code"]] = services.open_unit(**{**row, "parent": parent, "position": position}, by=None, now=now)
        created += 1
    return created


def read_units(city: str) -> list[dict[str, Any]]:
    """
    Return the units of a city as the arguments of `open_unit`, parents first, `parent` being a code or None.

    :raises FileNotFoundError: if there is no such city.
    """
    file = yaml.safe_load((REFERENCE / city / "units.yaml").read_text(encoding="utf-8"))
    rows: list[dict[str, Any]] = []
    for unit in file["units"]:
        _read(unit, None, file["patterns"], rows)
    return rows


def _read(unit: dict[str, Any], parent: str | None, patterns: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    code = unit["code"]
    rows.append(
        {
            "code": code,
            "name": unit["name"],
            "name_en": unit["name_en"],
            "kind": unit["kind"],
            "parent": parent,
            "peer_group": unit.get("peers", ""),
            "has_patrol_duty": unit.get("patrol", False),
        }
    )
    names = (unit.get("short", unit["name"]), unit.get("short_en", unit["name_en"]))
    for below in patterns.get(unit.get("pattern", ""), []):
        _read(_fill(below, code, names, unit.get("rooms", {})), code, patterns, rows)
    for below in unit.get("units", []):
        _read(below, code, patterns, rows)


def _fill(below: dict[str, Any], code: str, names: tuple[str, str], rooms: dict[str, Any]) -> dict[str, Any]:
    """Return a unit of a pattern with its code and names, and under a squadron the police rooms that hang there."""
    suffix = below["suffix"]
    units = [_fill(deeper, code, names, rooms) for deeper in below.get("units", [])]
    units += [{"kind": Unit.Kind.POLICE_ROOM, **room} for room in rooms.get(suffix, [])]
    return {
        **below,
        "code": code[: -len(suffix)] + suffix,
        "name": below["name"].replace("{0}", names[0]),
        "name_en": below["name_en"].replace("{0}", names[1]),
        "units": units,
    }
