"""What is promised, from which day on, and what moves a promise: a pause, an extension."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zoufang.kernel.calendar import ReckonedDay, Term, WorkCalendar
from zoufang.organization.models import Officer


class DeadlinePolicy(models.Model):
    """
    How long each step may take for one kind of opinion, from a date on (办理时限).

    Days are working days. Minutes come before them, in office hours unless `round_the_clock`. Where both are nought,
    a first contact, an extension or a pause is not provided for; a measure then has the time of the whole work.
    """

    kind = models.CharField(_("类别"), max_length=16)
    valid_from = models.DateField(_("启用日期"))
    refer_days = models.PositiveSmallIntegerField(_("转办时限（工作日）"))
    refer_minutes = models.PositiveSmallIntegerField(_("转办时限（分钟）"), default=0)
    sign_days = models.PositiveSmallIntegerField(_("签收时限（工作日）"))
    sign_minutes = models.PositiveSmallIntegerField(_("签收时限（分钟）"), default=0)
    contact_days = models.PositiveSmallIntegerField(_("首次联系时限（工作日）"), default=0)
    contact_minutes = models.PositiveSmallIntegerField(_("首次联系时限（分钟）"), default=0)
    measure_days = models.PositiveSmallIntegerField(_("措施时限（工作日）"))
    finish_days = models.PositiveSmallIntegerField(_("办理时限（工作日）"))
    finish_minutes = models.PositiveSmallIntegerField(_("办理时限（分钟）"), default=0)
    call_back_days = models.PositiveSmallIntegerField(_("回访时限（工作日）"), default=5)
    extension_days = models.PositiveSmallIntegerField(_("最多延期（工作日）"), default=0)
    pause_days = models.PositiveSmallIntegerField(_("最多暂停（工作日）"), default=0)
    round_the_clock = models.BooleanField(_("昼夜连续计时"), default=False)

    class Meta:
        verbose_name = _("办理时限")
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_policy_per_kind_and_day", fields=["kind", "valid_from"])
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.valid_from}"

    def term(self, *parts: str) -> Term:
        """Return how long the named parts may take together: `refer`, `sign`, `contact`, `measure`, `finish`, `call_back`."""
        days = sum(getattr(self, f"{part}_days") for part in parts)
        minutes = sum(getattr(self, f"{part}_minutes", 0) for part in parts)
        return Term(days, minutes, self.round_the_clock)

    @property
    def has_first_contact(self) -> bool:
        return bool(self.contact_days or self.contact_minutes)

    @property
    def measure_part(self) -> str:
        """Whose time a measure has: its own, or that of the whole work."""
        return "measure" if self.measure_days else "finish"


class Pause(models.Model):
    """
    A stretch in which the work waited for the citizen (暂停计时): what was asked, and how it ended.

    It ends by itself on `until`. As long as it runs, the deadlines stand where they would be if it lasted that long;
    when it ends they are moved from where they were by the `working_days` that it lasted: those whose end fell into it.
    So a deadline only ever moves while it lies ahead, to another moment ahead, and no figure of a past day changes.
    """

    class Reason(models.TextChoices):
        FACTS = "FACTS", _("需群众补充情况或材料")
        PRESENCE = "PRESENCE", _("需群众到场或配合")
        LATER = "LATER", _("群众要求改日再办")

    referral = models.ForeignKey("opinions.Referral", models.CASCADE, related_name="pauses", verbose_name=_("转办"))
    reason = models.CharField(_("暂停原因"), max_length=10, choices=Reason)
    asked = models.TextField(_("请群众补充什么"), max_length=500)
    started_at = models.DateTimeField(_("暂停时间"))
    started_by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name=_("暂停人"))
    most_days = models.PositiveSmallIntegerField(_("最多暂停（工作日）"))
    until = models.DateTimeField(_("最迟恢复时间"))
    due_was = models.DateTimeField(_("暂停前的办理期限"))
    measure_due_was = models.DateTimeField(_("暂停前的措施期限"), null=True)
    promise_was = models.DateTimeField(_("暂停前对群众的期限"), null=True)
    ended_at = models.DateTimeField(_("恢复时间"), null=True)
    ended_by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("恢复人"))
    working_days = models.PositiveSmallIntegerField(_("暂停工作日"), null=True)
    answer = models.TextField(_("群众补充的内容"), max_length=4000, blank=True)

    class Meta:
        verbose_name = _("暂停计时")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_pause_at_a_time", fields=["referral"], condition=Q(ended_at=None)),
            models.CheckConstraint(name="pause_says_what_was_asked", condition=~Q(asked="")),
            models.CheckConstraint(
                name="pause_ended_says_how_long",
                condition=Q(ended_at=None, working_days=None)
                | Q(ended_at__gte=F("started_at"), working_days__isnull=False, working_days__lte=F("most_days")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.referral} {self.started_at:%F}"

    def standing(self, calendar: WorkCalendar, *, began: datetime | None = None) -> list[ReckonedDay]:
        """Return the days on which a clock that `began` then stood still, up to the longest end if it still does."""
        return calendar.reckon_standing(self.started_at, self.ended_at or self.until, began=began)

    def missed(self, calendar: WorkCalendar, *, began: datetime | None = None) -> int:
        """Return how many working days such a clock misses."""
        return max((day.nth for day in self.standing(calendar, began=began)), default=0)


class Extension(models.Model):
    """
    More time for a unit, asked for before it is due and granted by somebody else, once (延期).

    `due_was` and `due_at` are the unit's deadline before and after; `promise_was` and `promise_due_at` the citizen's,
    empty where that had passed already and so was not moved.
    """

    referral = models.ForeignKey("opinions.Referral", models.CASCADE, related_name="extensions", verbose_name=_("转办"))
    days = models.PositiveSmallIntegerField(_("延长工作日"))
    reason = models.TextField(_("延期理由"), max_length=500)
    asked_by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name=_("申请人"))
    asked_at = models.DateTimeField(_("申请时间"))
    granted = models.BooleanField(_("准予延期"), null=True)
    decided_by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("决定人"))
    decided_at = models.DateTimeField(_("决定时间"), null=True)
    note = models.TextField(_("决定说明"), max_length=500, blank=True)
    due_was = models.DateTimeField(_("延期前的办理期限"), null=True)
    due_at = models.DateTimeField(_("延期后的办理期限"), null=True)
    promise_was = models.DateTimeField(_("延期前对群众的期限"), null=True)
    promise_due_at = models.DateTimeField(_("延期后对群众的期限"), null=True)

    class Meta:
        verbose_name = _("延期")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_extension_per_referral", fields=["referral"], condition=~Q(granted=False)
            ),
            models.CheckConstraint(name="extension_says_why", condition=~Q(reason="") & Q(days__gte=1)),
            models.CheckConstraint(
                name="extension_decided_by_somebody_else",
                condition=Q(granted=None, decided_by=None, decided_at=None)
                | (
                    Q(granted__isnull=False, decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(decided_by=F("asked_by"))
                ),
            ),
            models.CheckConstraint(
                name="extension_granted_says_from_when_to_when",
                condition=~Q(granted=True) | Q(due_was__isnull=False, due_at__gt=F("due_was")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.referral} +{self.days}"
