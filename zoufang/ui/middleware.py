"""One answer for every polite no, whichever door it came from."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from zoufang.kernel.refusal import Refusal
from zoufang.ui.forms import refuse

API_PATHS = ("/api/", "/public/api/", "/gateway/")
RETRY_AFTER = 5


@dataclass(frozen=True)
class WayBack:
    """The page that a person is shown again if what they typed is turned down; the reason goes to the first form."""

    page: Callable[[], HttpResponse]
    forms: tuple[BaseForm, ...]


def back_to(request: HttpRequest, page: Callable[[], HttpResponse], *forms: BaseForm) -> None:
    """
    Say, before the service is called, to which page to come back if it refuses: what was typed is not lost then.

    `page` is called after the refusal and finds its rows anew, so that it shows what has become of them meanwhile.
    It raises `Http404` if the person may not see them any more; then the answer is the reason and what was typed.
    """
    request.way_back = WayBack(page, forms)  # type: ignore[attr-defined]


class RefusalMiddleware:
    """Turns a `Refusal` raised by a view into a page, an htmx toast or problem+json; a lost database into a 503."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info:
            # No address of ours has one, and no text in the database can: there is nothing to look for.
            return refused(request, 404, _("没有找到这项内容。"))
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refusal):
            return back(request, exception) or refused(request, exception.status, exception.message)
        if isinstance(exception, OperationalError):
            return unavailable(request)
        if is_api(request) and isinstance(exception, Http404):
            return problem(404, _("没有找到这项内容。"))
        if is_api(request) and isinstance(exception, PermissionDenied):
            return problem(403, _("您的岗位没有这项权限。"))
        return None


def is_api(request: HttpRequest) -> bool:
    """Is the caller a program, to be answered in JSON?"""
    return request.path.startswith(API_PATHS)


def back(request: HttpRequest, refusal: Refusal) -> HttpResponse | None:
    """Return the page that the view said to come back to, with the reason on top; nothing if it said none."""
    way: WayBack | None = getattr(request, "way_back", None)
    if way is None or is_api(request) or request.headers.get("HX-Request") == "true":
        return None
    refuse(way.forms[0], refusal.message)
    try:
        response = None if refusal.status == HTTPStatus.NOT_FOUND else way.page()
    except (Http404, Refusal):
        response = None
    except OperationalError:
        return unavailable(request)
    if response is None:
        response = refused(request, refusal.status, refusal.message, typed=way.forms)
    response.status_code = refusal.status
    # What wraps a view never sees this answer, and it repeats what a person typed.
    patch_cache_control(response, no_store=True, private=True)
    return response


def refused(request: HttpRequest, status: int, reason: str, *, typed: tuple[BaseForm, ...] = ()) -> HttpResponse:
    """Return the answer to a request that was turned down for `reason`, in the form its sender can use."""
    if own := getattr(request, "answer_refusal", None):
        # A door that speaks a language of its own has said how it says no.
        answer: HttpResponse = own(status, reason)
        return answer
    if is_api(request):
        return problem(status, reason)
    if request.headers.get("HX-Request") == "true":
        return toast(HttpResponse(status=status), reason, tone="late")
    page = getattr(request, "refusal_template", "ui/refusal.html")
    return render(request, page, {"status": status, "reason": reason, "typed": typed}, status=status)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Return 503 without touching the database that has just failed."""
    reason = _("系统正在恢复，请稍后再试。您刚才提交的内容可能尚未保存。")
    if own := getattr(request, "answer_refusal", None):
        response: HttpResponse = own(503, reason)
    elif is_api(request):
        response = problem(503, reason)
    elif request.headers.get("HX-Request") == "true":
        response = toast(HttpResponse(status=503), reason, tone="late")
    else:
        response = HttpResponse(render_to_string("503.html", {"reason": reason}), status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def toast(response: HttpResponse, text: str, *, tone: str = "done") -> HttpResponse:
    """Return `response` with a short notice that the page shows; an htmx target is left as it was on an error."""
    response["HX-Trigger"] = json.dumps({"toast": {"text": text, "tone": tone}})
    if response.status_code >= 400:
        response["HX-Reswap"] = "none"
    return response


def problem(status: int, detail: str) -> HttpResponse:
    """Return problem details as of RFC 9457."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return HttpResponse(json.dumps(body), status=status, content_type="application/problem+json")
