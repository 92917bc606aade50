"""An officer's own page: where one belongs, what one may do, and what is signed in as oneself."""

from functools import partial
from typing import cast

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zoufang.accounts import selectors, services
from zoufang.accounts.access import OfficerRequest
from zoufang.accounts.forms import ChangePasswordForm, TokenForm
from zoufang.accounts.selectors import OpenSession
from zoufang.ui.middleware import back_to


@require_GET
def profile(request: OfficerRequest) -> HttpResponse:
    return _profile(request, TokenForm())


@sensitive_post_parameters("old", "password", "again")
@require_http_methods(["GET", "POST"])
def password(request: OfficerRequest) -> HttpResponse:
    form = ChangePasswordForm(request.POST or None, officer=request.user)
    status = 422 if form.is_bound else 200
    page = partial(render, request, "accounts/password.html", {"form": form}, status=status)
    if form.is_valid():
        back_to(request, page, form)
        services.change_password(password=form.cleaned_data["password"], by=request.user, now=timezone.now())
        update_session_auth_hash(cast(HttpRequest, request), request.user)
        messages.success(request, _("密码已修改，其他设备上的登录和令牌已失效。"))
        return redirect("accounts:profile")
    return page()


@require_POST
def end_session(request: OfficerRequest, handle: str) -> HttpResponse:
    """End one other session of one's own."""
    chosen = [session for session in _sessions(request) if session.handle == handle and not session.is_this]
    _end(request, chosen)
    return redirect("accounts:profile")


@require_POST
def end_other_sessions(request: OfficerRequest) -> HttpResponse:
    """End every session of one's own but this one."""
    _end(request, [session for session in _sessions(request) if not session.is_this])
    return redirect("accounts:profile")


@require_POST
def make_token(request: OfficerRequest) -> HttpResponse:
    """Make a token and show it: this answer is the only place where it is ever written."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _profile(request, form, status=422)
    name = form.cleaned_data["name"]
    back_to(request, lambda: _profile(request, form, status=422), form)
    _token, text = services.make_token(request.user, name=name, by=request.user, now=timezone.now())
    return _profile(request, TokenForm(), new_token=text)


@require_POST
def revoke_token(request: OfficerRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(selectors.tokens_of(request.user), pk=pk)
    services.revoke_token(token, by=request.user, now=timezone.now())
    messages.success(request, _("令牌已吊销。"))
    return redirect("accounts:profile")


def _profile(request: OfficerRequest, form: TokenForm, *, new_token: str = "", status: int = 200) -> HttpResponse:
    shown = {
        "officer": request.user,
        "duties": request.user.duties_held,
        "sessions": _sessions(request),
        "tokens": selectors.tokens_of(request.user),
        "form": form,
        "new_token": new_token,
    }
    return render(request, "accounts/profile.html", shown, status=status)


def _sessions(request: OfficerRequest) -> list[OpenSession]:
    return selectors.sessions_of(request.user, this=request.session.session_key, now=timezone.now())


def _end(request: OfficerRequest, sessions: list[OpenSession]) -> None:
    ended = services.end_sessions(sessions, by=request.user, now=timezone.now())
    messages.success(request, _("已结束 %(n)d 个登录。") % {"n": ended})
