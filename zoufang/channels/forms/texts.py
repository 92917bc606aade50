"""A short message as the gateway delivers it: what it says, who sent it, and which part of a longer one it is."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from zoufang.channels import rules
from zoufang.channels.forms.items import read_item
from zoufang.channels.forms.reading import LONGEST_ID, id_of, json_object, moment, one_spelling
from zoufang.channels.services.delivering import Item, Untaken
from zoufang.channels.services.texting import AskByText, Part, RateByText, Report
from zoufang.channels.vocabulary import SOURCE_OF, Channel, Why
from zoufang.opinions.vocabulary import Kind

_MOST_PARTS = 50
_NUMBER = re.compile(r"\+?[0-9]{5,20}")


@dataclass(frozen=True)
class Text:
    """
    What came in one call: the gateway's id for it, and a body that is the same however the call was spelled.

    A call that cannot be read has an id made of its bytes, so that even it is kept once.
    """

    id: str
    body: bytes
    part: Part | None = None


def read(body: bytes) -> Text:
    """Return the envelope of a call; what is inside is read later, where it can be turned down into the tray."""
    said = json_object(body)
    given = id_of(said.get("id"), body)
    content = one_spelling({name: said.get(name) for name in ("from", "text", "at")}) if said else body
    return Text(given, content, _part(given, said.get("part")))


def parse(body: bytes, *, now: datetime) -> Item:
    """
    Return what a message asks: to look an opinion up, to rate its answer, or to be heard.

    :raises Untaken: if it says nothing that can be taken.
    """
    said = json_object(body)
    text, sender = said.get("text"), _sender(said.get("from"))
    if not isinstance(text, str):
        raise Untaken(Why.UNREADABLE, _("没有短信内容。"), {"phone": sender})
    text = rules.tidy(text).strip()
    at = min(moment(said.get("at")) or now, now)
    if asked := rules.asked_by_text(text):
        return AskByText(*asked, sender=sender, said_at=at)
    if rated := rules.rated_by_text(text):
        return RateByText(*rated, sender=sender, said_at=at)
    values = {
        "kind": Kind.OPINION.value,
        "source": SOURCE_OF[Channel.SMS].value,
        "content": text,
        "said_at": at.isoformat(),
        "phone": sender,
        "tell_by": "SMS" if sender else "",
    }
    return read_item(values, sender=sender)


def read_report(body: bytes) -> Report | None:
    """Return what a delivery report says; None if it says nothing."""
    said = json_object(body)
    key, state, why = (str(said.get(name) or "") for name in ("id", "state", "why"))
    if not key or state not in ("delivered", "failed"):
        return None
    return Report(key=key, delivered=state == "delivered", why=rules.tidy(why), at=moment(said.get("at")))


def _sender(given: Any) -> str:
    """Return the number that a message claims to come from; empty if none could be answered there."""
    number = re.sub(r"[\s-]", "", given) if isinstance(given, str) else ""
    return number if _NUMBER.fullmatch(number) else ""


def _part(given: str, said: Any) -> Part | None:
    if not isinstance(said, dict):
        return None
    ref, no, of = said.get("ref"), said.get("no"), said.get("of")
    right = isinstance(ref, str) and 0 < len(ref) <= LONGEST_ID and "\0" not in ref
    if not right or type(no) is not int or type(of) is not int or not 1 <= no <= of <= _MOST_PARTS:
        return None
    return Part(given, str(ref), no, of) if of > 1 else None
