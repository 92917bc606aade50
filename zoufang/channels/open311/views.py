"""Pages of the keys that foreign programs hold; the security administrator keeps them."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zoufang.accounts.access import OfficerRequest
from zoufang.channels.links import citizens_address
from zoufang.channels.open311 import selectors, services
from zoufang.channels.open311.forms import KeyForm
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.selectors import bureau
from zoufang.ui.middleware import back_to


@require_GET
def clients(request: OfficerRequest) -> HttpResponse:
    access.require(request.user, Do.KEEP_ACCOUNTS, bureau())
    context = {
        "clients": selectors.clients_kept_by(request.user),
        "address": citizens_address(request, reverse("open311:discovery", args=["json"])),
    }
    return render(request, "channels/open311/clients.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def new(request: OfficerRequest) -> HttpResponse:
    """Give a key: it is shown in the answer to the form, and never again."""
    access.require(request.user, Do.KEEP_ACCOUNTS, bureau())
    form = KeyForm(request.POST or None)
    page = partial(render, request, "channels/open311/new.html", {"form": form}, status=422 if form.is_bound else 200)
    if form.is_valid():
        back_to(request, page, form)
        client, key = services.give_key(**form.cleaned_data, by=request.user, now=timezone.now())
        return render(request, "channels/open311/given.html", {"client": client, "key": key})
    return page()


@require_POST
def revoke(request: OfficerRequest, pk: int) -> HttpResponse:
    access.require(request.user, Do.KEEP_ACCOUNTS, bureau())
    client = get_object_or_404(selectors.clients_kept_by(request.user), pk=pk)
    services.revoke_key(client, by=request.user, now=timezone.now())
    messages.success(request, _("已吊销。这个程序不能再转来意见，已转来的不受影响。"))
    return redirect("clients:list")
