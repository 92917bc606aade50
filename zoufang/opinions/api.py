"""The doors of opinions for programs: read them, register one, take any step."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import AwareDatetime, Field

from zoufang.accounts.access import OfficerRequest
from zoufang.kernel.refusal import Conflict
from zoufang.opinions import selectors, services
from zoufang.opinions.clocks import Clock, Shift, clocks_of
from zoufang.opinions.forms import STEP_FORMS, OpinionForm, PartForm
from zoufang.opinions.ledger import OPINION_LEDGER, OpinionFilter
from zoufang.opinions.loading import measure_rules
from zoufang.opinions.measures import Finding, check_measure
from zoufang.opinions.models import CoHandling, Opinion, Rectification
from zoufang.opinions.vocabulary import Kind, Source
from zoufang.opinions.workflow import Step
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.days import Day
from zoufang.organization.models import Officer, Unit
from zoufang.ui.api import Text, cursor_page, invalid_body

router = Router(tags=["opinions"])


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


@router.get("", response=OpinionsOut, summary="List opinions")
def list_opinions(request: OfficerRequest, asked: Query[OpinionsAsked]) -> HttpResponse | dict[str, object]:
    """Newest first. Send `next` back as `cursor` for the following page; it is null on the last one."""
    given = asked.model_dump(exclude_none=True) | {"period_from": asked.from_, "period_to": asked.to}
    filters = OpinionFilter({name: value for name, value in given.items() if value not in (None, False)})
    if not filters.is_valid():
        return invalid_body({name: list(map(str, said)) for name, said in filters.errors.items()})
    rows = filters.keep(OPINION_LEDGER.rows(request.user))
    results, following = cursor_page(rows, cursor=asked.cursor, limit=asked.limit)
    return {"results": results, "next": following}


@router.post("", response={200: OpinionOut, 201: OpinionOut}, summary="Register an opinion")
def register(request: OfficerRequest, body: OpinionIn) -> HttpResponse | Status[Opinion]:
    """201 if it is new, 200 if the same came before under this `uid`, 409 if something else did."""
    access.require(request.user, Do.REGISTER_OPINION)
    said = _posted(body, heard_by=body.heard_by or request.user.unit.code)
    if (known := _sent_before(request.user, body.uid, said)) is not None:
        return Status(200, known)
    form = OpinionForm(said, viewer=request.user)
    if not form.is_valid():
        return invalid_body(errors_of(form))
    try:
        opinion = services.register_opinion(**form.cleaned_data, uid=body.uid, by=request.user, now=timezone.now())
    except IntegrityError:
        # The same one came twice at once. The other one has been committed by the time we are told.
        if (known := _sent_before(request.user, body.uid, said)) is None:
            raise Conflict from None
        return Status(200, known)
    return Status(201, _listed(Opinion.objects.filter(pk=opinion.pk)).get())


@router.get("/{no}", response=OpinionWhole, summary="One opinion")
def opinion(request: OfficerRequest, no: str) -> OpinionRead:
    found = _opinion(request, no)
    return _whole(found, request)


@router.get("/{no}/deadlines", response=list[DeadlineOut], summary="Its deadlines, day by day")
def deadlines(request: OfficerRequest, no: str) -> list[Clock]:
    return clocks_of(_opinion(request, no))


@router.post("/{no}/parts/{unit}", response=OpinionWhole, summary="Sign for, or report, a unit's part")
def take_part(request: OfficerRequest, no: str, unit: str, body: PartIn | None = None) -> HttpResponse | OpinionRead:
    """Without a contribution it is signed for; with one, what the unit did is told to the lead."""
    found = _opinion(request, no)
    part = get_object_or_404(selectors.parts_in(found), unit__code=unit)
    if body is None or body.contribution is None:
        services.sign_co_handling(part, by=request.user, now=timezone.now())
    else:
        form = PartForm(_posted(body))
        if not form.is_valid():
            return invalid_body(errors_of(form))
        services.contribute(part, **form.cleaned_data, by=request.user, now=timezone.now())
    return _whole(found, request)


@router.post("/{no}/{step}", response=OpinionWhole, summary="Take a step")
def take_step(request: OfficerRequest, no: str, step: str, body: StepIn | None = None) -> HttpResponse | OpinionRead:
    """
    Take a step of the workflow; what each needs is told by the body. A stale or closed step is answered with 409.
    """
    found = _opinion(request, no)
    taken = _step(step)
    services.require_step(found, taken, by=request.user)
    said = body or StepIn.model_validate({})
    services.require_version(found, "" if said.version is None else str(said.version))
    form = STEP_FORMS[taken](_posted(said), opinion=found, viewer=request.user)
    if not form.is_valid():
        return invalid_body(errors_of(form))
    services.STEPS[taken](found, **form.cleaned_data, by=request.user, now=timezone.now())
    # Read back: what is answered now is what the next reader is told, to the letter.
    return _whole(_listed(Opinion.objects.filter(pk=found.pk)).get(), request)


def _lacks(plan: Rectification) -> list[Finding]:
    """Return what the measure lacks, as the page says it while it is typed."""
    alike = selectors.alike_measures(plan.measure, plan.unit, other_than=plan)
    return check_measure(plan.measure, measure_rules(), has_officer=True, has_day=True, alike=alike)


def errors_of(form: Form) -> dict[str, list[str]]:
    return {name: [str(message) for message in messages] for name, messages in form.errors.items()}


def _step(word: str) -> Step:
    """:raises Http404: if it is no step that an officer takes."""
    if word not in {step.value for step in STEP_FORMS}:
        raise Http404
    return Step(word)


def _posted(body: OpinionIn | StepIn | PartIn, **given: str) -> dict[str, Any]:
    """Return what the body says as a page would post it: flags as words, what is left out left out."""
    said: dict[str, Any] = body.model_dump(mode="json", exclude_none=True, exclude={"mask", "uid", "version"}) | given
    # A page posts the same words when its reader takes the masked text that is offered.
    masks = {f"{name}_mask": "1" for name in said} if body.mask else {}
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in said.items()} | masks


def _sent_before(sender: Officer, uid: UUID | None, said: Mapping[str, Any]) -> Opinion | None:
    """
    Return the opinion that the sender sent under this `uid`.

    :raises Conflict: if it says something else.
    :raises Http404: if it is somebody else's, or not the sender's to see any more.
    """
    known = None if uid is None else _listed(Opinion.objects.filter(uid=uid)).first()
    if known is None:
        return None
    if known.recorded_by_id != sender.pk or not selectors.opinions_seen_by(sender).filter(pk=known.pk).exists():
        raise Http404
    form = OpinionForm(said, viewer=sender)
    facts = {name: form[name].value() for name in form.fields}
    text = {name: str(facts[name] or "").strip() for name in facts}
    same = (
        all(getattr(known, name) == text[name] for name in ("kind", "source", "source_no", "object_category"))
        and (known.content, known.place) == (text["content"], text["place"])
        and (known.topic.code, known.heard_by.code) == (text["topic"], _taken_by(known, text["heard_by"]))
        and known.urgent == (text["urgent"] == "True")
        and known.heard_at == datetime.fromisoformat(str(said["heard_at"]))
        and text["complained_officer"] == (known.complained_officer.username if known.complained_officer else "")
        # Who complains about an officer complains about the officer's unit too, said or not.
        and (text["complained_unit"] or _unit_of(known.complained_officer) or "")
        == (known.complained_unit.code if known.complained_unit else "")
    )
    if not same:
        raise Conflict
    return known


def _taken_by(known: Opinion, heard_by: str) -> str:
    """Return who takes what was heard by that unit: of a complaint about the unit itself, the level above."""
    unit = Unit.objects.filter(code=heard_by).first()
    if unit is None or known.complained_unit is None:
        return heard_by
    return services.out_of_reach(unit, known.complained_unit).code


def _unit_of(officer: Officer | None) -> str | None:
    return officer.unit.code if officer else None


def _listed(rows: QuerySet[Opinion]) -> QuerySet[Opinion]:
    return selectors.with_outcome(rows.select_related("topic", "heard_by", "responsible_unit", "responsible"))


def _opinion(request: OfficerRequest, no: str) -> Opinion:
    return get_object_or_404(_listed(selectors.opinions_seen_by(request.user)), no=no)


def _whole(found: Opinion, request: OfficerRequest) -> OpinionRead:
    viewer = request.user
    main = selectors.opinions_seen_by(viewer).filter(joined=found).first()
    joined = [one.no for one in selectors.joined_to(found, viewer)]
    referral = selectors.current_referral(found)
    rectification = referral.rectification if referral else None
    return OpinionRead(
        found, services.offers(found, viewer, now=timezone.now()), main.no if main else None, joined, rectification
    )
