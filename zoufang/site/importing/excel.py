"""
Read the first sheet of an .xlsx file, in a process of its own: `python excel.py FILE OUT`.

A file of a few kilobytes can ask for more memory than any machine has, and the reader then dies. So it dies here,
within fixed limits, and not where the import runs. Writes one JSON array a row to OUT, first the row's number.
"""

import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TextIO

MOST_MEMORY = 1024 * 1024 * 1024
MOST_WRITTEN = 400 * 1024 * 1024
MOST_SECONDS = 120

# What the process ends with; anything else is the machine's own no.
DAMAGED, TOO_MUCH = 1, 3


def main(source: str, target: str) -> int:
    _limit()
    # Only this process reads the file, so only this process loads the library.
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with Path(target).open("w", encoding="utf-8") as out:
            write_rows(CalamineWorkbook.from_path(source), out)
    except MemoryError:
        return TOO_MUCH
    except (CalamineError, LookupError, OSError, ValueError):
        return DAMAGED
    return 0


def write_rows(workbook: Any, out: TextIO) -> None:
    """Write the rows of the first visible sheet that has any, blank rows left out, each with its number."""
    for place, sheet in enumerate(workbook.sheets_metadata):
        if not str(sheet.visible).endswith("Visible"):
            continue
        written = 0
        for number, row in enumerate(workbook.get_sheet_by_index(place).iter_rows(), start=1):
            cells = [text_of(value) for value in row]
            if any(cells):
                out.write(json.dumps([number, *cells], ensure_ascii=False) + "\n")
                written += 1
        if written:
            return


def text_of(value: Any) -> str:
    """Return a cell as it would be typed: 2549 and not 2549.0, a date as 2026-03-01."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return _to_the_second(value).isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else f"{value}"


def _to_the_second(moment: datetime) -> datetime:
    # A spreadsheet keeps a moment as a fraction of days, and gives 09:29:59.999 back for 09:30.
    return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_WRITTEN, MOST_WRITTEN))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
