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
