"""The verbs of posters: give places their numbers, and take a window's number down."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from zoufang.audit import services as audit
from zoufang.audit.services import Entry
from zoufang.channels.posters.models import Poster
from zoufang.kernel.refusal import Conflict, StaleState
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit


@transaction.atomic
def number_doors(units: Sequence[Unit], *, by: Officer, now: datetime) -> list[Poster]:
    """
    Return the posters at the doors of `units`, with numbers for those that had none. Each place has one, for good.

    :raises NotAllowed: if `by` does not keep the doors of all of them.
    """
    for unit in units:
        access.require(by, Do.KEEP_DOORS, unit)
    at_doors = Poster.objects.up().filter(unit__in=units, window="")
    known = set(at_doors.values_list("unit", flat=True))
    new = [Poster(unit=unit, made_by=by, made_at=now) for unit in units if unit.pk not in known]
    # Of two who print the same door at once, one makes its number and both print it.
    Poster.objects.bulk_create(new, ignore_conflicts=True)
    audit.record_all([Entry("put-up", on="poster", key=poster.unit.code) for poster in new], by=by, at=now)
    return list(at_doors.select_related("unit"))


@transaction.atomic
def open_window(*, unit: Unit, window: str, window_en: str = "", by: Officer, now: datetime) -> Poster:
    """
    Give a service window of `unit` a number of its own.

    :raises NotAllowed: if `by` does not keep the doors of `unit`.
    :raises Conflict: if the window has one already.
    """
    access.require(by, Do.KEEP_DOORS, unit)
    poster = Poster(unit=unit, window=window, window_en=window_en, made_by=by, made_at=now)
    Poster.objects.bulk_create([poster], ignore_conflicts=True)
    standing = Poster.objects.up().select_related("unit").get(unit=unit, window=window)
    if standing.made_at != now or standing.made_by_id != by.pk:
        raise Conflict(_("这个窗口已经有意见码 %(no)s。") % {"no": standing.no})
    audit.record("put-up", on="poster", key=standing.no, by=by, at=now, detail={"unit": unit.code, "window": window})
    return standing


@transaction.atomic
def take_down(poster: Poster, *, by: Officer, now: datetime) -> None:
    """
    Take a poster out of what is printed. Who has a picture of it is still led to its unit.

    :raises NotAllowed: if `by` does not keep the doors of its unit.
    :raises StaleState: if it was taken down already.
    """
    access.require(by, Do.KEEP_DOORS, poster.unit)
    if not Poster.objects.up().filter(pk=poster.pk).update(taken_down_at=now):
        raise StaleState
    audit.record("take-down", on="poster", key=poster.no, by=by, at=now)
