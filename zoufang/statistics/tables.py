"""Any numbers side by side, a line for each unit, month or kind."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zoufang.kernel.period import Period
from zoufang.metrics.engine import TOTAL, Clock, Figure, Metric, Number, OfRows, Ratio, Table, at_one_instant, tabulate
from zoufang.organization.models import PeerGroup, Unit
from zoufang.organization.selectors import in_tree_order
from zoufang.statistics import periods
from zoufang.statistics.catalogue import CARRIED_OVER, CATALOGUE, CATEGORY_TITLES, LESS_IS_BETTER
from zoufang.statistics.changes import Change, change
from zoufang.statistics.questions import Question
from zoufang.ui.columns import Column

CHILDREN, STATIONS, MONTHS = "children", "stations", "month"
DEFAULT_METRICS = [
    "visits.recorded",
    "visits.headcount",
    "opinions.heard",
    "opinions.closure_rate",
    "referrals.on_time_rate",
    "disputes.resolution_rate",
]
# What a monthly return tells unless said otherwise: what came in, what was settled, what was open before.
MONTHLY_METRICS = [
    "visits.recorded",
    "opinions.heard",
    "referrals.made",
    "opinions.closed",
    "petitions.closed",
    "disputes.resolved",
]


class Spans(StrEnum):
    """Which days each number of a table is told for, beside one another."""

    PERIOD = "period"
    MONTHLY = "monthly"
    PREVIOUS = "previous"
    LAST_YEAR = "year"
    BOTH = "both"


SPAN_CHOICES = (
    (Spans.PERIOD.value, gettext_lazy("只列统计期")),
    (Spans.MONTHLY.value, gettext_lazy("本月、累计、结转")),
    (Spans.PREVIOUS.value, gettext_lazy("与上一时段对比（环比）")),
    (Spans.LAST_YEAR.value, gettext_lazy("与去年同期对比（同比）")),
    (Spans.BOTH.value, gettext_lazy("环比和同比")),
)


class Cell(NamedTuple):
    """
    A figure, the address of its rows, and in a column of comparison how the period's own figure stands to it.

    `starts` if it stands in the first of several columns of its number.
    """

    figure: Figure
    url: str
    change: Change | None = None
    starts: bool = False


@dataclass(frozen=True)
class Span:
    """One column: the number counted in it and the days. `of` is the number under which it stands."""

    of: Metric
    metric: Metric
    label: str
    period: Period
    is_compared: bool = False
    is_carried: bool = False
    starts: bool = False


@dataclass(frozen=True)
class Line:
    """One line: what it is called, and a cell for each column of the table."""

    label: str
    cells: Sequence[Cell]
    is_total: bool = False


@dataclass(frozen=True)
class Numbers:
    """A table of numbers. `left_out` are those asked for that cannot be told apart in this way."""

    head: str
    metrics: Sequence[Metric]
    spans: Sequence[Span]
    lines: Sequence[Line]
    left_out: Sequence[Metric] = ()

    @property
    def is_spanned(self) -> bool:
        """Has any number more than one column?"""
        return len(self.spans) > len(self.metrics)

    @property
    def heads(self) -> list[tuple[Metric, int]]:
        """Return the numbers with how many columns each has."""
        return [(metric, sum(span.of is metric for span in self.spans)) for metric in self.metrics]

    @property
    def days(self) -> list[tuple[str, Period]]:
        """Return each sort of column with its days, but for what is carried over."""
        return list({span.label: (span.label, span.period) for span in self.spans if not span.is_carried}.values())

    @property
    def carries(self) -> bool:
        """Is any column one of open cases carried over?"""
        return any(span.is_carried for span in self.spans)

    def columns(self) -> tuple[Column, ...]:
        """Return the columns of the same table as a sheet."""
        label = Column("label", self.head, lambda line: line.label, key=True)
        return (label, *(self._column(at, span) for at, span in enumerate(self.spans)))

    def _column(self, at: int, span: Span) -> Column:
        title = _("%(title)s（%(per)s）") % {"title": span.of.title, "per": span.of.per}
        if self.is_spanned:
            title = _("%(title)s · %(span)s") % {"title": title, "span": span.label}
        return Column(f"{span.of.code}_{at}", title, lambda line: line.cells[at].figure.value, numeric=True)


def line_choices() -> list[tuple[Any, Any]]:
    """Return what the lines of a table may be, grouped."""
    categories = {name for metric in CATALOGUE for name in metric.categories}
    return [
        (
            gettext_lazy("按单位"),
            [
                (CHILDREN, gettext_lazy("下级单位")),
                *((group.value, group.label) for group in PeerGroup if group.value),
                (STATIONS, gettext_lazy("所有派出所")),
            ],
        ),
        (gettext_lazy("按时间"), [(MONTHS, gettext_lazy("逐月"))]),
        (gettext_lazy("按分类"), [(name, CATEGORY_TITLES.get(name, name)) for name in sorted(categories)]),
    ]


@at_one_instant
def numbers(metrics: Sequence[Metric], question: Question, by: str, columns: Spans = Spans.PERIOD) -> Numbers:
    """
    Return the table of `metrics`, a line for each of what `by` names (see `line_choices`).

    `columns` says over which days each is told; month by month there is the period alone. Read in one snapshot.
    """
    if by == MONTHS:
        columns = Spans.PERIOD
    if by in PeerGroup.values or by == STATIONS:
        return _of_units(metrics, question, by, columns)
    if by == CHILDREN:
        return _sliced(metrics, question, "unit", _("单位"), columns)
    if by == MONTHS:
        return _sliced(metrics, question, "month", _("月份"), columns)
    able = [metric for metric in metrics if by in metric.categories]
    left_out = [metric for metric in metrics if by not in metric.categories]
    return _sliced(able, question, by, str(CATEGORY_TITLES.get(by, by)), columns, left_out)


def _spans(metrics: Sequence[Metric], question: Question, columns: Spans, category: str = "") -> list[Span]:
    found = []
    for metric in metrics:
        spans = _spans_of(metric, question.period, columns)
        told = [span for span in spans if not category or category in span.metric.categories]
        found += [replace(span, starts=len(told) > 1 and at == 0) for at, span in enumerate(told)]
    return found


def _spans_of(metric: Metric, period: Period, columns: Spans) -> Iterator[Span]:
    """Yield the columns of one number: the period first when it is compared, last when it sums up."""
    if columns is Spans.MONTHLY:
        # What is told as of a day has no part that belongs to the month alone.
        if not _is_as_of(metric):
            yield Span(metric, metric, _("本月"), periods.this_month(period))
        yield Span(metric, metric, _("累计"), period)
        if metric.code in CARRIED_OVER:
            carried = CATALOGUE.get(CARRIED_OVER[metric.code])
            yield Span(metric, carried, _("结转"), periods.evening_before(period), is_carried=True)
        return
    yield Span(metric, metric, _("统计期"), period)
    if columns in (Spans.PREVIOUS, Spans.BOTH):
        yield Span(metric, metric, _("上一时段"), periods.previous(period), is_compared=True)
    if columns in (Spans.LAST_YEAR, Spans.BOTH):
        yield Span(metric, metric, _("去年同期"), periods.year_before(period), is_compared=True)


def _is_as_of(metric: Metric) -> bool:
    rows = metric.whole if isinstance(metric, Ratio) else metric
    return isinstance(rows, OfRows) and rows.clock is Clock.AS_OF


def _tables(spans: Sequence[Span], units: Sequence[Unit], by: str | None = None) -> dict[Period, Table]:
    """Return one table for each of the periods, with all that is counted over it."""
    wanted: dict[Period, dict[str, Metric]] = {}
    for span in spans:
        wanted.setdefault(span.period, {})[span.metric.code] = span.metric
    return {period: tabulate(list(found.values()), units, period, by=by) for period, found in wanted.items()}


def _with_records(tables: Mapping[Period, Table]) -> set[Period]:
    """Return the periods of which anything is on record: one before all records is nothing to compare with."""
    return {period for period, table in tables.items() if any(figure.value for figure in table)}


def _cell(span: Span, figure: Figure, own: Number | None, url: str, compared: Collection[Period]) -> Cell:
    if not span.is_compared or span.period not in compared or not (own or figure.value):
        return Cell(figure, url, starts=span.starts)
    return Cell(figure, url, change(span.of, own, figure.value, less_is_better=span.of.code in LESS_IS_BETTER))


def _of_units(metrics: Sequence[Metric], question: Question, by: str, columns: Spans) -> Numbers:
    kept = Unit.objects.filter(kind=Unit.Kind.STATION) if by == STATIONS else Unit.objects.filter(peer_group=by)
    units = in_tree_order(kept)
    spans = _spans(metrics, question, columns)
    if not units:
        return Numbers(_("单位"), metrics, spans, [])
    tables = _tables(spans, units)
    compared = _with_records(tables)
    lines = []
    for unit in units:
        cells = [
            _cell(
                span,
                tables[span.period].figure(span.metric.code, unit.pk),
                tables[question.period][span.of.code, unit.pk] if span.is_compared else None,
                Question(unit, span.period).rows_url(span.metric),
                compared,
            )
            for span in spans
        ]
        lines.append(Line(unit.label, cells))
    return Numbers(_("单位"), metrics, spans, lines)


def _sliced(
    metrics: Sequence[Metric],
    question: Question,
    by: str,
    head: str,
    columns: Spans,
    left_out: Sequence[Metric] = (),
) -> Numbers:
    if not metrics:
        return Numbers(head, metrics, [], [], left_out)
    unit = question.unit
    spans = _spans(metrics, question, columns, by if by not in ("unit", "month") else "")
    tables = _tables(spans, [unit], by)
    table, compared = tables[question.period], _with_records(tables)
    keys = list(dict.fromkeys([*table.keys(), *(key for each in tables.values() for key in each.keys())]))  # noqa: SIM118
    children = Unit.objects.in_bulk(keys) if by == "unit" else {}
    labels = {key: each.label(key, unit.pk) for each in tables.values() for key in each.keys()}  # noqa: SIM118

    def url(span: Span, key: Any) -> str:
        asked = Question(unit, span.period)
        if key is TOTAL:
            return asked.rows_url(span.metric)
        if by != "unit":
            return asked.rows_url(span.metric, **{by: key})
        if key == unit.pk:
            return asked.rows_url(span.metric, own=1)
        return Question(children[key], span.period).rows_url(span.metric)

    def cell(span: Span, key: Any) -> Cell:
        figure = tables[span.period].figure(span.metric.code, unit.pk, key)
        own = table[span.of.code, unit.pk, key] if span.is_compared else None
        return _cell(span, figure, own, url(span, key), compared)

    lines = [Line(labels[key], [cell(span, key) for span in spans]) for key in keys]
    total = Line(unit.label, [cell(span, TOTAL) for span in spans], is_total=True)
    return Numbers(head, metrics, spans, [total, *lines], left_out)
