"""Named reads of what is told. Each that a person asks for is scoped by its reader."""

from datetime import datetime

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from zoufang.notifications.models import Outgoing
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer


def outgoing_kept_by(viewer: Officer) -> QuerySet[Outgoing]:
    """Return the messages that are the business of the viewer's units and about nothing the viewer may not know of."""
    kept = Outgoing.objects.filter(access.within_reach(viewer, Do.KEEP_OUTGOING, "unit__path"))
    return kept.filter(_may_know_of(viewer)).select_related("unit")


def outgoing_about(about: str) -> QuerySet[Outgoing]:
    """Return what citizens were told about the opinion `about`, first to last; its page is for who may see it."""
    return Outgoing.objects.filter(about=about).order_by("decided_at", "pk")


def database_clock() -> datetime:
    """Return what time it is by the database: one clock for all who send and remind, whatever their machines say."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def _may_know_of(viewer: Officer) -> Q:
    """Keep rows that are about nothing in particular, or about what the apps above let the viewer see, as of now."""
    known = Q(about="")
    for path in settings.ABOUTS_SEEN_BY:
        known |= Q(about__in=import_string(path)(viewer))
    return known
