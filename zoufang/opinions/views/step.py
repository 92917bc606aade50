"""A step of an opinion on a page of its own, and what helps with filling it in."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zoufang.accounts.access import OfficerRequest
from zoufang.opinions import selectors, services
from zoufang.opinions.bulk import undo_url
from zoufang.opinions.forms import (
    STEP_FORMS,
    MeasureForm,
    ReferForm,
    StepForm,
)
from zoufang.opinions.models import Opinion
from zoufang.opinions.origins import beside_of
from zoufang.opinions.similar import said_already as find_said_already
from zoufang.opinions.similar import text_of
from zoufang.opinions.views.shown import hints_of, judged_by, opinion_at, shown_of, toned
from zoufang.opinions.workflow import Step
from zoufang.ui.middleware import back_to
from zoufang.ui.toasts import told


@require_http_methods(["GET", "POST"])
def take_step(request: OfficerRequest, no: str, step: str) -> HttpResponse:
    """Any step of an officer: its form, then its service."""
    opinion, step_taken = opinion_at(request, no), _step(step)
    form = STEP_FORMS[step_taken](
        request.POST if request.method == "POST" else None,
        request.FILES or None,
        opinion=opinion,
        viewer=request.user,
        # Chosen from the list of similar opinions, by a link.
        initial={"main": request.GET.get("main", "")},
    )
    if form.is_valid():
        back_to(request, lambda: _step_page(request, opinion_at(request, no), step_taken, form), form)
        services.require_version(opinion, request.POST.get("version", ""))
        services.STEPS[step_taken](opinion, **form.cleaned_data, by=request.user, now=timezone.now())
        text = _("%(no)s：%(step)s，已记录。") % {"no": opinion.no, "step": step_taken.label}
        told(request, text, undo=undo_url(opinion, step_taken))
        return _onward(request, opinion)
    return _step_page(request, opinion, step_taken, form)


@require_POST
def measure_hints(request: OfficerRequest, no: str) -> HttpResponse:
    """What the measure on the page lacks as far as it has been typed. Nothing is kept."""
    opinion = opinion_at(request, no)
    form = MeasureForm(request.POST, opinion=opinion, viewer=request.user)
    return render(request, "opinions/step.html#measure_hints", {"opinion": opinion} | hints_of(form))


@require_GET
def suggested_unit(request: OfficerRequest, no: str) -> HttpResponse:
    """The unit to offer for the topic that was chosen on the page."""
    opinion = opinion_at(request, no)
    chosen = {name: value for name in ("topic", "to") if (value := request.GET.get(name, ""))}
    form = ReferForm(opinion=opinion, viewer=request.user, initial=chosen)
    return render(request, "opinions/step.html#answering_unit", {"form": form})


def _step(word: str) -> Step:
    try:
        step = Step(word)
    except ValueError:
        raise Http404 from None
    if step not in STEP_FORMS:
        raise Http404
    return step


def _onward(request: OfficerRequest, opinion: Opinion) -> HttpResponse:
    """Back to the opinion; to the inbox where the step took it out of sight."""
    if selectors.opinions_seen_by(request.user).filter(pk=opinion.pk).exists():
        return redirect("opinions:detail", opinion.no)
    return redirect("opinions:inbox")


def _step_page(request: OfficerRequest, opinion: Opinion, step: Step, form: StepForm) -> HttpResponse:
    offer = next(
        (offer for offer in services.offers(opinion, request.user, now=timezone.now()) if offer.step is step), None
    )
    context = (
        shown_of(request, opinion) | judged_by(request, opinion, step) | {"step": step, "form": form, "offer": offer}
    )
    if isinstance(form, MeasureForm):
        context |= hints_of(form)
    if step in (Step.REFER, Step.JOIN) and not selectors.is_complaint(opinion):
        found = find_said_already(text_of(opinion), viewer=request.user, topic=opinion.topic, other_than=opinion)
        context["similar"] = toned([one for one in found if one.opinion.joined_to_id != opinion.pk])
    context["beside_step"] = beside_of(opinion, request.user, step)
    return render(request, "opinions/step.html", context, status=422 if form.is_bound else 200)
