"""How often units were pressed about deadlines, level by level."""

from collections.abc import Callable

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from zoufang.metrics.engine import Category, Count
from zoufang.notifications.ledger import REMINDER_LEDGER
from zoufang.notifications.models import Reminder
from zoufang.notifications.vocabulary import Case, Deadline, Level

_CATEGORIES = {"deadline": Category("deadline", Deadline), "case": Category("case", Case)}


def _on(level: Level) -> Callable[[], QuerySet[Reminder]]:
    return lambda: Reminder.objects.filter(level=level)


REMINDED = Count(
    code="reminders.reminded",
    title=_("到期提醒"),
    per=_("次"),
    source=_("催办督办台账"),
    rows=_on(Level.REMIND),
    at="at",
    owner="unit",
    categories=_CATEGORIES,
    ledger=REMINDER_LEDGER,
)
URGED = Count(
    code="reminders.urged",
    title=_("超期催办"),
    per=_("次"),
    source=_("催办督办台账"),
    rows=_on(Level.URGE),
    at="at",
    owner="unit",
    categories=_CATEGORIES,
    ledger=REMINDER_LEDGER,
)
SUPERVISED = Count(
    code="reminders.supervised",
    title=_("督察督办"),
    per=_("次"),
    source=_("催办督办台账"),
    rows=_on(Level.SUPERVISE),
    at="at",
    owner="unit",
    categories=_CATEGORIES,
    ledger=REMINDER_LEDGER,
)
FOR_THE_BULLETIN = Count(
    code="reminders.for_the_bulletin",
    title=_("列为通报候选"),
    per=_("次"),
    source=_("催办督办台账"),
    rows=_on(Level.BULLETIN),
    at="at",
    owner="unit",
    categories=_CATEGORIES,
    ledger=REMINDER_LEDGER,
)

METRICS = (REMINDED, URGED, SUPERVISED, FOR_THE_BULLETIN)
