"""What the statistics keep of their own: figures typed in from a document, and tables that somebody wants again."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zoufang.kernel.period import Period
from zoufang.organization.models import Officer, Unit
from zoufang.statistics.figures import FIGURES


class ReportedFigureQuerySet(models.QuerySet["ReportedFigure"]):
    def standing(self) -> Self:
        """Keep the figures that count: approved, and not replaced by a later one."""
        return self.filter(approved_at__isnull=False, superseded_at=None)

    def waiting(self) -> Self:
        """Keep those that nobody has decided on."""
        return self.filter(approved_at=None, rejected_at=None)


class ReportedFigure(models.Model):
    """
    One value of a key figure for a unit as a whole over a period (填报指标), with the document that states it.

    A figure is never edited. To correct one, it is reported again: once approved, the new row stands, and the
    old one keeps the moment at which it was replaced.
    """

    class State(models.TextChoices):
        WAITING = "WAITING", _("待审批")
        APPROVED = "APPROVED", _("已审批")
        SUPERSEDED = "SUPERSEDED", _("已更正")
        REJECTED = "REJECTED", _("未通过")

    code = models.CharField(_("填报指标"), max_length=40)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="reported_figures", verbose_name=_("填报单位"))
    first = models.DateField(_("起始日期"))
    last = models.DateField(_("截止日期"))
    value = models.PositiveIntegerField(_("数值"))
    source_doc = models.CharField(_("来源文件"), max_length=120)
    reported_by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name=_("填报人"))
    reported_at = models.DateTimeField(_("填报时间"))
    approved_by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("审批人"))
    approved_at = models.DateTimeField(_("审批时间"), null=True)
    superseded_at = models.DateTimeField(_("更正时间"), null=True)
    rejected_by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("退回人"))
    rejected_at = models.DateTimeField(_("退回时间"), null=True)
    reject_reason = models.CharField(_("退回原因"), max_length=200, blank=True)

    objects = ReportedFigureQuerySet.as_manager()

    class Meta:
        verbose_name = _("填报数")
        ordering: ClassVar = ["-reported_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(name="figure_period_runs_forward", condition=Q(last__gte=F("first"))),
            models.CheckConstraint(name="figure_names_its_document", condition=~Q(source_doc="")),
            models.CheckConstraint(
                name="figure_approved_by_another_person",
                condition=Q(approved_by=None, approved_at=None)
                | (Q(approved_at__gte=F("reported_at"), approved_by__isnull=False) & ~Q(approved_by=F("reported_by"))),
            ),
            models.CheckConstraint(
                name="figure_rejected_says_who_and_why",
                condition=Q(rejected_at=None, rejected_by=None, reject_reason="")
                | (Q(rejected_at__isnull=False, rejected_by__isnull=False, approved_at=None) & ~Q(reject_reason="")),
            ),
            models.CheckConstraint(
                name="figure_superseded_was_approved",
                condition=Q(superseded_at=None) | Q(approved_at__isnull=False, superseded_at__gte=F("approved_at")),
            ),
            models.UniqueConstraint(
                name="one_standing_figure_per_period",
                fields=["code", "unit", "first", "last"],
                condition=Q(approved_at__isnull=False, superseded_at=None),
            ),
            models.UniqueConstraint(
                name="one_waiting_figure_per_period",
                fields=["code", "unit", "first", "last"],
                condition=Q(approved_at=None, rejected_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.first}–{self.last}: {self.value}"

    @property
    def title(self) -> str:
        return FIGURES[self.code].title if self.code in FIGURES else self.code

    @property
    def measure(self) -> str:
        return FIGURES[self.code].measure if self.code in FIGURES else ""

    @property
    def period(self) -> Period:
        return Period(self.first, self.last)

    @property
    def state(self) -> "ReportedFigure.State":
        if self.rejected_at is not None:
            return self.State.REJECTED
        if self.superseded_at is not None:
            return self.State.SUPERSEDED
        return self.State.WAITING if self.approved_at is None else self.State.APPROVED


class SavedTable(models.Model):
    """
    The choices of a table, under a name (已存统计表): never its figures, which are counted whenever it is opened.

    It is its owner's; `shared_with` lets all who belong to that unit, or to one below it, open and copy it.
    """

    class Span(models.TextChoices):
        FIXED = "FIXED", _("固定日期")
        THIS_MONTH = "THIS_MONTH", _("本月")
        LAST_MONTH = "LAST_MONTH", _("上月")
        THIS_YEAR = "THIS_YEAR", _("今年以来")
        LAST_YEAR = "LAST_YEAR", _("去年全年")

    name = models.CharField(_("表名"), max_length=40)
    owner = models.ForeignKey(Officer, models.CASCADE, related_name="saved_tables", verbose_name=_("制表人"))
    choices = models.JSONField(_("选项"))
    span = models.CharField(_("打开时的统计期"), max_length=10, choices=Span, default=Span.FIXED)
    shared_with = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("共享单位"))
    saved_at = models.DateTimeField(_("保存时间"))

    class Meta:
        verbose_name = _("已存统计表")
        ordering: ClassVar = ["-saved_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_saved_table_per_name", fields=["owner", "name"]),
        ]

    def __str__(self) -> str:
        return self.name
