"""The local months of a period, by the key under which tables and addresses speak of them: "2026-03"."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from zoufang.kernel.period import Period
from zoufang.kernel.refusal import Invalid


def months_of(period: Period) -> dict[str, Period]:
    """
    Return the local months of `period` by key, the first and the last cut to it.

    :raises Invalid: if the period has no first day.
    """
    if period.first is None:
        raise Invalid(_("按月统计需要起始日期。"))
    return {f"{month.last:%Y-%m}": month for month in period.months()}


def month_of(period: Period, key: str) -> Period:
    """
    Return the month `key` of `period`.

    :raises Invalid: if the period has no such month.
    """
    months = months_of(period)
    if key not in months:
        raise Invalid(_("统计期内没有“%(key)s”这个月。") % {"key": key})
    return months[key]


def month_label(key: str) -> str:
    """Return the month as the reader writes it: 2026年3月."""
    return date_format(date.fromisoformat(f"{key}-01"), "YEAR_MONTH_FORMAT")
