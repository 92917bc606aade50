"""Tables told apart two ways: made, kept under a name, opened again, shared, copied, thrown away."""

from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zoufang.accounts.access import OfficerRequest
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.statistics import selectors, services
from zoufang.statistics.forms import PivotForm, SavedTableForm
from zoufang.statistics.models import SavedTable
from zoufang.statistics.periods import running_period
from zoufang.statistics.pivot import Numbers
from zoufang.statistics.views import again, facts, named_periods, usual
from zoufang.ui.listing import Action, Column, listing
from zoufang.ui.middleware import back_to
from zoufang.ui.xlsx import Sheet, workbook_response

COLUMNS = (
    Column(
        "name", gettext_lazy("表名"), lambda row: row.name, key=True, link=lambda row: _url("open_saved_table", row)
    ),
    Column("owner", gettext_lazy("制表人"), lambda row: row.owner.name),
    Column("span", gettext_lazy("打开时的统计期"), lambda row: row.get_span_display()),
    Column("shared", gettext_lazy("共享"), lambda row: row.shared_with.label if row.shared_with else _("只给自己用")),
    Column("saved_at", gettext_lazy("保存时间"), lambda row: row.saved_at, order="saved_at"),
    Column("keep", "", lambda _row: _("管理"), link=lambda row: _url("saved_table", row)),
)


@require_safe
def pivot(request: OfficerRequest) -> HttpResponse | FileResponse:
    access.require(request.user, Do.SEE_STATISTICS)
    form = PivotForm(request.GET, otherwise=usual(request.user))
    question = form.question()
    back_to(request, partial(_pivot_page, request, form, None), form)
    found = form.numbers()
    if request.GET.get("format") == "xlsx":
        lines = len(found.lines)
        services.note_taken("pivot", form="xlsx", rows=lines, by=request.user, now=timezone.now())
        title = _("交叉表")
        return workbook_response(
            Sheet(title=title, columns=found.columns(), rows=found.lines, many=lines),
            facts=facts(question, request.user),
            filename=f"{title}-{question.unit.label}-{question.first}-{question.period.last}",
        )
    return _pivot_page(request, form, found)


@require_safe
def saved_tables(request: OfficerRequest) -> HttpResponse | FileResponse:
    access.require(request.user, Do.SEE_STATISTICS)
    return listing(
        request,
        selectors.saved_tables_seen_by(request.user),
        title=_("已存统计表"),
        columns=COLUMNS,
        note=_("只存选项，不存数字：每次打开都按当时的记录重新统计。"),
        empty=_("还没有已存的表。制表后点“存为常用表”。"),
        actions=[Action(_("交叉表"), reverse("statistics:pivot"), icon="table")],
        filename=_("已存统计表"),
        exported=lambda form, many: services.note_taken(
            "saved_tables", form=form, rows=many, by=request.user, now=timezone.now()
        ),
    )


@require_http_methods(["GET", "POST"])
def save_table(request: OfficerRequest) -> HttpResponse:
    """Keep the table whose choices are the query of this very address."""
    access.require(request.user, Do.SEE_STATISTICS)
    asked = PivotForm(request.GET, otherwise=usual(request.user))
    choices = asked.words()
    form = SavedTableForm(request.POST or None, by=request.user)
    context = {"form": form, "numbers_form": asked, "back_url": _table_url(choices)}
    page = partial(render, request, "statistics/save_table.html", context, status=422 if form.is_bound else 200)
    if form.is_valid():
        back_to(request, page, form)
        services.save_table(**form.cleaned_data, choices=choices, by=request.user, now=timezone.now())
        messages.success(request, _("已存为“%(name)s”。") % {"name": form.cleaned_data["name"]})
        return redirect(_table_url(choices))
    return page()


@require_http_methods(["GET", "POST"])
def saved_table(request: OfficerRequest, pk: int) -> HttpResponse:
    """What a saved table is; its owner calls it something else or shares it otherwise."""
    found = _found(request, pk)
    mine = found.owner_id == request.user.pk
    known = {"name": found.name, "span": found.span}
    form = SavedTableForm(request.POST or None, by=request.user, kept=found.shared_with, initial=known)

    def page() -> HttpResponse:
        asked = PivotForm(_choices(found), otherwise=usual(request.user))
        context = {"table": _found(request, pk), "form": form, "mine": mine, "numbers_form": asked}
        return render(request, "statistics/saved_table.html", context, status=422 if form.is_bound else 200)

    if form.is_valid():
        back_to(request, page, form)
        services.change_saved_table(found, **form.cleaned_data, by=request.user, now=timezone.now())
        messages.success(request, _("已保存。"))
        return redirect("statistics:saved_tables")
    return page()


@require_safe
def open_saved_table(request: OfficerRequest, pk: int) -> HttpResponse:
    """Lead to the table itself, its days as they are today where they run along."""
    return redirect(_table_url(dict(_choices(_found(request, pk)).lists())))


@require_POST
def copy_saved_table(request: OfficerRequest, pk: int) -> HttpResponse:
    made = services.copy_saved_table(_found(request, pk), by=request.user, now=timezone.now())
    messages.success(request, _("已复制为“%(name)s”。") % {"name": made.name})
    return redirect("statistics:saved_table", made.pk)


@require_POST
def delete_saved_table(request: OfficerRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    services.delete_saved_table(found, by=request.user, now=timezone.now())
    messages.success(request, pgettext("table", "已删除“%(name)s”。") % {"name": found.name})
    return redirect("statistics:saved_tables")


def _pivot_page(request: OfficerRequest, form: PivotForm, found: Numbers | None) -> HttpResponse:
    question = form.question()
    context = {
        "form": form,
        "question": question,
        "numbers": found,
        "body": found.body() if found else "",
        "xlsx": f"?{again(request.GET, format='xlsx')}",
        **named_periods(request.GET, question),
        "save": f"{reverse('statistics:save_table')}?{again(request.GET)}",
    }
    refresh = request.htmx and request.htmx.target == "numbers"
    return render(request, "statistics/pivot.html#numbers" if refresh else "statistics/pivot.html", context)


def _found(request: OfficerRequest, pk: int) -> SavedTable:
    return get_object_or_404(selectors.saved_tables_seen_by(request.user), pk=pk)


def _choices(table: SavedTable) -> QueryDict:
    """Return the words of the table's address, with the days that its running period means today."""
    words = dict(table.choices)
    period = running_period(table.span, timezone.localdate())
    if period is not None:
        words |= {"from": [str(period.first)], "to": [str(period.last)]}
    return QueryDict(urlencode(words, doseq=True))


def _table_url(choices: dict[str, list[str]]) -> str:
    return f"{reverse('statistics:pivot')}?{urlencode(choices, doseq=True)}"


def _url(name: str, row: SavedTable) -> str:
    return reverse(f"statistics:{name}", args=[row.pk])
