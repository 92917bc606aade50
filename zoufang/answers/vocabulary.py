"""The words for what citizens are told: on which occasion, how far a public answer has come, what must be looked at."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Occasion(models.TextChoices):
    """On which occasion of an opinion's life a template speaks."""

    RECEIPT = "RECEIPT", _("告知收到")
    REFERRED = "REFERRED", _("告知转办")
    MORE = "MORE", _("请补充情况")
    REPLY = "REPLY", pgettext_lazy("occasion", "答复")
    EXTENSION = "EXTENSION", _("告知延期")
    NOT_OURS = "NOT_OURS", _("不属公安职责")
    CLOSING = "CLOSING", _("告知办结")


class PublicationState(models.TextChoices):
    PROPOSED = "PROPOSED", pgettext_lazy("publication", "待批准公开")
    PUBLISHED = "PUBLISHED", pgettext_lazy("publication", "已公开")
    SENT_BACK = "SENT_BACK", pgettext_lazy("publication", "退回修改")
    WITHDRAWN = "WITHDRAWN", pgettext_lazy("publication", "已撤回")


class Act(models.TextChoices):
    """What was done to a public answer."""

    PROPOSED = "PROPOSED", pgettext_lazy("step", "提请公开")
    PUBLISHED = "PUBLISHED", pgettext_lazy("step", "批准公开")
    SENT_BACK = "SENT_BACK", pgettext_lazy("step", "退回修改")
    WITHDRAWN = "WITHDRAWN", pgettext_lazy("step", "撤回公开")


class DoubtKind(models.TextChoices):
    """What in a text may tell who somebody is."""

    IDENTITY = "IDENTITY", _("像证件号码")
    PHONE = "PHONE", _("电话号码")
    LONG_NUMBER = "LONG_NUMBER", _("长号码")
    PLATE = "PLATE", _("车牌号")
    MAIL = "MAIL", _("电子邮箱")
    ACCOUNT = "ACCOUNT", _("微信或QQ号")
    NAME = "NAME", _("像姓名")
    DOOR = "DOOR", _("门牌号")
    CASE_NO = "CASE_NO", _("办件编号")
