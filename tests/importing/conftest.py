"""A bureau that takes in tables, and the program as a clerk calls it."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.world import World

HEAD = ("id", "title", "received_at", "text", "reply", "replied_at")
ROWS = (
    ("1", "路灯不亮", "2026-01-05 09:12:00", "小区东门路灯坏了两周。", "已更换灯具。", "2026-01-10T15:00:00"),
    ("2", "噪音扰民", "2026/1/6 20:30", "楼下广场夜里音响很大。", "", ""),
    ("3", "办证咨询", "2026年1月7日", "户口迁移要带哪些材料？", "带户口簿和身份证。", "2026-01-08"),
)


@dataclass(frozen=True)
class Ran:
    """What the program answered: its exit code, the report, and what it said on the side or why it gave up."""

    code: int
    report: dict[str, Any]
    said: str

    @property
    def counts(self) -> tuple[Any, ...]:
        rows, created, unchanged, rejected = map(self.report.get, ("rows", "created", "unchanged", "rejected"))
        return rows, created, unchanged, rejected

    @property
    def errors(self) -> list[tuple[int, str]]:
        return [(error["row"], error["column"]) for error in self.report["errors"]]

    @property
    def messages(self) -> str:
        return "\n".join(error["message"] for error in self.report["errors"])


Program = Callable[..., Ran]


@pytest.fixture
def world(db: None) -> World:
    made = World(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
    for officer in (made.visit_office, made.clerk, made.officer):
        assert officer.pk
    return made


def run_program(kind: str, *words: object, **options: Any) -> Ran:
    """Run `zoufang import KIND …` as the command line would."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import", kind, *map(str, words), stdout=out, stderr=err, **options)
    except CommandError as refused:
        return Ran(refused.returncode, {}, f"{err.getvalue()}{refused}")
    except SystemExit as ended:
        return Ran(int(ended.code or 0), json.loads(out.getvalue()), err.getvalue())
    text = out.getvalue()
    return Ran(0, json.loads(text) if text.startswith("{") else {"columns": text}, err.getvalue())


@pytest.fixture
def program() -> Program:
    return run_program


def csv_text(rows: Sequence[Sequence[str]] = ROWS, head: Sequence[str] = HEAD, **style: Any) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, **style).writerows([head, *rows])
    return out.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Write a CSV file: rows as they are, or bytes."""

    def write(
        rows: Sequence[Sequence[str]] | bytes | str = ROWS,
        *,
        head: Sequence[str] = HEAD,
        name: str = "rows.csv",
        encoding: str = "utf-8",
        **style: Any,
    ) -> Path:
        path = tmp_path / name
        body = csv_text(rows, head, **style) if not isinstance(rows, bytes | str) else rows
        path.write_bytes(body if isinstance(body, bytes) else body.encode(encoding))
        return path

    return write
