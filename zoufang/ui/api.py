"""What every door for programs shares: a page by cursor, and what is wrong with a body, field by field."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _
from pydantic import AfterValidator

from zoufang.kernel.refusal import Invalid
from zoufang.ui.paging import page_of

MOST = 200


def _encodable(text: str) -> str:
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("half a character (a lone surrogate)")
    return text


# A string of a body. JSON can spell half a character, which nothing can store: say so at the door.
Text = Annotated[str, AfterValidator(_encodable)]


def cursor_page(rows: QuerySet[Any], *, cursor: str, limit: int) -> tuple[list[Any], str | None]:
    """
    Return up to `limit` rows (at most `MOST`) from `cursor` on ("" for the first), and the cursor of the next page.

    :raises Invalid: if the cursor is none of ours.
    """
    asked = QueryDict(mutable=True)
    if cursor:
        asked.update({"after": cursor, "page": "2"})
    page = page_of(rows, asked, per_page=max(1, min(limit, MOST)))
    if cursor and page.number == 1:
        raise Invalid(_("游标无效，请从第一页重新读取。"))
    return page.rows, page.after or None


def invalid_body(errors: Mapping[str, Sequence[str]]) -> HttpResponse:
    """Return problem details (RFC 9457) with the messages of each field under `errors`."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": _("内容不符合要求，请按 errors 修改后再提交。"),
        "errors": {field: list(messages) for field, messages in errors.items()},
    }
    text = json.dumps(body, ensure_ascii=False)
    return HttpResponse(text, status=status, content_type="application/problem+json")
