"""What the program says of an import: how far it is, and at the end what became of each row."""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Any, Self

from django.utils.translation import gettext as _
from tqdm import tqdm

from zoufang.site.importing.run import Fault, Report

# So many bytes of faults are kept in memory; a file in which every row is wrong has more.
IN_MEMORY = 1024 * 1024

# Where nobody looks on, such as in a log, a line is written after so many seconds.
SECONDS_A_LINE = 10.0


class Faults:
    """What is wrong with the rows, kept in their order, and in a file where it is much."""

    def __init__(self) -> None:
        self._kept = SpooledTemporaryFile(IN_MEMORY, "w+", encoding="utf-8", prefix="zoufang-import-")  # noqa: SIM115

    def add(self, fault: Fault) -> None:
        self._kept.write(json.dumps(asdict(fault), ensure_ascii=False) + "\n")

    def lines(self) -> Iterator[str]:
        """Yield each fault as JSON."""
        self._kept.seek(0)
        for line in self._kept:
            yield line.rstrip("\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._kept.close()


def write_report(report: Report, faults: Faults, out: Any) -> None:
    """Write the report as JSON, the faults last and one a line: no more than one of them is held at a time."""
    for name, number in asdict(report).items():
        out.write(f'{"{" if name == "rows" else " "}"{name}": {number},', ending="\n")
    out.write(' "errors": [', ending="")
    for place, line in enumerate(faults.lines()):
        out.write(f"{',' if place else ''}\n  {line}", ending="")
    out.write("]}")


class Progress:
    """How far an import is: one line that moves on a terminal, elsewhere a line now and then."""

    def __init__(self, name: str, err: Any) -> None:
        self._name, self._err = name, err
        self._bar: Any = None
        self._said = time.monotonic()

    def show(self, done: int, of: int) -> None:
        if self._err.isatty():
            if self._bar is None:
                # The command's own stream would end each state of the bar with a new line.
                self._bar = tqdm(total=of, desc=self._name, unit=_("行"), file=sys.stderr, mininterval=0.5)
            self._bar.update(done - self._bar.n)
        elif time.monotonic() - self._said >= SECONDS_A_LINE:
            self._said = time.monotonic()
            share = 100 * done // max(of, 1)
            what = {"name": self._name, "done": f"{done:,}", "of": f"{of:,}", "share": share}
            self._err.write(_("%(name)s：已处理 %(done)s / %(of)s 行（%(share)s%%）") % what)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()
