"""`zoufang lake export`: the facts of every number of one bureau, at one instant, as Parquet by month."""

import fcntl
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import override
from psycopg import ClientCursor

from zoufang.kernel.refusal import Conflict, Invalid
from zoufang.lake.extras import needed
from zoufang.lake.facts import DAY, EXACT, REAL, TEXT, WHOLE, FactTable, fact_tables
from zoufang.lake.manifest import Kept, Manifest, manifest_of, on_disk, on_disk_directory, place_of
from zoufang.lake.named import kept_as_rows
from zoufang.metrics.engine import Metric, Reported, snapshot
from zoufang.organization.models import Unit
from zoufang.statistics.models import ReportedFigure

# Bytes that are read, and rows that are written, at a time: memory does not grow with what is exported.
_BLOCK, _ROW_GROUP = 4 * 1024 * 1024, 200_000


@dataclass(frozen=True)
class Exported:
    """What one export of a bureau did: facts in the lake, files that hold them, and how many of these are new."""

    bureau: str
    facts: int
    files: int
    written: int


def export_lake(directory: Path, metrics: Sequence[Metric], *, now: datetime) -> list[Exported]:
    """
    Put the facts of `metrics` into the lake, and take the place of what each bureau here exported before.

    Everything is of one instant. Who reads the lake meanwhile sees all of the old or all of the new: the files of
    the export before stay until the next one. An export that was stopped has changed nothing.

    :raises Invalid: before an organization is loaded, or without the packages that are needed.
    :raises Conflict: if the same bureau is being exported there.
    """
    needed("pyarrow")
    with snapshot():
        bureaus = list(Unit.objects.filter(parent=None).order_by("code"))
        if not bureaus:
            raise Invalid(_("还没有单位，请先导入单位。"))
        return [_export_bureau(directory, bureau, metrics, now) for bureau in bureaus]


def _export_bureau(directory: Path, bureau: Unit, metrics: Sequence[Metric], now: datetime) -> Exported:
    path = manifest_of(directory, bureau.code)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(path.with_suffix(".lock")):
        old = _exported_before(directory, path)
        manifest = Manifest(
            bureau=bureau.code,
            exported_at=now.isoformat(),
            units=_units(bureau),
            names=_names(metrics),
            reported=_reported(bureau, metrics),
            facts={table.metric.code: _export(directory, bureau, table) for table in fact_tables(metrics)},
        )
        new = set(manifest.files(directory))
        for place in {file.parent for file in new - old}:
            on_disk_directory(place)
        manifest.write(directory)
        for file in directory.glob(f"facts/*/bureau={bureau.code}/month=*/*"):
            if file not in new | old:
                file.unlink()
    return Exported(bureau.code, sum(kept.rows for kept in manifest.facts.values()), len(new), len(new - old))


def _exported_before(directory: Path, path: Path) -> set[Path]:
    """Return the files of the export before; what another version of the program wrote, nobody can read any more."""
    try:
        return set(Manifest.read(path).files(directory))
    except Invalid:
        return set()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Conflict(_("本单位的另一次导出正在进行，请待其结束后再试。")) from error
        yield


def _units(bureau: Unit) -> list[dict[str, Any]]:
    codes = dict(Unit.objects.values_list("pk", "code"))
    return [
        {
            "code": unit.code,
            "name": unit.name,
            "name_en": unit.name_en,
            "parent": codes[unit.parent_id] if unit.parent_id else None,
            "valid_from": unit.valid_from.isoformat() if unit.valid_from else None,
            "valid_to": unit.valid_to.isoformat() if unit.valid_to else None,
        }
        for unit in sorted(Unit.objects.within(bureau), key=lambda unit: len(unit.ancestor_pks))
    ]


def _names(metrics: Sequence[Metric]) -> dict[str, list[tuple[str, dict[str, str]]]]:
    """Return what keys are called whose names are rows, such as topics."""
    found = {}
    for name, category in kept_as_rows(metrics).items():
        names: dict[str, dict[str, str]] = {}
        for language, _title in settings.LANGUAGES:
            with override(language):
                for key, label in category.names().items():
                    names.setdefault(str(key), {})[language] = str(label)
        found[name] = list(names.items())
    return found


def _reported(bureau: Unit, metrics: Sequence[Metric]) -> list[tuple[str, str, str, str, int]]:
    codes = {metric.code.partition(".")[2]: metric.code for metric in metrics if isinstance(metric, Reported)}
    rows = ReportedFigure.objects.standing().filter(code__in=codes, unit__path__startswith=bureau.path)
    return [
        (codes[code], unit, first.isoformat(), last.isoformat(), value)
        for code, unit, first, last, value in rows.order_by("code", "unit__code", "first", "last").values_list(
            "code", "unit__code", "first", "last", "value"
        )
    ]


def _export(directory: Path, bureau: Unit, table: FactTable) -> Kept:
    """Write the facts of one number, month after month as they come; return what was written."""
    months: dict[str, str] = {}
    rows = 0
    open_month: _Month | None = None
    for month, batch in _by_month(_batches(table, bureau)):
        if open_month is not None and open_month.name != month:
            months[open_month.name] = open_month.close()
            open_month = None
        if open_month is None:
            open_month = _Month(month, place_of(directory, table.metric.code, bureau.code, month))
        open_month.add(batch)
        rows += batch.num_rows
    if open_month is not None:
        months[open_month.name] = open_month.close()
    return Kept(table.digest, table.columns, months, rows)


class _Month:
    """A file of facts that is being written, aside; `close` gives it the name of its content."""

    def __init__(self, name: str, place: Path) -> None:
        self.name = name
        self._path = place / ".part"
        self._waiting: list[Any] = []
        self._writer: Any = None

    def add(self, batch: Any) -> None:
        self._waiting.append(batch)
        if sum(each.num_rows for each in self._waiting) >= _ROW_GROUP:
            self._write()

    def _write(self) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        table = pa.Table.from_batches(self._waiting)
        if self._writer is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = parquet.ParquetWriter(self._path, table.schema, compression="zstd")
        self._writer.write_table(table, row_group_size=2 * _ROW_GROUP)
        self._waiting = []

    def close(self) -> str:
        if self._waiting:
            self._write()
        self._writer.close()
        with self._path.open("rb") as file:
            name = f"{hashlib.file_digest(file, 'sha256').hexdigest()}.parquet"
            on_disk(file.fileno())
        self._path.replace(self._path.with_name(name))
        return name


def _by_month(batches: Iterator[Any]) -> Iterator[tuple[str, Any]]:
    """Cut batches, which come in the order of days, where a month ends."""
    from pyarrow import compute

    for batch in batches:
        days = batch.column("dated")
        months = compute.add(compute.multiply(compute.year(days), 12), compute.subtract(compute.month(days), 1))
        begin = 0
        for part in compute.value_counts(months):
            month, length = part["values"].as_py(), part["counts"].as_py()
            yield f"{month // 12:04d}-{month % 12 + 1:02d}", batch.slice(begin, length)
            begin += length


def _batches(table: FactTable, bureau: Unit) -> Iterator[Any]:
    """Yield the facts as the database sends them: text in, columns out, no row is touched in between."""
    import pyarrow as pa
    from pyarrow import csv

    types = {TEXT: pa.string(), DAY: pa.date32(), WHOLE: pa.int64(), REAL: pa.float64(), EXACT: pa.decimal128(38, 16)}
    statement, params = table.statement
    connection.ensure_connection()
    select = ClientCursor(connection.connection).mogrify(statement, [*params, f"{bureau.path}%"])
    with connection.cursor() as cursor, cursor.copy(f"COPY ({select}) TO STDOUT (FORMAT csv)") as copy:
        stream = _Stream(copy)
        if stream.is_empty:
            return
        yield from csv.open_csv(
            pa.PythonFile(stream, mode="r"),
            read_options=csv.ReadOptions(column_names=list(table.columns), block_size=_BLOCK),
            convert_options=csv.ConvertOptions(
                column_types={name: types[kind] for name, kind in table.columns.items()},
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )


class _Stream:
    """What COPY sends, row by row, as a file that is read in blocks."""

    closed = False

    def __init__(self, copy: Any) -> None:
        self._rows = iter(copy)
        self._held = bytearray()
        self._fill(1)

    @property
    def is_empty(self) -> bool:
        return not self._held

    def read(self, size: int = -1) -> bytes:
        self._fill(size if size >= 0 else _BLOCK)
        found = bytes(self._held[:size]) if size >= 0 else bytes(self._held)
        del self._held[: len(found)]
        return found

    def _fill(self, size: int) -> None:
        while len(self._held) < size and (row := next(self._rows, None)):
            self._held += row

    def close(self) -> None:
        """Nothing to do: the copy ends by itself."""
