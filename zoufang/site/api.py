"""The officers' API: every app's routers under one roof, a token at the door, problem details for every no."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from zoufang.accounts.api import TokenAuth
from zoufang.callbacks.api import router as call_backs
from zoufang.casework.api import disputes, petitions
from zoufang.channels.api.transfers import router as transfers
from zoufang.kernel.refusal import Refusal
from zoufang.notifications.api import router as notices
from zoufang.opinions.api import router as opinions
from zoufang.statistics.api import router as statistics
from zoufang.ui.api import invalid_body
from zoufang.ui.middleware import problem
from zoufang.visits.api import router as visits
from zoufang.worklists.api import router as bulk

api = NinjaAPI(
    title="走访 Zoufang",
    version="1",
    description="Visits, opinions and their steps, petitions, disputes, notices and statistics of a public security bureau.",
    auth=TokenAuth(),
    urls_namespace="api",
    docs_url=None,
)
api.add_router("/visits", visits)
# Before the opinions: their numbers are words of the same place in an address.
api.add_router("/opinions/bulk", bulk)
api.add_router("/opinions", opinions)
api.add_router("/call-backs", call_backs)
api.add_router("/petitions", petitions)
api.add_router("/disputes", disputes)
api.add_router("/notices", notices)
api.add_router("/transfers", transfers)
api.add_router("", statistics)


@api.exception_handler(AuthenticationError)
def _who_is_it(_request: HttpRequest, _error: Any) -> HttpResponse:
    response = problem(HTTPStatus.UNAUTHORIZED, _("请在 Authorization 头中提供有效令牌。"))
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(Refusal)
def _refused(_request: HttpRequest, refusal: Any) -> HttpResponse:
    return problem(refusal.status, refusal.message)


@api.exception_handler(Http404)
def _not_found(_request: HttpRequest, _error: Any) -> HttpResponse:
    return problem(HTTPStatus.NOT_FOUND, _("没有找到这项内容。"))


@api.exception_handler(ValidationError)
def _invalid(_request: HttpRequest, error: Any) -> HttpResponse:
    errors: dict[str, list[str]] = {}
    for each in error.errors:
        place = ".".join(str(part) for part in each["loc"] if part not in ("body", "query", "path"))
        errors.setdefault(place or "body", []).append(_in_words(each))
    return invalid_body(errors)


@api.exception_handler(RequestDataTooBig)
def _too_big(_request: HttpRequest, _error: Any) -> HttpResponse:
    most = {"most": settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024 // 1024}
    return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _("请求的内容超过 %(most)d MB。") % most)


@api.exception_handler(HttpError)
def _http_error(_request: HttpRequest, error: Any) -> HttpResponse:
    return problem(error.status_code, _("请求的内容不是有效的 JSON。") if error.status_code == 400 else str(error))


def _in_words(error: dict[str, Any]) -> str:
    kind = str(error.get("type", ""))
    if kind == "missing":
        return _("此项必填。")
    if kind.startswith(("datetime", "timezone")):
        return _("时间须为带时区的 ISO 8601 格式，如 2026-03-01T09:30:00+08:00。")
    if kind.startswith("date"):
        return _("日期须为 2026-03-01 这样的格式。")
    if kind.startswith("uuid"):
        return _("须为 UUID。")
    if kind.startswith(("int", "float")):
        return _("须为数字。")
    if kind.startswith("string"):
        return _("须为文字。")
    if kind.startswith("bool"):
        return _("须为 true 或 false。")
    return _("格式不正确。")
