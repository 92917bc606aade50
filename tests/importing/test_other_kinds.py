"""Visits, petitions, disputes, units and officers from tables."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.importing.conftest import Program
from tests.world import World
from zoufang.casework.models import Dispute, PetitionCase
from zoufang.opinions.models import Opinion
from zoufang.organization.models import Unit
from zoufang.organization.services import open_unit
from zoufang.visits.models import Visit

Write = Callable[..., Path]

VISIT_HEAD = [
    "走访时间",
    "单位代码",
    "走访民警",
    "方式",
    "对象类别",
    "人次",
    "走访主题",
    "走访地点",
    "走访情况",
    "征得意见",
]


def visit(world: World, **cells: str) -> list[str]:
    row = {
        "走访时间": "2026-03-01 09:30",
        "单位代码": world.room.code,
        "走访民警": "officer、clerk",
        "方式": "入户",
        "对象类别": "居民家庭",
        "人次": "3",
        "走访主题": "T2",
        "走访地点": "锦绣花园",
        "走访情况": "了解楼院治安情况。",
        "征得意见": "希望夜间多巡逻。",
    }
    return list((row | cells).values())


@pytest.fixture(autouse=True)
def _today(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Visits may not lie too far back; the program reads the clock, and the bureau lives in March 2026."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: world.now)


def test_visits_come_in_once_with_what_was_heard(world: World, program: Program, file: Write) -> None:
    path = file([visit(world)], head=VISIT_HEAD)
    assert program("visits", path, by="clerk").counts == (1, 1, 0, 0)
    made = Visit.objects.get()
    assert sorted(officer.username for officer in made.officers.all()) == ["clerk", "officer"]
    assert (made.headcount, made.unit, made.opinions.get().content) == (3, world.room, "希望夜间多巡逻。")
    assert program("visits", path, by="clerk").counts == (1, 0, 1, 0)
    # The same row written another way is the same visit, and of somebody else it stays what it is.
    other = file([visit(world, 走访时间="2026年3月1日9时30分", 走访民警="officer,clerk")], head=VISIT_HEAD)
    assert program("visits", other, by="clerk").counts == (1, 0, 1, 0)
    ran = program("visits", path, by="office")
    assert (ran.errors, Visit.objects.count()) == ([(2, "uid")], 1)
    assert "他人" in ran.messages


def test_visits_that_cannot_be_are_reported(world: World, program: Program, file: Write) -> None:
    assert world.other_clerk.pk
    wrong: list[tuple[dict[str, str], str]] = [
        ({"走访时间": "2026-03-03"}, "visited_at"),
        ({"走访时间": "2019-03-03"}, "visited_at"),
        ({"单位代码": "410800550000"}, "unit"),
        ({"走访民警": "nobody"}, "officers"),
        ({"走访民警": "other_clerk"}, "officers"),
        ({"人次": "0"}, "headcount"),
        ({"人次": "三"}, "headcount"),
        ({"走访主题": "T99"}, "theme"),
        ({"征得意见": "短"}, "opinion"),
        ({"走访地点": "长" * 81}, "place"),
    ]
    rows = [visit(world), *(visit(world, **cells) for cells, _column in wrong)]
    ran = program("visits", file(rows, head=VISIT_HEAD), by="clerk")
    assert ran.counts == (11, 1, 0, 10)
    assert ran.errors == [(row, column) for row, (_cells, column) in enumerate(wrong, start=3)]
    assert Opinion.objects.count() == 1


def test_numbers_of_persons_in_a_visit_are_masked(world: World, program: Program, file: Write) -> None:
    row = visit(world, 走访情况="户主电话13812345678。", 征得意见="请回电13912345678。")
    assert program("visits", file([row], head=VISIT_HEAD), by="clerk").counts == (1, 1, 0, 0)
    assert Visit.objects.get().summary == "户主电话138****5678。"
    assert Opinion.objects.get().content == "请回电139****5678。"


PETITION_HEAD = [
    "编号",
    "交办层级",
    "积案",
    "信访事项",
    "交办日",
    "办理单位代码",
    "时限",
    "责任人账号",
    "结案日",
    "结果",
    "告知日",
]


def petition(world: World, no: str = "省交〔2026〕001号", *rest: str) -> list[str]:
    tail = list(rest) or ["2026/3/16", "leader", "2026-02-20", "已办结并送达。", "2026-01-20"]
    return [no, "省厅", "是", "工程款拖欠", "2026-01-15", world.station.code, *tail]


def test_petitions_come_in_once_with_their_deadline_and_result(world: World, program: Program, file: Write) -> None:
    assert world.leader.pk
    path = file([petition(world), petition(world, "2", "", "", "", "", "")], head=PETITION_HEAD)
    ran = program("petitions", path)
    assert (ran.code, ran.counts) == (0, (2, 2, 0, 0)), ran.report
    closed, waiting = PetitionCase.objects.get(no="省交〔2026〕001号"), PetitionCase.objects.get(no="2")
    assert (closed.is_backlog, closed.responsible, closed.result) == (True, world.leader, "已办结并送达。")
    assert closed.due_at.isoformat() == "2026-03-16T16:00:00+00:00"
    assert closed.notified_at == datetime(2026, 1, 19, 16, tzinfo=UTC)
    assert (waiting.closed_at, waiting.notified_at) == (None, None)
    assert waiting.due_at > waiting.assigned_at
    assert program("petitions", path).counts == (2, 0, 2, 0)


def test_petitions_that_cannot_be_are_reported(world: World, program: Program, file: Write) -> None:
    assert world.leader.pk
    wrong = [
        (1, "县级以下", "level"),
        (2, "也许", "is_backlog"),
        (3, "", "subject"),
        (4, "不详", "assigned_at"),
        (4, "2027-01-01", "assigned_at"),
        (5, "410800999999", "unit"),
        (6, "2026-01-01", "due_on"),
        (7, "nobody", "responsible"),
        (8, "2026-01-01", "closed_at"),
        (9, "", "result"),
        (10, "2026-01-14", "notified_at"),
    ]
    rows = [petition(world) for _ in wrong]
    for row, (place, cell, _column) in zip(rows, wrong, strict=True):
        row[place] = cell
    ran = program("petitions", file(rows, head=PETITION_HEAD))
    assert ran.counts == (11, 0, 0, 11)
    assert dict(ran.errors) == {row: column for row, (_place, _cell, column) in enumerate(wrong, start=2)}
    assert not PetitionCase.objects.exists()


def test_a_petition_of_another_content_is_refused(world: World, program: Program, file: Write) -> None:
    assert world.leader.pk
    program("petitions", file([petition(world)], head=PETITION_HEAD))
    row = petition(world)
    row[3] = "另一件事项"
    ran = program("petitions", file([row], head=PETITION_HEAD))
    assert (ran.counts, PetitionCase.objects.get().subject) == ((1, 0, 0, 1), "工程款拖欠")
    assert "省交〔2026〕001号" in ran.messages


def test_disputes_come_in_once_with_who_resolved_them(world: World, program: Program, file: Write) -> None:
    assert world.leader.pk
    head = ["纠纷编号", "类别", "发现日", "调处单位代码", "地点", "期限", "责任人账号", "化解日", "结果"]
    rows = [
        [
            "JF1",
            "邻里",
            "2026-02-10",
            world.station.code,
            "锦绣花园",
            "2026-03-12",
            "leader",
            "2026-02-20",
            "达成协议。",
        ],
        ["JF2", "邻里", "2026-02-10", world.station.code, "", "", "", "", ""],
        ["JF3", "星际", "2026-02-10", world.station.code, "", "", "", "", ""],
        ["JF4", "邻里", "2026-02-10", world.other_station.code, "", "2026-02-09", "", "", ""],
    ]
    path = file(rows, head=head)
    ran = program("disputes", path)
    assert (ran.counts, ran.errors) == ((4, 2, 0, 2), [(4, "category"), (5, "due_on")])
    assert Dispute.objects.get(no="JF1").responsible == world.leader
    assert str(Dispute.objects.get(no="JF1").due_on) == "2026-03-12"
    assert program("disputes", path).counts == (4, 0, 2, 2)
    mine = program("disputes", file(rows, head=head, name="again.csv"), by="clerk")
    assert mine.counts == (4, 0, 2, 2)


def test_units_are_kept_by_those_whose_duty_it_is(world: World, program: Program, file: Write) -> None:
    row = ["410800550001", "新警务室", "警务室", world.other_station.code]
    path = file([row], head=["单位代码", "单位名称", "单位类型", "上级单位代码"])
    assert program("units", path, by="clerk").counts == (1, 0, 0, 1)
    assert program("units", path).counts == (1, 1, 0, 0)


def test_a_unit_below_a_closed_one_is_refused(world: World, program: Program, file: Write) -> None:
    old = open_unit(
        code="410800550009", name="旧所", kind=Unit.Kind.STATION, parent=world.bureau, by=None, now=world.now
    )
    Unit.objects.filter(pk=old.pk).update(valid_to=world.today)
    row = ["410800550001", "新警务室", "警务室", old.code]
    ran = program("units", file([row], head=["单位代码", "单位名称", "单位类型", "上级单位代码"]))
    assert ran.counts == (1, 0, 0, 1)
