"""What a page holds, read as a browser would: its forms with their fields, its addresses, its complaints."""

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

_TYPED = {"", "text", "search", "tel", "number", "date", "datetime-local"}
_FRESH = re.compile(
    r'(name="csrfmiddlewaretoken" value="|name="uid" value="|"X-CSRFToken": ?"|&quot;X-CSRFToken&quot;: ?&quot;)[\w-]+'
)


@dataclass
class Form:
    """A form: where it is sent, its fields in order, and what stands in those that a person types into."""

    method: str
    action: str
    fields: list[str] = field(default_factory=list)
    typed: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.links += [given[name] for name in ("href", "hx-get") if name in given]
        if tag == "form":
            self.forms.append(Form(given.get("method", "get").lower(), given.get("action", "")))
        name = given.get("name", "")
        if not self.forms or not name or tag not in ("input", "select", "textarea", "button"):
            return
        form = self.forms[-1]
        kind = given.get("type", "") if tag == "input" else tag
        if kind == "file":
            form.files.append(name)
        elif name not in form.fields and name != "csrfmiddlewaretoken":
            form.fields.append(name)
        if tag == "input" and kind in _TYPED and "readonly" not in given:
            form.typed[name] = given.get("value", "")
        elif tag == "textarea":
            self._area = name
            form.typed[name] = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1].typed[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


def forms_of(text: str) -> list[Form]:
    return _read(text).forms


def asked_of(text: str) -> list[str]:
    """Return the words that the page's own addresses and GET forms ask the server with."""
    page = _read(text)
    names = [name for form in page.forms if form.method == "get" for name in form.fields]
    for link in page.links:
        if link.startswith("?"):
            names += [name for name, _value in parse_qsl(urlsplit(unescape(link)).query, keep_blank_values=True)]
    return list(dict.fromkeys(names))


def plain(content: bytes) -> bytes:
    """Return a page without what is new at each look: tokens against forgery and identifiers of blank forms."""
    return _FRESH.sub(r"\1", content.decode()).encode()


def _read(text: str) -> _Forms:
    page = _Forms()
    page.feed(text)
    return page
