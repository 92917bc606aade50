"""Named reads of milestones. They are known to everybody in the bureau."""

from datetime import date

from django.db.models import QuerySet

from zoufang.campaigns.models import Milestone
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit


def milestones_seen_by(viewer: Officer) -> QuerySet[Milestone]:
    """Return every milestone to those who read statistics or bulletins, newest first."""
    seen = access.may(viewer, Do.SEE_STATISTICS) or access.may(viewer, Do.KEEP_CAMPAIGN)
    return Milestone.objects.select_related("unit") if seen else Milestone.objects.none()


def latest_meeting(before: date) -> Milestone | None:
    """Return the last on-site meeting on or before the local day `before`, if there was one."""
    meetings = Milestone.objects.filter(kind=Milestone.Kind.MEETING, on__lte=before).select_related("unit")
    return meetings.order_by("-on", "-pk").first()


def milestones_of(unit: Unit, before: date) -> QuerySet[Milestone]:
    """Return the milestones of `unit` and of the units above it on or before the local day `before`, newest first."""
    return Milestone.objects.filter(unit__in=unit.ancestor_pks, on__lte=before).order_by("-on", "-pk")


def go_lives() -> QuerySet[Milestone]:
    """Return the days on which units began to use the system, in the order of the units."""
    return Milestone.objects.filter(kind=Milestone.Kind.GO_LIVE).select_related("unit").order_by("unit__position", "on")


def go_live_of(unit: Unit) -> date | None:
    """Return the local day on which `unit`, or else the nearest unit above it, began to use the system."""
    days = dict(go_lives().filter(unit__in=unit.ancestor_pks).values_list("unit_id", "on"))
    return next((days[pk] for pk in reversed(unit.ancestor_pks) if pk in days), None)
