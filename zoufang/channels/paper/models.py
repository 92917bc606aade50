"""Sheets of paper on which people write: printed as a numbered series, handed out, collected, typed back."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zoufang.channels import digits
from zoufang.opinions.models import Opinion
from zoufang.opinions.vocabulary import ObjectCategory, Source
from zoufang.organization.models import Officer, Unit

MOST_SHEETS = 999
# Numbers begin where they look like numbers.
_FIRST = 1000


class PaperSeries(models.Model):
    """One occasion for which numbered sheets are printed: which unit asks, whom, and what it counts as (征求意见表批次)."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="paper_series", verbose_name=_("征求单位"))
    occasion = models.CharField(_("征求场合"), max_length=40)
    place = models.CharField(_("地点"), max_length=80, blank=True)
    source = models.CharField(_("来源"), max_length=5, choices=Source, default=Source.EVALUATION_PAPER)
    object_category = models.CharField(_("对象类别"), max_length=6, choices=ObjectCategory, blank=True)
    many = models.PositiveSmallIntegerField(_("印制份数"))
    made_by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name=_("编号人"))
    made_at = models.DateTimeField(_("编号时间"))

    class Meta:
        verbose_name = _("征求意见表批次")
        ordering: ClassVar = ["-made_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(name="series_has_sheets", condition=Q(many__range=(1, MOST_SHEETS)))
        ]

    def __str__(self) -> str:
        return self.no

    @property
    def no(self) -> str:
        """What the sheets of the series begin with."""
        return str(_FIRST + self.pk)


class PaperSheetQuerySet(models.QuerySet["PaperSheet"]):
    def numbered(self, code: str) -> Self:
        """Keep the sheet of this number, in any form that people type; none if a digit is wrong."""
        number = digits.number_in(code)
        if number is None:
            return self.none()
        series, position = divmod(number, MOST_SHEETS + 1)
        return self.filter(series=series - _FIRST, position=position)


class PaperSheet(models.Model):
    """
    One sheet (征求意见表, counted in 份): handed out, collected, and what was written on it.

    A sheet that came back was handed out, and one that came back blank has no opinion.
    """

    series = models.ForeignKey(PaperSeries, models.PROTECT, related_name="sheets", verbose_name=_("批次"))
    position = models.PositiveSmallIntegerField(_("序号"))
    handed_out_at = models.DateTimeField(_("发放时间"), null=True)
    collected_at = models.DateTimeField(_("回收时间"), null=True)
    typed_by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("录入人"))
    typed_at = models.DateTimeField(_("录入时间"), null=True)
    opinion = models.OneToOneField(
        Opinion, models.PROTECT, null=True, related_name="paper_sheet", verbose_name=_("意见建议")
    )

    objects = PaperSheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("征求意见表")
        ordering: ClassVar = ["series", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_sheet_per_number", fields=["series", "position"]),
            models.CheckConstraint(
                name="sheet_collected_was_handed_out",
                condition=Q(collected_at=None) | Q(handed_out_at__isnull=False, handed_out_at__lte=F("collected_at")),
            ),
            models.CheckConstraint(
                name="sheet_collected_was_typed",
                condition=Q(collected_at=None, typed_by=None, typed_at=None, opinion=None)
                | Q(collected_at__isnull=False, typed_by__isnull=False, typed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """The number printed on the sheet: digits, of which the last is made from the others."""
        return digits.with_check((_FIRST + self.series_id) * (MOST_SHEETS + 1) + self.position)

    @property
    def is_typed(self) -> bool:
        return self.typed_at is not None
