"""Bulletins as they were issued: the text and every figure, frozen."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zoufang.organization.models import Officer, Unit


class Bulletin(models.Model):
    """One issued bulletin (通报). It is never edited: what turns out wrong is corrected in the next one."""

    class Template(models.TextChoices):
        FORMAL = "formal", _("红头文件")
        PLAIN = "plain", _("通报稿")

    year = models.PositiveSmallIntegerField(_("年份"))
    number = models.PositiveSmallIntegerField(_("序号"))
    title = models.CharField(_("标题"), max_length=120)
    template = models.CharField(_("版式"), max_length=6, choices=Template, default=Template.FORMAL)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="bulletins", verbose_name=_("发文单位"))
    first = models.DateField(_("统计期起"))
    last = models.DateField(_("统计期止"))
    issued_by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name=_("签发人"))
    issued_at = models.DateTimeField(_("签发时间"))
    text = models.JSONField(_("正文"))
    missing = models.JSONField(_("缺项"), default=list)

    class Meta:
        verbose_name = _("通报")
        ordering: ClassVar = ["-issued_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_bulletin_per_number", fields=["year", "number"]),
            models.CheckConstraint(name="bulletin_ends_after_it_starts", condition=Q(last__gte=F("first"))),
        ]

    def __str__(self) -> str:
        return f"〔{self.year}〕{self.number}号"


class BulletinFigure(models.Model):
    """One figure as it was printed, with all that is needed to count it again."""

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="figures", verbose_name=_("通报"))
    key = models.CharField(_("数字键"), max_length=40)
    metric = models.CharField(_("统计指标"), max_length=60)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("统计单位"))
    first = models.DateField(_("统计期起"))
    last = models.DateField(_("统计期止"))
    category = models.CharField(_("分类"), max_length=30, blank=True)
    category_key = models.CharField(_("分类值"), max_length=30, blank=True)
    value = models.DecimalField(_("数值"), max_digits=14, decimal_places=2)
    shown = models.CharField(_("印出的数"), max_length=30)

    class Meta:
        verbose_name = _("通报数字")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [models.UniqueConstraint(name="one_figure_per_key", fields=["bulletin", "key"])]

    def __str__(self) -> str:
        return f"{self.key} = {self.shown}"
