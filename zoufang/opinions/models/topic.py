"""What opinions are about, who answers for it, and how long a step may be taken back."""

from typing import ClassVar

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from zoufang.opinions.workflow import Step
from zoufang.organization.models import Unit


class Topic(models.Model):
    """What an opinion is about, on two levels; an opinion names the second (主题)."""

    code = models.CharField(_("主题代码"), max_length=4, unique=True)
    name = models.CharField(_("主题名称"), max_length=30)
    name_en = models.CharField(_("主题英文名称"), max_length=60)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children", verbose_name=_("上级主题"))
    position = models.PositiveIntegerField(_("排列次序"), default=0)

    class Meta:
        verbose_name = _("主题")
        ordering: ClassVar = ["position", "code"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name


class DutyEntry(models.Model):
    """One line of the duty directory (职责目录): who answers for a topic, by name or by nearness to where it was heard."""

    topic = models.OneToOneField(Topic, models.CASCADE, related_name="duty_entry", verbose_name=_("主题"))
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, verbose_name=_("承办单位"))

    class Meta:
        verbose_name = _("职责目录")

    def __str__(self) -> str:
        return f"{self.topic}: {self.unit or _('属地派出所')}"


class TakeBackPolicy(models.Model):
    """For how many minutes whoever took a step may take it back, from a date on (撤回时限)."""

    step = models.CharField(_("环节"), max_length=16, choices=Step)
    valid_from = models.DateField(_("启用日期"))
    minutes = models.PositiveSmallIntegerField(_("撤回时限（分钟）"))

    class Meta:
        verbose_name = _("撤回时限")
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_take_back_policy_per_step_and_day", fields=["step", "valid_from"])
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.valid_from}"
