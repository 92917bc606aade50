"""The tray: look at what could not be taken, take it in with what a person makes of it, or discard it."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zoufang.audit import services as audit
from zoufang.audit.services import Entry
from zoufang.channels.models import Delivery
from zoufang.channels.services.delivering import Delivered, Told, Untaken
from zoufang.channels.vocabulary import State
from zoufang.kernel.refusal import Conflict, Invalid, StaleState
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer
from zoufang.privacy.numbers import masked
from zoufang.privacy.sealing import unseal

# What waited in the tray is kept this long after it was settled, so that a mistake can be put right.
CONTENT_KEPT = timedelta(days=30)
# Feeds come late; after this the same words are another opinion.
SAID_KNOWN = timedelta(days=30)


@dataclass(frozen=True)
class Content:
    """What was delivered, with numbers of people masked, and what could be read of it by field."""

    raw: str
    values: dict[str, str]


@transaction.atomic
def open_content(delivery: Delivery, *, by: Officer, now: datetime) -> Content:
    """
    Return what waits in the tray, and record who looked.

    :raises NotAllowed: if `by` may not settle deliveries here.
    :raises StaleState: if it was settled meanwhile.
    """
    access.require(by, Do.SETTLE_DELIVERY, delivery.unit)
    if delivery.state != State.IN_TRAY:
        raise StaleState(_("这一件已经处理过了。"))
    audit.record("open-delivery", on="delivery", key=delivery.pk, by=by, at=now, detail={"channel": delivery.channel})
    content = _content(delivery)
    shown = {name: value for name, value in content.values.items() if name not in _WHO}
    return Content(masked(content.raw), shown)


@transaction.atomic
def take_from_tray(delivery: Delivery, *, by: Officer, now: datetime, **facts: Any) -> Delivered:
    """
    Register what a person made of an item; who may be answered comes from the item itself, unseen.

    `facts` are those of `Told`.

    :raises NotAllowed: if `by` may not settle deliveries, or not register for the unit.
    :raises StaleState: if it was settled meanwhile.
    :raises Conflict: if its original number is taken.
    :raises Invalid: if it was said in the future.
    """
    _settle(delivery, State.TAKEN, by=by, now=now)
    values = _content(delivery).values
    who: dict[str, Any] = {name: values[name] for name in _WHO if values.get(name)}
    told = Told(**facts, **who)
    try:
        opinion = told.take(delivery, by=by, now=now)
    except Untaken as turned_down:
        raise Conflict(turned_down.detail) from None
    delivery.opinion = opinion
    Delivery.objects.filter(pk=delivery.pk).update(opinion=opinion)
    audit.record("take-delivery", on="delivery", key=delivery.pk, by=by, at=now, detail={"opinion": opinion.no})
    return Delivered(delivery, created=True)


@transaction.atomic
def discard_delivery(delivery: Delivery, *, reason: str, by: Officer, now: datetime) -> None:
    """
    Leave an item untaken, for a reason that is kept.

    :raises NotAllowed: if `by` may not settle deliveries.
    :raises Invalid: if no reason is given.
    :raises StaleState: if it was settled meanwhile.
    """
    if not reason.strip():
        raise Invalid(_("请写明作废的理由。"))
    _settle(delivery, State.DISCARDED, by=by, now=now, reason=reason.strip())
    audit.record("discard-delivery", on="delivery", key=delivery.pk, by=by, at=now, detail={"reason": reason})


@transaction.atomic
def forget_deliveries(*, now: datetime) -> int:
    """Dispose of what waited in the tray and of digests of what was said, when they have served; return how many."""
    said = Delivery.objects.exclude(said_hash="").filter(received_at__lt=now - SAID_KNOWN)
    due = Delivery.objects.filter(settled_at__lt=now - CONTENT_KEPT, disposed_at=None).exclude(content_sealed=b"")
    keys = list(due.values_list("pk", flat=True))
    gone = Delivery.objects.filter(pk__in=keys).update(content_sealed=b"", disposed_at=now)
    audit.record_all([Entry("dispose-delivery", on="delivery", key=key, detail={}) for key in keys], by=None, at=now)
    return gone + said.update(said_hash="")


# What says who sent it: never shown in the tray, sealed again with the opinion.
_WHO = ("name", "phone", "tell_by", "address", "sender")


def _settle(delivery: Delivery, state: State, *, by: Officer, now: datetime, reason: str = "") -> None:
    access.require(by, Do.SETTLE_DELIVERY, delivery.unit)
    # The WHERE clause is the lock: of two people acting at once, one updates no row.
    settled = Delivery.objects.filter(pk=delivery.pk, state=State.IN_TRAY).update(
        state=state, settled_by=by, settled_at=now, reason=reason
    )
    if not settled:
        raise StaleState(_("这一件已经处理过了。"))
    delivery.state, delivery.settled_by, delivery.settled_at = state, by, now


def _content(delivery: Delivery) -> Content:
    kept = json.loads(unseal(bytes(delivery.content_sealed)))
    return Content(kept["raw"], kept["values"])
