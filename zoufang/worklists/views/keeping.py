"""The pages of saved views: keep a list under a name, change it, forget it, count what each holds."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zoufang.accounts.access import OfficerRequest
from zoufang.ui.forms import first_error
from zoufang.ui.middleware import back_to, refused
from zoufang.worklists import selectors, services
from zoufang.worklists.forms import AddressForm, ViewForm
from zoufang.worklists.models import SavedView
from zoufang.worklists.tabs import counted_tabs, list_at


@require_GET
def views(request: OfficerRequest) -> HttpResponse:
    """The viewer's own saved views, and those that are shared with the viewer."""
    return render(request, "worklists/views.html", {"views": selectors.views_seen_by(request.user)})


@require_GET
def tabs(request: OfficerRequest) -> HttpResponse:
    """The tabs above the list at `of`, with their counts: fetched by the list after its rows are shown."""
    asked = AddressForm(request.GET)
    if not asked.is_valid():
        return HttpResponse(status=204)
    context = {"views": counted_tabs(request.user, asked.data["of"])}
    return render(request, "ui/listing.html#views", context)


@require_http_methods(["GET", "POST"])
def save(request: OfficerRequest) -> HttpResponse:
    """Keep the list whose signed address is in `of` under a name."""
    asked = AddressForm({"of": request.POST.get("of") or request.GET.get("of", "")})
    if not asked.is_valid():
        typed = ViewForm(request.POST or None, by=request.user, offered=(), dated=True)
        return refused(request, 422, first_error(asked), typed=(typed,))
    path, query = asked.cleaned_data["of"]
    copy = list_at(path, query, reader=request.user)
    shown = [name for word in QueryDict(query).getlist("columns") for name in word.split(",")]
    form = ViewForm(
        request.POST or None, by=request.user, offered=copy.offered, dated=bool(copy.dated), initial={"columns": shown}
    )
    context = {"form": form, "title": copy.title, "chosen": copy.chosen, "back": f"{path}?{query}" if query else path}
    context["of"] = asked.data["of"]
    page = partial(render, request, "worklists/view.html", context, status=422 if form.is_bound else 200)
    if not form.is_valid():
        return page()
    back_to(request, page, form)
    made = services.save_view(**form.kept(query), path=path, by=request.user, now=timezone.now())
    messages.success(request, _("已存为“%(name)s”。") % {"name": made.name})
    return redirect(made.address)


@require_http_methods(["GET", "POST"])
def view(request: OfficerRequest, pk: int) -> HttpResponse:
    """What a saved view is; its owner calls it something else, shares it or sets a threshold."""
    found = _found(request, pk)
    copy = list_at(found.path, found.query, reader=request.user)
    form = ViewForm(
        request.POST or None,
        by=request.user,
        offered=copy.offered,
        dated=bool(copy.dated),
        initial={
            "name": found.name,
            "columns": [name for word in QueryDict(found.query).getlist("columns") for name in word.split(",")],
            "shared_with": found.shared_with.code if found.shared_with else "NOBODY",
            "over": found.over,
            "days": found.days,
        },
    )
    mine = found.owner_id == request.user.pk
    context = {"view": found, "mine": mine, "form": form, "title": copy.title, "chosen": copy.chosen}
    page = partial(
        render, request, "worklists/view.html", context | {"back": found.address}, status=422 if form.is_bound else 200
    )
    if not form.is_valid():
        return page()
    back_to(request, page, form)
    services.change_view(found, **form.kept(found.query), by=request.user, now=timezone.now())
    messages.success(request, _("已保存。"))
    return redirect(_found(request, pk).address)


@require_POST
def delete(request: OfficerRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    services.delete_view(found, by=request.user, now=timezone.now())
    messages.success(request, pgettext("view", "已删除“%(name)s”。") % {"name": found.name})
    return redirect("worklists:views")


def _found(request: OfficerRequest, pk: int) -> SavedView:
    return get_object_or_404(selectors.views_seen_by(request.user), pk=pk)
