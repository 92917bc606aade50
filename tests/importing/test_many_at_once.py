"""Rows taken in many at a time leave behind what they leave one by one."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import DataError, transaction

from tests.importing.conftest import HEAD, ROWS, Program
from tests.importing.picture import VISIT_HEAD, nothing_is_off, picture
from tests.world import World
from zoufang.site.importing.columns import Cells, Column
from zoufang.site.importing.desk import Answer, Desk, Importer, Outcome, by_turns
from zoufang.site.importing.opinions import OPINIONS
from zoufang.site.importing.run import Fault, run_import
from zoufang.site.importing.visits import VISITS
from zoufang.visits.models import Visit

Write = Callable[..., Path]

UIDS = ("6a1f0c52-9f0e-4f4e-8b59-0d9b3f2f4c11", "6A1F0C52-9F0E-4F4E-8B59-0D9B3F2F4C11")


def some_visits(world: World, dice: random.Random) -> list[list[str]]:
    """Rows as a careless office keeps them: some wrong, some twice, some that claim the identifier of another."""

    def mostly(right: Sequence[str], *wrong: str) -> str:
        return dice.choice(right if dice.random() < 0.95 else wrong)

    rows = [
        [
            mostly(["2026-03-01 09:30", "2026-02-28 15:00", "2026-03-01"], "2026-03-03", "2019-01-01", "不详"),
            mostly([world.room.code, world.station.code, ""], world.other_station.code, "999999999999"),
            mostly(["officer", "clerk、officer", "officer officer", ""], "nobody", "other_clerk"),
            mostly(["入户", "电话", "F1"], "飞行"),
            mostly(["居民家庭", "企业"], ""),
            mostly(["1", "3"], "0", "三"),
            "T2",
            mostly(["锦绣花园", ""], "长" * 81),
            dice.choice(["了解治安情况。", f"第{number}次。", "户主电话13812345678。"]),
            mostly(["", "", "希望夜间多巡逻。", f"第{number}栋路灯不亮。"], "短"),
            mostly(["", "", "", *UIDS], "不是编号"),
        ]
        for number in range(30)
    ]
    return rows + dice.choices(rows, k=8)


def some_opinions(world: World, dice: random.Random) -> list[list[str]]:
    answers = [("", ""), ("已更换灯具。", "2026-01-10"), ("已更换灯具。", ""), ("已劝导。", "2026-01-01")]
    rows = [
        [
            dice.choice(["1", "2", "3", "4", "5", f"n{number}"]), dice.choice(["", "路灯"]),
            dice.choice(["2026-01-05 09:12", "2026-01-06", "不详"]),
            dice.choice(["小区东门路灯坏了两周。", f"第{number}栋噪音扰民。"]), *dice.choice(answers),
            dice.choice(["", "SRC15"]), dice.choice(["", world.station.code, world.other_station.code, "9"]),
            dice.choice(["", "A6", "Z9"]),
        ]
        for number in range(30)
    ]  # fmt: skip
    return rows + dice.choices(rows, k=8)


def left_behind(world: World, importer: Importer, path: Path, at_once: int, by: Any) -> Any:
    """Import, look at everything, and take it back."""
    faults: list[Fault] = []
    with transaction.atomic():
        report = run_import(importer, path, by=by, now=world.now, tell=faults.append, at_once=at_once)
        assert report.rows == report.created + report.unchanged + report.rejected
        nothing_is_off()
        seen = report, faults, picture()
        transaction.set_rollback(True)
    return seen


@pytest.mark.parametrize("kind", ["visits", "opinions"])
@pytest.mark.parametrize("seed", range(4))
def test_any_number_at_once_leaves_behind_the_same(world: World, file: Write, kind: str, seed: int) -> None:
    assert world.other_clerk.pk
    dice = random.Random(seed)
    if kind == "visits":
        importer, path = VISITS, file(some_visits(world, dice), head=[*VISIT_HEAD, "uid"])
    else:
        head = [*HEAD, "source", "responsible_unit", "topic"]
        importer, path = OPINIONS, file(some_opinions(world, dice), head=head)
    one_by_one = left_behind(world, importer, path, 1, world.clerk)
    report, faults, _seen = one_by_one
    assert report.created > 0
    assert len({fault.column for fault in faults}) > 2
    for at_once in (2, dice.randint(3, 20), 1000):
        assert left_behind(world, importer, path, at_once, world.clerk) == one_by_one


def test_a_row_that_is_refused_leaves_those_around_it_alone(world: World, program: Program, file: Write) -> None:
    good = ["2026-03-01 09:30", world.room.code, "officer", "入户", "居民家庭", "3", "T2", "锦绣花园"]
    rows = [[*good, f"第{n}次。", ""] for n in range(40)]
    rows[17][1], rows[18][5] = world.other_station.code, "0"
    faults: list[Fault] = []
    report = run_import(
        VISITS, file(rows, head=VISIT_HEAD), by=world.clerk, now=world.now, tell=faults.append, at_once=40
    )
    assert (report.created, report.rejected, Visit.objects.count()) == (38, 2, 38)
    assert [(fault.row, fault.column) for fault in faults] == [(19, "unit"), (20, "headcount")]


def test_a_row_that_the_database_turns_down_is_found_among_many(world: World, file: Write) -> None:
    taken: list[str] = []

    def take(rows: Sequence[Cells], _desk: Desk) -> Sequence[Answer]:
        if any(row["id"] in {"3", "11"} for row in rows):
            raise DataError
        taken.extend(row["id"] for row in rows)
        return [Outcome.CREATED] * len(rows)

    faults: list[Fault] = []
    path = file([[str(number)] for number in range(16)], head=["id"])
    importer = Importer((Column("id", (), True),), take, at_once=16)
    report = run_import(importer, path, by=None, now=world.now, tell=faults.append)
    assert (report.created, report.rejected) == (14, 2)
    assert taken == [str(number) for number in range(16) if number not in {3, 11}]
    assert [(fault.row, fault.column) for fault in faults] == [(5, ""), (13, "")]


def test_rows_alike_are_not_looked_at_twice() -> None:
    """A table of one row a hundred thousand times must not take a hundred thousand turns."""
    turns: list[list[str]] = []

    def take(rows: Sequence[str]) -> list[Answer]:
        turns.append(list(rows))
        return [Outcome.CREATED] * len(rows)

    answers = by_turns(["a1", "a1", "b1", "a2", "a1"], lambda row: row[0], take)
    # The last one is not like the one before it any more.
    assert turns == [["a1", "b1"], ["a2"], ["a1"]]
    assert answers == [Outcome.CREATED, Outcome.UNCHANGED] + [Outcome.CREATED] * 3


def test_a_pipe_gets_a_line_now_and_then(
    world: World, program: Program, file: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "已处理" not in program("opinions", file()).said
    monkeypatch.setattr("zoufang.site.importing.report.SECONDS_A_LINE", 0.0)
    assert f"rows.csv：已处理 {len(ROWS)} / {len(ROWS)} 行（100%）" in program("opinions", file()).said
