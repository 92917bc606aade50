"""Local time: the days that people mean are days in Shanghai, the moments that are stored are UTC."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")


def local_day(moment: datetime) -> date:
    """Return the local date on which `moment` falls."""
    return moment.astimezone(LOCAL).date()


def start_of(day: date) -> datetime:
    """Return the first moment of the local `day`."""
    return datetime.combine(day, time(), LOCAL)
