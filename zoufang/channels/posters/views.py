"""Pages on which posters are chosen and printed."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zoufang.accounts.access import OfficerRequest
from zoufang.channels.links import citizens_address, shown
from zoufang.channels.posters import selectors, services
from zoufang.channels.posters.forms import CARD, SIZES, PrintForm, UnitForm, WindowForm
from zoufang.channels.posters.models import Poster
from zoufang.channels.qr import qr_path
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Unit
from zoufang.organization.selectors import bureau
from zoufang.ui.middleware import back_to


@require_http_methods(["GET", "POST"])
def choose(request: OfficerRequest) -> HttpResponse:
    """Choose doors and windows of one unit; what has no number yet gets one, and all are printed."""
    access.require(request.user, Do.KEEP_DOORS)
    unit = _unit(request)
    form = PrintForm(request.POST or None, viewer=request.user, unit=unit)
    if form.is_valid():
        chosen = form.cleaned_data
        back_to(request, lambda: _choose_page(request, unit, form), form)
        doors = services.number_doors(list(chosen["doors"]), by=request.user, now=timezone.now())
        posters = [*doors, *chosen["windows"]]
        query = [("size", chosen["size"]), *(("no", poster.no) for poster in posters)]
        return redirect(f"{reverse('posters:print')}?{urlencode(query)}")
    return _choose_page(request, unit, form)


@require_GET
def print_posters(request: OfficerRequest) -> HttpResponse:
    """The posters on paper: a page of their own that the browser prints."""
    access.require(request.user, Do.KEEP_DOORS)
    posters = selectors.printed(request.user, request.GET.getlist("no"))
    if not posters:
        raise Http404
    size = request.GET.get("size", "")
    context = {
        "printed": [_printed(request, poster) for poster in posters],
        "size": size if size in dict(SIZES) else SIZES[0][0],
        "is_card": size == CARD,
        "bureau": bureau(),
        "many": len(posters),
    }
    return render(request, "channels/posters/print.html", context)


@require_http_methods(["GET", "POST"])
def new_window(request: OfficerRequest) -> HttpResponse:
    access.require(request.user, Do.KEEP_DOORS)
    form = WindowForm(request.POST or None, viewer=request.user)
    if form.is_valid():
        back_to(request, lambda: _window_page(request, form), form)
        poster = services.open_window(**form.cleaned_data, by=request.user, now=timezone.now())
        messages.success(request, _("%(place)s 的意见码是 %(no)s。") % {"place": poster.place, "no": poster.no})
        return redirect(f"{reverse('posters:choose')}?{urlencode({'unit': poster.unit.code})}")
    return _window_page(request, form)


@require_POST
def take_down(request: OfficerRequest, pk: int) -> HttpResponse:
    access.require(request.user, Do.KEEP_DOORS)
    poster = get_object_or_404(selectors.posters_kept_by(request.user), pk=pk)
    services.take_down(poster, by=request.user, now=timezone.now())
    messages.success(request, _("已取下。拍过照片的人扫码，仍会到这个单位的页面。"))
    return redirect(f"{reverse('posters:choose')}?{urlencode({'unit': poster.unit.code})}")


def _unit(request: OfficerRequest) -> Unit:
    """Return whose doors are shown: the unit asked for, or one's own."""
    units = selectors.units_with_doors(request.user)
    form = UnitForm(request.GET if "unit" in request.GET else {}, viewer=request.user)
    asked: Unit | None = form.cleaned_data["unit"] if form.is_valid() else None
    found = asked or units.filter(pk=request.user.unit_id).first() or units.order_by("path").first()
    if found is None:
        raise Http404
    return found


def _choose_page(request: OfficerRequest, unit: Unit, form: PrintForm) -> HttpResponse:
    posters = list(selectors.posters_kept_by(request.user).filter(unit__in=unit.subtree_pks))
    said = selectors.said_at(posters)
    context: dict[str, Any] = {
        "form": form,
        "unit": unit,
        "unit_form": UnitForm(initial={"unit": unit.code}, viewer=request.user),
        "hanging": [(poster, said.get(poster.pk, 0)) for poster in posters],
    }
    return render(request, "channels/posters/choose.html", context, status=422 if form.is_bound else 200)


def _window_page(request: OfficerRequest, form: WindowForm) -> HttpResponse:
    return render(request, "channels/posters/window.html", {"form": form}, status=422 if form.is_bound else 200)


def _printed(request: OfficerRequest, poster: Poster) -> dict[str, Any]:
    address = citizens_address(request, reverse("public_short:poster", args=[poster.no]))
    width, path = qr_path(address)
    return {"poster": poster, "address": shown(address), "qr_width": width, "qr_path": path}
