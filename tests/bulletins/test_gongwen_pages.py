"""The pages as they come out of a printer: measured in millimetres on the PDF that the office program makes."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring
from PIL import Image

from tests.bulletins.sample import bulletin, heading, para
from zoufang.bulletins.document import (
    Attachment,
    Column,
    Document,
    Table,
    Template,
    full_date,
    plain_text,
    printable,
    says,
)
from zoufang.bulletins.gongwen import write_docx
from zoufang.bulletins.pdf import PdfFailed, PdfUnavailable, to_pdf

pytestmark = [pytest.mark.office, pytest.mark.slow]
needs_office = pytest.mark.skipif(not shutil.which("soffice"), reason="no office program here")

POINT = 25.4 / 72
DOTS = 150
LEFT, RIGHT, TOP, BOTTOM = 28, 210 - 26, 37, 297 - 35
CHARACTER_4 = 14 * POINT
# What a fixed line of 28.95 pt leaves above a character of 16 pt.
AIR = (28.95 * 0.8 - 16 * 0.88) * POINT
XHTML = "{http://www.w3.org/1999/xhtml}"


@dataclass(frozen=True)
class Line:
    """A line of text, its edges in millimetres from the upper left corner of the paper."""

    text: str
    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Pages:
    """A PDF, read back."""

    pdf: Path

    @cached_property
    def lines(self) -> list[list[Line]]:
        """The lines of each page from above to below; what stands side by side is one line."""
        made = subprocess.run(["pdftotext", "-bbox", self.pdf, "-"], check=True, capture_output=True, text=True).stdout
        return [list(_lines(page)) for page in fromstring(made).iter(f"{XHTML}page")]

    @cached_property
    def about(self) -> dict[str, str]:
        made = subprocess.run(["pdfinfo", self.pdf], check=True, capture_output=True, text=True).stdout
        return {name.strip(): said.strip() for name, said in (line.split(":", 1) for line in made.splitlines())}

    @property
    def text(self) -> str:
        """All words in reading order, without blanks and page numbers."""
        body = [line.text for page in self.lines for line in page if line.top < BOTTOM + 2]
        return re.sub(r"\s", "", "".join(body))

    def ink(self, page: int, *, red: bool = False) -> list[tuple[float, float]]:
        """The stripes of ink on a page (1 is the first), from above to below: top and bottom in millimetres."""
        stem = self.pdf.with_suffix("")
        where = ["-f", str(page), "-l", str(page), "-singlefile"]
        subprocess.run(["pdftoppm", "-r", str(DOTS), *where, "-png", self.pdf, stem], check=True)
        with Image.open(stem.with_suffix(".png")) as image:
            seen = image.convert("RGB").split()[1] if red else image.convert("L")
            inked = seen.point([255 * (level < 128) for level in range(256)])
            rows = [inked.crop((0, y, image.width, y + 1)).getbbox() is not None for y in range(image.height)]
        edges = [y for y in range(1, len(rows)) if rows[y] != rows[y - 1]]
        return [(top * 25.4 / DOTS, bottom * 25.4 / DOTS) for top, bottom in zip(edges[::2], edges[1::2], strict=True)]


def _lines(page: object) -> Iterator[Line]:
    words: list[Line] = []
    for word in page.iter(f"{XHTML}word"):  # type: ignore[attr-defined]
        left, right, top, bottom = (float(word.get(edge)) * POINT for edge in ("xMin", "xMax", "yMin", "yMax"))
        words.append(Line(word.text, left, right, top, bottom))
    words.sort(key=lambda word: (round((word.top + word.bottom) / 2), word.left))
    while words:
        first = words[0]
        beside = [word for word in words if abs(word.top + word.bottom - first.top - first.bottom) < 6]
        words = [word for word in words if word not in beside]
        beside.sort(key=lambda word: word.left)
        yield Line(
            "".join(word.text for word in beside),
            beside[0].left,
            max(word.right for word in beside),
            min(word.top for word in beside),
            max(word.bottom for word in beside),
        )


Print = Callable[[Document], Pages]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Print:
    def made(document: Document) -> Pages:
        room = tmp_path_factory.mktemp("gongwen")
        with (room / "document.docx").open("wb") as file:
            write_docx(document, file)
        to_pdf(room / "document.docx", room / "document.pdf")
        return Pages(room / "document.pdf")

    return made


@pytest.fixture(scope="module")
def sample(printed: Print) -> Pages:
    return printed(bulletin())


@pytest.fixture(scope="module")
def full_pages(printed: Print) -> Pages:
    """Pages full of text without marks or figures, which is where lines and characters can be counted."""
    words = para("走访群众听取意见及时转办认真整改" * 240)
    return printed(bulletin(template=Template.PLAIN, title="通报", blocks=(words,), attachments=()))


@needs_office
def test_the_paper_is_a4(sample: Pages) -> None:
    assert sample.about["Page size"].endswith("(A4)")


@needs_office
def test_a_full_page_has_22_lines_of_28_characters(full_pages: Pages) -> None:
    for page in full_pages.lines[1:3]:
        text = [line.text for line in page if line.top < BOTTOM]
        assert len(text) == 22
        assert {len(line) for line in text} == {28}


@needs_office
def test_the_type_area_lies_where_the_standard_puts_it(full_pages: Pages) -> None:
    lines = [line for line in full_pages.lines[1] if line.top < BOTTOM]
    ink = [stripe for stripe in full_pages.ink(2) if stripe[0] < BOTTOM]

    assert min(line.left for line in lines) == pytest.approx(LEFT, abs=1)
    assert max(line.right for line in lines) == pytest.approx(RIGHT, abs=1)
    assert ink[0][0] - AIR == pytest.approx(TOP, abs=1)
    assert BOTTOM - 3 < ink[-1][1] <= BOTTOM


@needs_office
def test_page_numbers_stand_at_the_outer_edge_one_character_in(full_pages: Pages) -> None:
    for number, page in enumerate(full_pages.lines[:3], start=1):
        last = page[-1]
        assert last.text == f"—{number}—"
        if number % 2:
            assert last.right == pytest.approx(RIGHT - CHARACTER_4, abs=1)
        else:
            assert last.left == pytest.approx(LEFT + CHARACTER_4, abs=1)


@needs_office
def test_the_dashes_of_the_page_number_lie_7_mm_under_the_type_area(full_pages: Pages) -> None:
    top, bottom = full_pages.ink(2)[-1]

    assert (top + bottom) / 2 == pytest.approx(BOTTOM + 7, abs=1)


@needs_office
def test_the_title_is_in_the_middle(sample: Pages) -> None:
    title = [
        line for line in sample.lines[0] if line.text in {"焦作市公安局关于1至5月份", "“大走访”活动进展情况的通报"}
    ]

    assert len(title) == 2
    # A quotation mark is half a character of ink in a whole character of room.
    assert [(line.left + line.right) / 2 for line in title] == pytest.approx([106, 106], abs=2)


@needs_office
def test_the_red_mark_begins_35_mm_into_the_type_area_and_a_red_rule_closes_the_head(sample: Pages) -> None:
    # In green light, red is as black as black.
    stripes = sample.ink(1, red=True)
    mark, number, rule = stripes[0], stripes[1], stripes[2]

    assert mark[0] == pytest.approx(TOP + 35, abs=1)
    assert rule[1] - rule[0] < 1
    assert rule[0] - number[1] == pytest.approx(4, abs=0.7)


@needs_office
def test_what_is_printed_is_what_was_written(sample: Pages) -> None:
    document = bulletin()
    printed = sample.text

    for line in plain_text(document).splitlines()[1:]:
        assert re.sub(r"\s", "", line) in printed
    for said in (document.number, document.salutation, "焦作市公安局文件", "抄送：" + "，".join(document.cc) + "。"):
        assert said in printed
    assert f"焦作市公安局办公室{full_date(document.printed_on)}印发" in printed if document.printed_on else False


@needs_office
def test_the_first_page_shows_some_of_the_text(sample: Pages) -> None:
    assert any("按照上级" in line.text for line in sample.lines[0])


@needs_office
def test_names_of_annexes_line_up(sample: Pages) -> None:
    page = next(page for page in sample.lines if any(line.text.startswith("附件：") for line in page))
    first, second, third = page[(at := [line.text[:3] for line in page].index("附件：")) : at + 3]

    assert (first.text, second.text) == (
        "附件：1.1至5月份走访工作得分排名",
        "2.尚未开通全部延伸业务的社区警务室名单及未开",
    )
    assert third.left == pytest.approx(LEFT + 6.25 * 15.75 * POINT, abs=0.5)
    assert second.left == pytest.approx(LEFT + 5 * 15.75 * POINT, abs=0.5)


@needs_office
def test_under_a_seal_the_signature_is_centred_over_the_date(sample: Pages) -> None:
    signature, date = _signed(sample)

    assert (signature.left + signature.right) / 2 == pytest.approx((date.left + date.right) / 2, abs=0.5)
    assert date.right == pytest.approx(RIGHT - 4 * 15.75 * POINT, abs=4)


@needs_office
def test_without_a_seal_the_date_begins_two_characters_after_the_signature(printed: Print) -> None:
    pages = printed(bulletin(stamped=False, signer="焦作市公安局走访工作办公室", attachments=()))
    signature, date = _signed(pages)

    assert signature.right == pytest.approx(RIGHT - 2 * 15.75 * POINT, abs=1)
    assert date.left - signature.left == pytest.approx(2 * 15.75 * POINT, abs=0.5)


def _signed(pages: Pages) -> tuple[Line, Line]:
    lines = [line for page in pages.lines for line in page]
    at = [line.text for line in lines].index("2024年6月5日")
    return lines[at - 1], lines[at]


@needs_office
def test_the_record_stands_on_the_lower_edge_of_the_last_page(sample: Pages) -> None:
    *before, last = sample.lines
    rules = [stripe for stripe in sample.ink(len(sample.lines)) if stripe[1] - stripe[0] < 0.6]

    assert not any("抄送" in line.text for page in before for line in page)
    assert [line.text[:3] for line in last[-4:-1]] == ["抄送：", "市政协", "焦作市"]
    assert rules[-1][1] == pytest.approx(BOTTOM, abs=1)


@needs_office
@pytest.mark.parametrize("lines", [1, 3, 4, 10])
def test_neither_record_nor_signature_ever_touches_the_text(printed: Print, lines: int) -> None:
    text = para("甲" * (26 + 28 * (lines - 1)))
    pages = printed(bulletin(title="通报", blocks=(para("首段"), text), attachments=()))
    *before, last = pages.lines
    signed = next(at for at, page in enumerate(pages.lines) if any(line.text == "2024年6月5日" for line in page))

    assert pages.text.count("甲") == 26 + 28 * (lines - 1)
    assert any("甲" in line.text for line in pages.lines[signed]), "the signature stands on a page without text"
    assert not any("抄送" in line.text for page in before for line in page)
    words = [line for line in last if line.top < BOTTOM]
    assert all(above.bottom <= below.top + 1.5 for above, below in pairwise(words))


@needs_office
def test_a_long_table_repeats_its_head_and_keeps_its_rows_whole(printed: Print) -> None:
    columns = (Column("单位"), Column("条数", numeric=True), Column("说明"))
    rows = tuple((says(f"派出所{at:03}"), says(str(at)), says(f"起{at:03}" + "说明" * 20 + "止")) for at in range(80))
    annex = Attachment("一览表", (Table(columns, rows, title="表题", note="表注"),))
    pages = printed(bulletin(attachments=(annex,), blocks=(para("文"),)))
    with_table = [page for page in pages.lines if any("派出所0" in line.text for line in page)]

    assert len(with_table) > 3
    for page in with_table:
        heads = [line.text for line in page if line.text == "单位条数说明"]
        starts = sum(line.text.count("起0") for line in page)
        ends = sum(line.text.count("止") for line in page)
        assert len(heads) == 1
        assert starts == ends
    assert all(pages.text.count(f"派出所{at:03}") == 1 for at in range(80))


@needs_office
def test_hostile_text_is_printed_as_text(printed: Print) -> None:
    hostile = '<w:p>&{ INCLUDETEXT "/etc/passwd" }\x00\x13\u202e142{{7*7}}'
    pages = printed(bulletin(title="通报", signer=hostile, blocks=(heading(1, hostile), para(hostile)), attachments=()))

    assert pages.text.count(re.sub(r"\s", "", printable(hostile))) == 3
    assert "root:" not in pages.text


@needs_office
def test_the_pdf_names_nobody(sample: Pages) -> None:
    assert "Author" not in sample.about
    assert sample.about["Title"] == "焦作市公安局关于1至5月份“大走访”活动进展情况的通报"


@needs_office
def test_a_file_that_cannot_be_read_is_refused_and_nothing_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "kept.pdf").write_bytes(b"before")

    with pytest.raises(PdfFailed):
        to_pdf(tmp_path / "missing.docx", tmp_path / "kept.pdf")

    assert (tmp_path / "kept.pdf").read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["kept.pdf"]


def test_without_an_office_program_the_answer_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(PdfUnavailable, match="Word"):
        to_pdf(tmp_path / "document.docx", tmp_path / "document.pdf")


@needs_office
def test_a_bulletin_reads_the_same_with_and_without_a_head(printed: Print, sample: Pages) -> None:
    plain = printed(replace(bulletin(), template=Template.PLAIN))

    assert plain.text in sample.text.replace("抄送", "\n抄送")
