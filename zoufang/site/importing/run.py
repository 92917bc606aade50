"""Run an import: map the head, take row by row, report every row that was turned down."""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _
from tqdm import tqdm

from zoufang.kernel.refusal import Refusal
from zoufang.organization.models import Officer
from zoufang.site.importing.kinds import Column, Importer, Outcome, RowErrors
from zoufang.site.importing.tables import Row, Table, UnreadableFile, read_table

logger = logging.getLogger(__name__)


@dataclass
class Report:
    """How many rows there were and what became of each; `errors` name the row as the spreadsheet numbers it."""

    rows: int = 0
    created: int = 0
    unchanged: int = 0
    rejected: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)

    def as_record(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "created": self.created,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "errors": self.errors,
        }


def run_import(importer: Importer, path: Path, *, by: Officer, now: datetime, dry_run: bool, quiet: bool) -> Report:
    """
    Take in the rows of `path`. Each row is a transaction of its own: an import that was cut short is simply run again.

    :raises UnreadableFile: if the file as a whole cannot be read, or lacks a required column.
    """
    table = read_table(path)
    places = _mapped(importer, table)
    report = Report(rows=len(table.rows))
    with transaction.atomic() if dry_run else _Nothing():
        for row in tqdm(table.rows, desc=path.name, unit="行", disable=quiet, mininterval=1):
            _take(importer, row, places, report, by=by, now=now)
        if dry_run:
            transaction.set_rollback(True)
    return report


class _Nothing:
    def __enter__(self) -> None: ...
    def __exit__(self, *_error: object) -> None: ...


def _mapped(importer: Importer, table: Table) -> dict[str, str]:
    """Return column name → head in the file."""
    found = {}
    for column in importer.columns:
        head = next((head for head in table.head if head in column.heads or head.lower() in column.heads), None)
        if head is not None:
            found[column.name] = head
    missing = [column for column in importer.columns if column.required and column.name not in found]
    if missing:
        names = _("、").join(
            _("%(name)s（%(note)s）") % {"name": column.heads[-1], "note": column.name} for column in missing
        )
        raise UnreadableFile(
            _("缺少必需的列：%(names)s。文件中的列：%(heads)s。")
            % {"names": names, "heads": _("、").join(table.head[:20])}
        )
    return found


def _take(importer: Importer, row: Row, places: dict[str, str], report: Report, *, by: Officer, now: datetime) -> None:
    try:
        if row.surplus:
            raise RowErrors({"": [_("比表头多出 %(n)d 列，可能有未加引号的分隔符。") % {"n": row.surplus}]})
        cells = {column.name: _cell(column, row, places) for column in importer.columns}
        if empty := [column.name for column in importer.columns if column.required and not cells[column.name]]:
            raise RowErrors({name: [_("此列必填。")] for name in empty})
        with transaction.atomic():
            outcome = importer.take(cells, by, now)
    except RowErrors as error:
        _reject(report, row, error.errors)
    except Refusal as refusal:
        _reject(report, row, [("", refusal.message)])
    except (DataError, IntegrityError, ValueError):
        logger.exception("row %s", row.number)
        _reject(report, row, [("", _("这一行无法保存，请检查各列的内容。"))])
    else:
        report.created += outcome is Outcome.CREATED
        report.unchanged += outcome is Outcome.UNCHANGED


def _cell(column: Column, row: Row, places: dict[str, str]) -> str:
    text = str(row.cells.get(places.get(column.name, ""), "")).strip()
    return column.chosen(text)


def _reject(report: Report, row: Row, errors: list[tuple[str, str]]) -> None:
    report.rejected += 1
    report.errors += [{"row": row.number, "column": column, "message": str(message)} for column, message in errors]
