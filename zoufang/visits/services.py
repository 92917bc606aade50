"""The verbs of a visit: record it once, void it with a reason."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zoufang.audit import services as audit
from zoufang.kernel.refusal import Conflict, Invalid, Refusal, StaleState
from zoufang.opinions.models import Opinion, Topic
from zoufang.opinions.services import register_opinion
from zoufang.opinions.vocabulary import ObjectCategory
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit
from zoufang.visits import rules, selectors
from zoufang.visits.models import Visit, VisitEvent
from zoufang.visits.vocabulary import EventKind, Mode, Theme


class SomebodyElses(Refusal):
    """The identifier belongs to a record of another sender, of whom nothing may be known."""

    status: ClassVar[int] = 404

    @classmethod
    def default_message(cls) -> str:
        return _("没有找到这条记录。")


@dataclass(frozen=True)
class HeardOpinion:
    """What was heard at a visit, before it is registered as an opinion."""

    kind: str
    topic: Topic
    content: str
    title: str = ""
    place: str = ""
    complained_unit: Unit | None = None
    complained_officer: Officer | None = None

    @property
    def body(self) -> dict[str, str]:
        """The same as JSON values, for the digest of the visit."""
        return {
            "kind": self.kind,
            "topic": self.topic.code,
            "content": self.content,
            "title": self.title,
            "place": self.place,
            "complained_unit": self.complained_unit.code if self.complained_unit else "",
            "complained_officer": self.complained_officer.username if self.complained_officer else "",
        }


@transaction.atomic
def record_visit(
    *,
    uid: UUID,
    unit: Unit,
    visited_at: datetime,
    mode: str,
    object_category: str,
    headcount: int,
    theme: str,
    officers: Collection[Officer],
    by: Officer,
    now: datetime,
    place: str = "",
    question: str = "",
    summary: str = "",
    opinions: Sequence[HeardOpinion] = (),
) -> tuple[Visit, bool]:
    """
    Record a visit with the opinions heard at it, once, however often it is sent: return it and whether it is new.

    A resend of the same body by the same sender changes nothing and answers with the first record, whatever
    has become of the sender's duties since. Of two senders at once, one writes and the other reads.

    :raises Conflict: if the sender used this `uid` for another body.
    :raises SomebodyElses: if another sender used it.
    :raises NotAllowed: if `by` may not record visits of `unit`.
    :raises Invalid: if it took place in the future, or nobody of the unit was there.
    """
    facts = {
        "visited_at": visited_at,
        "mode": Mode(mode),
        "object_category": ObjectCategory(object_category),
        "headcount": headcount,
        "theme": Theme(theme),
        "place": place,
        "question": question,
        "summary": summary,
    }
    body_hash = rules.digest(
        {name: str(value) for name, value in facts.items() if name != "visited_at"}
        | {
            "unit": unit.code,
            "visited_at": visited_at.timestamp(),
            "officers": sorted(officer.username for officer in officers),
            "opinions": [opinion.body for opinion in opinions],
        }
    )
    if (known := _known(uid, body_hash, by)) is not None:
        return known, False
    access.require(by, Do.RECORD_VISIT, unit)
    _check(visited_at=visited_at, unit=unit, officers=officers, now=now)
    try:
        with transaction.atomic():
            visit = Visit.objects.create(
                uid=uid,
                body_hash=body_hash,
                unit=unit,
                recorded_by=by,
                recorded_at=now,
                opinion_count=len(opinions),
                **facts,
            )
    except IntegrityError:
        # The same visit came twice at once. The other one has been committed by the time we are told.
        if (known := _known(uid, body_hash, by)) is None:
            raise
        return known, False
    visit.officers.add(*officers)
    visit.opinions.add(*_register(visit, opinions, by=by, now=now))
    VisitEvent.objects.create(visit=visit, kind=EventKind.RECORDED, by=by, at=now)
    audit.record("record", on="visit", key=uid, by=by, at=now, detail={"unit": unit.code, "opinions": len(opinions)})
    return visit, True


@transaction.atomic
def void_visit(visit: Visit, *, reason: str, by: Officer, now: datetime) -> None:
    """
    Take a visit out of every count, and keep it with the reason.

    The opinions heard at it stay as they are: each was promised an answer of its own.

    :raises NotAllowed: if `by` may not void visits of the unit.
    :raises Invalid: if no reason is given.
    :raises StaleState: if it has been voided already.
    """
    access.require(by, Do.VOID_VISIT, visit.unit)
    reason = reason.strip()
    if not reason:
        raise Invalid(_("请写明作废原因。"))
    # The WHERE clause is the lock: of two people acting at once, one updates no row.
    standing = Visit.objects.filter(pk=visit.pk, voided_at=None)
    if not standing.update(voided_at=now, voided_by=by, void_reason=reason):
        raise StaleState(_("这条走访已经作废。"))
    visit.voided_at, visit.voided_by, visit.void_reason = now, by, reason
    VisitEvent.objects.create(visit=visit, kind=EventKind.VOIDED, by=by, at=now, note=reason)
    audit.record("void", on="visit", key=visit.uid, by=by, at=now, detail={"reason": reason})


def _known(uid: UUID, body_hash: str, by: Officer) -> Visit | None:
    """
    Return the visit of this `uid` if it is this sender's and says the same.

    :raises Conflict: if it says something else.
    :raises SomebodyElses: if it is another sender's.
    """
    known = Visit.objects.filter(uid=uid).first()
    if known is None:
        return None
    if known.recorded_by_id != by.pk:
        raise SomebodyElses
    if known.body_hash != body_hash:
        raise Conflict
    return known


def _check(*, visited_at: datetime, unit: Unit, officers: Collection[Officer], now: datetime) -> None:
    if visited_at > now + rules.CLOCK_SKEW:
        raise Invalid(_("走访时间不能晚于现在。"))
    if not officers:
        raise Invalid(_("至少选择一名走访民警。"))
    near = selectors.officers_who_may_visit_for(unit).filter(pk__in=[officer.pk for officer in officers])
    if near.count() != len(set(officers)):
        raise Invalid(_("走访民警应当属于走访单位或其上下级单位。"))


def _register(visit: Visit, heard: Sequence[HeardOpinion], *, by: Officer, now: datetime) -> list[Opinion]:
    source = rules.source_of(Mode(visit.mode), ObjectCategory(visit.object_category))
    return [
        register_opinion(
            kind=opinion.kind,
            source=source,
            topic=opinion.topic,
            title=opinion.title,
            content=opinion.content,
            # Where it was heard, unless it is about another place.
            place=opinion.place or visit.place,
            object_category=visit.object_category,
            heard_by=visit.unit,
            # A phone's clock may be a little ahead; what was heard was heard by now.
            heard_at=min(visit.visited_at, now),
            complained_unit=opinion.complained_unit,
            complained_officer=opinion.complained_officer,
            uid=uuid5(visit.uid, f"opinion-{position}"),
            by=by,
            now=now,
        )
        for position, opinion in enumerate(heard)
    ]
