"""The opinion, referral and rectification ledgers: three projections of the same life, so they cannot disagree."""

from typing import Any

from django import forms
from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zoufang.notifications.models import Reminder
from zoufang.notifications.vocabulary import Case, Level
from zoufang.opinions.models import Opinion, Outcome, Rectification, Referral, Topic
from zoufang.opinions.selectors import opinions_seen_by, with_outcome
from zoufang.opinions.vocabulary import Kind, ObjectCategory, OutcomeKind, Source
from zoufang.opinions.workflow import SETTLED, Status
from zoufang.organization.models import Officer, Unit
from zoufang.search.words import saying
from zoufang.ui.columns import label_of
from zoufang.ui.forms import PeriodField
from zoufang.ui.ledger import Ledger
from zoufang.ui.listing import Column, FilterForm
from zoufang.ui.when import due_day

TONES = {
    Status.REGISTERED: "waiting",
    Status.REFERRED: "waiting",
    Status.SIGNED: "active",
    Status.IN_HAND: "active",
    Status.RECTIFIED: "active",
    Status.VERIFIED: "active",
    Status.DRAFTED: "active",
    Status.APPROVED: "active",
    Status.ANSWERED: "done",
    Status.CLOSED: "done",
    Status.JOINED: "neutral",
}


def _page_of(opinion: Opinion) -> str:
    return reverse("opinions:detail", args=[opinion.no])


class OpinionFilter(FilterForm):
    """What a clerk narrows the opinions by."""

    q = forms.CharField(label=_("搜索"), max_length=40)
    status = forms.MultipleChoiceField(label=_("状态"), choices=Status.choices)
    outcome = forms.ChoiceField(label=_("办理结果"), choices=[("", "—"), *OutcomeKind.choices])
    unit = forms.ModelChoiceField(Unit.objects.all(), to_field_name="code", label=_("收集或责任单位"))
    kind = forms.ChoiceField(label=_("类别"), choices=[("", "—"), *Kind.choices])
    source = forms.ChoiceField(label=_("来源"), choices=[("", "—"), *Source.choices])
    topic = forms.ModelChoiceField(Topic.objects.select_related("parent"), to_field_name="code", label=_("主题"))
    object_category = forms.ChoiceField(label=_("对象类别"), choices=[("", "—"), *ObjectCategory.choices])
    period = PeriodField(label=_("收集时间"))
    overdue = forms.BooleanField(label=_("只看超期"))
    pressed = forms.ChoiceField(label=_("催督层级"), choices=[("", "—"), *Level.choices])

    lookups = {  # noqa: RUF012
        "status": "status__in",
        "kind": "kind",
        "source": "source",
        "object_category": "object_category",
    }

    def keep(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().keep(rows)
        asked = self.cleaned_data
        if asked["q"]:
            rows = rows.filter(Q(no=asked["q"].upper()) | saying(Opinion, asked["q"]))
        if asked["unit"]:
            rows = rows.filter(asked["unit"].holds("heard_by") | asked["unit"].holds("responsible_unit"))
        if asked["outcome"]:
            ended = Outcome.objects.filter(kind=asked["outcome"], superseded_at=None)
            rows = rows.filter(pk__in=ended.values("referral__opinion"))
        if asked["topic"]:
            rows = rows.filter(topic__in=[asked["topic"].pk, *asked["topic"].children.values_list("pk", flat=True)])
        if asked["period"]:
            rows = rows.filter(heard_at__lt=asked["period"].end)
            if asked["period"].start:
                rows = rows.filter(heard_at__gte=asked["period"].start)
        if asked["overdue"]:
            rows = rows.exclude(status__in=SETTLED).filter(due_at__lt=timezone.now())
        if asked["pressed"]:
            pressed = Reminder.objects.filter(case=Case.OPINION, level=asked["pressed"])
            rows = rows.filter(no__in=pressed.values("about"))
        return rows


def _opinion_rows(viewer: Officer) -> QuerySet[Opinion]:
    seen = opinions_seen_by(viewer).select_related("topic__parent", "heard_by", "responsible_unit", "responsible")
    return with_outcome(seen)


def _outcome_of(opinion: Any) -> str:
    return str(OutcomeKind(opinion.outcome).label) if opinion.outcome else ""


OPINION_LEDGER = Ledger(
    code="opinions",
    dated="heard_at",
    title=_("征求意见建议台账"),
    rows=_opinion_rows,
    filters=OpinionFilter,
    columns=(
        Column("no", _("编号"), lambda o: o.no, link=_page_of, code=True, key=True),
        Column("source", _("来源"), label_of("source", Source)),
        Column("heard_at", _("收集时间"), lambda o: o.heard_at),
        Column("kind", _("类别"), label_of("kind", Kind)),
        Column("topic", _("主题"), lambda o: o.topic.label),
        Column("content", _("内容"), lambda o: o.content, wide=True),
        Column("heard_by", _("收集单位"), lambda o: o.heard_by.label),
        Column("responsible_unit", _("责任单位"), lambda o: o.responsible_unit and o.responsible_unit.label),
        Column("responsible", _("责任人"), lambda o: o.responsible and o.responsible.name),
        Column("due_at", _("办理期限"), lambda o: due_day(o.due_at)),
        Column("status", _("状态"), label_of("status", Status), badge=lambda o: TONES[Status(o.status)]),
        Column("outcome", _("办理结果"), _outcome_of),
    ),
)


class ReferralFilter(FilterForm):
    q = forms.CharField(label=_("意见编号"), max_length=20)
    unit = forms.ModelChoiceField(Unit.objects.all(), to_field_name="code", label=_("责任单位"))
    period = PeriodField(label=_("转办时间"))

    def keep(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.cleaned_data
        if asked["q"]:
            rows = rows.filter(opinion__no=asked["q"].upper())
        if asked["unit"]:
            rows = rows.filter(asked["unit"].holds("unit"))
        if asked["period"]:
            rows = rows.filter(referred_at__lt=asked["period"].end)
            if asked["period"].start:
                rows = rows.filter(referred_at__gte=asked["period"].start)
        return rows


def _referral_rows(viewer: Officer) -> QuerySet[Referral]:
    seen = Referral.objects.filter(opinion__in=opinions_seen_by(viewer))
    return seen.select_related("opinion__topic", "unit", "by__unit", "rectification").order_by("-referred_at", "-pk")


REFERRAL_LEDGER = Ledger(
    code="referrals",
    dated="referred_at",
    title=_("转办台账"),
    rows=_referral_rows,
    filters=ReferralFilter,
    columns=(
        Column("no", _("意见编号"), lambda r: r.opinion.no, link=lambda r: _page_of(r.opinion), code=True, key=True),
        Column("hop", _("第几次转办"), lambda r: r.hop, numeric=True),
        Column("opinion", _("意见"), lambda r: r.opinion.headline, wide=True),
        Column("by", _("转出单位"), lambda r: r.by and r.by.unit.label),
        Column("unit", _("接收单位"), lambda r: r.unit.label),
        Column("referred_at", _("转办时间"), lambda r: r.referred_at),
        Column("signed_at", _("签收时间"), lambda r: r.signed_at),
        Column("return_reason", _("退回理由"), label_of("return_reason", Referral.ReturnReason)),
        Column("recalled_at", _("撤回时间"), lambda r: r.recalled_at),
        Column("due_at", _("办理期限"), lambda r: due_day(r.due_at)),
        Column("finished_at", _("办理完成时间"), lambda r: r.finished_at),
        Column("closed_at", _("办结时间"), lambda r: r.closed_at),
    ),
)


class RectificationFilter(FilterForm):
    q = forms.CharField(label=_("搜索"), max_length=40)
    unit = forms.ModelChoiceField(Unit.objects.all(), to_field_name="code", label=_("整改单位"))
    period = PeriodField(label=_("措施制定时间"))

    def keep(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.cleaned_data
        if asked["q"]:
            rows = rows.filter(Q(no=asked["q"].upper()) | saying(Rectification, asked["q"]))
        if asked["unit"]:
            rows = rows.filter(asked["unit"].holds("unit"))
        if asked["period"]:
            rows = rows.filter(measured_at__lt=asked["period"].end)
            if asked["period"].start:
                rows = rows.filter(measured_at__gte=asked["period"].start)
        return rows


def _rectification_rows(viewer: Officer) -> QuerySet[Rectification]:
    seen = Referral.objects.filter(opinion__in=opinions_seen_by(viewer))
    return (
        Rectification.objects.filter(pk__in=seen.exclude(rectification=None).values("rectification"))
        .select_related("unit", "responsible", "verified_by")
        .prefetch_related(
            Prefetch("referrals", seen.select_related("opinion").prefetch_related("call_backs", "replies"), "seen")
        )
    )


def _rectification_page(rectification: Rectification) -> str:
    return reverse("opinions:rectification", args=[rectification.no])


def _outcome_rows(viewer: Officer) -> QuerySet[Outcome]:
    seen = Outcome.objects.filter(referral__opinion__in=opinions_seen_by(viewer))
    return seen.select_related("referral__opinion", "referral__unit", "by").order_by("-decided_at", "-pk")


OUTCOME_LEDGER = Ledger(
    code="outcomes",
    title=_("办理结果台账"),
    rows=_outcome_rows,
    columns=(
        Column(
            "no", _("意见编号"), lambda o: o.referral.opinion.no, link=lambda o: _page_of(o.referral.opinion), key=True
        ),
        Column("opinion", _("意见"), lambda o: o.referral.opinion.headline, wide=True),
        Column("unit", _("责任单位"), lambda o: o.referral.unit.label),
        Column("kind", _("办理结果"), label_of("kind", OutcomeKind)),
        Column("review_on", _("复查日期"), lambda o: o.review_on),
        Column("turn_to", _("应向何处反映"), lambda o: o.turn_to, wide=True),
        Column("by", _("确定人"), lambda o: o.by and o.by.name),
        Column("decided_at", _("结果确定时间"), lambda o: o.decided_at),
        Column("superseded_at", _("结果更改时间"), lambda o: o.superseded_at),
    ),
)


def _opinion_of(rectification: Any) -> Opinion:
    return rectification.seen[0].opinion  # type: ignore[no-any-return]


def _told_at(rectification: Any) -> Any:
    return next(
        (reply.told_at for referral in rectification.seen for reply in referral.replies.all() if reply.told_at), None
    )


def _called_back(rectification: Any) -> str:
    for referral in rectification.seen:
        for call_back in referral.call_backs.all():
            if call_back.reached:
                solved = _("已解决") if call_back.solved else _("未解决")
                return f"{solved} · {call_back.get_satisfaction_display()}"
    return ""


RECTIFICATION_LEDGER = Ledger(
    code="rectifications",
    dated="measured_at",
    title=_("整改台账"),
    rows=_rectification_rows,
    filters=RectificationFilter,
    columns=(
        Column("no", _("整改编号"), lambda r: r.no, link=_rectification_page, code=True, key=True),
        Column("many", _("意见条数"), lambda r: len(r.seen), numeric=True),
        Column("opinions", _("关联意见"), lambda r: _("、").join(referral.opinion.no for referral in r.seen)),
        Column("problem", _("问题"), lambda r: _opinion_of(r).headline, wide=True),
        Column("measure", _("整改措施"), lambda r: r.measure, wide=True),
        Column("unit", _("整改单位"), lambda r: r.unit.label),
        Column("responsible", _("责任人"), lambda r: r.responsible.name),
        Column("planned_on", _("计划完成日期"), lambda r: r.planned_on),
        Column("rectified_at", _("整改完成时间"), lambda r: r.rectified_at),
        Column("verified_by", _("核验人"), lambda r: r.verified_by and r.verified_by.name),
        Column("verified_at", _("核验时间"), lambda r: r.verified_at),
        Column("told_at", _("反馈时间"), _told_at),
        Column("call_back", _("回访结果"), _called_back),
    ),
)
