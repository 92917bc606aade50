"""Named reads of what is told. Each that a person asks for is scoped by its reader."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.module_loading import import_string

from zoufang.notifications.models import Notice, Outgoing, Reminder
from zoufang.notifications.vocabulary import Case
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer


def outgoing_kept_by(viewer: Officer) -> QuerySet[Outgoing]:
    """Return the messages that are the business of the viewer's units and about nothing the viewer may not know of."""
    kept = Outgoing.objects.filter(access.within_reach(viewer, Do.KEEP_OUTGOING, "unit__path"))
    return kept.filter(_may_know_of(viewer, Case.OPINION)).select_related("unit")


def outgoing_about(about: str) -> QuerySet[Outgoing]:
    """Return what citizens were told about the opinion `about`, first to last; its page is for who may see it."""
    return Outgoing.objects.filter(about=about).order_by("decided_at", "pk")


def database_clock() -> datetime:
    """Return what time it is by the database: one clock for all who send and remind, whatever their machines say."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def notices_of(viewer: Officer) -> QuerySet[Notice]:
    """Return what the viewer was told and may still know of, newest first."""
    return Notice.objects.filter(_may_know_of(viewer), officer=viewer).order_by("-at", "-pk")


def unread_notices_of(viewer: Officer) -> QuerySet[Notice]:
    return notices_of(viewer).filter(read_at=None)


def reminders_seen_by(viewer: Officer) -> QuerySet[Reminder]:
    """Return how units were pressed about the cases that the viewer may know of, newest first."""
    known = Q(pk__in=[])
    for case, seen in _cases_seen_by(viewer).items():
        known |= Q(_is_one_of(seen), case=case)
    return Reminder.objects.filter(known).select_related("unit").order_by("-at", "-pk")


def reminders_about(case: Case, no: str) -> QuerySet[Reminder]:
    """Return how a unit was pressed about one case, first to last; the page of the case is for who may see it."""
    return Reminder.objects.filter(case=case, about=no).select_related("unit").order_by("at", "pk")


def headlines(notices: Iterable[Notice], viewer: Officer) -> dict[tuple[str, str], str]:
    """Return what the cases of `notices` are called, by case and number."""
    wanted: dict[str, set[str]] = {}
    for notice in notices:
        wanted.setdefault(notice.case, set()).add(notice.about)
    return {
        (case, row.no): row.headline
        for case, seen in _cases_seen_by(viewer).items()
        if case in wanted
        for row in seen.filter(no__in=wanted[case])
    }


def _may_know_of(viewer: Officer, *cases: Case) -> Q:
    """Keep rows that are about nothing in particular, or about what the apps above let the viewer see, as of now."""
    known = Q(about="")
    for case, seen in _cases_seen_by(viewer).items():
        if case in cases:
            known |= Q(_is_one_of(seen))
        elif not cases:
            known |= Q(_is_one_of(seen), case=case)
    return known


def _is_one_of(seen: QuerySet[Any]) -> Exists:
    # Row by row, through the index of the number: few are asked for, and there may be millions of cases.
    return Exists(seen.order_by().filter(no=OuterRef("about")))


def _cases_seen_by(viewer: Officer) -> dict[str, QuerySet[Any]]:
    return {case: import_string(path)(viewer) for case, path in settings.CASES_SEEN_BY.items()}
