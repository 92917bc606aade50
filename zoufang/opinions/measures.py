"""Is a measure more than words? What it lacks is found while it is typed, and again when it is inspected. Pure."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

# A number before a unit of time, in figures or in Chinese: "3日内", "五个工作日", "5月20日".
_TIME = re.compile(r"[0-9０-９一二两三四五六七八九十半]+\s*个?\s*(?:工作日|小时|分钟|天|日|周|星期|月|年)")
_SAYING = re.compile(r"[^\W_]")
_REPEATED = re.compile(r"(.)\1{2,}")


class Lack(StrEnum):
    """What a measure may lack; the values are the words of the API."""

    SHORT = "short"
    HOLLOW = "hollow"
    WHAT = "no-what"
    WHO = "no-who"
    WHEN = "no-when"
    REUSED = "reused"


ELEMENTS = (Lack.WHAT, Lack.WHO, Lack.WHEN)


@dataclass(frozen=True)
class MeasureRules:
    """By what measures are judged: how long, how often alike, and the words that say nothing, what, who or when."""

    least: int
    alike: int
    hollow: tuple[str, ...]
    what: tuple[str, ...]
    who: tuple[str, ...]
    when: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """One thing that a measure lacks, and what to write instead."""

    code: Lack
    message: str


def check_measure(
    text: str, rules: MeasureRules, *, has_officer: bool = False, has_day: bool = False, alike: int = 0
) -> list[Finding]:
    """
    Return what the measure `text` lacks, worst first; nothing if it says what, who and by when.

    `has_officer` and `has_day`: whether somebody and a day are named beside the text. `alike` is how many other
    measures of the unit have the same wording.
    """
    found = []
    length = effective_length(text, rules)
    if length < rules.least:
        found.append(
            Finding(
                Lack.SHORT,
                _("有实际内容的只有 %(n)d 个字，不足 %(least)d 个。") % {"n": length, "least": rules.least},
            )
        )
    if hollow := _hollow_in(text, rules):
        words = _("、").join(hollow)
        found.append(Finding(Lack.HOLLOW, _("“%(words)s”说不清做什么，请改写成看得见的动作。") % {"words": words}))
    if not any(word in text for word in rules.what):
        found.append(Finding(Lack.WHAT, _("没有写做什么：写一个能核验的动作，如更换、巡查、告知。")))
    if not has_officer and not any(word in text for word in rules.who):
        found.append(Finding(Lack.WHO, _("没有写谁来做：选责任人，或写明由谁做。")))
    if not has_day and not any(word in text for word in rules.when) and not _TIME.search(text):
        found.append(Finding(Lack.WHEN, _("没有写什么时候做完：选计划完成日期，或写明期限。")))
    if alike + 1 >= rules.alike:
        found.append(
            Finding(Lack.REUSED, _("本单位已有 %(n)d 件措施与此一字不差，请写这件事自己的措施。") % {"n": alike})
        )
    return found


def is_too_simple(findings: Collection[Finding]) -> bool:
    """Is a measure with these findings too simple to pass an inspection (domain rule IR04)?"""
    codes = {finding.code for finding in findings}
    empty = Lack.HOLLOW in codes and sum(element in codes for element in ELEMENTS) >= 2
    return Lack.SHORT in codes or Lack.REUSED in codes or empty


def effective_length(text: str, rules: MeasureRules) -> int:
    """Return how many letters and figures say something: without hollow words, and a letter three times over as two."""
    for words in sorted(rules.hollow, key=len, reverse=True):
        text = text.replace(words, "")
    return len(_SAYING.findall(_REPEATED.sub(r"\1\1", text)))


def _hollow_in(text: str, rules: MeasureRules) -> list[str]:
    """Return the hollow words of the text in the order of the list, a longer one instead of those inside it."""
    found: list[str] = []
    for words in sorted(rules.hollow, key=len, reverse=True):
        if words in text:
            found.append(words)
            text = text.replace(words, "\n")
    return [words for words in rules.hollow if words in found]
