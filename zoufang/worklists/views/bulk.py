"""The pages of steps with many opinions: say what is to be done, watch it, take it back, print."""

from functools import partial
from uuid import uuid4

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from zoufang.accounts.access import OfficerRequest
from zoufang.kernel.refusal import Invalid
from zoufang.opinions.workflow import GATE, IN_BULK, Step
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.ui.forms import first_error
from zoufang.ui.middleware import back_to, refused
from zoufang.ui.toasts import told
from zoufang.worklists import selectors, services
from zoufang.worklists.choosing import rows_of
from zoufang.worklists.forms import BULK_FORMS, BulkForm, MarksForm, UidForm
from zoufang.worklists.models import AT_ONCE, MOST, BulkItem, BulkRun

SHOWN = 200
PRINTED = 500
RUNS_SHOWN = 50


@require_POST
def bulk(request: OfficerRequest, step: str) -> HttpResponse:
    """First what is to be said of all marked opinions, then the step with each; where nothing is to be said, at once."""
    taken = _step(step)
    access.require(request.user, GATE[taken][0])
    marks = MarksForm(request.POST)
    if not marks.is_valid():
        typed = BULK_FORMS[taken](request.POST, viewer=request.user)
        return refused(request, 422, first_error(marks), typed=(typed,))
    # All that a list holds may be many: it is asked once more, by a page that gives the run its identifier.
    known = UidForm(request.POST).known()
    confirmed = request.POST.get("confirmed") == "1" and (known or not marks.cleaned_data["marked"].by_filter)
    form = BULK_FORMS[taken](request.POST if confirmed else None, viewer=request.user)
    page = partial(_bulk_page, request, taken, marks, form)
    if not (confirmed and form.is_valid()):
        return page()
    back_to(request, page, form)
    run = services.take_with_all(
        marks.cleaned_data["marked"],
        taken,
        said=form.said(),
        uid=known,
        by=request.user,
        clock=timezone.now,
    )
    return _onward(request, run)


@require_GET
def runs(request: OfficerRequest) -> HttpResponse:
    return render(request, "worklists/runs.html", {"runs": selectors.runs_of(request.user)[:RUNS_SHOWN]})


@require_GET
def run(request: OfficerRequest, uid: str) -> HttpResponse:
    """How far a run has come: what is done, what was refused and why."""
    found = _run(request, uid)
    now, until = timezone.now(), selectors.undo_until(found)
    context = {
        "run": found,
        "tally": selectors.tally(found),
        "unseen": found.picked - found.items.count(),
        "refused": selectors.items_of(found, BulkItem.Outcome.REFUSED, viewer=request.user, most=SHOWN),
        "done": selectors.items_of(found, BulkItem.Outcome.DONE, viewer=request.user, most=SHOWN),
        "back": _list_of(found),
        "undo": until is not None and now < until,
        "shown": SHOWN,
    }
    refresh = request.htmx and request.htmx.target == "run"
    return render(request, "worklists/run.html#run" if refresh else "worklists/run.html", context)


@require_POST
def undo(request: OfficerRequest, uid: str) -> HttpResponse:
    """Take back what a run has done."""
    made = services.undo(_run(request, uid), by=request.user, clock=timezone.now)
    return _onward(request, made)


@require_POST
def print_marked(request: OfficerRequest, what: str) -> HttpResponse:
    """The marked opinions on paper, one a page: as slips for the unit that answers, or whole."""
    if what not in ("slips", "opinions"):
        raise Http404
    access.require(request.user, Do.SEE_OPINIONS)
    marks = MarksForm(request.POST)
    if not marks.is_valid():
        raise Invalid(first_error(marks))
    found = selectors.printed(rows_of(marks.cleaned_data["marked"], by=request.user), most=PRINTED)
    services.note_printed(what, many=len(found), by=request.user, now=timezone.now())
    context = {"opinions": found, "what": what, "most": PRINTED, "now": timezone.now(), "by": request.user}
    return render(request, "worklists/print.html", context)


def _step(word: str) -> Step:
    if word not in {step.value for step in IN_BULK}:
        raise Http404
    return Step(word)


def _run(request: OfficerRequest, uid: str) -> BulkRun:
    return get_object_or_404(request.user.bulk_runs, uid=uid)


def _bulk_page(request: OfficerRequest, step: Step, marks: MarksForm, form: BulkForm) -> HttpResponse:
    marked = marks.cleaned_data["marked"]
    many, rows = services.preview(marked, step, by=request.user)
    context = {
        "step": step,
        "marks": marks,
        "form": form,
        "many": many,
        "most": MOST,
        "too_many": many > MOST,
        "unseen": 0 if marked.by_filter else len(marked.picks) - many,
        "rows": rows,
        "closed": sum(bool(row.reason) for row in rows),
        "as_job": many > AT_ONCE,
        "uid": UidForm(request.POST).known() or uuid4(),
    }
    return render(request, "worklists/bulk.html", context, status=422 if form.is_bound else 200)


def _onward(request: OfficerRequest, run: BulkRun) -> HttpResponse:
    """Back to the list if all is done, with a way to undo it; else to the run, which tells what is not."""
    tally = selectors.tally(run)
    where = reverse("worklists:run", args=[run.uid])
    if run.is_going_on or tally.refused or tally.total < run.picked:
        return redirect(where)
    words = {"step": Step(run.step).label, "n": tally.done}
    text = ngettext("%(step)s：%(n)d 件，已记录。", "%(step)s：%(n)d 件，已记录。", tally.done) % words
    undoable = selectors.undo_until(run) is not None
    told(request, text, undo=reverse("worklists:undo", args=[run.uid]) if undoable else "")
    return redirect(_list_of(run))


def _list_of(run: BulkRun) -> str:
    """Return the address of the list in which the opinions were marked."""
    if not run.path:
        return reverse("opinions:inbox")
    return f"{run.path}?{run.query}" if run.query else run.path
