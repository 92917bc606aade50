"""The page of one's own exports: ask, watch, take away, discard."""

from functools import partial

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zoufang.accounts.access import OfficerRequest
from zoufang.exports import services
from zoufang.exports.forms import AskForm
from zoufang.exports.models import KEPT, MOST, Export
from zoufang.ui.middleware import back_to
from zoufang.ui.xlsx import CONTENT_TYPES


@require_GET
def exports(request: OfficerRequest) -> HttpResponse:
    mine = list(request.user.exports.all()[:MOST])
    context = {"exports": mine, "going_on": any(one.is_going_on for one in mine), "days": KEPT.days}
    refresh = request.htmx and request.htmx.target == "exports"
    return render(request, "exports/list.html#exports" if refresh else "exports/list.html", context)


@require_http_methods(["GET", "POST"])
def ask(request: OfficerRequest) -> HttpResponse:
    """Ask for a copy of the list whose signed address is in `of`. GET shows the question: a link changes nothing."""
    if request.method != "POST":
        return _ask_page(request, AskForm(initial={"of": request.GET.get("of", "")}))
    form = AskForm(request.POST)
    if not form.is_valid():
        return _ask_page(request, form, status=422)
    back_to(request, partial(_ask_page, request, form), form)
    path, query = form.cleaned_data["of"]
    export = services.ask(path=path, query=query, by=request.user, now=timezone.now())
    messages.success(request, _("“%(title)s”正在后台生成，完成后可在此下载。") % {"title": export.title})
    return redirect("exports:list")


def _ask_page(request: OfficerRequest, form: AskForm, status: int = 200) -> HttpResponse:
    return render(request, "exports/ask.html", {"form": form}, status=status)


@require_POST
def file(request: OfficerRequest, uid: str) -> FileResponse:
    """The file itself: always downloaded, never shown as a page of ours. Taking it away is put on record: so POST."""
    export = _export(request, uid)
    opened = services.take_away(export, by=request.user, now=timezone.now())
    response = FileResponse(opened, as_attachment=True, filename=export.name, content_type=CONTENT_TYPES[export.form])
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
def discard(request: OfficerRequest, uid: str) -> HttpResponse:
    export = _export(request, uid)
    services.discard(export, by=request.user, now=timezone.now())
    messages.success(request, _("已取消。") if export.is_going_on else _("已删除。"))
    return redirect("exports:list")


def _export(request: OfficerRequest, uid: str) -> Export:
    return get_object_or_404(request.user.exports, uid=uid)
