"""Samples: which of the finished matters a level asks about, drawn by dice that can be thrown again."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from zoufang.opinions.models import CallBack, Referral
from zoufang.opinions.rules import CALL_ATTEMPTS
from zoufang.opinions.vocabulary import CallLevel
from zoufang.organization.models import Unit


class SamplingRule(models.Model):
    """How many of a unit's finished matters a level asks about, from a day on (抽查比例)."""

    level = models.CharField(_("回访层级"), max_length=6, choices=CallLevel)
    valid_from = models.DateField(_("启用日期"))
    percent = models.PositiveSmallIntegerField(_("抽查百分比"))
    least = models.PositiveSmallIntegerField(_("至少抽查"))

    class Meta:
        verbose_name = _("抽查比例")
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_sampling_rule_per_level_and_day", fields=["level", "valid_from"]),
            models.CheckConstraint(name="sampling_percent_is_a_share", condition=Q(percent__lte=100)),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.valid_from}"


class CallBackSample(models.Model):
    """
    What was drawn for one unit, month and level (回访抽样): `Random(seed)` over the finished matters gives it again.

    `population` is how many there were to draw from, in the order of their keys.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="call_back_samples", verbose_name=_("被抽查单位"))
    level = models.CharField(_("回访层级"), max_length=6, choices=CallLevel)
    month = models.DateField(_("抽查月份"))
    percent = models.PositiveSmallIntegerField(_("抽查百分比"))
    population = models.PositiveIntegerField(_("办结件数"))
    seed = models.BigIntegerField(_("随机种子"))
    drawn_at = models.DateTimeField(_("抽取时间"))

    class Meta:
        verbose_name = _("回访抽样")
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_sample_per_unit_level_month", fields=["unit", "level", "month"])
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.level} {self.month:%Y-%m}"


class SampledReferralQuerySet(models.QuerySet["SampledReferral"]):
    def with_calls(self) -> Self:
        """Tell when the level of the sample reached the citizen (`reached_at`), and when it gave up (`gave_up_at`)."""
        calls = CallBack.objects.filter(referral=OuterRef("referral"), level=OuterRef("sample__level")).order_by("at")
        last_try = calls.filter(reached=False).values("at")[CALL_ATTEMPTS - 1 : CALL_ATTEMPTS]
        return self.annotate(
            reached_at=Subquery(calls.filter(reached=True).values("at")[:1]), gave_up_at=Subquery(last_try)
        )


class SampledReferral(models.Model):
    """One finished matter that a level is to ask about (抽中回访). Whether it has, its call-backs say."""

    sample = models.ForeignKey(CallBackSample, models.CASCADE, related_name="drawn", verbose_name=_("回访抽样"))
    referral = models.ForeignKey(Referral, models.CASCADE, related_name="sampled", verbose_name=_("转办"))

    objects = SampledReferralQuerySet.as_manager()

    class Meta:
        verbose_name = _("抽中回访")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [models.UniqueConstraint(name="drawn_once_in_a_sample", fields=["sample", "referral"])]

    def __str__(self) -> str:
        return f"{self.sample} {self.referral}"
