"""Pages of visits."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from zoufang.accounts.access import OfficerRequest
from zoufang.audit.views import exporting
from zoufang.opinions.ledger import TONES
from zoufang.opinions.vocabulary import ObjectCategory
from zoufang.opinions.workflow import Status
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer
from zoufang.ui.columns import label_of
from zoufang.ui.components import Happening
from zoufang.ui.forms import is_refused
from zoufang.ui.listing import Action, Column, listing
from zoufang.ui.middleware import back_to
from zoufang.visits import rules, selectors, services
from zoufang.visits.forms import AS_LAST_TIME, OpinionRows, VisitForm, VoidForm, opinion_rows
from zoufang.visits.ledger import VisitFilter, officers_of, opinions_of, page_of
from zoufang.visits.models import Visit
from zoufang.visits.vocabulary import EventKind, Mode


class VisitListFilter(VisitFilter):
    """What an officer narrows the list by, beyond the ledger: one's own, and those that were voided."""

    mine = forms.BooleanField(label=gettext_lazy("只看我参加的"))
    voided = forms.BooleanField(label=gettext_lazy("含已作废"))

    def __init__(self, *args: Any, viewer: Officer | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer

    def keep(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().keep(rows)
        if self.cleaned_data["mine"] and self.viewer is not None:
            rows = rows.filter(officers=self.viewer)
        return rows if self.cleaned_data["voided"] else rows.filter(voided_at=None)


@require_GET
def visits(request: OfficerRequest) -> HttpResponse | FileResponse:
    actions = []
    if access.may(request.user, Do.RECORD_VISIT):
        actions.append(Action(_("记一次走访"), reverse("visits:new"), icon="plus"))
    return listing(
        request,
        selectors.visits_listed_for(request.user),
        exported=exporting("visits", request),
        title=pgettext("plural", "走访"),
        columns=COLUMNS,
        filters=VisitListFilter(request.GET, viewer=request.user),
        actions=actions,
        empty=_("没有符合条件的走访。可放宽筛选条件，或记一次新走访。"),
        filename=pgettext("plural", "走访"),
    )


@never_cache
@require_http_methods(["GET", "POST"])
def new(request: OfficerRequest) -> HttpResponse:
    """Record a visit. The page brings its own `uid`, so a second press or a resend makes no second visit."""
    access.require(request.user, Do.RECORD_VISIT)
    data, now = request.POST or None, timezone.now()
    again = {name: request.GET[name] for name in AS_LAST_TIME if name in request.GET}
    form, rows = VisitForm(data, by=request.user, now=now, initial=again), opinion_rows(data)
    if data is not None and all([form.is_valid(), rows.is_valid()]):
        back_to(request, lambda: _form_page(request, form, rows), form, *rows.forms)
        visit, _created = services.record_visit(**form.cleaned_data, opinions=rows.heard(), by=request.user, now=now)
        messages.success(request, _told(visit))
        if "another" in request.POST:
            return redirect("visits:new")
        return redirect("visits:detail", visit.uid)
    return _form_page(request, form, rows)


@require_GET
def officers(request: OfficerRequest) -> HttpResponse:
    """The officers to offer for the unit that was chosen on the page."""
    access.require(request.user, Do.RECORD_VISIT)
    chosen = {"unit": request.GET.get("unit", ""), "officers": request.GET.getlist("officers")}
    form = VisitForm(by=request.user, now=timezone.now(), initial=chosen)
    form.offer_choices()
    return render(request, "visits/new.html#officers", {"form": form})


@require_GET
def detail(request: OfficerRequest, uid: str) -> HttpResponse:
    visit = _visit(request, uid)
    return render(request, "visits/detail.html", _detail(request, visit))


@require_http_methods(["GET", "POST"])
def void(request: OfficerRequest, uid: str) -> HttpResponse:
    visit = _visit(request, uid)
    access.require(request.user, Do.VOID_VISIT, visit.unit)
    form = VoidForm(request.POST or None)
    if form.is_valid():
        back_to(request, lambda: _void_page(request, _visit(request, uid), form), form)
        services.void_visit(visit, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now())
        messages.success(request, _("这条走访已作废，不再计入统计。所征意见不受影响，仍按期办理。"))
        return redirect("visits:detail", visit.uid)
    return _void_page(request, visit, form)


def _visit(request: OfficerRequest, uid: str) -> Visit:
    return get_object_or_404(selectors.visits_listed_for(request.user).select_related("voided_by"), uid=uid)


def _form_page(request: OfficerRequest, form: VisitForm, rows: OpinionRows) -> HttpResponse:
    if is_refused(form) and selectors.sent_before(request.user, [form.cleaned_data["uid"]]):
        form.start_anew()
    form.offer_choices()
    form.fields["unit"].widget.attrs.update(_refresh_officers())
    context = {
        "form": form,
        "rows": rows,
        "last_time": form.last_time(),
        "most_opinions": rules.MAX_OPINIONS,
    }
    return render(request, "visits/new.html", context, status=422 if form.is_bound else 200)


def _void_page(request: OfficerRequest, visit: Visit, form: VoidForm) -> HttpResponse:
    context = _detail(request, visit) | {"form": form}
    return render(request, "visits/void.html", context, status=422 if form.is_bound else 200)


def _detail(request: OfficerRequest, visit: Visit) -> dict[str, Any]:
    tones = {EventKind.RECORDED: "done", EventKind.VOIDED: "late"}
    history = [
        Happening(event.at, event.get_kind_display(), event.by.name, event.note, tones[EventKind(event.kind)])
        for event in visit.events.select_related("by")
    ]
    return {
        "visit": visit,
        "opinions": [(one, TONES[Status(one.status)]) for one in getattr(visit, "opinions_seen", [])],
        "history": history,
        "may_void": not visit.is_void and access.may(request.user, Do.VOID_VISIT, visit.unit),
        "may_record": access.may(request.user, Do.RECORD_VISIT),
    }


def _refresh_officers() -> dict[str, str]:
    """The officers offered are those of the unit that is chosen."""
    return {
        "hx-get": reverse("visits:officers"),
        "hx-target": "#officers",
        "hx-swap": "outerHTML",
        "hx-trigger": "change",
        "hx-include": "[name=officers]",
    }


def _told(visit: Visit) -> str:
    if visit.opinion_count:
        return _("已记录走访，登记意见 %(n)d 条，等待转办。") % {"n": visit.opinion_count}
    return _("已记录走访。")


COLUMNS = (
    Column("visited_at", gettext_lazy("走访时间"), lambda v: v.visited_at, link=page_of, key=True, order="visited_at"),
    Column("unit", gettext_lazy("单位"), lambda v: v.unit.label),
    Column("mode", gettext_lazy("方式"), label_of("mode", Mode)),
    Column("object_category", gettext_lazy("对象类别"), label_of("object_category", ObjectCategory)),
    Column("headcount", gettext_lazy("人次"), lambda v: v.headcount, numeric=True),
    Column("place", gettext_lazy("地点"), lambda v: v.place),
    Column("summary", gettext_lazy("情况"), lambda v: v.summary, wide=True),
    Column("officers", gettext_lazy("民警"), officers_of),
    Column("opinions", gettext_lazy("产生意见"), opinions_of),
    Column("void", gettext_lazy("状态"), lambda v: _("已作废") if v.is_void else "", badge=lambda _visit: "neutral"),
)
