"""What is told: messages to citizens on their way, and notices to officers."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zoufang.notifications.vocabulary import GOING_ON, STUCK, Case, Deadline, Level, State, Way
from zoufang.organization.models import Officer, Unit


class Outgoing(models.Model):
    """
    One message to a citizen, written in the transaction that decides it, sent after it (发件).

    `key` says which message this is: there is one for each. Address and text are sealed, for a text may carry a
    tracking code; both are disposed of when the message has come to its end and its time is up. `subject` names no
    citizen. `about` is the number of the opinion, empty if there is none; `unit` says whose business the message is.
    """

    key = models.CharField(max_length=100, unique=True)
    way = models.CharField(_("发送方式"), max_length=7, choices=Way)
    address_sealed = models.BinaryField(default=b"")
    text_sealed = models.BinaryField(default=b"")
    subject = models.CharField(_("事由"), max_length=80)
    language = models.CharField(max_length=8, default="zh-hans")
    about = models.CharField(_("关联编号"), max_length=20, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("发件单位"))
    state = models.CharField(_("发送状态"), max_length=9, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("发送次数"), default=0)
    resends = models.PositiveSmallIntegerField(_("重发次数"), default=0)
    not_before = models.DateTimeField(_("下次发送时间"))
    provider_id = models.CharField(_("网关编号"), max_length=100, blank=True)
    why_failed = models.CharField(_("未成原因"), max_length=200, blank=True)
    decided_at = models.DateTimeField(_("决定时间"))
    sent_at = models.DateTimeField(_("发出时间"), null=True)
    delivered_at = models.DateTimeField(_("送达时间"), null=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True)
    disposed_at = models.DateTimeField(_("销毁时间"), null=True)

    class Meta:
        verbose_name = _("发件")
        ordering: ClassVar = ["-decided_at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["-decided_at", "-id"], name="outgoing_newest"),
            models.Index(fields=["not_before"], condition=Q(state__in=sorted(GOING_ON)), name="outgoing_due"),
            models.Index(fields=["about"], condition=~Q(about=""), name="outgoing_about"),
            models.Index(fields=["provider_id"], condition=~Q(provider_id=""), name="outgoing_at_provider"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="outgoing_goes_on_or_has_ended",
                condition=Q(state__in=sorted(GOING_ON), ended_at=None)
                | (~Q(state__in=sorted(GOING_ON)) & Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="outgoing_delivered_says_when",
                condition=~Q(state=State.DELIVERED) | Q(delivered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="outgoing_disposed_keeps_nothing",
                condition=Q(disposed_at=None) | Q(address_sealed=b"", text_sealed=b"", ended_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.decided_at:%F}"

    @property
    def send_key(self) -> str:
        """What the gateway knows this message by. A resend that somebody asked for is another message to it."""
        return f"{self.key}#{self.resends}" if self.resends else self.key

    @property
    def can_be_resent(self) -> bool:
        return self.state in STUCK and self.disposed_at is None


class Notice(models.Model):
    """
    Something that one officer is told (提醒消息), in the officer's own language when it is read.

    `key` says which notice this is: each officer gets it once. `kind` names its wording, `parameters` are what the
    wording fills in; they hold no text of a citizen's. What a notice is about (`case`, `about`) is looked up when it is
    read, by what its reader may see then.
    """

    officer = models.ForeignKey(Officer, models.CASCADE, related_name="+", verbose_name=_("收件人"))
    key = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)
    parameters = models.JSONField(default=dict)
    case = models.CharField(_("事项类型"), max_length=8, choices=Case, blank=True)
    about = models.CharField(_("关联编号"), max_length=40, blank=True)
    link = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(_("通知时间"))
    read_at = models.DateTimeField(_("阅读时间"), null=True)

    class Meta:
        verbose_name = _("提醒消息")
        ordering: ClassVar = ["-at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["officer", "-at", "-id"], name="notice_newest"),
            models.Index(fields=["officer"], condition=Q(read_at=None), name="notice_unread"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_notice_per_officer_and_key", fields=["officer", "key"]),
            models.CheckConstraint(
                name="notice_about_says_of_what_kind", condition=Q(about="", case="") | (~Q(about="") & ~Q(case=""))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%F}"


class Reminder(models.Model):
    """
    That a unit was pressed about one deadline on one level (催督): once, whatever clocks and schedulers do.

    `due_at` is the deadline as it was in force: one that was extended is another, and is reminded of anew. Written in
    the transaction of its notices.
    """

    case = models.CharField(_("事项类型"), max_length=8, choices=Case)
    about = models.CharField(_("关联编号"), max_length=40)
    link = models.CharField(max_length=200)
    deadline = models.CharField(_("期限种类"), max_length=8, choices=Deadline)
    due_at = models.DateTimeField(_("到期时间"))
    level = models.CharField(_("催督层级"), max_length=9, choices=Level)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("被催督单位"))
    at = models.DateTimeField(_("催督时间"))

    class Meta:
        verbose_name = _("催督")
        ordering: ClassVar = ["-at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["-at", "-id"], name="reminder_newest")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_reminder_per_deadline_and_level", fields=["case", "about", "deadline", "due_at", "level"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.about} {self.level}"


class Watch(models.Model):
    """
    What the watch over deadlines knows of its clock (时钟): when it looked last, since when the clock has run on.

    `digest_on` is the last day whose morning digest is done.
    """

    name = models.CharField(max_length=20, primary_key=True)
    looked_at = models.DateTimeField()
    steady_since = models.DateTimeField()
    digest_on = models.DateField(null=True)

    class Meta:
        verbose_name = _("值守时钟")

    def __str__(self) -> str:
        return self.name
