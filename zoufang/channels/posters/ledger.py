"""The opinions that came in by posters, with where each was said."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zoufang.channels.models import Arrival
from zoufang.opinions.ledger import TONES
from zoufang.opinions.selectors import opinions_seen_by
from zoufang.opinions.vocabulary import Kind
from zoufang.opinions.workflow import Status
from zoufang.organization.models import Officer
from zoufang.ui.columns import label_of
from zoufang.ui.ledger import Ledger
from zoufang.ui.listing import Column


def _of_opinion(column: str, choices: Any) -> Any:
    labelled = label_of(column, choices)
    return lambda arrival: labelled(arrival.opinion)


def _opinion_page(arrival: Arrival) -> str:
    return reverse("opinions:detail", args=[arrival.opinion.no])


def _rows(viewer: Officer) -> QuerySet[Arrival]:
    seen = Arrival.objects.filter(poster__isnull=False, opinion__in=opinions_seen_by(viewer))
    return seen.select_related("opinion__topic", "poster__unit").order_by("-opinion__heard_at", "-pk")


ARRIVAL_LEDGER = Ledger(
    code="posters",
    title=_("扫码来件台账"),
    rows=_rows,
    columns=(
        Column("no", _("编号"), lambda a: a.opinion.no, link=_opinion_page, code=True, key=True),
        Column("poster", _("意见码"), lambda a: a.poster.no, code=True),
        Column("place", _("张贴处"), lambda a: a.poster.place),
        Column("heard_at", _("收集时间"), lambda a: a.opinion.heard_at),
        Column("kind", _("类别"), _of_opinion("kind", Kind)),
        Column("topic", _("主题"), lambda a: a.opinion.topic.label),
        Column("content", _("内容"), lambda a: a.opinion.content, wide=True),
        Column(
            "status",
            _("状态"),
            _of_opinion("status", Status),
            badge=lambda a: TONES[Status(a.opinion.status)],
        ),
    ),
)
