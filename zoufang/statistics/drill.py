"""From a figure to its rows: what it is, how large, and which of its rows the reader may see."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware, localtime
from django.utils.translation import gettext as _

from zoufang.kernel.refusal import Invalid
from zoufang.metrics.engine import BLANK, TOTAL, Count, Figure, Metric, Ratio, month_label, month_of, tabulate
from zoufang.opinions.models import Rating, Referral, Reply
from zoufang.organization.models import Officer
from zoufang.statistics.catalogue import CATEGORY_TITLES
from zoufang.statistics.crossing import PAIR, credited_to, crossed, pair
from zoufang.statistics.ledger import ledger_of
from zoufang.statistics.questions import Question
from zoufang.ui.ledger import Ledger

WHOLE, PART, REST = "whole", "part", "rest"
# An address cannot tell an empty value from a missing one, so an empty key is written as a dash.
NO_VALUE = "-"
# A table tells apart two ways at most; rows may be narrowed in more.
MOST_WAYS = 2
# When a row was entered, where the row itself does not say.
_ENTERED: Mapping[type, str] = {
    Referral: "opinion__recorded_at",
    Rating: "referral__opinion__recorded_at",
    Reply: "referral__opinion__recorded_at",
}


@dataclass(frozen=True)
class Drill:
    """
    A figure opened: its words and value, the rows that the reader may see, and all rows that were counted.

    `figure` is None where rows are narrowed in more ways than a table tells them apart. `end` says which rows of a
    rate are shown: the whole, the part that counts, or the rest.
    """

    metric: Metric
    question: Question
    narrowed: Mapping[str, str]
    figure: Figure | None
    end: str
    ledger: Ledger
    rows: QuerySet[Any]
    behind: QuerySet[Any]

    @property
    def counted(self) -> int:
        """How many rows there are, those that the reader may not see among them."""
        figure, metric = self.figure, self.metric
        if figure is not None and self.end == WHOLE:
            if figure.sample is not None:
                return figure.sample
            if isinstance(metric, Count) and not metric.value and not metric.distinct:
                return int(figure.value or 0)
        return self.behind.order_by().count()

    def hidden(self) -> int:
        """Return how many rows are counted but not shown."""
        return max(0, self.counted - self.rows.order_by().count())


def came_late(metric: Metric, question: Question, slices: Mapping[str, str], moment: datetime) -> int:
    """Return how many of the rows behind a figure were entered after `moment`; 0 for a number without rows."""
    if not metric.has_rows:
        return 0
    return _entered_after(_rows(metric, WHOLE, question, slices), moment).order_by().count()


def _entered_after(rows: QuerySet[Any], moment: datetime) -> QuerySet[Any]:
    """Return those of `rows` that were entered after `moment`; none where rows do not tell when they were entered."""
    path = _ENTERED.get(rows.model, "recorded_at")
    if path == "recorded_at" and not any(field.name == path for field in rows.model._meta.get_fields()):
        return rows.none()
    return rows.filter(**{f"{path}__gt": moment})


def open_figure(
    metric: Metric, question: Question, slices: Mapping[str, str], *, end: str, viewer: Officer, entered: str = ""
) -> Drill:
    """
    Open the figure of `metric`; `slices` are words of an address: `month`, `own`, or a category and its key.

    `entered` is a moment with its offset: then only the rows are shown that were entered after it.

    :raises Invalid: if a slice or its key is unknown, the moment cannot be read, or the number has no rows.
    """
    ledger = ledger_of(metric)
    if ledger is None:
        raise Invalid(_("“%(title)s”为填报数，没有明细。") % {"title": metric.title})
    if any("\0" in key for key in slices.values()):
        raise Invalid(_("分类的值不能识别。"))
    narrow = dict(slices)
    narrowed: dict[str, str] = {}
    if month := narrow.pop("month", ""):
        question = Question(question.unit, month_of(question.period, month))
        narrowed[_("月份")] = month_label(month)
    own = bool(narrow.pop("own", ""))
    if own:
        narrowed[_("单位")] = _("%(unit)s本级") % {"unit": question.unit.label}
    for name in narrow:
        metric.category(name)
    keys = {name: BLANK if key == NO_VALUE else key for name, key in narrow.items()}
    figure = _figure(metric, question, keys, own=own, narrowed=narrowed)
    unit = {"unit": question.unit.pk} if own else {}
    behind = _rows(metric, end, question, keys | unit)
    if entered:
        moment = _moment(entered)
        narrowed[_("录入时间")] = _("%(moment)s 以后") % {"moment": f"{localtime(moment):%Y-%m-%d %H:%M}"}
        figure, behind = None, _entered_after(behind, moment)
    rows = ledger.rows(viewer).filter(pk__in=behind.order_by().values("pk"))
    return Drill(metric, question, narrowed, figure, end, ledger, rows, behind)


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
        if moment is not None and is_aware(moment):
            # A moment beyond what local time can say is none.
            localtime(moment)
            return moment
    except (ValueError, OverflowError):
        pass
    raise Invalid(_("“%(text)s”不是时间。") % {"text": text[:30]})


def _figure(
    metric: Metric, question: Question, keys: Mapping[str, str], *, own: bool, narrowed: dict[str, str]
) -> Figure | None:
    unit = question.unit.pk
    found = {}
    for name, word in keys.items():
        table = tabulate([metric], [question.unit], question.period, by=name)
        found[name] = next((key for key in table.keys() if str(key) == word), word)  # noqa: SIM118
        narrowed[str(CATEGORY_TITLES.get(name, name))] = table.label(found[name])
    if own and not found:
        return tabulate([metric], [question.unit], question.period, by="unit").figure(metric.code, unit, unit)
    counted = credited_to(metric, question.unit) if own else metric
    if len(found) > MOST_WAYS:
        return None
    by, key = next(iter(found.items()), (None, TOTAL))
    if len(found) == MOST_WAYS:
        counted, by, key = crossed(counted, *found), PAIR, pair(*found.values())
    figure = tabulate([counted], [question.unit], question.period, by=by).figure(counted.code, unit, key)
    return replace(figure, metric=metric)


def _rows(metric: Metric, end: str, question: Question, slices: Mapping[str, Any]) -> QuerySet[Any]:
    whole = metric.rows_behind(question.unit, question.period, **slices)
    if not isinstance(metric, Ratio) or end == WHOLE:
        return whole
    part = metric.part.rows_behind(question.unit, question.period, **slices).order_by().values("pk")
    return whole.filter(pk__in=part) if end == PART else whole.exclude(pk__in=part)
