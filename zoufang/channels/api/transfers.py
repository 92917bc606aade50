"""Transfers for officers' programs: pass one on by its original number, and fetch what has become of it."""

from datetime import datetime
from functools import partial
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field

from zoufang.accounts.access import OfficerRequest
from zoufang.channels import selectors, services
from zoufang.channels.forms import ItemForm, transfers
from zoufang.kernel.clock import LOCAL
from zoufang.opinions.selectors import opinions_seen_by
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.ui.api import Text, invalid_body

router = Router(tags=["transfers"])


class TransferIn(Schema):
    """An opinion that another office passes on. The same number again records nothing twice."""

    sender: Text = Field(description="12345, 110, petition, discipline, inspection or superior.")
    no: Text = Field(description="Its original number at the sender.")
    text: Text
    at: AwareDatetime | None = Field(None, description="When it was said; now if left out.")
    kind: Text | None = None
    urgent: bool | None = Field(None, description="A hazard that is acted on first; its clock runs in minutes.")
    title: Text | None = None
    place: Text | None = None
    unit: Text | None = Field(None, description="Code of the unit it is for; one's own if left out.")
    complained_unit: Text | None = None
    due_at: Text | None = Field(None, description="The sender's own time limit: a day, or a moment.")
    name: Text | None = None
    phone: Text | None = None


class TransferOut(Schema):
    """What became of it: `state` TAKEN, or IN_TRAY if its number was used for something else."""

    state: str
    no: str | None
    due_at: datetime | None


class AnswerOut(Schema):
    sender: str
    source_no: str
    no: str
    status: str
    status_text: str
    unit: str
    unit_name: str
    due_at: datetime
    reply: str
    told_at: datetime | None
    closed_at: datetime | None


@router.post("", response={201: TransferOut, 200: TransferOut, 202: TransferOut})
def pass_on(request: OfficerRequest, body: TransferIn) -> HttpResponse | Status[Any]:
    """201 with its number here; 200 for a repeat; 202 if the visit office has to look at it."""
    access.require(request.user, Do.IMPORT_ROWS)
    if body.sender not in transfers.SENDERS:
        return invalid_body({"sender": [", ".join(transfers.SENDERS)]})
    said, now = body.model_dump(mode="json", exclude_none=True), timezone.now()
    provider_id, sent = transfers.item(said, body.sender)
    parse = partial(transfers.parse, sender=body.sender, unit=request.user.unit.code, now=now)
    form = ItemForm(transfers.values(sent, sender=body.sender, unit=request.user.unit.code, now=now))
    if not form.is_valid():
        return invalid_body(_by_name(form.errors))
    unit = form.cleaned_data["unit"] or request.user.unit
    taken = services.take_transfer(provider_id, sent, parse, unit=unit, by=request.user, now=now)
    opinion = taken.opinion
    status = 202 if opinion is None else 201 if taken.created else 200
    out = {"state": taken.delivery.state, "no": opinion and opinion.no, "due_at": opinion and opinion.due_at}
    return Status(status, out)


@router.get("/{sender}/{source_no}", response=AnswerOut)
def answer(request: OfficerRequest, sender: str, source_no: str) -> dict[str, Any]:
    """How it stands, and the answer once the citizen has it."""
    if sender not in transfers.SENDERS:
        raise Http404
    seen = opinions_seen_by(request.user).select_related("heard_by", "responsible_unit")
    found = get_object_or_404(seen, source=transfers.SENDERS[sender], source_no=source_no)
    return answered(sender, selectors.told_of(found))


def answered(sender: str, told: selectors.Told) -> dict[str, Any]:
    """Return an answer in plain values."""
    opinion = told.opinion
    return {
        "sender": sender,
        "source_no": opinion.source_no,
        "no": opinion.no,
        "status": told.status,
        "status_text": told.words,
        "unit": told.unit.code,
        "unit_name": told.unit.label,
        "due_at": opinion.due_at.astimezone(LOCAL),
        "reply": told.reply,
        "told_at": told.told_at and told.told_at.astimezone(LOCAL),
        "closed_at": told.closed_at and told.closed_at.astimezone(LOCAL),
    }


def _by_name(errors: Any) -> dict[str, list[str]]:
    names = {"content": "text", "said_at": "at", "source_no": "no", "__all__": "body"}
    return {names.get(name, name): [str(one) for one in said] for name, said in errors.items()}
