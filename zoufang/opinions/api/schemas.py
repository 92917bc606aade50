"""What programs send and are answered about opinions."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field

from zoufang.opinions import selectors, services
from zoufang.opinions.clocks import Clock, Shift
from zoufang.opinions.loading import measure_rules
from zoufang.opinions.measures import Finding, check_measure
from zoufang.opinions.models import CoHandling, Opinion, Rectification
from zoufang.opinions.vocabulary import Kind, Source
from zoufang.organization.days import Day
from zoufang.ui.api import Text


class OpinionIn(Schema):
    """
    An opinion that was heard. With a `uid` of the caller's making it may be sent again, unchanged, until it is answered.
    """

    uid: UUID | None = None
    kind: Text = Kind.OPINION.value
    source: Text = Source.LETTER_CALL.value
    source_no: Text | None = Field(None, description="Number at the source: it stands for one opinion only.")
    topic: Text = Field(description='A second-level code such as "B2".')
    content: Text
    place: Text | None = None
    object_category: Text | None = None
    heard_by: Text | None = Field(None, description="Unit code; the sender's own unit if left out.")
    heard_at: AwareDatetime
    complained_unit: Text | None = None
    complained_officer: Text | None = Field(None, description="Account.")
    urgent: bool = Field(False, description="A hazard that is acted on first; its clock runs in minutes.")
    mask: bool = Field(False, description="Mask numbers of persons in the texts instead of refusing them.")


class StepIn(Schema):
    """
    What a step needs: refer {to, topic, helped_by, note, anyway}, sign, return {reason, note},
    first-contact {told_by, spoken_at, note}, pause {reason, asked}, resume {note}, extend {days, reason},
    grant-extension {note}, refuse-extension {note}, measure {measure, responsible, planned_on, also},
    cover {rectification}, take-out {note}, rectify {result, no_proof, outcome, review_on, turn_to, without},
    verify {note},
    reject {note}, reply {text, outcome, review_on, turn_to, without}, approve {note}, send-back {note}, feedback {told_by, note},
    call-back {reached, confirmed, solved, satisfaction, note}, close {note},
    review {note, outcome, review_on, turn_to}, reopen {note}, join {main, note}, unjoin {note},
    complaint {complained_unit, complained_officer, note}, recall, unsign.
    """

    version: int | None = Field(None, description="Take the step only if the opinion still is of this version.")
    to: Text | None = Field(None, description="Unit code.")
    topic: Text | None = Field(None, description="With refer: the second-level code that corrects the topic.")
    helped_by: list[Text] | None = Field(None, description="With refer: codes of the units that help.")
    without: Text | None = Field(None, description="With rectify or reply: why the units that help are not waited for.")
    anyway: bool | None = Field(None, description="With refer: though nobody there can sign for it yet.")
    note: Text | None = None
    reason: Text | None = None
    measure: Text | None = None
    responsible: Text | None = Field(None, description="Account.")
    planned_on: date | None = None
    also: list[Text] | None = Field(None, description="With measure: numbers of other opinions that it settles.")
    rectification: Text | None = Field(None, description="With cover: the number of the rectification in hand.")
    result: Text | None = None
    no_proof: Text | None = Field(None, description="With rectify: why there is no picture or document.")
    outcome: Text | None = Field(None, description="SOLVED, EXPLAINED, PARTLY, CANNOT_NOW or NOT_OURS.")
    review_on: date | None = Field(None, description="With CANNOT_NOW: the day on which it comes up again.")
    turn_to: Text | None = Field(None, description="With NOT_OURS: where the citizen should turn.")
    text: Text | None = None
    told_by: Text | None = None
    spoken_at: AwareDatetime | None = Field(None, description="With first-contact; now if left out.")
    asked: Text | None = Field(None, description="With pause: what the citizen is asked for.")
    days: int | None = Field(None, description="With extend: working days.")
    reached: bool | None = None
    confirmed: bool | None = Field(None, description="Did the citizen say that it is true: visited or answered?")
    solved: bool | None = None
    satisfaction: int | None = None
    main: Text | None = Field(None, description="With join: the number of the opinion that is the same matter.")
    complained_unit: Text | None = Field(None, description="With complaint: unit code.")
    complained_officer: Text | None = Field(None, description="With complaint: account.")
    mask: bool = Field(False, description="Mask numbers of persons in the texts instead of refusing them.")


class PartIn(Schema):
    """What a unit that helps has done."""

    contribution: Text | None = None
    mask: bool = Field(False, description="Mask numbers of persons in the text instead of refusing them.")


class PartOut(Schema):
    """A unit that helps with the referral in hand (协办)."""

    unit: str
    signed_at: datetime | None
    contributed_at: datetime | None
    contribution: str
    not_waited_for: str

    @staticmethod
    def resolve_unit(part: CoHandling) -> str:
        return part.unit.code


class OpinionOut(Schema):
    """An opinion as its reader may see it. Who said it is never part of it."""

    no: str
    kind: str
    source: str
    source_no: str
    object_category: str
    topic: str
    title: str
    content: str
    place: str
    heard_by: str
    heard_at: datetime
    recorded_at: datetime
    status: str
    responsible_unit: str | None
    responsible: str | None
    urgent: bool
    due_at: datetime = Field(description="The citizen's deadline in force, after pauses and extensions.")
    promised_at: datetime = Field(description="The citizen's deadline as it was promised at first.")
    step_due_at: datetime | None
    paused_at: datetime | None
    extension_asked_at: datetime | None
    needs_rectification: bool
    outcome: str | None = Field(None, description="How it ended, apart from its status.")
    version: int

    @staticmethod
    def resolve_topic(opinion: Opinion) -> str:
        return opinion.topic.code

    @staticmethod
    def resolve_heard_by(opinion: Opinion) -> str:
        return opinion.heard_by.code

    @staticmethod
    def resolve_responsible_unit(opinion: Opinion) -> str | None:
        return opinion.responsible_unit.code if opinion.responsible_unit else None

    @staticmethod
    def resolve_responsible(opinion: Opinion) -> str | None:
        return opinion.responsible.username if opinion.responsible else None


class WarningOut(Schema):
    """Something that a measure lacks; it is kept all the same."""

    code: str
    message: str


class OfferOut(Schema):
    """A step that leads on from here; `reason` says why it is closed to the caller, empty if it is open."""

    step: str
    open: bool
    reason: str

    @staticmethod
    def resolve_step(offer: services.Offer) -> str:
        return offer.step.value


class EventOut(Schema):
    step: str
    was: str
    becomes: str
    by: str | None
    unit: str | None
    at: datetime
    note: str

    @staticmethod
    def resolve_by(event: Any) -> str | None:
        return event.by.username if event.by else None

    @staticmethod
    def resolve_unit(event: Any) -> str | None:
        return event.unit.code if event.unit else None


@dataclass(frozen=True)
class OpinionRead:
    """An opinion, what its reader may do with it next, and of those that share its life the ones the reader may see."""

    opinion: Opinion
    steps: list[services.Offer]
    joined_to: str | None
    joined: list[str]
    rectification: Rectification | None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.opinion, name)


class OpinionWhole(OpinionOut):
    """An opinion with its history and the steps that lead on."""

    joined_to: str | None = Field(description="The opinion that carries the work; null if it is out of sight.")
    joined: list[str] = Field(description="The opinions that share its life.")
    parts: list[PartOut] = Field(description="The units that help.")
    steps: list[OfferOut]
    events: list[EventOut]
    rectification: str | None = Field(None, description="The number of the rectification that settles it.")
    warnings: list[WarningOut] = Field(description="What the measure lacks; an inspection will find it too.")

    @staticmethod
    def resolve_rectification(read: OpinionRead) -> str | None:
        return read.rectification.no if read.rectification else None

    @staticmethod
    def resolve_warnings(read: OpinionRead) -> list[Finding]:
        return _lacks(read.rectification) if read.rectification else []

    @staticmethod
    def resolve_parts(read: OpinionRead) -> list[CoHandling]:
        return list(selectors.parts_in(read.opinion))

    @staticmethod
    def resolve_events(read: OpinionRead) -> list[Any]:
        return list(read.opinion.events.select_related("by", "unit"))


class DayOut(Schema):
    """A local day on the way to a deadline: the `nth` of those counted, or 0; `minutes` of a promise in hours ran on it."""

    on: date
    is_working: bool
    nth: int
    minutes: int
    special: str = Field(description="What a holiday or make-up day is called.")


class ShiftOut(Schema):
    """What moved a deadline: a pause or an extension. While it is `running`, a pause is told as if it lasted longest."""

    what: str
    words: str
    was: datetime
    becomes: datetime
    working_days: int
    running: bool
    lasted: list[DayOut] = Field(description="The days of a pause itself.")
    moved: list[DayOut]

    @staticmethod
    def resolve_lasted(shift: Shift) -> list[Day]:
        return list(shift.lasted.days) if shift.lasted else []

    @staticmethod
    def resolve_moved(shift: Shift) -> list[Day]:
        return list(shift.moved.days)


class DeadlineOut(Schema):
    """A deadline that was promised, how it came about, and what moved it."""

    code: str = Field(
        description="promise; sign-N, contact-N, measure-N and finish-N of the Nth referral; refer, call-back, again."
    )
    start: datetime
    working_days: int
    minutes: int = Field(description="They come before the days.")
    round_the_clock: bool = Field(description="Minutes of any hour of any day; else of office hours.")
    policy_from: date = Field(description="The first day of the policy that says so many days.")
    promised_at: datetime = Field(description="As it was promised at first.")
    due_at: datetime = Field(description="In force now.")
    in_hand: bool = Field(description="The deadline of the step that the opinion waits for.")
    as_reckoned: bool = Field(description="False if the calendar or the policy was changed since: promises stay.")
    days: list[DayOut] = Field(description="To what was promised.")
    shifts: list[ShiftOut]

    @staticmethod
    def resolve_code(clock: Clock) -> str:
        return clock.anchor

    @staticmethod
    def resolve_round_the_clock(clock: Clock) -> bool:
        return clock.term.round_the_clock

    @staticmethod
    def resolve_policy_from(clock: Clock) -> date:
        return clock.policy.valid_from


class OpinionsOut(Schema):
    results: list[OpinionOut]
    next: str | None


class OpinionsAsked(Schema):
    """Filters: `unit` takes its subtree with it (heard by or responsible), days are local and both included."""

    unit: str | None = None
    from_: Annotated[date | None, Field(alias="from")] = None
    to: date | None = None
    status: list[str] | None = None
    kind: str | None = None
    source: str | None = None
    topic: str | None = None
    object_category: str | None = None
    outcome: str | None = None
    q: str | None = None
    overdue: bool = False
    cursor: str = ""
    limit: int = 50


def _lacks(plan: Rectification) -> list[Finding]:
    """Return what the measure lacks, as the page says it while it is typed."""
    alike = selectors.alike_measures(plan.measure, plan.unit, other_than=plan)
    return check_measure(plan.measure, measure_rules(), has_officer=True, has_day=True, alike=alike)
