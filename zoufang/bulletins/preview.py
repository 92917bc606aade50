"""
An official document on screen: the page as it will be printed, with every figure a link to the rows behind it.

Looks are classes only, drawn by static/bulletins/gongwen.css. Words such as 附件 and 抄送 belong to the document
and stay Chinese in any language of the interface.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import assert_never

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

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
)
from zoufang.bulletins.headline import folded


def render_html(document: Document) -> SafeString:
    """Return the document as one `<article class="gongwen">`, its annexes as sheets of their own."""
    formal = document.template == Template.FORMAL
    sheets = [_joined([_head(document) if formal else "", *_text(document)])]
    sheets += [_annex(label, annex) for label, annex in document.annexes]
    if formal:
        sheets[-1] = _joined([sheets[-1], _record(document)])
    return format_html(
        '<article class="gongwen gongwen-{}" lang="zh-CN">{}</article>',
        document.template.value,
        _each('<section class="paper">{}</section>', sheets),
    )


def _head(document: Document) -> SafeString:
    mark = document.mark_text or f"{document.issuer}文件"
    return format_html(
        '<header class="red-head"><p class="issuer-mark">{}</p><p class="number">{}</p></header>',
        printable(mark),
        printable(document.number),
    )


def _text(document: Document) -> Iterable[SafeString]:
    yield _title("h1", document.title)
    if document.addressee:
        yield format_html('<p class="addressee">{}</p>', printable(document.salutation))
    yield from (_block(block) for block in document.blocks)
    if document.attachments:
        yield _attachment_note(document.attachments)
    yield _signature(document)
    if document.note:
        yield format_html("<p>（{}）</p>", printable(document.note.strip("（）()")))


def _title(tag: str, title: str) -> SafeString:
    lines = _each('<span class="line">{}</span>', [printable(line) for line in folded(title)])
    return format_html('<{} class="title">{}</{}>', tag, lines, tag)


def _block(block: Block) -> SafeString:
    match block:
        case Heading():
            tag = f"h{block.level + 1}"
            return format_html('<{} class="level-{}">{}</{}>', tag, block.level, _runs(block.runs), tag)
        case Paragraph():
            return format_html("<p>{}{}</p>", _run_in(block.heading) if block.heading else "", _runs(block.runs))
        case Table():
            return _table(block)
        case RankTable():
            return _table(block.as_table())
        case _:
            assert_never(block)


def _run_in(heading: Heading) -> SafeString:
    """A heading on the line that it opens: one for those who read by ear, too."""
    return format_html(
        '<span class="level-{}" role="heading" aria-level="{}">{}</span>',
        heading.level,
        heading.level + 1,
        _runs(heading.runs),
    )


def _runs(runs: Sequence[Run]) -> SafeString:
    return _joined([_run(run) for run in runs])


def _run(run: Run) -> SafeString:
    words: str = printable(run.text)
    if run.emphasis:
        words = format_html("<strong>{}</strong>", words)
    if run.key is None:
        return format_html("{}", words)
    key = printable(run.key)
    if run.href is None or not _is_here(run.href):
        return format_html('<span class="counted" data-key="{}">{}</span>', key, words)
    opens = _("查看这个数字背后的记录")
    return format_html('<a class="counted" href="{}" data-key="{}" title="{}">{}</a>', run.href, key, opens, words)


def _is_here(href: str) -> bool:
    """Whether an address is a path on this site; a backslash is a slash to a browser."""
    return href.startswith("/") and not href.startswith(("//", "/\\")) and href == printable(href)


def _table(table: Table) -> SafeString:
    heads = _each('<th scope="col">{}</th>', [printable(column.title) for column in table.columns])
    return format_html(
        "<table>{}<thead><tr>{}</tr></thead><tbody>{}</tbody></table>{}",
        format_html("<caption>{}</caption>", printable(table.title)) if table.title else "",
        heads,
        _each("<tr>{}</tr>", [_cells(table, row) for row in table.rows]),
        format_html('<p class="table-note">{}</p>', printable(table.note)) if table.note else "",
    )


def _cells(table: Table, row: Sequence[Sequence[Run]]) -> SafeString:
    return format_html_join(
        "",
        '<td class="{}">{}</td>',
        (
            ("numeric" if column.numeric else "words", _runs(cell))
            for column, cell in zip(table.columns, row, strict=True)
        ),
    )


def _attachment_note(attachments: Sequence[Attachment]) -> SafeString:
    names = [printable(attachment.title.replace("\n", "").rstrip("。；，")) for attachment in attachments]
    tag = "ol" if len(names) > 1 else "ul"
    return format_html(
        '<div class="attachments"><span>附件：</span><{}>{}</{}></div>', tag, _each("<li>{}</li>", names), tag
    )


def _signature(document: Document) -> SafeString:
    return format_html(
        '<footer class="signed-by {}"><p class="signer">{}</p><p class="dated">{}</p></footer>',
        "stamped" if document.stamped else "unstamped",
        printable(document.signer or document.issuer),
        _day(document.dated),
    )


def _day(day: date | None) -> SafeString:
    if day is None:
        return format_html("{}", "　　年　月　日")
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), full_date(day))


def _annex(label: str, annex: Attachment) -> SafeString:
    body = _joined([_block(block) for block in annex.blocks])
    return format_html('<p class="annex">{}</p>{}{}', label, _title("h2", annex.title), body)


def _record(document: Document) -> SafeString:
    copies = "，".join(printable(body) for body in document.cc)
    return format_html(
        '<footer class="print-record">{}<p class="printed"><span>{}</span><span>{}印发</span></p></footer>',
        format_html('<p class="copies">抄送：{}。</p>', copies) if copies else "",
        printable(document.printed_by or document.issuer),
        _day(document.printed_on or document.dated),
    )


def _joined(parts: Iterable[str]) -> SafeString:
    return _each("{}", parts)


def _each(pattern: str, parts: Iterable[str]) -> SafeString:
    return format_html_join("", pattern, ((part,) for part in parts))
