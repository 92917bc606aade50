"""
How pages of an official document are set: measures, styles, and the paragraphs made with them (GB/T 9704-2012).

Measures are in twips (a twentieth of a point; 1440 to the inch) as Word has them. Two things decide the rest. Line
height is fixed, so that 22 lines fill the type area with any font; and a character of size 3 (16 pt) is set a
quarter of a point tighter, so that 28 of them fill a line. The grid of characters that Word offers for this is not
used: other programs read it differently.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from zoufang.bulletins import wordml
from zoufang.bulletins.document import Run, printable, says
from zoufang.bulletins.wordml import element as el
from zoufang.bulletins.wordml import off, on, properties

FANGSONG, KAITI, HEITI, SONGTI, XIAOBIAOSONG = "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体", "方正小标宋简体"
RED = "FF0000"

MM = 1440 / 25.4
PAGE_WIDTH, PAGE_HEIGHT = 11906, 16838
TOP, BOTTOM, LEFT, RIGHT = 2098, 1984, 1587, 1474
TYPE_AREA = PAGE_WIDTH - LEFT - RIGHT
LINE = 579  # 580 would leave room for 21 lines
PITCH = -5
CHARACTER = 320 + PITCH
PER_LINE = 28
# The dashes beside the page number stand 7 mm under the type area: this far from the paper's edge lies their line.
FOOTER = 1434
SMALL = 280  # one character of size 4 (14 pt)
TAB = Run("\t")  # ours alone: a tab in a text of the document is printed as a blank


@dataclass(frozen=True)
class Style:
    """A paragraph style, as listed in Word under `name`: font, size in points, and line height in twips."""

    name: str
    font: str = FANGSONG
    points: float = 16
    line: int = LINE
    align: str = "both"
    first: int = 0  # indent of the first line, in characters
    colour: str = ""
    outline: int | None = None
    keep_next: bool = False

    @property
    def pitch(self) -> int:
        return PITCH if self.points == 16 else 0


STYLES = {
    "Normal": Style("Normal"),
    "Mark": Style("发文机关标志", XIAOBIAOSONG, 48, line=1056, align="center", colour=RED),
    "Number": Style("发文字号", align="center"),
    "Title": Style("Title", XIAOBIAOSONG, 22, line=640, align="center", outline=0, keep_next=True),
    "Addressee": Style("主送机关"),
    "BodyText": Style("Body Text", first=2),
    "Heading1": Style("heading 1", HEITI, first=2, outline=0, keep_next=True),
    "Heading2": Style("heading 2", KAITI, first=2, outline=1, keep_next=True),
    "Heading3": Style("heading 3", first=2, outline=2, keep_next=True),
    "Heading4": Style("heading 4", first=2, outline=3, keep_next=True),
    "AttachmentNote": Style("附件说明"),
    "Signature": Style("发文机关署名", align="left", keep_next=True),
    "Date": Style("成文日期", align="left"),
    "Annex": Style("附件序号", HEITI, align="left", outline=0, keep_next=True),
    "TableTitle": Style("表题", HEITI, 14, align="center", keep_next=True),
    "TableHead": Style("表头", HEITI, 14, line=400, align="center"),
    "TableText": Style("表内文字", points=14, line=400, align="left"),
    "TableHeadSmall": Style("表头（小）", HEITI, 12, line=340, align="center"),
    "TableTextSmall": Style("表内文字（小）", points=12, line=340, align="left"),
    "TableNote": Style("表注", points=12, line=400, align="left"),
    "Record": Style("版记", points=14, line=400, align="left"),
    "footer": Style("footer", SONGTI, 14, line=320),
    "Tiny": Style("版记末行", points=1, line=20),
}


# Paragraphs and runs.


def paragraph(
    style: str,
    runs: Sequence[Run],
    *look: ET.Element | None,
    opening: Sequence[ET.Element] = (),
    scale: int = 100,
) -> ET.Element:
    return el(
        "w:p",
        properties("w:pPr", on("w:pStyle", style), *look),
        *opening,
        *spoken(STYLES[style], runs, scale=scale),
    )


def spoken(style: Style, runs: Sequence[Run], *, scale: int = 100) -> list[ET.Element]:
    return [el("w:r", run_properties(style, bold=run.emphasis, scale=scale), _word(run)) for run in runs if run.text]


def _word(run: Run) -> ET.Element:
    return el("w:tab") if run is TAB else wordml.text("w:t", printable(run.text))


def run_properties(style: Style, *, bold: bool = False, scale: int = 100) -> ET.Element:
    return properties(
        "w:rPr",
        el("w:rFonts", ascii=style.font, hAnsi=style.font, eastAsia=style.font, cs=style.font, hint="eastAsia"),
        on("w:b") if bold else None,
        on("w:color", style.colour) if style.colour else None,
        on("w:spacing", style.pitch),
        on("w:w", scale) if scale != 100 else None,
        on("w:sz", round(style.points * 2)),
        on("w:szCs", round(style.points * 2)),
    )


def blank(*, keep_next: bool = False) -> ET.Element:
    return paragraph("Normal", (), on("w:keepNext") if keep_next else None)


def spacer(height: int) -> ET.Element:
    return paragraph("Normal", (), el("w:spacing", before=0, after=0, line=height, lineRule="exact"))


def characters(count: float) -> int:
    return round(count * CHARACTER)


# The parts beside the text.


def section_properties() -> ET.Element:
    return el(
        "w:sectPr",
        _footer_link("default", "footer1"),
        _footer_link("even", "footer2"),
        el("w:pgSz", w=PAGE_WIDTH, h=PAGE_HEIGHT),
        el("w:pgMar", top=TOP, right=RIGHT, bottom=BOTTOM, left=LEFT, header=851, footer=FOOTER, gutter=0),
        el("w:docGrid", type="lines", linePitch=LINE),
    )


def _footer_link(pages: str, part: str) -> ET.Element:
    return el("w:footerReference", **{"type": pages, "r:id": part})


def styles_part() -> ET.Element:
    plain = STYLES["Normal"]
    defaults = el("w:rPrDefault", _with_language(run_properties(plain)))
    return el(
        "w:styles",
        el("w:docDefaults", defaults, el("w:pPrDefault")),
        *(_style(key, style) for key, style in STYLES.items()),
    )


def _with_language(look: ET.Element) -> ET.Element:
    look.append(el("w:lang", val="en-US", eastAsia="zh-CN"))
    return look


def _style(key: str, style: Style) -> ET.Element:
    base = key == "Normal"
    indent = el("w:ind", firstLine=characters(style.first), firstLineChars=style.first * 100) if style.first else None
    look = properties(
        "w:pPr",
        on("w:keepNext") if style.keep_next else None,
        off("w:widowControl") if base else None,  # or a page would have 21 lines now and then
        # Said although it is the default: a mark may hang over the edge in Word. LibreOffice takes the word for its
        # opposite, which is as well, for it loses marks that hang over a justified line.
        el("w:overflowPunct", val=1) if base else None,
        off("w:autoSpaceDE") if base else None,  # two figures take the place of one character
        off("w:autoSpaceDN") if base else None,
        off("w:adjustRightInd") if base else None,
        off("w:snapToGrid") if base else None,
        el("w:spacing", before=0, after=0, line=style.line, lineRule="exact"),
        indent,
        on("w:jc", style.align),
        on("w:outlineLvl", style.outline) if style.outline is not None else None,
    )
    return el(
        "w:style",
        on("w:name", style.name),
        None if base else on("w:basedOn", "Normal"),
        on("w:qFormat"),
        look,
        run_properties(style),
        **{"type": "paragraph", "styleId": key} | ({"default": "1"} if base else {}),
    )


def settings_part() -> ET.Element:
    compatible = el(
        "w:compat",
        el("w:compatSetting", name="compatibilityMode", uri="http://schemas.microsoft.com/office/word", val=15),
    )
    return el(
        "w:settings",
        el("w:zoom", percent=100),
        on("w:defaultTabStop", 420),
        on("w:evenAndOddHeaders"),
        on("w:characterSpacingControl", "doNotCompress"),
        compatible,
        el("w:themeFontLang", val="en-US", eastAsia="zh-CN"),
    )


# What each font is called on machines that lack the one of the standard; Word looks for these in order.
OTHER_NAMES = {
    FANGSONG: "仿宋,FangSong,STFangsong,FandolFang",
    KAITI: "楷体,KaiTi,STKaiti,FandolKai",
    HEITI: "SimHei,STHeiti,FandolHei",
    SONGTI: "SimSun,STSong,FandolSong",
    XIAOBIAOSONG: "方正小标宋_GBK,FZXiaoBiaoSong-B05S,华文中宋,STZhongsong",
}


def font_table_part() -> ET.Element:
    return el(
        "w:fonts",
        *(
            el("w:font", on("w:altName", names), on("w:charset", "86"), on("w:family", "auto"), name=font)
            for font, names in OTHER_NAMES.items()
        ),
    )


def footer_part(side: str) -> ET.Element:
    """— 1 — in size 4, one character in from the outer edge: right on odd pages, left on even ones (7.5)."""
    style = STYLES["footer"]
    field = [
        el("w:r", run_properties(style), el("w:fldChar", fldCharType="begin")),
        el("w:r", run_properties(style), wordml.text("w:instrText", " PAGE ")),
        el("w:r", run_properties(style), el("w:fldChar", fldCharType="separate")),
        *spoken(style, says("1")),
        el("w:r", run_properties(style), el("w:fldChar", fldCharType="end")),
    ]
    indent = el("w:ind", **{side: SMALL})
    look = properties("w:pPr", on("w:pStyle", "footer"), on("w:jc", side), indent)
    return el("w:ftr", el("w:p", look, *spoken(style, says("— ")), *field, *spoken(style, says(" —"))))
