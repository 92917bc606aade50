"""The doors of call-backs for programs: what is to be asked, and where citizens said that nobody came."""

from datetime import date, datetime

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from zoufang.accounts.access import OfficerRequest
from zoufang.callbacks import selectors
from zoufang.ui.api import cursor_page

router = Router(tags=["call-backs"])


class SampledOut(Schema):
    """A finished matter that was drawn to be asked about; call back by the step `call-back` of the opinion."""

    no: str = Field(alias="referral.opinion.no")
    unit: str = Field(alias="referral.unit.code")
    level: str = Field(alias="sample.level")
    month: date = Field(alias="sample.month", description="The first day of the month that was drawn from.")
    drawn_at: datetime = Field(alias="sample.drawn_at")
    seed: str = Field(alias="sample.seed")
    population: int = Field(alias="sample.population")

    @staticmethod
    def resolve_seed(row: object) -> str:
        return str(row.sample.seed)  # type: ignore[attr-defined]


class CallBackOut(Schema):
    """One call that reached the citizen."""

    no: str = Field(alias="referral.opinion.no")
    unit: str = Field(alias="referral.unit.code")
    level: str
    at: datetime
    confirmed: bool | None
    solved: bool | None
    satisfaction: int | None
    differs: bool | None = Field(description="Other than what the level below was told; null if it did not ask.")
    note: str


class SampledPage(Schema):
    results: list[SampledOut]
    next: str | None


class CallBackPage(Schema):
    results: list[CallBackOut]
    next: str | None


class PageAsked(Schema):
    cursor: str = ""
    limit: int = 50


@router.get("", response=SampledPage, summary="Call-backs that wait for the caller")
def list_call_backs(request: OfficerRequest, asked: Query[PageAsked]) -> HttpResponse | dict[str, object]:
    rows = selectors.to_call(request.user).order_by("sample__drawn_at", "pk")
    results, following = cursor_page(rows, cursor=asked.cursor, limit=asked.limit)
    return {"results": results, "next": following}


@router.get("/denied", response=CallBackPage, summary="Calls in which the citizen said that nobody came")
def list_denied(request: OfficerRequest, asked: Query[PageAsked]) -> HttpResponse | dict[str, object]:
    results, following = cursor_page(selectors.denied(request.user), cursor=asked.cursor, limit=asked.limit)
    return {"results": results, "next": following}
