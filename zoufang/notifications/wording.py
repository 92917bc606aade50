"""
What a notice says, in the language of who reads it.

`settings.NOTICE_WORDS` lists dotted paths of mappings, each from kinds of notices to functions that take the parameters
and return `Words`. An app that tells officers something adds its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from zoufang.notifications.vocabulary import Deadline, Level
from zoufang.ui.when import day_words, due_day

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Words:
    """What a notice says: its sort in a word or two with a tone (see `ui.columns.TONES`), and a sentence."""

    sort: str
    tone: str
    text: str


Wording = Callable[[Parameters], Words]


def words_of(kind: str, parameters: Parameters) -> Words:
    """Return what a notice says; one of a kind that is known no more says only that."""
    for path in settings.NOTICE_WORDS:
        words: Mapping[str, Wording] = import_string(path)
        if kind in words:
            return words[kind](parameters)
    return Words(pgettext("notice", "消息"), "neutral", _("这条消息的内容已不能显示。"))


def _reminder(told: Parameters) -> Words:
    level, day = Level(told["level"]), due_day(datetime.fromisoformat(told["due_at"]))
    english = (get_language() or "").startswith("en") and told["unit_en"]
    facts = {
        "unit": told["unit_en"] if english else told["unit"],
        "deadlines": _("、").join(str(Deadline(one).label) for one in told["deadlines"]),
        "day": day_words(day, day),
    }
    if level == Level.REMIND:
        return Words(str(level.label), "waiting", _("%(unit)s：%(deadlines)s %(day)s到期，请抓紧办理。") % facts)
    if level == Level.BULLETIN:
        return Words(
            str(level.label), "late", _("%(unit)s：%(deadlines)s %(day)s已过，仍未办完，列为通报候选。") % facts
        )
    return Words(str(level.label), "late", _("%(unit)s：%(deadlines)s %(day)s已过，仍未办完。") % facts)


WORDS: dict[str, Wording] = {"reminder": _reminder}
