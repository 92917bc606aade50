"""Drawing samples: which of a unit's finished matters a level asks about. Anybody can throw the same dice again."""

import secrets
from collections.abc import Callable
from datetime import date, datetime

from django.db import IntegrityError, transaction

from zoufang.audit import services as audit
from zoufang.callbacks import selectors
from zoufang.callbacks.models import CallBackSample, SampledReferral, SamplingRule
from zoufang.callbacks.rules import drawn_from, month_around
from zoufang.organization.models import Unit


def new_seed() -> int:
    """Return a seed that nobody can foresee."""
    return secrets.randbits(62)


def draw_samples(month: date, *, now: datetime, seeds: Callable[[], int] = new_seed) -> int:
    """
    Draw what has not been drawn for the month around a day, for each unit and level; return how many samples.

    Again changes nothing: a sample that is there stays as it was drawn. A unit without finished matters has none.
    """
    last = month_around(month).last
    rules = selectors.rules_on(last)
    drawn = 0
    for unit in selectors.units_to_sample(last):
        for rule in rules:
            drawn += draw_sample(unit, rule, month, now=now, seed=seeds()) is not None
    return drawn


def draw_sample(unit: Unit, rule: SamplingRule, month: date, *, now: datetime, seed: int) -> CallBackSample | None:
    """
    Draw the unit's sample of the month around a day by the rule; None if there is one already, or nothing to draw from.

    The seed is kept in the sample and in the audit record: whoever throws the dice by it draws the same.
    """
    first = month.replace(day=1)
    finished = selectors.finished_in(unit, month_around(month))
    if not finished or selectors.is_drawn(unit, rule.level, first):
        return None
    try:
        with transaction.atomic():
            sample = CallBackSample.objects.create(
                unit=unit,
                level=rule.level,
                month=first,
                percent=rule.percent,
                population=len(finished),
                seed=seed,
                drawn_at=now,
            )
            chosen = drawn_from(finished, seed=seed, percent=rule.percent, least=rule.least)
            SampledReferral.objects.bulk_create(SampledReferral(sample=sample, referral_id=pk) for pk in chosen)
            detail = {"seed": str(seed), "population": str(len(finished)), "drawn": str(len(chosen))}
            audit.record("draw-sample", on="call-back-sample", key=str(sample.pk), by=None, at=now, detail=detail)
    except IntegrityError:
        # Somebody else drew it at the same moment: theirs counts.
        return None
    return sample
