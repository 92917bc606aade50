"""Named reads of the organization: who are the peers of a unit, what lies above it, which days are worked."""

import time
from collections.abc import Callable, Collection
from datetime import date
from itertools import groupby

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zoufang.kernel.calendar import WorkCalendar
from zoufang.kernel.held import held
from zoufang.organization.access import Do, within_reach
from zoufang.organization.models import Duty, Officer, Role, SpecialDay, Unit, UnitQuerySet

# The choices of a grouped <select>: (group, ((primary key, label), …)).
UnitChoices = list[tuple[str, list[tuple[int, str]]]]

_HEADS = (Unit.Kind.COUNTY_BUREAU, Unit.Kind.STATION)

_CALENDAR_SECONDS = 30.0
_calendar: list[tuple[float, WorkCalendar]] = []


def bureau() -> Unit:
    """
    Return the root of the tree: the municipal bureau.

    :raises Unit.DoesNotExist: before an organization is loaded.
    """
    return Unit.objects.filter(parent=None).order_by("position", "code")[:1].get()


def unit_choices(units: QuerySet[Unit]) -> UnitChoices:
    """
    Return `units` as grouped choices: a county bureau and a station head the group of what lies below them,
    the other units stand in the group of their kind. In the order of the tree.
    """
    above = {unit.pk: unit for unit in Unit.objects.filter(kind__in=_HEADS)}
    groups: dict[str, list[tuple[int, str]]] = {}
    for unit in sorted(units, key=_tree_order()):
        heads = [above[pk] for pk in unit.ancestor_pks if pk in above]
        group = heads[0].label if heads else str(Unit.Kind(unit.kind).label)
        groups.setdefault(group, []).append((unit.pk, unit.label))
    return list(groups.items())


def in_tree_order(units: QuerySet[Unit]) -> list[Unit]:
    """Return `units` depth first, siblings by position and code, as an organization chart reads."""
    return sorted(units, key=_tree_order())


def peers_of(unit: Unit) -> UnitQuerySet:
    """Return the units of the same peer group, `unit` among them; none if it is not compared with any."""
    return Unit.objects.filter(peer_group=unit.peer_group) if unit.peer_group else Unit.objects.none()


def nearest(unit: Unit, kind: Unit.Kind | str) -> Unit | None:
    """Return `unit` itself or the closest unit above it that is of `kind`; None if there is none."""
    return Unit.objects.filter(pk__in=unit.ancestor_pks, kind=kind).order_by("-path").first()


def ranked(unit: Unit) -> Unit | None:
    """Return `unit` itself or the closest unit above it that belongs to a peer group; None if there is none."""
    return Unit.objects.filter(pk__in=unit.ancestor_pks).exclude(peer_group="").order_by("-path").first()


def on_duty(unit: Unit, roles: Collection[Role]) -> list[list[Officer]]:
    """Return who holds one of `roles` over `unit`, grouped by how near the duty lies: the nearest first."""
    above = Duty.objects.filter(role__in=roles, unit__in=unit.ancestor_pks, officer__is_active=True)
    duties = above.select_related("officer__unit", "unit").order_by("-unit__path", "officer__username")
    return [[duty.officer for duty in group] for _path, group in groupby(duties, lambda duty: duty.unit.path)]


def units_kept_by(viewer: Officer) -> UnitQuerySet:
    """Return the units that a system administrator keeps."""
    return Unit.objects.filter(within_reach(viewer, Do.KEEP_ORGANIZATION, "path"))


def officers_kept_by(viewer: Officer) -> QuerySet[Officer]:
    """Return the accounts that a security administrator keeps, with their units and duties."""
    kept = Officer.objects.filter(within_reach(viewer, Do.KEEP_ACCOUNTS, "unit__path"))
    return kept.select_related("unit").prefetch_related("duties__unit")


def work_calendar() -> WorkCalendar:
    """
    Return the working calendar of the special days on record.

    Inside a transaction the rows are read, so that a promise is made on what is true; a page that only shows
    may see a calendar up to half a minute old. `known_to` is the end of the last year that has a special day.
    """
    if connection.in_atomic_block:
        return held("work calendar", _read_calendar)
    now = time.monotonic()
    if not _calendar or now - _calendar[0][0] > _CALENDAR_SECONDS:
        _calendar[:] = [(now, _read_calendar())]
    return _calendar[0][1]


def special_days(first: date, last: date) -> dict[date, str]:
    """Return what the holidays and make-up days from `first` to `last` are called, in the reader's language."""
    in_chinese = (get_language() or "").startswith("zh")
    return {
        day.on: day.name if in_chinese else _("调休上班") if day.is_working else _("放假")
        for day in SpecialDay.objects.filter(on__range=(first, last))
    }


def forget_calendar() -> None:
    """Let the next reader of this process see the special days as they are now."""
    _calendar.clear()


def _read_calendar() -> WorkCalendar:
    special = dict(SpecialDay.objects.values_list("on", "is_working"))
    return WorkCalendar(special, known_to=date(max(special).year, 12, 31) if special else date.min)


def _tree_order() -> Callable[[Unit], list[tuple[int, str]]]:
    """Return a sort key: the (position, code) of each unit from the root down."""
    places = {pk: (position, code) for pk, position, code in Unit.objects.values_list("pk", "position", "code")}
    return lambda unit: [places[pk] for pk in unit.ancestor_pks]
