"""Named reads of the public door. A citizen is known by number and code alone, and reads one opinion: their own."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet
from django.utils.crypto import constant_time_compare
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from zoufang.channels import digits, rules
from zoufang.channels.models import Delivery, Intake, TextPart
from zoufang.channels.vocabulary import State
from zoufang.kernel.clock import local_day
from zoufang.notifications.senders import citizen_senders
from zoufang.opinions import workflow
from zoufang.opinions.loading import topic_vocabulary
from zoufang.opinions.models import Asker, Opinion, OpinionEvent, Outcome, Rating, Referral, Topic
from zoufang.opinions.rules import suggest_topic
from zoufang.opinions.selectors import (
    FALLBACK_TOPIC,
    complaint_desk,
    current_referral,
    opinions_seen_by,
    outcome_of,
    told_reply,
)
from zoufang.opinions.selectors import desk as opinions_desk
from zoufang.opinions.vocabulary import Kind, OutcomeKind, TellBy
from zoufang.opinions.workflow import Status, Step
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit, UnitQuerySet
from zoufang.privacy.sealing import fingerprint
from zoufang.ui.when import due_day

# How far back the counters of the tray look.
LATELY = timedelta(days=30)


def code_for(uid: UUID) -> str:
    """Return the code of what was sent under `uid`: the same for a resend, and unguessable without the server's key."""
    return rules.code_of(bytes.fromhex(fingerprint(str(uid), purpose="channels.code")))


def kept_uid(uid: UUID) -> UUID:
    """
    Return the uid to keep. The sender's own is as good as the code, so what the database keeps is derived from it.
    """
    return UUID(hex=fingerprint(str(uid), purpose="channels.uid")[:32])


def intake_of(uid: UUID) -> Intake | None:
    """Return what came in under the sender's `uid` before."""
    return Intake.objects.select_related("opinion__heard_by").filter(opinion__uid=kept_uid(uid)).first()


def desk() -> Unit:
    """Return who takes what names no unit."""
    return opinions_desk()


def desk_for_complaint(complained: Unit | None) -> Unit:
    """Return who takes a citizen's complaint: the desk, unless the complaint is about the desk itself."""
    return complaint_desk(complained)


def taker_of(kind: str, *, unit: Unit | None, complained_unit: Unit | None) -> Unit:
    """
    Return who takes what was said for `unit`; without one, the desk.

    A complaint is taken by the visit office whatever place was chosen, so that it does not pass through the hands
    of those it may be about.
    """
    return desk_for_complaint(complained_unit) if kind == Kind.COMPLAINT else unit or desk()


def topic_of(text: str) -> Topic:
    """
    Return the topic that the words of `text` point to.

    :raises Topic.DoesNotExist: before topics are loaded.
    """
    code = suggest_topic(text, topic_vocabulary(), otherwise=FALLBACK_TOPIC)
    second = Topic.objects.exclude(parent=None)
    return second.filter(code=code).first() or second.filter(code=FALLBACK_TOPIC).first() or second[:1].get()


def deliveries_seen_by(viewer: Officer) -> QuerySet[Delivery]:
    """
    Return what other systems delivered, as far as it is the viewer's to look after, the newest first.

    What became a complaint that the viewer may not know of has not been delivered, as far as they can see.
    """
    reach = access.within_reach(viewer, Do.SETTLE_DELIVERY, "unit__path")
    known = Q(opinion=None) | Q(opinion__in=opinions_seen_by(viewer))
    return Delivery.objects.filter(reach & known).select_related("opinion", "first__opinion", "unit", "settled_by")


@dataclass(frozen=True)
class Counted:
    """What became of the items of the last thirty days, and what waits, however long."""

    taken: int
    duplicates: int
    discarded: int
    in_tray: int
    oldest_at: datetime | None


def counted(deliveries: QuerySet[Delivery], *, now: datetime) -> Counted:
    """Count `deliveries` by what became of them."""
    lately = Q(received_at__gt=now - LATELY)
    found = deliveries.order_by().aggregate(
        taken=Count("pk", filter=lately & Q(state=State.TAKEN)),
        duplicates=Count("pk", filter=lately & Q(state=State.DUPLICATE)),
        discarded=Count("pk", filter=lately & Q(state=State.DISCARDED)),
        in_tray=Count("pk", filter=Q(state=State.IN_TRAY)),
        oldest_at=Min("received_at", filter=Q(state=State.IN_TRAY)),
    )
    return Counted(**found)


def texts_with_parts_missing(*, before: datetime) -> list[str]:
    """Return the numbers of the messages of which some parts came before that moment, and not all have come."""
    waiting = TextPart.objects.exclude(body_sealed=b"").order_by().values("ref")
    late = waiting.annotate(first_at=Min("received_at")).filter(first_at__lt=before)
    return sorted(late.values_list("ref", flat=True))


def opinion_by_source_no(source: str, source_no: str) -> Opinion | None:
    """Return what was registered under the original number that a source gave it."""
    return Opinion.objects.filter(source=source, source_no=source_no).first() if source_no else None


@dataclass(frozen=True)
class Told:
    """How a transferred opinion stands, as its sender may tell whoever brought it there."""

    opinion: Opinion
    unit: Unit
    reply: str
    told_at: datetime | None
    closed_at: datetime | None

    @property
    def status(self) -> str:
        return rules.STAGES[rules.STAGE_OF[Status(self.opinion.status)]][0]

    @property
    def words(self) -> str:
        return str(rules.STATUS_WORDS[Status(self.opinion.status)])


def told_of(opinion: Opinion) -> Told:
    """Return what the sender of a transfer is told: an answer only once the citizen has it."""
    referral, reply = current_referral(opinion), told_reply(opinion)
    return Told(
        opinion=opinion,
        unit=opinion.responsible_unit or opinion.heard_by,
        reply=reply.text if reply else "",
        told_at=reply.told_at if reply else None,
        closed_at=referral.closed_at if referral else None,
    )


def open_units() -> UnitQuerySet:
    return Unit.objects.filter(valid_to=None)


def places(*, also: Collection[int] = ()) -> UnitQuerySet:
    """Return the places a citizen may speak to: police stations and police rooms, and the units of these keys."""
    return open_units().filter(Q(kind__in=[Unit.Kind.STATION, Unit.Kind.POLICE_ROOM]) | Q(pk__in=also))


def units_people_know() -> UnitQuerySet:
    """Return the units that a complaint may be about, without the inner parts of a station."""
    whole = Q(kind__in=[Unit.Kind.COUNTY_BUREAU, Unit.Kind.STATION, Unit.Kind.DETACHMENT, Unit.Kind.POLICE_ROOM])
    county = Q(kind=Unit.Kind.BRIGADE, parent__kind=Unit.Kind.COUNTY_BUREAU)
    return open_units().filter(whole | county | Q(kind=Unit.Kind.OFFICE, parent__kind=Unit.Kind.BUREAU))


def ways_offered() -> frozenset[TellBy]:
    """Return how a citizen may ask to be told: what people do, and what goes by a machine that is set up."""
    by_machine = {TellBy(way.value) for way in citizen_senders()}
    return frozenset({TellBy.PAGE, TellBy.PHONE, TellBy.LETTER} | by_machine)


def asker_by_code(code: str) -> Asker | None:
    return _askers().filter(code_hash=fingerprint(code)).first()


def asker_by(*, no: str, code: str) -> Asker | None:
    """
    Return who holds this code and the number of the opinion, or of the sheet of paper that it was written on.

    The work is the same for every wrong pair.
    """
    asker = asker_by_code(rules.plain_code(code))
    sheet = getattr(asker.opinion, "paper_sheet", None) if asker else None
    right = constant_time_compare(asker.opinion.no if asker else "", rules.plain_no(no))
    on_paper = constant_time_compare(sheet.code if sheet else " ", digits.plain(no))
    return asker if right or on_paper else None


def asker_by_pk(pk: int) -> Asker | None:
    return _askers().filter(pk=pk).first()


@dataclass(frozen=True)
class Happened:
    """One line of the history in public words."""

    at: datetime
    text: str


@dataclass(frozen=True)
class Standing:
    """
    How an opinion stands, in the words and within the bounds of what its asker may know.

    `first_day` is the last day as it was promised at first, if that was moved; `asked`, what the asker is asked for.
    """

    opinion: Opinion
    stage: int
    words: str
    unit: Unit
    last_day: date
    days_late: int
    history: list[Happened]
    reply: str
    told_at: datetime | None
    reply_is_old: bool
    outcome: str
    rating: Rating | None
    may_rate: bool
    may_ask_again: bool
    asked_again: bool
    first_day: date | None
    asked: str
    asked_until: date | None

    @property
    def stage_code(self) -> str:
        return rules.STAGES[self.stage][0]

    @property
    def refer_day(self) -> date | None:
        """The last day for deciding who answers; None once that is decided."""
        due_at = self.opinion.step_due_at
        return due_day(due_at) if self.stage == 0 and due_at is not None else None

    @property
    def is_answered(self) -> bool:
        return self.told_at is not None and not self.reply_is_old


def standing(asker: Asker, *, now: datetime) -> Standing:
    """
    Return how the asker's opinion stands at `now`.

    A joined opinion stands as the one that carries its work; number, words and promise stay the asker's own, and
    nothing of what somebody else said is told.
    """
    opinion, main = asker.opinion, asker.opinion.main
    status = Status(main.status)
    referral, reply = current_referral(main), told_reply(main)
    answered = status in (Status.ANSWERED, Status.CLOSED)
    told_at = reply.told_at if reply else None
    steps = workflow.steps_from(status, needs_rectification=main.needs_rectification)
    rating = Rating.objects.filter(referral=referral, asker=asker).first() if referral else None
    history = list(main.events.all())
    last_day = due_day(opinion.due_at)
    pause = referral.pauses.filter(ended_at=None).first() if referral and opinion.paused_at else None
    done_at = told_at if answered and told_at else now
    return Standing(
        opinion=opinion,
        stage=rules.STAGE_OF[status],
        words=_words(opinion, status, history),
        unit=main.in_charge,
        last_day=last_day,
        days_late=max(1, (local_day(done_at) - last_day).days) if done_at >= opinion.due_at else 0,
        history=_history(opinion),
        reply=reply.text if reply else "",
        told_at=told_at,
        reply_is_old=reply is not None and not answered,
        outcome=_ended(outcome_of(main)) if answered else "",
        rating=rating,
        may_rate=Step.RATE in steps and referral is not None and rating is None,
        may_ask_again=Step.ASK_AGAIN in steps and not asked_again(main),
        asked_again=main.asked_again_at is not None,
        first_day=due_day(opinion.first_due_at) if opinion.first_due_at else None,
        asked=pause.asked if pause else "",
        asked_until=due_day(pause.until) if pause else None,
    )


def asked_again(opinion: Opinion) -> bool:
    """Was it asked for already that this answer be looked into once more?"""
    last = opinion.events.filter(step__in=[Step.ASK_AGAIN, Step.REOPEN]).order_by("pk").last()
    return last is not None and last.step == Step.ASK_AGAIN


def _askers() -> QuerySet[Asker]:
    near = ("heard_by", "responsible_unit", "paper_sheet", "joined_to__heard_by", "joined_to__responsible_unit")
    return Asker.objects.select_related(*(f"opinion__{each}" for each in near))


def _words(opinion: Opinion, status: Status, history: list[OpinionEvent]) -> str:
    if opinion.paused_at is not None:
        return _("等您补充情况，补充后继续办理")
    if status is Status.REGISTERED and any(event.step == Step.REOPEN for event in history):
        return _("正在重新办理，先确定由哪个单位办理")
    return str(rules.STATUS_WORDS[status])


def _history(opinion: Opinion) -> list[Happened]:
    """Tell what happened with the opinion until it was joined, and from then on what happened with the main one."""
    main, own = opinion.main, [event for event in opinion.events.all() if not _tells_of_another(event)]
    if opinion.joined_at is None:
        return _told(own, list(opinion.referrals.select_related("unit")))
    since = [each for each in main.events.exclude(step__in=[Step.JOIN, Step.UNJOIN]) if each.at >= opinion.joined_at]
    until = [event for event in own if event.at <= opinion.joined_at]
    return [
        *_told(until, list(opinion.referrals.filter(follows=None).select_related("unit"))),
        *_told(since, list(main.referrals.select_related("unit"))),
    ]


def _tells_of_another(event: OpinionEvent) -> bool:
    """Does the event tell that another opinion was joined to this one, or parted from it? That is not the asker's."""
    return event.step in (Step.JOIN, Step.UNJOIN) and Status.JOINED not in (event.was, event.becomes)


def _ended(outcome: Outcome | None) -> str:
    """Return how it ended in public words; nothing where that was not said."""
    if outcome is None:
        return ""
    words = str(rules.OUTCOME_WORDS[OutcomeKind(outcome.kind)])
    day = date_format(outcome.review_on, "DATE_FORMAT") if outcome.review_on else ""
    return words % {"day": day, "turn_to": outcome.turn_to}


def _told(events: list[OpinionEvent], referrals: list[Referral]) -> list[Happened]:
    """Put the events into public words: the unit is the one that was answering then, whoever took the step."""
    told = []
    for event in events:
        words = rules.EVENT_WORDS.get(Step(event.step))
        if words is None:
            continue
        answering = [referral.unit.label for referral in referrals if referral.referred_at <= event.at]
        told.append(
            Happened(event.at, str(words) % {"unit": answering[-1] if answering else pgettext("sentence", "承办单位")})
        )
    return told
