"""Write the audit record, and prove that nobody rewrote it."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction

from zoufang.audit.models import AuditRecord

MONTHS_AHEAD = 3

_RECORDS = "COPY audit_auditrecord (chain, at, by_id, action, object_type, object_id, detail) FROM STDIN"


@dataclass(frozen=True)
class Entry:
    """What one record says was done: `action` to the object `key` of type `on`. See `record` for `detail`."""

    action: str
    on: str
    key: object
    detail: Mapping[str, Any] = field(default_factory=dict)


def record(
    action: str,
    *,
    on: str,
    key: object,
    by: AbstractBaseUser | None,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """
    Record that `by` did `action` to the object `key` of type `on`. Call inside the transaction of the step.

    `detail` says what changed, in values that JSON can hold; it never holds a citizen's contact data or text.
    """
    record_all([Entry(action, on, key, detail or {})], by=by, at=at)


def record_all(entries: Sequence[Entry], *, by: AbstractBaseUser | None, at: datetime) -> None:
    """
    Record in one COPY that `by` did all this, in this order. Call inside the transaction of the steps.

    From here to its end the transaction keeps others off the chain: of many steps, record those last.
    """
    chain, pk = _chain_of(by), by.pk if by else None
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(_RECORDS) as copy:
        for entry in entries:
            copy.write_row((chain, at, pk, entry.action, entry.on, str(entry.key), _json(entry.detail)))


def note_export(what: str, *, form: str, rows: int, by: AbstractBaseUser, at: datetime) -> None:
    """Record that `by` took `rows` rows of the list `what` away, as a file or as print."""
    record("export", on="list", key=what, by=by, at=at, detail={"format": form, "rows": rows})


def make_months(*, now: datetime) -> int:
    """Make the parts of the record for this month and the next three that are not there; return how many were made."""
    with transaction.atomic(), connection.cursor() as cursor:
        # A reading that holds the record, such as a long walk, is not to be waited for: tomorrow will do.
        cursor.execute("SET LOCAL lock_timeout = '5s'")
        cursor.execute("SELECT audit_months(%s, %s)", [now, MONTHS_AHEAD])
        return int(cursor.fetchone()[0])


def outside_the_months() -> int:
    """
    Return how many records lie in the part for months that nobody made, 1,000 at most.

    They are as good there as anywhere. But the daily job has not run for months, or a clock is wrong.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM (SELECT FROM audit_auditrecord_other LIMIT 1000) AS few")
        return int(cursor.fetchone()[0])


@dataclass(frozen=True)
class Verdict:
    """What a walk along the chains found: `checked` records, and the first bad one, if any, with the reason."""

    checked: int
    bad: str = ""

    @property
    def sound(self) -> bool:
        return not self.bad


def verify(*, anchor: Mapping[str, tuple[int, str]] | None = None) -> Verdict:
    """
    Walk every chain from its start and recompute each hash outside the database.

    Finds edited, deleted, inserted and swapped records, and a cut tail (by the chain's head); with an `anchor`,
    which maps a chain to the (seq, hash) of its head at an earlier time, also a chain rewritten as a whole.
    Reads in batches and from one snapshot, so memory stays flat and writers are not held up.
    """
    checked = 0
    with _snapshot() as cursor:
        cursor.execute("SELECT chain, seq FROM audit_auditrecord WHERE chain NOT BETWEEN 0 AND %s LIMIT 1", [_LAST])
        if stray := cursor.fetchone():
            return Verdict(0, f"{stray[0]}/{stray[1]}: in no chain")
        for chain in range(AuditRecord.CHAINS):
            counted, bad = _walk(cursor, chain, (anchor or {}).get(str(chain)))
            checked += counted
            if bad:
                return Verdict(checked, bad)
    return Verdict(checked)


def heads() -> dict[str, dict[str, Any]]:
    """Return the newest seq and hash (hex) of each chain: kept elsewhere, it anchors the record."""
    with _snapshot() as cursor:
        cursor.execute("SELECT chain, seq, hash FROM audit_chainhead ORDER BY chain")
        return {str(chain): {"seq": seq, "hash": bytes(digest).hex()} for chain, seq, digest in cursor.fetchall()}


_LAST = AuditRecord.CHAINS - 1
_JSON = json.JSONEncoder(ensure_ascii=False, default=str)


def _walk(cursor: Any, chain: int, anchor: tuple[int, str] | None) -> tuple[int, str]:
    """Return how many records of the chain are sound from its start, and what is wrong with the next, if anything."""
    previous, seq = b"", 0
    while rows := _batch(cursor, chain, seq):
        for found, prev_hash, digest, payload in rows:
            if found != seq + 1:
                return seq, f"{chain}/{seq + 1}: missing"
            expected = hashlib.sha256(previous + payload.encode()).digest()
            if bytes(prev_hash) != previous or expected != bytes(digest):
                return seq, f"{chain}/{found}: altered"
            previous, seq = expected, found
            if anchor is not None and anchor == (seq, anchor[1]) and anchor[1] != previous.hex():
                return seq - 1, f"{chain}/{seq}: not what was anchored"
    cursor.execute("SELECT seq, hash FROM audit_chainhead WHERE chain = %s", [chain])
    head = cursor.fetchone()
    if head is None:
        return seq, f"{chain}: head missing" if seq or anchor else ""
    if head[0] != seq or bytes(head[1]) != previous or (anchor is not None and anchor[0] > seq):
        return seq, f"{chain}/{seq + 1}: missing"
    return seq, ""


@contextmanager
def _snapshot() -> Iterator[Any]:
    """Read from one snapshot; inside a transaction, from that of the transaction."""
    inside = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if inside:
            # The heads follow at the end of a transaction; let them catch up with what this one has written.
            cursor.execute("SET CONSTRAINTS audit_advance IMMEDIATE")
            cursor.execute("SET CONSTRAINTS audit_advance DEFERRED")
        else:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield cursor


def _batch(cursor: Any, chain: int, after: int) -> list[tuple[int, bytes, bytes, str]]:
    cursor.execute(
        "SELECT seq, prev_hash, hash, audit_payload(a) FROM audit_auditrecord a"
        " WHERE chain = %s AND seq > %s ORDER BY seq LIMIT 5000",
        [chain, after],
    )
    return list(cursor.fetchall())


def _chain_of(by: AbstractBaseUser | None) -> int:
    return by.pk % AuditRecord.CHAINS if by else 0


def _json(detail: Mapping[str, Any]) -> str:
    return _JSON.encode(detail)
