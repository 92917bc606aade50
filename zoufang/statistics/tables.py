"""Any numbers side by side, a line for each unit, month or kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zoufang.metrics.engine import TOTAL, Figure, Metric, tabulate
from zoufang.organization.models import PeerGroup, Unit
from zoufang.organization.selectors import in_tree_order
from zoufang.statistics.catalogue import CATALOGUE, CATEGORY_TITLES
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


@dataclass(frozen=True)
class Line:
    """One line: what it is called, and a figure with the address of its rows for each number of the table."""

    label: str
    cells: Sequence[tuple[Figure, str]]
    is_total: bool = False


@dataclass(frozen=True)
class Numbers:
    """A table of numbers. `left_out` are those asked for that cannot be told apart in this way."""

    head: str
    metrics: Sequence[Metric]
    lines: Sequence[Line]
    left_out: Sequence[Metric] = ()

    def columns(self) -> tuple[Column, ...]:
        """Return the columns of the same table as a sheet."""
        label = Column("label", self.head, lambda line: line.label, key=True)
        return (label, *(self._column(at, metric) for at, metric in enumerate(self.metrics)))

    @staticmethod
    def _column(at: int, metric: Metric) -> Column:
        title = _("%(title)s（%(per)s）") % {"title": metric.title, "per": metric.per}
        return Column(metric.code, title, lambda line: line.cells[at][0].value, numeric=True)


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


def numbers(metrics: Sequence[Metric], question: Question, by: str) -> Numbers:
    """Return the table of `metrics`, a line for each of what `by` names: see `line_choices`."""
    if by in PeerGroup.values or by == STATIONS:
        return _of_units(metrics, question, by)
    if by == CHILDREN:
        return _sliced(metrics, question, "unit", _("单位"))
    if by == MONTHS:
        return _sliced(metrics, question, "month", _("月份"))
    able = [metric for metric in metrics if by in metric.categories]
    left_out = [metric for metric in metrics if by not in metric.categories]
    return _sliced(able, question, by, str(CATEGORY_TITLES.get(by, by)), left_out)


def _of_units(metrics: Sequence[Metric], question: Question, by: str) -> Numbers:
    kept = Unit.objects.filter(kind=Unit.Kind.STATION) if by == STATIONS else Unit.objects.filter(peer_group=by)
    units = in_tree_order(kept)
    if not units:
        return Numbers(_("单位"), metrics, [])
    table = tabulate(metrics, units, question.period)
    lines = [
        Line(
            unit.label,
            [
                (table.figure(metric.code, unit.pk), Question(unit, question.period).rows_url(metric))
                for metric in metrics
            ],
        )
        for unit in units
    ]
    return Numbers(_("单位"), metrics, lines)


def _sliced(
    metrics: Sequence[Metric], question: Question, by: str, head: str, left_out: Sequence[Metric] = ()
) -> Numbers:
    if not metrics:
        return Numbers(head, metrics, [], left_out)
    unit = question.unit.pk
    table = tabulate(metrics, [question.unit], question.period, by=by)
    keys = table.keys()
    children = Unit.objects.in_bulk(keys) if by == "unit" else {}

    def cell(metric: Metric, key: Any) -> tuple[Figure, str]:
        figure = table.figure(metric.code, unit, key)
        if key is TOTAL:
            return figure, question.rows_url(metric)
        if by != "unit":
            return figure, question.rows_url(metric, **{by: key})
        if key == unit:
            return figure, question.rows_url(metric, own=1)
        return figure, Question(children[key], question.period).rows_url(metric)

    lines = [Line(table.label(key, unit), [cell(metric, key) for metric in metrics]) for key in keys]
    total = Line(question.unit.label, [cell(metric, TOTAL) for metric in metrics], is_total=True)
    return Numbers(head, metrics, [total, *lines], left_out)
