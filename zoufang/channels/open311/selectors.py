"""
Named reads for everybody: which services there are, and how requests stand.

Nobody is asked who they are here, so nothing is told that could say who somebody was: no text, no place, no hour, no
complaint; and no unit where few asked it the same.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.db.models import Count, Max, QuerySet
from django.utils.crypto import constant_time_compare

from zoufang.channels import rules as public_rules
from zoufang.channels.models import ClientApp
from zoufang.channels.open311 import rules
from zoufang.opinions.models import Opinion, Topic
from zoufang.opinions.vocabulary import Source
from zoufang.opinions.workflow import Status
from zoufang.organization.models import Officer, Unit
from zoufang.organization.selectors import bureau

# The specification's own limits: so many days and so many requests in one answer.
SPAN = timedelta(days=90)
MOST = 1000
# A unit is named where at least so many asked it about the same service within `SPAN`.
ENOUGH = 5
_TOKEN = signing.Signer(salt="zoufang.channels.open311", sep=".")


@dataclass(frozen=True)
class Asked:
    """Which requests a client wants: by number, or else by service, status and time."""

    nos: Collection[str] = ()
    services: Collection[str] = ()
    status: str = ""
    first: datetime | None = None
    last: datetime | None = None


def services() -> QuerySet[Topic]:
    """Return what may be asked for: the topics of the second level."""
    return Topic.objects.exclude(parent=None).select_related("parent").order_by("position", "code")


def service(code: str) -> Topic | None:
    return services().filter(code=code).first()


def client_of(key: str) -> ClientApp | None:
    """Return the program that holds this key."""
    return ClientApp.objects.live().filter(digest=digest_of(key)).first()


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def clients_kept_by(viewer: Officer) -> QuerySet[ClientApp]:
    """Return the programs to which keys were given. Whoever may look at all looks at all: see the view's gate."""
    del viewer
    return ClientApp.objects.select_related("made_by")


def requests(asked: Asked, *, now: datetime) -> list[Opinion]:
    """Return the requests that a client asked for and may know of, newest first, `MOST` of them."""
    rows = _public().select_related("topic", "responsible_unit", "heard_by").annotate(moved_at=Max("events__at"))
    if asked.nos:
        return list(rows.filter(no__in=asked.nos)[:MOST])
    first, last = _span(asked, now)
    rows = rows.filter(heard_at__gte=first, heard_at__lte=last)
    if asked.services:
        rows = rows.filter(topic__code__in=asked.services)
    if asked.status == rules.CLOSED:
        rows = rows.filter(status__in=rules.DONE)
    elif asked.status == rules.OPEN:
        rows = rows.exclude(status__in=rules.DONE)
    return list(rows.order_by("-heard_at", "-pk")[:MOST])


def agencies(opinions: Collection[Opinion], *, now: datetime) -> dict[int, Unit]:
    """Return who answers for each of `opinions`: its unit where enough asked it the same, else the bureau."""
    recent = _public().filter(heard_at__gt=now - SPAN, topic__in={one.topic_id for one in opinions})
    asked = recent.order_by().values_list("topic", "responsible_unit").annotate(many=Count("pk"))
    crowds = {(topic, unit) for topic, unit, many in asked if many >= ENOUGH}
    whole = bureau()
    return {
        one.pk: one.responsible_unit
        if one.responsible_unit is not None and (one.topic_id, one.responsible_unit_id) in crowds
        else whole
        for one in opinions
    }


def token_for(opinion: Opinion) -> str:
    """Return a token that leads to the request's number and to nothing else."""
    return _TOKEN.sign(opinion.no)


def no_behind(token: str) -> str:
    """Return the number that one of our tokens leads to; empty if it is none of ours."""
    no, _sep, _signature = token.rpartition(".")
    return no if no and constant_time_compare(_TOKEN.sign(no), token) else ""


def words_for(status: str) -> str:
    """Return how a request stands, in public words."""
    return str(public_rules.STATUS_WORDS[Status(status)])


def _public() -> QuerySet[Opinion]:
    """What citizens sent by the open doors themselves; what they told an officer is not published, nor a complaint."""
    return Opinion.objects.about_matters().filter(source=Source.PUBLIC_PAGE)


def _span(asked: Asked, now: datetime) -> tuple[datetime, datetime]:
    if asked.first is not None:
        return asked.first, asked.last or min(asked.first + SPAN, now)
    last = asked.last or now
    return last - SPAN, last
