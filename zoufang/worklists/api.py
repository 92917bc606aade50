"""One step with many opinions, for programs."""

from datetime import date
from uuid import UUID

from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import Form
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from ninja import Router, Schema
from pydantic import Field

from zoufang.accounts.access import OfficerRequest
from zoufang.opinions.workflow import GATE, IN_BULK, Step
from zoufang.organization import access
from zoufang.ui.api import Text, invalid_body
from zoufang.worklists import selectors, services
from zoufang.worklists.forms import BULK_FORMS, MOST_PICKS, MarksForm

router = Router(tags=["opinions"])


class ItemIn(Schema):
    no: Text
    version: int | None = Field(None, ge=0, le=999_999_999, description="Refuse it if it is not of this version.")


class BulkIn(Schema):
    """
    What the step needs, once for all: refer {to, note} (without `to`: each to the unit that the duty directory
    proposes), sign, measure {measure, responsible, planned_on}, close {note}.
    """

    uid: UUID | None = Field(None, description="Of the caller's making: the same one again is the same run.")
    items: list[ItemIn] = Field(max_length=MOST_PICKS)
    to: Text | None = Field(None, description="Unit code.")
    note: Text | None = None
    measure: Text | None = None
    responsible: Text | None = Field(None, description="Account.")
    planned_on: date | None = None
    mask: bool = Field(False, description="Mask numbers of persons in the texts instead of refusing them.")


class AnswerOut(Schema):
    """What came of one opinion: DONE, REFUSED with the reason, or WAITING while a longer run goes on."""

    no: str
    outcome: str
    reason: str


class RunOut(Schema):
    uid: UUID
    step: str
    state: str = Field(description="WAITING, RUNNING or DONE.")
    items: list[AnswerOut]


@router.post("/{step}", response=RunOut, summary="Take a step with many opinions")
def take_in_bulk(request: OfficerRequest, step: str, body: BulkIn) -> HttpResponse | dict[str, object]:
    """
    Take a step with each of `items`, up to 500: one that is refused stops no other.

    More than 50 are done by a job; send the same `uid` again to read how far it is. Opinions that the caller may not
    see are answered like those that do not exist.
    """
    taken = _step(step)
    access.require(request.user, GATE[taken][0])
    said = body.model_dump(mode="json", exclude_none=True, exclude={"uid", "items", "mask"})
    masks = {f"{name}_mask": "1" for name in said} if body.mask else {}
    picks = [one.no if one.version is None else f"{one.no}:{one.version}" for one in body.items]
    marks = MarksForm(MultiValueDict({"pick": picks}))
    form = BULK_FORMS[taken](said | masks, viewer=request.user)
    if not (marks.is_valid() and form.is_valid()):
        return invalid_body(_errors(marks) | _errors(form))
    run = services.take_with_all(
        marks.cleaned_data["marked"],
        taken,
        said=form.said(),
        uid=body.uid,
        by=request.user,
        clock=timezone.now,
    )
    nos = dict.fromkeys(one.no for one in body.items)
    return {"uid": run.uid, "step": run.step, "state": run.state, "items": selectors.answers(run, list(nos))}


def _step(word: str) -> Step:
    if word not in {step.value for step in IN_BULK}:
        raise Http404
    return Step(word)


def _errors(form: Form) -> dict[str, list[str]]:
    names = {"pick": "items", NON_FIELD_ERRORS: "items"}
    return {names.get(name, name): [str(said) for said in told] for name, told in form.errors.items()}
