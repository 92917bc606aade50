"""The dashboard of one unit and period: which numbers stand where, for whom, and how they are read together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from zoufang.kernel.period import Period
from zoufang.metrics.engine import (
    DAY,
    MINUTE,
    Figure,
    Metric,
    Table,
    Typical,
    at_one_instant,
    one_decimal,
    tabulate,
)
from zoufang.organization.models import PeerGroup, Unit
from zoufang.organization.selectors import in_tree_order, ranked, work_calendar
from zoufang.statistics.catalogue import CATALOGUE, LESS_IS_BETTER
from zoufang.statistics.changes import Change, change
from zoufang.statistics.deadlines import Deadlines, deadlines_of
from zoufang.statistics.heat import Heat, heat_of, short_months
from zoufang.statistics.places import Places, places_of
from zoufang.statistics.questions import Question
from zoufang.statistics.ranking import Place, rank
from zoufang.statistics.silence import Silence, silence_of
from zoufang.statistics.warmth import Warmth, warmth_of
from zoufang.ui.components import Bar, Chart, Series

# The three failures that the system must end, each with the number that shows it and one that stands beside it.
KEY_FIGURES = (
    (gettext_lazy("收集快不快"), "visits.entry_delay", "visits.recorded"),
    (gettext_lazy("转办畅不畅"), "referrals.delay", "referrals.hops"),
    (gettext_lazy("整改实不实"), "referrals.rectification_time", "referrals.on_time_rate"),
)
CARDS = (
    (pgettext_lazy("plural", "走访"), ("visits.recorded", "visits.headcount", "visits.with_opinions")),
    (
        pgettext_lazy("plural", "意见建议"),
        ("opinions.heard", "opinions.closed", "opinions.closure_rate", "referrals.overdue"),
    ),
    (
        gettext_lazy("信访积案"),
        ("petitions.assigned", "petitions.closed", "petitions.closure_rate", "petitions.overdue"),
    ),
    (
        pgettext_lazy("plural", "矛盾纠纷"),
        ("disputes.screened", "disputes.resolved", "disputes.resolution_rate", "disputes.unresolved_unassigned"),
    ),
    (pgettext_lazy("plural", "群众评价"), ("ratings.satisfaction_rate", "ratings.given")),
)
TREND = ("visits.recorded", "opinions.heard", "opinions.closed")
BREAKDOWNS = (
    (gettext_lazy("群众关心什么"), "opinions.heard", "topic"),
    (gettext_lazy("意见从哪里来"), "opinions.heard", "source"),
    (gettext_lazy("怎样走访"), "visits.recorded", "mode"),
    (gettext_lazy("纠纷是哪些"), "disputes.screened", "category"),
)
LATE = frozenset({"referrals.overdue", "petitions.overdue", "disputes.unresolved_unassigned"})
MOST_BARS = 10
LONG_IN_DAYS = 3
# A course of fewer months shows no course: then the months before the period are shown too.
FEWEST_MONTHS, SHOWN_MONTHS = 3, 6
DEFAULT_HEAT = "visits.recorded"
DEFAULT_RANK = "referrals.on_time_rate"
DEFAULT_PLACES = "opinions.heard"
DEFAULT_WARMTH = "visits.recorded"


class Audience(StrEnum):
    """For whom a board is: what each needs first stands first."""

    BUREAU = "bureau"
    UNIT = "unit"
    OWN = "own"


# The parts of a board from top to bottom, those side by side in one tuple. A part with nothing to say is left out.
LAYOUTS: Mapping[Audience, Sequence[Sequence[str]]] = {
    Audience.BUREAU: (
        ("keys",),
        ("deadlines",),
        ("places", "silence"),
        ("ranking", "warmth"),
        ("totals",),
        ("heat",),
        ("trend",),
        ("breakdowns",),
    ),
    Audience.UNIT: (
        ("deadlines",),
        ("keys",),
        ("ranking", "silence"),
        ("totals",),
        ("places", "warmth"),
        ("heat",),
        ("trend",),
        ("breakdowns",),
    ),
    Audience.OWN: (("deadlines",), ("totals",), ("trend",), ("keys",), ("heat",), ("breakdowns",)),
}


@dataclass(frozen=True)
class Card:
    """One number: how it reads, where it leads, how it stands to other periods: (word for the comparison, change)."""

    metric: Metric
    figure: Figure
    url: str
    changes: Sequence[tuple[str, Change]] = ()
    late: bool = False
    spark: str = ""

    @property
    def in_days(self) -> Decimal | None:
        """A long duration in days, because nobody thinks in hundreds of hours; None for anything else."""
        value, metric = self.figure.value, self.metric
        if value is None or not isinstance(metric, Typical) or not metric.is_duration:
            return None
        days = value * Decimal(metric.scale // MINUTE) / Decimal(DAY // MINUTE)
        return one_decimal(days) if days >= LONG_IN_DAYS else None

    @property
    def value(self) -> str:
        value = self.figure.value
        return "—" if value is None else f"{value:,}"


@dataclass(frozen=True)
class KeyCard:
    """One of the three key figures: the question it answers, its number large, and another beside it."""

    question: Any
    main: Card
    beside: Card


@dataclass(frozen=True)
class CardGroup:
    title: Any
    cards: Sequence[Card]


@dataclass(frozen=True)
class Breakdown:
    title: Any
    metric: Metric
    bars: Sequence[Bar]
    rest: int = 0


@dataclass(frozen=True)
class Ranking:
    """The units of one peer group, or none if the group is empty."""

    metric: Metric
    group: PeerGroup
    places: Sequence[Place]
    lines: Sequence[tuple[Place, str]] = field(default=())


@dataclass(frozen=True)
class Wish:
    """
    What a reader asks of a board, beside the question: for whom it is, what to compare with and what its parts show.

    `against` has the periods to compare with by the word for the comparison (环比, 同比); `inbox` is how many cases
    wait for the reader, None if that is not asked.
    """

    audience: Audience
    against: Mapping[str, Period]
    heat: Metric
    rank: Metric
    places: Metric
    warmth: Metric
    group: PeerGroup
    days: int
    today: date
    inbox: int | None = None


@dataclass(frozen=True)
class Board:
    """Everything that the dashboard shows, read at one instant; parts that are not shown are None or empty."""

    question: Question
    wish: Wish
    keys: Sequence[KeyCard]
    totals: Sequence[CardGroup]
    reported: Sequence[Card]
    history: Question
    trend: Chart
    heat: Heat
    heat_units: str
    breakdowns: Sequence[Breakdown]
    ranking: Ranking | None
    deadlines: Deadlines
    silence: Silence | None
    warmth: Warmth | None
    places: Places | None
    is_empty: bool = False

    @property
    def rows(self) -> list[list[str]]:
        """Return the templates of the parts, row by row."""
        rows = [[name for name in row if getattr(self, name)] for row in LAYOUTS[self.wish.audience]]
        return [[f"statistics/parts/{name}.html" for name in row] for row in rows if row]


@at_one_instant
def board(question: Question, wish: Wish) -> Board:
    """Return the dashboard of `question`, all of it read at one instant."""
    history = Question(question.unit, _history(question.period))
    parts = {name for row in LAYOUTS[wish.audience] for name in row}
    by_month = tabulate(_metrics({*_main_codes(), *TREND}), [question.unit], history.period, by="month")
    carded = _metrics({*_card_codes(), *_key_codes()})
    now = tabulate(carded, [question.unit], question.period)
    before = {word: tabulate(carded, [question.unit], period) for word, period in wish.against.items()}
    reported = tabulate(list(CATALOGUE.sections[-1].metrics), [question.unit], question.period)
    units = _units_below(question)
    heat_table = tabulate([wish.heat], [*units, question.unit], history.period, by="month")
    ranking = (
        ranking_of(question, wish.rank, wish.group, list(Unit.objects.filter(peer_group=wish.group)))
        if "ranking" in parts
        else None
    )
    breakdowns = [_breakdown(question, *each) for each in BREAKDOWNS if each[1] in CATALOGUE]
    answering = (ranked(question.unit) or question.unit) if wish.audience is Audience.OWN else question.unit
    deadlines = deadlines_of(answering, wish.today, work_calendar())
    peers = [unit for unit in units if unit.peer_group] or units
    silence = silence_of(question, peers, wish.days, wish.today) if "silence" in parts and peers else None
    warmth = (
        warmth_of(wish.warmth, peers, question.period, next(iter(wish.against.values()), None))
        if "warmth" in parts
        else None
    )
    places = places_below(question, wish.places) if "places" in parts else None
    cards = _Cards(question, now, before)
    return Board(
        question=question,
        wish=wish,
        keys=[
            KeyCard(title, cards.card(main, course=by_month), cards.card(beside)) for title, main, beside in KEY_FIGURES
        ],
        totals=_totals(cards, wish.audience),
        reported=[_reported(question, figure) for figure in reported if figure.value is not None],
        history=history,
        trend=_trend(history, by_month),
        heat=heat_of(heat_table, wish.heat, question.unit if units else None),
        heat_units=_("下级单位") if units else question.unit.label,
        breakdowns=[each for each in breakdowns if each.bars],
        ranking=ranking,
        deadlines=deadlines,
        silence=silence,
        warmth=warmth,
        places=places,
        is_empty=not any(figure.value for figure in now),
    )


def _totals(cards: "_Cards", audience: Audience) -> list[CardGroup]:
    """Return the counted totals; an officer is not shown those of work that the unit does not have."""
    groups = [CardGroup(title, [cards.card(code) for code in codes]) for title, codes in CARDS]
    if audience is not Audience.OWN:
        return groups
    return [group for group in groups if any(card.figure.value for card in group.cards)] or groups[:2]


def card_of(question: Question, table: Table, code: str, changes: Sequence[tuple[str, Change]] = ()) -> Card:
    """Return the card of a number of `table`, which was read for `question`."""
    figure = table.figure(code, question.unit.pk)
    late = code in LATE and bool(figure.value)
    return Card(figure.metric, figure, question.rows_url(figure.metric), changes, late=late)


class _Cards:
    """Makes cards of one question, each compared with the same number of other periods."""

    def __init__(self, question: Question, now: Table, before: Mapping[str, Table]) -> None:
        self._question = question
        self._now = now
        # A period before all records is nothing to compare with: everything would have grown from nought.
        self._before = {word: table for word, table in before.items() if any(figure.value for figure in table)}

    def card(self, code: str, *, course: Table | None = None) -> Card:
        """Return the card of a number; `course` is a table by month that holds it too, for the small line."""
        unit, metric, value = self._question.unit.pk, self._now.metrics[code], self._now[code, self._question.unit.pk]
        less = code in LESS_IS_BETTER
        changes = (
            (word, change(metric, value, table[code, unit], less_is_better=less))
            for word, table in self._before.items()
        )
        card = card_of(self._question, self._now, code, [(word, found) for word, found in changes if found is not None])
        keys = course.keys() if course else []
        slices = [course[code, unit, key] for key in keys] if course else []
        return replace(card, spark=_spark([None if value is None else float(value) for value in slices]))


def _reported(question: Question, figure: Figure) -> Card:
    return Card(figure.metric, figure, question.rows_url(figure.metric))


def _history(period: Period) -> Period:
    """Return the period whose months show a course: `period` itself, or one that begins some months earlier."""
    months = len(list(period.months()))
    if months >= FEWEST_MONTHS:
        return period
    first = period.last.replace(day=1)
    for _month in range(SHOWN_MONTHS - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    return Period(first, period.last)


def _metrics(codes: Iterable[str]) -> list[Metric]:
    """Return the metrics of `codes` that there are, in the order of the catalogue."""
    wanted = set(codes)
    return [metric for metric in CATALOGUE if metric.code in wanted]


def _key_codes() -> list[str]:
    return [code for _title, main, beside in KEY_FIGURES for code in (main, beside)]


def _main_codes() -> list[str]:
    return [main for _title, main, _beside in KEY_FIGURES]


def _card_codes() -> list[str]:
    return [code for _title, codes in CARDS for code in codes]


def _units_below(question: Question) -> list[Unit]:
    """Return the units that the heat table tells apart: those directly below that existed in the period."""
    return [unit for unit in question.unit.children.all() if _existed(unit, question)]


def _existed(unit: Unit, question: Question) -> bool:
    last, first = question.period.last, question.first
    return (unit.valid_from is None or unit.valid_from <= last) and (unit.valid_to is None or unit.valid_to >= first)


def places_below(question: Question, metric: Metric) -> Places | None:
    """Return the map of the districts below: of stations and county bureaus, else of the police rooms."""
    below = _units_below(question)
    shown = [unit for unit in below if unit.kind in (Unit.Kind.STATION, Unit.Kind.COUNTY_BUREAU)]
    if not shown:
        rooms = Unit.objects.within(question.unit).filter(kind=Unit.Kind.POLICE_ROOM)
        shown = [unit for unit in in_tree_order(rooms) if _existed(unit, question) and unit != question.unit]
    return places_of(shown, tabulate([metric], shown, question.period), metric) if len(shown) > 1 else None


def _trend(question: Question, table: Table) -> Chart:
    unit, keys = question.unit.pk, table.keys()
    series = [
        Series(
            name=table.metrics[code].title,
            values=[table[code, unit, key] for key in keys],
            urls=[question.rows_url(table.metrics[code], month=key) for key in keys],
        )
        for code in TREND
    ]
    labels = short_months(keys, question.period.last)
    return Chart("line", _("逐月走势"), labels, series, per=_("条"), label_head=_("月份"))


def _breakdown(question: Question, title: Any, code: str, by: str) -> Breakdown:
    metric, unit = CATALOGUE.get(code), question.unit.pk
    table = tabulate([metric], [question.unit], question.period, by=by)
    keys = table.keys()
    found = [(key, table[code, unit, key] or 0) for key in keys]
    found.sort(key=lambda pair: -pair[1])
    bars = [
        Bar(table.label(key), float(value), f"{value:,}", question.rows_url(metric, **{by: key}))
        for key, value in found[:MOST_BARS]
    ]
    return Breakdown(title, metric, bars, rest=max(0, len(found) - MOST_BARS))


def ranking_of(question: Question, metric: Metric, group: PeerGroup, units: Sequence[Unit]) -> Ranking:
    """Return the ranking of those of `units`, the peers of one group, that existed in the period."""
    peers = [unit for unit in units if _existed(unit, question)]
    if not peers:
        return Ranking(metric, group, [])
    table = tabulate([metric], peers, question.period)
    places = rank((table.figure(metric.code, unit.pk) for unit in peers), less_is_better=metric.code in LESS_IS_BETTER)
    lines = [(place, Question(place.unit, question.period).rows_url(metric)) for place in places]
    return Ranking(metric, group, places, lines)


def rankable() -> list[Metric]:
    """Return the numbers by which units may be put in order: those with rows behind them."""
    return [metric for metric in CATALOGUE if metric.has_rows]


def _spark(values: Sequence[float | None], width: int = 120, height: int = 32) -> str:
    """Return the points of a small line through `values`, months without a value left out; "" for fewer than two."""
    known = [(at, value) for at, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(value for _at, value in known), max(value for _at, value in known)
    span, last = (high - low) or 1.0, len(values) - 1
    points = [
        (2 + at * (width - 4) / last, 3 + (height - 6) * (0.5 if high == low else (high - value) / span))
        for at, value in known
    ]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
