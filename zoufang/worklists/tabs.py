"""The saved views of a list, as tabs above it, with how many rows each holds for who looks."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from zoufang.exports.replay import ask_again, read_address
from zoufang.kernel.refusal import Invalid, Refusal
from zoufang.organization.models import Officer
from zoufang.ui.components import Tab
from zoufang.ui.listing import Copy
from zoufang.ui.paging import COUNTED
from zoufang.worklists.models import SavedView
from zoufang.worklists.selectors import views_seen_by


@dataclass(frozen=True)
class Views:
    """The tabs of one list; counted by a request of their own, after the rows are on the screen."""

    tabs: list[Tab]
    counts_url: str
    keep_url: str
    counted: bool = False


def tabs_above(viewer: Officer, address: str) -> dict[str, Any]:
    """Return what a list shows of its saved views; `address` is its own, signed."""
    asked = urlencode({"of": address})
    found: dict[str, Any] = {"save_url": f"{reverse('worklists:save')}?{asked}"}
    if tabs := _tabs(viewer, address, counted=False):
        found["views"] = Views(tabs, f"{reverse('worklists:tabs')}?{asked}", reverse("worklists:views"))
    return found


def counted_tabs(viewer: Officer, address: str) -> Views:
    """
    Return the tabs with their counts, each view read as `viewer`.

    :raises Invalid: if no list of ours has signed the address.
    """
    return Views(_tabs(viewer, address, counted=True), "", reverse("worklists:views"), counted=True)


def list_at(path: str, query: str, *, reader: Officer) -> Copy:
    """
    Return the list at an address as `reader` sees it now.

    :raises Invalid: if there is no list at the address any more.
    :raises Refusal: if the list is not this person's to see.
    """
    copies: list[Copy] = []
    try:
        ask_again(path, query, by=reader, take=copies.append)
    except Http404:
        copies = []
    if not copies:
        raise Invalid(_("这份清单已经没有了。"))
    return copies[0]


def read_as(view: SavedView, reader: Officer) -> Copy | None:
    """Return the list of a view as `reader` sees it now; None if it is not theirs to see any more."""
    try:
        return list_at(view.path, view.query, reader=reader)
    except Refusal:
        return None


def counted(copy: Copy) -> int:
    """Return how many rows there are, up to one more than are counted."""
    return copy.rows.order_by()[: COUNTED + 1].count()


def in_words(many: int) -> str:
    return f"{COUNTED:,}+" if many > COUNTED else f"{many:,}"


def _tabs(viewer: Officer, address: str, *, counted: bool) -> list[Tab]:
    path, query = read_address(address)
    views = list(views_seen_by(viewer).filter(path=path))
    if not views:
        return []
    here = [view for view in views if view.query == query]
    return [
        Tab(_("全部"), path, current=not query),
        *(
            Tab(_label(view, viewer), view.address, view in here[:1], _count(view, viewer) if counted else None)
            for view in views
        ),
    ]


def _label(view: SavedView, viewer: Officer) -> str:
    if view.owner_id == viewer.pk:
        return view.name
    return _("%(name)s（%(note)s）") % {"name": view.name, "note": view.owner.name}


def _count(view: SavedView, viewer: Officer) -> str | None:
    copy = read_as(view, viewer)
    return None if copy is None else in_words(counted(copy))
