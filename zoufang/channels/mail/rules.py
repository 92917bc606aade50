"""What a mail says: its text in whatever charset, its files, and whether a machine wrote it. Pure; it never raises."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parseaddr, parsedate_to_datetime
from html.parser import HTMLParser

# Names under which a mail cannot be answered, whoever sends it.
_MACHINES = re.compile(r"(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)([-+.=@]|$)", re.IGNORECASE)
_BULK = frozenset({"bulk", "junk", "list", "auto_reply"})
# What a mail is, whichever way it took: these headers, and what stands below them.
_STABLE = re.compile(
    rb"(from|to|subject|date|message-id|in-reply-to|references|mime-version|content-[a-z-]+|auto-submitted|precedence)\s*:",
    re.IGNORECASE,
)
# Where an older mail begins that somebody answers.
_QUOTED = re.compile(
    r"^\s*(>|-{2,}\s*(原始邮件|Original Message|回复的原邮件|转发邮件信息)|(在|于).{4,80}(写道|寫道)[:：]?\s*$"
    r"|On\b.{4,120}\bwrote:\s*$|发件人[:：].{0,120}@)",
    re.IGNORECASE,
)
_BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "table", "blockquote", "hr"})
_UNSEEN = frozenset({"script", "style", "head", "title"})
_ID = re.compile(r"<[^<>\s]{1,300}>")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class File:
    """A file that came with a mail."""

    name: str
    body: bytes


@dataclass(frozen=True)
class Mail:
    """A mail as a person would read it. `answers` are the identifiers of the mails that it answers."""

    message_id: str
    address: str
    name: str
    subject: str
    text: str
    sent_at: datetime | None
    answers: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    by_machine: bool = False
    returned: tuple[str, ...] = field(default=())


def read_mail(body: bytes) -> Mail:
    """Read a mail, as far as it can be read."""
    message = message_from_bytes(body)
    name, address = parseaddr(_words(message.get("From", "")))
    returned = _returned(message)
    return Mail(
        message_id=identity(body),
        address=address.strip().lower() if re.fullmatch(r"[^@\s]+@[^@\s]+", address.strip()) else "",
        name=_line(name)[:30],
        subject=_line(_words(message.get("Subject", "")))[:200],
        text=_without_quotes(_text(message)),
        sent_at=_moment(message.get("Date", "")),
        answers=tuple(_ID.findall(f"{message.get('References', '')} {message.get('In-Reply-To', '')}")),
        files=tuple(_files(message)),
        by_machine=bool(returned) or _is_by_machine(message, address),
        returned=returned,
    )


def identity(body: bytes) -> str:
    """Return the mail's own identifier; where it has none, or one too long, one made from what it says."""
    found = _ID.search(str(message_from_bytes(body).get("Message-ID", "")))
    if found and len(found[0]) <= 100 and found[0].isascii():
        return found[0]
    return "sha256:" + hashlib.sha256(stable(body)).hexdigest()


def stable(body: bytes) -> bytes:
    """Return a mail without what the way that it took wrote on it: the same mail by two ways is the same."""
    head, _gap, rest = body.replace(b"\r\n", b"\n").partition(b"\n\n")
    kept, keeping = [], False
    for line in head.split(b"\n"):
        if not line[:1].isspace():
            keeping = _STABLE.match(line) is not None
        if keeping:
            kept.append(line)
    return b"\n".join(kept) + b"\n\n" + rest


def addresses_in(header: str) -> set[str]:
    """Return the addresses that a header names, in lower case."""
    return {address.lower() for _name, address in getaddresses([header]) if address}


def _is_by_machine(message: Message, address: str) -> bool:
    automatic = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().lower() != "no"
    bulk = str(message.get("Precedence", "")).strip().lower() in _BULK or "List-Id" in message
    empty = str(message.get("Return-Path", "")).strip() == "<>"
    return automatic or bulk or empty or not address or _MACHINES.match(address) is not None


def _returned(message: Message) -> tuple[str, ...]:
    """Return the identifiers of the mails of ours that a report says could not be delivered for good."""
    if message.get_content_type() != "multipart/report":
        return ()
    parts = list(message.walk())
    failed = any(
        part.get_content_type() == "message/delivery-status"
        and re.search(r"^Action:\s*failed", str(part), re.IGNORECASE | re.MULTILINE)
        for part in parts
    )
    told = [part for part in parts if part.get_content_type() in ("message/rfc822", "text/rfc822-headers")]
    found = [
        one
        for part in told
        for one in re.findall(r"^Message-ID:\s*(<[^<>\s]+>)", part.as_string(), re.IGNORECASE | re.MULTILINE)
    ]
    return tuple(found) if failed else ()


def _text(message: Message) -> str:
    """Return the words of a mail: plain where it has them, else what its HTML shows."""
    plain = [part for part in _shown(message) if part.get_content_type() == "text/plain"]
    if any(words := [_decoded(part) for part in plain]):
        return "\n".join(words).strip()
    pages = [part for part in _shown(message) if part.get_content_type() == "text/html"]
    return "\n".join(_seen(_decoded(part)) for part in pages).strip()


def _shown(message: Message) -> Iterator[Message]:
    for part in message.walk():
        if not part.is_multipart() and part.get_content_disposition() != "attachment" and not part.get_filename():
            yield part


def _files(message: Message) -> Iterator[File]:
    for part in message.walk():
        named = part.get_filename()
        if part.is_multipart() or not (named or part.get_content_disposition() == "attachment"):
            continue
        body = part.get_payload(decode=True)
        if isinstance(body, bytes) and body:
            yield File(_line(_words(named or ""))[:120] or "file", body)


def _decoded(part: Message) -> str:
    body = part.get_payload(decode=True)
    return _readable(body, str(part.get_content_charset() or "")) if isinstance(body, bytes) else ""


def _readable(body: bytes, charset: str) -> str:
    """Decode as the mail says, else as Chinese mail mostly is; the last way reads every byte."""
    # What calls itself GB2312 or GBK may use any character of GB18030.
    named = "gb18030" if charset.lower().replace("-", "").replace("_", "") in {"gb2312", "gbk", "cp936"} else charset
    for name in (named, "utf-8", "gb18030"):
        try:
            return body.decode(name)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return body.decode("utf-8", "replace")


def _words(header: object) -> str:
    """Return a header with its encoded words read."""
    text = str(header)
    try:
        parts = decode_header(text)
    except Exception:  # noqa: BLE001 - the library raises several kinds for broken headers
        return text
    return "".join(part if isinstance(part, str) else _readable(part, charset or "") for part, charset in parts)


def _line(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())


def _moment(text: object) -> datetime | None:
    try:
        moment = parsedate_to_datetime(str(text))
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _without_quotes(text: str) -> str:
    """Leave out the older mail that hangs below an answer; a text that is nothing else stays as it is."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cut = next((at for at, line in enumerate(lines) if _QUOTED.match(line)), len(lines))
    return "\n".join(lines[:cut]).strip() or text.strip()


class _Page(HTMLParser):
    """Collects what an HTML page shows."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.hidden += tag in _UNSEEN
        if tag in _BLOCKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.hidden = max(0, self.hidden - (tag in _UNSEEN))
        if tag in _BLOCKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.words.append(re.sub(r"\s+", " ", data))


def _seen(html: str) -> str:
    page = _Page()
    page.feed(html)
    page.close()
    lines = (line.strip() for line in "".join(page.words).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
