"""Work on lists: steps taken with many opinions at once, and lists kept under a name."""

from datetime import timedelta
from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from zoufang.opinions.models import Opinion
from zoufang.opinions.workflow import Step
from zoufang.organization.models import Officer, Unit

# So many opinions in one go; up to the second number the reader waits for them, more are a job.
MOST, AT_ONCE = 10_000, 50
KEPT = timedelta(days=30)
# So many saved views of one list and person: tabs must stay readable, and each is counted when the list is opened.
VIEWS_MOST = 12


class BulkRun(models.Model):
    """One step, taken with many opinions at once by one person (批量办理); `said` is the same for each of them."""

    class State(models.TextChoices):
        WAITING = "WAITING", _("等待办理")
        RUNNING = "RUNNING", _("正在办理")
        DONE = "DONE", _("办理完毕")

    uid = models.UUIDField(unique=True, default=uuid4, editable=False)
    by = models.ForeignKey(Officer, models.CASCADE, related_name="bulk_runs", verbose_name=_("办理人"))
    step = models.CharField(_("环节"), max_length=16, choices=Step)
    said = models.JSONField(default=dict)
    picked = models.PositiveIntegerField(_("选中件数"))
    path = models.CharField(max_length=200, blank=True)
    query = models.TextField(blank=True)
    language = models.CharField(max_length=8)
    undoes = models.OneToOneField("self", models.CASCADE, null=True, related_name="undone_by", verbose_name=_("撤销"))
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField(_("提交时间"))
    finished_at = models.DateTimeField(_("完成时间"), null=True)

    class Meta:
        verbose_name = _("批量办理")
        ordering: ClassVar = ["-asked_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.step} {self.asked_at:%F}"

    @property
    def is_going_on(self) -> bool:
        return self.state != self.State.DONE


class BulkItem(models.Model):
    """One opinion of a run, of the version that its person saw, and what came of it: done, or refused and why."""

    class Outcome(models.TextChoices):
        WAITING = "WAITING", _("等待办理")
        DONE = "DONE", _("已办")
        REFUSED = "REFUSED", _("未办")

    run = models.ForeignKey(BulkRun, models.CASCADE, related_name="items", verbose_name=_("批量办理"))
    opinion = models.ForeignKey(Opinion, models.CASCADE, related_name="+", verbose_name=_("意见建议"))
    version = models.PositiveIntegerField(null=True)
    outcome = models.CharField(_("结果"), max_length=8, choices=Outcome, default=Outcome.WAITING)
    reason = models.CharField(_("原因"), max_length=300, blank=True)
    at = models.DateTimeField(_("时间"), null=True)

    class Meta:
        verbose_name = _("批量办理明细")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_item_per_run_and_opinion", fields=["run", "opinion"]),
            models.CheckConstraint(
                name="bulk_item_refused_says_why",
                condition=~models.Q(outcome="REFUSED") | ~models.Q(reason=""),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["run", "outcome"], name="bulk_items_of_run")]

    def __str__(self) -> str:
        return f"{self.opinion} {self.outcome}"


class SavedView(models.Model):
    """
    Filter, order and columns of a list, under a name (已存视图): never its rows, which are read as whoever looks.

    It is its owner's; `shared_with` lets all who belong to that unit, or to one below it, open it. The owner may be
    told when more than `over` rows wait, or the oldest has waited longer than `days`: `told_at` is since when that is so.
    """

    name = models.CharField(_("视图名称"), max_length=20)
    owner = models.ForeignKey(Officer, models.CASCADE, related_name="saved_views", verbose_name=_("保存人"))
    path = models.CharField(max_length=200)
    query = models.TextField(blank=True)
    shared_with = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("共享单位")
    )
    over = models.PositiveIntegerField(_("超过件数时提醒"), null=True, blank=True)
    days = models.PositiveSmallIntegerField(_("最早的超过天数时提醒"), null=True, blank=True)
    told_at = models.DateTimeField(_("提醒时间"), null=True)
    saved_at = models.DateTimeField(_("保存时间"))

    class Meta:
        verbose_name = _("已存视图")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_saved_view_per_name", fields=["owner", "path", "name"]),
        ]
        indexes: ClassVar = [models.Index(fields=["path"], name="saved_views_of_list")]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path
