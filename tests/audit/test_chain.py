"""The audit record cannot be changed, and if its owner changes it all the same, the walk finds where."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from zoufang.audit import services
from zoufang.audit.models import AuditRecord, ChainHead
from zoufang.organization.models import Officer

NOW = datetime(2026, 3, 2, 1, 2, 3, 456789, tzinfo=UTC)


def write(records: int, *, by: int | None = None) -> None:
    officer = Officer(pk=by) if by else None
    for n in range(records):
        detail = {"序号": n, "note": "a\x1fb\n"}
        services.record("opinion.refer", on="opinion", key=n, by=officer, at=NOW + timedelta(seconds=n), detail=detail)


def run(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@contextmanager
def as_owner() -> Iterator[None]:
    """Do what only the owner of the tables can: switch the triggers off, once the heads have caught up."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    for table in ("audit_auditrecord", "audit_chainhead"):
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    for table in ("audit_auditrecord", "audit_chainhead"):
        run(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.mark.django_db
def test_each_officer_writes_to_one_of_sixteen_chains() -> None:
    for pk in range(1, 33):
        write(2, by=pk)
    assert services.verify() == services.Verdict(64)
    assert [head["seq"] for head in services.heads().values()] == [4] * 16
    assert list(ChainHead.objects.order_by("chain").values_list("seq", flat=True)) == [4] * 16


@pytest.mark.django_db
def test_the_record_says_what_was_done() -> None:
    write(1)
    record = AuditRecord.objects.get()
    assert (record.action, record.object_type, record.object_id, record.at) == ("opinion.refer", "opinion", "0", NOW)
    assert record.detail == {"序号": 0, "note": "a\x1fb\n"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_auditrecord SET action = 'x'",
        "DELETE FROM audit_auditrecord",
        "TRUNCATE audit_auditrecord",
        "UPDATE audit_chainhead SET seq = 0",
        "DELETE FROM audit_chainhead",
        "TRUNCATE audit_chainhead",
    ],
)
def test_the_database_refuses_every_change(sql: str) -> None:
    write(3)
    run("SET LOCAL zoufang.allow_truncate = off; SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(sql)
    assert services.verify() == services.Verdict(3)


@pytest.mark.django_db
@pytest.mark.parametrize(("chain", "action"), [(16, "x"), (-1, "x"), (0, "x\x1fy")])
def test_a_record_outside_the_chains_or_with_a_separator_in_a_word_is_refused(chain: int, action: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        run(
            "INSERT INTO audit_auditrecord (chain, at, action, object_type, object_id, detail)"
            " VALUES (%s, now(), %s, 'a', 'b', '{}')",
            chain,
            action,
        )


Tampering = Callable[[random.Random, int], str]


def _edit(chance: random.Random, seq: int) -> str:
    changed = chance.choice(
        ["action = 'opinion.close'", "object_id = '999'", "at = at + interval '1 microsecond'", "by_id = 7",
         "detail = detail || '{\"x\": 1}'", "hash = sha256(hash)", "prev_hash = sha256(hash)", "object_type = 'visit'"]
    )  # fmt: skip
    return f"UPDATE audit_auditrecord SET {changed} WHERE chain = 0 AND seq = {seq}"


def _delete(chance: random.Random, seq: int) -> str:
    return f"DELETE FROM audit_auditrecord WHERE chain = 0 AND seq = {seq}"


def _insert(chance: random.Random, seq: int) -> str:
    """Push the later records back and put a forged one, which knows its predecessor, in their place."""
    return f"""
        UPDATE audit_auditrecord SET seq = -seq - 1 WHERE chain = 0 AND seq > {seq};
        UPDATE audit_auditrecord SET seq = -seq WHERE chain = 0 AND seq < 0;
        INSERT INTO audit_auditrecord (chain, seq, at, action, object_type, object_id, detail, prev_hash, hash)
        SELECT chain, seq + 1, at, 'forged', object_type, object_id, detail, hash, sha256(hash)
        FROM audit_auditrecord WHERE chain = 0 AND seq = {seq};
        UPDATE audit_chainhead SET seq = seq + 1 WHERE chain = 0"""


def _swap(chance: random.Random, seq: int) -> str:
    other = seq + 1 if seq < RECORDS else seq - 1
    return f"""
        UPDATE audit_auditrecord SET seq = 0 WHERE chain = 0 AND seq = {seq};
        UPDATE audit_auditrecord SET seq = {seq} WHERE chain = 0 AND seq = {other};
        UPDATE audit_auditrecord SET seq = {other} WHERE chain = 0 AND seq = 0"""


def _cut_tail(chance: random.Random, seq: int) -> str:
    return f"DELETE FROM audit_auditrecord WHERE chain = 0 AND seq >= {seq}"


RECORDS = 30
TAMPERINGS: tuple[Tampering, ...] = (_edit, _delete, _insert, _swap, _cut_tail)


@pytest.mark.django_db
def test_two_hundred_random_tamperings_are_all_found() -> None:
    write(RECORDS)
    chance = random.Random(20110531)
    for n in range(200):
        tampering, seq = TAMPERINGS[n % len(TAMPERINGS)], chance.randint(1, RECORDS)
        mark = transaction.savepoint()
        with as_owner():
            run(tampering(chance, seq))
        verdict = services.verify()
        transaction.savepoint_rollback(mark)
        assert not verdict.sound, f"{tampering.__name__} at {seq} was not found"
        place = int(verdict.bad.split("/")[1].split(":")[0])
        assert abs(place - seq) <= 1, f"{tampering.__name__} at {seq}: {verdict.bad}"
    assert services.verify() == services.Verdict(RECORDS)


@pytest.mark.django_db
def test_a_chain_rewritten_with_its_head_is_found_by_an_anchor(tmp_path: Path) -> None:
    write(5)
    anchor = tmp_path / "heads.json"
    with anchor.open("w") as file:
        call_command("audit", "heads", stdout=file)
    write(2)
    call_command("audit", "verify", anchor=anchor, stdout=StringIO())

    with as_owner():
        run("DELETE FROM audit_auditrecord; DELETE FROM audit_chainhead")
    services.record("opinion.forged", on="opinion", key=0, by=None, at=NOW)
    write(6)

    assert services.verify().sound
    with pytest.raises(CommandError, match=r"0/5: not what was anchored"):
        call_command("audit", "verify", anchor=anchor)


@pytest.mark.django_db
def test_an_emptied_record_is_found_by_an_anchor() -> None:
    write(3)
    heads = {chain: (head["seq"], head["hash"]) for chain, head in services.heads().items()}
    with as_owner():
        run("DELETE FROM audit_auditrecord; UPDATE audit_chainhead SET seq = 0, hash = ''")
    assert services.verify().sound
    assert services.verify(anchor=heads).bad == "0/1: missing"


@pytest.mark.django_db
def test_the_command_fails_with_the_first_bad_record() -> None:
    write(4)
    told = StringIO()
    call_command("audit", "verify", stdout=told)
    assert told.getvalue() == "sound: 4 records\n"
    with as_owner():
        run("UPDATE audit_auditrecord SET object_id = '77' WHERE seq = 3")
    with pytest.raises(CommandError, match=r"0/3: altered") as failure:
        call_command("audit", "verify")
    assert failure.value.returncode == 1


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_make_one_unbroken_chain() -> None:
    def writer() -> None:
        try:
            write(25)
        finally:
            connection.close()

    threads = [Thread(target=writer) for _n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert services.verify() == services.Verdict(150)


@pytest.mark.django_db(transaction=True)
def test_the_heads_follow_when_a_transaction_ends() -> None:
    with transaction.atomic():
        write(3)
        write(2, by=5)
    assert dict(ChainHead.objects.filter(seq__gt=0).values_list("chain", "seq")) == {0: 3, 5: 2}
    assert services.verify() == services.Verdict(5)


@pytest.mark.django_db(transaction=True)
def test_a_record_written_after_a_cut_does_not_hide_it() -> None:
    write(5)
    with as_owner():
        run("DELETE FROM audit_auditrecord WHERE seq > 3")
    write(1)
    assert services.verify().bad == "0/4: missing"


@pytest.mark.django_db(transaction=True)
def test_a_step_that_fails_leaves_no_record_and_no_gap() -> None:
    write(1)

    def fail() -> None:
        with transaction.atomic():
            write(1)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    write(1)
    assert list(AuditRecord.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2]
    assert services.verify() == services.Verdict(2)
