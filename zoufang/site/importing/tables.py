"""Read a table from a file, whatever program wrote it: encoding, delimiter, Excel; and never more than is safe."""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

MOST_BYTES = 200 * 1024 * 1024
MOST_PACKED = 20 * 1024 * 1024
MOST_UNPACKED = 200 * 1024 * 1024
MOST_RATIO = 100
MOST_ENTRIES = 200
MOST_CELL = 1024 * 1024


class UnreadableFile(Exception):
    """The file as a whole cannot be read; the message says why and what to do."""


@dataclass(frozen=True)
class Row:
    """One row under the head: its number in the file (the head is row 1), and its cells by head."""

    number: int
    cells: dict[str, Any]
    surplus: int = 0


@dataclass(frozen=True)
class Table:
    head: list[str]
    rows: list[Row]


def read_table(path: Path) -> Table:
    """
    Return the table in `path`.

    :raises UnreadableFile: if it is missing, too large, damaged, of another kind, or has no head.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise UnreadableFile(_("文件打不开：%(path)s（%(why)s）。") % {"path": path, "why": error.strerror}) from error
    if not path.is_file():
        raise UnreadableFile(_("不是文件：%(path)s。") % {"path": path})
    if size == 0:
        raise UnreadableFile(_("文件是空的。"))
    if size > MOST_BYTES:
        raise UnreadableFile(_("文件超过 %(n)d MB，请分成几个文件导入。") % {"n": MOST_BYTES // 1024 // 1024})
    with path.open("rb") as file:
        magic = file.read(8)
    if magic.startswith(b"PK\x03\x04"):
        lines = _excel_lines(path)
    elif magic.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile(_("这是旧版 .xls 文件，请在表格软件中另存为 .xlsx 或 .csv 再导入。"))
    else:
        lines = _csv_lines(path.read_bytes())
    return _table(lines)


def _table(lines: Iterator[list[Any]]) -> Table:
    head = [str(cell).strip() for cell in next(lines, [])]
    while head and not head[-1]:
        head.pop()
    if not any(head):
        raise UnreadableFile(_("没有表头：第一行应当是各列的名称。"))
    doubled = {name for name in head if name and head.count(name) > 1}
    if doubled:
        raise UnreadableFile(_("表头有重复的列：%(names)s。") % {"names": _("、").join(sorted(doubled))})
    rows = []
    for number, line in enumerate(lines, start=2):
        if not any(cell not in ("", None) for cell in line):
            continue
        surplus = sum(1 for cell in line[len(head) :] if cell not in ("", None))
        cells = {name: line[place] if place < len(line) else "" for place, name in enumerate(head) if name}
        rows.append(Row(number, cells, surplus))
    return Table(head, rows)


def _csv_lines(body: bytes) -> Iterator[list[Any]]:
    text = _decoded(body)
    csv.field_size_limit(MOST_CELL)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise UnreadableFile(_("CSV 格式有误，多半是引号没有成对：%(error)s。") % {"error": error}) from error


def _decoded(body: bytes) -> str:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise UnreadableFile(_("文字编码无法识别，请用 UTF-8 或 GB18030 保存为 CSV 再导入。"))


def _excel_lines(path: Path) -> Iterator[list[Any]]:
    _check_package(path)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        sheet = workbook.get_sheet_by_index(0)
        for line in sheet.iter_rows():
            yield [_cell(value) for value in line]
    except (CalamineError, IndexError, ValueError, OSError) as error:
        raise UnreadableFile(_("Excel 文件损坏或不是 .xlsx：%(error)s。") % {"error": error}) from error


def _check_package(path: Path) -> None:
    """An .xlsx is a zip: look at its directory before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as package:
            entries = package.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise UnreadableFile(_("Excel 文件损坏或不是 .xlsx。")) from error
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if (
        packed > MOST_PACKED
        or unpacked > MOST_UNPACKED
        or unpacked / packed > MOST_RATIO
        or len(entries) > MOST_ENTRIES
    ):
        raise UnreadableFile(_("Excel 文件过大或压缩异常，请另存为 .csv 再导入。"))
    if not any(entry.filename == "xl/workbook.xml" for entry in entries):
        raise UnreadableFile(_("这个压缩包不是 .xlsx 表格。"))


def _cell(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date | time | timedelta):
        return value.isoformat() if not isinstance(value, timedelta) else str(value)
    return "" if value is None else str(value)
