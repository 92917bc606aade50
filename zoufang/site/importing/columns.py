"""The columns of a table: under which heads offices keep them, and how what is written in a cell is read."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import Enum
from functools import cached_property

from django.db.models import Choices
from django.utils import translation
from django.utils.translation import gettext as _

from zoufang.kernel.clock import LOCAL
from zoufang.privacy.numbers import masked

LANGUAGES = ("zh-hans", "en")

# Records older or later than this were never meant.
_YEARS = range(1950, 2200)

_MOMENT = re.compile(
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?"
    r"(?:[\sT]*(?P<hour>\d{1,2})\s*[:时点]\s*(?:(?P<minute>\d{1,2})\s*分?(?:\s*:?\s*(?P<second>\d{1,2})(?:\.\d+)?\s*秒?)?)?"
    r"\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?)?"
)
_PARTS = ("year", "month", "day", "hour", "minute", "second")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_YES = {"是", "有", "对", "√", "✓", "1", "y", "yes", "true", "on"}
_NO = {"", "否", "无", "×", "0", "n", "no", "false", "off"}
_UNSEEN = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060"))

# So many ways of writing are remembered of each column.
REMEMBERED = 4096

Cells = dict[str, str]


class RowErrors(Exception):
    """What is wrong with a row, by column ("" for the row as a whole)."""

    def __init__(self, errors: Mapping[str, Iterable[str]]) -> None:
        super().__init__()
        self.errors = [(column, str(message)) for column, messages in errors.items() for message in messages]


class Holds(Enum):
    """What is in the cells of a column."""

    WORD = "word"  # a code, an identifier, a name
    TEXT = "text"  # what people wrote: numbers of persons are masked at the door
    MOMENT = "moment"
    DAY = "day"
    FLAG = "flag"


@dataclass(frozen=True)
class Column:
    """A column by its name, the heads under which offices keep it, and an example. `choices` are what it may hold."""

    name: str
    heads: tuple[str, ...] = ()
    required: bool = False
    example: str = ""
    holds: Holds = Holds.WORD
    choices: type[Choices] | None = None

    @property
    def title(self) -> str:
        """The head in the office's template."""
        return self.heads[0] if self.heads and translation.get_language() != "en" else self.name

    @property
    def options(self) -> list[str]:
        """What may be chosen, in the language of the moment."""
        if self.choices is not None:
            return [str(label) for label in self.choices.labels]
        return [_("是"), _("否")] if self.holds is Holds.FLAG else []

    def heads_match(self, head: str) -> bool:
        return head in self._known_heads

    def read(self, written: str) -> str:
        """
        Return what a cell says, in one way of writing it: ISO times, codes of choices, "on" for yes.

        :raises ValueError: if it says nothing that the column can hold; the message is for whoever keeps the table.
        """
        if self.holds is Holds.TEXT:
            return masked(written.replace("\r\n", "\n").replace("\r", "\n").strip())
        cell = self._read_before.get(written)
        if cell is None:
            if len(self._read_before) >= REMEMBERED:
                self._read_before.clear()
            cell = self._read_before[written] = self._read(written)
        return cell

    def _read(self, written: str) -> str:
        word = unicodedata.normalize("NFKC", written.translate(_UNSEEN)).strip()
        if self.choices is not None:
            return self._chosen(word)
        return _READERS[self.holds](word)

    @cached_property
    def _known_heads(self) -> frozenset[str]:
        return frozenset(map(plain_head, (self.name, *self.heads)))

    @cached_property
    def _read_before(self) -> dict[str, str]:
        """What was written → what it says: cells of a column often hold the same."""
        return {}

    @cached_property
    def _codes(self) -> dict[str, str]:
        """Code and label in each language → code."""
        found: dict[str, str] = {"": ""}
        for language in LANGUAGES if self.choices else ():
            with translation.override(language):
                for code, label in self.choices.choices if self.choices else ():
                    found |= {_plain(str(label)): str(code), _plain(str(code)): str(code)}
        return found

    def _chosen(self, word: str) -> str:
        code = self._codes.get(_plain(word))
        if code is None:
            said = {"said": word[:40], "options": "、".join(self.options)}
            raise ValueError(_("“%(said)s”不是可选值，可选：%(options)s。") % said)
        return code


def plain_head(head: str) -> str:
    """Return a head without what forms add to it: stars, spaces, line breaks, a remark in brackets at the end."""
    head = unicodedata.normalize("NFKC", head.translate(_UNSEEN))
    head = re.sub(r"[\s*]+", "", head).casefold()
    return re.sub(r"(?<=.)\([^()]*\)$", "", head)


def read_moment(text: str) -> str:
    """
    Return the moment in `text` in ISO 8601; without an offset it is local, without a time the start of the day.

    :raises ValueError: if it cannot be read.
    """
    if not text:
        return ""
    found = _COMPACT.fullmatch(text)
    match = _MOMENT.fullmatch("-".join(found.groups()) if found else text)
    try:
        if match is None:
            raise ValueError
        year, month, day, hour, minute, second = (int(match[name] or 0) for name in _PARTS)
        if year not in _YEARS:
            raise ValueError
        moment = datetime(year, month, day, hour, minute, second, tzinfo=_zone(match["zone"]))
    except ValueError:
        raise ValueError(_not_a_moment(text)) from None
    return moment.isoformat()


def read_day(text: str) -> str:
    """
    Return the day in `text` in ISO 8601.

    :raises ValueError: if it cannot be read.
    """
    moment = read_moment(text)
    return moment and datetime.fromisoformat(moment).astimezone(LOCAL).date().isoformat()


def read_flag(text: str) -> str:
    """
    Return "on" or "", as a ticked box is posted.

    :raises ValueError: if it says neither yes nor no.
    """
    if text.casefold() in _YES:
        return "on"
    if text.casefold() in _NO:
        return ""
    raise ValueError(_("“%(said)s”应写“是”或“否”。") % {"said": text[:40]})


def moment_of(cell: str) -> datetime | None:
    """Return the moment of a cell that was read as one; None if it is empty."""
    return datetime.fromisoformat(cell) if cell else None


def _zone(text: str | None) -> tzinfo:
    return datetime.strptime(text, "%z").tzinfo or LOCAL if text else LOCAL


def _not_a_moment(text: str) -> str:
    if _SERIAL.fullmatch(text):
        return _("“%(text)s”是表格软件的日期序号，请把这一列的单元格格式设为日期。") % {"text": text}
    return _("“%(text)s”不是时间，应如 2026-03-01 09:30。") % {"text": text[:40]}


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold().replace(" ", "")


def _as_it_is(word: str) -> str:
    return word


_READERS: dict[Holds, Callable[[str], str]] = {
    Holds.WORD: _as_it_is,
    Holds.MOMENT: read_moment,
    Holds.DAY: read_day,
    Holds.FLAG: read_flag,
}
