"""
Any numbers side by side, told apart two ways: lines and columns are units, months or kinds.

Totals are counted like every other figure, never added up: a rate, a median or a number of different values is not
the sum of its parts. All of a table is read at one instant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

from django.db import connection
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zoufang.kernel.period import Period
from zoufang.kernel.refusal import Invalid
from zoufang.metrics.engine import TOTAL, Figure, Key, Metric, Table, at_one_instant, months_of, tabulate
from zoufang.organization.models import PeerGroup, Unit
from zoufang.organization.selectors import in_tree_order
from zoufang.statistics.catalogue import CATALOGUE, CATEGORY_TITLES
from zoufang.statistics.crossing import PAIR, credited_to, crossed, pair
from zoufang.statistics.heat import short_months
from zoufang.statistics.questions import Question
from zoufang.ui.characters import visible
from zoufang.ui.columns import Column, shown

CHILDREN, MONTHS, NOTHING = "children", "month", ""
DEFAULT_METRICS = [
    "visits.recorded",
    "visits.headcount",
    "opinions.heard",
    "opinions.closure_rate",
    "referrals.on_time_rate",
    "disputes.resolution_rate",
]
# More figures than these nobody reads, and a page would take seconds to draw them.
MOST_FIGURES = 12_000
# A kind by month asks once for each month.
MOST_MONTHS_BY_KIND = 24
# In the order of the tree; the bureau itself is no level of its own.
_LEVELS = tuple(kind for kind in Unit.Kind if kind is not Unit.Kind.BUREAU)


@dataclass(frozen=True)
class Head:
    """
    What one line or column is about: a slice of the number, or all of it under the key `TOTAL`.

    `unit` is whose figures they are where that is not the unit asked about; `slices` are words of the address of rows.
    """

    label: str = ""
    key: Key = TOTAL
    unit: Unit | None = None
    slices: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_total(self) -> bool:
        return self.key is TOTAL


@dataclass(frozen=True)
class Line:
    """One line: a figure with the address of its rows for each column and, in it, each number of the table."""

    head: Head
    cells: Sequence[tuple[Figure, str]]

    @property
    def label(self) -> str:
        return self.head.label

    @property
    def is_total(self) -> bool:
        return self.head.is_total


@dataclass(frozen=True)
class Numbers:
    """
    A table of numbers. `left_out` are those asked for that cannot be told apart in this way.

    `heads` are the columns, each with all `metrics`; a table told apart one way only has the one of the totals.
    """

    head: str
    across: str
    metrics: Sequence[Metric]
    heads: Sequence[Head]
    lines: Sequence[Line]
    left_out: Sequence[Metric] = ()

    @property
    def is_crossed(self) -> bool:
        return bool(self.across)

    def columns(self) -> tuple[Column, ...]:
        """Return the columns of the same table as a sheet."""
        label = Column("label", self.head, lambda line: line.label, key=True)
        places = [(head, metric) for head in self.heads for metric in self.metrics]
        return (label, *(self._column(at, *place) for at, place in enumerate(places)))

    def body(self) -> SafeString:
        """Return the `<tr>` elements of the page; written here, because a template takes seconds for a large table."""
        return SafeString("".join(self._line(line) for line in self.lines))

    def _line(self, line: Line) -> str:
        cells = (self._cell(at, *cell) for at, cell in enumerate(line.cells))
        opening = '<tr class="is-total">' if line.is_total else "<tr>"
        return f'{opening}<th scope="row">{escape(visible(line.label))}</th>{"".join(cells)}</tr>'

    def _cell(self, at: int, figure: Figure, url: str) -> str:
        css = "num"
        if self.is_crossed:
            first = " first" if at % len(self.metrics) == 0 and len(self.metrics) > 1 else ""
            css += first + (" is-whole" if at < len(self.metrics) else "")
        if figure.value is None:
            return f'<td class="{css}"><span>—</span></td>'
        nought = "" if figure.value else ' class="nought"'
        return f'<td class="{css}"><a href="{escape(url)}"{nought}>{shown(figure.value)}</a></td>'

    def _column(self, at: int, head: Head, metric: Metric) -> Column:
        title = _("%(title)s（%(per)s）") % {"title": metric.title, "per": metric.per}
        if self.is_crossed:
            title = f"{head.label} {title}"
        return Column(f"c{at}", title, lambda line: line.cells[at][0].value, numeric=True)


def level_choices() -> list[tuple[Any, Any]]:
    """Return the levels of the tree at which units may be told apart."""
    return [(CHILDREN, gettext_lazy("下级单位")), *((kind.value, kind.label) for kind in _LEVELS)]


def line_choices() -> list[tuple[Any, Any]]:
    """Return what the lines or columns of a table may be, grouped."""
    categories = {name for metric in CATALOGUE for name in metric.categories}
    return [
        (
            gettext_lazy("按单位"),
            [
                *level_choices(),
                *((group.value, group.label) for group in PeerGroup if group.value),
            ],
        ),
        (gettext_lazy("按时间"), [(MONTHS, gettext_lazy("逐月"))]),
        (gettext_lazy("按分类"), [(name, CATEGORY_TITLES.get(name, name)) for name in sorted(categories)]),
    ]


def numbers(metrics: Sequence[Metric], question: Question, lines: str, columns: str = NOTHING) -> Numbers:
    """
    Return the table of `metrics`, a line for each of what `lines` names and a column for each of `columns`.

    Both are words of `line_choices`; without `columns` there are the totals alone.

    :raises Invalid: if both are units, both are the same, or the table would be too large to read.
    """
    if (problem := wrong_pair(lines, columns)) is not None:
        raise Invalid(problem)
    kinds = [way for way in (lines, columns) if not _is_units(way) and way not in (MONTHS, NOTHING)]
    able = [metric for metric in metrics if all(kind in metric.categories for kind in kinds)]
    left_out = [metric for metric in metrics if metric not in able]
    across = _head(columns) if columns else ""
    if not able:
        return Numbers(_head(lines), across, able, [], [], left_out)
    # A question is answered in one order only, whatever stands at the side and what on top.
    turned = _rank(columns) < _rank(lines)
    read = _cross if connection.in_atomic_block else at_one_instant(_cross)
    cross = read(able, question, *((columns, lines) if turned else (lines, columns)))
    down, heads = (cross.second, cross.first) if turned else (cross.first, cross.second)
    down, heads = _called(down, question.unit.label), _called(heads, _("合计"))

    def figure(line: Head, column: Head, metric: Metric) -> tuple[Figure, str]:
        keys = (column.key, line.key) if turned else (line.key, column.key)
        return cross.figure(metric, *keys), _address(question, line, column, metric)

    found = [Line(line, [figure(line, head, metric) for head in heads for metric in able]) for line in down]
    return Numbers(_head(lines), across, able, heads, found, left_out)


def _called(heads: Sequence[Head], total: str) -> list[Head]:
    return [replace(head, label=total) if head.is_total else head for head in heads]


def wrong_pair(lines: str, columns: str) -> str | None:
    """Return why a table cannot be told apart so, in words; None if it can."""
    if not columns:
        return None
    if lines == columns:
        return _("行和列不能按同一种方式分。请换一种，或不分列。")
    if _is_units(lines) and _is_units(columns):
        return _("行和列不能都是单位。请把其中一种换成逐月或分类。")
    return None


def _is_units(way: str) -> bool:
    return bool(way) and (way == CHILDREN or way in PeerGroup.values or way in Unit.Kind.values)


def _rank(way: str) -> int:
    """Return where a way of telling apart stands when two are crossed: units, months, kinds, nothing."""
    return 0 if _is_units(way) else 1 if way == MONTHS else 2 if way else 3


def _head(way: str) -> str:
    if _is_units(way):
        return _("单位")
    return _("月份") if way == MONTHS else str(CATEGORY_TITLES.get(way, way))


def _address(question: Question, line: Head, column: Head, metric: Metric) -> str:
    whose = line.unit or column.unit or question.unit
    return Question(whose, question.period).rows_url(metric, **line.slices, **column.slices)


@dataclass(frozen=True)
class _Cross:
    """Figures by (code, key of the first way, key of the second); what is absent is empty."""

    question: Question
    first: Sequence[Head]
    second: Sequence[Head]
    found: Mapping[tuple[str, Key, Key], tuple[Any, int | None]]

    def figure(self, metric: Metric, first: Key, second: Key) -> Figure:
        value, sample = self.found.get((metric.code, first, second), (metric.empty, None))
        return Figure(metric, self.question.unit, second, value, sample)


class _Found(dict[tuple[str, Key, Key], tuple[Any, int | None]]):
    """Collects figures that several tables have brought."""

    def take(self, metric: Metric, first: Key, second: Key, figure: Figure) -> None:
        self[metric.code, first, second] = figure.value, figure.sample


def _cross(metrics: Sequence[Metric], question: Question, first: str, second: str) -> _Cross:
    if _is_units(first):
        return _units_by(metrics, question, first, second)
    if not second:
        return _alone(metrics, question, first)
    if first == MONTHS:
        return _months_by_kind(metrics, question, second)
    return _kinds(metrics, question, first, second)


def _alone(metrics: Sequence[Metric], question: Question, way: str) -> _Cross:
    table = tabulate(metrics, [question.unit], question.period, by=way)
    heads, found = _heads(table, question, way), _Found()
    for metric in metrics:
        for head in heads:
            found.take(metric, head.key, TOTAL, table.figure(metric.code, question.unit.pk, head.key))
    return _Cross(question, heads, [Head()], found)


def _units_by(metrics: Sequence[Metric], question: Question, level: str, way: str) -> _Cross:
    whole, found = question.unit, _Found()
    units = units_at(level, whole)
    table = tabulate(metrics, [*units, whole], question.period, by=way or None)
    columns = _heads(table, question, way) if way else [Head()]
    _no_larger(len(metrics) * len(columns) * (len(units) + 2))
    units = [unit for unit in units if _existed(unit, question) or _has_figures(table, unit)]
    # Where every unit lies in the one asked about, it is their total; of peers elsewhere nothing is.
    heads = [Head()] if all(whole.covers(unit) for unit in units) else []
    if level == CHILDREN:
        heads.append(Head(_("%(unit)s本级") % {"unit": whole.label}, whole.pk, slices={"own": 1}))
        _take_own(found, metrics, question, way, columns)
    heads += [Head(unit.label, unit.pk, unit=unit) for unit in units]
    for metric in metrics:
        for column in columns:
            found.take(metric, TOTAL, column.key, table.figure(metric.code, whole.pk, column.key))
            for unit in units:
                found.take(metric, unit.pk, column.key, table.figure(metric.code, unit.pk, column.key))
    return _Cross(question, heads, columns, found)


def _take_own(found: _Found, metrics: Sequence[Metric], question: Question, way: str, columns: Sequence[Head]) -> None:
    """Add the figures of what is credited to the unit itself."""
    whole = question.unit
    if not way:
        table = tabulate(metrics, [whole], question.period, by="unit")
        for metric in metrics:
            found.take(metric, whole.pk, TOTAL, table.figure(metric.code, whole.pk, whole.pk))
        return
    alone = {metric: credited_to(metric, whole) for metric in metrics if metric.has_rows}
    table = tabulate(list(alone.values()), [whole], question.period, by=way)
    for metric, narrow in alone.items():
        for column in columns:
            found.take(metric, whole.pk, column.key, table.figure(narrow.code, whole.pk, column.key))


def _months_by_kind(metrics: Sequence[Metric], question: Question, kind: str) -> _Cross:
    whole, found = question.unit.pk, _Found()
    months = months_of(question.period)
    if len(months) > MOST_MONTHS_BY_KIND:
        raise Invalid(_("逐月与分类交叉最多 %(n)d 个月，请缩短统计期。") % {"n": MOST_MONTHS_BY_KIND})
    spans: dict[Key, Period] = {TOTAL: question.period, **months}
    tables = {key: tabulate(metrics, [question.unit], period, by=kind) for key, period in spans.items()}
    # An as-of number may have had a kind at a month's end that it has no more.
    names = {key: table.label(key) for table in tables.values() for key in table.keys()}  # noqa: SIM118
    order = {key: at for at, key in enumerate(tables[TOTAL].keys())}
    kinds = [Head(names[key], key, slices={kind: key}) for key in sorted(names, key=lambda k: order.get(k, len(order)))]
    columns = [Head(), *kinds]
    for metric in metrics:
        for month, table in tables.items():
            for column in columns:
                found.take(metric, month, column.key, table.figure(metric.code, whole, column.key))
    return _Cross(question, _month_heads(question), columns, found)


def _kinds(metrics: Sequence[Metric], question: Question, first: str, second: str) -> _Cross:
    whole, found = question.unit.pk, _Found()
    by_first, by_second = (tabulate(metrics, [question.unit], question.period, by=way) for way in (first, second))
    down, over = _heads(by_first, question, first), _heads(by_second, question, second)
    _no_larger(len(metrics) * len(down) * len(over))
    pairs = {metric: crossed(metric, first, second) for metric in metrics}
    table = tabulate(list(pairs.values()), [question.unit], question.period, by=PAIR)
    for metric, both in pairs.items():
        for line in down:
            found.take(metric, line.key, TOTAL, by_first.figure(metric.code, whole, line.key))
            for column in over:
                if not line.is_total and not column.is_total:
                    at = pair(line.key, column.key)
                    found.take(metric, line.key, column.key, table.figure(both.code, whole, at))
        for column in over:
            found.take(metric, TOTAL, column.key, by_second.figure(metric.code, whole, column.key))
    return _Cross(question, down, over, found)


def _heads(table: Table, question: Question, way: str) -> list[Head]:
    """Return the total and the slices of a table by month or kind."""
    if way == MONTHS:
        return _month_heads(question)
    return [Head(), *(Head(table.label(key), key, slices={way: key}) for key in table.keys())]  # noqa: SIM118


def _month_heads(question: Question) -> list[Head]:
    keys = list(months_of(question.period))
    labels = short_months(keys, question.period.last)
    return [Head(), *(Head(label, key, slices={"month": key}) for key, label in zip(keys, labels, strict=True))]


def units_at(level: str, whole: Unit) -> list[Unit]:
    """Return the units of a level, in the order of the tree: those in `whole`, or a peer group wherever its units are."""
    units = Unit.objects.all()
    if level == CHILDREN:
        units = units.filter(parent=whole)
    elif level in Unit.Kind.values:
        units = units.within(whole).filter(kind=level).exclude(pk=whole.pk)
    else:
        units = units.filter(peer_group=level)
    return in_tree_order(units)


def _existed(unit: Unit, question: Question) -> bool:
    opened, closed = unit.valid_from, unit.valid_to
    return (opened is None or opened <= question.period.last) and (closed is None or closed >= question.first)


def _has_figures(table: Table, unit: Unit) -> bool:
    return any(table[code, unit.pk] or table.sample(code, unit.pk) for code in table.metrics)


def _no_larger(figures: int) -> None:
    if figures > MOST_FIGURES:
        words = _("这张表有 %(n)d 个数，最多 %(most)d 个。请少选几个指标，或换一种分法。")
        raise Invalid(words % {"n": figures, "most": MOST_FIGURES})
