"""Transfers that an officer brings in: by a program of theirs, or from a file."""

from datetime import datetime

from django.db import transaction

from zoufang.audit import services as audit
from zoufang.channels.services.delivering import Delivered, Parse, take_delivery
from zoufang.channels.vocabulary import Channel
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit


@transaction.atomic
def take_transfer(provider_id: str, body: bytes, parse: Parse, *, unit: Unit, by: Officer, now: datetime) -> Delivered:
    """
    Take a transfer for `unit` as if its sender had delivered it; the audit record says who brought it.

    :raises NotAllowed: if `by` may not bring rows in for the unit.
    """
    access.require(by, Do.IMPORT_ROWS, unit)
    taken = take_delivery(Channel.TRANSFER, provider_id, body, parse, now=now)
    if taken.created:
        audit.record("bring-transfer", on="delivery", key=taken.delivery.pk, by=by, at=now)
    return taken
