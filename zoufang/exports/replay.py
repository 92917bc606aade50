"""Ask for a list again, as the person who saw it: the page itself says what is in it, and whether it may be seen."""

import hashlib
import json
from collections.abc import Callable

from django.core import signing
from django.http import HttpRequest, QueryDict
from django.urls import resolve
from django.utils.translation import gettext as _

from zoufang.kernel.refusal import Invalid
from zoufang.organization.models import Officer
from zoufang.ui.listing import ADDRESS, Copy

# The database compares addresses by an index, which takes no longer ones.
LONGEST_PATH, LONGEST_QUERY = 200, 2_000


def ask_again(path: str, query: str, *, by: Officer, take: Callable[[Copy], None]) -> None:
    """
    Call the view behind the list at `path` as `by` would, and let it hand its list to `take` instead of answering.

    :raises Refusal: whatever the view refuses with.
    """
    match = resolve(path)
    request = HttpRequest()
    request.method, request.path, request.path_info = "GET", path, path
    request.GET = QueryDict(query)
    request.user, request.resolver_match = by, match
    request.takes_copy = take  # type: ignore[attr-defined]
    match.func(request, *match.args, **match.kwargs)


def read_address(signed: str) -> tuple[str, str]:
    """
    Return path and query of the list whose address a list has signed.

    :raises Invalid: if no list of ours did, or the query is longer than any that a page makes.
    """
    try:
        path, _mark, query = ADDRESS.unsign(signed).partition("?")
    except signing.BadSignature:
        path, query = "", ""
    if not path or len(path) > LONGEST_PATH or len(query) > LONGEST_QUERY:
        raise Invalid(_("这份清单不能导出，请回到清单重新点“导出 Excel”。"))
    return path, query


def rights_of(officer: Officer) -> str:
    """Return a digest of what the officer's duties are and where: another one means other rights."""
    duties = sorted((duty.role, duty.unit.path) for duty in officer.duties_held)
    return hashlib.sha256(json.dumps([officer.pk, duties]).encode()).hexdigest()
