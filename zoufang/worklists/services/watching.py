"""Tell who saved a view when too much waits in it, or too long: once, and again only after it has fallen below."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from zoufang.notifications.services import notify
from zoufang.ui.listing import Copy
from zoufang.worklists.models import SavedView
from zoufang.worklists.tabs import counted, in_words, read_as

_LONGEST_LINK = 200


def watch_views(*, now: datetime) -> int:
    """Look at every view that has a threshold, each as its owner sees it now; return how many owners were told."""
    watched = SavedView.objects.exclude(over=None, days=None).filter(owner__is_active=True)
    return sum(_look(view, now) for view in watched.select_related("owner__unit"))


def _look(view: SavedView, now: datetime) -> bool:
    copy = read_as(view, view.owner)
    if copy is None:
        return False
    many, oldest = counted(copy), _oldest(copy) if view.days is not None else None
    waited = (now - oldest).days if oldest else 0
    beyond = (view.over is not None and many > view.over) or (view.days is not None and waited > view.days)
    mine = SavedView.objects.filter(pk=view.pk)
    if not beyond:
        mine.exclude(told_at=None).update(told_at=None)
        return False
    with transaction.atomic():
        if not mine.filter(told_at=None).update(told_at=now):
            return False
        notify(
            [view.owner],
            key=f"saved_view:{view.pk}:{now.isoformat()}",
            kind="saved_view",
            parameters={"name": view.name, "many": in_words(many), "days": waited},
            link=view.address if len(view.address) <= _LONGEST_LINK else reverse("worklists:view", args=[view.pk]),
            now=now,
        )
    return True


def _oldest(copy: Copy) -> datetime | None:
    """Return since when the oldest row waits; None if there is none, or the list does not say."""
    if not copy.dated:
        return None
    rows = copy.rows.exclude(**{copy.dated: None}).order_by(copy.dated)
    moment: datetime | None = rows.values_list(copy.dated, flat=True).first()
    return moment
