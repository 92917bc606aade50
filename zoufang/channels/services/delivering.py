"""Take what another system delivers: each item once, none stopping the next, and what cannot be taken into the tray."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from traceback import extract_tb
from typing import Any, Protocol
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from zoufang.audit import services as audit
from zoufang.channels import rules, selectors
from zoufang.channels.models import Delivery
from zoufang.channels.services.hearing import one_at_a_time
from zoufang.channels.services.telling import send_receipt
from zoufang.channels.vocabulary import State, Why
from zoufang.kernel.refusal import Refusal
from zoufang.notifications.vocabulary import Way
from zoufang.opinions import services as opinions
from zoufang.opinions.models import Opinion, Topic
from zoufang.opinions.vocabulary import Kind, TellBy
from zoufang.organization.models import Officer, Unit
from zoufang.organization.selectors import bureau
from zoufang.privacy.sealing import fingerprint, seal

logger = logging.getLogger(__name__)

# The same words of the same sender within so long are one opinion.
SAME_WITHIN = timedelta(hours=24)


class Untaken(Exception):
    """
    An item that cannot be taken as it came. `detail` says to a person of the visit office what is wrong with it.

    `values` are what could be read of it, by the names of the tray's form, so that nobody types them again.
    """

    def __init__(self, why: Why, detail: str = "", values: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.why, self.detail, self.values = why, detail, dict(values or {})


class Item(Protocol):
    """What a delivery turned out to be: something to register, or a word about what is registered already."""

    @property
    def said(self) -> str:
        """Who said what, to recognise the same within a day; empty if that is not asked of such an item."""

    @property
    def said_at(self) -> datetime: ...

    @property
    def values(self) -> Mapping[str, str]:
        """What the tray's form shows if the item is turned down after all."""

    def take(self, delivery: Delivery, *, now: datetime) -> Opinion | None:
        """
        Do what the item asks, and return the opinion that it became or speaks of.

        :raises Untaken, Refusal: if that cannot be done.
        """


@dataclass(frozen=True)
class Told:
    """Something that was said through another system, to be registered. `sender` is compared, never kept."""

    kind: str
    source: str
    text: str
    said_at: datetime
    unit: Unit | None = None
    topic: Topic | None = None
    title: str = ""
    place: str = ""
    source_no: str = ""
    due_at: datetime | None = None
    urgent: bool = False
    complained_unit: Unit | None = None
    name: str = ""
    phone: str = ""
    tell_by: str = ""
    address: str = ""
    sender: str = ""
    rating: int | None = None
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def said(self) -> str:
        return f"{self.sender}\x1f{rules.plain_words(self.text)}" if self.sender else ""

    def take(self, delivery: Delivery, *, now: datetime, by: Officer | None = None) -> Opinion:
        """
        Register what was said.

        :raises Untaken: if its original number is taken by another opinion.
        :raises Refusal: as `register_opinion` does.
        """
        if known := selectors.opinion_by_source_no(self.source, self.source_no):
            detail = _("原编号%(source_no)s已登记为%(no)s。") % {"source_no": self.source_no, "no": known.no}
            raise Untaken(Why.CONFLICT, detail, self.values)
        opinion = opinions.register_opinion(
            uid=_uid_of(delivery),
            kind=self.kind,
            source=self.source,
            source_no=self.source_no,
            topic=self.topic or selectors.topic_of(self.text),
            title=self.title,
            content=self.text,
            place=self.place or (self.unit.name if self.kind == Kind.COMPLAINT and self.unit else ""),
            heard_by=selectors.taker_of(self.kind, unit=self.unit, complained_unit=self.complained_unit),
            heard_at=self.said_at,
            complained_unit=self.complained_unit if self.kind == Kind.COMPLAINT else None,
            urgent=self.urgent,
            limit_at=self.due_at,
            by=by,
            now=now,
        )
        if self.rating is not None:
            rate(delivery, self.rating, self.unit)
        code = code_of(delivery)
        by_text = self.tell_by == TellBy.SMS and bool(self.phone)
        tell_by = TellBy.SMS if by_text else ""
        if self.address:
            tell_by = TellBy.POST if self.tell_by == TellBy.POST else TellBy.MAIL
        opinions.keep_asker(
            opinion,
            code=code,
            name=self.name,
            phone=self.phone,
            address=self.address,
            tell_by=tell_by,
            language="zh-hans",
            now=now,
        )
        if by_text:
            send_receipt(delivery, opinion, way=Way.SMS, address=self.phone, code=code, now=now)
        return opinion


@dataclass(frozen=True)
class Rated:
    """Points for a unit without a word: nothing to answer, so no opinion; they are counted."""

    rating: int
    unit: Unit | None
    said_at: datetime
    sender: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def said(self) -> str:
        return f"{self.sender}\x1f{self.rating}\x1f{self.unit.code if self.unit else ''}" if self.sender else ""

    def take(self, delivery: Delivery, *, now: datetime) -> None:
        if self.said_at > now:
            raise Untaken(Why.INVALID, _("收集时间不能晚于现在。"), self.values)
        rate(delivery, self.rating, self.unit)


def rate(delivery: Delivery, rating: int, unit: Unit | None) -> None:
    """Note the points that an item gives; to no unit in particular means to the bureau."""
    delivery.rating, delivery.rated_unit = rating, unit or bureau()


@dataclass(frozen=True)
class Delivered:
    """What became of an item; `created` is False if the very same was delivered before."""

    delivery: Delivery
    created: bool

    @property
    def opinion(self) -> Opinion | None:
        return self.delivery.opinion

    @property
    def code(self) -> str:
        """The code by which the opinion can be followed, the same for every resend; empty if there is none."""
        return code_of(self.delivery.first or self.delivery) if self.opinion else ""


Parse = Callable[[bytes], Item]


def take_delivery(channel: str, provider_id: str, body: bytes, parse: Parse, *, now: datetime) -> Delivered:
    """
    Take one item that a system delivers, once for each `provider_id`.

    The same body again gets the same answer. Another body under the same id, and whatever `parse` or the item turns
    down or stumbles over, waits in the tray: a delivery is never refused, and never lost. Call it outside a transaction
    for each item of a batch, in the order of the items' own times.
    """
    body_hash = fingerprint(f"{channel}\x1f{provider_id}\x1f{body.hex()}", purpose="channels.delivery")
    with transaction.atomic(), translation.override("zh-hans"):
        one_at_a_time(f"channels.{channel}/{provider_id}")
        seen = Delivery.objects.select_related("opinion", "first").filter(channel=channel, provider_id=provider_id)
        if known := seen.filter(body_hash=body_hash).first():
            Delivery.objects.filter(pk=known.pk).update(times=F("times") + 1)
            return Delivered(known, created=False)
        delivery = Delivery(
            channel=channel,
            provider_id=provider_id,
            body_hash=body_hash,
            received_at=now,
            unit=selectors.desk(),
            first=seen.exclude(why=Why.CONFLICT).first(),
        )
        return Delivered(_settled(delivery, body, parse, now), created=True)


def code_of(delivery: Delivery) -> str:
    """Return the code of what this delivery becomes: the same each time, and unguessable without the server's key."""
    return rules.code_of(bytes.fromhex(fingerprint(delivery.body_hash, purpose="channels.delivery.code")))


def _uid_of(delivery: Delivery) -> UUID:
    return UUID(hex=fingerprint(delivery.body_hash, purpose="channels.delivery.uid")[:32])


def _settled(delivery: Delivery, body: bytes, parse: Parse, now: datetime) -> Delivery:
    """Return the delivery, saved as taken, as the same as another, or as waiting in the tray."""
    values: Mapping[str, str] = {}
    try:
        with transaction.atomic():
            item = parse(body)
            values = item.values
            if delivery.first is not None:
                raise Untaken(Why.CONFLICT, _("同一编号先前收到过不同的内容。"))
            return _taken(delivery, item, now)
    except Untaken as turned_down:
        why, detail = turned_down.why, turned_down.detail
        values = turned_down.values or values
    except Refusal as refusal:
        why, detail = Why.INVALID, refusal.message
    except (OperationalError, InterfaceError):
        # The database is away, which is no fault of the item: whoever sent it is told so and sends it again.
        raise
    except Exception as error:  # noqa: BLE001 - one item that we stumble over must not stop the others
        why, detail = Why.FAILED, type(error).__name__
        place = extract_tb(error.__traceback__)[-1]
        # The error's own words may repeat what somebody said.
        logger.error("%s: %s at %s:%s", delivery.channel, detail, place.filename, place.lineno)
    return _to_tray(delivery, body, why, detail, values)


def _taken(delivery: Delivery, item: Item, now: datetime) -> Delivery:
    delivery.said_at = item.said_at
    if item.said:
        delivery.said_hash = fingerprint(f"{delivery.channel}\x1f{item.said}", purpose="channels.said")
        one_at_a_time(f"channels.said/{delivery.said_hash}")
        if twin := _twin_of(delivery):
            delivery.state, delivery.first, delivery.opinion = State.DUPLICATE, twin, twin.opinion
            delivery.save()
            return delivery
    delivery.state = State.TAKEN
    delivery.save()
    delivery.opinion = item.take(delivery, now=now)
    delivery.save(update_fields=["opinion", "rating", "rated_unit"])
    return delivery


def _twin_of(delivery: Delivery) -> Delivery | None:
    """Return what the same sender said in the same words less than a day before or after."""
    at: Any = delivery.said_at
    near = Delivery.objects.filter(said_hash=delivery.said_hash, said_at__gt=at - SAME_WITHIN)
    taken = near.filter(said_at__lt=at + SAME_WITHIN, state=State.TAKEN)
    return taken.select_related("opinion", "first").order_by("said_at", "pk").first()


def _to_tray(delivery: Delivery, body: bytes, why: Why, detail: str, values: Mapping[str, str]) -> Delivery:
    """Keep the item sealed for the visit office, with what could be read of it and why it was not taken."""
    if delivery.first is not None:
        why = Why.CONFLICT
    delivery.pk = None
    delivery.state, delivery.why, delivery.detail = State.IN_TRAY, why, detail
    delivery.said_hash, delivery.said_at, delivery.opinion = "", None, None
    delivery.rating, delivery.rated_unit = None, None
    content = {"raw": rules.readable(body), "values": dict(values)}
    delivery.content_sealed = seal(json.dumps(content, ensure_ascii=False))
    delivery.save(force_insert=True)
    audit.record("tray", on="delivery", key=delivery.pk, by=None, at=delivery.received_at, detail={"why": why.value})
    return delivery
