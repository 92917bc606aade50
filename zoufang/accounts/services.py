"""The verbs of the front door: signing in and out, passwords, sessions, tokens, language."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from axes.utils import reset as reset_attempts
from django.db import transaction
from django.utils.translation import gettext as _

from zoufang.accounts.models import Session, Token
from zoufang.accounts.selectors import OpenSession, digest_of
from zoufang.audit import services as audit
from zoufang.kernel.refusal import NotAllowed
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer
from zoufang.organization.services import void_sign_ins

_NOTED_EVERY = timedelta(minutes=1)


def note_sign_in(officer: Officer, *, now: datetime) -> None:
    """Record that the officer signed in."""
    audit.record("session.sign_in", on="officer", key=officer.pk, by=officer, at=now)


def note_refused_sign_in(username: str, *, now: datetime) -> None:
    """
    Record that a sign-in was refused; for an unknown account without its name, which may be a mistyped password.

    Known or unknown, the same work is done, so the time it takes tells nothing.
    """
    key = Officer.objects.filter(username=username).values_list("pk", flat=True).first()
    audit.record("session.refuse", on="officer", key="" if key is None else key, by=None, at=now)


def note_sign_out(officer: Officer, *, now: datetime) -> None:
    """Record that the officer signed out."""
    audit.record("session.sign_out", on="officer", key=officer.pk, by=officer, at=now)


@transaction.atomic
def end_sessions(sessions: Collection[OpenSession], *, by: Officer, now: datetime) -> int:
    """End sessions of `by`; return how many there still were."""
    keys = [session.key for session in sessions]
    ended, _each = Session.objects.filter(officer=by, session_key__in=keys).delete()
    if ended:
        audit.record("session.end", on="officer", key=by.pk, by=by, at=now, detail={"sessions": ended})
    return ended


@transaction.atomic
def change_password(*, password: str, by: Officer, now: datetime) -> None:
    """Give oneself a new password. Every session and token made under the old one is void."""
    by.set_password(password)
    by.must_change_password = False
    by.save(update_fields=["password", "must_change_password"])
    void_sign_ins(by)
    audit.record("officer.change_password", on="officer", key=by.pk, by=by, at=now)


@transaction.atomic
def choose_language(language: str, *, by: Officer) -> None:
    """Keep the language in which the officer reads."""
    Officer.objects.filter(pk=by.pk).update(language=language)
    by.language = language


@transaction.atomic
def make_token(officer: Officer, *, name: str, by: Officer | None, now: datetime) -> tuple[Token, str]:
    """
    Make a token for the officer and return it with its text, which is shown once and kept nowhere.

    :raises NotAllowed: if `by` is somebody else; `None` is the operator at the console.
    """
    _require_own(officer, by)
    text = f"zf_{secrets.token_urlsafe(32)}"
    token = Token.objects.create(
        officer=officer, name=name, digest=digest_of(text), epoch=officer.sign_in_epoch, created_at=now
    )
    audit.record("token.make", on="token", key=token.pk, by=by, at=now, detail={"officer": officer.username})
    return token, text


@transaction.atomic
def revoke_token(token: Token, *, by: Officer | None, now: datetime) -> None:
    """
    Make the token open nothing any more.

    :raises NotAllowed: if it is somebody else's; `None` is the operator at the console.
    """
    _require_own(token.officer, by)
    if Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        audit.record(
            "token.revoke", on="token", key=token.pk, by=by, at=now, detail={"officer": token.officer.username}
        )


def note_use(token: Token, *, now: datetime) -> None:
    """Note, once a minute at most, that the token is in use."""
    if token.last_used_at is None or now - token.last_used_at > _NOTED_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=now)


@transaction.atomic
def unlock(officer: Officer, *, by: Officer, now: datetime) -> None:
    """
    Forget the wrong passwords that locked the account.

    :raises NotAllowed: if `by` does not keep the accounts of the officer's unit.
    """
    access.require(by, Do.KEEP_ACCOUNTS, officer.unit)
    reset_attempts(username=officer.username)
    audit.record("officer.unlock", on="officer", key=officer.pk, by=by, at=now)


def _require_own(officer: Officer, by: Officer | None) -> None:
    if by is not None and by.pk != officer.pk:
        raise NotAllowed(_("令牌只能由本人生成和吊销。"))
