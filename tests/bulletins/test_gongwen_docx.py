"""The Word file as a file: what is in it, and what can never get into it."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import Element

import docx
import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bulletins.sample import bulletin, heading, para
from zoufang.bulletins.document import Attachment, Column, Document, Place, RankTable, Run, Table, Template, says
from zoufang.bulletins.gongwen import seal_middle, unsealed_indents, write_docx
from zoufang.bulletins.tables import column_widths

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
HOSTILE = (
    "<w:p>&amp;]]>\"'", "\x00\x07\x1b\x1f\x7f\ufffe\uffff\ud800", "{ INCLUDETEXT \"/etc/passwd\" }", "\u202e142\u2066\u200f",
    "\x13INCLUDETEXT x\x15", "=HYPERLINK(\"http://example.invalid\")", "{{ 7*7 }} %(x)s {0.__class__}", "一\n二\t三\r四",
    "https://example.invalid/", "<script>alert(1)</script>",
)  # fmt: skip


def written(document: Document) -> bytes:
    file = io.BytesIO()
    write_docx(document, file)
    return file.getvalue()


def parts(document: Document) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(written(document))) as package:
        return {name: package.read(name) for name in package.namelist()}


def body(document: Document) -> Element:
    root: Element = fromstring(parts(document)["word/document.xml"])
    return root


def everywhere(document: Document, text: str) -> Document:
    """The sample with `text` in every place that takes text."""
    runs = (Run(text, key=text, href=text), Run(text, emphasis=True))
    table = Table((Column(text), Column(text, numeric=True)), ((runs, runs),), title=text, note=text)
    ranks = RankTable(text, (Place(1, text, Run(text)),))
    said = dict.fromkeys(("issuer", "mark_text", "number", "title", "addressee", "signer", "note", "printed_by"), text)
    blocks = (heading(1, text), para(*runs), table, ranks)
    return bulletin(**said, blocks=blocks, cc=(text, text), attachments=(Attachment(text, blocks), Attachment(text)))


def test_the_same_document_gives_the_same_bytes() -> None:
    assert written(bulletin()) == written(bulletin())


def test_the_file_names_nobody_and_no_time() -> None:
    files = parts(bulletin())

    assert b"creator" not in files["docProps/core.xml"]
    assert b"lastModifiedBy" not in files["docProps/core.xml"]
    assert b"dcterms" not in files["docProps/core.xml"]
    assert "docProps/app.xml" not in files


def test_word_can_read_it_and_finds_its_outline() -> None:
    read = docx.Document(io.BytesIO(written(bulletin())))
    styled = [(p.style.name or "", p.text) for p in read.paragraphs if p.style is not None]
    outline = [(name, text) for name, text in styled if name.startswith("Heading")]

    assert read.core_properties.title == "焦作市公安局关于1至5月份“大走访”活动进展情况的通报"
    assert outline[0] == ("Heading 1", "一、主要进展")
    assert [text for name, text in outline if name == "Heading 1"] == ["一、主要进展", "二、存在问题", "三、下步要求"]
    assert [len(table.rows) for table in read.tables] == [7, 5]


def test_every_run_names_the_fonts_of_the_standard() -> None:
    named = {"仿宋_GB2312", "楷体_GB2312", "黑体", "方正小标宋简体", "宋体"}
    runs = list(body(bulletin()).iter(f"{W}r"))
    texts = [run for run in runs if run.find(f"{W}t") is not None]

    assert len(texts) > 50
    for run in texts:
        fonts = run.find(f"{W}rPr/{W}rFonts")
        assert fonts is not None
        assert fonts.get(f"{W}eastAsia") in named
        assert fonts.get(f"{W}ascii") == fonts.get(f"{W}eastAsia")


def test_paper_and_margins_are_those_of_the_standard() -> None:
    section = body(bulletin()).find(f"{W}body/{W}sectPr")
    assert section is not None
    size, margin = section.find(f"{W}pgSz"), section.find(f"{W}pgMar")
    assert size is not None
    assert margin is not None

    millimetres = {
        side: int(margin.get(f"{W}{side}", "0")) * 25.4 / 1440 for side in ("top", "left", "bottom", "right")
    }
    assert (size.get(f"{W}w"), size.get(f"{W}h")) == ("11906", "16838")
    assert millimetres == pytest.approx({"top": 37, "left": 28, "bottom": 35, "right": 26}, abs=0.05)


def test_the_plain_template_has_no_head_and_no_record() -> None:
    text = "".join(body(bulletin(template=Template.PLAIN)).itertext())

    assert "焦作市公安局文件" not in text
    assert "抄送" not in text
    assert "FF0000" not in parts(bulletin(template=Template.PLAIN))["word/document.xml"].decode()


def test_a_draft_has_blanks_for_its_date() -> None:
    text = "".join(body(bulletin(dated=None, printed_on=None, number="")).itertext())

    assert "　　年　月　日" in text
    assert "None" not in text


def test_a_long_mark_is_squeezed_into_the_type_area() -> None:
    long = bulletin(mark_text="焦作市公安局“大走访”爱民实践活动领导小组办公室文件")
    scales = [int(scale.get(f"{W}val", "0")) for scale in body(long).iter(f"{W}w")]

    assert scales
    assert scales[0] * 25 * 48 * 20 <= 8845 * 100


def instructions(files: dict[str, bytes]) -> Iterator[str]:
    for name, content in files.items():
        if name.endswith(".xml"):
            yield from ((node.text or "").strip() for node in fromstring(content).iter(f"{W}instrText"))


def assert_harmless(document: Document) -> None:
    files = parts(document)
    assert list(instructions(files)) == ["PAGE", "PAGE"]
    assert sorted(files) == sorted(parts(bulletin()))
    assert b"External" not in b"".join(content for name, content in files.items() if name.endswith(".rels"))
    assert files["word/_rels/document.xml.rels"] == parts(bulletin())["word/_rels/document.xml.rels"]
    root = fromstring(files["word/document.xml"])
    for tag in ("hyperlink", "fldSimple", "altChunk", "object", "pict"):
        assert root.find(f".//{W}{tag}") is None
    docx.Document(io.BytesIO(written(document)))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    assert_harmless(everywhere(bulletin(), text))


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(), min_size=1, max_size=30))
def test_no_text_whatever_breaks_the_file(text: str) -> None:
    assert_harmless(everywhere(bulletin(), text))


def test_the_middle_of_a_seal_lets_the_date_end_four_characters_from_the_right() -> None:
    assert seal_middle(signer=6, day=6) == 28 - 4 - 3
    assert seal_middle(signer=20, day=6) == 28 - 10  # a long signature moves both to the left


def test_without_a_seal_the_date_begins_two_characters_after_the_signature() -> None:
    signer_at, day_at = unsealed_indents(signer=12, day=6)
    assert (signer_at + 12, day_at) == (26, signer_at + 2)

    signer_at, day_at = unsealed_indents(signer=5, day=6.5)
    assert (day_at + 6.5, day_at) == (26, signer_at + 2)


def test_columns_fill_the_type_area_and_numbers_keep_their_width() -> None:
    columns = (Column("单位"), Column("条数", numeric=True), Column("存在问题"))
    table = Table(columns, ((says("某派出所"), says("1234"), says("问题" * 60)),))

    unit, count, problem = column_widths(table, 12)

    assert unit + count + problem == pytest.approx(8820, abs=2)
    assert count >= 4 * 0.5 * 12 * 20 + 200
    assert problem > unit


def test_a_table_of_many_numbers_still_fits() -> None:
    columns = tuple(Column(f"指标{at}", numeric=True) for at in range(20))
    table = Table(columns, (tuple(says("123456") for _ in columns),))

    assert sum(column_widths(table, 12)) == pytest.approx(8820, abs=20)


def test_a_table_without_rows_is_a_head_alone() -> None:
    read = docx.Document(io.BytesIO(written(bulletin(blocks=(Table((Column("单位"),), ()),), attachments=()))))

    assert [len(table.rows) for table in read.tables] == [1]


def test_the_date_of_printing_is_that_of_the_document_unless_said() -> None:
    text = "".join(body(bulletin(printed_on=None, dated=date(2024, 12, 31))).itertext())

    assert "2024年12月31日印发" in text
