"""Pages of paper: type what came back, sheet after sheet; number a series, print it, note what was handed out."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zoufang.accounts.access import OfficerRequest
from zoufang.audit.views import exporting
from zoufang.channels import rules
from zoufang.channels.links import citizens_address, shown
from zoufang.channels.models import PaperSeries, PaperSheet
from zoufang.channels.paper import selectors, services
from zoufang.channels.paper.forms import KINDS_ON_PAPER, HandOutForm, RangeForm, SeriesForm, TypeForm
from zoufang.channels.qr import qr_path
from zoufang.opinions.vocabulary import Source
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.selectors import bureau
from zoufang.ui.columns import label_of
from zoufang.ui.listing import Action, Column, listing
from zoufang.ui.middleware import back_to


@never_cache
@require_http_methods(["GET", "POST"])
def type_sheets(request: OfficerRequest) -> HttpResponse:
    """One sheet after the other: what is saved leaves an empty form with the cursor in it."""
    access.require(request.user, Do.REGISTER_OPINION)
    now = timezone.now()
    day = parse_day(request.GET.get("on", "")) or timezone.localdate(now)
    blank = "blank" in request.POST
    form = TypeForm(request.POST or None, viewer=request.user, blank=blank, initial={"on": day})
    if form.is_valid():
        back_to(request, lambda: _type_page(request, form), form)
        sheet, on = form.cleaned_data["sheet"], form.cleaned_data["on"]
        if blank:
            services.collect_blank(sheet, on=on, by=request.user, now=now)
        else:
            services.type_back(sheet, form.written, on=on, by=request.user, now=now)
        messages.success(request, _told(sheet, request, blank=blank))
        return redirect(f"{reverse('paper:type')}?{urlencode({'on': on})}")
    return _type_page(request, form)


@never_cache
@require_GET
def sheet(request: OfficerRequest) -> HttpResponse:
    """What is known of the sheet whose number was just typed: whose it is, or that it was typed before."""
    access.require(request.user, Do.REGISTER_OPINION)
    context = _known(request, request.GET.get("sheet", ""))
    return render(request, "channels/paper/type.html#known", context)


@require_GET
def series(request: OfficerRequest) -> HttpResponse | FileResponse:
    access.require(request.user, Do.REGISTER_OPINION)
    actions = [Action(_("纸质录入"), reverse("paper:type"), tone="", icon="writing")]
    if access.may(request.user, Do.KEEP_DOORS):
        actions.append(Action(_("印一批表"), reverse("paper:new_series"), icon="plus"))
    return listing(
        request,
        selectors.with_counts(selectors.series_seen_by(request.user)),
        exported=exporting("paper-series", request),
        title=_("征求意见表"),
        columns=COLUMNS,
        actions=actions,
        empty=_("还没有印过征求意见表。印一批，发下去，收回来在“纸质录入”里半分钟一张。"),
        filename="paper",
    )


@require_http_methods(["GET", "POST"])
def new_series(request: OfficerRequest) -> HttpResponse:
    access.require(request.user, Do.KEEP_DOORS)
    form = SeriesForm(request.POST or None, viewer=request.user)
    page = partial(
        render, request, "channels/paper/new_series.html", {"form": form}, status=422 if form.is_bound else 200
    )
    if form.is_valid():
        back_to(request, page, form)
        made = services.number_sheets(**form.cleaned_data, by=request.user, now=timezone.now())
        return redirect("paper:series_page", made.pk)
    return page()


@require_http_methods(["GET", "POST"])
def series_page(request: OfficerRequest, pk: int) -> HttpResponse:
    """One series: print it, and note which sheets were handed out."""
    found = _series(request, pk)
    if request.method == "POST":
        access.require(request.user, Do.KEEP_DOORS, found.unit)
    form = HandOutForm(request.POST or None, series=found, initial={"on": timezone.localdate()})
    if form.is_valid():
        back_to(request, lambda: _series_page(request, pk, form), form)
        many = services.hand_out(found, **form.cleaned_data, by=request.user, now=timezone.now())
        words = ngettext("已登记发放 %(n)d 份。", "已登记发放 %(n)d 份。", many)
        messages.success(request, words % {"n": many})
        return redirect("paper:series_page", pk)
    return _series_page(request, pk, form)


@never_cache
@require_POST
def print_sheets(request: OfficerRequest, pk: int) -> HttpResponse:
    """The sheets on paper, each with the code of whoever writes on it: so it is asked by POST, and on record."""
    found = _series(request, pk)
    access.require(request.user, Do.KEEP_DOORS, found.unit)
    form = RangeForm(request.POST, series=found)
    if not form.is_valid():
        return _series_page(request, pk, range_form=form)
    back_to(request, lambda: _series_page(request, pk, range_form=form), form)
    sheets = services.take_to_print(found, **form.cleaned_data, by=request.user, now=timezone.now())
    track = citizens_address(request, reverse("public:track"))
    context = {
        "series": found,
        "bureau": bureau(),
        "printed": [_printed(sheet, track) for sheet in sheets],
        "many": len(sheets),
        "kinds": [kind.label for kind in KINDS_ON_PAPER],
        "address": shown(track),
        "rows": range(7),
    }
    return render(request, "channels/paper/print.html", context)


def parse_day(text: str) -> Any:
    """Return the day that an address names; None if it names none."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def _type_page(request: OfficerRequest, form: TypeForm) -> HttpResponse:
    context = _known(request, str(form["sheet"].value() or "")) | {
        "form": form,
        "typed": selectors.typed_today(request.user, now=timezone.now()),
        "more_open": any(form[name].errors for name in ("topic", "place", "on")),
    }
    return render(request, "channels/paper/type.html", context, status=422 if form.is_bound else 200)


def _known(request: OfficerRequest, code: str) -> dict[str, Any]:
    found = selectors.sheet_numbered(request.user, code) if code else None
    return {
        "sheet": found,
        "source": Source(found.series.source).label if found else "",
        "no": selectors.opinion_no(found, request.user) if found and found.is_typed else "",
        "unknown": bool(code) and found is None,
    }


def _told(sheet: PaperSheet, request: OfficerRequest, *, blank: bool) -> str:
    if blank:
        return _("%(code)s 已记为空白表。") % {"code": sheet.code}
    sheet.refresh_from_db(fields=["opinion"])
    no = selectors.opinion_no(sheet, request.user)
    if not no:
        return _("%(code)s 已录入，由走访办受理。") % {"code": sheet.code}
    return _("%(code)s 已录入为 %(no)s。") % {"code": sheet.code, "no": no}


def _series(request: OfficerRequest, pk: int) -> PaperSeries:
    seen = selectors.with_counts(selectors.series_seen_by(request.user))
    return get_object_or_404(seen, pk=pk)


def _series_page(
    request: OfficerRequest, pk: int, form: HandOutForm | None = None, *, range_form: RangeForm | None = None
) -> HttpResponse:
    found = _series(request, pk)
    asked = range_form or form
    context = {
        "series": found,
        "source": Source(found.source).label,
        "form": form or HandOutForm(series=found, initial={"on": timezone.localdate()}),
        "range_form": range_form or RangeForm(series=found),
        "may_keep": access.may(request.user, Do.KEEP_DOORS, found.unit),
        "most": services.MOST_PRINTED,
    }
    status = 422 if asked is not None and asked.is_bound else 200
    return render(request, "channels/paper/series.html", context, status=status)


def _printed(sheet: PaperSheet, track: str) -> dict[str, Any]:
    code = selectors.code_of(sheet)
    for_clerk, for_citizen = qr_path(sheet.code), qr_path(f"{track}#{sheet.code}.{code}")
    return {
        "sheet": sheet,
        "code": rules.grouped(code),
        "clerk_width": for_clerk[0],
        "clerk_path": for_clerk[1],
        "citizen_width": for_citizen[0],
        "citizen_path": for_citizen[1],
    }


COLUMNS = (
    Column(
        "no",
        gettext_lazy("批号"),
        lambda row: row.no,
        link=lambda row: reverse("paper:series_page", args=[row.pk]),
        code=True,
        key=True,
    ),
    Column("occasion", gettext_lazy("征求场合"), lambda row: row.occasion),
    Column("unit", gettext_lazy("征求单位"), lambda row: row.unit.label),
    Column("source", gettext_lazy("来源"), label_of("source", Source)),
    Column("many", gettext_lazy("印制份数"), lambda row: row.many, numeric=True),
    Column("handed_out", gettext_lazy("发放"), lambda row: row.handed_out, numeric=True),
    Column("collected", gettext_lazy("回收"), lambda row: row.collected, numeric=True),
    Column("made_at", gettext_lazy("编号时间"), lambda row: row.made_at),
)
