"""The verbs of a visit: record it once, one or many in one go, void it with a reason."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID, uuid5

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from zoufang.audit import services as audit
from zoufang.audit.services import Entry
from zoufang.kernel.refusal import Conflict, Invalid, Refusal, StaleState
from zoufang.opinions.models import Topic
from zoufang.opinions.services import Intake, new_opinion, take_in
from zoufang.opinions.vocabulary import ObjectCategory
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit
from zoufang.visits import rules, selectors
from zoufang.visits.models import Visit, VisitEvent
from zoufang.visits.selectors import Known
from zoufang.visits.vocabulary import EventKind, Mode


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
    urgent: bool = False
    complained_unit: Unit | None = None
    complained_officer: Officer | None = None

    @property
    def body(self) -> dict[str, str]:
        """The same as JSON values, for the digest of the visit."""
        # Left out unless it is so: visits of phones that knew nothing of it come again as the same.
        hazard = {"urgent": "1"} if self.urgent else {}
        return hazard | {
            "kind": self.kind,
            "topic": self.topic.code,
            "content": self.content,
            "title": self.title,
            "place": self.place,
            "complained_unit": self.complained_unit.code if self.complained_unit else "",
            "complained_officer": self.complained_officer.username if self.complained_officer else "",
        }


@dataclass(frozen=True, kw_only=True)
class SaidVisit:
    """What an officer says about a visit, before it is recorded."""

    uid: UUID
    unit: Unit
    visited_at: datetime
    mode: str
    object_category: str
    headcount: int
    theme: str
    officers: Collection[Officer]
    place: str = ""
    question: str = ""
    summary: str = ""
    opinions: Sequence[HeardOpinion] = ()

    @cached_property
    def body_hash(self) -> str:
        """The digest of all that is said, by which the same visit is known when it comes again."""
        return rules.digest(
            {
                "unit": self.unit.code,
                "visited_at": self.visited_at.timestamp(),
                "mode": str(self.mode),
                "object_category": str(self.object_category),
                "headcount": str(self.headcount),
                "theme": str(self.theme),
                "place": self.place,
                "question": self.question,
                "summary": self.summary,
                "officers": sorted(officer.username for officer in self.officers),
                "opinions": [opinion.body for opinion in self.opinions],
            }
        )


# What becomes of a visit that is to be recorded: is it new, or why is it not recorded.
Recorded = bool | Refusal


def record_visit(*, by: Officer, now: datetime, **said: Any) -> tuple[Visit, bool]:
    """
    Record a visit with the opinions heard at it, once, however often it is sent: return it and whether it is new.

    What is said is that of `SaidVisit`; how it is recorded, and what may be raised, is said by `record_visits`.
    """
    (recorded,) = record_visits([SaidVisit(**said)], by=by, now=now)
    if isinstance(recorded, Refusal):
        raise recorded
    return Visit.objects.get(uid=said["uid"]), recorded


@transaction.atomic
def record_visits(said: Sequence[SaidVisit], *, by: Officer, now: datetime) -> list[Recorded]:
    """
    Record visits with the opinions heard at them, each once, however often it is sent. Return what became of each.

    A resend of the same body by the same sender changes nothing and answers with the first record, whatever
    has become of the sender's duties since. Of two senders at once, one writes and the other reads. A visit that is
    refused is answered by the refusal, and the others are recorded:

    - `Conflict`: the sender used this `uid` for another body;
    - `SomebodyElses`: another sender used it;
    - `NotAllowed`: `by` may not record visits of the unit, or register what was heard there;
    - `Invalid`: it took place in the future, or nobody of the unit was there.
    """
    known = selectors.known_visits(visit.uid for visit in said)
    while True:
        recorded, new = _settled(said, known, by=by, now=now)
        try:
            with transaction.atomic():
                pks = _save(new, by=by, now=now)
        except IntegrityError:
            # The same visit came twice at once. The other one has been committed by the time we are told.
            before, known = known, selectors.known_visits(visit.uid for visit in said)
            if known.keys() == before.keys():
                raise
        else:
            break
    _keep(pks, new, by=by, now=now)
    return recorded


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


# A visit that is new and not saved yet, and the opinions to be registered with it.
New = tuple[SaidVisit, list[Intake]]


def _settled(
    said: Sequence[SaidVisit], known: Mapping[UUID, Known], *, by: Officer, now: datetime
) -> tuple[list[Recorded], list[New]]:
    """Return what becomes of each visit, and those that are new; of two alike among them, the first is."""
    recorded, new = list[Recorded](), dict[UUID, New]()
    near = selectors.officers_in_service({officer.pk for one in said for officer in one.officers})
    for one in said:
        try:
            if one.uid in known:
                _require_the_same(known[one.uid], one, by)
            elif one.uid in new:
                _require_the_same(Known(by.pk, new[one.uid][0].body_hash), one, by)
            else:
                access.require(by, Do.RECORD_VISIT, one.unit)
                _check(one, near, now)
                new[one.uid] = one, _heard_at(one, by=by, now=now) if one.opinions else []
                recorded.append(True)
                continue
            recorded.append(False)
        except Refusal as refusal:
            recorded.append(refusal)
    return recorded, list(new.values())


def _require_the_same(known: Known, said: SaidVisit, by: Officer) -> None:
    """
    Let a visit pass that is recorded already under its `uid`, if it is this sender's and says the same.

    :raises Conflict: if it says something else.
    :raises SomebodyElses: if it is another sender's.
    """
    if known.recorded_by != by.pk:
        raise SomebodyElses
    if known.body_hash != said.body_hash:
        raise Conflict


def _check(said: SaidVisit, in_service: Mapping[int, Officer], now: datetime) -> None:
    if said.visited_at > now + rules.CLOCK_SKEW:
        raise Invalid(_("走访时间不能晚于现在。"))
    if not said.officers:
        raise Invalid(_("至少选择一名走访民警。"))
    there = (in_service.get(officer.pk) for officer in said.officers)
    if not all(officer is not None and selectors.may_visit_for(said.unit, officer) for officer in there):
        raise Invalid(_("走访民警应当属于走访单位或其上下级单位。"))


def _heard_at(said: SaidVisit, *, by: Officer, now: datetime) -> list[Intake]:
    source = rules.source_of(Mode(said.mode), ObjectCategory(said.object_category))
    return [
        new_opinion(
            kind=opinion.kind,
            source=source,
            topic=opinion.topic,
            title=opinion.title,
            content=opinion.content,
            # Where it was heard, unless it is about another place.
            place=opinion.place or said.place,
            object_category=said.object_category,
            heard_by=said.unit,
            # A phone's clock may be a little ahead; what was heard was heard by now.
            heard_at=min(said.visited_at, now),
            urgent=opinion.urgent,
            complained_unit=opinion.complained_unit,
            complained_officer=opinion.complained_officer,
            uid=uuid5(said.uid, f"opinion-{position}"),
            by=by,
            now=now,
        )
        for position, opinion in enumerate(said.opinions)
    ]


# COPY and not objects: in an import most of the time would be spent on making them. The rows are made while it runs, so
# that the database takes in the first when the last is not digested yet.
_PKS = "SELECT nextval(pg_get_serial_sequence('visits_visit', 'id')) FROM generate_series(1, %s)"
_VISITS = """
COPY visits_visit (id, uid, body_hash, unit_id, visited_at, mode, object_category, headcount, theme, place, question,
    summary, opinion_count, recorded_by_id, recorded_at, void_reason) FROM STDIN
"""
_OFFICERS = "COPY visits_visit_officers (visit_id, officer_id) FROM STDIN"
_EVENTS = "COPY visits_visitevent (visit_id, kind, by_id, at, note) FROM STDIN"


def _save(new: Sequence[New], *, by: Officer, now: datetime) -> list[int]:
    """Save new visits; return their primary keys."""
    with connection.cursor() as cursor:
        cursor.execute(_PKS, [len(new)])
        pks = [pk for (pk,) in cursor.fetchall()]
    rows = (
        (
            pk, said.uid, said.body_hash, said.unit.pk, said.visited_at, str(said.mode), str(said.object_category),
            said.headcount, str(said.theme), said.place, said.question, said.summary, _credited(said, intakes), by.pk, now, "",
        )
        for pk, (said, intakes) in zip(pks, new, strict=True)
    )  # fmt: skip
    _copy(_VISITS, rows)
    return pks


def _credited(said: SaidVisit, intakes: Sequence[Intake]) -> int:
    """Return how many opinions the visit is credited with: a complaint about its own unit is not known there at all."""
    about = [intake.opinion.complained_unit for intake in intakes]
    return sum(unit is None or not unit.covers(said.unit) for unit in about)


def _keep(pks: Sequence[int], new: Sequence[New], *, by: Officer, now: datetime) -> None:
    """Write what belongs to visits that were saved: opinions, who was there, event and audit record."""
    if not new:
        return
    take_in([intake for _said, intakes in new for intake in intakes], by=by, now=now)
    numbered = list(zip(pks, new, strict=True))
    _copy(
        _OFFICERS,
        (
            (pk, officer)
            for pk, (said, _intakes) in numbered
            for officer in dict.fromkeys(officer.pk for officer in said.officers)
        ),
    )
    _copy(_EVENTS, ((pk, str(EventKind.RECORDED), by.pk, now, "") for pk in pks))
    heard = Visit.opinions.through
    heard.objects.bulk_create(
        heard(visit_id=pk, opinion_id=intake.opinion.pk) for pk, (_said, intakes) in numbered for intake in intakes
    )
    entries = [
        Entry("record", on="visit", key=said.uid, detail={"unit": said.unit.code, "opinions": len(said.opinions)})
        for said, _intakes in new
    ]
    audit.record_all(entries, by=by, at=now)


def _copy(statement: str, rows: Iterable[Sequence[Any]]) -> None:
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
