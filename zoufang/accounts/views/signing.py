"""Signing in and out, and choosing the language."""

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from zoufang.accounts import services
from zoufang.accounts.access import open_to_all
from zoufang.accounts.browsers import browser_of
from zoufang.accounts.forms import SignInForm
from zoufang.accounts.sessions import BROWSER, SEEN_AT, SIGNED_IN_AT
from zoufang.organization.models import Officer


@open_to_all
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Let an officer in; a wrong name and a wrong password get the same answer at the same cost."""
    next_page = _next_page(request)
    if request.user.is_authenticated:
        return redirect(next_page)
    form = SignInForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        officer = authenticate(request, **form.cleaned_data)
        if isinstance(officer, Officer):
            return _let_in(request, officer, next_page)
        if not getattr(request, "axes_locked_out", False):
            services.note_refused_sign_in(form.cleaned_data["username"], now=timezone.now())
        form.add_error(None, _("账号或密码不对，请核对后再试。"))
    status = 200 if request.method == "GET" else 422
    shown = {"form": form, "next": next_page, "expired": "expired" in request.GET}
    return render(request, "accounts/sign_in.html", shown, status=status)


@require_POST
@open_to_all
def sign_out(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, Officer):
        services.note_sign_out(request.user, now=timezone.now())
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def locked_out(request: HttpRequest, *_response_and_credentials: Any) -> HttpResponse:
    """What django-axes answers once an account has been tried too often from one address."""
    minutes = int(settings.AXES_COOLOFF_TIME * 60)
    answer = render(request, "accounts/locked_out.html", {"minutes": minutes}, status=429)
    answer["Retry-After"] = str(minutes * 60)
    return answer


@open_to_all
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the language of the pages, for this browser and for the officer's next one."""
    wanted = request.POST.get("language", "")
    response = redirect(_next_page(request))
    if wanted in dict(settings.LANGUAGES):
        _keep_language(response, wanted)
        if isinstance(request.user, Officer):
            services.choose_language(wanted, by=request.user)
    return response


def _let_in(request: HttpRequest, officer: Officer, next_page: str) -> HttpResponse:
    login(request, officer)
    now = timezone.now()
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = now.timestamp()
    request.session[BROWSER] = browser_of(request.headers.get("User-Agent", ""))
    services.note_sign_in(officer, now=now)
    response = redirect(next_page)
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        _keep_language(response, officer.language)
    return response


def _keep_language(response: HttpResponse, wanted: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        wanted,
        max_age=365 * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _next_page(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next", "")
    # Only a path from the root: any other word would be looked up as the name of a page.
    safe = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else settings.LOGIN_REDIRECT_URL
