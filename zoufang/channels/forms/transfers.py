"""What other offices pass on: the hotline, 110, petitions, discipline, inspection and superiors, by their own numbers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from zoufang.channels.forms.items import read_item
from zoufang.channels.forms.reading import end_of, id_of, json_object, moment, one_spelling, words
from zoufang.channels.services.delivering import Told, Untaken
from zoufang.channels.vocabulary import Why
from zoufang.opinions.vocabulary import Kind, Source

# Who passes opinions on, by the names that stand in addresses, keys and files.
SENDERS: dict[str, Source] = {
    "12345": Source.HOTLINE_12345,
    "110": Source.CALL_110,
    "petition": Source.PETITION,
    "discipline": Source.DISCIPLINE,
    "inspection": Source.INSPECTION,
    "superior": Source.SUPERIOR,
}
_NAMES = ("no", "at", "kind", "title", "text", "place", "unit", "complained_unit", "due_at", "name", "phone")


def split(body: bytes, sender: str) -> list[tuple[str, bytes]]:
    """Return what was sent, one or a batch of `items`, each with its id, in the order of their own times."""
    said = json_object(body)
    items = said.get("items", [said] if said else None)
    if not isinstance(items, list):
        return [(id_of(None, body), body)]
    every = [one if isinstance(one, dict) else {"text": one} for one in items]
    return [item(one, sender) for one in sorted(every, key=lambda one: (str(one.get("at") or ""), str(one.get("no"))))]


def item(said: Mapping[str, Any], sender: str) -> tuple[str, bytes]:
    """Return the id of a transfer, which is its original number at its sender, and the bytes that stand for it."""
    # Left out unless it is so: what was passed on before anybody could say it comes again as the same.
    hazard = {"urgent": True} if said.get("urgent") is True else {}
    body = one_spelling({name: said.get(name) for name in _NAMES} | hazard)
    return delivery_id(sender, id_of(said.get("no"), body)), body


def delivery_id(sender: str, no: str) -> str:
    return f"{sender}/{no}"


def parse(body: bytes, *, sender: str, unit: str = "", now: datetime) -> Told:
    """
    Return what another office passes on.

    :raises Untaken: if it says nothing that can be taken.
    """
    said = values(body, sender=sender, unit=unit, now=now)
    if not said["source_no"]:
        raise Untaken(Why.INVALID, _("没有原编号。"), said)
    return read_item(said)


def values(body: bytes, *, sender: str, unit: str = "", now: datetime) -> dict[str, str]:
    """
    Return what a transfer says by the names of `ItemForm`.

    Without a time it is as of `now`, without a unit for `unit`. What cannot be read as a time stays as it is, for the
    form to say so.
    """
    said = words(json_object(body), *_NAMES)
    at, due_at = moment(said.get("at")), end_of(said.get("due_at"))
    return {
        "kind": _kind(said.get("kind", "")),
        "urgent": "1" if json_object(body).get("urgent") is True else "",
        "source": SENDERS[sender].value,
        "source_no": said.get("no", ""),
        "title": said.get("title", ""),
        "title_mask": "1",
        "content": said.get("text", ""),
        "content_mask": "1",
        "place": said.get("place", ""),
        "place_mask": "1",
        "unit": said.get("unit", "") or unit,
        "complained_unit": said.get("complained_unit", ""),
        "said_at": at.isoformat() if at else said.get("at", "") or now.isoformat(),
        "due_at": due_at.isoformat() if due_at else said.get("due_at", ""),
        "name": said.get("name", ""),
        "phone": said.get("phone", ""),
    }


def _kind(given: str) -> str:
    labels = {str(label): str(value) for value, label in Kind.choices}
    return labels.get(given, given) or Kind.OPINION.value
