"""The citizen's side: who asked and may be reached how, what was said when they were called, how they rate."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zoufang.opinions.models.opinion import Opinion
from zoufang.opinions.models.referral import Referral
from zoufang.opinions.vocabulary import (
    NEEDS_ADDRESS,
    NEEDS_PHONE,
    CallLevel,
    Satisfaction,
    TellBy,
)
from zoufang.organization.models import Officer


class Asker(models.Model):
    """
    Somebody who said an opinion without an account and may follow it by code (反映人).

    The code is kept as a keyed hash only. `tell_by` is how they wish to be told the answer. Name, phone and address (of
    mail, an account for messages, or what was posted) are kept only where that needs them, sealed, and disposed of after retention.
    """

    opinion = models.ForeignKey(Opinion, models.CASCADE, related_name="askers", verbose_name=_("意见建议"))
    code_hash = models.CharField(max_length=64, unique=True)
    name_sealed = models.BinaryField(default=b"")
    phone_sealed = models.BinaryField(default=b"")
    address_sealed = models.BinaryField(default=b"")
    tell_by = models.CharField(_("告知方式"), max_length=7, choices=TellBy, default=TellBy.PAGE)
    language = models.CharField(max_length=8, default="zh-hans")
    asked_at = models.DateTimeField(_("反映时间"))
    disposed_at = models.DateTimeField(_("销毁时间"), null=True)

    class Meta:
        verbose_name = _("反映人")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="asker_can_be_told_as_they_wish",
                condition=Q(disposed_at__isnull=False)
                | Q(tell_by__in=[TellBy.PAGE, TellBy.LETTER])
                | (Q(tell_by__in=sorted(NEEDS_PHONE)) & ~Q(phone_sealed=b""))
                | (Q(tell_by__in=sorted(NEEDS_ADDRESS)) & ~Q(address_sealed=b"")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.opinion}"


class CallBack(models.Model):
    """
    An officer asks the citizen afterwards: is it true? solved? satisfied? Each has an answer of its own (回访).

    Every attempt is a row; of each level one reaches the citizen. `differs` says whether what this level was told
    is not what the level before was told, None where there was none before.
    """

    referral = models.ForeignKey(Referral, models.CASCADE, related_name="call_backs", verbose_name=_("转办"))
    level = models.CharField(_("回访层级"), max_length=6, choices=CallLevel, default=CallLevel.UNIT)
    by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name=_("回访人"))
    at = models.DateTimeField(_("回访时间"))
    reached = models.BooleanField(_("已接通"))
    confirmed = models.BooleanField(_("情况属实"), null=True)
    solved = models.BooleanField(_("已解决"), null=True)
    satisfaction = models.PositiveSmallIntegerField(_("满意度"), choices=Satisfaction, null=True)
    note = models.TextField(_("回访记录"), max_length=1000, blank=True)
    differs = models.BooleanField(_("与前次回访不一致"), null=True)

    class Meta:
        verbose_name = _("回访")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="call_back_reached_has_answers",
                condition=Q(reached=False, solved=None, satisfaction=None)
                | Q(reached=True, solved__isnull=False, satisfaction__isnull=False),
            ),
            models.CheckConstraint(
                name="call_back_not_reached_confirms_nothing",
                condition=Q(reached=True) | Q(confirmed=None, differs=None),
            ),
            # Calls of before there were levels did not ask whether it is true; a citizen may have had two of them.
            models.UniqueConstraint(
                name="one_answered_call_back_per_level",
                fields=["referral", "level"],
                condition=Q(reached=True, confirmed__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.referral} {self.at:%F}"


class Rating(models.Model):
    """What one citizen thinks of the answer to one referral: one each, and the citizen's own (评价)."""

    referral = models.ForeignKey(Referral, models.CASCADE, related_name="ratings", verbose_name=_("转办"))
    asker = models.ForeignKey(Asker, models.CASCADE, related_name="ratings", verbose_name=_("反映人"))
    at = models.DateTimeField(_("评价时间"))
    solved = models.BooleanField(_("已解决"))
    satisfaction = models.PositiveSmallIntegerField(_("满意度"), choices=Satisfaction)
    comment = models.TextField(_("评价内容"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("评价")
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_rating_per_asker_and_referral", fields=["referral", "asker"])
        ]

    def __str__(self) -> str:
        return f"{self.referral} {self.satisfaction}"
