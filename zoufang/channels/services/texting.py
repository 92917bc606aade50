"""Short messages: put long ones together, look up and rate by message, answer the sender, take in delivery reports."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from zoufang.channels import rules, selectors
from zoufang.channels.models import Delivery, TextPart
from zoufang.channels.services.delivering import Item, Parse, Untaken, take_delivery
from zoufang.channels.services.hearing import follow, may_try, one_at_a_time
from zoufang.channels.services.telling import answer
from zoufang.channels.vocabulary import Channel, State, Why
from zoufang.kernel.refusal import Refusal
from zoufang.notifications.services import note_delivered
from zoufang.notifications.vocabulary import Way
from zoufang.opinions import services as opinions
from zoufang.opinions.models import Asker, Opinion
from zoufang.privacy.sealing import fingerprint, seal, unseal

# A long message whose parts have not all come after this long goes to the tray as it is.
PARTS_WAIT = timedelta(hours=1)
# What is left of parts is deleted after this, whatever became of the message.
PARTS_KEPT = timedelta(days=30)
# From so many points on the answer counts as having solved the matter: there is one digit for both questions.
SOLVED_FROM = 3
# A text message costs by its length; a long answer is read on the page.
LONGEST_ANSWER = 300


@dataclass(frozen=True)
class Part:
    """Which part of which message a call brought; `ref` is the gateway's number of the whole."""

    id: str
    ref: str
    no: int
    of: int


@dataclass(frozen=True)
class Report:
    """What the gateway says became of a message of ours, by our own key."""

    key: str
    delivered: bool
    why: str
    at: datetime | None


@dataclass(frozen=True)
class PartTaken:
    """What became of a part: the whole that it completed or belongs to, if that is there; was it here before?"""

    whole: Delivery | None
    repeated: bool


@transaction.atomic
def take_part(part: Part, body: bytes, parse: Parse, *, now: datetime) -> PartTaken:
    """
    Keep one part of a long message, in any order and however often it comes, and take the whole when all are here.

    A part that contradicts the others, or comes after somebody settled what there was of them, waits in the tray by
    itself. One that comes while the rest wait there completes them.
    """
    one_at_a_time(f"channels.text/{part.ref}")
    known = Delivery.objects.filter(channel=Channel.SMS, provider_id__in=[part.ref, _unfinished(part.ref)])
    whole = known.order_by("pk").last()
    kept = list(TextPart.objects.filter(ref=part.ref))
    body_hash = fingerprint(body.hex(), purpose="channels.part")
    if any(one.no == part.no and one.body_hash == body_hash for one in kept):
        return PartTaken(whole, repeated=True)
    settled = whole is not None and whole.state != State.IN_TRAY
    if settled or any(one.no == part.no or one.of != part.of for one in kept):
        return PartTaken(take_delivery(Channel.SMS, part.id, body, _stray, now=now).delivery, repeated=False)
    facts = {"body_sealed": seal(rules.readable(body)), "body_hash": body_hash, "received_at": now}
    kept.append(TextPart.objects.create(ref=part.ref, no=part.no, of=part.of, **facts))
    if len(kept) < part.of:
        return PartTaken(whole, repeated=False)
    return PartTaken(_put_together(part.ref, kept, whole, parse, now), repeated=False)


def take_incomplete(*, now: datetime) -> int:
    """Put messages into the tray whose parts did not all come in time; return how many. Old parts are deleted."""
    TextPart.objects.filter(received_at__lt=now - PARTS_KEPT).delete()
    done = 0
    for ref in selectors.texts_with_parts_missing(before=now - PARTS_WAIT):
        with transaction.atomic():
            one_at_a_time(f"channels.text/{ref}")
            kept = list(TextPart.objects.filter(ref=ref).exclude(body_sealed=b""))
            if kept and len(kept) < kept[0].of:
                taken = take_delivery(Channel.SMS, _unfinished(ref), _whole(kept), _incomplete, now=now)
                done += taken.created
    return done


@dataclass(frozen=True)
class AskByText:
    """Somebody asks how an opinion stands: number and code, as on the page. The answer goes to their own number."""

    no: str
    code: str
    sender: str
    said_at: datetime
    said: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def take(self, delivery: Delivery, *, now: datetime) -> Opinion | None:
        found = follow(no=self.no, code=self.code, place=f"sms/{self.sender}", now=now)
        if found.asker is None:
            if not found.wait:
                answer(delivery, self.sender, _("编号和查询码对不上，请对照回执检查后再发。"), now=now)
            return None
        answer(delivery, self.sender, _standing(found.asker, now), about=found.asker.opinion, now=now)
        return found.asker.opinion


@dataclass(frozen=True)
class RateByText:
    """Somebody rates the answer with one digit; it counts only from the number that the opinion came from."""

    no: str
    points: int
    sender: str
    said_at: datetime
    said: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def take(self, delivery: Delivery, *, now: datetime) -> Opinion | None:
        if not may_try(f"sms/{self.sender}", now=now):
            return None
        asker = _asker_with(self.no, self.sender)
        if asker is None:
            told = _("没有找到您可以评价的意见。请核对编号，并用反映时的手机发送。")
            answer(delivery, self.sender, told, now=now)
            return None
        try:
            with transaction.atomic():
                opinions.rate_answer(
                    asker.opinion,
                    asker=asker,
                    solved=self.points >= SOLVED_FROM,
                    satisfaction=self.points,
                    now=now,
                )
            told = _("已收到您对 %(no)s 的评价：%(points)d 分。谢谢。")
            if self.points < SOLVED_FROM:
                told = _("已收到您对 %(no)s 的评价：%(points)d 分，按没有解决记录。如要再办，请在查询页申请。")
            told %= {"no": self.no, "points": self.points}
        except Refusal as refusal:
            told = refusal.message
        answer(delivery, self.sender, told, about=asker.opinion, now=now)
        return asker.opinion


def note_report(report: Report, *, now: datetime) -> bool:
    """Take in what the gateway says became of a message of ours; is it one of ours?"""
    at = min(report.at or now, now)
    return note_delivered(way=Way.SMS, key=report.key, delivered=report.delivered, why=report.why, at=at)


def _asker_with(no: str, number: str) -> Asker | None:
    """Return who said this opinion from this number. The opinion is known by its own number; no one is looked for."""
    found = None
    for asker in Asker.objects.filter(opinion__no=no).select_related("opinion"):
        kept = unseal(bytes(asker.phone_sealed)) if asker.phone_sealed else ""
        if number and constant_time_compare(_national(kept), _national(number)):
            found = asker
    return found


def _national(number: str) -> str:
    digits = "".join(filter(str.isdigit, number))
    return digits[-11:]


def _standing(asker: Asker, now: datetime) -> str:
    shown = selectors.standing(asker, now=now)
    facts = {"no": shown.opinion.no, "words": shown.words, "day": shown.last_day.isoformat()}
    if shown.is_answered:
        reply = shown.reply if len(shown.reply) <= LONGEST_ANSWER else f"{shown.reply[:LONGEST_ANSWER]}…"
        return _("%(no)s %(words)s：%(reply)s") % {**facts, "reply": reply}
    return _("%(no)s %(words)s，最晚 %(day)s 答复。") % facts


def _unfinished(ref: str) -> str:
    """Return the id under which what there is of a message waits in the tray."""
    return f"{ref}#parts"


def _put_together(
    ref: str, parts: Sequence[TextPart], unfinished: Delivery | None, parse: Parse, now: datetime
) -> Delivery:
    taken = take_delivery(Channel.SMS, ref, _whole(parts), parse, now=now).delivery
    # The digests stay for a while, so that a repeated part is known.
    TextPart.objects.filter(ref=ref).update(body_sealed=b"")
    if unfinished is not None:
        # It is complete after all: nobody need look at what there was of it.
        Delivery.objects.filter(pk=unfinished.pk, state=State.IN_TRAY).update(
            state=State.DUPLICATE, first=taken, opinion=taken.opinion, settled_at=now
        )
    return taken


def _whole(parts: Sequence[TextPart]) -> bytes:
    """Return the body of the whole message; of a part that is missing it says so."""
    bodies = {one.no: json.loads(unseal(bytes(one.body_sealed))) for one in parts}
    first: dict[str, Any] = bodies[min(bodies)]
    missing = "［缺第 %d 段］"
    texts = [str(bodies[no].get("text") or "") if no in bodies else missing % no for no in range(1, parts[0].of + 1)]
    return json.dumps(first | {"text": "".join(texts)}, ensure_ascii=False, sort_keys=True).encode()


def _incomplete(body: bytes) -> Item:
    said = json.loads(body)
    values = {"content": rules.tidy(said["text"]), "phone": str(said.get("from") or ""), "tell_by": "SMS"}
    values["said_at"] = str(said.get("at") or "")
    raise Untaken(Why.INCOMPLETE, _("一小时内没有收齐。后面的分段来了，会自动补上。"), values)


def _stray(_body: bytes) -> Item:
    raise Untaken(Why.INCOMPLETE, _("这一段和先前收到的分段对不上，或者其余分段已经人工处理。"))
