"""
GeoReport v2: services, requests and tokens, in JSON and XML, for programs of others.

Reading needs no key and tells nothing that a stranger may not know; bringing something in needs one.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from zoufang.accounts.access import open_to_all
from zoufang.channels import rules as public_rules
from zoufang.channels import services as channels
from zoufang.channels.links import citizens_address
from zoufang.channels.models import ClientApp
from zoufang.channels.open311 import rules, selectors
from zoufang.channels.open311.forms import KIND, AskForm, errors_of, report_form
from zoufang.kernel.clock import LOCAL, local_day, start_of
from zoufang.opinions.models import Opinion, Topic
from zoufang.opinions.vocabulary import Kind
from zoufang.organization.models import Unit
from zoufang.organization.selectors import bureau

View = Callable[..., HttpResponse]


def for_programs(view: View) -> View:
    """Open an address to everybody, and answer refusals in the form that was asked for."""

    @wraps(view)
    def opened(request: HttpRequest, form: str, **named: str) -> HttpResponse:
        request.answer_refusal = lambda status, reason: _wrong(form, status, reason)  # type: ignore[attr-defined]
        response = _elsewhere(request, form) or view(request, form=form, **named)
        patch_cache_control(response, no_store=True)
        if request.method in {"GET", "HEAD"}:
            response["Access-Control-Allow-Origin"] = "*"
        return response

    return open_to_all(csrf_exempt(sensitive_post_parameters()(opened)))


@for_programs
@require_safe
def discovery(request: HttpRequest, form: str) -> HttpResponse:
    """Where the doors are."""
    home = citizens_address(request, reverse("open311:services", args=["json"])).removesuffix("/services.json")
    endpoint = {
        "specification": rules.SPECIFICATION,
        "url": home,
        "changeset": rules.CHANGESET,
        "type": "production",
        "formats": ["text/xml", "application/json"],
    }
    content = {
        "changeset": rules.CHANGESET,
        "contact": bureau().label,
        "key_service": _("对接密钥由公安局安全管理员发放。"),
        "endpoints": [endpoint],
    }
    return _answer(form, "discovery", content)


@for_programs
@require_safe
def services(request: HttpRequest, form: str) -> HttpResponse:
    del request
    return _answer(form, "services", [_service(topic) for topic in selectors.services()])


@for_programs
@require_safe
def service(request: HttpRequest, form: str, code: str) -> HttpResponse:
    del request
    topic = selectors.service(code)
    if topic is None:
        return _wrong(form, 404, _("没有这个 service_code。"))
    kind = {
        "variable": True,
        "code": KIND,
        "datatype": "singlevaluelist",
        "required": False,
        "datatype_description": _("不填按“意见”受理。"),
        "order": 1,
        "description": _("您想说的是"),
        "values": [{"key": kind.value, "name": str(kind.label)} for kind in Kind],
    }
    return _answer(form, "service_definition", {"service_code": topic.code, "attributes": [kind]})


@for_programs
@require_http_methods(["GET", "HEAD", "POST"])
def requests(request: HttpRequest, form: str) -> HttpResponse:
    return _report(request, form) if request.method == "POST" else _list(request, form)


@for_programs
@require_safe
def one_request(request: HttpRequest, form: str, no: str) -> HttpResponse:
    del request
    now = timezone.now()
    found = selectors.requests(selectors.Asked(nos=[public_rules.plain_no(no).replace("\0", "")]), now=now)
    if not found:
        return _wrong(form, 404, _("没有这个 service_request_id，或者不公开。"))
    return _answer(form, "service_requests", _requests(found))


@for_programs
@require_safe
def token(request: HttpRequest, form: str, token: str) -> HttpResponse:
    del request
    no = selectors.no_behind(token)
    if not no:
        return _wrong(form, 404, _("没有这个 token。"))
    return _answer(form, "service_requests", [{"service_request_id": no, "token": token}])


def _list(request: HttpRequest, form: str) -> HttpResponse:
    asking = AskForm(request.GET)
    if not asking.is_valid():
        return _wrong(form, 400, *errors_of(asking))
    return _answer(form, "service_requests", _requests(selectors.requests(asking.asked, now=timezone.now())))


def _report(request: HttpRequest, form: str) -> HttpResponse:
    """Hear what a program brings, as if its citizen had said it on the page."""
    sent = request.POST
    client = selectors.client_of(sent.get("api_key") or request.GET.get("api_key", ""))
    if client is None:
        return _wrong(form, 403, _("api_key 缺失或无效。"))
    code = sent.get("service_code", "")
    if not code:
        return _wrong(form, 400, _("缺少 service_code。"))
    topic = selectors.service(code.upper().replace("\0", ""))
    if topic is None:
        return _wrong(form, 404, _("没有这个 service_code。"))
    saying = report_form(sent, request.FILES, resend=request.headers.get("Idempotency-Key", ""))
    if not saying.is_valid():
        return _wrong(form, 409 if saying.is_conflict else 400, *errors_of(saying))
    return _heard(request, form, saying, client, topic)


def _heard(request: HttpRequest, form: str, saying: Any, client: ClientApp, topic: Topic) -> HttpResponse:
    heard = channels.hear_publicly(saying.said_by(client=client, topic=topic), now=timezone.now())
    track = citizens_address(request, reverse("public:track"))
    words = _("编号 %(no)s，查询码 %(code)s。查进度：%(url)s。查询码只在这里告诉您一次。")
    notice = words % {"no": heard.opinion.no, "code": public_rules.grouped(heard.code), "url": track}
    if request.POST.get("media_url"):
        notice += _("没有取用 media_url；照片请作为 media 文件上传。")
    receipt = {
        "service_request_id": heard.opinion.no,
        "token": selectors.token_for(heard.opinion),
        "service_notice": notice,
        "account_id": None,
    }
    return _answer(form, "service_requests", [receipt], status=201 if heard.created else 200)


def _elsewhere(request: HttpRequest, form: str) -> HttpResponse | None:
    """Refuse what is meant for another city; there is one here, so it need not be named."""
    named = request.GET.get("jurisdiction_id") or (request.POST.get("jurisdiction_id") if request.POST else "")
    if not named or named in {bureau().code, request.get_host().partition(":")[0]}:
        return None
    return _wrong(form, 404, _("没有这个 jurisdiction_id。"))


def _service(topic: Topic) -> dict[str, Any]:
    group = topic.parent.label if topic.parent else ""
    return {
        "service_code": topic.code,
        "service_name": topic.label,
        "description": f"{group} / {topic.label}",
        "metadata": True,
        "type": "realtime",
        "keywords": f"{group}, {topic.label}",
        "group": group,
    }


def _requests(opinions: Sequence[Opinion]) -> list[dict[str, Any]]:
    agencies = selectors.agencies(opinions, now=timezone.now())
    return [_request(opinion, agencies[opinion.pk]) for opinion in opinions]


def _request(opinion: Opinion, agency: Unit) -> dict[str, Any]:
    """Say how one request stands; what GeoReport has a place for and we do not publish is empty."""
    return {
        "service_request_id": opinion.no,
        "status": rules.status_of(opinion.status),
        "status_notes": selectors.words_for(opinion.status),
        "service_name": opinion.topic.label,
        "service_code": opinion.topic.code,
        "description": None,
        "agency_responsible": agency.label,
        "service_notice": None,
        "requested_datetime": _day(opinion.heard_at),
        "updated_datetime": _day(getattr(opinion, "moved_at", None) or opinion.heard_at),
        "expected_datetime": _day(opinion.due_at),
        "address": None,
        "address_id": None,
        "zipcode": None,
        "lat": None,
        "long": None,
        "media_url": None,
    }


def _day(moment: Any) -> str:
    """Return the day of a moment as GeoReport writes moments: the hour is nobody's business."""
    return str(start_of(local_day(moment)).astimezone(LOCAL).isoformat())


def _answer(form: str, name: str, content: rules.Part, *, status: int = 200) -> HttpResponse:
    return HttpResponse(rules.body(form, name, content), status=status, content_type=rules.TYPES[form])


def _wrong(form: str, status: int, *reasons: str) -> HttpResponse:
    return _answer(form, "errors", [{"code": status, "description": reason} for reason in reasons], status=status)
