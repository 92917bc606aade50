"""Named reads of visits, scoped by who reads."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Case, IntegerField, Prefetch, Q, QuerySet, When
from django.urls import reverse
from django.utils.translation import gettext as _

from zoufang.opinions.models import Opinion
from zoufang.opinions.origins import Origin
from zoufang.opinions.selectors import opinions_seen_by
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit
from zoufang.visits.models import Visit, VisitQuerySet


def visits_seen_by(viewer: Officer) -> VisitQuerySet:
    """Return the visits of the units over which the viewer may see visits, void ones included."""
    return Visit.objects.filter(access.within_reach(viewer, Do.SEE_VISITS, "unit__path"))


def visits_listed_for(viewer: Officer) -> VisitQuerySet:
    """Return the visits that the viewer sees, with everything that a line of the list or ledger shows."""
    rows = visits_seen_by(viewer).select_related("unit__parent__parent__parent", "recorded_by")
    return rows.prefetch_related("officers", opinions_seen(viewer))


def opinions_seen(viewer: Officer) -> "Prefetch[str, QuerySet[Opinion], str]":
    """
    Fetch with each visit, as `opinions_seen`, the opinions heard at it that the viewer may see.

    Never `opinion_count` instead: a number without its opinion would tell the officer complained about.
    """
    seen: QuerySet[Opinion] = opinions_seen_by(viewer).order_by("pk")
    return Prefetch("opinions", queryset=seen, to_attr="opinions_seen")


class Known(NamedTuple):
    """By what a visit is known when it comes again: who recorded it, and the digest of what was said."""

    recorded_by: int
    body_hash: str


def known_visits(uids: Iterable[UUID]) -> dict[UUID, Known]:
    """Return what is known under these identifiers, whoever sent it."""
    # One array and not a parameter each: an import asks for thousands.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT uid, recorded_by_id, body_hash FROM visits_visit WHERE uid = ANY(%s::uuid[])", [list(uids)]
        )
        return {uid: Known(recorded_by, body_hash) for uid, recorded_by, body_hash in cursor.fetchall()}


def sent_before(sender: Officer, uids: Iterable[UUID]) -> set[UUID]:
    """Return those of `uids` under which the sender recorded a visit before."""
    return {uid for uid, known in known_visits(uids).items() if known.recorded_by == sender.pk}


def origins_of(opinion: Opinion, viewer: Officer) -> list[Origin]:
    """Return the visits at which the opinion was heard, as its page shows them: only those that the viewer may see."""
    heard_at = visits_seen_by(viewer).filter(opinions=opinion).order_by("visited_at", "pk")
    return [
        Origin(
            what=str(visit.get_mode_display()),
            at=visit.visited_at,
            url=reverse("visits:detail", args=[visit.uid]),
            note=_("已作废") if visit.is_void else "",
        )
        for visit in heard_at
    ]


def last_visit_of(officer: Officer) -> Visit | None:
    """Return the visit that the officer recorded last: the next one is often of the same kind."""
    return Visit.objects.filter(recorded_by=officer, voided_at=None).order_by("-recorded_at", "-pk").first()


def officers_who_may_visit_for(unit: Unit) -> QuerySet[Officer]:
    """Return the officers who work in `unit`, below it or above it: a visit may be credited to its unit by these."""
    near = Q(unit__path__startswith=unit.path) | Q(unit__in=unit.ancestor_pks)
    return Officer.objects.filter(near, is_active=True).select_related("unit").order_by("-unit__path", "username")


def may_visit_for(unit: Unit, officer: Officer) -> bool:
    """Is the officer one of `officers_who_may_visit_for(unit)`? Asks nothing of the database."""
    return officer.is_active and (unit.covers(officer.unit) or officer.unit.covers(unit))


def officers_in_service(pks: Iterable[int]) -> dict[int, Officer]:
    """Return those of the officers who are in service, by primary key, as they are now."""
    return Officer.objects.filter(is_active=True).select_related("unit").in_bulk(set(pks))


def colleagues_offered(unit: Unit, *, viewer: Officer, limit: int = 40) -> list[Officer]:
    """
    Return the officers to offer for a visit of `unit`: the viewer first if near, then those of the unit, below, above.

    A bureau has hundreds of officers below it; beyond `limit` they are still accepted, only not offered.
    """
    distance = Case(
        When(pk=viewer.pk, then=0),
        When(unit=unit, then=1),
        When(unit__path__startswith=unit.path, then=2),
        default=3,
        output_field=IntegerField(),
    )
    return list(officers_who_may_visit_for(unit).order_by(distance, "unit__position", "username")[:limit])
