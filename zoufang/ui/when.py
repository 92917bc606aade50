"""Times in the words people use: today 14:20, two days left, three days overdue."""

from datetime import date, datetime, timedelta

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from zoufang.kernel.clock import LOCAL, local_day, start_of


def moment_words(at: datetime, now: datetime) -> str:
    """Return a local date and time, short: today and yesterday by name, the year only if it is another one."""
    local, today = at.astimezone(LOCAL), local_day(now)
    clock = local.strftime("%H:%M")
    if local.date() == today:
        return _("今天 %(clock)s") % {"clock": clock}
    if local.date() == today - timedelta(days=1):
        return _("昨天 %(clock)s") % {"clock": clock}
    return f"{day_words(local.date(), today)} {clock}"


def day_words(day: date, today: date) -> str:
    """Return a date, short: without the year if it is this one."""
    if (get_language() or "").startswith("en"):
        return f"{day.day} {day:%b}" if day.year == today.year else f"{day.day} {day:%b} {day.year}"
    return f"{day.month}月{day.day}日" if day.year == today.year else f"{day.year}年{day.month}月{day.day}日"


def due_words(due_at: datetime, done_at: datetime | None, now: datetime) -> tuple[str, str]:
    """
    Return the tone and the words for a deadline.

    `due_at` is the first moment that is too late, usually a midnight: the last day is the one before it.
    """
    last_day = due_day(due_at)
    if done_at is not None:
        if done_at < due_at:
            return "done", _("按期完成")
        if local_day(done_at) == local_day(due_at) and not ends_a_day(due_at):
            return "late", _("超期完成")
        late = max(1, (local_day(done_at) - last_day).days)
        return "late", ngettext("超期 %(n)d 天完成", "超期 %(n)d 天完成", late) % {"n": late}
    days = (last_day - local_day(now)).days
    if now >= due_at:
        if days == 0:
            return "late", _("已超期")
        late = max(1, -days)
        return "late", ngettext("超期 %(n)d 天", "超期 %(n)d 天", late) % {"n": late}
    if days == 0:
        clock = due_at.astimezone(LOCAL).strftime("%H:%M")
        return "waiting", _("今天到期") if ends_a_day(due_at) else _("今天 %(clock)s 到期") % {"clock": clock}
    if days == 1:
        return "waiting", _("明天到期")
    return "neutral", _("还有 %(n)d 天") % {"n": days}


def ends_a_day(due_at: datetime) -> bool:
    """Is the deadline a midnight, as those in days are, and not a moment of the day?"""
    return start_of(local_day(due_at)) == due_at


def due_day(due_at: datetime) -> date:
    """Return the last local day on which it is not too late."""
    return local_day(due_at - timedelta(microseconds=1))
