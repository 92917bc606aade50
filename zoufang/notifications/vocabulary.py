"""The ways in which a citizen is told, and how far a message to one has come."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Way(TextChoices):
    """How a citizen is told. A message by PAGE waits where the citizen looks, so nobody sends it."""

    SMS = "SMS", _("短信")
    MAIL = "MAIL", _("电子邮件")
    MESSAGE = "MESSAGE", _("私信")
    PAGE = "PAGE", _("网上查询页")


class State(TextChoices):
    """How far a message has come. SENT: the gateway has taken it; DELIVERED: it says that it arrived."""

    WAITING = "WAITING", pgettext_lazy("outgoing", "待发送")
    SENDING = "SENDING", pgettext_lazy("outgoing", "正在发送")
    SENT = "SENT", pgettext_lazy("outgoing", "已发出")
    DELIVERED = "DELIVERED", pgettext_lazy("outgoing", "已送达")
    FAILED = "FAILED", pgettext_lazy("outgoing", "发送失败")
    GIVEN_UP = "GIVEN_UP", pgettext_lazy("outgoing", "多次未成，已停发")


GOING_ON = frozenset({State.WAITING, State.SENDING})
STUCK = frozenset({State.FAILED, State.GIVEN_UP})


class Case(TextChoices):
    """What a notice or a reminder is about. The values are the keys of `settings.CASES_SEEN_BY`."""

    OPINION = "opinion", pgettext_lazy("case", "意见")
    PETITION = "petition", pgettext_lazy("case", "信访")
    DISPUTE = "dispute", pgettext_lazy("case", "纠纷")


class Deadline(TextChoices):
    """Which of a case's deadlines is meant."""

    STEP = "STEP", _("本环节期限")
    CONTACT = "CONTACT", pgettext_lazy("deadline", "首次联系期限")
    NOTICE = "NOTICE", _("书面告知期限")
    FINISH = "FINISH", _("单位办理期限")
    PROMISE = "PROMISE", _("对群众承诺的期限")
    SETTLE = "SETTLE", _("化解办结期限")


class Level(TextChoices):
    """How hard a unit is pressed: when and whom each level tells is in `reference/reminders.yaml`."""

    REMIND = "REMIND", pgettext_lazy("level", "提醒")
    URGE = "URGE", pgettext_lazy("level", "催办")
    SUPERVISE = "SUPERVISE", pgettext_lazy("level", "督办")
    BULLETIN = "BULLETIN", pgettext_lazy("level", "通报候选")


class Told(TextChoices):
    """Who is told of a deadline: whose step it is, and who holds a duty nearest to the unit that is pressed."""

    DOER = "DOER"
    CLERK = "CLERK"
    LEADER = "LEADER"
    INSPECTOR = "INSPECTOR"
    VISIT_OFFICE = "VISIT_OFFICE"
