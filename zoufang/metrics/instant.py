"""
Read at one instant: from the primary, or from a streaming replica of it that has caught up with the primary's now.

The promise is the same on both: whatever had been committed when the reading began is in every figure. So before a
replica may answer, the primary says how far its log is on disk, which is what every acknowledged commit has waited
for; the replica answers if it has replayed that far. Otherwise, and whenever it fails, the primary answers.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections, transaction

REPLICA = "replica"
# How long a reading waits for the replica to catch up, and how long a replica that failed is left alone.
PATIENCE, REST = 0.2, 5.0

_P = ParamSpec("_P")
_T = TypeVar("_T")
_logger = logging.getLogger(__name__)

# Which server this is, on which branch of its history it stands, and how far its log is on disk.
_NOW = """SELECT s.system_identifier, ('x' || left(pg_walfile_name(l.lsn), 8))::bit(32)::int, l.lsn::text
    FROM pg_control_system() AS s, pg_current_wal_flush_lsn() AS l (lsn)"""
# A replica of another server, or one that has been made a primary, or has not followed the primary through a change of
# primaries, may say the same place of another log. What it says of its branch may be older than the truth, never newer.
_ARRIVED = """SELECT pg_is_in_recovery() AND s.system_identifier = %s AND c.timeline_id = %s,
    pg_last_wal_replay_lsn() >= %s::pg_lsn
    FROM pg_control_system() AS s, pg_control_checkpoint() AS c"""


def at_one_instant(read: Callable[_P, _T]) -> Callable[_P, _T]:
    """
    Let everything that `read` reads be of one instant, from the replica if there is one that has caught up.

    `read` only reads, and may be called twice: should the replica fail meanwhile, the primary is asked from the
    start. Inside another snapshot it is of that one's instant.
    """

    @wraps(read)
    def reading(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        if not connection.in_atomic_block and REPLICA in settings.DATABASES and _watch.has_arrived():
            try:
                with _in_place_of_the_primary(), snapshot():
                    return read(*args, **kwargs)
            except DatabaseError as failure:
                if _took_too_long(failure):
                    raise
                _watch.failed(failure)
        with snapshot():
            return read(*args, **kwargs)

    return reading


@contextmanager
def snapshot() -> Iterator[None]:
    """
    Let every number read inside see the same instant, whatever others write meanwhile. Reads only, from the primary.

    Snapshots may be nested. Open one before the transaction that writes what was read, never inside it: an open
    transaction cannot go back to a single instant, and Django raises RuntimeError.
    """
    if connection.in_atomic_block and _sees_one_instant():
        yield
        return
    with transaction.atomic(durable=True):
        # Under a test case this block is a savepoint of the test's transaction, which nobody else writes into.
        if not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _sees_one_instant() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        return str(cursor.fetchone()[0]) != "read committed"


@contextmanager
def _in_place_of_the_primary() -> Iterator[None]:
    """
    Let this thread find the replica where it looks for the database.

    Rows read there are the primary's rows: they know no other database, and are saved where all are.
    """
    primary, replica = connections[DEFAULT_DB_ALIAS], connections[REPLICA]
    connections[DEFAULT_DB_ALIAS] = replica
    try:
        yield
    except DatabaseError:
        replica.close()
        raise
    finally:
        connections[DEFAULT_DB_ALIAS] = primary


class _Watch:
    """Whether the replica is good for a reading that begins now. Of one process; says aloud when it is not."""

    def __init__(self) -> None:
        self._rests_until = self._hurried_until = self._says_again_at = 0.0
        self._fallbacks, self._said = 0, ""

    def has_arrived(self) -> bool:
        """Has the replica replayed what had been committed when this was called? Waits a moment for it."""
        since = time.monotonic()
        if since < self._rests_until:
            self._fallbacks += 1
            return False
        with connection.cursor() as cursor:
            cursor.execute(_NOW)
            wanted = cursor.fetchone()
        # One who has just waited in vain is not followed by others who wait as long.
        patience = 0.0 if since < self._hurried_until else PATIENCE
        try:
            with connections[REPLICA].cursor() as cursor:
                while True:
                    cursor.execute(_ARRIVED, wanted)
                    ours, arrived = cursor.fetchone()
                    if not ours:
                        self._rests_until = time.monotonic() + REST
                        return self._fall_back("it does not follow this primary")
                    if arrived:
                        self._hurried_until = 0.0
                        return True
                    if time.monotonic() - since >= patience:
                        self._hurried_until = time.monotonic() + REST
                        return self._fall_back("it lags behind")
                    time.sleep(0.005)
        except DatabaseError as failure:
            self.failed(failure)
            return False

    def failed(self, failure: DatabaseError) -> None:
        connections[REPLICA].close()
        self._rests_until = time.monotonic() + REST
        self._fall_back(f"{type(failure).__name__}: {' '.join(str(failure).split())}")

    def _fall_back(self, why: str) -> bool:
        self._fallbacks += 1
        if why != self._said or time.monotonic() >= self._says_again_at:
            self._said, self._says_again_at = why, time.monotonic() + 60
            _logger.warning("The primary answers for its replica, %d times so far: %s", self._fallbacks, why)
        return False


_watch = _Watch()


def _took_too_long(failure: DatabaseError) -> bool:
    """Was the statement itself too slow? It would be on the primary too. (Other cancelled ones bear another code.)"""
    return getattr(failure.__cause__, "sqlstate", None) == "57014"
