"""Named reads of petitions and disputes, scoped by who reads."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from zoufang.casework.models import Dispute, PetitionCase
from zoufang.casework.vocabulary import DisputeStatus
from zoufang.kernel.clock import local_day
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit


def petitions_seen_by(viewer: Officer) -> QuerySet[PetitionCase]:
    """Return the petitions of the units within the viewer's reach, and those the viewer answers for."""
    reach = access.within_reach(viewer, Do.SEE_CASEWORK, "unit__path")
    if access.may(viewer, Do.SEE_CASEWORK):
        reach |= Q(responsible=viewer) | Q(leader=viewer)
    return PetitionCase.objects.filter(reach)


def petitions_listed_for(viewer: Officer) -> QuerySet[PetitionCase]:
    """Return the petitions that the viewer sees, with everything that a line of the list or ledger shows."""
    return petitions_seen_by(viewer).select_related("unit", "leader", "responsible")


def overdue_petitions(viewer: Officer, *, now: datetime) -> QuerySet[PetitionCase]:
    """Return the open petitions past their deadline, extension included, most overdue first."""
    late = petitions_listed_for(viewer).filter(closed_at=None).alias(promised_at=Coalesce("extended_to", "due_at"))
    return late.filter(promised_at__lte=now).order_by("promised_at", "pk")


def disputes_seen_by(viewer: Officer) -> QuerySet[Dispute]:
    """Return the disputes of the units within the viewer's reach, and those the viewer answers for."""
    reach = access.within_reach(viewer, Do.SEE_CASEWORK, "unit__path")
    if access.may(viewer, Do.SEE_CASEWORK):
        reach |= Q(responsible=viewer)
    return Dispute.objects.filter(reach)


def disputes_listed_for(viewer: Officer) -> QuerySet[Dispute]:
    """Return the disputes that the viewer sees, with everything that a line of the list or ledger shows."""
    return disputes_seen_by(viewer).select_related("unit", "responsible")


def unanswered_disputes(viewer: Officer, *, now: datetime) -> QuerySet[Dispute]:
    """Return the unresolved disputes that nobody answers for or that are past their date, oldest promise first."""
    waiting = Q(responsible=None) | Q(due_on__lt=local_day(now))
    rows = disputes_listed_for(viewer).exclude(status=DisputeStatus.RESOLVED).filter(waiting)
    return rows.order_by("due_on", "pk")


def officers_who_may_answer_for(unit: Unit) -> QuerySet[Officer]:
    """Return the officers who work in `unit`, below it or above it: one of these can be made responsible."""
    near = Q(unit__path__startswith=unit.path) | Q(unit__in=unit.ancestor_pks)
    return Officer.objects.filter(near, is_active=True).select_related("unit").order_by("-unit__path", "username")
