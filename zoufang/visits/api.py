"""The doors of visits for programs: send one once, read many."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import AwareDatetime, Field

from zoufang.accounts.access import OfficerRequest
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.ui.api import Text, cursor_page, invalid_body
from zoufang.visits import selectors, services
from zoufang.visits.forms import VisitForm, errors_of, opinion_rows, posted
from zoufang.visits.ledger import VisitFilter
from zoufang.visits.models import Visit

router = Router(tags=["visits"])


class OpinionIn(Schema):
    """An opinion heard at a visit; `topic` is a second-level code such as "B2"."""

    kind: Text | None = None
    topic: Text
    content: Text
    place: Text | None = None
    complained_unit: Text | None = None
    urgent: bool | None = Field(None, description="A hazard that is acted on first; its clock runs in minutes.")


class VisitIn(Schema):
    """A visit. The device makes `uid` and sends it again unchanged until it is answered."""

    uid: UUID
    visited_at: AwareDatetime
    mode: Text
    object_category: Text
    theme: Text
    headcount: int = 1
    unit: Text | None = Field(None, description="Unit code; the sender's own unit if left out.")
    officers: list[Text] | None = Field(None, description="Accounts; the sender alone if left out.")
    place: Text | None = None
    question: Text | None = None
    summary: Text | None = None
    opinions: list[OpinionIn] = Field(default_factory=list)


class VisitOut(Schema):
    """A visit as its reader may see it; `opinions` are the numbers of those the reader may see."""

    uid: UUID
    unit: str
    visited_at: datetime
    recorded_at: datetime
    recorded_by: str
    officers: list[str]
    mode: str
    object_category: str
    theme: str
    headcount: int
    place: str
    question: str
    summary: str
    opinions: list[str]
    voided_at: datetime | None
    void_reason: str

    @staticmethod
    def resolve_unit(visit: Visit) -> str:
        return visit.unit.code

    @staticmethod
    def resolve_recorded_by(visit: Visit) -> str:
        return visit.recorded_by.username

    @staticmethod
    def resolve_officers(visit: Visit) -> list[str]:
        return sorted(officer.username for officer in visit.officers.all())

    @staticmethod
    def resolve_opinions(visit: Visit) -> list[str]:
        return [opinion.no for opinion in getattr(visit, "opinions_seen", ())]


class VisitsOut(Schema):
    results: list[VisitOut]
    next: str | None


class VisitsAsked(Schema):
    """Filters: `unit` takes its subtree with it, days are local and both included."""

    unit: str | None = None
    from_: Annotated[date | None, Field(alias="from")] = None
    to: date | None = None
    mode: list[str] | None = None
    object_category: list[str] | None = None
    theme: str | None = None
    q: str | None = None
    mine: bool = False
    voided: bool = False
    cursor: str = ""
    limit: int = 50


@router.post("", response={200: VisitOut, 201: VisitOut}, summary="Record a visit")
def record_visit(request: OfficerRequest, body: VisitIn) -> HttpResponse | Status[Visit]:
    """201 if it is new, 200 with the same answer if it came before, 409 if the `uid` came with another body."""
    said = body.model_dump(mode="json", exclude={"opinions"})
    said["unit"] = said["unit"] or request.user.unit.code
    said["officers"] = said["officers"] or [request.user.username]
    data = posted(said, [opinion.model_dump(mode="json") for opinion in body.opinions])
    now = timezone.now()
    form, rows = VisitForm(data, by=request.user, now=now), opinion_rows(data, every_row_counts=True)
    if not all([form.is_valid(), rows.is_valid()]):
        # Only now: what was sent before is answered as before, whatever has become of the sender's duties.
        access.require(request.user, Do.RECORD_VISIT)
        return invalid_body(errors_of(form, rows))
    visit, created = services.record_visit(**form.cleaned_data, opinions=rows.heard(), by=request.user, now=now)
    # The sender may read back what the sender wrote, whatever has become of the sender's duties since.
    sent = Visit.objects.select_related("unit", "recorded_by").prefetch_related("officers")
    answer = sent.prefetch_related(selectors.opinions_seen(request.user)).get(pk=visit.pk)
    return Status(201 if created else 200, answer)


@router.get("", response=VisitsOut, summary="List visits")
def list_visits(request: OfficerRequest, asked: Query[VisitsAsked]) -> HttpResponse | dict[str, object]:
    """Newest first. Send `next` back as `cursor` for the following page; it is null on the last one."""
    given = asked.model_dump(exclude_none=True)
    given |= {"period_from": asked.from_, "period_to": asked.to}
    filters = VisitFilter(given)
    if not filters.is_valid():
        return invalid_body({name: list(map(str, said)) for name, said in filters.errors.items()})
    rows = filters.keep(selectors.visits_listed_for(request.user))
    if not asked.voided:
        rows = rows.filter(voided_at=None)
    if asked.mine:
        rows = rows.filter(officers=request.user)
    results, following = cursor_page(rows, cursor=asked.cursor, limit=asked.limit)
    return {"results": results, "next": following}
