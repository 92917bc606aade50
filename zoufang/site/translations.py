"""
The English catalogue: what the program says in Chinese, found in the source, beside what it says in English.

Chinese is written where it is read, so there is no Chinese catalogue. Babel does the work of gettext, which need not
be installed.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parents[1]
PO = PACKAGE / "site" / "locale" / "en" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")

# What each function takes: the message alone, singular and plural, or a context first.
_KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|(?<!%)%[sd]|\{\w*\}")


@dataclass(frozen=True)
class Fault:
    """Something wrong with one message."""

    what: str
    message: str
    places: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.what}: {self.message!r} ({', '.join(self.places) or 'nowhere'})"


def spoken() -> Catalog:
    """Return every message in the Python code and the templates, untranslated."""
    catalogue = Catalog(locale="en", project="zoufang", fuzzy=False)
    for path in _sources():
        place = str(path.relative_to(PACKAGE.parent))
        for line, message, _comments, context in extract("python", io.BytesIO(_as_python(path)), keywords=_KEYWORDS):
            if message and message != ("", ""):
                catalogue.add(message, locations=[(place, line)], context=context)
    return catalogue


def written() -> Catalog:
    """Return the catalogue as it is kept, empty if there is none."""
    if not PO.exists():
        return Catalog(locale="en")
    with PO.open("rb") as file:
        return read_po(file, locale="en")


def merged(source: Catalog, kept: Catalog) -> Catalog:
    """Return the messages of `source` with the translations of `kept`; what is said no more is dropped."""
    catalogue = Catalog(locale="en", project="zoufang", version="1", fuzzy=False)
    for message in _messages(source):
        known = kept.get(message.id, message.context)
        catalogue.add(
            message.id,
            known.string if known else None,
            locations=[(place, 0) for place in _places(message)],
            context=message.context,
            flags=message.flags,
        )
    return catalogue


def faults(source: Catalog, kept: Catalog) -> list[Fault]:
    """Return what is untranslated, said no more, or translated with other placeholders."""
    found = []
    for message in _messages(source):
        known = kept.get(message.id, message.context)
        if known is None or not known.string or not all(_forms(known.string)) or known.fuzzy:
            found.append(Fault("untranslated", _shown(message), _places(message)))
        elif not _same_placeholders(known):
            found.append(Fault("other placeholders", _shown(message), _places(message)))
    unsaid = (message for message in _messages(kept) if source.get(message.id, message.context) is None)
    return [*found, *(Fault("said no more", _shown(message), _places(message)) for message in unsaid)]


def save(catalogue: Catalog) -> None:
    """Write the catalogue so that a change of the code changes no more lines than it must."""
    PO.parent.mkdir(parents=True, exist_ok=True)
    text = io.BytesIO()
    write_po(text, catalogue, width=100, sort_by_file=True, omit_header=True, include_lineno=False)
    head = (
        'msgid ""\nmsgstr ""\n"Language: en\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    )
    PO.write_text(head + text.getvalue().decode())


def compile_catalogue() -> int:
    """Write what Django reads, and return how many messages it holds."""
    catalogue = written()
    MO.parent.mkdir(parents=True, exist_ok=True)
    with MO.open("wb") as file:
        write_mo(file, catalogue)
    return len(catalogue)


def _sources() -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*")):
        code = path.suffix == ".py" and "migrations" not in path.parts
        page = path.suffix in {".html", ".txt"} and "templates" in path.parts
        if code or page:
            yield path


def _as_python(path: Path) -> bytes:
    text = path.read_text()
    if path.suffix == ".py":
        return text.encode()
    # Each message becomes a call on one line; what stands around it keeps its indentation, which Python would mind.
    return "\n".join(line.strip() for line in templatize(text, origin=str(path)).splitlines()).encode()


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _places(message: Message) -> tuple[str, ...]:
    return tuple(sorted({place for place, _line in message.locations}))


def _forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _shown(message: Message) -> str:
    return _forms(message.id)[0]


def _same_placeholders(message: Message) -> bool:
    """Does the translation name what the source gives? A plural form may leave out a number that it spells."""
    sources = [set(_PLACEHOLDER.findall(form)) for form in _forms(message.id)]
    given = set().union(*sources)
    needed = given if len(sources) == 1 else set()
    return all(needed <= set(_PLACEHOLDER.findall(form)) <= given for form in _forms(message.string or ""))
