"""The numbers for programs: the same as on the pages, for everybody who reads statistics."""

from typing import Annotated, Any

from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from zoufang.accounts.access import OfficerRequest
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.statistics.answers import answer
from zoufang.statistics.catalogue import CATALOGUE, catalogue_records
from zoufang.statistics.questions import ask

router = Router(tags=["statistics"])


class StatsAsked(Schema):
    """Words as they come: a wrong one is answered with 422 and the reason, not with a type error."""

    metric: str = Field(..., description="A code of the catalogue, such as opinions.heard.")
    unit: str = Field("", description="Unit code, counted with its subtree; the whole bureau if left out.")
    from_: Annotated[str, Field(alias="from", description="First local day; the first of the year if left out.")] = ""
    to: str = Field("", description="Last local day, included; today if left out.")
    by: str = Field("", description="unit, month, or a category of the metric.")


class Record(Schema):
    """One value. `key` is null for the total; `sample` is how many rows a rate, median or mean stands on."""

    metric: str
    unit: str
    unit_name: str
    key: str | int | None
    label: str | None
    value: int | float | None
    sample: int | None


class StatsOut(Schema):
    """The total as `value`, and every record: the total first, then its slices in order."""

    metric: str
    title: str
    per: str
    unit: str
    unit_name: str
    from_: Annotated[str, Field(alias="from")]
    to: str
    by: str | None
    value: int | float | None
    sample: int | None
    results: list[Record]


@router.get("/stats", response=StatsOut, by_alias=True, summary="A number, whole and told apart")
def stats(request: OfficerRequest, asked: Query[StatsAsked]) -> dict[str, Any]:
    access.require(request.user, Do.SEE_STATISTICS)
    question = ask(unit=asked.unit, first=asked.from_, last=asked.to, today=timezone.localdate())
    return answer(CATALOGUE.get(asked.metric), question, asked.by)


@router.get("/metrics", summary="The catalogue: what every number means")
def metrics(request: OfficerRequest) -> dict[str, Any]:
    access.require(request.user, Do.SEE_STATISTICS)
    return {"results": catalogue_records(), "next": None}
