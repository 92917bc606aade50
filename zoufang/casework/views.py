"""Pages of petitions and disputes."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from zoufang.accounts.access import OfficerRequest
from zoufang.audit.views import exporting
from zoufang.casework import forms, rules, selectors, services
from zoufang.casework.clocks import clocks_of
from zoufang.casework.ledger import (
    DisputeFilter,
    PetitionFilter,
    dispute_page,
    dispute_state,
    petition_page,
    petition_state,
)
from zoufang.casework.models import Dispute, PetitionCase
from zoufang.casework.services.disputes import why_not as why_not_dispute
from zoufang.casework.services.petitions import why_not as why_not_petition
from zoufang.casework.vocabulary import DisputeCategory, Level, Stage, Step
from zoufang.notifications.ledger import TONES
from zoufang.notifications.models import Reminder
from zoufang.notifications.selectors import reminders_about
from zoufang.notifications.vocabulary import Case
from zoufang.notifications.vocabulary import Level as Pressing
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer
from zoufang.ui.columns import label_of
from zoufang.ui.components import Happening, StepButton
from zoufang.ui.listing import Action, Column, listing
from zoufang.ui.middleware import back_to
from zoufang.ui.when import due_day

# Each step with its form and its service.
Taken = tuple[type[Any], Callable[..., None]]
PETITION_STEPS: dict[Step, Taken] = {
    Step.ASSIGN: (forms.AssignPetitionForm, services.assign_responsible),
    Step.NOTIFY: (forms.NotifyPetitionerForm, services.notify_petitioner),
    Step.EXTEND: (forms.ExtendPetitionForm, services.extend_petition),
    Step.ADVANCE: (forms.PetitionReasonForm, services.advance_petition),
    Step.CLOSE: (forms.ClosePetitionForm, services.close_petition),
    Step.REOPEN: (forms.PetitionReasonForm, services.reopen_petition),
}
DISPUTE_STEPS: dict[Step, Taken] = {
    Step.ASSIGN: (forms.AssignDisputeForm, services.assign_dispute),
    Step.RESOLVE: (forms.ResolveDisputeForm, services.resolve_dispute),
    Step.REOPEN: (forms.ReopenDisputeForm, services.reopen_dispute),
}


@require_GET
def petitions(request: OfficerRequest) -> HttpResponse | FileResponse:
    return listing(
        request,
        selectors.petitions_listed_for(request.user),
        exported=exporting("petitions", request),
        title=pgettext("plural", "信访件"),
        columns=PETITION_COLUMNS,
        filters=PetitionFilter(request.GET),
        actions=_record_action(request.user, _("登记信访件"), "casework:new_petition"),
        empty=_("没有符合条件的信访件。"),
        filename=pgettext("plural", "信访件"),
    )


@require_http_methods(["GET", "POST"])
def new_petition(request: OfficerRequest) -> HttpResponse:
    access.require(request.user, Do.RECORD_CASEWORK)
    now = timezone.now()
    form = forms.PetitionForm(request.POST or None, by=request.user, now=now, initial={"assigned_at": now})
    context = {"form": form, "title": _("登记信访件"), "back": reverse("casework:petitions")}
    page = partial(render, request, "casework/new.html", context, status=422 if form.is_bound else 200)
    if form.is_valid():
        back_to(request, page, form)
        case, created = services.record_petition(**form.cleaned_data, by=request.user, now=now)
        told = _("已登记为 %(no)s。") if created else _("%(no)s 已登记过，内容相同，没有重复登记。")
        messages.success(request, told % {"no": case.no})
        return redirect(petition_page(case))
    return page()


@require_GET
def petition(request: OfficerRequest, pk: int) -> HttpResponse:
    return render(request, "casework/petition.html", _petition_context(request, _petition(request, pk)))


@require_GET
def petition_deadlines(request: OfficerRequest, pk: int) -> HttpResponse:
    """How each deadline of the petition came about, day by day."""
    case = _petition(request, pk)
    context = {"case": case, "clocks": clocks_of(case), "weekdays": WEEKDAYS_ABBR.values(), "now": timezone.now()}
    return render(request, "casework/deadlines.html", context)


@require_http_methods(["GET", "POST"])
def petition_step(request: OfficerRequest, pk: int, step: str) -> HttpResponse:
    """Any step of a petition: its form, then its service."""
    case, taken, now = _petition(request, pk), _step(step, PETITION_STEPS), timezone.now()
    form_class, service = PETITION_STEPS[taken]
    form = form_class(request.POST if request.method == "POST" else None, case=case, now=now)
    if form.is_valid():
        back_to(request, lambda: _petition_step_page(request, _petition(request, pk), taken, form), form)
        service(case, **form.cleaned_data, by=request.user, now=now)
        messages.success(request, _("%(no)s：%(step)s，已记录。") % {"no": case.no, "step": taken.label})
        return redirect(petition_page(case))
    return _petition_step_page(request, case, taken, form)


@require_GET
def disputes(request: OfficerRequest) -> HttpResponse | FileResponse:
    return listing(
        request,
        selectors.disputes_listed_for(request.user),
        exported=exporting("disputes", request),
        title=pgettext("plural", "矛盾纠纷"),
        columns=DISPUTE_COLUMNS,
        filters=DisputeFilter(request.GET),
        actions=_record_action(request.user, _("登记纠纷"), "casework:new_dispute"),
        empty=_("没有符合条件的矛盾纠纷。"),
        filename=pgettext("plural", "矛盾纠纷"),
    )


@require_http_methods(["GET", "POST"])
def new_dispute(request: OfficerRequest) -> HttpResponse:
    access.require(request.user, Do.RECORD_CASEWORK)
    now = timezone.now()
    form = forms.DisputeForm(request.POST or None, by=request.user, now=now, initial={"found_at": now})
    context = {"form": form, "title": _("登记纠纷"), "back": reverse("casework:disputes")}
    page = partial(render, request, "casework/new.html", context, status=422 if form.is_bound else 200)
    if form.is_valid():
        back_to(request, page, form)
        dispute, created = services.record_dispute(**form.cleaned_data, by=request.user, now=now)
        told = _("已登记为 %(no)s。") if created else _("%(no)s 已登记过，内容相同，没有重复登记。")
        messages.success(request, told % {"no": dispute.no})
        return redirect(dispute_page(dispute))
    return page()


@require_GET
def dispute(request: OfficerRequest, pk: int) -> HttpResponse:
    return render(request, "casework/dispute.html", _dispute_context(request, _dispute(request, pk)))


@require_http_methods(["GET", "POST"])
def dispute_step(request: OfficerRequest, pk: int, step: str) -> HttpResponse:
    """Any step of a dispute: its form, then its service."""
    case, taken, now = _dispute(request, pk), _step(step, DISPUTE_STEPS), timezone.now()
    form_class, service = DISPUTE_STEPS[taken]
    form = form_class(request.POST if request.method == "POST" else None, case=case, now=now)
    if form.is_valid():
        back_to(request, lambda: _dispute_step_page(request, _dispute(request, pk), taken, form), form)
        service(case, **form.cleaned_data, by=request.user, now=now)
        messages.success(request, _("%(no)s：%(step)s，已记录。") % {"no": case.no, "step": taken.label})
        return redirect(dispute_page(case))
    return _dispute_step_page(request, case, taken, form)


def _petition(request: OfficerRequest, pk: int) -> PetitionCase:
    seen = selectors.petitions_listed_for(request.user).select_related("closed_by", "recorded_by")
    return get_object_or_404(seen, pk=pk)


def _dispute(request: OfficerRequest, pk: int) -> Dispute:
    seen = selectors.disputes_listed_for(request.user).select_related("resolved_by", "recorded_by")
    return get_object_or_404(seen, pk=pk)


def _step(word: str, steps: dict[Step, Taken]) -> Step:
    if word not in {step.value for step in steps}:
        raise Http404
    return Step(word)


def _petition_step_page(request: OfficerRequest, case: PetitionCase, step: Step, form: Any) -> HttpResponse:
    context = _petition_context(request, case)
    context |= {"form": form, "step": step, "offer": _offer(context["steps"], step)}
    return render(request, "casework/petition_step.html", context, status=422 if form.is_bound else 200)


def _petition_context(request: OfficerRequest, case: PetitionCase) -> dict[str, Any]:
    now, pressed = timezone.now(), reminders_about(Case.PETITION, case.no)
    steps = []
    if access.may(request.user, Do.RECORD_CASEWORK, case.unit):
        for step in rules.PETITION_STEPS:
            reason = why_not_petition(case, step, now=now)
            url = "" if reason else reverse("casework:petition_step", args=[case.pk, step.value])
            main = step is (Step.CLOSE if case.responsible_id else Step.ASSIGN)
            steps.append(StepButton(step.label, url, reason, tone="primary" if main and url else "plain"))
    return {
        "case": case,
        "steps": steps,
        "history": _history(case.events.select_related("by"), pressed),
        "pressed": pressed,
        "closed": case.closed_at is not None,
        "state": petition_state(case),
        "now": now,
    }


def _dispute_step_page(request: OfficerRequest, case: Dispute, step: Step, form: Any) -> HttpResponse:
    context = _dispute_context(request, case)
    context |= {"form": form, "step": step, "offer": _offer(context["steps"], step)}
    return render(request, "casework/dispute_step.html", context, status=422 if form.is_bound else 200)


def _dispute_context(request: OfficerRequest, dispute: Dispute) -> dict[str, Any]:
    now, pressed = timezone.now(), reminders_about(Case.DISPUTE, dispute.no)
    records = access.may(request.user, Do.RECORD_CASEWORK, dispute.unit)
    steps = []
    for step in rules.DISPUTE_STEPS:
        if not records and not (step is Step.RESOLVE and dispute.responsible_id == request.user.pk):
            continue
        reason = why_not_dispute(dispute, step)
        url = "" if reason else reverse("casework:dispute_step", args=[dispute.pk, step.value])
        main = step is (Step.RESOLVE if dispute.responsible_id else Step.ASSIGN)
        steps.append(StepButton(step.label, url, reason, tone="primary" if main and url else "plain"))
    return {
        "case": dispute,
        "steps": steps,
        "history": _history(dispute.events.select_related("by"), pressed),
        "pressed": pressed,
        "state": dispute_state(dispute),
        "now": now,
    }


def _offer(steps: list[StepButton], step: Step) -> StepButton | None:
    """Return the button of the step, open or with the reason why not; none if the step is not the viewer's."""
    return next((button for button in steps if button.label == step.label), None)


def _history(events: QuerySet[Any], pressed: Iterable[Reminder]) -> list[Happening]:
    """Return what was done and how it was pressed for, first to last."""
    settled = {Step.CLOSE, Step.RESOLVE}
    done = [
        Happening(
            event.at, event.get_step_display(), event.by.name, event.note, "done" if event.step in settled else "active"
        )
        for event in events
    ]
    told = [
        Happening(
            one.at, one.get_level_display(), one.unit.name, one.get_deadline_display(), TONES[Pressing(one.level)]
        )
        for one in pressed
    ]
    return sorted([*done, *told], key=lambda happening: happening.at)


def _record_action(viewer: Officer, label: str, name: str) -> list[Action]:
    return [Action(label, reverse(name), icon="plus")] if access.may(viewer, Do.RECORD_CASEWORK) else []


PETITION_COLUMNS = (
    Column("subject", gettext_lazy("事项"), lambda c: c.subject, link=petition_page, key=True, wide=True),
    Column("state", gettext_lazy("状态"), lambda c: petition_state(c)[1], badge=lambda c: petition_state(c)[0]),
    Column("deadline", gettext_lazy("时限"), lambda c: due_day(c.deadline)),
    Column("unit", gettext_lazy("办理单位"), lambda c: c.unit.label),
    Column("responsible", gettext_lazy("责任人"), lambda c: c.responsible and c.responsible.name),
    Column("leader", gettext_lazy("包案领导"), lambda c: c.leader and c.leader.name),
    Column("level", gettext_lazy("交办层级"), label_of("level", Level)),
    Column("stage", gettext_lazy("阶段"), label_of("stage", Stage)),
    Column("assigned_at", gettext_lazy("交办时间"), lambda c: c.assigned_at, order="assigned_at"),
    Column("no", gettext_lazy("编号"), lambda c: c.no, code=True),
)

DISPUTE_COLUMNS = (
    Column("category", gettext_lazy("类别"), label_of("category", DisputeCategory), link=dispute_page, key=True),
    Column("status", gettext_lazy("状态"), lambda d: dispute_state(d)[1], badge=lambda d: dispute_state(d)[0]),
    Column("deadline", gettext_lazy("时限"), lambda d: d.due_on),
    Column("unit", gettext_lazy("调处单位"), lambda d: d.unit.label),
    Column("responsible", gettext_lazy("责任人"), lambda d: d.responsible and d.responsible.name),
    Column("place", gettext_lazy("地点"), lambda d: d.place),
    Column("summary", gettext_lazy("情况"), lambda d: d.summary, wide=True),
    Column("found_at", gettext_lazy("发现时间"), lambda d: d.found_at, order="found_at"),
    Column("no", gettext_lazy("编号"), lambda d: d.no, code=True),
)
