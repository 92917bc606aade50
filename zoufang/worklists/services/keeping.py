"""Keep a list under a name, call it something else, forget it."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zoufang.audit import services as audit
from zoufang.kernel.refusal import Conflict, Invalid, NotAllowed
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit
from zoufang.worklists.models import VIEWS_MOST, SavedView


@transaction.atomic
def save_view(
    *,
    name: str,
    path: str,
    query: str,
    shared_with: Unit | None = None,
    over: int | None = None,
    days: int | None = None,
    by: Officer,
    now: datetime,
) -> SavedView:
    """
    Keep filter, order and columns of the list at `path` and `query` under a name.

    :raises NotAllowed: if `by` may not share with that unit.
    :raises Invalid: if `by` has as many views of one list as one may have.
    :raises Conflict: if `by` has a view of that name for this list.
    """
    _require_sharing(shared_with, by)
    if SavedView.objects.filter(owner=by, path=path).count() >= VIEWS_MOST:
        raise Invalid(_("每份清单最多保存 %(n)d 个视图，请先删除不用的。") % {"n": VIEWS_MOST})
    view = SavedView(name=name, owner=by, path=path, query=query, shared_with=shared_with, over=over, days=days)
    _keep(view, "save", by=by, now=now)
    return view


@transaction.atomic
def change_view(
    view: SavedView,
    *,
    name: str,
    query: str,
    shared_with: Unit | None,
    over: int | None,
    days: int | None,
    by: Officer,
    now: datetime,
) -> None:
    """
    Call the view something else, show other columns share it otherwise, or tell at another threshold.

    :raises NotAllowed: if it is somebody else's, or `by` may not share with that unit.
    :raises Conflict: if `by` has another view of that name for this list.
    """
    _require_owner(view, by)
    if shared_with != view.shared_with:
        _require_sharing(shared_with, by)
    if (over, days) != (view.over, view.days):
        # Another threshold has not been crossed yet.
        view.told_at = None
    view.name, view.query, view.shared_with, view.over, view.days = name, query, shared_with, over, days
    _keep(view, "change", by=by, now=now)


@transaction.atomic
def delete_view(view: SavedView, *, by: Officer, now: datetime) -> None:
    """
    Forget the view; its rows were never part of it.

    :raises NotAllowed: if it is somebody else's.
    """
    _require_owner(view, by)
    _log("delete", view, by=by, now=now)
    view.delete()


def _require_owner(view: SavedView, by: Officer) -> None:
    if view.owner_id != by.pk:
        raise NotAllowed(_("这是%(name)s存的视图，只能由本人修改。") % {"name": view.owner.name})


def _require_sharing(unit: Unit | None, by: Officer) -> None:
    if unit is None:
        return
    access.require(by, Do.SHARE_TABLE, unit)
    if unit.pk != by.unit_id:
        raise NotAllowed(_("视图只能共享给本单位。"))


def _keep(view: SavedView, action: str, *, by: Officer, now: datetime) -> None:
    view.saved_at = now
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        raise Conflict(_("这份清单已有同名的视图，请换一个名称。")) from error
    _log(action, view, by=by, now=now)


def _log(action: str, view: SavedView, *, by: Officer, now: datetime) -> None:
    # Which filters, not what was asked of them: a search may hold what a citizen said.
    detail = {"list": view.path, "shared_with": view.shared_with.code if view.shared_with else ""}
    audit.record(f"saved_view.{action}", on="saved_view", key=view.pk, by=by, at=now, detail=detail)
