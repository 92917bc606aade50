"""The words of petitions and disputes."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Level(models.TextChoices):
    """Who assigned a petition (交办层级)."""

    MINISTRY = "MINISTRY", _("部级")
    PROVINCE = "PROVINCE", _("省厅")
    CITY = "CITY", _("市级")
    OWN = "OWN", _("本级")


class Stage(models.TextChoices):
    """How far a petition has come in the order of the Regulations on petitioning work (2022), articles 34-36."""

    HANDLING = "HANDLING", _("办理")
    REVIEW = "REVIEW", _("复查")
    REEXAMINATION = "REEXAMINATION", _("复核")
    ENDED = "ENDED", _("终结")


class DisputeCategory(models.TextChoices):
    """What a dispute is about: twelve categories (纠纷类别)."""

    FAMILY = "DS01", _("婚姻家庭继承")
    NEIGHBOURS = "DS02", _("邻里")
    LAND_AND_HOUSING = "DS03", _("房屋宅基地与土地山林")
    CONTRACT_DEBT = "DS04", _("合同债务")
    DAMAGES = "DS05", _("损害赔偿")
    LABOUR = "DS06", _("劳动争议与欠薪")
    EXPROPRIATION = "DS07", _("征地拆迁")
    TRAFFIC_ACCIDENT = "DS08", _("道路交通事故")
    MEDICAL = "DS09", _("医患")
    PROPERTY_CONSUMER = "DS10", _("物业与消费")
    ENVIRONMENT_NOISE = "DS11", _("环境与噪声")
    OTHER = "DS12", _("其他")


class DisputeStatus(models.TextChoices):
    FOUND = "FOUND", _("待落实责任人")
    IN_HAND = "IN_HAND", _("调处中")
    RESOLVED = "RESOLVED", _("已化解")


class Step(models.TextChoices):
    """What is done to a petition or a dispute."""

    RECORD = "record", pgettext_lazy("step", "登记")
    ASSIGN = "assign", pgettext_lazy("step", "落实责任人")
    NOTIFY = "notify", pgettext_lazy("step", "书面告知")
    EXTEND = "extend", pgettext_lazy("step", "延期")
    ADVANCE = "advance", pgettext_lazy("step", "进入下一阶段")
    CLOSE = "close", pgettext_lazy("step", "办结")
    RESOLVE = "resolve", pgettext_lazy("step", "化解")
    REOPEN = "reopen", pgettext_lazy("step", "重新办理")
