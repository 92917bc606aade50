"""Units of which nothing is on record lately: no visit, or no opinion heard."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy

from zoufang.kernel.period import Period
from zoufang.metrics.engine import Metric, tabulate
from zoufang.organization.models import PeerGroup, Unit
from zoufang.statistics.catalogue import CATALOGUE
from zoufang.statistics.questions import Question

SILENT_IN = (
    (gettext_lazy("没有走访"), "visits.recorded"),
    (gettext_lazy("没有征求到意见"), "opinions.heard"),
)
DAYS = (7, 14, 30)


@dataclass(frozen=True)
class SilentUnit:
    """A unit without a record lately; `throughout` if it has none in the whole period."""

    unit: Unit
    url: str
    throughout: bool


@dataclass(frozen=True)
class SilentPeers:
    """The silent units of one peer group (or of those that have none), out of how many."""

    label: str
    units: Sequence[SilentUnit]
    of: int

    @property
    def is_all(self) -> bool:
        """Is it a whole peer group that is silent? Then its name says more than the list of its units."""
        return bool(self.label) and len(self.units) == self.of > 1


@dataclass(frozen=True)
class Silent:
    title: Any
    metric: Metric
    groups: Sequence[SilentPeers]

    @property
    def many(self) -> int:
        return sum(len(group.units) for group in self.groups)


@dataclass(frozen=True)
class Silence:
    """Who was silent in the last `days` days of the period."""

    days: int
    window: Period
    of: int
    silent: Sequence[Silent]


def silence_of(question: Question, units: Sequence[Unit], days: int, today: date) -> Silence:
    """Return which of `units` were silent in the last `days` days of the period, as far as those are over."""
    last = max(question.first, min(question.period.last, today))
    window = Period(max(question.first, last - timedelta(days=days - 1)), last)
    metrics = [CATALOGUE.get(code) for _title, code in SILENT_IN]
    lately = tabulate(metrics, units, window)
    throughout = tabulate(metrics, units, question.period)
    silent = [
        Silent(title, CATALOGUE.get(code), _groups(question, units, code, lately=lately, throughout=throughout))
        for title, code in SILENT_IN
    ]
    return Silence(days, window, len(units), silent)


def _groups(question: Question, units: Sequence[Unit], code: str, *, lately: Any, throughout: Any) -> list[SilentPeers]:
    metric = CATALOGUE.get(code)
    found = []
    for peers in dict.fromkeys(unit.peer_group for unit in units):
        members = [unit for unit in units if unit.peer_group == peers]
        silent = [
            SilentUnit(unit, Question(unit, question.period).rows_url(metric), not throughout[code, unit.pk])
            for unit in members
            if not lately[code, unit.pk]
        ]
        if silent:
            found.append(SilentPeers(str(PeerGroup(peers).label) if peers else "", silent, len(members)))
    return found
