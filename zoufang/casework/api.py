"""The doors of petitions and disputes for programs."""

from datetime import date, datetime
from typing import Annotated

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import AwareDatetime, Field

from zoufang.accounts.access import OfficerRequest
from zoufang.casework import selectors, services
from zoufang.casework.clocks import Clock, clocks_of
from zoufang.casework.forms import DisputeForm, PetitionForm
from zoufang.casework.ledger import DisputeFilter, PetitionFilter
from zoufang.casework.models import Dispute, PetitionCase
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.days import Day
from zoufang.ui.api import Text, cursor_page, invalid_body

petitions = Router(tags=["petitions"])
disputes = Router(tags=["disputes"])


class PetitionIn(Schema):
    """A petition assigned to a unit. With a number of its own it may be sent again: nothing is recorded twice."""

    no: Text | None = None
    level: Text
    is_backlog: bool = False
    batch: Text | None = None
    subject: Text
    unit: Text
    assigned_at: AwareDatetime
    due_on: date | None = Field(None, description="Last day; sixty days after assignment if left out.")


class PetitionOut(Schema):
    no: str
    level: str
    is_backlog: bool
    batch: str
    subject: str
    unit: str = Field(alias="unit.code")
    leader: str | None = Field(None, alias="leader.username")
    responsible: str | None = Field(None, alias="responsible.username")
    assigned_at: datetime
    notice_due_at: datetime | None
    notified_at: datetime | None
    due_at: datetime
    extended_to: datetime | None
    stage: str
    closed_at: datetime | None
    result: str


class NaturalDayOut(Schema):
    """A local day on the way to a deadline: the `nth` natural day, or 0 for the first and for days off after the last."""

    on: date
    is_working: bool
    nth: int
    special: str = Field(description="What a holiday or make-up day is called.")


class PetitionDeadlineOut(Schema):
    """A deadline of a petition and how it came about."""

    code: str = Field(description="notice, finish, extension.")
    start: datetime
    natural_days: int
    by_law: bool = Field(description="So many days as the regulations give; else the date was set by somebody.")
    due_at: datetime
    days: list[NaturalDayOut]

    @staticmethod
    def resolve_code(clock: Clock) -> str:
        return clock.anchor

    @staticmethod
    def resolve_natural_days(clock: Clock) -> int:
        return clock.days

    @staticmethod
    def resolve_days(clock: Clock) -> list[Day]:
        return list(clock.walk.days)


class PetitionsOut(Schema):
    results: list[PetitionOut]
    next: str | None


class PetitionsAsked(Schema):
    """Filters: `unit` takes its subtree with it, days are local and both included; `state` is open, overdue or closed."""

    unit: str | None = None
    from_: Annotated[date | None, Field(alias="from")] = None
    to: date | None = None
    state: str | None = None
    level: str | None = None
    stage: str | None = None
    batch: str | None = None
    backlog: bool = False
    untold: bool = Field(False, description="Open, and whoever asked was not told in writing within fifteen days.")
    q: str | None = None
    cursor: str = ""
    limit: int = 50


class DisputeIn(Schema):
    """A dispute that screening found. With a number of its own it may be sent again: nothing is recorded twice."""

    no: Text | None = None
    category: Text
    screening_round: Text | None = None
    found_at: AwareDatetime
    unit: Text
    place: Text | None = None
    summary: Text | None = None
    due_on: date | None = Field(None, description="Last day; thirty days after it was found if left out.")


class DisputeOut(Schema):
    no: str
    category: str
    screening_round: str
    found_at: datetime
    unit: str = Field(alias="unit.code")
    place: str
    summary: str
    responsible: str | None = Field(None, alias="responsible.username")
    due_on: date
    status: str
    resolved_at: datetime | None
    result: str


class DisputesOut(Schema):
    results: list[DisputeOut]
    next: str | None


class DisputesAsked(Schema):
    """Filters: `unit` takes its subtree with it, days are local and both included."""

    unit: str | None = None
    from_: Annotated[date | None, Field(alias="from")] = None
    to: date | None = None
    status: list[str] | None = None
    category: list[str] | None = None
    screening_round: str | None = None
    overdue: bool = False
    q: str | None = None
    cursor: str = ""
    limit: int = 50


@petitions.post("", response={200: PetitionOut, 201: PetitionOut}, summary="Record a petition")
def record_petition(request: OfficerRequest, body: PetitionIn) -> HttpResponse | Status[PetitionCase]:
    """201 if it is new, 200 if the same came before, 409 if its number stands for something else."""
    access.require(request.user, Do.RECORD_CASEWORK)
    now = timezone.now()
    form = PetitionForm(body.model_dump(mode="json", exclude_none=True), by=request.user, now=now)
    if not form.is_valid():
        return invalid_body({name: list(map(str, said)) for name, said in form.errors.items()})
    case, created = services.record_petition(**form.cleaned_data, by=request.user, now=now)
    return Status(201 if created else 200, case)


@petitions.get("", response=PetitionsOut, summary="List petitions")
def list_petitions(request: OfficerRequest, asked: Query[PetitionsAsked]) -> HttpResponse | dict[str, object]:
    """Newest first. Send `next` back as `cursor` for the following page; it is null on the last one."""
    filters = PetitionFilter(_given(asked))
    if not filters.is_valid():
        return invalid_body({name: list(map(str, said)) for name, said in filters.errors.items()})
    rows = filters.keep(selectors.petitions_listed_for(request.user))
    results, following = cursor_page(rows, cursor=asked.cursor, limit=asked.limit)
    return {"results": results, "next": following}


@petitions.get("/{no}/deadlines", response=list[PetitionDeadlineOut], summary="Its deadlines, day by day")
def petition_deadlines(request: OfficerRequest, no: str) -> list[Clock]:
    return clocks_of(get_object_or_404(selectors.petitions_seen_by(request.user), no=no))


@disputes.post("", response={200: DisputeOut, 201: DisputeOut}, summary="Record a dispute")
def record_dispute(request: OfficerRequest, body: DisputeIn) -> HttpResponse | Status[Dispute]:
    """201 if it is new, 200 if the same came before, 409 if its number stands for something else."""
    access.require(request.user, Do.RECORD_CASEWORK)
    now = timezone.now()
    form = DisputeForm(body.model_dump(mode="json", exclude_none=True), by=request.user, now=now)
    if not form.is_valid():
        return invalid_body({name: list(map(str, said)) for name, said in form.errors.items()})
    dispute, created = services.record_dispute(**form.cleaned_data, by=request.user, now=now)
    return Status(201 if created else 200, dispute)


@disputes.get("", response=DisputesOut, summary="List disputes")
def list_disputes(request: OfficerRequest, asked: Query[DisputesAsked]) -> HttpResponse | dict[str, object]:
    """Newest first. Send `next` back as `cursor` for the following page; it is null on the last one."""
    filters = DisputeFilter(_given(asked))
    if not filters.is_valid():
        return invalid_body({name: list(map(str, said)) for name, said in filters.errors.items()})
    rows = filters.keep(selectors.disputes_listed_for(request.user))
    results, following = cursor_page(rows, cursor=asked.cursor, limit=asked.limit)
    return {"results": results, "next": following}


def _given(asked: PetitionsAsked | DisputesAsked) -> dict[str, object]:
    """Return the query as the filter form of the page would get it."""
    return asked.model_dump(exclude_none=True) | {"period_from": asked.from_, "period_to": asked.to}
