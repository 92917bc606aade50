"""The pages of numbers: the dashboard, a figure's rows, tables, definitions, and the figures that are typed in."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zoufang.accounts.access import OfficerRequest
from zoufang.campaigns.selectors import latest_meeting, milestones_of
from zoufang.kernel.period import Period
from zoufang.metrics.engine import Ratio
from zoufang.opinions.selectors import waiting_for
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, PeerGroup, Role
from zoufang.statistics import drill, periods, selectors, services, warmth
from zoufang.statistics.board import Audience, Board, Wish, board
from zoufang.statistics.catalogue import CATALOGUE, define, definitions
from zoufang.statistics.figures import FIGURES
from zoufang.statistics.forms import BoardForm, RejectForm, ReportForm, TableForm
from zoufang.statistics.heat import Cell, Line
from zoufang.statistics.models import ReportedFigure
from zoufang.statistics.questions import Question, ask
from zoufang.statistics.tables import numbers
from zoufang.statistics.wall import SECONDS, SHOWN_PLACES, wall_of
from zoufang.ui.components import Tab
from zoufang.ui.listing import Action, Column, listing
from zoufang.ui.middleware import back_to
from zoufang.ui.xlsx import Sheet, workbook_response

# Words of an address that belong to the list, not to the figure.
_OF_THE_LIST = frozenset(
    {"unit", "from", "to", "end", "entered", "sort", "page", "after", "before", "format", "count", "hidden"}
)

_TONES = {
    ReportedFigure.State.WAITING: "waiting",
    ReportedFigure.State.APPROVED: "done",
    ReportedFigure.State.SUPERSEDED: "neutral",
    ReportedFigure.State.REJECTED: "neutral",
}


@require_safe
def dashboard(request: OfficerRequest) -> HttpResponse:
    access.require(request.user, Do.SEE_STATISTICS)
    form = BoardForm(request.GET, otherwise=usual(request.user))
    question = form.question()
    shown = board(question, _wish(request.user, form))
    context = {
        "form": form,
        "board": shown,
        "heat_lines": [_heat_line(shown, line) for line in shown.heat.lines],
        "heat_foot": _heat_line(shown, shown.heat.whole) if shown.heat.whole else None,
        "warmth_title": warmth.TITLE,
        "warmth_formula": warmth.FORMULA,
        "warmth_sides": [shown.warmth.below, shown.warmth.above] if shown.warmth else [],
        "days": str(shown.wish.days),
        **named_periods(request.GET, question),
        "groups": _group_tabs(request.GET, shown.wish.group),
        "topics_url": f"{reverse('statistics:topics')}?{urlencode(question.words())}",
        "table_url": f"{reverse('statistics:table')}?{urlencode(question.words())}",
        "wall_url": _wall_url(request.user, form),
        "to_approve": selectors.figures_to_approve(request.user).count(),
    }
    refresh = request.htmx and request.htmx.target == "board"
    return render(request, "statistics/dashboard.html#board" if refresh else "statistics/dashboard.html", context)


@require_safe
def wall(request: OfficerRequest) -> HttpResponse:
    """The wall screen. Without days in its address it moves on with the year by itself."""
    access.require(request.user, Do.SEE_STATISTICS)
    form = BoardForm(request.GET, otherwise=usual(request.user))
    question = form.question()
    shown = wall_of(
        question,
        places=form.metric("places"),
        rank=form.metric("rank"),
        now=timezone.localtime(),
        today=timezone.localdate(),
    )
    context = {
        "wall": shown,
        "ranked": shown.ranking.lines[:SHOWN_PLACES] if shown.ranking else [],
        "seconds": SECONDS,
        "back_url": f"{reverse('statistics:dashboard')}?{urlencode(question.words())}",
    }
    return render(request, "statistics/wall.html", context)


@require_safe
def rows(request: OfficerRequest, code: str) -> HttpResponse | FileResponse:
    access.require(request.user, Do.SEE_STATISTICS)
    if code not in CATALOGUE:
        raise Http404
    metric = CATALOGUE.get(code)
    asked = request.GET
    question = ask(
        unit=asked.get("unit", ""), first=asked.get("from", ""), last=asked.get("to", ""), today=timezone.localdate()
    )
    if not metric.has_rows:
        return redirect(question.rows_url(metric))
    slices = {name: asked[name] for name in asked if name not in _OF_THE_LIST}
    end = asked.get("end", drill.WHOLE)
    end = end if end in (drill.PART, drill.REST) and isinstance(metric, Ratio) else drill.WHOLE
    opened = drill.open_figure(metric, question, slices, end=end, viewer=request.user, entered=asked.get("entered", ""))
    if "hidden" in asked:
        return render(request, "statistics/rows.html#hidden", {"hidden": opened.hidden()})
    return listing(
        request,
        opened.rows,
        title=metric.title,
        columns=opened.ledger.columns,
        empty=_("没有您可以查看的记录。"),
        filename=f"{metric.title}-{opened.question.unit.label}",
        exported=lambda form, many: services.note_taken(
            metric.code, form=form, rows=many, by=request.user, now=timezone.now()
        ),
        template="statistics/rows.html",
        context={
            "opened": opened,
            "definition": define(metric),
            "ends": _end_tabs(asked, end) if isinstance(metric, Ratio) else [],
            "hidden": opened.hidden() if opened.counted <= _COUNTED_AT_ONCE else None,
            "hidden_url": again(asked, hidden=1),
            "back_url": f"{reverse('statistics:dashboard')}?{urlencode(question.words())}",
        },
    )


@require_safe
def table(request: OfficerRequest) -> HttpResponse | FileResponse:
    access.require(request.user, Do.SEE_STATISTICS)
    form = TableForm(request.GET, otherwise=usual(request.user))
    question = form.question()
    found = numbers(form.metrics(), question, form.by(), form.spans())
    if request.GET.get("format") == "xlsx":
        lines = len(found.lines)
        services.note_taken("table", form="xlsx", rows=lines, by=request.user, now=timezone.now())
        title = _("统计表")
        return workbook_response(
            Sheet(title=title, columns=found.columns(), rows=found.lines, many=lines),
            facts=facts(question, request.user),
            filename=f"{title}-{question.unit.label}-{question.first}-{question.period.last}",
        )
    context = {
        "form": form,
        "question": question,
        "numbers": found,
        "xlsx": f"?{again(request.GET, format='xlsx')}",
        "pivot_url": f"{reverse('statistics:pivot')}?{urlencode(question.words())}",
        **named_periods(request.GET, question),
    }
    refresh = request.htmx and request.htmx.target == "numbers"
    return render(request, "statistics/table.html#numbers" if refresh else "statistics/table.html", context)


@require_safe
def catalogue(request: OfficerRequest) -> HttpResponse:
    access.require(request.user, Do.SEE_STATISTICS)
    context = {"definitions": definitions(), "warmth_title": warmth.TITLE, "warmth_formula": warmth.FORMULA}
    return render(request, "statistics/catalogue.html", context)


def _figure_url(row: ReportedFigure) -> str:
    return reverse("statistics:figure", args=[row.pk])


FIGURE_COLUMNS = (
    Column("title", gettext_lazy("填报指标"), lambda row: str(row.title), link=_figure_url, key=True),
    Column("value", gettext_lazy("数值"), lambda row: row.value, numeric=True),
    Column("measure", gettext_lazy("单位词"), lambda row: str(row.measure)),
    Column("unit", gettext_lazy("填报单位"), lambda row: row.unit.label),
    Column("first", gettext_lazy("起始日期"), lambda row: row.first),
    Column("last", gettext_lazy("截止日期"), lambda row: row.last),
    Column("source_doc", gettext_lazy("来源文件"), lambda row: row.source_doc, wide=True),
    Column("reported_by", gettext_lazy("填报人"), lambda row: row.reported_by.name),
    Column("approved_by", gettext_lazy("审批人"), lambda row: row.approved_by and row.approved_by.name),
    Column("state", gettext_lazy("状态"), lambda row: row.state.label, badge=lambda row: _TONES[row.state]),
)


@require_safe
def figures(request: OfficerRequest) -> HttpResponse | FileResponse:
    viewer = request.user
    access.require(viewer, Do.SEE_STATISTICS)
    seen = selectors.figures_seen_by(viewer)
    if (code := request.GET.get("code", "")) in FIGURES:
        seen = seen.filter(code=code)
    return listing(
        request,
        seen,
        title=pgettext("plural", "填报指标"),
        columns=FIGURE_COLUMNS,
        note=_("系统内没有记录可数的数，据文件填报，由另一人审批后进入统计和通报。"),
        empty=_("还没有填报数。"),
        actions=[Action(pgettext("step", "填报"), reverse("statistics:report"))]
        if access.may(viewer, Do.REPORT_FIGURE)
        else [],
        filename=pgettext("plural", "填报指标"),
        exported=lambda form, many: services.note_taken(
            "reported", form=form, rows=many, by=viewer, now=timezone.now()
        ),
    )


@require_http_methods(["GET", "POST"])
def report(request: OfficerRequest) -> HttpResponse:
    access.require(request.user, Do.REPORT_FIGURE)
    form = ReportForm(request.POST or None, by=request.user)
    page = partial(render, request, "statistics/report.html", {"form": form}, status=422 if form.is_bound else 200)
    if form.is_valid():
        back_to(request, page, form)
        made = services.report_figure(**form.cleaned_data, by=request.user, now=timezone.now())
        messages.success(request, _("已填报，等待另一人审批。"))
        return redirect("statistics:figure", made.pk)
    return page()


@require_safe
def figure(request: OfficerRequest, pk: int) -> HttpResponse:
    return _figure_page(request, pk, RejectForm())


@require_POST
def approve(request: OfficerRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(selectors.figures_seen_by(request.user), pk=pk)
    services.approve_figure(found, by=request.user, now=timezone.now())
    messages.success(request, _("已审批，该数从现在起计入统计。"))
    return redirect("statistics:figure", pk)


@require_POST
def reject(request: OfficerRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(selectors.figures_seen_by(request.user), pk=pk)
    form = RejectForm(request.POST)
    if form.is_valid():
        back_to(request, partial(_figure_page, request, pk, form), form)
        services.reject_figure(found, **form.cleaned_data, by=request.user, now=timezone.now())
        messages.success(request, _("已退回。"))
        return redirect("statistics:figure", pk)
    return _figure_page(request, pk, form)


_COUNTED_AT_ONCE = 10_000


def _figure_page(request: OfficerRequest, pk: int, form: RejectForm) -> HttpResponse:
    found = get_object_or_404(selectors.figures_seen_by(request.user), pk=pk)
    context = _figure_context(found, request.user, form)
    return render(request, "statistics/figure.html", context, status=422 if form.is_bound else 200)


def _figure_context(found: ReportedFigure, viewer: Officer, form: RejectForm) -> dict[str, Any]:
    mine = found.reported_by_id == viewer.pk
    waiting = found.state is ReportedFigure.State.WAITING
    approver = access.may(viewer, Do.APPROVE_FIGURE, found.unit)
    return {
        "figure": found,
        "form": form,
        "tone": _TONES[found.state],
        "mine": mine,
        "waiting": waiting,
        "may_approve": waiting and approver and not mine,
        "may_reject": waiting and (approver or mine),
    }


def usual(viewer: Officer) -> Question:
    """Return what is asked without words: the widest unit of the viewer's duties, this year so far."""
    today = timezone.localdate()
    widest = min(access.duty_units(viewer, Do.SEE_STATISTICS), key=lambda unit: (len(unit.ancestor_pks), unit.position))
    return Question(widest, Period(today.replace(month=1, day=1), today))


def _wall_url(viewer: Officer, form: BoardForm) -> str:
    """Return the wall screen of the same unit and numbers; the usual days are left to go on by themselves."""
    question = form.question()
    words = question.words(places=form.metric("places").code, rank=form.metric("rank").code)
    if question.period == usual(viewer).period:
        del words["from"], words["to"]
    return f"{reverse('statistics:wall')}?{urlencode(words)}"


def _audience(viewer: Officer) -> Audience:
    """Return for whom the viewer's board is: by the widest of the duties that let them read statistics."""
    roles = {duty.role for duty in viewer.duties_held if duty.role in access.POLICY[Do.SEE_STATISTICS]}
    if roles <= {Role.OFFICER}:
        return Audience.OWN
    return Audience.UNIT if roles <= {Role.OFFICER, Role.CLERK, Role.LEADER} else Audience.BUREAU


def _wish(viewer: Officer, form: BoardForm) -> Wish:
    audience = _audience(viewer)
    return Wish(
        audience=audience,
        against=form.against_what(),
        heat=form.metric("heat"),
        rank=form.metric("rank"),
        places=form.metric("places"),
        warmth=form.metric("warmth"),
        group=form.peers(),
        days=form.silent_days(),
        today=timezone.localdate(),
        inbox=None if audience is Audience.BUREAU else waiting_for(viewer, today=timezone.localdate()).count(),
    )


def named_periods(asked: QueryDict, question: Question) -> dict[str, Any]:
    """Return the periods with a name as links: those asked for most, and all of them in groups."""
    today = timezone.localdate()
    meeting = latest_meeting(today)
    milestones = [(one.name, one.on) for one in milestones_of(question.unit, today)]
    often = _tabs(asked, question, periods.presets(today, meeting.on if meeting else None))
    groups = [(group.title, _tabs(asked, question, group.presets)) for group in periods.groups(today, milestones)]
    named = [tab.label for _title, tabs in groups for tab in tabs if tab.current]
    another = "" if any(tab.current for tab in often) else next(iter(named), "")
    return {"presets": often, "period_groups": groups, "another_period": another}


def _tabs(asked: QueryDict, question: Question, presets: Sequence[periods.Preset]) -> list[Tab]:
    unit = question.unit.code
    return [
        Tab(preset.label, f"?{again(asked, unit=unit, **_days(preset))}", current=preset.period == question.period)
        for preset in presets
    ]


def _heat_line(shown: Board, line: Line) -> tuple[Line, list[tuple[Cell, str]], str]:
    """Return a line of the heat table, every figure with the address of its rows."""
    metric, own = shown.heat.metric, 1 if line.is_own else None
    about = Question(line.unit, shown.history.period)
    cells = [(cell, about.rows_url(metric, month=cell.key, own=own)) for cell in line.cells]
    return line, cells, about.rows_url(metric, own=own)


def _days(preset: periods.Preset) -> dict[str, str]:
    return {"from": f"{preset.period.first}", "to": f"{preset.period.last}"}


def _group_tabs(asked: QueryDict, current: PeerGroup) -> list[Tab]:
    return [
        Tab(group.label, f"?{again(asked, group=group.value)}#ranking", current=group is current)
        for group in PeerGroup
        if group.value
    ]


def _end_tabs(asked: QueryDict, current: str) -> list[Tab]:
    labels = {drill.WHOLE: _("全部"), drill.PART: _("计入分子"), drill.REST: _("未计入分子")}
    return [Tab(label, f"?{again(asked, end=end)}", current=end == current) for end, label in labels.items()]


def again(asked: QueryDict, **more: Any) -> str:
    """Return the query of an address with some words changed, back on the first page."""
    query = asked.copy()
    for name in ("page", "after", "before", "format", "count", "hidden"):
        query.pop(name, None)
    for name, value in more.items():
        query[name] = str(value)
    return query.urlencode()


def facts(question: Question, maker: Officer) -> list[tuple[str, str]]:
    return [
        (_("单位"), question.unit.label),
        (_("统计期"), f"{question.first} – {question.period.last}"),
        (_("制表人"), maker.name),
        (_("制表时间"), timezone.localtime().strftime("%Y-%m-%d %H:%M")),
    ]
