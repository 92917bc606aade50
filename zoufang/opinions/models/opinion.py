"""The opinion itself, its history and its files."""

from datetime import datetime
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zoufang.opinions.models.topic import Topic
from zoufang.opinions.vocabulary import (
    Kind,
    ObjectCategory,
    Source,
)
from zoufang.opinions.workflow import Status, Step
from zoufang.organization.models import Officer, Unit
from zoufang.search.words import word_index

# Up to so many characters of the content stand for a title where none was given.
HEADLINE = 40


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
