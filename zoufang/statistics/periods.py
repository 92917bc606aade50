"""Periods that have a name: days, months, quarters, years, and what began with a milestone. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from zoufang.kernel.period import Period
from zoufang.metrics.engine import month_label
from zoufang.statistics.heat import short_months

MONTHS_BACK, QUARTERS_BACK = 12, 5


@dataclass(frozen=True)
class Preset:
    """A period with a name, one click away."""

    label: str
    period: Period


@dataclass(frozen=True)
class Group:
    """Periods of one sort, newest first."""

    title: str
    presets: Sequence[Preset]


def presets(today: date, meeting: date | None = None) -> list[Preset]:
    """Return the periods that people ask for most; `meeting` is the day of the last on-site meeting."""
    found = [
        Preset(_("今天"), Period(today, today)),
        Preset(_("本月"), Period(today.replace(day=1), today)),
        Preset(_("上月"), _month_before(today)),
        Preset(_("本季度"), Period(_quarter(today).first, today)),
        Preset(_("今年以来"), Period(date(today.year, 1, 1), today)),
    ]
    if meeting is not None and meeting <= today:
        found.append(Preset(_("现场会以来"), Period(meeting, today)))
    return found


def groups(today: date, milestones: Iterable[tuple[str, date]] = ()) -> list[Group]:
    """Return all periods with a name; `milestones` are names and days of what the figures may be counted since."""
    since = [
        Preset(_("%(name)s以来（%(day)s）") % {"name": name, "day": day}, Period(day, today))
        for name, day in milestones
        if day <= today
    ]
    found = [
        Group(_("日"), _days(today)),
        Group(_("月"), _months(today)),
        Group(_("季度"), _quarters(today)),
        Group(_("年"), _years(today)),
        Group(_("活动与里程碑"), since),
    ]
    return [group for group in found if group.presets]


def _days(today: date) -> list[Preset]:
    yesterday = today - timedelta(days=1)
    return [
        Preset(_("今天"), Period(today, today)),
        Preset(_("昨天"), Period(yesterday, yesterday)),
        Preset(_("近 7 天"), Period(today - timedelta(days=6), today)),
        Preset(_("近 30 天"), Period(today - timedelta(days=29), today)),
    ]


def _months(today: date) -> list[Preset]:
    found, period = [], Period(today.replace(day=1), today)
    for _back in range(MONTHS_BACK):
        found.append(Preset(month_label(f"{period.last:%Y-%m}"), period))
        period = _month_before(period.last)
    return found


def _quarters(today: date) -> list[Preset]:
    found, period = [], Period(_quarter(today).first, today)
    for _back in range(QUARTERS_BACK):
        quarter = (period.last.month + 2) // 3
        found.append(Preset(_("%(year)d 年第 %(no)d 季度") % {"year": period.last.year, "no": quarter}, period))
        period = _quarter((period.first or period.last) - timedelta(days=1))
    return found


def _years(today: date) -> list[Preset]:
    found = [Preset(_("今年以来"), Period(date(today.year, 1, 1), today))]
    if today.month > 1:
        found += [
            _from_january(today.year, month) for month in dict.fromkeys((min(5, today.month - 1), today.month - 1))
        ]
    found.append(Preset(_("去年全年"), Period(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31))))
    return found


def _from_january(year: int, month: int) -> Preset:
    last = Period.month(year, month).last
    name = short_months([f"{last:%Y-%m}"], last)[0]
    return Preset(name if month == 1 else _("1—%(month)s") % {"month": name}, Period(date(year, 1, 1), last))


def running_period(span: str, today: date) -> Period | None:
    """Return the days that the name of a running period means today; None for days that stand still."""
    new_year = date(today.year, 1, 1)
    return {
        "THIS_MONTH": Period(today.replace(day=1), today),
        "LAST_MONTH": _month_before(today),
        "THIS_YEAR": Period(new_year, today),
        "LAST_YEAR": Period(date(today.year - 1, 1, 1), new_year - timedelta(days=1)),
    }.get(span)


def _month_before(day: date) -> Period:
    last = day.replace(day=1) - timedelta(days=1)
    return Period(last.replace(day=1), last)


def _quarter(day: date) -> Period:
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return Period(first, Period.month(day.year, first.month + 2).last)


def previous(period: Period) -> Period:
    """
    Return the period before, of the same length: whole months before whole months, else as many days.

    :raises ValueError: if the period has no first day.
    """
    if period.first is None:
        raise ValueError("nothing lies before the beginning")
    before = period.first - timedelta(days=1)
    if period.first.day == 1 and (period.last + timedelta(days=1)).day == 1:
        months = (period.last.year - period.first.year) * 12 + period.last.month - period.first.month
        month_no = before.year * 12 + before.month - 1 - months
        return Period(date(month_no // 12, month_no % 12 + 1, 1), before)
    return Period(before - (period.last - period.first), before)


def year_before(period: Period) -> Period:
    """
    Return the same days of the year before; the 29th of February becomes the 28th.

    :raises ValueError: if the period has no first day.
    """
    if period.first is None:
        raise ValueError("nothing lies before the beginning")
    whole_months = (period.last + timedelta(days=1)).day == 1
    last = Period.month(period.last.year - 1, period.last.month).last if whole_months else _last_year(period.last)
    return Period(_last_year(period.first), last)


def _last_year(day: date) -> date:
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def this_month(period: Period) -> Period:
    """Return the part of the month in which `period` ends that lies within it (本月)."""
    first = period.last.replace(day=1)
    return Period(max(first, period.first or first), period.last)


def evening_before(period: Period) -> Period:
    """
    Return the day before `period`: what stood open at its end is carried over into the period (结转).

    :raises ValueError: if the period has no first day.
    """
    if period.first is None:
        raise ValueError("nothing lies before the beginning")
    before = period.first - timedelta(days=1)
    return Period(before, before)
