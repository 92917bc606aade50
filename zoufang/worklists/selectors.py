"""Named reads of runs and saved views, scoped by who looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from zoufang.opinions.models import Opinion, Referral
from zoufang.opinions.selectors import opinions_seen_by, time_to_undo
from zoufang.opinions.workflow import TAKES_BACK, Step
from zoufang.organization.models import Officer
from zoufang.worklists.models import BulkItem, BulkRun, SavedView

Outcome = BulkItem.Outcome


@dataclass(frozen=True)
class Tally:
    """How far a run has come, in opinions."""

    total: int
    done: int
    refused: int

    @property
    def settled(self) -> int:
        return self.done + self.refused


def runs_of(viewer: Officer) -> QuerySet[BulkRun]:
    """Return the viewer's own runs, newest first, each with how far it has come as `total`, `done` and `refused`."""
    return viewer.bulk_runs.annotate(
        total=Count("items"),
        done=Count("items", filter=Q(items__outcome=Outcome.DONE)),
        refused=Count("items", filter=Q(items__outcome=Outcome.REFUSED)),
    )


def tally(run: BulkRun) -> Tally:
    found = run.items.aggregate(
        total=Count("pk"), done=Count("pk", Q(outcome=Outcome.DONE)), refused=Count("pk", Q(outcome=Outcome.REFUSED))
    )
    return Tally(**found)


def items_of(run: BulkRun, outcome: str, *, viewer: Officer, most: int) -> list[BulkItem]:
    """Return the first items with this outcome; `seen` says of each whether the viewer may still open it."""
    items = list(run.items.filter(outcome=outcome).select_related("opinion").defer("opinion__content")[:most])
    seen = set(opinions_seen_by(viewer).filter(pk__in=[item.opinion_id for item in items]).values_list("pk", flat=True))
    for item in items:
        item.seen = item.opinion_id in seen  # type: ignore[attr-defined]
    return items


@dataclass(frozen=True)
class Answer:
    """What came of one opinion that was asked for by number."""

    no: str
    outcome: str
    reason: str = ""


def answers(run: BulkRun, nos: Sequence[str]) -> list[Answer]:
    """Return what came of each, in the order asked; what the run's person may not see is not there."""
    rows = run.items.values_list("opinion__no", "outcome", "reason")
    known = {no: Answer(no, outcome, reason) for no, outcome, reason in rows}
    missing = _("没有找到这件意见。")
    return [known.get(no) or Answer(no, Outcome.REFUSED, missing) for no in nos]


def undo_until(run: BulkRun) -> datetime | None:
    """Return until when what a run has done may be taken back; None if it may not, or has been."""
    if run.is_going_on or run.finished_at is None or Step(run.step) not in TAKES_BACK.values():
        return None
    if BulkRun.objects.filter(undoes=run).exists() or not run.items.filter(outcome=Outcome.DONE).exists():
        return None
    return time_to_undo(Step(run.step), run.asked_at)


def done_in(run: BulkRun, *, viewer: Officer) -> QuerySet[Opinion]:
    """Return the opinions with which a run took its step, as far as the viewer may see them."""
    done = run.items.filter(outcome=Outcome.DONE)
    return opinions_seen_by(viewer).filter(pk__in=done.values("opinion"))


def printed(rows: QuerySet[Opinion], *, most: int) -> list[Opinion]:
    """Return the first `most` of `rows` whole, each with its referral in hand as `in_hand`, a list of one or none."""
    standing = Referral.objects.filter(returned_at=None, reopened_at=None, recalled_at=None)
    related = ("topic__parent", "heard_by", "responsible_unit", "responsible", "complained_unit", "recorded_by")
    whole = rows.defer(None).select_related(*related)
    referrals = Prefetch("referrals", standing.select_related("unit", "by__unit", "rectification"), to_attr="in_hand")
    return list(whole.prefetch_related(referrals)[:most])


def views_seen_by(viewer: Officer) -> QuerySet[SavedView]:
    """Return the viewer's own saved views, and those shared with a unit that the viewer belongs to."""
    shared = Q(shared_with__in=viewer.unit.ancestor_pks)
    return SavedView.objects.filter(Q(owner=viewer) | shared).select_related("owner", "shared_with")
