"""Deny by default: nobody passes without having signed in, lately enough, and with a password of their own."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import ResolverMatch, reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from zoufang.accounts import access
from zoufang.accounts.sessions import SEEN_AT, SIGNED_IN_AT
from zoufang.ui.middleware import problem

IDLE_SECONDS = 30 * 60
ABSOLUTE_SECONDS = 12 * 3600
_NOTED_EVERY_SECONDS = 60

# What somebody whose password was given by another may still do.
_BEFORE_OWN_PASSWORD = {"accounts:password", "accounts:sign_out", "accounts:language"}


class SignInRequired:
    """
    Closes every view that is not marked `open_to_all`, ends sessions that are idle or old, and forbids caches.

    A page leads to the sign-in page and back, an htmx request makes the browser go there, a program gets a 401.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        if match is not None and not access.is_public(match):
            patch_cache_control(response, no_store=True, private=True)
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or access.is_public(match):
            return None
        expired = _end_if_old(request)
        if not request.user.is_authenticated:
            return None if access.is_open(match) else _to_sign_in(request, expired=expired)
        if request.user.must_change_password and not _may_go_on(match):
            return _to(request, reverse("accounts:password"))
        return None


def _may_go_on(match: ResolverMatch) -> bool:
    return match.view_name in _BEFORE_OWN_PASSWORD


def _end_if_old(request: HttpRequest) -> bool:
    """End the session if it was idle or open too long; else note, once a minute, that it is in use."""
    if not request.user.is_authenticated:
        return False
    now = timezone.now().timestamp()
    signed_in_at = request.session.setdefault(SIGNED_IN_AT, now)
    seen_at = request.session.setdefault(SEEN_AT, now)
    if now - seen_at > IDLE_SECONDS or now - signed_in_at > ABSOLUTE_SECONDS:
        logout(request)
        return True
    if now - seen_at > _NOTED_EVERY_SECONDS:
        request.session[SEEN_AT] = now
    return False


def _to_sign_in(request: HttpRequest, *, expired: bool) -> HttpResponse:
    query = {"next": _page(request)} | ({"expired": "1"} if expired else {})
    address = f"{reverse('accounts:sign_in')}?{urlencode(query)}"
    if not getattr(request, "htmx", False) and not request.accepts("text/html"):
        return problem(401, _("请先登录。"))
    return _to(request, address)


def _page(request: HttpRequest) -> str:
    """Return the page to come back to: for a part that htmx asked for, the page that it is a part of."""
    if getattr(request, "htmx", False):
        return urlsplit(request.headers.get("HX-Current-URL", "/")).path or "/"
    return request.get_full_path() if request.method == "GET" else "/"


def _to(request: HttpRequest, address: str) -> HttpResponse:
    return HttpResponseClientRedirect(address) if getattr(request, "htmx", False) else redirect(address)
