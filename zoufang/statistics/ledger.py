"""Ledgers of rows that have no official ledger of their own, so that every number opens onto its rows."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zoufang.metrics.engine import Metric
from zoufang.opinions.models import Rating
from zoufang.opinions.selectors import opinions_seen_by
from zoufang.organization.models import Officer
from zoufang.ui.ledger import Ledger
from zoufang.ui.listing import Column


def _rating_rows(viewer: Officer) -> QuerySet[Rating]:
    seen = Rating.objects.filter(referral__opinion__in=opinions_seen_by(viewer))
    return seen.select_related("referral__opinion", "referral__unit").order_by("-at", "-pk")


def _opinion_page(rating: Rating) -> str:
    return reverse("opinions:detail", args=[rating.referral.opinion.no])


RATING_LEDGER = Ledger(
    code="ratings",
    title=_("评价记录"),
    rows=_rating_rows,
    columns=(
        Column("no", _("意见编号"), lambda r: r.referral.opinion.no, link=_opinion_page, code=True, key=True),
        Column("opinion", _("意见"), lambda r: r.referral.opinion.headline, wide=True),
        Column("unit", _("责任单位"), lambda r: r.referral.unit.label),
        Column("at", _("评价时间"), lambda r: r.at, order="at"),
        Column("solved", _("已解决"), lambda r: r.solved),
        Column("satisfaction", _("满意度"), Rating.get_satisfaction_display),
        Column("comment", _("评价内容"), lambda r: r.comment, wide=True),
    ),
)


def ledger_of(metric: Metric) -> Ledger | None:
    """Return the ledger in whose columns the rows behind `metric` are shown; None for a number without rows."""
    if not metric.has_rows:
        return None
    declared: Any = metric.ledger
    return declared or RATING_LEDGER
