"""What every door for citizens shares: no trace of who knocks, no cache, and who was let in for half an hour."""

from collections.abc import Callable
from functools import wraps
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_address
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from zoufang.accounts.access import open_to_all
from zoufang.channels import selectors
from zoufang.opinions.models import Asker

MINUTES_OPEN = 30
CASE_COOKIE, RECEIPT_COOKIE = "zoufang_case", "zoufang_receipt"
_SALT = "zoufang.channels"

View = Callable[..., HttpResponse]


def for_citizens(view: View) -> View:
    """
    Open a page to everybody, forbid caches to keep it, and refuse in the citizens' own layout.

    The referrer policy stays `same-origin`: no code is ever in an address, and with `no-referrer` a browser sends
    forms with `Origin: null`, which the protection against forged requests must turn down.
    """

    @wraps(view)
    def opened(request: HttpRequest, **named: object) -> HttpResponse:
        request.refusal_template = "channels/refused.html"  # type: ignore[attr-defined]
        response = view(request, **named)
        patch_cache_control(response, no_store=True, private=True)
        return response

    return open_to_all(sensitive_post_parameters()(opened))


def place_of(request: HttpRequest) -> str:
    """
    Return the part of the network that a request comes from, to count tries by, never to keep.

    An IPv4 address or an IPv6 /64. Behind `settings.TRUSTED_PROXIES` proxies it is what the first of them saw;
    what the sender adds to the header counts for nothing.
    """
    address = request.META.get("REMOTE_ADDR", "")
    proxies = getattr(settings, "TRUSTED_PROXIES", 0)
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if proxies and len(forwarded) >= proxies:
        address = forwarded[-proxies]
    return _prefix(address)


def _prefix(address: str) -> str:
    try:
        ip: IPv4Address | IPv6Address = ip_address(address)
    except (AddressValueError, ValueError):
        return ""
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return str(ip) if isinstance(ip, IPv4Address) else str(int(ip) >> 64)


def let_in(response: HttpResponse, asker: Asker) -> None:
    """Let this browser see one opinion for half an hour."""
    _set(response, CASE_COOKIE, str(asker.pk))


def hand_receipt(response: HttpResponse, uid: UUID) -> None:
    """Let this browser see one receipt for half an hour; nothing about it is kept here."""
    _set(response, RECEIPT_COOKIE, str(uid))


def asker_let_in(request: HttpRequest) -> Asker | None:
    value = _get(request, CASE_COOKIE)
    return selectors.asker_by_pk(int(value)) if value.isdigit() else None


def uid_on_receipt(request: HttpRequest) -> UUID | None:
    value = _get(request, RECEIPT_COOKIE)
    return UUID(value) if value else None


def show_out(response: HttpResponse) -> None:
    """Forget whom this browser was let in for."""
    for name in (CASE_COOKIE, RECEIPT_COOKIE):
        response.delete_cookie(name, path=reverse("public:start"), samesite="Strict")


def wrong_pair_words() -> str:
    return _("编号和查询码对不上，请对照回执检查后再试。")


def too_many_words(wait: int) -> str:
    return _("试的次数太多了，请过 %(n)d 分钟再试。") % {"n": max(1, -(-wait // 60))}


def _set(response: HttpResponse, name: str, value: str) -> None:
    response.set_signed_cookie(
        name,
        value,
        salt=_SALT,
        max_age=MINUTES_OPEN * 60,
        path=reverse("public:start"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def _get(request: HttpRequest, name: str) -> str:
    return str(request.get_signed_cookie(name, default="", salt=_SALT, max_age=MINUTES_OPEN * 60) or "")
