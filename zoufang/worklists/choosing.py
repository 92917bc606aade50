"""Which opinions a person has marked: some by number, or all that a list holds for this person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from zoufang.exports.replay import ask_again
from zoufang.kernel.refusal import Invalid
from zoufang.opinions.models import Opinion, OpinionEvent
from zoufang.opinions.selectors import opinions_seen_by, without_texts
from zoufang.organization.models import Officer
from zoufang.ui.listing import Copy


@dataclass(frozen=True)
class Marked:
    """
    Opinions by number, with the version that the person saw (None: any), or all of the list at `path` and `query`.

    What has moved since `as_of`, when that list was read, was decided on by its older state.
    """

    picks: Mapping[str, int | None] = field(default_factory=dict)
    path: str = ""
    query: str = ""
    as_of: datetime | None = None

    @property
    def by_filter(self) -> bool:
        return bool(self.path) and not self.picks


def rows_of(marked: Marked, *, by: Officer) -> QuerySet[Opinion]:
    """
    Return the marked opinions that `by` may see, without their texts, in the order of the list.

    :raises Invalid: if the list is not one of opinions.
    :raises Refusal: if the person may not see the list.
    """
    if not marked.by_filter:
        seen = opinions_seen_by(by).filter(no__in=marked.picks).order_by("no")
        return without_texts(seen)
    copies: list[Copy] = []
    ask_again(marked.path, marked.query, by=by, take=copies.append)
    if not copies or copies[0].rows.model is not Opinion:
        raise Invalid(_("这份清单里的记录不能批量办理。"))
    return copies[0].rows


def moved_since(moment: datetime) -> Exists:
    """Return the condition that something has happened to an opinion since `moment`."""
    return Exists(OpinionEvent.objects.filter(opinion=OuterRef("pk"), at__gt=moment))
