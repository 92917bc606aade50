"""Petitions assigned to the bureau and disputes it found: who answers for each, by when, and with what result."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zoufang.casework.vocabulary import DisputeCategory, DisputeStatus, Level, Stage, Step
from zoufang.kernel.clock import start_of
from zoufang.organization.models import Officer, Unit
from zoufang.search.words import word_index


class PetitionCase(models.Model):
    """
    One petition that a unit must settle (信访件, counted in 件). It tells what is asked, never who asks.

    `notified_at` is when whoever asked was told in writing who deals with it and how (书面告知); one that was recorded
    before notices were kept has no `notice_due_at`. `closed_at` and `result` say how it stands now; what was true on an
    earlier day is on the handlings, which a reopening does not change. `due_at` stays as it was promised, `extended_to`
    comes beside it.
    """

    no = models.CharField(_("信访编号"), max_length=40, unique=True)
    level = models.CharField(_("交办层级"), max_length=8, choices=Level)
    is_backlog = models.BooleanField(_("信访积案"), default=False)
    batch = models.CharField(_("交办批次"), max_length=40, blank=True)
    subject = models.CharField(_("信访事项"), max_length=200)
    assigned_at = models.DateTimeField(_("交办时间"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="petitions", verbose_name=_("办理单位"))
    leader = models.ForeignKey(
        Officer, models.PROTECT, null=True, related_name="petitions_led", verbose_name=_("包案领导")
    )
    responsible = models.ForeignKey(
        Officer, models.PROTECT, null=True, related_name="petitions_in_hand", verbose_name=_("责任人")
    )
    notice_due_at = models.DateTimeField(_("书面告知期限"), null=True)
    notified_at = models.DateTimeField(_("书面告知时间"), null=True)
    due_at = models.DateTimeField(_("办理期限"))
    extended_to = models.DateTimeField(_("延期至"), null=True)
    stage = models.CharField(_("办理阶段"), max_length=14, choices=Stage, default=Stage.HANDLING)
    closed_at = models.DateTimeField(_("办结时间"), null=True)
    closed_by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("办结人"))
    result = models.TextField(_("办理结果"), max_length=2000, blank=True)
    recorded_by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name=_("录入人"))
    recorded_at = models.DateTimeField(_("录入时间"))

    class Meta:
        verbose_name = _("信访件")
        ordering: ClassVar = ["-assigned_at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["unit", "assigned_at"], name="petition_of_unit"),
            models.Index(fields=["-assigned_at", "-id"], name="petition_newest"),
            models.Index(fields=["due_at"], condition=Q(closed_at=None), name="petition_waiting"),
            models.Index(
                fields=["notice_due_at"], condition=Q(closed_at=None, notified_at=None), name="petition_unnotified"
            ),
            word_index("no", "subject", name="petition_words"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="petition_has_a_number", condition=~Q(no="")),
            models.CheckConstraint(name="petition_due_after_assigned", condition=Q(due_at__gt=F("assigned_at"))),
            models.CheckConstraint(
                name="petition_notified_after_assigned",
                condition=Q(notified_at=None) | Q(notified_at__gte=F("assigned_at")),
            ),
            models.CheckConstraint(
                name="petition_extended_beyond_due", condition=Q(extended_to=None) | Q(extended_to__gt=F("due_at"))
            ),
            models.CheckConstraint(
                name="petition_closed_says_what_and_who",
                condition=Q(closed_at=None, closed_by=None, result="")
                | (Q(closed_at__gte=F("assigned_at"), closed_by__isnull=False) & ~Q(result="")),
            ),
        ]

    def __str__(self) -> str:
        return self.no

    @property
    def headline(self) -> str:
        return self.subject

    @property
    def deadline(self) -> datetime:
        """The moment by which it must be settled, extension included."""
        return self.extended_to or self.due_at

    @property
    def closed_untold(self) -> bool:
        """Was it closed without a written notice? Then that deadline was neither kept nor is it waited for."""
        return self.closed_at is not None and self.notified_at is None


class PetitionHandling(models.Model):
    """
    One stretch in which a petition was open, how it ended, and the reopening that began the next one.

    These are the facts for any past day: open from `opened_at` to `closed_at`, closed from there to `reopened_at`.
    """

    case = models.ForeignKey(PetitionCase, models.CASCADE, related_name="handlings", verbose_name=_("信访件"))
    opened_at = models.DateTimeField(_("开始办理时间"))
    closed_at = models.DateTimeField(_("办结时间"), null=True)
    closed_by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("办结人"))
    result = models.TextField(_("办理结果"), max_length=2000, blank=True)
    reopened_at = models.DateTimeField(_("重新办理时间"), null=True)
    reopened_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("重新办理决定人")
    )
    reopen_reason = models.CharField(_("重新办理原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("信访办理过程")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_handling_at_a_time", fields=["case"], condition=Q(reopened_at=None)),
            models.CheckConstraint(
                name="petition_handling_closed_says_what_and_who",
                condition=Q(closed_at=None, closed_by=None, result="")
                | (Q(closed_at__gte=F("opened_at"), closed_by__isnull=False) & ~Q(result="")),
            ),
            models.CheckConstraint(
                name="petition_reopened_says_who_and_why",
                condition=Q(reopened_at=None, reopened_by=None, reopen_reason="")
                | (Q(reopened_at__gte=F("closed_at"), reopened_by__isnull=False) & ~Q(reopen_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.opened_at:%F}"


class PetitionEvent(models.Model):
    """One step of a petition. Never edited."""

    case = models.ForeignKey(PetitionCase, models.CASCADE, related_name="events", verbose_name=_("信访件"))
    step = models.CharField(_("环节"), max_length=8, choices=Step)
    by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name=_("办理人"))
    at = models.DateTimeField(_("时间"))
    note = models.TextField(_("说明"), blank=True)

    class Meta:
        verbose_name = _("信访办理记录")
        ordering: ClassVar = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.case} {self.step}"


class Dispute(models.Model):
    """
    One dispute that screening found (矛盾纠纷, counted in 起). It tells what about and where, never between whom.

    Once an officer is named there always is one. `resolved_at` and `result` say how it stands now; what was true
    on an earlier day is on the mediations.
    """

    no = models.CharField(_("纠纷编号"), max_length=40, unique=True)
    category = models.CharField(_("纠纷类别"), max_length=4, choices=DisputeCategory)
    screening_round = models.CharField(_("排查轮次"), max_length=40, blank=True)
    found_at = models.DateTimeField(_("发现时间"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="disputes", verbose_name=_("调处单位"))
    place = models.CharField(_("纠纷地点"), max_length=80, blank=True)
    summary = models.CharField(_("纠纷情况"), max_length=500, blank=True)
    responsible = models.ForeignKey(
        Officer, models.PROTECT, null=True, related_name="disputes_in_hand", verbose_name=_("责任人")
    )
    due_on = models.DateField(_("化解期限"))
    status = models.CharField(_("状态"), max_length=8, choices=DisputeStatus, default=DisputeStatus.FOUND)
    resolved_at = models.DateTimeField(_("化解时间"), null=True)
    resolved_by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("化解人"))
    result = models.TextField(_("化解结果"), max_length=2000, blank=True)
    recorded_by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name=_("录入人"))
    recorded_at = models.DateTimeField(_("录入时间"))

    class Meta:
        verbose_name = _("矛盾纠纷")
        ordering: ClassVar = ["-found_at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["unit", "found_at"], name="dispute_of_unit"),
            models.Index(fields=["-found_at", "-id"], name="dispute_newest"),
            word_index("no", "place", "summary", name="dispute_words"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="dispute_has_a_number", condition=~Q(no="")),
            models.CheckConstraint(
                name="dispute_past_found_has_a_named_officer",
                condition=Q(status=DisputeStatus.FOUND, responsible=None)
                | (~Q(status=DisputeStatus.FOUND) & Q(responsible__isnull=False)),
            ),
            models.CheckConstraint(
                name="dispute_resolved_says_what_and_who",
                condition=(~Q(status=DisputeStatus.RESOLVED) & Q(resolved_at=None, resolved_by=None, result=""))
                | (
                    Q(status=DisputeStatus.RESOLVED, resolved_at__gte=F("found_at"), resolved_by__isnull=False)
                    & ~Q(result="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.no

    @property
    def headline(self) -> str:
        """What it is about, or its category where nothing more was written."""
        return self.summary or str(DisputeCategory(self.category).label)

    @property
    def deadline(self) -> datetime:
        """The midnight that ends the last day on which it may be open."""
        return start_of(self.due_on + timedelta(days=1))


class DisputeMediation(models.Model):
    """
    One stretch in which a dispute was open, when somebody was named for it, and how it ended.

    These are the facts for any past day: nobody's from `opened_at` to `assigned_at`, somebody's from there to
    `resolved_at`, resolved from there to `reopened_at`.
    """

    dispute = models.ForeignKey(Dispute, models.CASCADE, related_name="mediations", verbose_name=_("矛盾纠纷"))
    opened_at = models.DateTimeField(_("开始调处时间"))
    assigned_at = models.DateTimeField(_("落实责任人时间"), null=True)
    resolved_at = models.DateTimeField(_("化解时间"), null=True)
    resolved_by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("化解人"))
    result = models.TextField(_("化解结果"), max_length=2000, blank=True)
    reopened_at = models.DateTimeField(_("重新调处时间"), null=True)
    reopened_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("重新调处决定人")
    )
    reopen_reason = models.CharField(_("重新调处原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("纠纷调处过程")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_mediation_at_a_time", fields=["dispute"], condition=Q(reopened_at=None)),
            models.CheckConstraint(
                name="dispute_assigned_after_opened",
                condition=Q(assigned_at=None) | Q(assigned_at__gte=F("opened_at")),
            ),
            models.CheckConstraint(
                name="dispute_mediation_resolved_says_what_and_who",
                condition=Q(resolved_at=None, resolved_by=None, result="")
                | (
                    Q(assigned_at__isnull=False, resolved_at__gte=F("assigned_at"), resolved_by__isnull=False)
                    & ~Q(result="")
                ),
            ),
            models.CheckConstraint(
                name="dispute_reopened_says_who_and_why",
                condition=Q(reopened_at=None, reopened_by=None, reopen_reason="")
                | (Q(reopened_at__gte=F("resolved_at"), reopened_by__isnull=False) & ~Q(reopen_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dispute} {self.opened_at:%F}"


class DisputeEvent(models.Model):
    """One step of a dispute. Never edited."""

    dispute = models.ForeignKey(Dispute, models.CASCADE, related_name="events", verbose_name=_("矛盾纠纷"))
    step = models.CharField(_("环节"), max_length=8, choices=Step)
    by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name=_("办理人"))
    at = models.DateTimeField(_("时间"))
    note = models.TextField(_("说明"), blank=True)

    class Meta:
        verbose_name = _("纠纷调处记录")
        ordering: ClassVar = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.dispute} {self.step}"
