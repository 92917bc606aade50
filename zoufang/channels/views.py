"""The visit office's pages: what other systems delivered, and the tray of what could not be taken as it came."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from zoufang.accounts.access import OfficerRequest
from zoufang.audit.views import exporting
from zoufang.channels import selectors, services
from zoufang.channels.forms import DiscardForm, TrayForm
from zoufang.channels.ledger import COLUMNS, TONES
from zoufang.channels.models import Delivery
from zoufang.channels.overview import overview as channel_overview
from zoufang.channels.vocabulary import Channel, State
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.ui.listing import Action, FilterForm, listing
from zoufang.ui.middleware import back_to


class DeliveryFilter(FilterForm):
    """Which deliveries to list."""

    channel = forms.ChoiceField(label=gettext_lazy("渠道"), choices=[("", "—"), *Channel.choices])
    state = forms.ChoiceField(label=gettext_lazy("处理状态"), choices=[("", "—"), *State.choices])

    lookups = {"channel": "channel", "state": "state"}  # noqa: RUF012


@require_GET
def deliveries(request: OfficerRequest) -> HttpResponse | FileResponse:
    access.require(request.user, Do.SETTLE_DELIVERY)
    return listing(
        request,
        selectors.deliveries_seen_by(request.user),
        exported=exporting("deliveries", request),
        title=_("来件"),
        columns=COLUMNS,
        filters=DeliveryFilter(request.GET),
        actions=[Action(_("待处理来件"), reverse("channels:tray"))],
        empty=_("没有符合条件的来件。"),
    )


@require_GET
def tray(request: OfficerRequest) -> HttpResponse | FileResponse:
    """What waits for a person, the oldest first."""
    access.require(request.user, Do.SETTLE_DELIVERY)
    seen = selectors.deliveries_seen_by(request.user)
    return listing(
        request,
        seen.filter(state=State.IN_TRAY).order_by("received_at", "pk"),
        exported=exporting("deliveries", request),
        title=_("待处理来件"),
        columns=[column for column in COLUMNS if column.name not in ("state", "opinion")],
        actions=[
            Action(_("渠道情况"), reverse("channels:overview"), tone="plain"),
            Action(_("全部来件"), reverse("channels:deliveries"), tone="plain"),
        ],
        empty=_("没有等着处理的来件。"),
        template="channels/tray.html",
        context={"counted": selectors.counted(seen, now=timezone.now())},
    )


@require_GET
def overview(request: OfficerRequest) -> HttpResponse:
    """Per channel, the numbers of the last thirty days, each opening its rows."""
    access.require(request.user, Do.SETTLE_DELIVERY)
    shown = channel_overview(request.user, timezone.localdate())
    return render(request, "channels/overview.html", {"overview": shown})


@require_GET
def delivery(request: OfficerRequest, pk: int) -> HttpResponse:
    return render(request, "channels/delivery.html", _context(_delivery(request, pk)))


@require_POST
def open_delivery(request: OfficerRequest, pk: int) -> HttpResponse:
    """Show what waits, and the forms to settle it. By POST, for each look is put on record."""
    return _settle_page(request, pk)


@require_POST
def take_delivery(request: OfficerRequest, pk: int) -> HttpResponse:
    found = _delivery(request, pk)
    access.require(request.user, Do.SETTLE_DELIVERY, found.unit)
    form = TrayForm(request.POST, delivery=found)
    if not form.is_valid():
        return _settle_page(request, pk, form=form)
    back_to(request, lambda: _settle_page(request, pk, form=form), form)
    taken = services.take_from_tray(found, **form.facts, by=request.user, now=timezone.now())
    messages.success(request, _("已登记为 %(no)s。") % {"no": taken.opinion.no if taken.opinion else ""})
    return redirect("channels:tray")


@require_POST
def discard_delivery(request: OfficerRequest, pk: int) -> HttpResponse:
    found = _delivery(request, pk)
    access.require(request.user, Do.SETTLE_DELIVERY, found.unit)
    form = DiscardForm(request.POST)
    if not form.is_valid():
        return _settle_page(request, pk, discarding=form)
    back_to(request, lambda: _settle_page(request, pk, discarding=form), form)
    services.discard_delivery(found, **form.cleaned_data, by=request.user, now=timezone.now())
    messages.success(request, _("已作废，理由已记录。"))
    return redirect("channels:tray")


def _delivery(request: OfficerRequest, pk: int) -> Delivery:
    return get_object_or_404(selectors.deliveries_seen_by(request.user), pk=pk)


def _context(found: Delivery) -> dict[str, Any]:
    return {"delivery": found, "tone": TONES[State(found.state)], "waits": found.state == State.IN_TRAY}


def _settle_page(
    request: OfficerRequest, pk: int, *, form: TrayForm | None = None, discarding: DiscardForm | None = None
) -> HttpResponse:
    found = _delivery(request, pk)
    content = services.open_content(found, by=request.user, now=timezone.now())
    context = _context(found) | {
        "content": content,
        "form": form or TrayForm(delivery=found, values=content.values),
        "discarding": discarding or DiscardForm(),
        "is_discarding": discarding is not None,
    }
    return render(request, "channels/settle.html", context, status=422 if form or discarding else 200)
