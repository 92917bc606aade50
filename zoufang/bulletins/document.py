"""
A document before it is a file: what an official document (公文) says, free of any layout.

The writers read this and nothing else: `gongwen` makes the Word file, `preview` the page on screen. Both take
every word from here through `printable`, so that what is read on screen is what is printed.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import assert_never


class Template(StrEnum):
    """How a document is dressed: under a red head (文件), or without any head (通报稿, handed out at a meeting)."""

    FORMAL = "formal"
    PLAIN = "plain"


@dataclass(frozen=True)
class Run:
    """
    A stretch of text. With a `key` it is a figure: `href` opens the rows behind it in the preview.

    `href` is a path on this site ("/…"); a writer prints a figure with any other address as text.
    """

    text: str
    key: str | None = None
    href: str | None = None
    emphasis: bool = False


@dataclass(frozen=True)
class Heading:
    """A heading of `level` 1 to 4: 一、 / （一） / 1. / （1）. The number is part of the text: see `numbered`."""

    level: int
    runs: tuple[Run, ...]

    def __post_init__(self) -> None:
        if not 1 <= self.level <= 4:
            raise ValueError(f"heading level {self.level} is not one of 1 to 4")


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; a `heading` given here opens it on the same line (（一）…。text goes on)."""

    runs: tuple[Run, ...]
    heading: Heading | None = None


@dataclass(frozen=True)
class Column:
    """A column of a table. A `numeric` one is centred, and is the last to be narrowed."""

    title: str
    numeric: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of cells, each cell a tuple of runs, one cell per column. Its head is repeated on each page."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[tuple[Run, ...], ...], ...]
    title: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if not self.columns:
            raise ValueError("a table needs a column")
        if odd := next((row for row in self.rows if len(row) != len(self.columns)), None):
            raise ValueError(f"a row has {len(odd)} cells under {len(self.columns)} columns")


@dataclass(frozen=True)
class Place:
    """One line of a ranking; those who share a rank share the number (1, 2, 2, 4)."""

    rank: int
    name: str
    score: Run | None = None


@dataclass(frozen=True)
class RankTable:
    """A ranking of one peer group, best first. Without any score the column is left out."""

    title: str
    places: tuple[Place, ...]
    score_title: str = "得分"
    note: str = ""

    def as_table(self) -> Table:
        scored = any(place.score for place in self.places)
        columns = (Column("名次", numeric=True), Column("单位"))
        score = (Column(self.score_title, numeric=True),) if scored else ()
        rows = tuple(
            (says(str(place.rank)), says(place.name), *(((place.score or Run("—"),),) if scored else ()))
            for place in self.places
        )
        return Table(columns + score, rows, title=self.title, note=self.note)


Block = Heading | Paragraph | Table | RankTable


@dataclass(frozen=True)
class Attachment:
    """An annex (附件): named in the note under the text, and set on pages of its own if it has `blocks`."""

    title: str
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Document:
    """
    One official document, in the order in which it is read.

    :param issuer: full name of the issuing body, e.g. 焦作市公安局.
    :param mark_text: the red mark (发文机关标志), e.g. 焦作市公安局文件; used by the formal template.
    :param number: document number with 〔〕, e.g. 焦公通〔2024〕12号; empty while it is a draft.
    :param title: a line break in it is kept; without one the lines are balanced.
    :param addressee: 主送机关, with or without its closing colon.
    :param signer: the name under the text; the issuer's if left empty.
    :param dated: date of the document; None while it is a draft.
    :param stamped: whether a seal goes over signature and date, which moves both.
    :param note: 附注, printed in brackets under the date.
    :param cc: bodies that get a copy.
    :param printed_by, printed_on: who printed it, and when; the issuer and the date if left empty.
    """

    issuer: str
    title: str
    blocks: tuple[Block, ...]
    mark_text: str = ""
    number: str = ""
    addressee: str = ""
    signer: str = ""
    dated: date | None = None
    stamped: bool = True
    note: str = ""
    attachments: tuple[Attachment, ...] = ()
    cc: tuple[str, ...] = ()
    printed_by: str = ""
    printed_on: date | None = None
    template: Template = field(default=Template.FORMAL)

    @property
    def salutation(self) -> str:
        """The addressee with the full-width colon that ends it; empty if nobody is addressed."""
        return self.addressee.rstrip("：: ") + "：" if self.addressee else ""

    @property
    def annexes(self) -> tuple[tuple[str, Attachment], ...]:
        """Each annex that has pages of its own, with its label: 附件, or 附件1, 附件2 if there are more."""
        alone = len(self.attachments) == 1
        labelled = (
            ("附件" if alone else f"附件{place}", annex) for place, annex in enumerate(self.attachments, start=1)
        )
        return tuple((label, annex) for label, annex in labelled if annex.blocks)


def says(text: str) -> tuple[Run, ...]:
    """Return `text` as the runs of a paragraph, a heading or a cell."""
    return (Run(text),)


def full_date(day: date) -> str:
    """Return 2024年6月5日: Arabic figures, the year in full, no leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


# A control character or half a surrogate pair breaks the file; a mark that turns the reading direction, or has
# no width, can make a figure read as another one. Neither belongs in an official document. Characters of private
# use and those newer than our tables stay: rare characters in names of persons and places are among them.
_UNPRINTABLE = {"Cc", "Cf", "Cs"}


def printable(text: str) -> str:
    """Return `text` without what cannot be printed: control and format characters go, line breaks become blanks."""
    return "".join(_printable(character) for character in text)


def _printable(character: str) -> str:
    if character in "\t\n\r\v\f\u0085\u2028\u2029":
        return " "
    nowhere = ord(character) & 0xFFFE == 0xFFFE or "\ufdd0" <= character <= "\ufdef"
    return "" if nowhere or unicodedata.category(character) in _UNPRINTABLE else character


def numbered(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """
    Return the blocks with their headings numbered as the standard orders: 一、 （一） 1. （1）.

    A heading of a higher level starts those below it anew. Run-in headings count like the others.
    """
    counts = [0, 0, 0, 0]

    def number(heading: Heading) -> Heading:
        counts[heading.level - 1] += 1
        counts[heading.level :] = [0] * (4 - heading.level)
        return replace(heading, runs=(Run(_ordinal(heading.level, counts[heading.level - 1])), *heading.runs))

    def with_numbers(block: Block) -> Block:
        match block:
            case Heading():
                return number(block)
            case Paragraph(heading=Heading() as heading):
                return replace(block, heading=number(heading))
            case _:
                return block

    return tuple(with_numbers(block) for block in blocks)


def _ordinal(level: int, place: int) -> str:
    return (f"{in_chinese(place)}、", f"（{in_chinese(place)}）", f"{place}.", f"（{place}）")[level - 1]


def in_chinese(number: int) -> str:
    """Return 1 to 99 as Chinese numerals: 一, 十, 十二, 三十."""
    numerals = "〇一二三四五六七八九"
    tens, ones = divmod(number, 10)
    return (numerals[tens] if tens > 1 else "") + ("十" if tens else "") + (numerals[ones] if ones else "")


def runs_of(block: Block) -> Iterator[Run]:
    """Yield the runs of a block in reading order, the head and the title of a table among them."""
    match block:
        case Heading():
            yield from block.runs
        case Paragraph():
            yield from block.heading.runs if block.heading else ()
            yield from block.runs
        case Table():
            yield from _said(block.title)
            yield from (Run(column.title) for column in block.columns)
            yield from (run for row in block.rows for cell in row for run in cell)
            yield from _said(block.note)
        case RankTable():
            yield from runs_of(block.as_table())
        case _:
            assert_never(block)


def _said(text: str) -> Sequence[Run]:
    return says(text) if text else ()


def figures(document: Document) -> tuple[Run, ...]:
    """Return every figure of the document, annexes included, in reading order."""
    blocks = (*document.blocks, *(block for _, annex in document.annexes for block in annex.blocks))
    return tuple(run for block in blocks for run in runs_of(block) if run.key is not None)


def plain_text(document: Document) -> str:
    """Return what the body and the annexes say, one block a line: for comparing, searching and hashing."""
    lines = ["".join(printable(run.text) for run in runs_of(block)) for block in document.blocks]
    for label, annex in document.annexes:
        lines += [label, printable(annex.title)]
        lines += ["".join(printable(run.text) for run in runs_of(block)) for block in annex.blocks]
    return "\n".join([printable(document.title), *lines])
