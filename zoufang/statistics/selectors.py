"""Named reads of reported figures and saved tables. What was approved is open to all who read statistics."""

from django.db.models import Q, QuerySet

from zoufang.kernel.period import Period
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit
from zoufang.statistics.models import ReportedFigure, ReportedFigureQuerySet, SavedTable


def figures_seen_by(viewer: Officer) -> ReportedFigureQuerySet:
    """Return the figures the viewer may know of: every approved one, and all of the units they report or approve for."""
    reach = access.within_reach(viewer, Do.REPORT_FIGURE, "unit__path")
    reach |= access.within_reach(viewer, Do.APPROVE_FIGURE, "unit__path")
    if access.may(viewer, Do.SEE_STATISTICS):
        reach |= Q(approved_at__isnull=False)
    rows = ReportedFigure.objects.filter(reach)
    return rows.select_related("unit", "reported_by", "approved_by", "rejected_by")


def figures_to_approve(viewer: Officer) -> ReportedFigureQuerySet:
    """Return the figures that wait for the viewer's word: within reach, and reported by somebody else."""
    reach = access.within_reach(viewer, Do.APPROVE_FIGURE, "unit__path")
    return ReportedFigure.objects.waiting().filter(reach).exclude(reported_by=viewer)


def approved_value(code: str, unit: Unit, period: Period) -> int | None:
    """Return the approved value of a key figure for exactly this unit and these days; None if there is none."""
    if period.first is None:
        return None
    standing = ReportedFigure.objects.standing().filter(code=code, unit=unit, first=period.first, last=period.last)
    return standing.values_list("value", flat=True).first()


def saved_tables_seen_by(viewer: Officer) -> QuerySet[SavedTable]:
    """Return the viewer's own saved tables, and those shared with a unit that the viewer belongs to."""
    if not access.may(viewer, Do.SEE_STATISTICS):
        return SavedTable.objects.none()
    shared = Q(shared_with__in=viewer.unit.ancestor_pks)
    return SavedTable.objects.filter(Q(owner=viewer) | shared).select_related("owner", "shared_with")
