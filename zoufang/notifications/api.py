"""The door of notices for programs: what the caller was told."""

from datetime import datetime
from typing import Any

from ninja import Query, Router, Schema
from pydantic import Field

from zoufang.accounts.access import OfficerRequest
from zoufang.notifications import selectors
from zoufang.notifications.wording import words_of
from zoufang.ui.api import cursor_page

router = Router(tags=["notices"])


class NoticeOut(Schema):
    """One notice, in the caller's language. `case` and `about` say which record it is about; `link` is its page."""

    id: int
    kind: str
    sort: str
    text: str
    headline: str
    case: str
    about: str
    link: str
    at: datetime
    read_at: datetime | None


class NoticesOut(Schema):
    results: list[NoticeOut]
    next: str | None


class NoticesAsked(Schema):
    unread: bool = Field(False, description="Only those that have not been read.")
    cursor: str = ""
    limit: int = 50


@router.get("", response=NoticesOut, summary="List the caller's notices")
def list_notices(request: OfficerRequest, asked: Query[NoticesAsked]) -> dict[str, object]:
    """Newest first. Send `next` back as `cursor` for the following page; it is null on the last one."""
    rows = selectors.notices_of(request.user)
    if asked.unread:
        rows = rows.filter(read_at=None)
    told, following = cursor_page(rows, cursor=asked.cursor, limit=asked.limit)
    titles = selectors.headlines(told, request.user)
    return {"results": [_out(one, titles.get((one.case, one.about), "")) for one in told], "next": following}


def _out(notice: Any, headline: str) -> dict[str, Any]:
    words = words_of(notice.kind, notice.parameters)
    told = {"sort": words.sort, "text": words.text, "headline": headline}
    names = ("kind", "case", "about", "link", "at", "read_at")
    return told | {"id": notice.pk} | {name: getattr(notice, name) for name in names}
