"""What the units do: who must answer, who helps, what is done about it, how it ended, what is replied."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zoufang.opinions.models.opinion import Opinion
from zoufang.opinions.vocabulary import (
    OutcomeKind,
)
from zoufang.organization.models import Officer, Unit
from zoufang.search.words import word_index


class Rectification(models.Model):
    """What a unit does about one or more opinions (整改, counted in 件)."""

    no = models.CharField(_("整改编号"), max_length=16, unique=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="rectifications", verbose_name=_("整改单位"))
    measure = models.TextField(_("整改措施"), max_length=2000)
    responsible = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name=_("责任人"))
    planned_on = models.DateField(_("计划完成日期"))
    measured_at = models.DateTimeField(_("措施制定时间"))
    result = models.TextField(_("整改结果"), max_length=2000, blank=True)
    rectified_by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("整改人"))
    rectified_at = models.DateTimeField(_("整改完成时间"), null=True)
    no_proof = models.TextField(_("没有佐证的原因"), max_length=200, blank=True)
    rejections = models.PositiveSmallIntegerField(_("核验不通过次数"), default=0)
    verified_by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("核验人"))
    verified_at = models.DateTimeField(_("核验时间"), null=True)

    class Meta:
        verbose_name = _("整改")
        ordering: ClassVar = ["-measured_at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["-measured_at", "-id"], name="rectification_newest"),
            word_index("measure", name="rectification_words"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="rectification_has_measure", condition=~Q(measure="")),
            models.CheckConstraint(
                name="rectification_done_says_what",
                condition=Q(rectified_at=None) | (~Q(result="") & Q(rectified_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="rectification_verified_after_done",
                condition=Q(verified_at=None) | Q(rectified_at__isnull=False, verified_at__gte=F("rectified_at")),
            ),
            models.CheckConstraint(
                name="rectification_not_verified_by_its_own_hand",
                condition=Q(verified_by=None) | ~Q(verified_by=F("rectified_by")),
            ),
        ]

    def __str__(self) -> str:
        return self.no


class Referral(models.Model):
    """
    One assignment of an opinion to a unit (转办), with a clock of its own.

    `due_at` is the deadline in force: a pause or an extension moves it while it lies ahead, and `first_due_at` then
    keeps what was promised at first. `contact_due_at` is empty where nobody can be spoken to.

    Its moments are facts: a later return, reopening or new referral adds a row or fills an empty moment, so
    that any past date can be counted again. One that was recalled before anybody signed for it counts nowhere.

    What was done about a joined opinion is told by a referral of its own that `follows` the one whose work it was: so
    each opinion (条) has its end, and the work (件) is counted where `follows` is empty.
    """

    class ReturnReason(models.TextChoices):
        NOT_OURS = "NOT_OURS", _("不属本单位职责")
        OTHER_PLACE = "OTHER_PLACE", _("不在本单位辖区")
        UNCLEAR = "UNCLEAR", _("内容不清，需补充")
        CONFLICT = "CONFLICT", _("应当回避")

    opinion = models.ForeignKey(Opinion, models.CASCADE, related_name="referrals", verbose_name=_("意见建议"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="referrals", verbose_name=_("责任单位"))
    hop = models.PositiveSmallIntegerField(_("第几次转办"))
    by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("转办人"))
    designated = models.BooleanField(_("指定办理"), default=False)
    refer_due_at = models.DateTimeField(_("转办期限"), null=True)
    referred_at = models.DateTimeField(_("转办时间"))
    sign_due_at = models.DateTimeField(_("签收期限"))
    contact_due_at = models.DateTimeField(_("首次联系期限"), null=True)
    measure_due_at = models.DateTimeField(_("措施期限"), null=True)
    due_at = models.DateTimeField(_("办理期限"))
    first_due_at = models.DateTimeField(_("原定期限"), null=True)
    signed_at = models.DateTimeField(_("签收时间"), null=True)
    contacted_at = models.DateTimeField(_("首次联系时间"), null=True)
    contacted_how = models.CharField(_("联系方式"), max_length=10, blank=True, db_default="")
    returned_at = models.DateTimeField(_("退回时间"), null=True)
    return_reason = models.CharField(_("退回理由"), max_length=12, choices=ReturnReason, blank=True)
    recalled_at = models.DateTimeField(_("撤回时间"), null=True)
    rectification = models.ForeignKey(
        Rectification, models.PROTECT, null=True, related_name="referrals", verbose_name=_("整改")
    )
    finished_at = models.DateTimeField(_("办理完成时间"), null=True)
    closed_at = models.DateTimeField(_("办结时间"), null=True)
    reopened_at = models.DateTimeField(_("重新办理时间"), null=True)
    follows = models.ForeignKey(
        "self", models.PROTECT, null=True, db_index=False, related_name="followers", verbose_name=_("所随转办")
    )

    class Meta:
        verbose_name = _("转办")
        ordering: ClassVar = ["opinion_id", "hop"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_referral_per_hop", fields=["opinion", "hop"], condition=Q(follows=None, recalled_at=None)
            ),
            models.UniqueConstraint(
                name="one_open_referral_per_opinion",
                fields=["opinion"],
                condition=Q(returned_at=None, reopened_at=None, follows=None, recalled_at=None),
            ),
            models.UniqueConstraint(
                name="one_standing_follower_per_opinion",
                fields=["opinion"],
                condition=Q(follows__isnull=False, reopened_at=None),
            ),
            models.CheckConstraint(
                name="referral_recalled_was_not_signed", condition=Q(recalled_at=None) | Q(signed_at=None)
            ),
            models.CheckConstraint(
                name="referral_returned_says_why", condition=Q(returned_at=None) | ~Q(return_reason="")
            ),
            models.CheckConstraint(
                name="referral_contacted_says_how", condition=Q(contacted_at=None) | ~Q(contacted_how="")
            ),
            models.CheckConstraint(
                name="referral_closed_was_finished", condition=Q(closed_at=None) | Q(finished_at__isnull=False)
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["unit", "due_at"], name="referral_due"),
            models.Index(
                fields=["due_at"],
                condition=Q(finished_at=None, returned_at=None, reopened_at=None),
                name="referral_running",
            ),
            models.Index(
                fields=["contact_due_at"],
                condition=Q(contacted_at=None, finished_at=None, returned_at=None, reopened_at=None),
                name="referral_unspoken",
            ),
            models.Index(fields=["-referred_at", "-id"], name="referral_newest"),
            models.Index(fields=["follows"], condition=Q(follows__isnull=False), name="referral_follows"),
        ]

    def __str__(self) -> str:
        return f"{self.opinion}/{self.hop}"

    @property
    def promised_at(self) -> datetime:
        """The unit's deadline as it was promised at first."""
        return self.first_due_at or self.due_at

    @property
    def contacted_by_words(self) -> str:
        """How the citizen was first spoken to, in words."""
        return str(Reply.ToldBy(self.contacted_how).label) if self.contacted_how else ""


class Outcome(models.Model):
    """
    How one referral ended (办理结果), apart from its status. What is decided later supersedes it and leaves it as it was.

    What cannot be done now has a day on which it comes up again; what is not for the police says where to turn.
    """

    referral = models.ForeignKey(Referral, models.CASCADE, related_name="outcomes", verbose_name=_("转办"))
    kind = models.CharField(_("办理结果"), max_length=10, choices=OutcomeKind)
    review_on = models.DateField(_("复查日期"), null=True)
    turn_to = models.CharField(_("应向何处反映"), max_length=200, blank=True)
    by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("确定人"))
    decided_at = models.DateTimeField(_("结果确定时间"))
    superseded_at = models.DateTimeField(_("结果更改时间"), null=True)

    class Meta:
        verbose_name = _("办理结果")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_standing_outcome_per_referral", fields=["referral"], condition=Q(superseded_at=None)
            ),
            models.CheckConstraint(
                name="outcome_cannot_now_has_review_day",
                condition=Q(kind=OutcomeKind.CANNOT_NOW, review_on__isnull=False)
                | (~Q(kind=OutcomeKind.CANNOT_NOW) & Q(review_on=None)),
            ),
            models.CheckConstraint(
                name="outcome_not_ours_says_where",
                condition=Q(kind=OutcomeKind.NOT_OURS) & ~Q(turn_to="")
                | (~Q(kind=OutcomeKind.NOT_OURS) & Q(turn_to="")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["review_on"],
                condition=Q(superseded_at=None, review_on__isnull=False),
                name="outcome_to_review",
            )
        ]

    def __str__(self) -> str:
        return f"{self.referral} {self.kind}"


class CoHandling(models.Model):
    """
    One further unit's part in a referral (协办): asked with it, signed for, and told to the lead.

    `not_waited_for` is why the lead finished without it.
    """

    referral = models.ForeignKey(Referral, models.CASCADE, related_name="parts", verbose_name=_("转办"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("协办单位"))
    asked_at = models.DateTimeField(_("转办时间"))
    signed_at = models.DateTimeField(_("签收时间"), null=True)
    signed_by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("签收人"))
    contribution = models.TextField(_("协办情况"), max_length=2000, blank=True)
    contributed_at = models.DateTimeField(_("协办反馈时间"), null=True)
    contributed_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("协办反馈人")
    )
    not_waited_for = models.TextField(_("不再等待的理由"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("协办")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_part_per_unit_and_referral", fields=["referral", "unit"]),
            models.CheckConstraint(
                name="contribution_says_what_after_signing",
                condition=Q(contributed_at=None)
                | (~Q(contribution="") & Q(contributed_by__isnull=False, signed_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.referral} {self.unit}"


class Reply(models.Model):
    """A draft of what the citizen will be told; the approved one of the latest referral is the answer (答复)."""

    referral = models.ForeignKey(Referral, models.CASCADE, related_name="replies", verbose_name=_("转办"))
    text = models.TextField(_("答复内容"), max_length=4000)
    drafted_by = models.ForeignKey(Officer, models.PROTECT, related_name="+", null=True, verbose_name=_("拟稿人"))
    drafted_at = models.DateTimeField(_("拟稿时间"))
    approved_by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("批准人"))
    approved_at = models.DateTimeField(_("批准时间"), null=True)
    sent_back_at = models.DateTimeField(_("退回修改时间"), null=True)
    told_by = models.CharField(_("反馈方式"), max_length=10, blank=True)
    told_at = models.DateTimeField(_("反馈时间"), null=True)

    class ToldBy(models.TextChoices):
        PAGE = "PAGE", _("网上查询页")
        PHONE = "PHONE", _("电话")
        SMS = "SMS", _("短信")
        MAIL = "MAIL", _("电子邮件")
        MESSAGE = "MESSAGE", _("私信")
        POST = "POST", _("原帖下回复")
        VISIT = "VISIT", _("上门")
        LETTER = "LETTER", _("书面")

    class Meta:
        verbose_name = _("答复")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="reply_not_approved_by_its_own_hand",
                condition=Q(approved_by=None) | ~Q(approved_by=F("drafted_by")),
            ),
            models.CheckConstraint(
                name="reply_told_was_approved",
                condition=Q(told_at=None) | (Q(approved_at__isnull=False) & ~Q(told_by="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.referral} {self.drafted_at:%F}"

    @property
    def told_how(self) -> str:
        """How the citizen was told, in words."""
        return str(self.ToldBy(self.told_by).label) if self.told_by else ""
