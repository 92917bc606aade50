"""
The doors for systems that deliver on behalf of citizens: JSON in, JSON out, each call signed with a shared key.

Like the citizens' doors they are plain views: a process that has no officers' doors can serve them. What was signed is
never refused: what cannot be taken waits in the tray.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial, wraps
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from zoufang.accounts.access import open_to_all
from zoufang.channels import selectors, services, signing
from zoufang.channels.api.transfers import answered
from zoufang.channels.forms import feeds, texts, transfers
from zoufang.channels.forms.feeds import FEEDS
from zoufang.channels.services import Parse
from zoufang.channels.vocabulary import Channel
from zoufang.ui.middleware import problem

# The longest call that is read: a text is short, a batch is not.
TEXT_BYTES = 64 * 1024
BATCH_BYTES = 2 * 1024 * 1024
MOST_ITEMS = 500

Signed = Callable[..., HttpResponse]


def signed(*, by: str, most: int, method: str = "POST") -> Callable[[Signed], Callable[..., HttpResponse]]:
    """
    Open a door to whoever signs with the key of `by`, a name in `settings.GATEWAY_KEYS`, which may be a `{name}` of the
    address, to calls of `method`. 404 where no key is set, 401 for a wrong signature or an old moment, 413 for more than `most` bytes.
    """

    def door(view: Signed) -> Callable[..., HttpResponse]:
        @wraps(view)
        def taken(request: HttpRequest, **named: str) -> HttpResponse:
            response = _refusal(request, by.format(**named), most, method) or view(request, request.body, **named)
            patch_cache_control(response, no_store=True)
            return response

        return open_to_all(csrf_exempt(sensitive_variables()(taken)))

    return door


@signed(by="sms", most=TEXT_BYTES)
def sms(_request: HttpRequest, body: bytes) -> HttpResponse:
    """A text that somebody sent, or a part of one; 200 with what became of it, the same for a repeat."""
    text, now = texts.read(body), timezone.now()
    parse = partial(texts.parse, now=now)
    if text.part is None:
        taken = services.take_delivery(Channel.SMS, text.id, text.body, parse, now=now)
        return _answer(text.id, taken.delivery.state, repeated=not taken.created)
    part = services.take_part(text.part, text.body, parse, now=now)
    return _answer(text.id, part.whole.state if part.whole else "WAITING_FOR_PARTS", repeated=part.repeated)


@signed(by="sms", most=TEXT_BYTES)
def sms_report(_request: HttpRequest, body: bytes) -> HttpResponse:
    """What became of a text of ours; 200 whether or not we know it, for the gateway can do nothing about it."""
    report = texts.read_report(body)
    known = report is not None and services.note_report(report, now=timezone.now())
    return JsonResponse({"known": known})


@signed(by="{name}", most=BATCH_BYTES)
def feed(_request: HttpRequest, body: bytes, *, name: str) -> HttpResponse:
    """A batch of items, 200 with what became of each; as many as there were, each with its id."""
    now, channel = timezone.now(), FEEDS.get(name)
    if channel is None:
        return problem(HTTPStatus.NOT_FOUND, _("这个接口没有开通。"))
    items = feeds.split(body)
    if len(items) > MOST_ITEMS:
        return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _("一批最多 %(n)d 件。") % {"n": MOST_ITEMS})
    parse = partial(feeds.parse, channel=channel)
    return JsonResponse({"items": [_taken(channel, given, one, parse, now) for given, one in items]})


@signed(by="{name}", most=BATCH_BYTES)
def transfer(_request: HttpRequest, body: bytes, *, name: str) -> HttpResponse:
    """What another office passes on, one or a batch of items; 200 with what became of each, and its number here."""
    if name not in transfers.SENDERS:
        return problem(HTTPStatus.NOT_FOUND, _("这个接口没有开通。"))
    now, items = timezone.now(), transfers.split(body, name)
    if len(items) > MOST_ITEMS:
        return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _("一批最多 %(n)d 件。") % {"n": MOST_ITEMS})
    parse = partial(transfers.parse, sender=name, now=now)
    return JsonResponse({"items": [_taken(Channel.TRANSFER, given, one, parse, now) for given, one in items]})


@signed(by="{name}", most=0, method="GET")
def transfer_answer(_request: HttpRequest, _body: bytes, *, name: str, source_no: str) -> HttpResponse:
    """How it stands by the sender's own number, and the answer once the citizen has it; 404 if we do not know it."""
    opinion = selectors.opinion_by_source_no(transfers.SENDERS[name], source_no) if name in transfers.SENDERS else None
    if opinion is None:
        return problem(HTTPStatus.NOT_FOUND, _("没有找到这项内容。"))
    return JsonResponse(answered(name, selectors.told_of(opinion)))


def _taken(channel: Channel, given: str, body: bytes, parse: Parse, now: datetime) -> dict[str, object]:
    taken = services.take_delivery(channel, given, body, parse, now=now)
    no = taken.opinion.no if taken.opinion else None
    return {"id": given, "state": taken.delivery.state, "repeated": not taken.created, "no": no}


def _answer(provider_id: str, state: str, *, repeated: bool) -> HttpResponse:
    return JsonResponse({"id": provider_id, "state": state, "repeated": repeated})


def _refusal(request: HttpRequest, name: str, most: int, method: str) -> HttpResponse | None:
    """Return why the call is turned down before it is looked at; None if it is theirs to make."""
    key = settings.GATEWAY_KEYS.get(name, "")
    if not key:
        return problem(HTTPStatus.NOT_FOUND, _("这个接口没有开通。"))
    if request.method != method:
        response = problem(HTTPStatus.METHOD_NOT_ALLOWED, _("这个地址只接受 %(method)s。") % {"method": method})
        response["Allow"] = method
        return response
    if not _is_short(request, most):
        return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _("内容太长，最多 %(n)d KB。") % {"n": most // 1024})
    moment, claimed = (request.headers.get(name, "") for name in (signing.MOMENT, signing.SIGNATURE))
    now = timezone.now().timestamp()
    # A call without a body signs what it asks for.
    body = request.get_full_path().encode() if method == "GET" else request.body
    if not signing.is_signed(key, body, moment=moment, claimed=claimed, at=now):
        return problem(HTTPStatus.UNAUTHORIZED, _("签名不对，或者时间相差超过 5 分钟。"))
    return None


def _is_short(request: HttpRequest, most: int) -> bool:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > most:
        return False
    try:
        return len(request.body) <= most
    except RequestDataTooBig:
        return False
