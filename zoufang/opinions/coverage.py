"""Whether everything that must be answered finds somebody who can: duties without a holder, topics without a unit."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from zoufang.opinions.models import DutyEntry, Topic
from zoufang.organization.access import POLICY, Do
from zoufang.organization.models import Duty, Role, Unit, UnitQuerySet
from zoufang.organization.selectors import in_tree_order

# Who must be there for an opinion to be signed for, handled and approved: the two are never one person.
NEEDED = (Role.CLERK, Role.LEADER)
# Every one of these may be made to answer, whether the duty directory names it or not.
_ANSWERING = (Unit.Kind.STATION, Unit.Kind.COUNTY_BUREAU)


@dataclass(frozen=True)
class Gap:
    """Something that nobody would answer for; `unit` is where, None where a topic has no line in the directory."""

    unit: Unit | None
    what: str
    topics: tuple[str, ...] = ()


def gaps_within(units: UnitQuerySet, *, today: date) -> list[Gap]:
    """
    Return every gap among `units`, in the order of the tree: roles that nobody holds, units that are closed down but
    named by the duty directory; last the topics that the directory leaves out.
    """
    named = _named()
    open_units = units.open_on(today)
    wanted = open_units.filter(kind__in=_ANSWERING) | open_units.filter(pk__in=named)
    holders = _holders(NEEDED)
    found = [
        Gap(unit, _missing(missing), named.get(unit.pk, ()))
        for unit in in_tree_order(wanted.distinct())
        if (missing := [role for role in NEEDED if not _covered(unit, holders[role])])
    ]
    gone = units.filter(pk__in=named).exclude(pk__in=open_units.values("pk"))
    found += [Gap(unit, _("单位已停用，职责目录仍指向它"), named[unit.pk]) for unit in in_tree_order(gone)]
    found += [Gap(None, _("职责目录没有列出承办单位"), (topic.label,)) for topic in _left_out()]
    return found


def can_sign(unit: Unit) -> bool:
    """Is there anybody at `unit`, or in charge of it, who can sign for a referral?"""
    return _covered(unit, _holders(POLICY[Do.SIGN_REFERRAL])[None])


Holders = dict[Role | None, list[Unit]]


def _holders(roles: Iterable[Role]) -> Holders:
    """Return the units over which each of `roles` is held by an officer in service; under None, those of any of them."""
    found: defaultdict[Role | None, list[Unit]] = defaultdict(list)
    for duty in Duty.objects.filter(role__in=list(roles), officer__is_active=True).select_related("unit"):
        for role in (Role(duty.role), None):
            found[role].append(duty.unit)
    return found


def _covered(unit: Unit, held: list[Unit]) -> bool:
    # A duty over the whole bureau does not make somebody of each of its units.
    return any(own.covers(unit) and (own.parent_id is not None or unit.parent_id is None) for own in held)


def _missing(roles: list[Role]) -> str:
    if len(roles) == len(NEEDED):
        return _("没有内勤，也没有单位负责人：无人能签收")
    return _("没有%(role)s") % {"role": roles[0].label}


def _named() -> dict[int, tuple[str, ...]]:
    """Return the units that the duty directory names, each with its topics."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for entry in DutyEntry.objects.exclude(unit=None).select_related("topic").order_by("topic__position"):
        if entry.unit_id is not None:
            found[entry.unit_id].append(entry.topic.label)
    return {pk: tuple(labels) for pk, labels in found.items()}


def _left_out() -> QuerySet[Topic]:
    return Topic.objects.exclude(parent=None).filter(duty_entry=None)
