"""Read a table from a file, whatever program wrote it: encoding, delimiter, Excel; and never more than is safe."""

import codecs
import csv
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from django.utils.translation import gettext as _

from zoufang.site.importing import excel

MEGABYTE = 1024 * 1024
MOST_BYTES = 200 * MEGABYTE
MOST_PACKED = 20 * MEGABYTE
MOST_UNPACKED = 200 * MEGABYTE
MOST_RATIO = 100
MOST_ENTRIES = 200
MOST_CELL = MEGABYTE
MOST_COLUMNS = 1000

# The head is looked for in so many rows: above it offices like to write what the table is called.
HEAD_WITHIN = 10

# So many Chinese characters that read as UTF-8 are no accident of another encoding.
_NO_ACCIDENT = 10


class UnreadableFile(Exception):
    """The file as a whole cannot be read; the message says why and what to do."""


@dataclass(frozen=True)
class Line:
    """One row that is not blank: its number as a spreadsheet shows it, and its cells."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """A table of `rows` rows that are not blank, read anew by each call of `lines`: one row is held at a time."""

    lines: Callable[[], Iterator[Line]]
    rows: int

    def first(self) -> list[Line]:
        """Return the rows among which the head is."""
        found: list[Line] = []
        for line in self.lines():
            if line.number > HEAD_WITHIN and found:
                break
            found.append(line)
        return found


@contextmanager
def open_table(path: Path) -> Iterator[Table]:
    """
    Give the table in `path`, read through once to the end: what is given can be read.

    :raises UnreadableFile: if it is missing, too large, damaged, or of another kind.
    """
    magic = _magic(path)
    if magic.startswith(b"PK\x03\x04"):
        with TemporaryDirectory(prefix="zoufang-import-") as room:
            yield _excel_table(path, Path(room) / "rows")
    elif magic.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile(_("这是旧版 .xls 或加密的文件，请在表格软件中另存为不加密的 .xlsx 或 .csv 再导入。"))
    else:
        yield _csv_table(path)


def _magic(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise UnreadableFile(_("不是文件：%(path)s。") % {"path": path})
        size = path.stat().st_size
        if size == 0:
            raise UnreadableFile(_("文件是空的。"))
        if size > MOST_BYTES:
            most = {"most": MOST_BYTES // MEGABYTE}
            raise UnreadableFile(_("文件超过 %(most)d MB，请分成几个文件导入。") % most)
        with path.open("rb") as file:
            return file.read(8)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableFile(_("文件打不开：%(path)s（%(reason)s）。") % {"path": path, "reason": reason}) from error


# ---- CSV


def _csv_table(path: Path) -> Table:
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        start = file.read(64 * 1024)
    if re.match(r"\s*<(!doctype|html|\?xml|table)", start, re.IGNORECASE):
        raise UnreadableFile(_("这是网页文件，不是表格。请在表格软件中打开，另存为 .xlsx 或 .csv 再导入。"))
    delimiter = _delimiter(start)
    rows = sum(1 for _line in _csv_lines(path, encoding, delimiter))
    return Table(lambda: _csv_lines(path, encoding, delimiter), rows)


def _encoding(path: Path) -> str:
    """
    Return how the file is encoded, whichever way offices do, having read it to the end.

    :raises UnreadableFile: if it is none of these, or the file is damaged.
    """
    with path.open("rb") as file:
        start = file.read(4096)
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if start.startswith(mark):
            return _proved(path, encoding)
    if start.count(0) * 5 > len(start):
        # UTF-16 without a mark: of a head in Latin letters, every other byte is empty.
        return _proved(path, "utf-16-le" if start[1::2].count(0) > start[0::2].count(0) else "utf-16-be")
    chinese, lines = 0, 1
    try:
        for text in _decoded(path, "utf-8"):
            chinese += sum(not character.isascii() for character in text) if chinese < _NO_ACCIDENT else 0
            lines += text.count("\n")
    except UnicodeDecodeError as error:
        sound = error.object[: error.start].decode("utf-8")
        if chinese + sum(not character.isascii() for character in sound) >= _NO_ACCIDENT:
            message = _("文件在第 %(line)d 行附近损坏，不是完整的 UTF-8，请重新导出。")
            raise UnreadableFile(message % {"line": lines + sound.count("\n")}) from error
        return _proved(path, "gb18030")
    return "utf-8"


def _proved(path: Path, encoding: str) -> str:
    try:
        for _text in _decoded(path, encoding):
            pass
    except UnicodeDecodeError as error:
        raise UnreadableFile(_("文字编码无法识别，请用 UTF-8 或 GB18030 保存为 CSV 再导入。")) from error
    return encoding


def _decoded(path: Path, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        while block := file.read(MEGABYTE):
            yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def _delimiter(text: str) -> str:
    """Return what parts the cells of the first row that is parted at all: the name of a table stands alone above."""
    for line in re.split(r"[\r\n]+", text[: 64 * 1024])[:HEAD_WITHIN]:
        delimiter = max(",;\t", key=line.count)
        if delimiter in line:
            return delimiter
    return ","


def _csv_lines(path: Path, encoding: str, delimiter: str) -> Iterator[Line]:
    csv.field_size_limit(MOST_CELL)
    number = 0
    try:
        with path.open(encoding=encoding, newline="") as file:
            for number, cells in enumerate(csv.reader(file, delimiter=delimiter, strict=True), 1):
                if len(cells) > MOST_COLUMNS:
                    raise UnreadableFile(_("第 %(row)d 行超过 %(most)d 列。") % {"row": number, "most": MOST_COLUMNS})
                if any(cell.strip() for cell in cells):
                    yield Line(number, cells)
    except csv.Error as error:
        where = {"row": number + 1}
        if "field limit" in str(error):
            raise UnreadableFile(_("第 %(row)d 行的一格超过 1 MB，多半是引号没有成对。") % where) from error
        raise UnreadableFile(_("第 %(row)d 行的引号没有成对，请改正后再导入。") % where) from error


# ---- Excel


def _excel_table(path: Path, rows: Path) -> Table:
    _check_package(path)
    _unpack(path, rows)
    return Table(lambda: _excel_lines(rows), sum(1 for _line in _excel_lines(rows)))


def _check_package(path: Path) -> None:
    """An .xlsx is a zip: look at its directory before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as package:
            entries = package.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise UnreadableFile(_("Excel 文件已损坏，请重新保存后再导入。")) from error
    if not any(entry.filename == "xl/workbook.xml" for entry in entries):
        raise UnreadableFile(_("这个文件不是 .xlsx 表格，请在表格软件中另存为 .xlsx 或 .csv 再导入。"))
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    # Small files pack well by nature: what they unpack to does no harm.
    swollen = unpacked > MEGABYTE and unpacked / packed > MOST_RATIO
    if packed > MOST_PACKED or unpacked > MOST_UNPACKED or swollen or len(entries) > MOST_ENTRIES:
        raise UnreadableFile(_too_much())


def _unpack(path: Path, rows: Path) -> None:
    # Isolated, and without our environment: nothing that the file could reach is worth having.
    command = [sys.executable, "-I", excel.__file__, str(path.resolve()), str(rows)]
    try:
        done = subprocess.run(command, env={}, capture_output=True, timeout=excel.MOST_SECONDS * 2, check=False)
    except subprocess.TimeoutExpired as error:
        raise UnreadableFile(_too_much()) from error
    if done.returncode == excel.DAMAGED:
        raise UnreadableFile(_("Excel 文件已损坏，请重新保存后再导入。"))
    if done.returncode != 0:
        raise UnreadableFile(_too_much())


def _too_much() -> str:
    return _("Excel 文件过大或压缩异常，请另存为 .csv 再导入。")


def _excel_lines(rows: Path) -> Iterator[Line]:
    with rows.open(encoding="utf-8") as file:
        for line in file:
            number, *cells = json.loads(line)
            yield Line(number, cells)


def ahead(lines: Iterable[Line], number: int) -> Iterator[Line]:
    """Yield the lines after row `number`."""
    return (line for line in lines if line.number > number)
