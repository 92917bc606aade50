"""Named reads of call-backs. Each that a person asks for starts from the opinions that the person may see."""

from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from zoufang.callbacks.models import CallBackSample, SampledReferral, SamplingRule
from zoufang.kernel.period import Period
from zoufang.opinions.models import CallBack, Referral
from zoufang.opinions.selectors import opinions_seen_by
from zoufang.opinions.vocabulary import CallLevel
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Role, Unit, UnitQuerySet

_HEARD_BY = "referral__opinion__heard_by"


def sampled_seen_by(viewer: Officer) -> QuerySet[Any]:
    """Return what was drawn of the opinions that the viewer may see: `SampledReferral`s with their calls."""
    seen = SampledReferral.objects.with_calls().filter(referral__opinion__in=opinions_seen_by(viewer))
    return seen.select_related("sample", "referral__opinion__topic", "referral__opinion__heard_by", "referral__unit")


def to_call(viewer: Officer) -> QuerySet[Any]:
    """Return what was drawn for the viewer's level, is not asked yet, and is the viewer's to ask."""
    mine = Q(pk__in=[])
    for level in CallLevel:
        mine |= Q(sample__level=level) & _reach(viewer, level)
    open_ones = sampled_seen_by(viewer).filter(reached_at=None, gave_up_at=None, referral__reopened_at=None)
    return open_ones.filter(mine)


def call_backs_seen_by(viewer: Officer) -> QuerySet[CallBack]:
    """Return the call-backs about opinions that the viewer may see, newest first."""
    seen = CallBack.objects.filter(referral__opinion__in=opinions_seen_by(viewer))
    return seen.select_related("referral__opinion", "referral__unit", "by__unit").order_by("-at", "-pk")


def denied(viewer: Officer) -> QuerySet[CallBack]:
    """Return the calls in which the citizen said that nobody came or answered: findings for an inspection to look at."""
    return call_backs_seen_by(viewer).filter(confirmed=False)


def rules_on(day: date) -> list[SamplingRule]:
    """Return the rule of each level in force on `day`."""
    found: dict[str, SamplingRule] = {}
    for rule in SamplingRule.objects.filter(valid_from__lte=day).order_by("valid_from"):
        found[rule.level] = rule
    return list(found.values())


def units_to_sample(day: date) -> UnitQuerySet:
    """Return the units that are compared with their peers: each answers for its own sample."""
    return Unit.objects.exclude(peer_group="").open_on(day).order_by("position", "code")


def finished_in(unit: Unit, month: Period) -> list[int]:
    """Return the referrals of the unit and all below it that were closed in the month, by key: what is drawn from."""
    closed = Referral.objects.filter(
        unit.holds("unit"), follows=None, closed_at__gte=month.start, closed_at__lt=month.end
    )
    return list(closed.order_by("pk").values_list("pk", flat=True))


def is_drawn(unit: Unit, level: str, first: date) -> bool:
    """Is there a sample of the month that begins on `first`?"""
    return CallBackSample.objects.filter(unit=unit, level=level, month=first).exists()


def progress(viewer: Officer) -> dict[str, int]:
    """Return how many were drawn, reached, and given up, of what the viewer may see."""
    seen = sampled_seen_by(viewer).order_by()
    return seen.aggregate(
        drawn=Count("pk"),
        reached=Count("pk", filter=Q(reached_at__isnull=False)),
        gave_up=Count("pk", filter=Q(reached_at=None, gave_up_at__isnull=False)),
    )


def _reach(viewer: Officer, level: CallLevel) -> Q:
    """The rows over which one of the viewer's duties asks for this level; see `opinions.selectors.call_level`."""
    role = {CallLevel.UNIT: Role.CLERK, CallLevel.COUNTY: Role.VISIT_OFFICE, CallLevel.CITY: Role.INSPECTOR}[level]
    reach = access.within_reach(viewer, Do.CALL_BACK, f"{_HEARD_BY}__path", roles=frozenset({role}))
    if level is CallLevel.COUNTY:
        for unit in access.duty_units(viewer, Do.CALL_BACK, roles=frozenset({Role.CLERK})):
            if unit.kind == Unit.Kind.COUNTY_BUREAU:
                reach |= unit.holds(_HEARD_BY)
    return reach
