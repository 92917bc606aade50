"""Run an import: find the head, take row by row, report every row that was turned down."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _
from tqdm import tqdm

from zoufang.kernel.held import holding
from zoufang.kernel.refusal import Refusal
from zoufang.organization.models import Officer
from zoufang.site.importing.columns import Cells, Column, RowErrors, plain_head
from zoufang.site.importing.desk import Desk, Importer, Outcome
from zoufang.site.importing.tables import Line, Table, UnreadableFile, ahead, open_table

logger = logging.getLogger(__name__)

# Reference data is read anew after so many rows, so that a long import sees what administrators change.
HELD_FOR = 1000


@dataclass
class Report:
    """How many rows there were and what became of each; `errors` name the row as the spreadsheet numbers it."""

    rows: int = 0
    created: int = 0
    unchanged: int = 0
    rejected: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)

    def as_record(self) -> dict[str, Any]:
        return asdict(self)


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
    quiet: bool = True,
    note: Callable[[str], object] = logger.info,
) -> Report:
    """
    Take in the rows of `path`. Each row is a transaction of its own: an import that was cut short is simply run again.

    `note` is told of columns that are not taken in.

    :raises UnreadableFile: if the file as a whole cannot be read, or lacks a required column. Nothing is taken in then.
    """
    report, desk = Report(), Desk(by, now)
    with open_table(path) as table, _undone() if dry_run else _kept():
        head = find_head(importer, table)
        if head.ignored:
            note(_("这些列不导入：%(heads)s。") % {"heads": "、".join(head.ignored)})
        rows = sum(1 for _line in ahead(table.lines(), head.row))
        bar = tqdm(total=rows, desc=path.name, unit="行", disable=quiet, mininterval=1)
        for part in _parts(ahead(table.lines(), head.row)):
            with holding():
                for line in part:
                    _take(importer, line, head, report, desk)
                    bar.update()
        bar.close()
    return report


@contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def _kept() -> Iterator[None]:
    yield


def _parts(lines: Iterator[Line]) -> Iterator[list[Line]]:
    part: list[Line] = []
    for line in lines:
        part.append(line)
        if len(part) == HELD_FOR:
            yield part
            part = []
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


def _take(importer: Importer, line: Line, head: Head, report: Report, desk: Desk) -> None:
    report.rows += 1
    try:
        cells = _cells(importer, line, head)
        outcome = _settled(importer, cells, desk)
    except RowErrors as error:
        _reject(report, line, error.errors)
    except Refusal as refusal:
        _reject(report, line, [("", refusal.message)])
    except (DataError, IntegrityError, ValueError, OverflowError) as error:
        # What the database says quotes the row; the log is no place for what citizens wrote.
        logger.warning("row %s: %s", line.number, type(error).__name__)
        _reject(report, line, [("", _("这一行无法保存，请检查各列的内容。"))])
    else:
        report.created += outcome is Outcome.CREATED
        report.unchanged += outcome is Outcome.UNCHANGED


def _settled(importer: Importer, cells: Cells, desk: Desk) -> Outcome:
    try:
        with transaction.atomic():
            return importer.take(cells, desk)
    except IntegrityError:
        # Somebody took in the same row at the same time; by now it is there to be compared with.
        with transaction.atomic():
            return importer.take(cells, desk)


def _cells(importer: Importer, line: Line, head: Head) -> Cells:
    """:raises RowErrors: if a required cell is empty, or a cell holds what its column cannot."""
    surplus = sum(1 for cell in line.cells[head.width :] if cell.strip())
    if surplus:
        raise RowErrors({"": [_("比表头多出 %(n)d 列，可能有未加引号的分隔符。") % {"n": surplus}]})
    cells: Cells = {}
    errors: dict[str, list[str]] = {}
    for column in importer.columns:
        written = _written(line, head.places.get(column.name))
        try:
            cells[column.name] = _read(column, written)
        except ValueError as error:
            errors[column.name] = [str(error)]
    if errors:
        raise RowErrors(errors)
    return cells


def _read(column: Column, written: str) -> str:
    if "\x00" in written:
        raise ValueError(_("含有空字符（NUL），请删除后再导入。"))
    cell = column.read(written) if written else ""
    if column.required and not cell:
        raise ValueError(_("此列必填。"))
    return cell


def _written(line: Line, place: int | None) -> str:
    return line.cells[place] if place is not None and place < len(line.cells) else ""


def _reject(report: Report, line: Line, errors: list[tuple[str, str]]) -> None:
    report.rejected += 1
    report.errors += [{"row": line.number, "column": column, "message": message} for column, message in errors]
