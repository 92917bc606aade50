"""The wall screen: few numbers, large, for a room in which nobody holds a mouse. Nothing on it names a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy, pgettext_lazy

from zoufang.kernel.period import Period
from zoufang.metrics.engine import Metric, at_one_instant, tabulate
from zoufang.organization.models import PeerGroup, Unit
from zoufang.organization.selectors import work_calendar
from zoufang.statistics.board import KEY_FIGURES, Card, Ranking, card_of, places_below, ranking_of
from zoufang.statistics.catalogue import CATALOGUE
from zoufang.statistics.deadlines import Deadlines, deadlines_of
from zoufang.statistics.places import Places
from zoufang.statistics.questions import Question

# What was done today stands beside what was done in the period.
TOTALS = (
    (pgettext_lazy("plural", "走访"), "visits.recorded"),
    (gettext_lazy("征求意见建议"), "opinions.heard"),
    (gettext_lazy("办结意见建议"), "opinions.closed"),
    (gettext_lazy("群众满意率"), "ratings.satisfaction_rate"),
)
SECONDS = 60
SHOWN_PLACES = 8
_GROUPS = (PeerGroup.COUNTY, PeerGroup.CITY_STATION, PeerGroup.BUREAU_UNIT)


@dataclass(frozen=True)
class Wall:
    """What the screen shows, read at one instant. Each total is a pair: in the period, and today."""

    question: Question
    at: datetime
    keys: Sequence[tuple[Any, Card]]
    totals: Sequence[tuple[Any, Card, Card]]
    deadlines: Deadlines
    places: Places | None
    ranking: Ranking | None


@at_one_instant
def wall_of(question: Question, *, places: Metric, rank: Metric, now: datetime, today: date) -> Wall:
    """Return the wall screen; the peer groups that have units take turns in the ranking, minute by minute."""
    day = Question(question.unit, Period(today, today))
    codes = [*(main for _title, main, _beside in KEY_FIGURES), *(code for _title, code in TOTALS)]
    metrics = [CATALOGUE.get(code) for code in codes]
    in_period = tabulate(metrics, [question.unit], question.period)
    in_day = tabulate([CATALOGUE.get(code) for _title, code in TOTALS], [question.unit], day.period)
    peers = _peers(question)
    group = list(peers)[int(now.timestamp()) // SECONDS % len(peers)] if peers else None
    return Wall(
        question,
        now,
        [(title, card_of(question, in_period, main)) for title, main, _beside in KEY_FIGURES],
        [(title, card_of(question, in_period, code), card_of(day, in_day, code)) for title, code in TOTALS],
        deadlines_of(question.unit, today, work_calendar()),
        places_below(question, places),
        ranking_of(question, rank, group, peers[group]) if group else None,
    )


def _peers(question: Question) -> Mapping[PeerGroup, Sequence[Unit]]:
    """Return the peer groups that have more than one unit below, or of which the unit itself is one, with all peers."""
    inside = Unit.objects.within(question.unit).exclude(peer_group="").values_list("peer_group", flat=True)
    found = {PeerGroup(group) for group in inside}
    units: dict[PeerGroup, list[Unit]] = {}
    for unit in Unit.objects.filter(peer_group__in=found):
        units.setdefault(PeerGroup(unit.peer_group), []).append(unit)
    return {group: units[group] for group in _GROUPS if group in units}
