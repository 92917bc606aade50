"""
The outbox: decided in the transaction that decides, sent after it, once.

Exactly once lies with three: the unique key of the row, the lease of whoever sends, and the gateway, which drops what
comes twice under one key. A sender that is killed between sending and writing it down leaves a lease that runs out;
the next one sends the same key again.
"""

import logging
import random
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from zoufang.audit import services as audit
from zoufang.kernel.refusal import Invalid, StaleState
from zoufang.notifications import rules
from zoufang.notifications.models import Outgoing
from zoufang.notifications.senders import Letter, NeverSent, NotNow, Sender
from zoufang.notifications.vocabulary import GOING_ON, STUCK, State, Way
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit
from zoufang.privacy.redaction import redacted
from zoufang.privacy.sealing import UnsealError, seal, unseal

_log = logging.getLogger(__name__)
DELIVER = "notifications.deliver"
_WHY = 200


@transaction.atomic
def tell_citizen(
    *,
    key: str,
    way: Way | str,
    address: str,
    text: str,
    subject: str,
    unit: Unit,
    about: str = "",
    language: str = "",
    not_before: datetime | None = None,
    now: datetime,
) -> Outgoing:
    """
    Decide that a citizen is told. Call inside the transaction of the step: the message is sent once that stands.

    The same `key` again changes nothing and returns what was decided first. `subject` must name no citizen; `unit` says
    whose business it is. `not_before` puts it off, by `rules.LONGEST_PUT_OFF` at most. By PAGE nothing is sent: the
    message counts as sent.

    :raises ValueError: if it is put off for longer than that.
    """
    if not_before is not None and not_before > now + rules.LONGEST_PUT_OFF:
        raise ValueError(f"{key} is put off until {not_before}: too long")
    at_once = way == Way.PAGE
    facts = {
        "way": way,
        "address_sealed": seal(address),
        "text_sealed": seal(text),
        "subject": subject,
        "language": language or get_language() or "zh-hans",
        "about": about,
        "unit": unit,
        "not_before": not_before or now,
        "decided_at": now,
        **({"state": State.SENT, "sent_at": now, "ended_at": now} if at_once else {}),
    }
    try:
        with transaction.atomic():
            decided, new = Outgoing.objects.get_or_create(key=key, defaults=facts)
    except IntegrityError:  # decided twice at once: the other one has been committed by now
        return Outgoing.objects.get(key=key)
    if new and not at_once:
        # What is lost between here and there, the sweep finds.
        transaction.on_commit(_wake_the_worker, robust=True)
    return decided


def deliver_due(senders: Mapping[Way, Sender], now: datetime, *, most: int = 100) -> int:
    """
    Hand up to `most` messages that are due to their senders, one after another; return how many were tried.

    Never call it inside a transaction: what is about to be sent must be written down first.
    """
    for tried in range(most):
        outgoing = _claim(list(senders), now)
        if outgoing is None:
            return tried
        _send(outgoing, senders[Way(outgoing.way)], now)
    return most


@transaction.atomic
def note_delivered(
    *, way: Way, key: str = "", provider_id: str = "", delivered: bool, why: str = "", at: datetime
) -> bool:
    """
    Take in what the gateway reports about the message of this `send_key`, or of its own number; is it one of ours?

    A report may come before the gateway's answer did, twice, or late: what has arrived stays arrived.
    """
    base, _hash, resends = key.partition("#")
    known = Q(key=base, resends=int(resends) if resends.isdecimal() else 0) if key else Q(pk__in=[])
    if provider_id:
        known |= Q(provider_id=provider_id)
    told = Outgoing.objects.filter(known, way=way)
    if delivered:
        told.exclude(state=State.DELIVERED).update(
            state=State.DELIVERED, sent_at=Coalesce("sent_at", at), delivered_at=at, ended_at=at, why_failed=""
        )
    else:
        told.filter(state__in=[*GOING_ON, State.SENT]).update(state=State.FAILED, why_failed=_said(why), ended_at=at)
    return told.exists()


@transaction.atomic
def resend(outgoing: Outgoing, *, by: Officer, now: datetime) -> None:
    """
    Send a message that failed once more, from the first try.

    :raises NotAllowed: if it is not the officer's unit's business.
    :raises Invalid: if its address has been disposed of.
    :raises StaleState: if it did not fail, or somebody else has resent it.
    """
    access.require(by, Do.KEEP_OUTGOING, outgoing.unit)
    if outgoing.disposed_at is not None:
        raise Invalid(_("该件的联系方式已按期销毁，不能重发。"))
    resent = Outgoing.objects.filter(
        pk=outgoing.pk, state__in=STUCK, resends=outgoing.resends, disposed_at=None
    ).update(
        state=State.WAITING,
        attempts=0,
        resends=F("resends") + 1,
        not_before=now,
        why_failed="",
        provider_id="",
        sent_at=None,
        ended_at=None,
    )
    if not resent:
        raise StaleState
    audit.record("outgoing.resend", on="outgoing", key=outgoing.key, by=by, at=now)
    transaction.on_commit(_wake_the_worker, robust=True)


@transaction.atomic
def dispose_of_addresses(*, now: datetime) -> int:
    """Dispose of the address and text of messages that ended longer than the retention ago; return how many."""
    due = Outgoing.objects.filter(disposed_at=None, ended_at__lt=now - rules.RETENTION)
    disposed = due.update(address_sealed=b"", text_sealed=b"", disposed_at=now)
    if disposed:
        audit.record("outgoing.dispose", on="outgoing", key="*", by=None, at=now, detail={"many": disposed})
    return disposed


def _claim(ways: list[Way], now: datetime) -> Outgoing | None:
    """Take a lease on the message that has been due longest, if there is one that nobody else has."""
    wrong_clock = Q(not_before__gt=now + rules.LONGEST_PUT_OFF)
    with transaction.atomic():
        due = Outgoing.objects.filter(Q(not_before__lte=now) | wrong_clock, state__in=GOING_ON, way__in=ways)
        outgoing = due.select_for_update(skip_locked=True).order_by("not_before", "pk").first()
        if outgoing is None:
            return None
        outgoing.state = State.SENDING
        outgoing.attempts += 1
        outgoing.not_before = now + rules.LEASE
        outgoing.save(update_fields=["state", "attempts", "not_before"])
        return outgoing


def _send(outgoing: Outgoing, sender: Sender, now: datetime) -> None:
    # Tries are counted before they are made: what kills every worker that tries it is not tried for ever.
    if outgoing.attempts > rules.MOST_TRIES:
        return _end(outgoing, State.GIVEN_UP, _("每次发送都中断了。"), now)
    try:
        provider_id = sender.send(_letter(outgoing))
    except NeverSent as failure:
        return _end(outgoing, State.FAILED, str(failure), now)
    except UnsealError:
        return _end(outgoing, State.FAILED, _("联系方式无法解密。"), now)
    except NotNow as failure:
        return _put_off(outgoing, str(failure), now)
    except Exception as failure:  # noqa: BLE001 - whatever it is, the others must go out
        # Its own words might hold the address.
        _log.error("message %s was not sent: %s", outgoing.pk, type(failure).__name__)
        return _put_off(outgoing, _("网关出错（%(what)s）。") % {"what": type(failure).__name__}, now)
    # That it was sent is true whoever else holds a lease by now, and more than that may be known already.
    sent = Outgoing.objects.filter(pk=outgoing.pk, resends=outgoing.resends, state__in=GOING_ON)
    sent.update(state=State.SENT, provider_id=provider_id[:100], why_failed="", sent_at=now, ended_at=now)
    return None


def _letter(outgoing: Outgoing) -> Letter:
    return Letter(
        key=outgoing.send_key,
        address=unseal(bytes(outgoing.address_sealed)),
        text=unseal(bytes(outgoing.text_sealed)),
        subject=outgoing.subject,
        language=outgoing.language,
        about=outgoing.about,
    )


def _put_off(outgoing: Outgoing, why: str, now: datetime) -> None:
    if outgoing.attempts >= rules.MOST_TRIES:
        return _end(outgoing, State.GIVEN_UP, why, now)
    wait = rules.wait_after(outgoing.attempts, chance=random.random())  # noqa: S311 - so that not all come at once
    _ours(outgoing).update(state=State.WAITING, not_before=now + wait, why_failed=_said(why))
    return None


def _end(outgoing: Outgoing, state: State, why: str, now: datetime) -> None:
    _ours(outgoing).update(state=state, why_failed=_said(why), ended_at=now)


def _ours(outgoing: Outgoing) -> QuerySet[Outgoing]:
    """The row as long as the lease is this one: whoever took the next one says how it went."""
    return Outgoing.objects.filter(
        pk=outgoing.pk, state=State.SENDING, attempts=outgoing.attempts, resends=outgoing.resends
    )


def _said(why: str) -> str:
    return redacted(why)[:_WHY]


def _wake_the_worker() -> None:
    with suppress(AlreadyEnqueued):
        app.configure_task(DELIVER, queueing_lock=DELIVER).defer()
