"""The verbs of foreign programs' keys: give one, take it back."""

import secrets
from datetime import datetime

from django.db import transaction

from zoufang.audit import services as audit
from zoufang.channels.models import ClientApp
from zoufang.channels.open311.selectors import digest_of
from zoufang.kernel.refusal import StaleState
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer
from zoufang.organization.selectors import bureau


@transaction.atomic
def give_key(*, name: str, keeper: str, by: Officer, now: datetime) -> tuple[ClientApp, str]:
    """
    Let a program of `keeper` bring opinions in; return it and its key, which is shown this once.

    :raises NotAllowed: if `by` does not keep the accounts of the whole bureau.
    """
    access.require(by, Do.KEEP_ACCOUNTS, bureau())
    key = secrets.token_urlsafe(32)
    client = ClientApp.objects.create(name=name, keeper=keeper, digest=digest_of(key), made_by=by, made_at=now)
    audit.record("give-key", on="client-app", key=client.pk, by=by, at=now, detail={"name": name})
    return client, key


@transaction.atomic
def revoke_key(client: ClientApp, *, by: Officer, now: datetime) -> None:
    """
    Let the program bring nothing in any more. What it brought stays.

    :raises NotAllowed: if `by` does not keep the accounts of the whole bureau.
    :raises StaleState: if it was revoked before.
    """
    access.require(by, Do.KEEP_ACCOUNTS, bureau())
    if not ClientApp.objects.live().filter(pk=client.pk).update(revoked_at=now):
        raise StaleState
    audit.record("revoke-key", on="client-app", key=client.pk, by=by, at=now)
