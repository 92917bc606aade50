"""Items of feeds: what people wrote to the bureau in microblogs, in groups, and in evaluations by message."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from zoufang.channels.forms.items import read_item
from zoufang.channels.forms.reading import id_of, json_object, moment, one_spelling, words
from zoufang.channels.selectors import open_units
from zoufang.channels.services.delivering import Item, Rated, Untaken
from zoufang.channels.vocabulary import SOURCE_OF, Channel, Why
from zoufang.opinions.vocabulary import Kind, Satisfaction, TellBy

# The feeds by the names that stand in addresses, keys and files.
FEEDS: dict[str, Channel] = {
    "microblog": Channel.MICROBLOG,
    "messages": Channel.MESSAGES,
    "evaluation-sms": Channel.SMS,
}
# Where something was posted: there it is answered.
_POST = re.compile(r"https?://[!-~]{4,280}")
_NAMES = ("at", "sender", "unit", "text", "rating", "link", "kind")


def split(body: bytes) -> list[tuple[str, bytes]]:
    """
    Return the items of a batch, each with its id, in the order of their own times.

    A batch that is none is one item, which nobody can read.
    """
    items = json_object(body).get("items")
    if not isinstance(items, list):
        return [(id_of(None, body), body)]
    every = [one if isinstance(one, dict) else {"text": one} for one in items]
    return [item(one) for one in sorted(every, key=lambda one: (str(one.get("at") or ""), str(one.get("id") or "")))]


def item(said: Mapping[str, Any]) -> tuple[str, bytes]:
    """Return the id of an item and the bytes that stand for it, however it was spelled."""
    body = one_spelling({name: said.get(name) for name in _NAMES})
    return id_of(said.get("id"), body), body


def parse(body: bytes, *, channel: Channel) -> Item:
    """
    Return what an item of a feed says: something to register, or points for a unit.

    :raises Untaken: if it says nothing that can be taken.
    """
    said = words(json_object(body), *_NAMES)
    text, rating = said.get("text", ""), _points(said.get("rating", ""))
    at, sender = moment(said.get("at")), said.get("sender", "")
    values = {
        "kind": said.get("kind") or Kind.OPINION.value,
        "source": SOURCE_OF[channel].value,
        "content": text,
        "said_at": at.isoformat() if at else "",
        "unit": said.get("unit", ""),
    }
    if _POST.fullmatch(said.get("link", "")):
        values |= {"address": said["link"], "tell_by": TellBy.POST.value}
    if at is None:
        raise Untaken(Why.INVALID, _("没有时间，或者时间读不懂。"), values)
    if text or rating is None:
        return read_item(values, sender=sender, rating=rating)
    unit = open_units().filter(code=values["unit"]).first()
    if values["unit"] and unit is None:
        raise Untaken(Why.INVALID, _("没有这个单位代码。"), values)
    return Rated(rating, unit, at, sender=sender, values=values)


def _points(given: str) -> int | None:
    return int(given) if given in {str(points) for points in Satisfaction.values} else None
