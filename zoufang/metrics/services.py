"""Keep numbers counted: install the triggers, fold what they wrote, compare with the rows, set right."""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Template

from django.db import connection, transaction

from zoufang.metrics.declarations import Metric, OfRows, Ratio
from zoufang.metrics.facts import DIFFERENT, Facts, NotLinear
from zoufang.metrics.models import Cell, Counted, Delta


def _sql(name: str) -> Template:
    return Template((Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8"))


_ADD_UP, _DIFFERENCES, _DERIVED = _sql("add_up"), _sql("differences"), _sql("derived")
_TRIGGER, _DELTAS, _STALE, _MOVED_UNIT = _sql("trigger"), _sql("deltas"), _sql("stale"), _sql("moved_unit")
_SPREAD = _sql("spread").substitute()

_COLUMNS = "counted_id, monthly, cut, key, unit_id, at, settled, unsettled"
# Cells that follow from others.
_IS_DERIVED = f"below OR (monthly AND (cut = '' OR cut LIKE '{DIFFERENT}%'))"
# When a statement changed reference data: nothing can hang on a row that is new.
_CHANGED = {
    "INSERT": "false",
    "UPDATE": "EXISTS (SELECT * FROM old_rows EXCEPT SELECT * FROM new_rows)",
    "DELETE": "EXISTS (SELECT FROM old_rows)",
}
# A lock that every INSERT, UPDATE, DELETE and COPY holds until its transaction ends.
_WRITERS = """FROM pg_locks WHERE mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND relation = ANY(SELECT to_regclass(name) FROM unnest(%s::text[]) AS name)"""
# Any number will do that no other lock of this program has: "who folds" and "who installs".
_FOLDING, _INSTALLING = 7310001, 7310002


@dataclass(frozen=True)
class Difference:
    """A cell that is not what the rows say, or a sum of cells that is not theirs: by how much those say more."""

    code: str
    monthly: bool
    cut: str
    key: str
    unit: int
    at: date
    settled: date | None
    unsettled: date | None
    below: bool
    rows: int
    total: int


def countable(metrics: Iterable[Metric]) -> list[Facts]:
    """Return the facts of those numbers that can be kept in cells; ratios stand on their counts."""
    of_rows: dict[str, OfRows] = {}
    for metric in metrics:
        for each in (metric.part, metric.whole) if isinstance(metric, Ratio) else (metric,):
            if isinstance(each, OfRows):
                of_rows[each.code] = each
    return [facts for facts in map(Facts, of_rows.values()) if _is_linear(facts)]


def _is_linear(facts: Facts) -> bool:
    try:
        return bool(facts.tables)
    except NotLinear:
        return False


def install_cells(metrics: Iterable[Metric]) -> bool:
    """
    Let the database keep the numbers of `metrics` that can be kept; return whether anything had to be done.

    Who writes meanwhile waits for the triggers to be in place, and for nothing else: the cells are then filled
    by `recount_cells`, beside the writers.
    """
    plan = countable(metrics)
    wanted = {facts.metric.code: facts.digest for facts in plan}
    if dict(Counted.objects.values_list("code", "digest")) == wanted:
        return False
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_INSTALLING])
        # A number with another meaning gets a new row, and so new cells; the old ones go with the old row.
        old = [known.pk for known in Counted.objects.all() if wanted.get(known.code) != known.digest]
        for kept in (Delta, Cell):
            kept.objects.filter(counted_id__in=old).delete()
        Counted.objects.filter(pk__in=old).delete()
        known = dict(Counted.objects.values_list("code", "pk"))
        for code in wanted.keys() - known.keys():
            # Without a digest nobody reads the cells yet.
            known[code] = Counted.objects.create(code=code, digest="").pk
        for statement in _drop_all(cursor) + _triggers(plan, known):
            cursor.execute(statement)
    recount_cells(plan)
    return True


def _drop_all(cursor: object) -> list[str]:
    cursor.execute(  # type: ignore[attr-defined]
        "SELECT format('DROP TRIGGER %%I ON %%s', tgname, tgrelid::regclass) FROM pg_trigger"
        " WHERE tgname LIKE %s AND NOT tgisinternal",
        ["metrics\\_%"],
    )
    return [statement for (statement,) in cursor.fetchall()]  # type: ignore[attr-defined]


def _triggers(plan: list[Facts], known: dict[str, int]) -> list[str]:
    """Return the statements that put triggers on every table that the numbers of `plan` read."""
    statements = []
    for table in sorted({table for facts in plan for table in facts.tables}):
        linear = [facts for facts in plan if table in facts.tables - facts.bent]
        # Reference data, such as topics: after a change the numbers are counted from the rows until they are set right.
        bent = [known[facts.metric.code] for facts in plan if table in facts.bent]
        everybody = [known[facts.metric.code] for facts in plan if table in facts.tables]
        links = {link for facts in linear for link in facts.links.get(table, ()) if link[1] not in facts.bent}
        for event in ("INSERT", "UPDATE", "DELETE"):
            changed = [("new_rows", 1)] * (event != "DELETE") + [("old_rows", -1)] * (event != "INSERT")
            amounts = [
                facts.amounts(known[facts.metric.code], sign=sign, of=f'WITH "{table}" AS (SELECT * FROM {rows})')
                for facts in linear
                for rows, sign in changed
            ]
            locks = "".join(
                f'PERFORM 1 FROM "{to}" WHERE "{key}" IN ('
                + " UNION ".join(f'SELECT "{column}" FROM {rows}' for rows, _sign in changed)
                + f') ORDER BY "{key}" FOR NO KEY UPDATE;\n'
                for column, to, key in sorted(links)
            )
            statements.append(
                _TRIGGER.substitute(
                    name=f"metrics_{event.lower()}_{table}",
                    table=table,
                    event=event,
                    seen=" ".join(f"{rows.split('_')[0].upper()} TABLE AS {rows}" for rows, _sign in changed),
                    unless=_unless(table, linear) if event == "UPDATE" and not bent else "",
                    locks=locks,
                    deltas=_DELTAS.substitute(columns=_COLUMNS, amounts=" UNION ALL ".join(amounts)) if amounts else "",
                    stale=_stale(bent, only_if=_CHANGED[event]),
                )
            )
        statements.append(_STALE.substitute(name=f"metrics_truncate_{table}", table=table, stale=_stale(everybody)))
    return [*statements, _MOVED_UNIT.substitute()]


def _unless(table: str, plan: list[Facts]) -> str:
    """Return the way out of a trigger for an UPDATE that touched nothing that any number reads, such as a status."""
    read = sorted({"id"}.union(*(re.findall(rf'"{table}"\."(\w+)"', facts.select) for facts in plan)))
    columns = ", ".join(f'"{column}"' for column in read)
    return (
        f"IF NOT EXISTS (SELECT {columns} FROM old_rows EXCEPT SELECT {columns} FROM new_rows)"
        " THEN RETURN NULL; END IF;"
    )


def _stale(counted: list[int], *, only_if: str = "true") -> str:
    if not counted:
        return ""
    which = f"{only_if} AND id IN ({', '.join(map(str, counted))})"
    return (
        # In the order in which a fold takes them: of the two, one waits.
        f"PERFORM 1 FROM metrics_counted WHERE {which} ORDER BY id FOR NO KEY UPDATE;"
        f" UPDATE metrics_counted SET digest = '' WHERE {which};"
    )


def fold_cells() -> int:
    """
    Add what was written since to the cells; return how many deltas there were.

    Writers never wait for it, and readers see each delta exactly once: before in the deltas, after in the cells.
    Of two that fold at once, the second does nothing.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_FOLDING])
        if not cursor.fetchone()[0]:
            return 0
        # Whoever moves a unit marks these rows: before us, and we see the tree as it became; or after us, and they stay.
        uncarried = [known.pk for known in Counted.objects.order_by("pk").select_for_update() if not known.carried]
        cursor.execute(_ADD_UP.substitute(moved="DELETE FROM metrics_delta RETURNING *", spread=_SPREAD))
        folded = int(cursor.fetchone()[0])
        _carry(uncarried)
    return folded


def cell_differences(plan: Iterable[Facts]) -> list[Difference]:
    """Count everything from the rows and compare: all in the snapshot that the caller has, or in one statement each."""
    kept = {known.code: known for known in Counted.objects.all()}
    found = []
    for facts in plan:
        known = kept.get(facts.metric.code)
        if known is None:
            continue  # not kept: read from its rows anyway
        with connection.cursor() as cursor:
            cursor.execute(_differences(facts, known.pk))
            found += [Difference(known.code, *row[1:]) for row in cursor.fetchall()]
            if known.carried:
                cursor.execute(_derived([known.pk]))
                found += [Difference(known.code, *row[1:]) for row in cursor.fetchall()]
    return found


def recount_cells(plan: Iterable[Facts]) -> int:
    """
    Set the cells right beside the writers: what the rows say more than the cells, at one instant, is added to them.

    Return how many cells were wrong. Readers count from the rows until a number has been set right.
    """
    return sum(map(_recount, plan))


def _recount(facts: Facts) -> int:
    code = facts.metric.code
    while True:
        marked = _marked(code)
        if marked[0] == "":
            _let_who_writes_end(facts.tables)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_FOLDING])
            # Whoever changes reference data marks this row: before us, and we see the change; or after us, and it stays.
            counted = Counted.objects.select_for_update().get(code=code)
            if _marked(code) != marked:
                continue  # marked anew while we waited: by somebody whom others may have written beside
            cursor.execute("SET LOCAL work_mem = '256MB'")
            cursor.execute(_ADD_UP.substitute(moved=_differences(facts, counted.pk), spread=_SPREAD))
            wrong = int(cursor.fetchone()[0]) + _carry([counted.pk])
            Counted.objects.filter(pk=counted.pk).update(digest=facts.digest)
            return wrong


def _marked(code: str) -> tuple[str, str]:
    """Return the digest of a number, and which version of its row says so."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT digest, xmin::text FROM metrics_counted WHERE code = %s", [code])
        digest, version = cursor.fetchone()
    return str(digest), str(version)


def _let_who_writes_end(tables: set[str]) -> None:
    """
    Wait for those who had written into one of these tables and not yet committed when this was called.

    They may have written deltas for reference data as it was before it changed: a recount would see neither their rows
    nor their deltas. Nobody waits for us meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT array_agg(DISTINCT virtualtransaction) {_WRITERS}", [list(tables)])
        writing = cursor.fetchone()[0] or []
        while writing:
            cursor.execute(f"SELECT count(*) {_WRITERS} AND virtualtransaction = ANY(%s)", [list(tables), writing])
            if not cursor.fetchone()[0]:
                return
            time.sleep(0.02)


def _carry(counted: list[int]) -> int:
    """Set right the sums among the cells of these numbers, for the tree as it is; return how many were wrong."""
    if not counted:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO metrics_cell AS c ({_COLUMNS}, below, rows, total) {_derived(counted)}"
            " ON CONFLICT (counted_id, monthly, cut, unit_id, at, below, key, settled, unsettled)"
            " DO UPDATE SET rows = c.rows + excluded.rows, total = c.total + excluded.total"
        )
        Counted.objects.filter(pk__in=counted).update(carried=True)
        return int(cursor.rowcount)


def _derived(counted: list[int]) -> str:
    return _DERIVED.substitute(
        columns=_COLUMNS, counted=", ".join(map(str, counted)), is_derived=_IS_DERIVED, spread=_SPREAD
    )


def _differences(facts: Facts, counted: int) -> str:
    return _DIFFERENCES.substitute(
        columns=_COLUMNS, amounts=facts.amounts(counted), counted=counted, is_derived=_IS_DERIVED
    )
