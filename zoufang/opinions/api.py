"""The doors of opinions for programs: read them, register one, take any step."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Body, Query, Router, Schema, Status
from pydantic import Field

from zoufang.accounts.access import OfficerRequest
from zoufang.kernel.refusal import Invalid
from zoufang.opinions import selectors, services
from zoufang.opinions.forms import STEP_FORMS, OpinionForm
from zoufang.opinions.ledger import OPINION_LEDGER, OpinionFilter
from zoufang.opinions.models import Opinion
from zoufang.opinions.workflow import Step
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.ui.api import cursor_page, invalid_body

router = Router(tags=["opinions"])


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
    due_at: datetime
    step_due_at: datetime | None
    needs_rectification: bool
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
    """An opinion and what its reader may do with it next."""

    opinion: Opinion
    steps: list[services.Offer]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.opinion, name)


class OpinionWhole(OpinionOut):
    """An opinion with its history and the steps that lead on."""

    steps: list[OfferOut]
    events: list[EventOut]

    @staticmethod
    def resolve_events(read: OpinionRead) -> list[Any]:
        return list(read.opinion.events.select_related("by", "unit"))


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


@router.post("", response={201: OpinionOut}, summary="Register an opinion")
def register(request: OfficerRequest, body: Body[dict[str, Any]]) -> HttpResponse | Status[Opinion]:
    """The fields of the form: kind, source, topic, content, heard_by (unit code), heard_at, and the optional ones."""
    access.require(request.user, Do.REGISTER_OPINION)
    form = OpinionForm(typed({"kind": "OPINION", "source": "SRC16", **body}), viewer=request.user)
    if not form.is_valid():
        return invalid_body(errors_of(form))
    opinion = services.register_opinion(**form.cleaned_data, by=request.user, now=timezone.now())
    return Status(201, opinion)


@router.get("/{no}", response=OpinionWhole, summary="One opinion")
def opinion(request: OfficerRequest, no: str) -> OpinionRead:
    found = _opinion(request, no)
    return _whole(found, request)


@router.post("/{no}/{step}", response=OpinionWhole, summary="Take a step")
def take_step(
    request: OfficerRequest, no: str, step: str, body: Body[dict[str, Any] | None] = None
) -> HttpResponse | OpinionRead:
    """
    Take a step of the workflow: refer {to, note}, sign, return {reason, note}, measure {measure, responsible,
    planned_on}, rectify {result}, verify {note}, reject {note}, reply {text}, approve {note}, send-back {note},
    feedback {told_by, note}, call-back {reached, solved, satisfaction, note}, close {note}, reopen {note}.
    With `version` the step is taken only if the opinion still is as the caller saw it. A stale or closed step: 409.
    """
    found = _opinion(request, no)
    try:
        taken = Step(step)
    except ValueError:
        raise Http404 from None
    if taken not in STEP_FORMS:
        raise Http404
    services.require_step(found, taken, by=request.user)
    said = body or {}
    services.require_version(found, str(said.get("version", "")))
    form = STEP_FORMS[taken](typed(said), opinion=found, viewer=request.user)
    if not form.is_valid():
        return invalid_body(errors_of(form))
    services.STEPS[taken](found, **form.cleaned_data, by=request.user, now=timezone.now())
    return _whole(found, request)


def errors_of(form: Form) -> dict[str, list[str]]:
    return {name: [str(message) for message in messages] for name, messages in form.errors.items()}


def typed(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return JSON values as a form would send them: flags as words, null left out."""
    said = {name: str(value).lower() if isinstance(value, bool) else value for name, value in body.items()}
    try:
        json.dumps(said, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Invalid(_("内容含有无法保存的字符。")) from None
    return {name: value for name, value in said.items() if isinstance(value, str | int | float)}


def _opinion(request: OfficerRequest, no: str) -> Opinion:
    seen = selectors.opinions_seen_by(request.user)
    return get_object_or_404(seen.select_related("topic", "heard_by", "responsible_unit", "responsible"), no=no)


def _whole(found: Opinion, request: OfficerRequest) -> OpinionRead:
    return OpinionRead(found, services.offers(found, request.user))
