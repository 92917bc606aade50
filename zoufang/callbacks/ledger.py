"""The ledgers of call-backs: what was drawn to be asked, and every call that was made."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zoufang.callbacks.models import SampledReferral
from zoufang.callbacks.selectors import call_backs_seen_by, sampled_seen_by
from zoufang.opinions.models import CallBack
from zoufang.opinions.vocabulary import CallLevel
from zoufang.opinions.workflow import Step
from zoufang.organization.models import Unit
from zoufang.ui.columns import label_of
from zoufang.ui.forms import PeriodField
from zoufang.ui.ledger import Ledger
from zoufang.ui.listing import Column, FilterForm


def page_of(row: Any) -> str:
    return reverse("opinions:detail", args=[row.referral.opinion.no])


def call_page(row: SampledReferral) -> str:
    return reverse("opinions:step", args=[row.referral.opinion.no, Step.CALL_BACK.value]) + "#step"


def standing(row: Any) -> str:
    """How far the asking has come, in words."""
    if row.reached_at is not None:
        return str(_("已接通"))
    return str(_("无法联系")) if row.gave_up_at is not None else str(_("待回访"))


def standing_tone(row: Any) -> str:
    return "done" if row.reached_at else "neutral" if row.gave_up_at else "waiting"


class SampleFilter(FilterForm):
    unit = forms.ModelChoiceField(Unit.objects.all(), to_field_name="code", label=_("责任单位"))
    level = forms.ChoiceField(label=_("回访层级"), choices=[("", "—"), *CallLevel.choices])

    lookups = {"level": "sample__level"}  # noqa: RUF012

    def keep(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().keep(rows)
        unit = self.cleaned_data["unit"]
        return rows.filter(unit.holds("referral__unit")) if unit else rows


SAMPLE_LEDGER = Ledger(
    code="call_back_samples",
    title=_("抽中回访"),
    rows=lambda viewer: sampled_seen_by(viewer).order_by("-sample__drawn_at", "-pk"),
    filters=SampleFilter,
    columns=(
        Column("no", _("意见编号"), lambda r: r.referral.opinion.no, link=page_of, code=True, key=True),
        Column("opinion", _("意见"), lambda r: r.referral.opinion.headline, wide=True),
        Column("unit", _("责任单位"), lambda r: r.referral.unit.label),
        Column("level", _("回访层级"), lambda r: r.sample.get_level_display()),
        Column("month", _("抽查月份"), lambda r: f"{r.sample.month:%Y-%m}"),
        Column("drawn_at", _("抽取时间"), lambda r: r.sample.drawn_at),
        Column("standing", _("状态"), standing, badge=standing_tone),
        Column("seed", _("随机种子"), lambda r: str(r.sample.seed), code=True),
    ),
)


class CallBackFilter(FilterForm):
    unit = forms.ModelChoiceField(Unit.objects.all(), to_field_name="code", label=_("责任单位"))
    level = forms.ChoiceField(label=_("回访层级"), choices=[("", "—"), *CallLevel.choices])
    period = PeriodField(label=_("回访时间"))

    lookups = {"level": "level"}  # noqa: RUF012

    def keep(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().keep(rows)
        asked = self.cleaned_data
        if asked["unit"]:
            rows = rows.filter(asked["unit"].holds("referral__unit"))
        if asked["period"]:
            rows = rows.filter(at__lt=asked["period"].end)
            if asked["period"].start:
                rows = rows.filter(at__gte=asked["period"].start)
        return rows


def _yes_or_no(name: str) -> Any:
    return lambda call: {True: _("是"), False: _("否")}.get(getattr(call, name), "")


CALL_BACK_LEDGER = Ledger(
    code="call_backs",
    title=_("回访台账"),
    rows=call_backs_seen_by,
    filters=CallBackFilter,
    columns=(
        Column("no", _("意见编号"), lambda c: c.referral.opinion.no, link=page_of, code=True, key=True),
        Column("opinion", _("意见"), lambda c: c.referral.opinion.headline, wide=True),
        Column("unit", _("责任单位"), lambda c: c.referral.unit.label),
        Column("level", _("回访层级"), label_of("level", CallLevel)),
        Column("at", _("回访时间"), lambda c: c.at),
        Column("by", _("回访人"), lambda c: c.by.name),
        Column("reached", _("已接通"), _yes_or_no("reached")),
        Column("confirmed", _("情况属实"), _yes_or_no("confirmed")),
        Column("solved", _("已解决"), _yes_or_no("solved")),
        Column("satisfaction", _("满意度"), CallBack.get_satisfaction_display),
        Column("differs", _("与前次回访不一致"), _yes_or_no("differs")),
        Column("note", _("回访记录"), lambda c: c.note, wide=True),
    ),
)
