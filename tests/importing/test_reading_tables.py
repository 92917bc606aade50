"""Whatever program wrote the file, the same rows come in; and what is no table is told so."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.importing.conftest import HEAD, ROWS, Program
from tests.world import World
from zoufang.opinions.models import Opinion
from zoufang.site.importing.columns import Column, Holds, plain_head, read_day, read_flag, read_moment
from zoufang.site.importing.opinions import OPINIONS
from zoufang.site.importing.run import find_head
from zoufang.site.importing.tables import UnreadableFile, open_table

Write = Callable[..., Path]


def cells(path: Path) -> list[list[str]]:
    with open_table(path) as table:
        return [line.cells for line in table.lines()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_every_encoding_delimiter_and_end_of_line_is_read(
    file: Write, encoding: str, delimiter: str, ends: str
) -> None:
    assert cells(file(encoding=encoding, delimiter=delimiter, lineterminator=ends)) == [list(HEAD), *map(list, ROWS)]


def test_a_file_in_the_encoding_of_chinese_windows_comes_in(world: World, program: Program, file: Write) -> None:
    ran = program("opinions", file(encoding="gb18030", delimiter=";"))
    assert (ran.code, ran.counts) == (0, (3, 3, 0, 0)), ran.report
    told = Opinion.objects.get(source_no="3")
    assert (told.content, told.heard_at.isoformat()) == ("户口迁移要带哪些材料？", "2026-01-06T16:00:00+00:00")


def test_chinese_heads_in_another_order_with_columns_of_no_use_below_a_title(
    world: World, program: Program, file: Write
) -> None:
    rows = [
        ("2026年第一季度群众留言台账", "", "", "", ""),
        ("", "", "", "", ""),
        ("留言详情", "留言时间（必填）", " 留言编号 *", "留言用户", "留言主题"),
        ("小区东门路灯坏了两周。", "2026-01-05 09:12", "1", "匿名用户", "路灯不亮"),
        ("", "", "", "", ""),
        ("楼下广场夜里音响很大。", "不详", "2", "匿名用户", "噪音扰民"),
    ]
    ran = program("opinions", file(rows[1:], head=rows[0]))
    assert (ran.code, ran.counts, ran.errors) == (1, (2, 1, 0, 1), [(6, "received_at")])
    assert "留言用户" in ran.said
    assert "匿名用户" not in str(Opinion.objects.values())


def test_english_heads_are_found_whatever_their_case(file: Write) -> None:
    with open_table(file(head=[name.upper() for name in HEAD])) as table:
        assert find_head(OPINIONS, table).places == {name: place for place, name in enumerate(HEAD)}


@pytest.mark.parametrize("missing", ["id", "received_at", "text"])
def test_a_missing_required_column_is_named_with_those_that_are_there(file: Write, missing: str) -> None:
    head = [name if name != missing else "备注" for name in HEAD]
    with open_table(file(head=head)) as table, pytest.raises(UnreadableFile, match=f"{missing}.*备注"):
        find_head(OPINIONS, table)


def test_a_file_that_lacks_a_column_ends_with_exit_code_2(world: World, program: Program, file: Write) -> None:
    ran = program("opinions", file(head=["id", "a", "b", "text", "c", "d"]))
    assert ran.code == 2
    assert "received_at" in ran.said
    assert not Opinion.objects.exists()


def test_two_columns_that_mean_the_same_are_not_guessed_between(world: World, program: Program, file: Write) -> None:
    ran = program("opinions", file([("1", "9", "2026-01-05", "内容内容")], head=["编号", "原编号", "收到时间", "内容"]))
    assert ran.code == 2
    assert "编号、原编号" in ran.said
    # The name of the column itself leaves no doubt.
    again = program("opinions", file([("1", "9", "2026-01-05", "内容内容")], head=["编号", "id", "收到时间", "内容"]))
    assert again.counts == (1, 1, 0, 0)
    assert Opinion.objects.get().source_no == "9"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "空的"),
        (b"\n\n  \n", "没有数据"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, ".xls"),
        (b"<html><body><table><tr><td>id</td></tr></table>", "网页"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xff\x80\xff", "编码|缺少|没有成对"),
        (b"%PDF-1.7 no table", "缺少必需的列"),
        (b"PK\x03\x04 this is no zip", "损坏"),
        (b'id,received_at,text\n1,2026-01-05,"no end\n2,2026-01-06,x', "第 2 行的引号"),
        (b'id,received_at,text\n1,2026-01-05,aa\n2,2026-01-06,"b"c\n', "第 3 行的引号"),
        (b'id,received_at,text\n1,2026-01-05,"' + b"a" * 1_100_000 + b'"\n', "1 MB"),
        (b"id,received_at,text" + b"," * 1200 + b"\n", "1000 列"),
        (("id,received_at,text\n1,2026-01-05,小区东门路灯坏了两周没有人修" + "灯").encode()[:-1], "UTF-8"),
    ],
)
def test_what_is_no_table_is_told_so(file: Write, body: bytes, said: str) -> None:
    with pytest.raises(UnreadableFile, match=said), open_table(file(body)) as table:
        find_head(OPINIONS, table)


def test_a_missing_file_and_a_directory_end_with_exit_code_2(world: World, program: Program, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.csv", Path("/dev/null"), tmp_path / ("x" * 300)):
        ran = program("opinions", path)
        assert ran.code == 2
        assert ran.said.strip()
    assert program("opinions").code == 2


def test_a_csv_file_called_xlsx_is_read_for_what_it_is(file: Write) -> None:
    assert cells(file(name="rows.xlsx")) == [list(HEAD), *map(list, ROWS)]


def test_ragged_blank_and_overfull_rows_keep_their_numbers(world: World, program: Program, file: Write) -> None:
    body = (
        "id,title,received_at,text,reply,replied_at\n"
        "1,路灯,2026-01-05,路灯坏了\n"
        "\n"
        ",,,,,\n"
        "2,路灯\n"
        '3,路灯,2026-01-05,"一格\n两行",,\n'
        "4,路灯,2026-01-05,好,,,多一列\n"
        "5,路灯,2026-01-05,正常一行,,,\n"
    )
    ran = program("opinions", file(body))
    assert ran.counts == (5, 3, 0, 2)
    assert ran.errors == [(5, "received_at"), (5, "text"), (7, "")]
    assert Opinion.objects.get(source_no="3").content == "一格\n两行"


def test_a_null_character_costs_its_row_and_no_other(world: World, program: Program, file: Write) -> None:
    rows = [*ROWS, ("4", "x\x00y", "2026-01-05", "内容内容", "", "")]
    ran = program("opinions", file(rows))
    assert (ran.code, ran.counts, ran.errors) == (1, (4, 3, 0, 1), [(5, "title")])


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-03-01", "2026-03-01T00:00:00+08:00"),
        ("2026/3/1 9:05", "2026-03-01T09:05:00+08:00"),
        ("2026.3.1 9:05:07", "2026-03-01T09:05:07+08:00"),
        ("2026年3月1日9时5分", "2026-03-01T09:05:00+08:00"),
        ("2026年3月1日 9:05", "2026-03-01T09:05:00+08:00"),
        ("2026年3月1日9点", "2026-03-01T09:00:00+08:00"),
        ("20260301", "2026-03-01T00:00:00+08:00"),
        ("2026-03-01T09:30:00Z", "2026-03-01T09:30:00+00:00"),
        ("2026-03-01T09:30:00.123456+0800", "2026-03-01T09:30:00+08:00"),
        ("", ""),
    ],
)
def test_a_moment_is_read_as_people_write_it(text: str, iso: str) -> None:
    assert read_moment(text) == iso


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-13-01", "3月1日", "昨天", "26-03-01", "2026-03-01 25:00", "1026-03-01", "2026", "-"]
)
def test_what_is_no_moment_is_said_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="2026-03-01 09:30"):
        read_moment(text)


def test_a_serial_day_of_a_spreadsheet_is_not_taken_for_a_day() -> None:
    with pytest.raises(ValueError, match="单元格格式"):
        read_moment("46082.5")


def test_days_and_flags_are_read_as_people_write_them() -> None:
    assert read_day("2026-03-01 23:59") == "2026-03-01"
    assert [read_flag(word) for word in ("是", "√", "TRUE", "1", "否", "0", "", "no")] == ["on"] * 4 + [""] * 4
    with pytest.raises(ValueError, match="是"):
        read_flag("也许")


def test_full_width_codes_and_invisible_marks_are_read_through() -> None:
    assert Column("code").read("\ufeff４１０８\u200b ") == "4108"
    assert Column("at", holds=Holds.MOMENT).read("２０２６－０３－０１　０９：３０") == "2026-03-01T09:30:00+08:00"


def test_numbers_of_persons_are_masked_in_text_only() -> None:
    assert Column("text", holds=Holds.TEXT).read("打13812345678找他") == "打138****5678找他"
    assert Column("id").read("13812345678") == "13812345678"


def test_a_head_is_known_without_what_forms_add() -> None:
    assert plain_head(" 收到\n时间 *（必填）") == "收到时间"
    assert plain_head("（一）") == "(一)"
