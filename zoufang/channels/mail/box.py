"""The bureau's mailbox, over IMAP: what is new in it, and a mark on what was taken."""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from urllib.parse import unquote, urlsplit

# Set on what was taken: whether somebody looked at it in a mail program says nothing.
TAKEN = "$ZoufangTaken"
_SECONDS = 60
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class BoxClosed(Exception):
    """The mailbox did not open, or did not answer as it should. The message names no password."""


@dataclass(frozen=True)
class Found:
    """A mail in the box: all of it, or its head alone where it is larger than was asked for. `size` is in bytes."""

    uid: str
    size: int
    body: bytes
    is_whole: bool


class Box:
    """An open folder. `imaps://user:password@host:993/INBOX`; `imap://` without encryption is for this machine only."""

    def __init__(self, connection: imaplib.IMAP4) -> None:
        self._connection = connection

    def new(self, *, since: date, most: int) -> list[str]:
        """Return the identifiers of mails that came since the day `since` and were not taken, oldest first."""
        day = f"{since.day:02d}-{_MONTHS[since.month - 1]}-{since.year}"
        (found,) = self._ask("uid", "SEARCH", "UNKEYWORD", TAKEN, "UNDELETED", "SINCE", day)
        return found.decode().split()[:most] if isinstance(found, bytes) else []

    def read(self, uid: str, *, most_bytes: int) -> Found | None:
        """Return the mail; None if somebody has taken it out of the box meanwhile."""
        told = self._ask("uid", "FETCH", uid, "(RFC822.SIZE)")
        size = next((int(found[1]) for part in told if (found := _SIZE.search(_bytes(part)))), None)
        if size is None:
            return None
        whole = size <= most_bytes
        parts = self._ask("uid", "FETCH", uid, "(BODY.PEEK[])" if whole else "(BODY.PEEK[HEADER])")
        body = next((part[1] for part in parts if isinstance(part, tuple)), None)
        return Found(uid, size, body, whole) if body is not None else None

    def mark_taken(self, uid: str) -> None:
        self._ask("uid", "STORE", uid, "+FLAGS.SILENT", f"({TAKEN})")

    def _ask(self, verb: str, *words: str) -> list[object]:
        try:
            answer, told = getattr(self._connection, verb)(*words)
        except (imaplib.IMAP4.error, OSError) as error:
            raise BoxClosed(f"{words[0]}: {type(error).__name__}") from error
        if answer != "OK":
            raise BoxClosed(f"{words[0]}: {answer}")
        return list(told)


@contextmanager
def opened(url: str) -> Iterator[Box]:
    """
    Open the folder that `url` names, and close it in the end.

    :raises BoxClosed: if the server is away, turns us down, or keeps no marks.
    """
    parts = urlsplit(url)
    try:
        connection = _connection(parts.scheme, parts.hostname or "", parts.port)
    except (OSError, imaplib.IMAP4.error) as error:
        raise BoxClosed(f"{parts.hostname}: {type(error).__name__}") from error
    try:
        connection.login(unquote(parts.username or ""), unquote(parts.password or ""))
        answer, _told = connection.select(unquote(parts.path.strip("/")) or "INBOX")
        if answer != "OK":
            raise BoxClosed("no such folder")
        flags = connection.response("PERMANENTFLAGS")[1]
        if not any(b"\\*" in _bytes(one) or TAKEN.encode() in _bytes(one) for one in flags):
            # Without marks every mail would be read each minute, for ever.
            raise BoxClosed("the folder keeps no marks")
        yield Box(connection)
    except (imaplib.IMAP4.error, OSError) as error:
        raise BoxClosed(f"{parts.hostname}: {type(error).__name__}") from error
    finally:
        with _ignoring():
            connection.logout()


@contextmanager
def _ignoring() -> Iterator[None]:
    try:
        yield
    except (imaplib.IMAP4.error, OSError):
        return


def _connection(scheme: str, host: str, port: int | None) -> imaplib.IMAP4:
    if scheme == "imaps":
        return imaplib.IMAP4_SSL(host, port or 993, ssl_context=ssl.create_default_context(), timeout=_SECONDS)
    return imaplib.IMAP4(host, port or 143, timeout=_SECONDS)


def _bytes(part: object) -> bytes:
    head = part[0] if isinstance(part, tuple) else part
    return head if isinstance(head, bytes) else b""
