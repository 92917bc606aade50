"""Rows of chance around the opinions: by which doors they came, how they ended, who was told, asked back and pressed."""

import random
from datetime import date, datetime, timedelta

from tests.metrics.sample import Bureau, _later, _moment
from zoufang.answers.models import Publication
from zoufang.answers.online import MODE_OF
from zoufang.answers.vocabulary import PublicationState
from zoufang.callbacks.models import CallBackSample, SampledReferral
from zoufang.channels.models import Arrival, Delivery, PaperSeries, PaperSheet, Poster
from zoufang.channels.vocabulary import Channel, State, Why
from zoufang.notifications.models import Reminder
from zoufang.notifications.vocabulary import Case, Deadline, Level
from zoufang.opinions.models import CallBack, Opinion, Outcome, Referral, Reply
from zoufang.opinions.vocabulary import CallLevel, Kind, OutcomeKind, Satisfaction
from zoufang.organization.models import Officer, Unit


def scatter_around(bureau: Bureau, chance: random.Random, other: Officer, *, secret: str, begin: datetime) -> None:
    """Give doors, outcomes, answers, call-backs and reminders something to count, in every unit of both cities."""
    for referral in Referral.objects.select_related("opinion").order_by("pk"):
        _spoken(referral, chance)
        _ended(bureau, referral, chance, secret)
        _answered(bureau, referral, chance, other, secret)
        _asked_back(bureau, referral, chance)
    _doors(bureau, chance, secret, begin)
    _deliveries(bureau, chance, secret, begin)
    for number in range(120):
        due_at = _moment(chance, begin)
        Reminder.objects.create(
            case=chance.choice(Case.values),
            about=f"{secret}{number}",
            link=secret,
            deadline=chance.choice(Deadline.values),
            due_at=due_at,
            level=chance.choice(Level.values),
            unit=chance.choice(bureau.units),
            at=_later(chance, due_at),
        )


def _spoken(referral: Referral, chance: random.Random) -> None:
    if chance.random() < 0.2:
        return
    referral.contact_due_at = _later(chance, referral.referred_at)
    if chance.random() < 0.8:
        referral.contacted_at, referral.contacted_how = _later(chance, referral.referred_at), Reply.ToldBy.PHONE
    referral.save()


def _ended(bureau: Bureau, referral: Referral, chance: random.Random, secret: str) -> None:
    at = _later(chance, referral.referred_at)
    for changed in (chance.random() < 0.3, False):
        kind = chance.choice(OutcomeKind.values)
        until = _later(chance, at) if changed else None
        Outcome.objects.create(
            referral=referral,
            kind=kind,
            review_on=date(2027, 1, 1) if kind == OutcomeKind.CANNOT_NOW else None,
            turn_to=secret if kind == OutcomeKind.NOT_OURS else "",
            by=bureau.officer,
            decided_at=at,
            superseded_at=until,
        )
        if until is None:
            return
        at = until


def _answered(bureau: Bureau, referral: Referral, chance: random.Random, other: Officer, secret: str) -> None:
    told_at = _later(chance, referral.referred_at)
    reply = Reply.objects.create(
        referral=referral,
        text=secret,
        drafted_by=bureau.officer,
        drafted_at=referral.referred_at,
        approved_by=other,
        approved_at=referral.referred_at,
        told_by=chance.choice([Reply.ToldBy.PAGE, Reply.ToldBy.PHONE]),
        told_at=told_at,
    )
    opinion = referral.opinion
    if chance.random() < 0.5 and opinion.kind != Kind.COMPLAINT:
        opinion.source = chance.choice([*MODE_OF])
        opinion.save()
    if chance.random() < 0.5:
        Publication.objects.create(
            reply=reply,
            unit=referral.unit,
            topic=opinion.topic,
            title=secret,
            question=secret,
            answer=secret,
            state=PublicationState.PUBLISHED,
            proposed_by=bureau.officer,
            proposed_at=told_at,
            published_by=other,
            published_at=_later(chance, told_at),
        )


def _asked_back(bureau: Bureau, referral: Referral, chance: random.Random) -> None:
    at, before = _later(chance, referral.referred_at), False
    for level in CallLevel.values:
        if chance.random() < 0.3:
            continue
        reached = chance.random() < 0.85
        asked = {
            "confirmed": chance.choice([True, True, False]),
            "solved": chance.random() < 0.7,
            "satisfaction": chance.choice(Satisfaction.values),
            "differs": chance.random() < 0.4 if before else None,
        }
        for _try in range(1 if reached else 3):
            CallBack.objects.create(
                referral=referral, level=level, by=bureau.officer, at=at, reached=reached, **(asked if reached else {})
            )
        before = before or reached
        if level != CallLevel.UNIT:
            drawn_at = at - timedelta(hours=1)
            sample, _new = CallBackSample.objects.get_or_create(
                unit=referral.unit,
                level=level,
                month=drawn_at.date().replace(day=1),
                defaults={"percent": 10, "population": 9, "seed": 7, "drawn_at": drawn_at},
            )
            SampledReferral.objects.get_or_create(sample=sample, referral=referral)
        at = _later(chance, at)


def _doors(bureau: Bureau, chance: random.Random, secret: str, begin: datetime) -> None:
    made = {"made_by": bureau.officer, "made_at": begin}
    posters = [Poster.objects.create(unit=unit, **made) for unit in bureau.units]
    for opinion in Opinion.objects.all():
        if chance.random() < 0.5:
            Arrival.objects.create(opinion=opinion, poster=chance.choice(posters))
    for unit in bureau.units:
        series = PaperSeries.objects.create(unit=unit, occasion=secret, place=secret, many=20, **made)
        for position in range(1, 21):
            _sheet(bureau, series, position, chance, begin)


def _sheet(bureau: Bureau, series: PaperSeries, position: int, chance: random.Random, begin: datetime) -> None:
    handed_out = _moment(chance, begin) if chance.random() < 0.9 else None
    collected = _later(chance, handed_out) if handed_out and chance.random() < 0.6 else None
    typed = {"typed_by": bureau.officer, "typed_at": collected} if collected else {}
    PaperSheet.objects.create(
        series=series, position=position, handed_out_at=handed_out, collected_at=collected, **typed
    )


def _deliveries(bureau: Bureau, chance: random.Random, secret: str, begin: datetime) -> None:
    opinions, first = list(Opinion.objects.all()), None
    for number in range(150):
        state = chance.choice([State.TAKEN, State.TAKEN, *State.values])
        facts: dict[str, object] = {}
        if state == State.TAKEN:
            facts = {"opinion": chance.choice([None, *opinions]), "why": chance.choice(["", Why.INVALID])}
            if chance.random() < 0.7:
                facts |= {"rating": chance.choice(Satisfaction.values), "rated_unit": _any(bureau, chance)}
        elif state == State.DUPLICATE and first is not None:
            facts = {"first": first}
        elif state == State.DISCARDED:
            facts = {"why": Why.INVALID, "reason": secret, "settled_by": bureau.officer}
        else:
            state, facts = State.IN_TRAY, {"why": Why.INVALID, "content_sealed": secret.encode()}
        made = Delivery.objects.create(
            channel=chance.choice(Channel.values),
            provider_id=f"{secret}{number}",
            body_hash=str(number),
            received_at=_moment(chance, begin),
            unit=_any(bureau, chance),
            state=state,
            detail=secret,
            **facts,
        )
        first = first or made


def _any(bureau: Bureau, chance: random.Random) -> Unit:
    return chance.choice(bureau.units)
