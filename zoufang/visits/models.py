"""A visit: what officers did among the people, whom they met, what they heard."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Substr
from django.utils.translation import gettext_lazy as _

from zoufang.opinions.models import Opinion
from zoufang.opinions.vocabulary import ObjectCategory
from zoufang.organization.models import Officer, Unit
from zoufang.search.words import word_index
from zoufang.visits import rules
from zoufang.visits.vocabulary import EventKind, Mode, ModeGroup, Theme


class VisitQuerySet(models.QuerySet["Visit"]):
    def standing(self) -> Self:
        """Keep the visits that count: those not voided."""
        return self.filter(voided_at=None)


class Visit(models.Model):
    """
    One visit (走访, counted in 条; the people met, in 人次).

    `uid` is made by the device that recorded it, so that a resend is known as one; `body_hash` is the digest of
    everything the recorder said. `visited_at` is the fact, `recorded_at` the audit of it. Nobody who was visited
    is named: a visit knows kinds of contact and a headcount. A visit is never edited: it is voided and recorded
    anew.
    """

    uid = models.UUIDField(unique=True, editable=False)
    body_hash = models.CharField(max_length=64, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="visits", verbose_name=_("走访单位"))
    visited_at = models.DateTimeField(_("走访时间"))
    mode = models.CharField(_("走访方式"), max_length=2, choices=Mode)
    mode_group = models.GeneratedField(
        expression=Substr("mode", 1, 1),
        output_field=models.CharField(_("方式组"), max_length=1, choices=ModeGroup),
        db_persist=True,
    )
    object_category = models.CharField(_("对象类别"), max_length=6, choices=ObjectCategory)
    headcount = models.PositiveSmallIntegerField(_("人次"))
    theme = models.CharField(_("走访主题"), max_length=2, choices=Theme)
    place = models.CharField(_("走访地点"), max_length=80, blank=True)
    question = models.CharField(_("带着的问题"), max_length=200, blank=True)
    summary = models.TextField(_("走访情况"), max_length=2000, blank=True)
    officers = models.ManyToManyField(Officer, related_name="visits", verbose_name=_("走访民警"))
    opinions = models.ManyToManyField(Opinion, related_name="visits", verbose_name=_("产生意见"))
    # How many opinions were heard, kept with the visit so that lists and figures need not look them up.
    opinion_count = models.PositiveSmallIntegerField(_("意见条数"), default=0)
    recorded_by = models.ForeignKey(Officer, models.PROTECT, related_name="visits_recorded", verbose_name=_("录入人"))
    recorded_at = models.DateTimeField(_("录入时间"))
    voided_at = models.DateTimeField(_("作废时间"), null=True)
    voided_by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("作废人"))
    void_reason = models.CharField(_("作废原因"), max_length=200, blank=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("走访")
        ordering: ClassVar = ["-visited_at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["unit", "visited_at"], name="visit_of_unit"),
            models.Index(fields=["-visited_at", "-id"], name="visit_newest"),
            models.Index(fields=["recorded_by", "-recorded_at"], name="visit_of_recorder"),
            models.Index(fields=["-recorded_at", "-id"], name="visit_recorded"),
            # For the values that few rows have; what many have is found on the way from the newest on.
            models.Index(fields=["mode"], name="visit_by_mode"),
            models.Index(fields=["object_category"], name="visit_by_object"),
            models.Index(fields=["theme"], name="visit_by_theme"),
            word_index("place", "summary", "question", name="visit_words"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="visit_met_somebody", condition=Q(headcount__gte=1)),
            models.CheckConstraint(
                name="visit_void_says_who_and_why",
                condition=Q(voided_at=None, voided_by=None, void_reason="")
                | (Q(voided_at__isnull=False, voided_by__isnull=False) & ~Q(void_reason="")),
            ),
            models.CheckConstraint(
                name="visit_not_before_it_took_place",
                condition=Q(visited_at__lte=F("recorded_at") + rules.CLOCK_SKEW),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visited_at:%F} {self.get_mode_display()}"

    @property
    def is_void(self) -> bool:
        return self.voided_at is not None

    @property
    def station(self) -> Unit:
        """The unit whose ledger the visit stands in: for a police room, the station or bureau above it."""
        unit = self.unit
        if unit.kind != Unit.Kind.POLICE_ROOM:
            return unit
        while unit.kind not in {Unit.Kind.STATION, Unit.Kind.COUNTY_BUREAU} and unit.parent is not None:
            unit = unit.parent
        return unit

    @property
    def police_room(self) -> Unit | None:
        return self.unit if self.unit.kind == Unit.Kind.POLICE_ROOM else None


class VisitEvent(models.Model):
    """One thing that was done to the record of a visit. Never edited."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="events", verbose_name=_("走访"))
    kind = models.CharField(_("操作"), max_length=8, choices=EventKind)
    by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name=_("操作人"))
    at = models.DateTimeField(_("时间"))
    note = models.TextField(_("说明"), blank=True)

    class Meta:
        verbose_name = _("走访记录变更")
        ordering: ClassVar = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.visit} {self.kind}"
