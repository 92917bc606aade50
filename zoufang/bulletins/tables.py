"""Tables in an official document: ruled all round, the head on every page, no row torn in two."""

import math
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

from zoufang.bulletins.document import Run, Table, says
from zoufang.bulletins.headline import width
from zoufang.bulletins.typesetting import CHARACTER, PER_LINE, STYLES, paragraph, spacer
from zoufang.bulletins.wordml import element as el
from zoufang.bulletins.wordml import on, properties


def ruled(table: Table) -> Iterator[ET.Element]:
    if table.title:
        yield paragraph("TableTitle", says(table.title))
    small = "" if sum(_natural_widths(table, STYLES["TableText"].points)) <= CHARACTER * PER_LINE else "Small"
    widths = column_widths(table, STYLES[f"TableText{small}"].points)
    yield el(
        "w:tbl",
        table_look(sum(widths), outer=8, inner=4, margin=80, foot=40),
        el("w:tblGrid", *(el("w:gridCol", w=wide) for wide in widths)),
        _row(f"TableHead{small}", [says(column.title) for column in table.columns], widths, head=True),
        *(_row(f"TableText{small}", row, widths, centred=_centred(table)) for row in table.rows),
    )
    yield paragraph("TableNote", says(table.note)) if table.note else spacer(200)


def table_look(wide: int, *, outer: int = 0, inner: int = 0, margin: int = 0, foot: int = 0) -> ET.Element:
    """Return the properties of a table: lines in eighths of a point, air beside and under the text in twips."""
    sides = {"top": outer, "left": outer, "bottom": outer, "right": outer, "insideH": inner, "insideV": inner}
    lines = [el(f"w:{side}", val="single", sz=size, space=0, color="auto") for side, size in sides.items() if size]
    air = {"left": margin, "bottom": foot, "right": margin}
    return properties(
        "w:tblPr",
        el("w:tblW", w=wide, type="dxa"),
        el("w:jc", val="center"),
        el("w:tblBorders", *lines) if lines else None,
        el("w:tblLayout", type="fixed"),
        el("w:tblCellMar", *(el(f"w:{side}", w=size, type="dxa") for side, size in air.items())),
    )


def _row(
    style: str,
    cells: Sequence[Sequence[Run]],
    widths: Sequence[int],
    *,
    centred: Sequence[bool] = (),
    head: bool = False,
) -> ET.Element:
    look = (on("w:cantSplit"), el("w:trHeight", val=480, hRule="atLeast"), on("w:tblHeader") if head else None)
    middle = centred or [True] * len(cells)
    content = zip(cells, widths, middle, strict=True)
    return el(
        "w:tr",
        properties("w:trPr", *look),
        *(_cell(paragraph(style, cell, on("w:jc", "center") if mid else None), wide) for cell, wide, mid in content),
    )


def _cell(content: ET.Element, wide: int) -> ET.Element:
    return el("w:tc", properties("w:tcPr", el("w:tcW", w=wide, type="dxa"), on("w:vAlign", "center")), content)


def _centred(table: Table) -> list[bool]:
    """Short things stand in the middle of their column; one that may fold is read from the left."""
    return [
        column.numeric or all(_width_of(row[at]) <= 14 for row in table.rows) for at, column in enumerate(table.columns)
    ]


def column_widths(table: Table, points: float) -> list[int]:
    """
    Return widths in twips that fill the type area, in proportion to what the columns hold at this size.

    If not all fits, those that need little have it, numeric ones first, and the others fold.
    """
    natural = _natural_widths(table, points)
    left: float = CHARACTER * PER_LINE
    if sum(natural) <= left:
        return [round(wide * left / sum(natural)) for wide in natural]
    widths = [0.0] * len(natural)
    modest = sorted(range(len(natural)), key=lambda at: (not table.columns[at].numeric, natural[at]))
    for done, at in enumerate(modest):
        widths[at] = min(natural[at], left / (len(natural) - done))
        left -= widths[at]
    return [round(wide) for wide in widths]


def _natural_widths(table: Table, points: float) -> list[float]:
    """What each column needs for its longest cell, or for its title folded once, with air at both sides."""
    return [
        max(_title_width(column.title), *(_width_of(row[at]) for row in table.rows), 2.0) * points * 20 + 360
        for at, column in enumerate(table.columns)
    ]


def _title_width(title: str) -> float:
    """A title of up to three characters stays on one line; a longer one folds in two."""
    return min(width(title), max(3.0, math.ceil(width(title) / 2)))


def _width_of(cell: Sequence[Run]) -> float:
    return sum(width(run.text) for run in cell)
