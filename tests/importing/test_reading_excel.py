"""Excel as offices use it, and Excel as nobody should: what a file asks for, it gets within limits."""

import resource
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from tests.importing.books import book, crafted, sheet_of
from tests.importing.conftest import HEAD, Program
from tests.world import World
from zoufang.opinions.models import Opinion
from zoufang.site.importing.kinds import IMPORTERS
from zoufang.site.importing.opinions import OPINIONS
from zoufang.site.importing.run import find_head
from zoufang.site.importing.tables import UnreadableFile, open_table
from zoufang.site.importing.template import write_template

HEAD_CELLS = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in HEAD)


def typed(moment: str) -> datetime:
    """Return a moment as a spreadsheet knows it: without an offset."""
    return datetime.fromisoformat(moment)


def lines(path: Path) -> list[tuple[int, list[str]]]:
    with open_table(path) as table:
        return [(line.number, line.cells) for line in table.lines()]


def test_dates_are_dates_and_numbers_are_identifiers(world: World, program: Program, tmp_path: Path) -> None:
    rows = [
        HEAD,
        (2549, "路灯不亮", typed("2026-01-05 09:11:59.999600"), "路灯坏了两周。", "已更换。", date(2026, 1, 10)),
        (410800570001, "=1+1 不是公式", "2026-01-05 09:12", "楼下很吵。", None, None),
    ]
    path = book(tmp_path / "rows.xlsx", rows)
    ran = program("opinions", path)
    assert (ran.code, ran.counts) == (0, (2, 2, 0, 0)), ran.report
    first = Opinion.objects.get(source_no="2549")
    assert first.heard_at.isoformat() == "2026-01-05T01:12:00+00:00"
    assert Opinion.objects.filter(source_no="410800570001").exists()
    assert program("opinions", path).counts == (2, 0, 2, 0)


def test_rows_are_numbered_as_the_spreadsheet_numbers_them(world: World, program: Program, tmp_path: Path) -> None:
    rows = [("群众留言台账",), HEAD, (1, None, "不详", "路灯坏了。"), (), (2, None, "2026-01-05", "")]
    ran = program("opinions", book(tmp_path / "rows.xlsx", rows, above=3))
    assert (ran.counts, ran.errors) == ((2, 0, 0, 2), [(6, "received_at"), (8, "text")])


def test_the_same_rows_as_csv_and_as_excel_are_the_same(
    world: World, program: Program, tmp_path: Path, file: Callable[..., Path]
) -> None:
    program("opinions", file([("1", "灯", "2026-01-05 09:12", "一行\n两行", "已更换。", "2026-01-10")]))
    day, answered = typed("2026-01-05 09:12"), typed("2026-01-10")
    path = book(tmp_path / "rows.xlsx", [HEAD, (1, "灯", day, "一行\r\n两行", "已更换。", answered)])
    assert program("opinions", path).counts == (1, 0, 1, 0)


def test_the_first_sheet_that_is_shown_and_has_rows_is_read(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    hidden, empty, rows = workbook.worksheets[0], workbook.create_sheet("空"), workbook.create_sheet("数据")
    hidden.append(["hidden"])
    hidden.sheet_state = "hidden"
    assert empty.title
    rows.append(["id"])
    workbook.active = 2
    workbook.save(tmp_path / "rows.xlsx")
    assert lines(tmp_path / "rows.xlsx") == [(1, ["id"])]


@pytest.mark.parametrize("kind", list(IMPORTERS))
def test_the_template_has_a_head_that_is_found_again(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"{kind}.xlsx"
    write_template(IMPORTERS[kind], path)
    with open_table(path) as table:
        head = find_head(IMPORTERS[kind], table)
    assert head.places == {column.name: place for place, column in enumerate(IMPORTERS[kind].columns)}
    sheet = openpyxl.load_workbook(path).worksheets[0]
    choosing = [column for column in IMPORTERS[kind].columns if column.options]
    assert len(sheet.data_validations.dataValidation) == len(choosing)
    assert sheet["A2"].value is None


def test_a_template_filled_in_is_taken_in(world: World, program: Program, tmp_path: Path) -> None:
    path = tmp_path / "opinions.xlsx"
    assert program("opinions", template=path).code == 0
    assert program("opinions", path).counts == (0, 0, 0, 0)
    workbook = openpyxl.load_workbook(path)
    sheet = workbook.worksheets[0]
    for place, column in enumerate(OPINIONS.columns, start=1):
        sheet.cell(2, place, column.example if "unit" not in column.name else world.station.code)
    sheet.cell(2, 1 + [column.name for column in OPINIONS.columns].index("heard_by"), world.visit_office.unit.code)
    workbook.save(path)
    # The example of an answer is of a later day than this test's.
    ran = program("opinions", path)
    assert ran.counts == (1, 1, 0, 0), ran.report


def test_a_template_that_cannot_be_written_is_said(world: World, program: Program, tmp_path: Path) -> None:
    assert program("opinions", template=tmp_path / "none" / "a.xlsx").code == 2


@pytest.mark.office
def test_the_office_program_opens_the_template_and_what_it_saves_is_read(tmp_path: Path) -> None:
    office = shutil.which("soffice") or pytest.skip("no office program")
    write_template(OPINIONS, tmp_path / "a.xlsx")
    (tmp_path / "out").mkdir()
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [
        office,
        "--headless",
        profile,
        "--convert-to",
        "xlsx",
        "--outdir",
        str(tmp_path / "out"),
        str(tmp_path / "a.xlsx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    with open_table(tmp_path / "out" / "a.xlsx") as table:
        assert set(find_head(OPINIONS, table).places) == {column.name for column in OPINIONS.columns}


def _bomb(path: Path) -> Path:
    return crafted(path, sheet_of(f"<row><c t='inlineStr'><is><t>{'a' * 30_000_000}</t></is></c></row>"))


def _far_cell(path: Path) -> Path:
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return crafted(path, sheet_of(far))


def _echo(path: Path) -> Path:
    """A long string that a hundred thousand cells refer to."""
    cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 100_001))
    text = "".join(chr(0x4E00 + n % 20_000) for n in range(300_000))
    return crafted(path, sheet_of(cells), strings=f'<sst xmlns="x"><si><t>{text}</t></si></sst>')


def _entities(path: Path) -> Path:
    doctype = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    return crafted(path, sheet_of("<row><c t='inlineStr'><is><t>&j;</t></is></c></row>", before=doctype + "]>"))


def _external(path: Path) -> Path:
    doctype = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    return crafted(path, sheet_of("<row><c t='inlineStr'><is><t>&x;</t></is></c></row>", before=doctype))


def _crowd(path: Path) -> Path:
    return crafted(path, sheet_of(""), extra={f"xl/media/{n}": b"x" for n in range(400)})


def _slip(path: Path) -> Path:
    return crafted(path, sheet_of(f"<row>{HEAD_CELLS}</row>"), extra={"../../../../tmp/zoufang-slipped": b"x"})


def _liar(path: Path) -> Path:
    """A directory that gives a small size for a part that unpacks to a large one."""
    _bomb(path)
    body = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as package:
        size = package.getinfo("xl/worksheets/sheet1.xml").file_size
    path.write_bytes(bytes(body).replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    return path


def _cut(path: Path) -> Path:
    book(path, [HEAD])
    path.write_bytes(path.read_bytes()[:-200])
    return path


def _broken_xml(path: Path) -> Path:
    return crafted(path, "<worksheet><sheetData><row><c t='inlineStr'><is><t>a</sheetData>")


@pytest.mark.parametrize(
    "make",
    [_bomb, _far_cell, _echo, _entities, _external, _crowd, _liar, _cut, _broken_xml],
    ids=lambda make: make.__name__,
)
def test_a_hostile_file_is_refused_within_limits(make: Callable[[Path], Path], tmp_path: Path) -> None:
    path = make(tmp_path / "rows.xlsx")
    assert path.stat().st_size < 3_000_000
    with pytest.raises(UnreadableFile), open_table(path) as table:
        find_head(OPINIONS, table)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    assert most < 1024**3


def test_a_name_in_the_package_leads_nowhere(tmp_path: Path) -> None:
    assert lines(_slip(tmp_path / "rows.xlsx")) == [(1, list(HEAD))]
    assert not Path("/tmp/zoufang-slipped").exists()


def test_another_zip_called_xlsx_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "rows.xlsx", "w") as package:
        package.writestr("word/document.xml", "<w/>")
    with pytest.raises(UnreadableFile, match=r"不是 \.xlsx"), open_table(tmp_path / "rows.xlsx"):
        pass


def test_a_large_honest_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.xlsx"
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        for row in range(20_000):
            sheet.write_row(row, 0, [row, "路灯", "2026-01-05 09:12", f"第{row}条意见，路灯坏了两周。"])
    found = lines(path)
    assert len(found) == 20_000
    assert found[-1] == (20_000, ["19999", "路灯", "2026-01-05 09:12", "第19999条意见，路灯坏了两周。"])
