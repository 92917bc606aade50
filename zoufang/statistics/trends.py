"""Topics month by month, and how each stands to the period before."""

from collections.abc import Sequence
from dataclasses import dataclass

from zoufang.metrics.engine import Count, Figure, Key, Metric, at_one_instant, tabulate
from zoufang.statistics.catalogue import CATALOGUE
from zoufang.statistics.changes import Change, change
from zoufang.statistics.periods import previous
from zoufang.statistics.pivot import MONTHS, Head, numbers
from zoufang.statistics.questions import Question
from zoufang.statistics.ranking import SMALLEST_SAMPLE

TOPIC, SUBTOPIC = "topic", "subtopic"
DEFAULT_METRIC = "opinions.heard"


@dataclass(frozen=True)
class Trend:
    """
    One topic: the period as a whole, its months, and the period before, each with the address of its rows.

    `change` is None where one of the two periods has fewer than `SMALLEST_SAMPLE`: of so few nothing can be said.
    """

    label: str
    whole: tuple[Figure, str]
    months: Sequence[tuple[Figure, str]]
    before: tuple[Figure, str]
    change: Change | None
    is_total: bool


@dataclass(frozen=True)
class Trends:
    months: Sequence[Head]
    trends: Sequence[Trend]


def trend_metrics() -> list[Metric]:
    """Return the numbers that are counted by topic."""
    return [metric for metric in CATALOGUE if isinstance(metric, Count) and {TOPIC, SUBTOPIC} <= set(metric.categories)]


@at_one_instant
def trends(metric: Metric, question: Question, by: str) -> Trends:
    """
    Return the topics of one level, the fastest growing first, those of which nothing can be said last.

    :raises Invalid: if there would be too many months.
    """
    earlier = Question(question.unit, previous(question.period))
    table = numbers([metric], question, by, MONTHS)
    before = tabulate([metric], [earlier.unit], earlier.period, by=by)
    found = []
    for line in table.lines:
        figure = before.figure(metric.code, earlier.unit.pk, line.head.key)
        whole, *months = line.cells
        url = earlier.rows_url(metric, **line.head.slices)
        found.append(Trend(line.label, whole, months, (figure, url), _change(metric, whole[0], figure), line.is_total))
    return Trends(table.heads[1:], sorted(found, key=_place))


def _change(metric: Metric, now: Figure, before: Figure) -> Change | None:
    if min(now.value or 0, before.value or 0) < SMALLEST_SAMPLE:
        return None
    return change(metric, now.value, before.value, less_is_better=False)


def _place(one: Trend) -> tuple[bool, bool, Key, Key]:
    now, before = one.whole[0].value or 0, one.before[0].value or 0
    growth = now / before if before and one.change else 0
    return not one.is_total, one.change is None, -growth, -now
