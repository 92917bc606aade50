"""The doors of opinions for programs: read them, register one, take any step."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Status

from zoufang.accounts.access import OfficerRequest
from zoufang.kernel.refusal import Conflict
from zoufang.opinions import selectors, services
from zoufang.opinions.api.schemas import (
    DeadlineOut,
    OpinionIn,
    OpinionOut,
    OpinionRead,
    OpinionsAsked,
    OpinionsOut,
    OpinionWhole,
    PartIn,
    StepIn,
)
from zoufang.opinions.clocks import Clock, clocks_of
from zoufang.opinions.forms import STEP_FORMS, OpinionForm, PartForm
from zoufang.opinions.ledger import OPINION_LEDGER, OpinionFilter
from zoufang.opinions.models import Opinion
from zoufang.opinions.workflow import Step
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit
from zoufang.ui.api import cursor_page, invalid_body

router = Router(tags=["opinions"])


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
