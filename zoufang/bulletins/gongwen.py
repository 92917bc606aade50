"""
The Word file of an official document, by GB/T 9704-2012: red head, title, text, signature, annexes, closing record.

Words such as 附件 and 抄送 are the standard's own and are printed as they are in any language of the interface.
Numbers in brackets are its paragraphs. How a page is set is in `typesetting`.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import date
from typing import IO
from xml.etree import ElementTree as ET

from zoufang.bulletins import wordml
from zoufang.bulletins.document import (
    Attachment,
    Block,
    Document,
    Heading,
    Paragraph,
    RankTable,
    Run,
    Table,
    Template,
    full_date,
    printable,
    says,
)
from zoufang.bulletins.headline import folded, width
from zoufang.bulletins.tables import ruled, table_look
from zoufang.bulletins.typesetting import (
    MM,
    PER_LINE,
    RED,
    SMALL,
    STYLES,
    TAB,
    TYPE_AREA,
    blank,
    characters,
    font_table_part,
    footer_part,
    paragraph,
    run_properties,
    section_properties,
    settings_part,
    spacer,
    spoken,
    styles_part,
)
from zoufang.bulletins.wordml import element as el
from zoufang.bulletins.wordml import on, properties

_UNDATED = "　　年　月　日"
RECORD_FOOT = 60
BLANK_HEAD = round(35 * MM)  # from the type area down to the red mark


def write_docx(document: Document, file: IO[bytes]) -> None:
    """
    Write `document` to `file` as .docx. The same document gives the same bytes.

    No text of the document can become anything but text: there are no links and no fields but the page number.
    """
    body = el("w:body", *_body(document), section_properties())
    parts = {
        "document": el("w:document", body),
        "styles": styles_part(),
        "settings": settings_part(),
        "fontTable": font_table_part(),
        "footer1": footer_part("right"),
        "footer2": footer_part("left"),
    }
    wordml.write_package(file, parts, title=printable(document.title.replace("\n", "")))


def _body(document: Document) -> Iterator[ET.Element]:
    formal = document.template == Template.FORMAL
    if formal:
        yield from _head(document)
    yield from _title(document.title)
    yield blank()
    if document.addressee:
        yield paragraph("Addressee", says(document.salutation))
    yield from _held([*_blocks(document.blocks), *_attachment_note(document.attachments)])
    yield from _signature(document)
    if document.note:
        yield paragraph("BodyText", says(f"（{document.note.strip('（）()')}）"))
    for label, annex in document.annexes:
        yield from _annex(label, annex)
    if formal:
        yield from _record(document)


# The head: red mark, number, red rule.


def _head(document: Document) -> Iterator[ET.Element]:
    mark = document.mark_text or f"{document.issuer}文件"
    style = STYLES["Mark"]
    fits = math.floor(TYPE_AREA * 100 / (width(mark) * style.points * 20))
    yield spacer(BLANK_HEAD)
    yield paragraph("Mark", says(mark), scale=max(1, min(fits, 100)))
    yield from (blank(), blank())
    # The rule lies 4 mm under the figures of the number; the rest of that distance is inside the line.
    rule = el("w:pBdr", el("w:bottom", val="single", sz=12, space=7, color=RED))
    yield paragraph("Number", says(document.number), rule)
    yield from (blank(), blank())


def _title(title: str) -> Iterator[ET.Element]:
    lines = [printable(line) for line in folded(title)]
    breaks = [part for line in lines for part in (el("w:br"), wordml.text("w:t", line))][1:]
    run = el("w:r", run_properties(STYLES["Title"]), *breaks)
    yield el("w:p", properties("w:pPr", on("w:pStyle", "Title")), run)


# The text.


def _held(text: list[ET.Element]) -> list[ET.Element]:
    """
    Keep the last lines of the text with the signature, which must not stand on a page without any text.

    Word takes the last lines along, LibreOffice the whole last paragraph. A lone paragraph is let go, for the
    first page must show some text.
    """
    if len(text) > 1 and (look := text[-1].find("w:pPr", wordml.NAMESPACES)) is not None:
        look.insert(1, on("w:keepNext"))
    return text


def _blocks(blocks: Sequence[Block]) -> Iterator[ET.Element]:
    for block in blocks:
        match block:
            case Heading():
                yield paragraph(f"Heading{block.level}", block.runs)
            case Paragraph(heading=None):
                yield paragraph("BodyText", block.runs)
            case Paragraph(heading=Heading() as heading):
                opening = spoken(STYLES[f"Heading{heading.level}"], heading.runs)
                yield paragraph("BodyText", block.runs, opening=opening)
            case Table():
                yield from ruled(block)
            case RankTable():
                yield from ruled(block.as_table())


def _attachment_note(attachments: Sequence[Attachment]) -> Iterator[ET.Element]:
    """附件：1.… under the text; names align with the first name, wherever they fold."""
    if attachments:
        yield blank()
    numeral = 0.0 if len(attachments) == 1 else 1.25 if len(attachments) < 10 else 1.75
    for place, attachment in enumerate(attachments, start=1):
        label = Run("附件：" if place == 1 else "")
        number = (Run(f"{place}."), TAB) if numeral else ()
        hanging = (3 if place == 1 else 0) + numeral
        indent = el("w:ind", left=characters(5 + numeral), hanging=characters(hanging))
        name = attachment.title.replace("\n", "").rstrip("。；，")
        yield paragraph("AttachmentNote", (label, *number, Run(name)), indent if hanging else None)


def _signature(document: Document) -> Iterator[ET.Element]:
    signer = document.signer or document.issuer
    day = full_date(document.dated) if document.dated else _UNDATED
    yield from (blank(keep_next=True) for _ in range(2 if document.stamped else 1))
    if document.stamped:
        middle = seal_middle(width(signer), width(day))
        centred = on("w:jc", "center")
        indent = {
            "left": characters(max(0, 2 * middle - PER_LINE)),
            "right": characters(max(0, PER_LINE - 2 * middle)),
        }
        yield paragraph("Signature", says(signer), el("w:ind", **indent), centred)
        yield paragraph("Date", says(day), el("w:ind", **indent), centred)
    else:
        signer_at, day_at = unsealed_indents(width(signer), width(day))
        yield paragraph("Signature", says(signer), el("w:ind", left=characters(signer_at)))
        yield paragraph("Date", says(day), el("w:ind", left=characters(day_at)))


def seal_middle(signer: float, day: float) -> float:
    """
    Return the middle of seal, signature and date in characters from the left edge, for their widths (7.3.5.1).

    The date ends four characters from the right, and the signature is centred over it. A signature too long for
    that moves both to the left until it fits.
    """
    return max(PER_LINE / 2, min(PER_LINE - 4 - day / 2, PER_LINE - signer / 2))


def unsealed_indents(signer: float, day: float) -> tuple[float, float]:
    """
    Return where signature and date begin, in characters from the left edge, for their widths (7.3.5.2).

    The date begins two characters after the signature, and the longer of both, so seen, ends two from the right.
    """
    signer_at = max(0.0, PER_LINE - 2 - max(signer, day + 2))
    return signer_at, signer_at + 2


def _annex(label: str, annex: Attachment) -> Iterator[ET.Element]:
    yield paragraph("Annex", says(label), on("w:pageBreakBefore"))
    yield blank(keep_next=True)
    yield from _title(annex.title)
    yield blank()
    yield from _blocks(annex.blocks)


# The closing record (版记).


def _record(document: Document) -> Iterator[ET.Element]:
    """
    Set the record at the foot of the last page: in a box of its own, held by a last paragraph just as high.

    That paragraph moves to another page if the text leaves it no room, and takes the box with it.
    """
    printed_on = document.printed_on or document.dated
    bodies = "，".join(printable(body) for body in document.cc)
    lines = math.ceil((width(bodies) + 1) / (TYPE_AREA / SMALL - 6)) if bodies else 0
    rows = [_record_row(_copies(bodies), first=True)] if bodies else []
    rows.append(_record_row(_printed(document.printed_by or document.issuer, printed_on), first=not bodies, last=True))
    height = (lines + 1) * STYLES["Record"].line + len(rows) * (RECORD_FOOT + 20) + STYLES["Tiny"].line
    yield el(
        "w:p",
        properties("w:pPr", on("w:pStyle", "Normal"), el("w:spacing", line=height, lineRule="exact")),
        el("w:r", _box(_record_table(rows), height)),
    )


def _record_table(rows: list[ET.Element]) -> list[ET.Element]:
    grid = el("w:tblGrid", el("w:gridCol", w=TYPE_AREA))
    table = el("w:tbl", table_look(TYPE_AREA, foot=RECORD_FOOT), grid, *rows)
    return [table, paragraph("Tiny", ())]


def _record_row(content: ET.Element, *, first: bool = False, last: bool = False) -> ET.Element:
    """A row of the record: rules of 0.35 mm above the first and below the last, of 0.25 mm between (7.4.1)."""
    above = el("w:top", val="single", sz=8 if first else 6, space=0, color="auto")
    below = el("w:bottom", val="single", sz=8 if last else 6, space=0, color="auto")
    look = properties("w:tcPr", el("w:tcW", w=TYPE_AREA, type="dxa"), el("w:tcBorders", above, below))
    return el("w:tr", el("w:tc", look, content))


def _copies(bodies: str) -> ET.Element:
    return paragraph("Record", says(f"抄送：{bodies}。"), el("w:ind", left=SMALL * 4, right=SMALL, hanging=SMALL * 3))


def _printed(by: str, when: date | None) -> ET.Element:
    tabs = el("w:tabs", el("w:tab", val="right", pos=TYPE_AREA - SMALL))
    day = full_date(when) if when else _UNDATED
    return paragraph("Record", (Run(by), TAB, Run(f"{day}印发")), tabs, el("w:ind", left=SMALL, right=SMALL))


def _box(content: list[ET.Element], height: int) -> ET.Element:
    """Return a box as wide as the type area, standing on its lower edge. It neither moves nor covers text."""
    wide, high = TYPE_AREA * 635, height * 635  # 635 EMU to a twip
    shape = el(
        "wps:wsp",
        el("wps:cNvSpPr", txBox=1),
        el(
            "wps:spPr",
            el("a:xfrm", el("a:off", x=0, y=0), el("a:ext", cx=wide, cy=high)),
            el("a:prstGeom", el("a:avLst"), prst="rect"),
            el("a:noFill"),
            el("a:ln", el("a:noFill")),
        ),
        el("wps:txbx", el("w:txbxContent", *content)),
        el("wps:bodyPr", el("a:noAutofit"), lIns=0, tIns=0, rIns=0, bIns=0, anchor="b"),
    )
    graphic = el("a:graphic", el("a:graphicData", shape, uri=wordml.NAMESPACES["wps"]))
    anchor = el(
        "wp:anchor",
        el("wp:simplePos", x=0, y=0),
        el("wp:positionH", _words("wp:align", "left"), relativeFrom="margin"),
        el("wp:positionV", _words("wp:align", "bottom"), relativeFrom="margin"),
        el("wp:extent", cx=wide, cy=high),
        el("wp:wrapNone"),
        el("wp:docPr", id=1, name="版记"),
        graphic,
        distT=0,
        distB=0,
        distL=0,
        distR=0,
        simplePos=0,
        relativeHeight=1,
        behindDoc=0,
        locked=0,
        layoutInCell=1,
        allowOverlap=1,
    )
    return el("mc:AlternateContent", el("mc:Choice", el("w:drawing", anchor), Requires="wps"))


def _words(tag: str, words: str) -> ET.Element:
    made = el(tag)
    made.text = words
    return made
