"""Excel workbooks that cannot run anything: every text is a text, whatever it begins with."""

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from django.http import FileResponse
from django.utils.translation import gettext as _

from zoufang.kernel.clock import LOCAL
from zoufang.ui.characters import printable
from zoufang.ui.columns import Column

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CONTENT_TYPES = {"xlsx": CONTENT_TYPE, "csv": "text/csv; charset=utf-8"}
# What Excel holds: rows of a sheet less the head, characters of a cell.
MOST_ROWS = 1_048_575
MOST_CHARACTERS = 32_767
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\']")
_NOT_IN_FILE_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')


@dataclass(frozen=True)
class Sheet:
    """One sheet: a title, columns, and rows that may be a generator; `many` is how many there are, if known."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Any]
    many: int | None = None


def workbook_response(sheet: Sheet, *, facts: Sequence[tuple[str, str]] = (), filename: str) -> FileResponse:
    """Return a download of `sheet`, with `facts` (filters, unit, time) on a second sheet. `filename` has no ending."""
    with ExitStack() as if_it_fails:
        file = if_it_fails.enter_context(tempfile.TemporaryFile())
        write_workbook(file, [sheet], facts=facts)
        file.seek(0)
        if_it_fails.pop_all()
    return FileResponse(file, as_attachment=True, filename=file_name(filename, "xlsx"), content_type=CONTENT_TYPE)


def file_name(title: str, ending: str) -> str:
    """Return a name that every system takes."""
    name = _NOT_IN_FILE_NAMES.sub("_", printable(title)).strip(" .")[:100] or "zoufang"
    return f"{name}.{ending}"


def write_csv(file: IO[bytes], sheet: Sheet) -> None:
    """
    Write one sheet as CSV, for more rows than Excel holds: UTF-8 with a mark, so that Excel reads Chinese.

    A text that a program could take for a formula gets an apostrophe in front; numbers stay numbers.
    """
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([_plain(str(column.title)) for column in sheet.columns])
    writer.writerows([_plain(column.value(row)) for column in sheet.columns] for row in sheet.rows)
    text.detach()


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, datetime):
        return value.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, int | float | Decimal | date):
        return str(value)
    said = printable(str(value))
    return f"'{said}" if said.lstrip().startswith(("=", "+", "-", "@")) else said


def write_workbook(file: IO[bytes], sheets: Sequence[Sheet], *, facts: Sequence[tuple[str, str]] = ()) -> None:
    """
    Write a workbook with one sheet each, and `facts` on a last one.

    Rows go to disk as they come, so memory stays flat; rows past Excel's own limit are cut and the cut is stated.
    Of a workbook that is not finished nothing stays on the disk.
    """
    with tempfile.TemporaryDirectory() as place:
        book = xlsxwriter.Workbook(
            file,
            {
                "constant_memory": True,
                "tmpdir": place,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "remove_timezone": True,
            },
        )
        try:
            _write_book(book, sheets, facts)
        except BaseException:
            for page in book.worksheets():
                page.row_data_fh.close()
            raise


def _write_book(book: Any, sheets: Sequence[Sheet], facts: Sequence[tuple[str, str]]) -> None:
    styles = _Styles(book)
    facts = list(facts)
    taken: set[str] = set()
    for sheet in sheets:
        written = _write_sheet(book.add_worksheet(_sheet_name(sheet.title, taken)), sheet, styles)
        facts.append((_("行数"), f"{sheet.title} {written}" if len(sheets) > 1 else str(written)))
        if sheet.many is not None and sheet.many > written:
            facts.append((_("注意"), _("共 %(many)d 行，表格最多容纳 %(n)d 行。") % {"many": sheet.many, "n": written}))
    _write_facts(book.add_worksheet(_sheet_name(_("说明"), taken)), facts, styles)
    book.close()


class _Styles:
    def __init__(self, book: Any) -> None:
        plain = {"valign": "top", "font_size": 11}
        self.head = book.add_format(
            {"bold": True, "bg_color": "#E8EEF1", "bottom": 1, "valign": "vcenter", "text_wrap": True}
        )
        self.text = book.add_format({**plain, "num_format": "@"})
        self.long = book.add_format({**plain, "num_format": "@", "text_wrap": True})
        self.number = book.add_format({**plain, "num_format": "0"})
        self.decimal = book.add_format({**plain, "num_format": "0.0##"})
        self.day = book.add_format({**plain, "num_format": "yyyy-mm-dd"})
        self.moment = book.add_format({**plain, "num_format": "yyyy-mm-dd hh:mm"})


def _write_sheet(page: Any, sheet: Sheet, styles: _Styles) -> int:
    page.freeze_panes(1, 0)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_footer("&C&P / &N")
    for at, column in enumerate(sheet.columns):
        page.set_column(at, at, _width(column))
        page.write_string(0, at, printable(str(column.title)), styles.head)
    written = 0
    for row in sheet.rows:
        if written == MOST_ROWS:
            break
        written += 1
        for at, column in enumerate(sheet.columns):
            _write_cell(page, written, at, column.value(row), column, styles)
    if sheet.columns and written:
        page.autofilter(0, 0, written, len(sheet.columns) - 1)
    return written


def _write_cell(page: Any, row: int, at: int, value: Any, column: Column, styles: _Styles) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_string(row, at, _("是") if value else _("否"), styles.text)
    elif isinstance(value, int) and abs(value) < 10**15:
        page.write_number(row, at, value, styles.number)
    elif isinstance(value, Decimal | float) and abs(float(value)) < 10**15:
        page.write_number(row, at, float(value), styles.decimal)
    elif isinstance(value, datetime) and value.year >= 1900:
        page.write_datetime(row, at, value.astimezone(LOCAL).replace(tzinfo=None), styles.moment)
    elif isinstance(value, date) and value.year >= 1900:
        page.write_datetime(row, at, value, styles.day)
    else:
        text = printable(str(value))[:MOST_CHARACTERS]
        page.write_string(row, at, text, styles.long if column.wide else styles.text)


def _write_facts(page: Any, facts: Sequence[tuple[str, str]], styles: _Styles) -> None:
    page.set_column(0, 0, 16)
    page.set_column(1, 1, 60)
    for at, (name, text) in enumerate(facts):
        page.write_string(at, 0, printable(name), styles.head)
        page.write_string(at, 1, printable(text)[:MOST_CHARACTERS], styles.long)


def _width(column: Column) -> float:
    title = sum(2 if ord(character) > 255 else 1 for character in str(column.title)) + 3
    if column.wide:
        return 48.0
    return float(max(title, 10 if column.numeric else 17))


def _sheet_name(title: str, taken: set[str]) -> str:
    base = _NOT_IN_SHEET_NAMES.sub(" ", printable(title)).strip()[:28] or "Sheet"
    name, n = base, 1
    while name.lower() in taken or name.lower() == "history":
        n += 1
        name = f"{base} {n}"
    taken.add(name.lower())
    return name
