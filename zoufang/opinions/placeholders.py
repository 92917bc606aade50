"""
Words in braces that stand for a fact of the opinion: a closed list, filled in by name and nothing else. Pure.

Never `str.format`: that would let whoever writes a template reach into the program. Here a brace with a word on the
list is replaced by its text, and everything else stays as it is.
"""

import re
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

NAMES: dict[str, str | Promise] = {
    "no": _("编号"),
    "kind": _("类别"),
    "topic": _("主题"),
    "said": _("反映的事"),
    "heard": _("收到的日期"),
    "unit": _("承办单位"),
    "due": _("答复期限"),
    "measure": _("整改措施"),
    "result": _("整改结果"),
    "phone": pgettext_lazy("of a unit", "对外电话"),
    "today": _("今天的日期"),
}

# Full-width braces too: they come from the same key with another input method.
# What a template asks its user to write stands in square brackets: [写明哪一天].
_TO_WRITE = re.compile(r"\[[^\[\]\n]{2,80}\]")
_BRACES = re.compile(r"[{｛]([^{}｛｝\n]{0,40})[}｝]")


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with each placeholder replaced for which there is a value; the others stay, to be seen."""
    return _BRACES.sub(lambda found: values.get(found[1].strip(), "") or found[0], text)


def unknown_in(text: str) -> list[str]:
    """Return what stands in braces and is on no list, as it is written, each once."""
    return list(dict.fromkeys(found[0] for found in _BRACES.finditer(text) if found[1].strip() not in NAMES))


def left_in(text: str) -> list[str]:
    """Return what a template left to be filled in, in braces or square brackets, as it is written, each once."""
    found = [*_BRACES.finditer(text), *_TO_WRITE.finditer(text)]
    return list(dict.fromkeys(one[0] for one in sorted(found, key=lambda one: one.start())))
