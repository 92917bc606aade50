"""
What a bureau has put into the lake: one file that names all others, replaced at one blow.

    DIR/bureaus/410800000000.json                                               the manifest
    DIR/facts/visits.recorded/bureau=410800000000/month=2026-03/<sha256>.parquet

A file of facts is named after its content and never changes, so whoever holds a manifest reads one instant, whatever
is exported meanwhile, and what did not change since the last export is not written again.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from zoufang.kernel.refusal import Invalid
from zoufang.lake.facts import FORMAT


@dataclass(frozen=True)
class Kept:
    """The facts of one number: of which declaration, and month → name of its file."""

    digest: str
    columns: dict[str, str]
    months: dict[str, str]
    rows: int


@dataclass(frozen=True)
class Manifest:
    """
    `units` are the rows of the unit tree, parents first; `names` says category → [[key, {language: name}], …] for
    names that are kept as rows; `reported` lists [metric, code of the unit, first day, last day, value].
    """

    bureau: str
    exported_at: str
    units: list[dict[str, Any]]
    names: dict[str, list[tuple[str, dict[str, str]]]]
    reported: list[tuple[str, str, str, str, int]]
    facts: dict[str, Kept]

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """
        Return the manifest in a file.

        :raises Invalid: if it is none, or one of another format.
        """
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            version = found.pop("format")
            if version == FORMAT:
                kept = {code: Kept(**facts) for code, facts in found.pop("facts").items()}
                return cls(facts=kept, **found)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Invalid(_("%(file)s 读不出来，请该市局重新运行 zoufang lake export。") % {"file": path}) from error
        raise Invalid(_("%(file)s 由另一版本的程序导出，请该市局重新运行 zoufang lake export。") % {"file": path})

    def write(self, directory: Path) -> None:
        """Put it in place of the one before: written aside, on disk, renamed."""
        path = manifest_of(directory, self.bureau)
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(".part")
        with aside.open("w", encoding="utf-8") as file:
            json.dump({"format": FORMAT, **asdict(self)}, file, ensure_ascii=False, indent=1)
            on_disk(file.fileno())
        aside.replace(path)
        on_disk_directory(path.parent)

    def files(self, directory: Path) -> Iterator[Path]:
        """Yield the files of all numbers."""
        for code, kept in self.facts.items():
            for month, name in kept.months.items():
                yield place_of(directory, code, self.bureau, month) / name


def manifest_of(directory: Path, bureau: str) -> Path:
    return directory / "bureaus" / f"{bureau}.json"


def place_of(directory: Path, code: str, bureau: str, month: str) -> Path:
    return directory / "facts" / code / f"bureau={bureau}" / f"month={month}"


def on_disk(descriptor: int) -> None:
    """Wait until what was written is on the disk."""
    os.fsync(descriptor)


def on_disk_directory(directory: Path) -> None:
    """Wait until the names in a directory are on the disk."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
