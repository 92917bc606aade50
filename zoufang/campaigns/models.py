"""Days of the campaign that the figures are counted from."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zoufang.organization.models import Officer, Unit


class Milestone(models.Model):
    """A day that divides a period: "since the meeting", "since the system went live" (里程碑)."""

    class Kind(models.TextChoices):
        START = "START", _("活动开始")
        MEETING = "MEETING", _("现场会")
        GO_LIVE = "GO_LIVE", _("系统上线")
        OTHER = "OTHER", _("其他")

    name = models.CharField(_("里程碑名称"), max_length=60)
    kind = models.CharField(_("里程碑类型"), max_length=8, choices=Kind)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="milestones", verbose_name=_("里程碑单位"))
    on = models.DateField(_("里程碑日期"))
    recorded_by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name=_("录入人"))
    recorded_at = models.DateTimeField(_("录入时间"))

    class Meta:
        verbose_name = _("里程碑")
        ordering: ClassVar = ["-on", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_milestone_per_unit_kind_day_name", fields=["unit", "kind", "on", "name"]),
            models.UniqueConstraint(name="one_go_live_per_unit", fields=["unit"], condition=Q(kind="GO_LIVE")),
            models.CheckConstraint(name="milestone_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.name}"
