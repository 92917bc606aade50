"""What becomes of rows of opinions: taken in once, never overwritten, never lost."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.importing.conftest import HEAD, ROWS, Program
from tests.world import World
from zoufang.audit.models import AuditRecord
from zoufang.opinions.models import Opinion, OpinionEvent, Referral, Reply
from zoufang.opinions.vocabulary import Kind, Source
from zoufang.opinions.workflow import Status, Step
from zoufang.organization.models import Role

Write = Callable[..., Path]


def changed(row: int, **cells: str) -> list[tuple[str, ...]]:
    """ROWS with some cells of one row changed."""
    rows = [dict(zip(HEAD, one, strict=True)) for one in ROWS]
    rows[row] |= cells
    return [tuple(one.values()) for one in rows]


def test_an_answered_row_brings_its_history_and_an_open_one_a_promise(
    world: World, program: Program, file: Write
) -> None:
    ran = program("opinions", file())
    assert (ran.code, set(ran.report)) == (0, {"rows", "created", "unchanged", "rejected", "errors"})

    answered, waiting = Opinion.objects.get(source_no="1"), Opinion.objects.get(source_no="2")
    assert (answered.status, answered.source, answered.kind) == (Status.CLOSED, Source.PUBLIC_PAGE, Kind.OPINION)
    assert answered.referrals.get().replies.get().text == "已更换灯具。"
    assert [event.step for event in answered.events.all()] == [Step.REGISTER, Step.FEED_BACK, Step.CLOSE]
    assert answered.topic.code == "A6"  # street lamps, by the words of the text
    assert (waiting.status, waiting.heard_by) == (Status.REGISTERED, world.visit_office.unit)
    assert waiting.due_at > waiting.recorded_at


def test_the_same_file_again_changes_nothing(world: World, program: Program, file: Write) -> None:
    path = file()
    program("opinions", path)
    before = [list(model.objects.values()) for model in (Opinion, OpinionEvent, Referral, Reply, AuditRecord)]
    again = program("opinions", path)
    assert (again.code, again.counts) == (0, (3, 0, 3, 0))
    assert before == [list(model.objects.values()) for model in (Opinion, OpinionEvent, Referral, Reply, AuditRecord)]


def test_rows_are_taken_in_where_an_earlier_run_was_cut_short(world: World, program: Program, file: Write) -> None:
    program("opinions", file(ROWS[:1]))
    assert program("opinions", file()).counts == (3, 2, 1, 0)


def test_a_changed_row_is_refused_and_what_is_here_stays(world: World, program: Program, file: Write) -> None:
    program("opinions", file())
    before = list(Opinion.objects.values())
    changes = [
        {"text": "别的内容别的内容"},
        {"title": "别的标题"},
        {"received_at": "2026-01-05 09:13:00"},
        {"reply": "另一个答复。"},
        {"replied_at": "2026-01-11"},
        {"reply": "", "replied_at": ""},
    ]
    ran = program("opinions", file([changed(0, **cells)[0] for cells in changes]))
    assert (ran.code, ran.counts) == (1, (6, 0, 0, 6))
    assert ran.errors == [(row, "id") for row in range(2, 8)]
    assert Opinion.objects.get(source_no="1").no in ran.messages
    assert list(Opinion.objects.values()) == before
    assert Reply.objects.count() == 2


def test_an_answer_that_comes_later_is_not_lost_in_silence(world: World, program: Program, file: Write) -> None:
    program("opinions", file())
    ran = program("opinions", file(changed(1, reply="已劝导。", replied_at="2026-02-01")))
    assert (ran.counts, ran.errors) == ((3, 0, 2, 1), [(3, "id")])
    assert "请在系统内答复" in ran.messages


def test_an_answer_given_here_does_not_make_the_row_another(world: World, program: Program, file: Write) -> None:
    program("opinions", file(ROWS[1:2]))
    opinion = Opinion.objects.get()
    from zoufang.opinions import services

    services.refer_opinion(opinion, to=world.station, by=world.visit_office, now=world.later(days=1))
    assert program("opinions", file(ROWS[1:2])).counts == (1, 0, 1, 0)


def test_an_id_twice_in_one_file(world: World, program: Program, file: Write) -> None:
    other = (ROWS[0][0], *ROWS[1][1:])
    ran = program("opinions", file([ROWS[0], ROWS[0], other]))
    assert (ran.counts, ran.errors) == ((3, 1, 1, 1), [(4, "id")])
    assert Opinion.objects.get().content == ROWS[0][3]


def test_rows_that_cannot_be_are_reported_by_row_and_column(world: World, program: Program, file: Write) -> None:
    wrong = [
        ({"received_at": "不详"}, "received_at"),
        ({"received_at": ""}, "received_at"),
        ({"received_at": "2999-01-01"}, "received_at"),
        ({"replied_at": "2999-01-01"}, "replied_at"),
        ({"replied_at": "2026-01-05 09:11"}, "replied_at"),
        ({"reply": ""}, "reply"),
        ({"replied_at": ""}, "replied_at"),
        ({"id": ""}, "id"),
        ({"id": "x" * 65}, "id"),
        ({"text": "  "}, "text"),
        ({"text": "长" * 20_001}, "text"),
        ({"title": "长" * 81}, "title"),
        ({"reply": "长" * 20_001}, "reply"),
    ]
    rows = [changed(0, **cells)[0] for cells, _column in wrong]
    ran = program("opinions", file([*rows, ROWS[0]]))
    assert (ran.code, ran.counts) == (1, (14, 1, 0, 13))
    assert ran.errors == [(row, column) for row, (_cells, column) in enumerate(wrong, start=2)]
    assert all(error["message"].strip() for error in ran.report["errors"])


def test_every_fault_of_a_row_is_told_at_once(world: World, program: Program, file: Write) -> None:
    ran = program("opinions", file(changed(0, received_at="x", replied_at="y", text="")))
    assert {column for _row, column in ran.errors} == {"received_at", "replied_at", "text"}
    assert ran.report["rejected"] == 1


def test_numbers_of_persons_are_masked_and_the_row_is_still_the_same(
    world: World, program: Program, file: Write
) -> None:
    rows = changed(0, text="请联系13812345678，身份证41080219900307771X。", reply="已电话13912345678回复。")
    program("opinions", file(rows))
    opinion = Opinion.objects.get(source_no="1")
    assert "13812345678" not in opinion.content
    assert "138****5678" in opinion.content
    assert "13912345678" not in Reply.objects.filter(referral__opinion=opinion).get().text
    assert program("opinions", file(rows)).counts == (3, 0, 3, 0)


def test_choices_are_known_by_code_and_by_label_in_either_language(world: World, program: Program, file: Write) -> None:
    rows = [
        ("1", "2026-01-05", "内容内容", "投诉", "12345转办"),
        ("2", "2026-01-05", "内容内容", "COMPLAINT", "SRC15"),
        ("3", "2026-01-05", "内容内容", "牢骚", "SRC99"),
    ]
    path = file(rows, head=["id", "received_at", "text", "kind", "source"])
    ran = program("opinions", path)
    assert (ran.counts, ran.errors) == ((3, 2, 0, 1), [(4, "kind"), (4, "source")])
    assert "咨询、求助" in ran.messages
    assert {(one.kind, one.source) for one in Opinion.objects.all()} == {("COMPLAINT", "SRC15")}
    assert program("opinions", path, language="en").counts == (3, 0, 2, 1)


def test_a_clerk_takes_in_the_rows_of_her_own_subtree_only(world: World, program: Program, file: Write) -> None:
    head = ["id", "received_at", "text", "reply", "replied_at", "heard_by", "responsible_unit"]
    told = ("已办。", "2026-01-08")
    rows = [
        ("1", "2026-01-05", "内容内容", *told, world.room.code, world.station.code),
        ("2", "2026-01-05", "内容内容", *told, world.other_station.code, ""),
        ("3", "2026-01-05", "内容内容", *told, "", world.other_station.code),
        ("4", "2026-01-05", "内容内容", "", "", world.bureau.code, ""),
        ("5", "2026-01-05", "内容内容", *told, "999999999999", ""),
        ("6", "2026-01-05", "公交车违法停车堵路", *told, "", ""),
        ("7", "2026-01-05", "内容内容", "", "", "", world.other_station.code),
    ]
    ran = program("opinions", file(rows, head=head), by="clerk")
    assert ran.counts == (7, 2, 0, 5)
    assert ran.errors == [
        (3, "heard_by"),
        (4, "responsible_unit"),
        (5, "heard_by"),
        (6, "heard_by"),
        (8, "responsible_unit"),
    ]
    assert set(Opinion.objects.values_list("responsible_unit", flat=True)) == {world.station.pk}
    assert not Opinion.objects.filter(heard_by=world.other_station).exists()


def test_an_open_row_with_a_responsible_unit_is_referred_there(world: World, program: Program, file: Write) -> None:
    head = ["id", "received_at", "text", "responsible_unit"]
    ran = program("opinions", file([("1", "2026-01-05", "内容内容", world.station.code)], head=head))
    assert ran.counts == (1, 1, 0, 0)
    opinion = Opinion.objects.get()
    assert (opinion.status, opinion.responsible_unit) == (Status.REFERRED, world.station)


def test_a_row_of_which_one_may_not_know_is_refused_without_its_number(
    world: World, program: Program, file: Write
) -> None:
    program("opinions", file())
    ran = program("opinions", file(changed(0, text="别的内容别的内容")), by="clerk")
    assert [error["column"] for error in ran.report["errors"]] == ["id"]
    assert Opinion.objects.get(source_no="1").no not in ran.messages


def test_a_dry_run_reports_and_writes_nothing(world: World, program: Program, file: Write) -> None:
    rows = [*changed(1, received_at="x"), ROWS[0]]
    trial = program("opinions", file(rows), dry_run=True)
    audits = AuditRecord.objects.count()
    assert (trial.code, trial.counts) == (1, (4, 2, 1, 1))
    assert not Opinion.objects.exists()
    real = program("opinions", file(rows))
    assert real.counts == trial.counts
    assert AuditRecord.objects.count() > audits


def test_who_imports_must_be_there_and_may_import(world: World, program: Program, file: Write) -> None:
    for by in ("nobody", "officer"):
        ran = program("opinions", file(), by=by)
        assert ran.code == 2
        assert by in ran.said
    assert not Opinion.objects.exists()


def test_without_a_visit_office_somebody_has_to_be_named(world: World, program: Program, file: Write) -> None:
    world.visit_office.duties.filter(role=Role.VISIT_OFFICE).delete()
    for kind in ("opinions", "visits", "petitions", "disputes"):
        ran = program(kind, file())
        assert ran.code == 2
        assert "--by" in ran.said
    assert program("opinions", file(), by="clerk").counts == (3, 3, 0, 0)


def test_messages_come_in_english_on_request(world: World, program: Program, file: Write) -> None:
    chinese = program("opinions", file(changed(0, received_at="x")))
    assert "不是时间" in chinese.messages


def test_the_columns_are_told_as_json(program: Program) -> None:
    for kind in ("opinions", "visits", "petitions", "disputes", "officers", "units"):
        columns: list[dict[str, Any]] = json.loads(program(kind, columns=True).report["columns"])
        assert all(set(column) == {"name", "required", "example"} for column in columns)
        assert any(column["required"] for column in columns)
    names = [column["name"] for column in json.loads(program("opinions", columns=True).report["columns"])]
    assert names[:6] == list(HEAD)
