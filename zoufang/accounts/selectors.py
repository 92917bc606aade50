"""Named reads of what lets an officer in."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import HASH_SESSION_KEY
from django.db.models import Q, QuerySet
from django.utils.crypto import constant_time_compare

from zoufang.accounts.models import Session, Token
from zoufang.audit.models import AuditRecord
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer


@dataclass(frozen=True)
class OpenSession:
    """A live session as its owner sees it. `handle` names it without being it."""

    handle: str
    browser: str
    signed_in_at: datetime | None
    seen_at: datetime | None
    is_this: bool
    key: str


def sessions_of(officer: Officer, *, this: str | None, now: datetime) -> list[OpenSession]:
    """Return the officer's live sessions, the one with the key `this` first, then the latest used."""
    expected = officer.get_session_auth_hash()
    live = [
        OpenSession(
            handle=_handle(session.session_key),
            browser=session.browser,
            signed_in_at=session.signed_in_at,
            seen_at=session.seen_at,
            is_this=session.session_key == this,
            key=session.session_key,
        )
        for session in Session.objects.filter(officer=officer, expire_date__gt=now).order_by("-seen_at")
        if constant_time_compare(session.get_decoded().get(HASH_SESSION_KEY, ""), expected)
    ]
    return sorted(live, key=lambda session: not session.is_this)


def tokens_of(officer: Officer) -> QuerySet[Token]:
    """Return the officer's live tokens, newest first."""
    return Token.objects.live().filter(officer=officer)


def bearer(token: str) -> Token | None:
    """Return the live token that a program showed, with its officer; None if it opens nothing."""
    found = Token.objects.live().filter(digest=digest_of(token)).select_related("officer__unit")
    return found.first()


def records_seen_by(viewer: Officer) -> QuerySet[AuditRecord]:
    """Return the audit records of the officers whom an audit administrator reaches, and those of nobody."""
    if not access.may(viewer, Do.SEE_AUDIT):
        return AuditRecord.objects.none()
    reached = access.within_reach(viewer, Do.SEE_AUDIT, "by__unit__path")
    return AuditRecord.objects.filter(reached | Q(by=None)).select_related("by")


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _handle(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]
