"""The audit record is kept in parts by month: nothing is lost on the way there, nor outside of the months."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from tests.audit.test_chain import as_owner, run, write
from zoufang.audit import services
from zoufang.audit.models import AuditRecord

PROGRAM = [sys.executable, "-m", "zoufang.site"]


def record(at: datetime) -> None:
    services.record("opinion.refer", on="opinion", key=1, by=None, at=at)


def part_of(seq: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM audit_auditrecord WHERE seq = %s", [seq])
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_months_are_made_ahead_once() -> None:
    then = datetime(2031, 3, 31, 16, 30, tzinfo=UTC)  # April in Shanghai
    assert services.make_months(now=then) == services.MONTHS_AHEAD + 1
    assert services.make_months(now=then) == 0
    record(then - timedelta(hours=1))
    record(then)
    assert (part_of(1), part_of(2)) == ("audit_auditrecord_other", "audit_auditrecord_2031_04")
    assert services.verify() == services.Verdict(2)


@pytest.mark.django_db
def test_a_record_of_a_month_that_nobody_made_is_kept_and_told() -> None:
    record(timezone.now())
    assert services.outside_the_months() == 0
    then = datetime(2041, 5, 1, tzinfo=UTC)
    record(then)
    assert services.outside_the_months() == 1
    assert AuditRecord.objects.filter(at=then).count() == 1
    assert services.make_months(now=then) == services.MONTHS_AHEAD
    record(then)
    assert services.outside_the_months() == 2
    assert services.verify() == services.Verdict(3)


@pytest.mark.django_db
@pytest.mark.parametrize("part", ["audit_auditrecord_before", "audit_auditrecord_other", "audit_auditrecord_2031_04"])
@pytest.mark.parametrize("change", ["UPDATE {} SET action = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_a_part_is_guarded_like_the_whole(part: str, change: str) -> None:
    services.make_months(now=datetime(2031, 4, 1, tzinfo=UTC))
    write(1)
    run("SET LOCAL zoufang.allow_truncate = off; SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(change.format(part))


@pytest.mark.django_db
def test_a_row_put_into_a_part_by_hand_is_chained_too() -> None:
    write(2)
    run(
        "INSERT INTO audit_auditrecord_before (id, chain, at, action, object_type, object_id, detail)"
        " VALUES (nextval('audit_auditrecord_id_seq'), 0, '2026-01-01', 'a', 'b', 'c', '{}')"
    )
    write(1)
    assert services.verify() == services.Verdict(4)


@pytest.mark.django_db
def test_what_a_savepoint_took_back_is_no_predecessor() -> None:
    write(1)
    for _ in range(3):
        mark = transaction.savepoint()
        write(2)
        transaction.savepoint_rollback(mark)
        write(1)
    assert services.verify() == services.Verdict(4)


@pytest.mark.django_db
def test_a_number_that_came_twice_is_found() -> None:
    write(3)
    with as_owner():
        run(
            "INSERT INTO audit_auditrecord (chain, seq, at, action, object_type, object_id, detail, prev_hash, hash)"
            " SELECT chain, seq, at + interval '1 s', action, object_type, object_id, detail, prev_hash, hash"
            " FROM audit_auditrecord WHERE seq = 2"
        )
    assert services.verify().bad in {"0/2: altered", "0/3: missing"}


@pytest.fixture
def older(django_db_setup: None) -> Iterator[str]:
    """The address of a database of the version before, with records: three a transaction, over two years."""
    kept = connection.settings_dict
    name = f"{kept['NAME']}_older"
    where = {"host": kept["HOST"], "port": kept["PORT"] or 5432, "user": kept["USER"], "password": kept["PASSWORD"]}
    with psycopg.connect(**where, dbname="postgres", autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        try:
            host = psycopg.conninfo.make_conninfo(**where, dbname=name)
            url = f"postgres://{kept['USER']}@{kept['HOST'].replace('/', '%2F')}:{where['port']}/{name}"
            program(url, "migrate", "audit", "0002_append_only", "-v0")
            with psycopg.connect(host) as writing:
                for n in range(300):
                    writing.execute(
                        "INSERT INTO audit_auditrecord (chain, at, by_id, action, object_type, object_id, detail)"
                        " SELECT %s, timestamptz '2024-11-01' + %s * interval '2 days', %s, 'refer', 'opinion', k, %s"
                        " FROM generate_series(1, 3) AS k",
                        [n % 16, n, n % 16, '{"序号": 1}'],
                    )
                    writing.commit()
            yield url
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def program(url: str, *words: str) -> str:
    ended = subprocess.run(
        [*PROGRAM, *words], env={**os.environ, "DATABASE_URL": url}, capture_output=True, text=True, timeout=300
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.slow
def test_a_record_in_one_table_becomes_the_first_part_as_it_lies(older: str) -> None:
    rows = "SELECT * FROM audit_auditrecord ORDER BY id"
    heads = program(older, "audit", "heads")
    assert program(older, "audit", "verify") == "sound: 900 records\n"
    with psycopg.connect(older) as asking:
        before, files = asking.execute(rows).fetchall(), asking.execute(FILE, ["audit_auditrecord"]).fetchone()

    program(older, "migrate", "-v0")

    assert program(older, "audit", "heads") == heads
    assert program(older, "audit", "verify") == "sound: 900 records\n"
    with psycopg.connect(older) as asking:
        assert asking.execute(rows).fetchall() == before
        assert asking.execute(FILE, ["audit_auditrecord_before"]).fetchone() == files
        asking.execute(
            "INSERT INTO audit_auditrecord (chain, at, action, object_type, object_id, detail)"
            " VALUES (3, now(), 'a', 'b', 'c', '{}')"
        )
        assert asking.execute("SELECT max(id) FROM audit_auditrecord").fetchall() > [(before[-1][0],)]
        names = "SELECT relname FROM pg_class WHERE relname LIKE 'audit%%' ORDER BY 1"
    program(older, "prepare")  # reference data is put on record too
    verdict = program(older, "audit", "verify")
    with psycopg.connect(older) as asking:
        made = asking.execute(names).fetchall()
        count = asking.execute("SELECT count(*) FROM audit_auditrecord").fetchone()
    assert count is not None
    assert count[0] >= 901
    assert verdict == f"sound: {count[0]} records\n"
    assert "made" not in program(older, "prepare")
    assert program(older, "audit", "verify") == verdict
    with psycopg.connect(older) as asking:
        assert asking.execute(names).fetchall() == made


FILE = "SELECT pg_relation_filenode(%s)"
