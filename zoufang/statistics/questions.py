"""What a reader asks of the numbers, read from the words of an address or a command line: whose, when, told apart how."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from zoufang.kernel.period import Period
from zoufang.kernel.refusal import Invalid
from zoufang.metrics.engine import Metric
from zoufang.organization.models import Unit
from zoufang.organization.selectors import bureau

# Days outside are typing errors; a table by month of more months than these is nothing that anybody reads.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
MOST_MONTHS = 60


@dataclass(frozen=True)
class Question:
    """Whose number, and over which days; the period always has a first day."""

    unit: Unit
    period: Period

    @property
    def first(self) -> date:
        return self.period.first or FIRST_DAY

    def words(self, **more: Any) -> dict[str, str]:
        """Return the question as the query of an address; what is empty in `more` is left out."""
        asked = {"unit": self.unit.code, "from": self.first.isoformat(), "to": self.period.last.isoformat()}
        return asked | {name: str(value) for name, value in more.items() if value not in (None, "")}

    def rows_url(self, metric: Metric, **slices: Any) -> str:
        """Return where the rows behind `metric` are shown, or for a reported figure the figures themselves."""
        if not metric.has_rows:
            return f"{reverse('statistics:figures')}?{urlencode({'code': metric.code.partition('.')[2]})}"
        query = self.words(**{name: "-" if value == "" else value for name, value in slices.items()})
        return f"{reverse('statistics:rows', args=[metric.code])}?{urlencode(query)}"


def ask(*, unit: str = "", first: str = "", last: str = "", today: date) -> Question:
    """
    Return the question in these words. Without a unit it is about the whole bureau, without days about this year.

    :raises Invalid: if there is no such unit, or a day cannot be read or lies outside of all records.
    """
    return Question(unit_called(unit), period_between(first, last, today=today))


def unit_called(code: str) -> Unit:
    """
    Return the unit with this code, the bureau if it is empty.

    :raises Invalid: if there is none.
    """
    found = Unit.objects.filter(code=code).first() if code.isdecimal() else None
    if code and found is None:
        raise Invalid(_("没有代码为“%(code)s”的单位。") % {"code": code[:20]})
    try:
        return found or bureau()
    except Unit.DoesNotExist as error:
        raise Invalid(_("还没有单位，请先导入单位。")) from error


def period_between(first: str, last: str, *, today: date) -> Period:
    """
    Return the period from `first` to `last`; the last day is today unless said, the first that year's first.

    :raises Invalid: if a day cannot be read, or they are the wrong way round.
    """
    end = day_called(last) if last else today
    start = day_called(first) if first else date(end.year, 1, 1)
    if end < start:
        raise Invalid(_("截止日期早于起始日期。"))
    return Period(start, end)


def day_called(text: str) -> date:
    """
    Return the day written as 2026-03-31.

    :raises Invalid: if it is not one, or lies outside of all records.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(_("“%(text)s”不是日期，请写成 2026-03-31 的样子。") % {"text": text[:20]}) from error
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Invalid(_("日期应当在 %(first)s 与 %(last)s 之间。") % {"first": FIRST_DAY, "last": LAST_DAY})
    return day


def slicing(metric: Metric, by: str, period: Period) -> str | None:
    """
    Return how `tabulate` is to slice `metric`: "unit", "month" or the name of a category; None if `by` is empty.

    "category" means the category by that name, or else the first that the metric declares.

    :raises Invalid: if the metric is not told apart so, or there would be too many months.
    """
    if not by:
        return None
    if by == "month" and len(list(period.months())) > MOST_MONTHS:
        raise Invalid(_("按月统计最多 %(n)d 个月，请缩短统计期。") % {"n": MOST_MONTHS})
    if by == "category" and by not in metric.categories and metric.categories:
        return next(iter(metric.categories))
    if by not in ("unit", "month"):
        metric.category(by)
    return by


def shared_categories(metrics: Sequence[Metric]) -> list[str]:
    """Return the categories by which all of `metrics` can be told apart, in the order of the first."""
    if not metrics:
        return []
    return [name for name in metrics[0].categories if all(name in metric.categories for metric in metrics)]
