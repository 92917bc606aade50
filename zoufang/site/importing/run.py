"""Run an import: find the head, take the rows in many at a time, tell of every row that was turned down."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from django.db import DataError, IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from zoufang.kernel.held import holding
from zoufang.kernel.refusal import Refusal
from zoufang.organization.models import Officer
from zoufang.site.importing.columns import Cells, Column, RowErrors, plain_head
from zoufang.site.importing.desk import Answer, Desk, Importer, Outcome
from zoufang.site.importing.tables import Line, Table, UnreadableFile, ahead, open_table

T = TypeVar("T")

logger = logging.getLogger(__name__)

# Reference data is read anew after so many rows, so that a long import sees what administrators change.
HELD_FOR = 1000

# Any number will do that no other lock of this program has: "who imports".
_IMPORTING = 7310003

# Told how many rows are done, of how many.
Watch = Callable[[int, int], object]


@dataclass
class Report:
    """How many rows there were and what became of each."""

    rows: int = 0
    created: int = 0
    unchanged: int = 0
    rejected: int = 0


@dataclass(frozen=True)
class Fault:
    """What is wrong in a row, as the spreadsheet numbers it, and in which column; "" is the row as a whole."""

    row: int
    column: str
    message: str


@dataclass(frozen=True)
class Head:
    """The head of a table: its row, where each column of ours is, and the heads that we have no column for."""

    row: int
    width: int
    places: dict[str, int]
    ignored: list[str]


def run_import(
    importer: Importer,
    path: Path,
    *,
    by: Officer | None,
    now: datetime,
    dry_run: bool = False,
    tell: Callable[[Fault], object] = lambda _fault: None,
    note: Callable[[str], object] = logger.info,
    watch: Watch = lambda _done, _of: None,
    at_once: int | None = None,
) -> Report:
    """
    Take in the rows of `path`, `at_once` in a transaction (by default as many as suit the kind).

    An import that was cut short is simply run again: what it took in is known then, so the rows themselves are the
    bookmark. `tell` is told what is wrong with each row that is turned down, in the order of the rows; `note` of
    columns that are not taken in; `watch` how many rows are done, of how many. Memory does not grow with the file.

    :raises UnreadableFile: if the file as a whole cannot be read, or lacks a required column. Nothing is taken in then.
    """
    report, desk = Report(), Desk(by, now)
    size = at_once or importer.at_once
    with open_table(path) as table, _undone() if dry_run else _kept():
        head = find_head(importer, table)
        if head.ignored:
            note(_("这些列不导入：%(heads)s。") % {"heads": "、".join(head.ignored)})
        rows = table.rows - sum(line.number <= head.row for line in table.first())
        watch(0, rows)
        parts = in_parts(ahead(table.lines(), head.row), max(size, HELD_FOR))
        for part in one_ahead([(line, _row(importer, line, head, desk)) for line in part] for part in parts):
            with holding():
                for first in range(0, len(part), size):
                    _take(importer, part[first : first + size], desk, report, tell, taking_turns=not dry_run)
                    watch(report.rows, rows)
    return report


@contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def _kept() -> Iterator[None]:
    yield


def in_parts(lines: Iterable[Line], size: int) -> Iterator[list[Line]]:
    """Yield the lines in lists of `size`, the last of what is left."""
    rest = iter(lines)
    while part := list(islice(rest, size)):
        yield part


def one_ahead(parts: Iterator[T]) -> Iterator[T]:
    """Yield the parts, each next one made while the one before it is used: mostly the database is at work then."""
    context = copy_context()

    def make() -> T | None:
        return context.run(lambda: next(parts, None))

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(make)
        while (part := waiting.result()) is not None:
            waiting = pool.submit(make)
            yield part


def find_head(importer: Importer, table: Table) -> Head:
    """
    Return the first row that holds every required column. Above it may stand what the table is called.

    :raises UnreadableFile: if there is none, or a column is there twice.
    """
    lines = table.first()
    if not lines:
        raise UnreadableFile(_("文件里没有数据。"))
    needed = {column.name for column in importer.columns if column.required}
    heads = [(line, _places(importer, line)) for line in lines]
    line, places = next(
        ((line, places) for line, places in heads if needed <= places.keys()),
        max(heads, key=lambda head: len(head[1])),
    )
    if missing := [column for column in importer.columns if column.name in needed - places.keys()]:
        names = "、".join(f"{column.title}（{column.name}）" for column in missing)
        said = "、".join(cell.strip() for cell in line.cells[:20] if cell.strip())
        raise UnreadableFile(_("缺少必需的列：%(names)s。文件中的列：%(heads)s。") % {"names": names, "heads": said})
    doubled = [name for name, found in places.items() if len(found) > 1]
    if doubled:
        said = "、".join(line.cells[place].strip() for place in places[doubled[0]])
        raise UnreadableFile(_("有不止一列是“%(name)s”：%(heads)s。请只留一列。") % {"name": doubled[0], "heads": said})
    taken = {name: found[0] for name, found in places.items()}
    ignored = [cell.strip() for place, cell in enumerate(line.cells) if cell.strip() and place not in taken.values()]
    width = max(place for place, cell in enumerate(line.cells) if cell.strip()) + 1
    return Head(line.number, width, taken, ignored)


def _places(importer: Importer, line: Line) -> dict[str, list[int]]:
    """Return column name → where in the line its head is; the name itself goes before what offices call it."""
    found = {}
    heads = [plain_head(cell) for cell in line.cells]
    for column in importer.columns:
        exact = [place for place, head in enumerate(heads) if head == column.name]
        places = exact or [place for place, head in enumerate(heads) if head and column.heads_match(head)]
        if places:
            found[column.name] = places
    return found


def _take(
    importer: Importer,
    read: Sequence[tuple[Line, Any]],
    desk: Desk,
    report: Report,
    tell: Callable[[Fault], object],
    *,
    taking_turns: bool,
) -> None:
    rows = [row for _line, row in read if not isinstance(row, RowErrors)]
    settled = iter(_settled(importer, rows, desk, taking_turns))
    for line, row in read:
        answer = row if isinstance(row, RowErrors) else next(settled)
        report.rows += 1
        report.created += answer is Outcome.CREATED
        report.unchanged += answer is Outcome.UNCHANGED
        if not isinstance(answer, Outcome):
            report.rejected += 1
            for column, message in _reasons(answer):
                tell(Fault(line.number, column, message))


def _settled(
    importer: Importer, rows: Sequence[Any], desk: Desk, taking_turns: bool, *, again: bool = True
) -> Sequence[Answer | Exception]:
    """
    Take in the rows in one transaction, and answer for each.

    If the database turns them down, each half is tried alone, down to the one row that is the reason.
    """
    if not rows:
        return []
    try:
        with transaction.atomic():
            if taking_turns:
                _take_turns()
            return importer.take(rows, desk)
    except (DataError, IntegrityError, ValueError, OverflowError) as error:
        if len(rows) > 1:
            middle = len(rows) // 2
            halves = (rows[:middle], rows[middle:])
            return [answer for half in halves for answer in _settled(importer, half, desk, taking_turns)]
        if again and isinstance(error, IntegrityError):
            # Somebody took in the same row at the same time; by now it is there to be compared with.
            return _settled(importer, rows, desk, taking_turns, again=False)
        # What the database says quotes the row; the log is no place for what citizens wrote.
        logger.warning("a row could not be saved: %s", type(error).__name__)
        return [error]


def _take_turns() -> None:
    """Let only one import write at a time: two of one file would wait for each other's rows, perhaps crosswise."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_IMPORTING])


def _reasons(answer: Exception) -> list[tuple[str, str]]:
    if isinstance(answer, RowErrors):
        return answer.errors
    if isinstance(answer, Refusal):
        return [("", answer.message)]
    return [("", _("这一行无法保存，请检查各列的内容。"))]


def _row(importer: Importer, line: Line, head: Head, desk: Desk) -> Any:
    """Return the row as it is taken in, or the `RowErrors` of its cells."""
    cells = _cells(importer, line, head)
    return cells if isinstance(cells, RowErrors) else importer.prepare(cells, desk)


def _cells(importer: Importer, line: Line, head: Head) -> Cells | RowErrors:
    """Return what the cells say, or that a required one is empty, or that one holds what its column cannot."""
    surplus = sum(1 for cell in line.cells[head.width :] if cell.strip())
    if surplus:
        return RowErrors({"": [_("比表头多出 %(n)d 列，可能有未加引号的分隔符。") % {"n": surplus}]})
    cells: Cells = {}
    errors: dict[str, list[str]] = {}
    for column in importer.columns:
        written = _written(line, head.places.get(column.name))
        try:
            cells[column.name] = _read(column, written)
        except ValueError as error:
            errors[column.name] = [str(error)]
    return RowErrors(errors) if errors else cells


def _read(column: Column, written: str) -> str:
    if "\x00" in written:
        raise ValueError(_("含有空字符（NUL），请删除后再导入。"))
    cell = column.read(written) if written else ""
    if column.required and not cell:
        raise ValueError(_("此列必填。"))
    return cell


def _written(line: Line, place: int | None) -> str:
    return line.cells[place] if place is not None and place < len(line.cells) else ""
