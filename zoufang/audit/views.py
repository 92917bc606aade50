"""What a page of any app puts on record by itself."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from zoufang.audit import services


def exporting(what: str, request: HttpRequest) -> Callable[[str, int], None]:
    """Return what `ui.listing` calls when the reader takes a copy of the list `what` away: format and rows."""
    by: Any = request.user

    def note(form: str, rows: int) -> None:
        services.note_export(what, form=form, rows=rows, by=by, at=timezone.now())

    return note
