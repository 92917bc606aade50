"""The words for what other systems deliver: by which channel it came, what became of it, and why it waits."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from zoufang.opinions.vocabulary import Source


class Channel(models.TextChoices):
    """By which door an item came. The values are kept with the rows and stand in the gateways' contracts."""

    SMS = "sms", _("短信")
    MICROBLOG = "microblog", _("微博")
    MESSAGES = "messages", _("即时通讯")
    TRANSFER = "transfer", _("外部转办")
    EMAIL = "email", _("电子邮件")
    OPEN311 = "open311", _("Open311")


class State(models.TextChoices):
    """What became of an item."""

    TAKEN = "TAKEN", _("已接收")
    DUPLICATE = "DUPLICATE", _("重复")
    IN_TRAY = "IN_TRAY", _("待人工处理")
    DISCARDED = "DISCARDED", _("已作废")


class Why(models.TextChoices):
    """Why an item could not be taken as it came."""

    UNREADABLE = "UNREADABLE", _("内容读不懂")
    INVALID = "INVALID", _("内容不符合要求")
    CONFLICT = "CONFLICT", _("同一编号内容不同")
    INCOMPLETE = "INCOMPLETE", _("分段没有收齐")
    FAILED = "FAILED", _("处理时出错")
    REPLY = "REPLY", _("对来信的回复")


# As what an item counts if it does not say it itself.
SOURCE_OF: dict[Channel, Source] = {
    Channel.SMS: Source.EVALUATION_SMS,
    Channel.MICROBLOG: Source.EVALUATION_MICROBLOG,
    Channel.MESSAGES: Source.CHAT,
    Channel.TRANSFER: Source.SUPERIOR,
    Channel.EMAIL: Source.LETTER_CALL,
    Channel.OPEN311: Source.PUBLIC_PAGE,
}

# The sources by which opinions come in through these channels, in the order of their figures.
SOURCES_OF: tuple[Source, ...] = (
    Source.EVALUATION_SMS,
    Source.EVALUATION_MICROBLOG,
    Source.CHAT,
    Source.LETTER_CALL,
    Source.HOTLINE_12345,
    Source.CALL_110,
    Source.PETITION,
    Source.DISCIPLINE,
    Source.INSPECTION,
    Source.SUPERIOR,
)
