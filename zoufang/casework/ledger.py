"""The petition backlog ledger and the dispute ledger (信访积案台账, 矛盾纠纷台账), and what they are narrowed by."""

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zoufang.casework import selectors
from zoufang.casework.models import Dispute, PetitionCase
from zoufang.casework.vocabulary import DisputeCategory, DisputeStatus, Level, Stage
from zoufang.kernel.clock import local_day
from zoufang.organization.models import Unit
from zoufang.search.words import saying
from zoufang.ui.columns import label_of
from zoufang.ui.forms import PeriodField
from zoufang.ui.ledger import Ledger
from zoufang.ui.listing import Column, FilterForm
from zoufang.ui.when import due_day

OPEN, CLOSED, OVERDUE = "open", "closed", "overdue"

DISPUTE_TONES = {DisputeStatus.FOUND: "waiting", DisputeStatus.IN_HAND: "active", DisputeStatus.RESOLVED: "done"}


class PetitionFilter(FilterForm):
    q = forms.CharField(label=gettext_lazy("编号或事项"), max_length=40)
    unit = forms.ModelChoiceField(Unit.objects.all(), to_field_name="code", label=gettext_lazy("办理单位（含下级）"))
    state = forms.ChoiceField(
        label=gettext_lazy("状态"),
        choices=[
            ("", "—"),
            (OPEN, gettext_lazy("未办结")),
            (OVERDUE, gettext_lazy("超期未办结")),
            (CLOSED, gettext_lazy("已办结")),
        ],
    )
    level = forms.ChoiceField(label=gettext_lazy("交办层级"), choices=[("", "—"), *Level.choices])
    stage = forms.ChoiceField(label=gettext_lazy("办理阶段"), choices=[("", "—"), *Stage.choices])
    batch = forms.CharField(label=gettext_lazy("交办批次"), max_length=40)
    period = PeriodField(label=gettext_lazy("交办时间"))
    backlog = forms.BooleanField(label=gettext_lazy("只看积案"))
    untold = forms.BooleanField(label=gettext_lazy("只看逾期未书面告知"))

    lookups: ClassVar[dict[str, str]] = {"level": "level", "stage": "stage", "batch": "batch"}

    def keep(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().keep(rows)
        asked = self.cleaned_data
        if asked["q"]:
            rows = rows.filter(saying(PetitionCase, asked["q"]))
        if asked["unit"]:
            rows = rows.filter(asked["unit"].holds("unit"))
        if asked["state"]:
            rows = rows.filter(closed_at__isnull=asked["state"] != CLOSED)
        if asked["state"] == OVERDUE:
            rows = rows.alias(deadline_at=Coalesce("extended_to", "due_at")).filter(deadline_at__lte=timezone.now())
        if asked["backlog"]:
            rows = rows.filter(is_backlog=True)
        if asked["untold"]:
            rows = rows.filter(closed_at=None, notified_at=None, notice_due_at__lte=timezone.now())
        return _within(rows, "assigned_at", asked["period"])


class DisputeFilter(FilterForm):
    q = forms.CharField(label=gettext_lazy("编号、地点或情况"), max_length=40)
    unit = forms.ModelChoiceField(Unit.objects.all(), to_field_name="code", label=gettext_lazy("调处单位（含下级）"))
    status = forms.MultipleChoiceField(label=gettext_lazy("状态"), choices=DisputeStatus.choices)
    category = forms.MultipleChoiceField(label=gettext_lazy("纠纷类别"), choices=DisputeCategory.choices)
    screening_round = forms.CharField(label=gettext_lazy("排查轮次"), max_length=40)
    period = PeriodField(label=gettext_lazy("发现时间"))
    overdue = forms.BooleanField(label=gettext_lazy("只看超期未化解"))

    lookups: ClassVar[dict[str, str]] = {
        "status": "status__in",
        "category": "category__in",
        "screening_round": "screening_round",
    }

    def keep(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().keep(rows)
        asked = self.cleaned_data
        if asked["q"]:
            rows = rows.filter(saying(Dispute, asked["q"]))
        if asked["unit"]:
            rows = rows.filter(asked["unit"].holds("unit"))
        if asked["overdue"]:
            rows = rows.filter(resolved_at=None, due_on__lt=local_day(timezone.now()))
        return _within(rows, "found_at", asked["period"])


def _within(rows: QuerySet[Any], moment: str, period: Any) -> QuerySet[Any]:
    if period is None:
        return rows
    rows = rows.filter(**{f"{moment}__lt": period.end})
    return rows.filter(**{f"{moment}__gte": period.start}) if period.start else rows


def petition_page(case: PetitionCase) -> str:
    return reverse("casework:petition", args=[case.pk])


def dispute_page(dispute: Dispute) -> str:
    return reverse("casework:dispute", args=[dispute.pk])


def petition_state(case: PetitionCase) -> tuple[str, str]:
    """Return the tone and the words for how a petition stands now."""
    if case.closed_at is not None:
        return "done", _("已办结")
    if timezone.now() >= case.deadline:
        return "late", _("超期未办结")
    return ("active", _("办理中")) if case.responsible_id else ("waiting", _("待落实责任人"))


def dispute_state(dispute: Dispute) -> tuple[str, str]:
    """Return the tone and the words for how a dispute stands now."""
    if dispute.resolved_at is None and timezone.now() >= dispute.deadline:
        return "late", _("超期未化解")
    status = DisputeStatus(dispute.status)
    return DISPUTE_TONES[status], str(status.label)


PETITION_LEDGER = Ledger(
    code="petitions",
    dated="assigned_at",
    title=gettext_lazy("信访积案台账"),
    rows=selectors.petitions_listed_for,
    filters=PetitionFilter,
    columns=(
        Column("no", gettext_lazy("编号"), lambda c: c.no, link=petition_page, code=True, key=True),
        Column("level", gettext_lazy("交办层级"), label_of("level", Level)),
        Column("assigned_at", gettext_lazy("交办日"), lambda c: local_day(c.assigned_at), order="assigned_at"),
        Column("unit", gettext_lazy("办理单位"), lambda c: c.unit.label),
        Column("subject", gettext_lazy("事项"), lambda c: c.subject, wide=True),
        Column("leader", gettext_lazy("包案领导"), lambda c: c.leader and c.leader.name),
        Column("responsible", gettext_lazy("责任人"), lambda c: c.responsible and c.responsible.name),
        Column("notified_at", gettext_lazy("书面告知日"), lambda c: c.notified_at and local_day(c.notified_at)),
        Column("deadline", gettext_lazy("时限"), lambda c: due_day(c.deadline)),
        Column("stage", gettext_lazy("阶段"), label_of("stage", Stage)),
        Column("closed_at", gettext_lazy("结案日"), lambda c: c.closed_at and local_day(c.closed_at)),
        Column("result", gettext_lazy("结果"), lambda c: c.result, wide=True),
    ),
)

DISPUTE_LEDGER = Ledger(
    code="disputes",
    dated="found_at",
    title=gettext_lazy("矛盾纠纷台账"),
    rows=selectors.disputes_listed_for,
    filters=DisputeFilter,
    columns=(
        Column("no", gettext_lazy("编号"), lambda d: d.no, link=dispute_page, code=True, key=True),
        Column("category", gettext_lazy("类别"), label_of("category", DisputeCategory)),
        Column("found_at", gettext_lazy("发现日"), lambda d: local_day(d.found_at), order="found_at"),
        Column("unit", gettext_lazy("单位"), lambda d: d.unit.label),
        Column("responsible", gettext_lazy("责任人"), lambda d: d.responsible and d.responsible.name),
        Column("deadline", gettext_lazy("时限"), lambda d: d.due_on),
        Column("result", gettext_lazy("结果"), lambda d: d.result, wide=True),
        Column("resolved_at", gettext_lazy("化解日"), lambda d: d.resolved_at and local_day(d.resolved_at)),
    ),
)
