"""Named reads of posters: what a unit may print, and where an opinion was said."""

from collections.abc import Iterable

from django.db.models import Count, Q, QuerySet

from zoufang.channels.models import Arrival
from zoufang.channels.posters.models import Poster
from zoufang.opinions.vocabulary import Kind
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit, UnitQuerySet


def posters_kept_by(viewer: Officer) -> QuerySet[Poster]:
    """Return the posters that hang at places of the viewer's reach, in the order of the units."""
    kept = Poster.objects.up().filter(access.within_reach(viewer, Do.KEEP_DOORS, "unit__path"))
    return kept.select_related("unit").order_by("unit__position", "unit__code", "window", "pk")


def units_with_doors(viewer: Officer) -> UnitQuerySet:
    """Return the units at whose doors the viewer may put posters up."""
    return access.units_in_reach(viewer, Do.KEEP_DOORS).filter(valid_to=None)


def doors_below(viewer: Officer, unit: Unit) -> UnitQuerySet:
    """Return where people come in at `unit`: itself, and the stations and police rooms below it."""
    people_come = Q(pk=unit.pk) | Q(kind__in=[Unit.Kind.STATION, Unit.Kind.POLICE_ROOM])
    return units_with_doors(viewer).within(unit).filter(people_come)


def poster_numbered(no: str) -> Poster | None:
    """Return the poster of this number, even if it was taken down since: a photograph of it may live on."""
    return Poster.objects.numbered(no).select_related("unit").first()


def printed(viewer: Officer, nos: Iterable[str]) -> list[Poster]:
    """Return the posters of these numbers that the viewer may print, in the order of the units."""
    wanted = {poster.pk for no in nos for poster in Poster.objects.numbered(no)}
    return list(posters_kept_by(viewer).filter(pk__in=wanted))


def said_at(posters: Iterable[Poster]) -> dict[int, int]:
    """Return how many opinions came in by each poster, complaints left out: nobody learns that one is there."""
    rows = Arrival.objects.filter(poster__in=[poster.pk for poster in posters]).exclude(opinion__kind=Kind.COMPLAINT)
    return dict(rows.order_by().values_list("poster").annotate(many=Count("pk")))
