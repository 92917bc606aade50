"""A column of a list or ledger, and how its values are written on the screen."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from html import escape
from typing import Any

from django.db.models import Choices
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from zoufang.kernel.clock import LOCAL
from zoufang.ui.bulk import Bulk
from zoufang.ui.characters import visible

# Up to here a text stays on one line.
_SHORT = 6

TONES = ("neutral", "active", "waiting", "done", "late")


@dataclass(frozen=True)
class Column:
    """
    One column: the same declaration serves the page, the card on a phone, the print and the Excel sheet.

    `value` returns a plain value (text, int, Decimal, date, datetime, bool or None), never HTML. `link` returns the
    address that the value opens, or "" for none. `badge` returns a tone out of `TONES`. `wide` is for texts, which take
    the room that is left; `code` for the number of a record, which stays on one line and takes no more than it needs.
    `order` is the field path by which the reader may sort; leave it empty where no index helps.
    """

    name: str
    title: Any
    value: Callable[[Any], Any]
    link: Callable[[Any], str] | None = None
    badge: Callable[[Any], str] | None = None
    numeric: bool = False
    wide: bool = False
    code: bool = False
    key: bool = False
    order: str = ""


def label_of(field: str, choices: type[Choices]) -> Callable[[Any], Any]:
    """
    Return a `Column.value` that reads the label of a choice.

    It costs a twentieth of `get_FIELD_display`, which walks all choices for every row.
    """
    labels = dict(choices.choices)
    return lambda row: labels.get(getattr(row, field), "")


def shown(value: Any) -> str:
    """Return a plain value as text for the screen; times are local."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, datetime):
        return value.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | Decimal):
        return f"{value:,}"
    return visible(str(value))


def badge_html(tone: str, text: Any) -> SafeString:
    """Return a status as word and colour. An unknown tone is shown as neutral."""
    return SafeString(_badge(tone, escape(visible(str(text)))))


def _badge(tone: str, escaped: str) -> str:
    return f'<span class="tone tone-{tone if tone in TONES else "neutral"}">{escaped}</span>'


class RowWriter:
    """
    Writes table rows; what is the same in every row is put together once, so that a page of rows stays cheap.

    Everything that comes from a row passes `html.escape` here, once; nothing in a row is taken for HTML.
    """

    def __init__(self, columns: Sequence[Column], bulk: Bulk | None = None) -> None:
        self._cells = [(column, *self._openings(column)) for column in columns]
        self._bulk, self._mark = bulk, _("选择：%(row)s")

    def write(self, rows: Iterable[Any]) -> SafeString:
        """Return the `<tr>` elements of `rows`."""
        return SafeString("".join(self._row(row) for row in rows))

    def _row(self, row: Any) -> str:
        box = self._box(self._bulk, row) if self._bulk else ""
        return f'<tr role="row">{box}{"".join(self._cell(*cell, row) for cell in self._cells)}</tr>'

    def _box(self, bulk: Bulk, row: Any) -> str:
        """Return the cell in which a row is marked; its form stands beside the table."""
        label = escape(visible(self._mark % {"row": bulk.label(row)}))
        value = escape(bulk.value(row))
        return (
            '<td class="pick" role="cell"><input type="checkbox" class="form-check-input" form="bulk" name="pick" '
            f'value="{value}" aria-label="{label}"></td>'
        )

    @staticmethod
    def _openings(column: Column) -> tuple[str, str, str]:
        """Return the opening tags of a cell and of one with a longer text, and the whole of an empty one."""
        kinds = [
            f"c-{column.name}",
            *(kind for kind, wanted in (("num", column.numeric), ("wide", column.wide)) if wanted),
            *(kind for kind, wanted in (("code", column.code), ("key", column.key)) if wanted),
            *(["has-tone"] if column.badge else []),
        ]
        label = f' data-label="{escape(str(column.title))}" role="cell">'
        css = escape(" ".join(kinds))
        return f'<td class="{css}"{label}', f'<td class="{css} long"{label}', f'<td class="blank"{label}</td>'

    @staticmethod
    def _cell(column: Column, opening: str, opening_long: str, blank: str, row: Any) -> str:
        value = column.value(row)
        text = shown(value)
        if not text:
            return blank
        inner = escape(text)
        if column.badge:
            inner = _badge(column.badge(row), inner)
        elif isinstance(value, date):
            inner = f'<time datetime="{value.isoformat()}">{inner}</time>'
        elif len(text) > _SHORT and not column.code:
            opening = opening_long
        address = column.link(row) if column.link else ""
        if address:
            inner = f'<a href="{escape(address)}">{inner}</a>'
        return f"{opening}{inner}</td>"
