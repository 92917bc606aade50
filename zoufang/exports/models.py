"""A long list that is written to a file while its reader does something else."""

from datetime import timedelta
from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zoufang.organization.models import Officer

# How long a file is kept, in whole days, and how many files one person may have.
KEPT = timedelta(days=7)
MOST = 10


class Export(models.Model):
    """
    A copy of a list, made for one person and readable by nobody else (导出).

    `path` and `query` are the address of the list as its reader saw it: the copy is made by asking that page again, as
    this person. `query` may hold what was searched, so the row goes when the file does. `rights` is the digest of the
    person's duties while the file was made.
    """

    class State(models.TextChoices):
        WAITING = "WAITING", _("排队中")
        RUNNING = "RUNNING", _("正在生成")
        READY = "READY", _("可下载")
        FAILED = "FAILED", _("未完成")

    uid = models.UUIDField(unique=True, default=uuid4, editable=False)
    by = models.ForeignKey(Officer, models.CASCADE, related_name="exports", verbose_name=_("导出人"))
    path = models.CharField(max_length=200)
    query = models.TextField(blank=True)
    language = models.CharField(max_length=8)
    form = models.CharField(_("格式"), max_length=4)
    title = models.CharField(_("清单"), max_length=100)
    rows = models.PositiveIntegerField(_("行数"))
    written = models.PositiveIntegerField(_("已写行数"), default=0)
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    why_failed = models.CharField(_("原因"), max_length=200, blank=True)
    rights = models.CharField(max_length=64, blank=True)
    file = models.FileField(upload_to="exports/%Y/%m", blank=True)
    name = models.CharField(_("文件名"), max_length=120, blank=True)
    size = models.PositiveBigIntegerField(_("大小（字节）"), default=0)
    asked_at = models.DateTimeField(_("申请时间"))
    finished_at = models.DateTimeField(_("完成时间"), null=True)

    class Meta:
        verbose_name = _("导出")
        ordering: ClassVar = ["-asked_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_export_at_a_time_of_a_list",
                fields=["by", "path", "query", "language"],
                condition=Q(state__in=["WAITING", "RUNNING"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.asked_at:%F}"

    @property
    def is_going_on(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)
