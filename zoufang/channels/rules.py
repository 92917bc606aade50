"""Codes that a citizen can read aloud, texts made fit to keep, and the public words for what happens. Pure."""

import re
import unicodedata

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zoufang.opinions.vocabulary import OutcomeKind
from zoufang.opinions.workflow import Status, Step

# Base 32 without the letters that are taken for digits or for each other (Crockford): 28 of them carry 140 bits.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 28
_GROUP = 4
_MISREAD = str.maketrans("ILO", "110")

MOST_FILES = 5

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def code_of(digest: bytes) -> str:
    """
    Return the code that the first 140 bits of `digest` spell.

    :raises ValueError: if the digest is shorter than that.
    """
    bits = CODE_LENGTH * 5
    if len(digest) * 8 < bits:
        raise ValueError("a code needs 140 bits")
    number = int.from_bytes(digest, "big") >> (len(digest) * 8 - bits)
    return "".join(ALPHABET[number >> (5 * at) & 31] for at in reversed(range(CODE_LENGTH)))


def grouped(code: str) -> str:
    """Return a code in groups of four, for reading aloud."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def plain_code(typed: str) -> str:
    """Return a code as it was made from what somebody typed: any case and width, O for 0, with or without groups."""
    text = unicodedata.normalize("NFKC", typed).upper().translate(_MISREAD)
    return "".join(letter for letter in text if letter in ALPHABET)


def plain_no(typed: str) -> str:
    """Return an opinion's number from what somebody typed."""
    return "".join(unicodedata.normalize("NFKC", typed).upper().split())


def tidy(text: str) -> str:
    """Return typed text in one normal form, with one kind of line break and no control characters."""
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _CONTROL.sub("", lines)


def plain_words(text: str) -> str:
    """Return the words of `text` for comparing: one width and case, without blanks and punctuation."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in plain if unicodedata.category(letter)[0] in "LNS")


def readable(body: bytes) -> str:
    """Return a body as text: UTF-8 or GB18030, else with what is no text spelled out; nothing of it is lost."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return body.decode("utf-8", "backslashreplace")


_ASKED = re.compile(r"(?:查询|CX)[\s:,，]*(YJ[0-9]{6,14})[\s:,，]+(\S.*)", re.DOTALL)
_RATED = re.compile(r"(?:([1-5])[\s:,，]*(YJ[0-9]{6,14})|(YJ[0-9]{6,14})[\s:,，]+([1-5]))[。.!]?")


def asked_by_text(text: str) -> tuple[str, str] | None:
    """Return the number and the code of which a short message asks how it stands; None if it asks nothing such."""
    found = _ASKED.fullmatch(unicodedata.normalize("NFKC", text).upper().strip())
    return (found[1], found[2]) if found else None


def rated_by_text(text: str) -> tuple[str, int] | None:
    """Return the number and the points, 1 to 5, that a short message gives the answer; None if it gives none."""
    found = _RATED.fullmatch(unicodedata.normalize("NFKC", text).upper().strip())
    return (found[2] or found[3], int(found[1] or found[4])) if found else None


# The bar of steps that a citizen sees, and how far each status has come along it.
STAGES = (
    ("received", _("收到")),
    ("referred", _("转交")),
    ("in_hand", _("办理")),
    ("answered", pgettext_lazy("stage", "答复")),
    ("closed", _("办结")),
)
STAGE_OF: dict[Status, int] = {
    Status.REGISTERED: 0,
    Status.REFERRED: 1,
    Status.SIGNED: 2,
    Status.IN_HAND: 2,
    Status.RECTIFIED: 2,
    Status.VERIFIED: 2,
    Status.DRAFTED: 2,
    Status.APPROVED: 2,
    Status.ANSWERED: 3,
    Status.CLOSED: 4,
}
STATUS_WORDS: dict[Status, object] = {
    Status.REGISTERED: _("已收到，正在确定由哪个单位办理"),
    Status.REFERRED: _("已转交，等待承办单位签收"),
    Status.SIGNED: _("承办单位已签收，正在研究怎么办"),
    Status.IN_HAND: _("正在办理"),
    Status.RECTIFIED: _("已经办理，正由另一个人核验"),
    Status.VERIFIED: _("正在准备给您的答复"),
    Status.DRAFTED: _("正在准备给您的答复"),
    Status.APPROVED: _("正在准备给您的答复"),
    Status.ANSWERED: _("已答复"),
    Status.CLOSED: _("已办结"),
}

# The steps that a citizen is told of, without names and notes. What is not here is the bureau's own desk work.
EVENT_WORDS: dict[Step, object] = {
    Step.REGISTER: _("收到您说的情况"),
    Step.REFER: _("转交%(unit)s办理"),
    Step.SIGN: _("%(unit)s签收"),
    Step.RETURN: _("%(unit)s退回，正在重新确定承办单位"),
    Step.FIRST_CONTACT: _("%(unit)s与您联系"),
    Step.PAUSE: _("请您补充情况，办理期限暂停"),
    Step.SUPPLY: _("收到您的补充，继续办理"),
    Step.RESUME: _("继续办理"),
    Step.GRANT_EXTENSION: _("经批准，办理期限延长"),
    Step.MEASURE: _("%(unit)s定下办理措施"),
    Step.COVER: _("%(unit)s定下办理措施"),
    Step.RECTIFY: _("%(unit)s办理完毕，等待核验"),
    Step.REJECT: _("核验认为还没有办好，要求继续办理"),
    Step.VERIFY: _("核验通过"),
    Step.FEED_BACK: _("已答复"),
    Step.ASK_AGAIN: _("收到再办申请"),
    Step.CLOSE: _("办结"),
    Step.REVIEW: _("%(unit)s再次研究了这件事"),
    Step.REOPEN: _("重新办理"),
    Step.JOIN: _("与别人反映的同一件事一并办理"),
    Step.UNJOIN: _("改为单独办理"),
    Step.COMPLAINT: _("按投诉办理，重新确定承办单位"),
}

# How it ended, in plain words.
OUTCOME_WORDS: dict[OutcomeKind, object] = {
    OutcomeKind.SOLVED: _("已经办好了。"),
    OutcomeKind.EXPLAINED: _("已经向您说明了情况。"),
    OutcomeKind.PARTLY: _("办好了一部分，其余的见答复。"),
    OutcomeKind.CANNOT_NOW: _("现在还办不到。我们%(day)s会再看一次。"),
    OutcomeKind.NOT_OURS: _("这件事不归公安机关管，可以找：%(turn_to)s"),
}
