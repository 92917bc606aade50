"""What a mail says, by the names of the item's form."""

from dataclasses import replace
from datetime import datetime, timedelta

from zoufang.channels.forms import read_item
from zoufang.channels.mail.rules import Mail
from zoufang.channels.services import Told
from zoufang.channels.vocabulary import SOURCE_OF, Channel
from zoufang.opinions.vocabulary import Kind

# A clock that is further behind than this is wrong.
_OLDEST = timedelta(days=30)
# What mail calls itself; a complaint is looked for first, for it must not pass through the wrong hands.
_CALLED: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (Kind.COMPLAINT, ("投诉", "举报", "complain")),
    (Kind.HELP, ("求助", "求救")),
    (Kind.CONSULTATION, ("咨询", "请问", "问一下")),
    (Kind.PRAISE, ("表扬", "感谢信", "点赞")),
    (Kind.SUGGESTION, ("建议",)),
)


def read_letter(mail: Mail, now: datetime) -> Told:
    """
    Return what a mail says; its subject is the first line of the text.

    :raises Untaken: if a person has to look at it.
    """
    text = mail.text if not mail.subject or mail.subject in mail.text else f"{mail.subject}\n{mail.text}".strip()
    sent_at = mail.sent_at if mail.sent_at and now - _OLDEST < mail.sent_at <= now else now
    values = {
        "kind": _kind_of(mail),
        "content": text,
        "source": SOURCE_OF[Channel.EMAIL],
        "said_at": sent_at.isoformat(),
        "name": mail.name,
    }
    return replace(read_item(values, sender=mail.address), address=mail.address)


def _kind_of(mail: Mail) -> str:
    told = f"{mail.subject}\n{mail.text}".lower()
    if any(word in told for word in _CALLED[0][1]):
        return Kind.COMPLAINT
    return next((kind for kind, words in _CALLED if any(word in mail.subject for word in words)), Kind.OPINION)
