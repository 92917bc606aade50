"""The numbers counted a second time, row by row in plain loops over local dates: shares no code with the engine."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from statistics import median
from typing import Any

from tests.metrics.sample import SHANGHAI
from zoufang.opinions.models import Opinion, Rectification, Referral
from zoufang.organization.models import Unit


@dataclass(frozen=True)
class Fact:
    """One row as a clerk would read it out: `turns` are pairs of settled and unsettled days, None if none is asked for."""

    pk: int
    at: date
    owner: str
    weight: int = 1
    different: str = ""
    turns: tuple[tuple[date | None, date | None], ...] | None = None
    category: str = ""
    value: float | None = None


class Facts:
    """All facts, read from the database once for each number."""

    def __init__(self) -> None:
        self.paths = {unit.pk: unit.path for unit in Unit.objects.all()}
        self._read: dict[str, list[Fact]] = {}

    def of(self, code: str) -> list[Fact]:
        if code not in self._read:
            self._read[code] = [Fact(**fact) for fact in _READ[code]()]
        return self._read[code]


def counted(
    rows: Iterable[Fact], *, first: date | None, last: date, as_of: bool, under: str, only: bool = False
) -> list[Fact]:
    """Return the facts that count for the unit path `under`, or with `only` for that unit alone."""
    kept = []
    for row in rows:
        if row.at > last or (not as_of and first is not None and row.at < first):
            continue
        if row.owner != under and (only or not row.owner.startswith(under)):
            continue
        if row.turns is not None:
            standing = [
                1
                for settled, unsettled in row.turns
                if settled is not None and settled <= last and (unsettled is None or unsettled > last)
            ]
            if not standing:
                continue
        kept.append(row)
    return kept


def months(first: date, last: date) -> dict[str, tuple[date, date]]:
    found: dict[str, tuple[date, date]] = {}
    day = first
    while day <= last:
        key = f"{day.year}-{day.month:02d}"
        found[key] = (found.get(key, (day, day))[0], day)
        day += timedelta(days=1)
    return found


def middle(values: list[float]) -> float | None:
    return median(values) if values else None


def mean(values: list[float]) -> Fraction | None:
    return Fraction(sum(map(Fraction, values)), len(values)) if values else None


def day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.astimezone(SHANGHAI).date()


def _paths() -> dict[int, str]:
    return {unit.pk: unit.path for unit in Unit.objects.all()}


def _opinions(*, turns: bool = False, way: bool = False) -> Iterable[dict[str, Any]]:
    paths = _paths()
    for row in Opinion.objects.prefetch_related("referrals"):
        yield {
            "pk": row.pk,
            "at": day(row.heard_at),
            "owner": paths[row.heard_by_id],
            "different": row.object_category,
            "category": ("shop" if row.object_category == "SHOP" else "") if way else row.kind,
            "turns": tuple((day(each.closed_at), day(each.reopened_at)) for each in row.referrals.all())
            if turns
            else None,
        }


def _referrals(*, credit: str = "answers", turns: bool = False, first_hop: bool = False) -> Iterable[dict[str, Any]]:
    paths = _paths()
    for row in Referral.objects.select_related("opinion"):
        if first_hop and row.hop != 1:
            continue
        yield {
            "pk": row.pk,
            "at": day(row.opinion.heard_at if first_hop else row.referred_at),
            "owner": paths[row.unit_id if credit == "answers" else row.opinion.heard_by_id],
            "weight": row.hop,
            "category": row.opinion.kind,
            "turns": ((day(row.finished_at), day(row.reopened_at)),) if turns else None,
            "value": (row.referred_at - row.opinion.heard_at).total_seconds() / 3600 if first_hop else float(row.hop),
        }


def _rectifications(*, planned: bool) -> Iterable[dict[str, Any]]:
    paths = _paths()
    for row in Rectification.objects.all():
        yield {
            "pk": row.pk,
            "at": row.planned_on if planned else day(row.measured_at),
            "owner": paths[row.unit_id],
            "turns": ((day(row.rectified_at) if planned else row.planned_on, None),),
        }


_READ: dict[str, Callable[[], Iterable[dict[str, Any]]]] = {
    "sample.heard": _opinions,
    "sample.heard_so_far": _opinions,
    "sample.closed_so_far": lambda: _opinions(turns=True),
    "sample.referred_and_finished": lambda: ({**row, "weight": 1} for row in _referrals(turns=True)),
    "sample.hops": lambda: _referrals(credit="hears"),
    "sample.objects": lambda: (row for row in _opinions() if row["different"]),
    "sample.planned": lambda: _rectifications(planned=True),
    "sample.measured": lambda: _rectifications(planned=False),
    "sample.where_from": lambda: _opinions(way=True),
    "sample.referral_delay": lambda: _referrals(credit="hears", first_hop=True),
    "sample.mean_hops": _referrals,
}
