"""An opinion and everything that happens to it, from the moment it is heard to the citizen's rating."""

from datetime import datetime
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from zoufang.opinions.promises import DeadlinePolicy, Extension, Pause
from zoufang.opinions.vocabulary import (
    NEEDS_ADDRESS,
    NEEDS_PHONE,
    CallLevel,
    Kind,
    ObjectCategory,
    OutcomeKind,
    Satisfaction,
    Source,
    TellBy,
)
from zoufang.opinions.workflow import Status, Step
from zoufang.organization.models import Officer, Unit
from zoufang.search.words import word_index

__all__ = [
    "Asker",
    "Attachment",
    "CallBack",
    "DeadlinePolicy",
    "DutyEntry",
    "Extension",
    "Opinion",
    "OpinionEvent",
    "OpinionQuerySet",
    "OpinionShape",
    "Pause",
    "Rating",
    "Rectification",
    "Referral",
    "Reply",
    "TakeBackPolicy",
    "Topic",
]

# Up to so many characters of the content stand for a title where none was given.
HEADLINE = 40


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


class OpinionQuerySet(models.QuerySet["Opinion"]):
    def about_matters(self) -> Self:
        """Leave out complaints: what is grouped and compared must tell nobody that one is there."""
        return self.exclude(kind=Kind.COMPLAINT).filter(complained_unit=None, complained_officer=None)


class Opinion(models.Model):
    """
    What a citizen said (意见建议), and how far the answer has come.

    `heard_by` keeps the credit of hearing it; `responsible_unit` is who must answer now. Facts about the past
    are on the referrals and events, which are never edited away.

    `due_at` is the citizen's deadline in force. It is promised once, whoever answers and however often; a pause or an
    extension moves it while it lies ahead, and `first_due_at` then keeps what was promised at first. `limit_at` is the
    time that whoever passed it on has set: the promise, and no unit that answers has longer as long as it lies ahead.
    """

    no = models.CharField(_("编号"), max_length=16, unique=True)
    uid = models.UUIDField(unique=True, null=True, editable=False)
    kind = models.CharField(_("类别"), max_length=16, choices=Kind, default=Kind.OPINION)
    source = models.CharField(_("来源"), max_length=5, choices=Source, default=Source.VISIT)
    source_no = models.CharField(_("原编号"), max_length=64, blank=True)
    object_category = models.CharField(_("对象类别"), max_length=6, choices=ObjectCategory, blank=True)
    topic = models.ForeignKey(Topic, models.PROTECT, verbose_name=_("主题"))
    title = models.CharField(_("标题"), max_length=80, blank=True)
    content = models.TextField(_("内容"), max_length=4000)
    place = models.CharField(_("地点"), max_length=80, blank=True)
    heard_by = models.ForeignKey(Unit, models.PROTECT, related_name="opinions_heard", verbose_name=_("收集单位"))
    heard_at = models.DateTimeField(_("收集时间"))
    recorded_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, related_name="opinions_recorded", verbose_name=_("录入人")
    )
    recorded_at = models.DateTimeField(_("录入时间"))
    needs_rectification = models.BooleanField(_("需要整改"), default=True)
    status = models.CharField(_("状态"), max_length=12, choices=Status, default=Status.REGISTERED)
    responsible_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="opinions_answered_for", verbose_name=_("责任单位")
    )
    responsible = models.ForeignKey(
        Officer, models.PROTECT, null=True, related_name="opinions_in_hand", verbose_name=_("责任人")
    )
    urgent = models.BooleanField(_("紧急安全隐患"), default=False, db_default=False)
    limit_at = models.DateTimeField(_("来文限办时间"), null=True)
    due_at = models.DateTimeField(_("办理期限"))
    first_due_at = models.DateTimeField(_("原定期限"), null=True)
    step_due_at = models.DateTimeField(_("本环节期限"), null=True)
    complained_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="complaints", verbose_name=_("被投诉单位")
    )
    complained_officer = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="complaints", verbose_name=_("被投诉民警")
    )
    asked_again_at = models.DateTimeField(_("群众申请再办时间"), null=True)
    # Few opinions are joined, so few rows are in the index.
    joined_to = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="joined",
        verbose_name=_("并入的意见"),
    )
    joined_at = models.DateTimeField(_("并办时间"), null=True)
    paused_at = models.DateTimeField(_("暂停时间"), null=True)
    extension_asked_at = models.DateTimeField(_("申请延期时间"), null=True)
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = OpinionQuerySet.as_manager()

    class Meta:
        verbose_name = _("意见建议")
        ordering: ClassVar = ["-heard_at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["heard_by", "heard_at"], name="opinion_heard"),
            models.Index(fields=["responsible_unit", "status", "step_due_at"], name="opinion_waiting"),
            models.Index(fields=["-heard_at", "-id"], name="opinion_newest"),
            models.Index(
                fields=["due_at"], condition=~Q(status__in=[Status.ANSWERED, Status.CLOSED]), name="opinion_overdue"
            ),
            models.Index(fields=["step_due_at"], condition=~Q(status=Status.CLOSED), name="opinion_step_ends"),
            # For the values that few rows have; what many have is found on the way from the newest on.
            models.Index(fields=["status"], name="opinion_by_status"),
            models.Index(fields=["kind"], name="opinion_by_kind"),
            models.Index(fields=["source"], name="opinion_by_source"),
            models.Index(fields=["object_category"], name="opinion_by_object"),
            models.Index(fields=["joined_to"], condition=Q(joined_to__isnull=False), name="opinion_joined"),
            word_index("title", "content", name="opinion_words"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="opinion_past_register_has_unit",
                condition=Q(status__in=[Status.REGISTERED, Status.JOINED]) | Q(responsible_unit__isnull=False),
            ),
            models.CheckConstraint(
                name="opinion_joined_says_to_which",
                condition=Q(status=Status.JOINED, joined_to__isnull=False, joined_at__isnull=False)
                | (~Q(status=Status.JOINED) & Q(joined_to=None, joined_at=None)),
            ),
            models.CheckConstraint(name="opinion_not_joined_to_itself", condition=~Q(joined_to=F("pk"))),
            models.CheckConstraint(
                name="complaint_is_not_joined", condition=Q(joined_to=None) | ~Q(kind=Kind.COMPLAINT)
            ),
            models.UniqueConstraint(
                name="one_opinion_per_source_number", fields=["source", "source_no"], condition=~Q(source_no="")
            ),
        ]

    def __str__(self) -> str:
        return self.no

    @property
    def headline(self) -> str:
        """The title, or the beginning of the content where none was given."""
        if self.title:
            return self.title
        said = self.content if (opening := self.__dict__.get("opening")) is None else opening
        return str(said) if len(said) <= HEADLINE else said[:HEADLINE] + "…"

    @property
    def main(self) -> "Opinion":
        """The opinion whose life this one shares: the one that it was joined to, or itself."""
        return self.joined_to or self

    @property
    def in_charge(self) -> Unit:
        """The unit that has it in hand now: who must answer, or before that is decided, who heard it."""
        return self.responsible_unit or self.heard_by

    def within_limit(self, due_at: datetime, *, since: datetime) -> datetime:
        """Return `due_at`, or the sender's own limit if that comes first and lay ahead when the clock began."""
        return due_at if self.limit_at is None or self.limit_at <= since else min(due_at, self.limit_at)

    @property
    def promised_at(self) -> datetime:
        """The citizen's deadline as it was promised at first."""
        return self.first_due_at or self.due_at


class OpinionShape(models.Model):
    """
    By what an opinion is found when another one says nearly the same (文本特征): see `minhash`.

    Worked out when an opinion is registered, and by a job for rows that were written past the services. Texts do not
    change afterwards.
    """

    opinion = models.OneToOneField(Opinion, models.CASCADE, primary_key=True, related_name="shape")
    bands = ArrayField(models.IntegerField())

    class Meta:
        verbose_name = _("文本特征")
        # A search reads what is pending too, so little is left pending (kilobytes).
        indexes: ClassVar = [GinIndex(fields=["bands"], name="shape_bands", gin_pending_list_limit=256)]

    def __str__(self) -> str:
        return f"{self.opinion_id}"


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


class OpinionEvent(models.Model):
    """One step that was taken: the history that people read. Never edited."""

    opinion = models.ForeignKey(Opinion, models.CASCADE, related_name="events", verbose_name=_("意见建议"))
    step = models.CharField(_("环节"), max_length=20, choices=Step)
    was = models.CharField(_("原状态"), max_length=12, choices=Status, blank=True)
    becomes = models.CharField(_("新状态"), max_length=12, choices=Status)
    by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("办理人"))
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("办理单位"))
    at = models.DateTimeField(_("时间"))
    note = models.TextField(_("说明"), blank=True)

    class Meta:
        verbose_name = _("办理记录")
        ordering: ClassVar = ["at", "pk"]
        indexes: ClassVar = [models.Index(fields=["opinion", "at"], name="event_of_opinion")]

    def __str__(self) -> str:
        return f"{self.opinion} {self.step}"


class Attachment(models.Model):
    """A file kept with an opinion, stored under a random name and known by its content (附件)."""

    opinion = models.ForeignKey(Opinion, models.CASCADE, related_name="attachments", verbose_name=_("意见建议"))
    step = models.CharField(_("环节"), max_length=20, choices=Step)
    file = models.FileField(_("文件"), upload_to="opinions/%Y/%m")
    name = models.CharField(_("文件名"), max_length=120)
    content_type = models.CharField(_("文件类型"), max_length=60)
    size = models.PositiveIntegerField(_("大小（字节）"))
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("上传人"))
    at = models.DateTimeField(_("上传时间"))

    class Meta:
        verbose_name = _("附件")
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        return self.content_type.startswith("image/")


class Asker(models.Model):
    """
    Somebody who said an opinion without an account and may follow it by code (反映人).

    The code is kept as a keyed hash only. `tell_by` is how they wish to be told the answer. Name, phone and address (of
    mail, or an account for messages) are kept only where that needs them, sealed, and disposed of after retention.
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
