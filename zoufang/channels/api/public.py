"""
The citizens' doors for programs: JSON in, JSON out, no account.

These are plain views and not part of the officers' API: they are served with the citizens' pages, possibly by a
process that has no officers' doors at all. They carry no cookie, so there is nothing to forge.
"""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from uuid import uuid4

from django.core.exceptions import RequestDataTooBig
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from zoufang.accounts.access import open_to_all
from zoufang.channels import rules, selectors, services
from zoufang.channels.door import place_of, too_many_words, wrong_pair_words
from zoufang.channels.forms import WAYS, RateForm, SayForm, SupplyForm, TrackForm
from zoufang.kernel.clock import LOCAL
from zoufang.kernel.refusal import Conflict
from zoufang.opinions import services as opinions
from zoufang.opinions.models import Asker
from zoufang.opinions.vocabulary import Kind, Satisfaction
from zoufang.ui.api import invalid_body
from zoufang.ui.middleware import problem

MOST_BYTES = 64 * 1024

Said = Mapping[str, Any]
# What a program calls the ways of being told, and what the page calls them.
_WAYS = {str(way): word for word, (way, _label) in WAYS.items()}
Endpoint = Callable[[HttpRequest, Said], HttpResponse]


def endpoint(view: Endpoint) -> Callable[[HttpRequest], HttpResponse]:
    """Take one JSON object by POST; anything else is answered with problem details (RFC 9457)."""

    @wraps(view)
    def taken(request: HttpRequest) -> HttpResponse:
        response = _taken(request, view)
        patch_cache_control(response, no_store=True)
        response["Referrer-Policy"] = "no-referrer"
        return response

    return open_to_all(csrf_exempt(sensitive_variables()(taken)))


@endpoint
def hear(request: HttpRequest, body: Said) -> HttpResponse:
    """201 with the receipt; 200 with the same receipt for a resend; 409 if the uid came with another body."""
    wanted = {"text": str, "kind": str, "unit": str, "place": str, "complained_unit": str}
    wanted |= {"name": str, "phone": str, "mail": str, "tell_by": str}
    wanted["poster"] = str
    if wrong := _wrong_types(body, wanted | {"uid": str}, needed={"text"}):
        return invalid_body(wrong)
    typed = {name: rules.tidy(value) for name, value in body.items() if name in wanted and value is not None}
    typed |= {
        "kind": typed.get("kind", "") if body.get("kind") else Kind.OPINION,
        "uid": body.get("uid") or str(uuid4()),
        "contact": _WAYS.get(typed["tell_by"], typed["tell_by"]) if typed.get("tell_by") else "",
    }
    form = SayForm(typed)
    if not form.is_valid():
        if form.is_conflict:
            raise Conflict
        return _invalid(form)
    heard = services.hear_publicly(form.said, now=timezone.now())
    opinion = heard.opinion
    link = request.build_absolute_uri(f"{reverse('public:track')}#{opinion.no}.{heard.code}")
    answer = {
        "no": opinion.no,
        "code": rules.grouped(heard.code),
        "due_at": opinion.due_at.astimezone(LOCAL).isoformat(),
        "unit": opinion.heard_by.code,
        "unit_name": opinion.heard_by.label,
        "track_url": link,
    }
    return JsonResponse(answer, status=201 if heard.created else 200)


@endpoint
def track(request: HttpRequest, body: Said) -> HttpResponse:
    """200 with how it stands; 404 with one and the same message for every wrong pair; 429 after too many."""
    found = _asker(request, body)
    return JsonResponse(_record(found)) if isinstance(found, Asker) else found


@endpoint
def rate(request: HttpRequest, body: Said) -> HttpResponse:
    """201; 404 as for `track`; 409 if it was rated before or there is no answer yet."""
    wanted = {"solved": bool, "satisfaction": int, "comment": str}
    if wrong := _wrong_types(body, {"no": str, "code": str} | wanted, needed={"no", "code", "solved", "satisfaction"}):
        return invalid_body(wrong)
    form = RateForm(
        {
            "solved": "true" if body["solved"] else "false",
            "satisfaction": str(body["satisfaction"]) if body["satisfaction"] in Satisfaction.values else "?",
            "comment": rules.tidy(body.get("comment") or ""),
        }
    )
    if not form.is_valid():
        return _invalid(form)
    found = _asker(request, body)
    if not isinstance(found, Asker):
        return found
    rating = opinions.rate_answer(found.opinion, asker=found, **form.cleaned_data, now=timezone.now())
    answer = {
        "no": found.opinion.no,
        "solved": rating.solved,
        "satisfaction": rating.satisfaction,
        "comment": rating.comment,
        "at": rating.at.astimezone(LOCAL).isoformat(),
    }
    return JsonResponse(answer, status=201)


@endpoint
def supply(request: HttpRequest, body: Said) -> HttpResponse:
    """201; 404 as for `track`; 409 if nothing is asked for."""
    wanted = {"no": str, "code": str, "text": str}
    if wrong := _wrong_types(body, wanted, needed=set(wanted)):
        return invalid_body(wrong)
    form = SupplyForm({"text": rules.tidy(body["text"])})
    if not form.is_valid():
        return _invalid(form)
    found = _asker(request, body)
    if not isinstance(found, Asker):
        return found
    opinions.supply(found.opinion, asker=found, **form.cleaned_data, now=timezone.now())
    return JsonResponse({"no": found.opinion.no, "due_at": _local(found.opinion.due_at)}, status=201)


def _asker(request: HttpRequest, body: Said) -> Asker | HttpResponse:
    """Return who holds the number and code, or the answer that says nobody does."""
    if wrong := _wrong_types(body, {"no": str, "code": str}, needed={"no", "code"}):
        return invalid_body(wrong)
    form = TrackForm({"no": body["no"], "code": body["code"]})
    if not form.is_valid():
        return _invalid(form)
    found = services.follow(**form.cleaned_data, place=place_of(request), now=timezone.now())
    if found.asker is not None:
        return found.asker
    if not found.wait:
        return problem(404, wrong_pair_words())
    response = problem(429, too_many_words(found.wait))
    response["Retry-After"] = str(found.wait)
    return response


def _record(asker: Asker) -> dict[str, Any]:
    shown = selectors.standing(asker, now=timezone.now())
    opinion = shown.opinion
    reply = {"text": shown.reply, "told_at": _local(shown.told_at), "is_old": shown.reply_is_old}
    return {
        "no": opinion.no,
        "kind": opinion.kind,
        "status": shown.stage_code,
        "status_text": shown.words,
        "unit": shown.unit.code,
        "unit_name": shown.unit.label,
        "heard_at": _local(opinion.heard_at),
        "due_at": _local(opinion.due_at),
        "promised_at": _local(opinion.promised_at),
        "days_late": shown.days_late,
        "asked": shown.asked or None,
        "events": [{"at": _local(one.at), "text": one.text} for one in shown.history],
        "reply": reply if shown.told_at else None,
        "outcome": shown.outcome or None,
        "may_rate": shown.may_rate,
        "rated": shown.rating is not None,
        "may_ask_again": shown.may_ask_again,
    }


def _local(moment: Any) -> str | None:
    return moment.astimezone(LOCAL).isoformat() if moment else None


def _taken(request: HttpRequest, view: Endpoint) -> HttpResponse:
    if request.method != "POST":
        response = problem(405, _("这个地址只接受 POST。"))
        response["Allow"] = "POST"
        return response
    if request.content_type != "application/json":
        return problem(415, _("请以 application/json 发送。"))
    if _declared(request) > MOST_BYTES:
        return problem(413, _("内容太长，最多 64 KB。"))
    try:
        body = json.loads(request.body)
    except RequestDataTooBig:
        return problem(413, _("内容太长，最多 64 KB。"))
    except (ValueError, RecursionError):
        return problem(400, _("内容不是正确的 JSON。"))
    if not isinstance(body, dict):
        return problem(400, _("内容应当是一个 JSON 对象。"))
    return view(request, body)


def _declared(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdigit() else MOST_BYTES + 1


def _wrong_types(body: Said, wanted: Mapping[str, type], *, needed: set[str]) -> dict[str, list[str]]:
    """Return what is missing or of the wrong JSON type, by field. Null is the same as left out."""
    words = {str: _("应为文本。"), bool: _("应为 true 或 false。"), int: _("应为整数。")}
    wrong = {}
    for name, kind in wanted.items():
        value = body.get(name)
        if value is None:
            if name in needed:
                wrong[name] = [_("这一项必填。")]
        elif type(value) is not kind:
            wrong[name] = [words[kind]]
    return wrong


def _invalid(form: Form) -> HttpResponse:
    called = {"__all__": "body", "contact": "tell_by"}
    return invalid_body({called.get(name, name): list(map(str, told)) for name, told in form.errors.items()})
