"""How the channels fare: what came, what became of it, and how long it took to refer it, over the last thirty days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse

from zoufang.channels.metrics import BY_HAND, DUPLICATES, RECEIVED, REGISTERED
from zoufang.channels.selectors import deliveries_seen_by
from zoufang.channels.vocabulary import SOURCES_OF, Channel, State
from zoufang.kernel.period import Period
from zoufang.metrics.engine import Metric, tabulate
from zoufang.metrics.instant import at_one_instant
from zoufang.opinions.metrics import REFERRAL_DELAY
from zoufang.organization.models import Officer, Unit
from zoufang.organization.selectors import bureau
from zoufang.ui.columns import shown

DAYS = 30


@dataclass(frozen=True)
class Cell:
    """One figure, and where its rows are."""

    text: str
    url: str


@dataclass(frozen=True)
class Line:
    """One channel, or one source of opinions."""

    label: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Overview:
    """The two tables of the page: deliveries by channel, and hours to the first referral by source."""

    period: Period
    heads: Sequence[str]
    channels: Sequence[Line]
    sources: Sequence[Line]


@at_one_instant
def overview(viewer: Officer, today: date) -> Overview:
    """Return the figures of the last thirty days for the whole bureau; what waits in the tray is as of now."""
    period, unit = Period(today - timedelta(days=DAYS - 1), today), bureau()
    metrics = (RECEIVED, REGISTERED, DUPLICATES, BY_HAND)
    table = tabulate(metrics, [unit], period, by="channel")
    waiting = dict(
        deliveries_seen_by(viewer)
        .filter(state=State.IN_TRAY)
        .order_by()
        .values_list("channel")
        .annotate(many=Count("pk"))
    )
    channels = [
        Line(
            str(channel.label),
            [
                *(
                    Cell(shown(table[metric.code, unit.pk, channel]), _rows(metric, unit, period, channel=channel))
                    for metric in metrics
                ),
                Cell(shown(waiting.get(channel, 0)), f"{reverse('channels:tray')}"),
            ],
        )
        for channel in Channel
    ]
    delays = tabulate([REFERRAL_DELAY], [unit], period, by="source")
    sources = [
        Line(
            str(source.label),
            [
                Cell(
                    delays.figure(REFERRAL_DELAY.code, unit.pk, source).shown,
                    _rows(REFERRAL_DELAY, unit, period, source=source),
                )
            ],
        )
        for source in SOURCES_OF
    ]
    return Overview(period, [str(metric.title) for metric in metrics], channels, sources)


def _rows(metric: Metric, unit: Unit, period: Period, **slices: Any) -> str:
    asked = {"unit": unit.code, "from": str(period.first), "to": str(period.last), **slices}
    return f"{reverse('statistics:rows', args=[metric.code])}?{urlencode(asked)}"
