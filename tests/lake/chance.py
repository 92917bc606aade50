"""Rows of chance for every number of the catalogue, in two cities; whatever people type says SECRET."""

import random
from datetime import date, datetime, timedelta
from uuid import UUID

from tests.lake.chance_around import scatter_around
from tests.metrics.sample import SHANGHAI, Bureau, _later, _moment, local
from zoufang.casework.models import Dispute, DisputeMediation, PetitionCase, PetitionHandling
from zoufang.casework.vocabulary import DisputeCategory, Level
from zoufang.opinions.models import Asker, Opinion, Rating, Rectification, Referral, Topic
from zoufang.opinions.vocabulary import ObjectCategory, Satisfaction, Source
from zoufang.organization.models import Officer, Unit
from zoufang.statistics.figures import FIGURES
from zoufang.statistics.models import ReportedFigure
from zoufang.visits.models import Visit
from zoufang.visits.vocabulary import Mode, Theme

SECRET = "SECRET张三13912345678"
BEGIN = local(2025, 12, 20)


def scatter_everything(bureau: Bureau, chance: random.Random, *, rows: int) -> None:
    """Give every number of the catalogue something to count, in every unit of both cities."""
    Officer.objects.filter(pk=bureau.officer.pk).update(name=SECRET)
    other = Officer.objects.create(username="other", name=SECRET, unit=bureau.outside_station)
    bureau.scatter(chance, opinions=rows)
    _lead_opinions(bureau, chance, other)
    scatter_around(bureau, chance, other, secret=SECRET, begin=BEGIN)
    for number in range(rows * 2):
        _visit(bureau, chance, number)
    for number in range(rows):
        _petition(bureau, chance, number)
        _dispute(bureau, chance, number)
    _figures(bureau, other)


def _lead_opinions(bureau: Bureau, chance: random.Random, other: Officer) -> None:
    below = [Topic.objects.create(code=f"X{n}", name=f"细类{n}", name_en="", parent=bureau.topic) for n in range(3)]
    sources, objects = [*Source.values], [*ObjectCategory.values]
    for opinion in Opinion.objects.all():
        opinion.topic = chance.choice([bureau.topic, *below])
        opinion.source = chance.choice(sources)
        opinion.object_category = chance.choice(["", ObjectCategory.PROSECUTION_COURT, *objects])
        opinion.content = opinion.place = opinion.title = SECRET
        opinion.save()
    for rectification in Rectification.objects.exclude(rectified_at=None):
        if chance.random() < 0.7:
            rectification.verified_at = _later(chance, rectification.rectified_at or BEGIN)
            rectification.verified_by, rectification.result = other, SECRET
            rectification.save()
    rectified = list(Rectification.objects.all())
    for referral in Referral.objects.all():
        at = referral.referred_at
        referral.signed_at = at + timedelta(hours=2) if chance.random() < 0.7 else None
        referral.due_at = _later(chance, at)
        referral.rectification = chance.choice([None, *rectified])
        if referral.closed_at is None and chance.random() < 0.5:
            referral.returned_at, referral.return_reason = (
                _later(chance, at),
                chance.choice(Referral.ReturnReason.values),
            )
        referral.save()
        for satisfaction in chance.sample(Satisfaction.values, chance.randrange(3)):
            asker = Asker.objects.create(
                opinion_id=referral.opinion_id, code_hash=f"{referral.pk}-{satisfaction}", asked_at=at
            )
            Rating.objects.create(
                referral=referral,
                asker=asker,
                at=_later(chance, at),
                solved=True,
                satisfaction=satisfaction,
                comment=SECRET,
            )


def _visit(bureau: Bureau, chance: random.Random, number: int) -> None:
    visited = _moment(chance, BEGIN)
    voided = {"voided_at": visited, "voided_by": bureau.officer, "void_reason": SECRET} if number % 9 == 0 else {}
    Visit.objects.create(
        uid=UUID(int=chance.getrandbits(128)),
        body_hash=str(number),
        unit=chance.choice(bureau.units),
        visited_at=visited,
        recorded_at=_later(chance, visited) if number % 2 else visited + timedelta(minutes=chance.randrange(90)),
        mode=chance.choice(Mode.values),
        object_category=chance.choice([ObjectCategory.PROSECUTION_COURT, *ObjectCategory.values]),
        headcount=chance.randrange(1, 9),
        theme=chance.choice(Theme.values),
        place=SECRET,
        question=chance.choice(["", SECRET]),
        summary=SECRET,
        opinion_count=chance.randrange(2),
        recorded_by=bureau.officer,
        **voided,
    )


def _turns(chance: random.Random, at: datetime) -> list[tuple[datetime, datetime | None, datetime | None]]:
    """Return stretches of (opened, settled, taken up again): each begins when the one before was taken up again."""
    found = []
    while True:
        settled = _later(chance, at) if chance.random() < 0.7 else None
        again = _later(chance, settled) if settled and chance.random() < 0.5 else None
        found.append((at, settled, again))
        if again is None:
            return found
        at = again


def _petition(bureau: Bureau, chance: random.Random, number: int) -> None:
    assigned = _moment(chance, BEGIN)
    case = PetitionCase.objects.create(
        no=f"{SECRET}{number}",
        level=chance.choice([Level.PROVINCE, Level.PROVINCE, *Level.values]),
        is_backlog=chance.random() < 0.8,
        subject=SECRET,
        batch=SECRET,
        assigned_at=assigned,
        unit=chance.choice(bureau.units),
        due_at=assigned + timedelta(days=20),
        extended_to=chance.choice([None, assigned + timedelta(days=30)]),
        recorded_by=bureau.officer,
        recorded_at=assigned,
    )
    for opened, closed, again in _turns(chance, assigned):
        PetitionHandling.objects.create(
            case=case,
            opened_at=opened,
            **({"closed_at": closed, "closed_by": bureau.officer, "result": SECRET} if closed else {}),
            **({"reopened_at": again, "reopened_by": bureau.officer, "reopen_reason": SECRET} if again else {}),
        )


def _dispute(bureau: Bureau, chance: random.Random, number: int) -> None:
    found = _moment(chance, BEGIN)
    dispute = Dispute.objects.create(
        no=f"{SECRET}{number}",
        category=chance.choice(DisputeCategory.values),
        screening_round=SECRET,
        found_at=found,
        unit=chance.choice(bureau.units),
        place=SECRET,
        summary=SECRET,
        due_on=_moment(chance, found).astimezone(SHANGHAI).date(),
        recorded_by=bureau.officer,
        recorded_at=found,
    )
    for opened, resolved, again in _turns(chance, found):
        assigned = opened + (resolved - opened) / 2 if resolved else chance.choice([None, _later(chance, opened)])
        DisputeMediation.objects.create(
            dispute=dispute,
            opened_at=opened,
            assigned_at=assigned,
            **({"resolved_at": resolved, "resolved_by": bureau.officer, "result": SECRET} if resolved else {}),
            **({"reopened_at": again, "reopened_by": bureau.officer, "reopen_reason": SECRET} if again else {}),
        )


def _figures(bureau: Bureau, other: Officer) -> None:
    for number, code in enumerate(FIGURES):
        for unit in (bureau.city, bureau.county, bureau.outside):
            for last in (date(2026, 2, 28), date(2026, 3, 9)):
                first = date(2026, 2, 1) if last.month == 2 else date(2026, 1, 17)
                ReportedFigure.objects.create(
                    code=code,
                    unit=unit,
                    first=first,
                    last=last,
                    value=number * 10 + last.month,
                    source_doc=SECRET,
                    reported_by=bureau.officer,
                    reported_at=BEGIN,
                    approved_by=other,
                    approved_at=BEGIN,
                )
    waiting = next(iter(FIGURES))
    ReportedFigure.objects.create(
        code=waiting,
        unit=bureau.station,
        first=date(2026, 2, 1),
        last=date(2026, 2, 28),
        value=777,
        source_doc=SECRET,
        reported_by=bureau.officer,
        reported_at=BEGIN,
    )


def units() -> list[Unit]:
    return list(Unit.objects.order_by("path"))
