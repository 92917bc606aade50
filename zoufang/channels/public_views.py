"""The citizens' pages: say something, keep the receipt, follow it, rate the answer, ask for more."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zoufang.channels import rules, selectors, services
from zoufang.channels.door import (
    MINUTES_OPEN,
    asker_let_in,
    for_citizens,
    hand_receipt,
    let_in,
    place_of,
    show_out,
    too_many_words,
    uid_on_receipt,
    wrong_pair_words,
)
from zoufang.channels.forms import AgainForm, RateForm, SayForm, SupplyForm, TrackForm
from zoufang.channels.paper.selectors import is_on_its_way
from zoufang.channels.posters.selectors import poster_numbered
from zoufang.channels.qr import qr_path
from zoufang.kernel.refusal import NotAllowed
from zoufang.opinions import services as opinions
from zoufang.opinions.models import Asker
from zoufang.opinions.services.contact import RETENTION
from zoufang.organization.models import Officer
from zoufang.organization.selectors import bureau
from zoufang.ui.forms import is_refused
from zoufang.ui.middleware import back_to


@for_citizens
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    return render(request, "channels/start.html")


@for_citizens
@require_GET
def at_poster(request: HttpRequest, no: str) -> HttpResponse:
    """Where a poster leads, whether it was scanned or its number was typed: to the form, with its place filled in."""
    poster = poster_numbered(no)
    if poster is None:
        return render(request, "channels/no_poster.html", status=404)
    return redirect(f"{reverse('public:say')}?{urlencode({'poster': poster.no})}")


@for_citizens
@require_http_methods(["GET", "POST"])
def say(request: HttpRequest) -> HttpResponse:
    """The form. The address may name a place, a kind or a poster: `?unit=CODE&kind=HELP`, `?poster=NO`."""
    if request.method != "POST":
        given = {name: request.GET[name] for name in ("unit", "kind", "poster") if name in request.GET}
        return _say_page(request, SayForm(initial=given), status=200)
    form = SayForm(request.POST, request.FILES)
    if form.is_valid():
        back_to(request, lambda: _say_page(request, form, status=409), form)
        heard = services.hear_publicly(form.said, now=timezone.now())
        onward = redirect("public:receipt")
        hand_receipt(onward, form.said.uid)
        let_in(onward, heard.asker)
        return onward
    status = 409 if form.is_conflict else 422
    return _say_page(request, form, status=status)


@for_citizens
@require_GET
def receipt(request: HttpRequest) -> HttpResponse:
    """The receipt of what this browser has just sent: for half an hour it can be looked at and printed again."""
    uid = uid_on_receipt(request)
    intake = selectors.intake_of(uid) if uid else None
    if uid is None or intake is None:
        return redirect("public:track")
    code = selectors.code_for(uid)
    asker = selectors.asker_by_code(code)
    if asker is None:
        return redirect("public:track")
    track_url = request.build_absolute_uri(reverse("public:track"))
    width, path = qr_path(f"{track_url}#{intake.opinion.no}.{code}")
    shown = selectors.standing(asker, now=timezone.now())
    context = {
        "standing": shown,
        "refer_day": shown.refer_day,
        "code": rules.grouped(code),
        "groups": rules.grouped(code).split("-"),
        "track_url": track_url,
        "qr_width": width,
        "qr_path": path,
        "tell_by": asker.tell_by,
        "files": intake.opinion.attachments.count(),
        "minutes": MINUTES_OPEN,
    }
    return render(request, "channels/receipt.html", context)


@for_citizens
@require_http_methods(["GET", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """Number and code, by POST alone: neither is ever in an address that the server sees."""
    form = TrackForm(request.POST) if request.method == "POST" else TrackForm()
    status, wait = (422, 0) if form.is_bound else (200, 0)
    if form.is_valid():
        found = services.follow(**form.cleaned_data, place=place_of(request), now=timezone.now())
        if found.asker is not None:
            onward = redirect("public:case")
            let_in(onward, found.asker)
            return onward
        status, wait = (429, found.wait) if found.wait else (404, 0)
        form.add_error(None, too_many_words(wait) if wait else _wrong_words(**form.cleaned_data))
    response = render(request, "channels/track.html", {"form": form}, status=status)
    if wait:
        response["Retry-After"] = str(wait)
    return response


@for_citizens
@require_GET
def case(request: HttpRequest) -> HttpResponse:
    asker = asker_let_in(request)
    return _case_page(request, asker) if asker else redirect("public:track")


@for_citizens
@require_POST
def rate(request: HttpRequest) -> HttpResponse:
    asker = _asker_themselves(request)
    if asker is None:
        return redirect("public:track")
    form = RateForm(request.POST)
    if not form.is_valid():
        return _case_page(request, asker, rating_form=form)
    back_to(request, lambda: _case_page(request, _still_let_in(request), rating_form=form), form)
    opinions.rate_answer(asker.opinion, asker=asker, **form.cleaned_data, now=timezone.now())
    return redirect("public:case")


@for_citizens
@require_POST
def ask_again(request: HttpRequest) -> HttpResponse:
    asker = _asker_themselves(request)
    if asker is None:
        return redirect("public:track")
    form = AgainForm(request.POST)
    if not form.is_valid():
        return _case_page(request, asker, again_form=form)
    back_to(request, lambda: _case_page(request, _still_let_in(request), again_form=form), form)
    services.ask_again(asker, **form.cleaned_data, now=timezone.now())
    return redirect("public:case")


@for_citizens
@require_POST
def supply(request: HttpRequest) -> HttpResponse:
    """What was asked for: with it the work goes on."""
    asker = _asker_themselves(request)
    if asker is None:
        return redirect("public:track")
    form = SupplyForm(request.POST)
    if not form.is_valid():
        return _case_page(request, asker, supply_form=form)
    back_to(request, lambda: _case_page(request, _still_let_in(request), supply_form=form), form)
    opinions.supply(asker.opinion, asker=asker, **form.cleaned_data, now=timezone.now())
    return redirect("public:case")


@for_citizens
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Done: on a shared telephone or computer, the next person finds nothing."""
    del request
    response = redirect("public:start")
    show_out(response)
    return response


@for_citizens
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    context = {"bureau": bureau(), "days": RETENTION.days, "minutes": MINUTES_OPEN}
    return render(request, "channels/privacy.html", context)


@for_citizens
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the language of the pages for this browser."""
    back, wanted = request.POST.get("next", ""), request.POST.get("language", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    response = redirect(back if safe else "public:start")
    if wanted in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            wanted,
            max_age=365 * 24 * 3600,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


def _asker_themselves(request: HttpRequest) -> Asker | None:
    """
    Return who was let in, to speak for themselves.

    :raises NotAllowed: if an officer is signed in on this browser: an answer is not rated by those who gave it.
    """
    if isinstance(getattr(request, "user", None), Officer):
        raise NotAllowed(_("这台设备上登录着民警账号，不能代群众评价或申请再办。请先退出登录。"))
    return asker_let_in(request)


def _still_let_in(request: HttpRequest) -> Asker:
    asker = asker_let_in(request)
    if asker is None:
        raise Http404
    return asker


def _wrong_words(*, no: str, code: str) -> str:
    if is_on_its_way(no=no, code=code):
        return _("您的表我们还没有录入。交表 3 个工作日后可查，请那时再来。")
    return wrong_pair_words()


def _say_page(request: HttpRequest, form: SayForm, *, status: int) -> HttpResponse:
    if form.is_conflict or is_refused(form):
        form.start_anew()
    context = {"form": form, "days": RETENTION.days, "bureau": bureau()}
    return render(request, "channels/say.html", context, status=status)


def _case_page(
    request: HttpRequest,
    asker: Asker,
    *,
    rating_form: RateForm | None = None,
    again_form: AgainForm | None = None,
    supply_form: SupplyForm | None = None,
) -> HttpResponse:
    shown = selectors.standing(asker, now=timezone.now())
    context: dict[str, Any] = {
        "standing": shown,
        "stages": [words for _code, words in rules.STAGES],
        "rating_form": rating_form or RateForm(),
        "again_form": again_form or AgainForm(),
        "again_open": again_form is not None,
        "supply_form": supply_form or SupplyForm(),
    }
    wrong = rating_form or again_form or supply_form
    return render(request, "channels/case.html", context, status=422 if wrong else 200)
