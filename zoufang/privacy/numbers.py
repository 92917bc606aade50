"""Find the numbers that name a person in free text: identity numbers, mobile phones, landlines. Pure."""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from zoufang.privacy.masking import mask_identity, mask_landline, mask_phone


class NumberKind(StrEnum):
    IDENTITY = "identity"
    MOBILE = "mobile"
    LANDLINE = "landline"


ALL_KINDS = frozenset(NumberKind)


@dataclass(frozen=True)
class Found:
    """A number at `text[start:end]`, and what may be shown instead."""

    kind: NumberKind
    start: int
    end: int
    masked: str


# What people put between digits, invisible characters included. One character each, so positions stay true.
_SEPARATOR = "[ \\-._·\u00a0\u2000-\u200f\u2010-\u2015\u2060\u3000\ufe58\ufe63\ufeff\uff0d\uff3f\uff0e]"
_PLAIN = {ord("０") + n: str(n) for n in range(10)} | {ord("Ｘ"): "X", ord("ｘ"): "X", ord("＋"): "+", ord("x"): "X"}
_PLAIN |= {ord(circled): str(n) for n, circled in enumerate("⓪①②③④⑤⑥⑦⑧⑨")}

_IDENTITY = re.compile(rf"(?<!\d)\d(?:{_SEPARATOR}{{0,2}}\d){{16}}{_SEPARATOR}{{0,2}}[\dX](?!\d)")
_OLD_IDENTITY = re.compile(rf"(?<!\d)\d(?:{_SEPARATOR}{{0,2}}\d){{14}}(?!\d)")
_MOBILE = re.compile(
    rf"(?<!\d)(?:\+?86{_SEPARATOR}{{0,2}})?1{_SEPARATOR}{{0,2}}[3-9](?:{_SEPARATOR}{{0,2}}\d){{9}}(?!\d)"
)
_LANDLINE = re.compile(
    rf"(?<!\d)[（(]?0(?:10|2\d|[3-9]\d{{2}})[）)]?{_SEPARATOR}{{0,2}}[2-8]\d{{2,3}}{_SEPARATOR}{{0,2}}\d{{4}}(?!\d)"
)
_CALLED_PHONE = re.compile(
    rf"(?:电话|座机|固话|手机|联系方式)[号码为是：: ]{{0,4}}([2-8]\d{{2,3}}{_SEPARATOR}{{0,2}}\d{{4}})(?!\d)"
)

# Fewer than seven digits near one another name nobody: most texts are done with at one look.
_DIGIT, _OTHER = r"[\d⓪①-⑨]", r"[^\d⓪①-⑨]"
_SEVEN_DIGITS = re.compile(rf"(?:{_DIGIT}{_OTHER}{{0,5}}){{6}}{_DIGIT}")

_PROVINCES = frozenset(
    [*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83]
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def scan(text: str, *, kinds: Collection[NumberKind] = ALL_KINDS) -> list[Found]:
    """
    Return the personal numbers in `text`, in order, none overlapping another.

    Full-width and circled digits count as digits, and separators between digits do not hide a number. An
    18-digit identity number is known by its check digit, a 15-digit one by its province and date. The short
    numbers of public services (110, 12345) and 400 numbers are nobody's.
    """
    if not _SEVEN_DIGITS.search(text):
        return []
    plain = text.translate(_PLAIN)
    taken: list[Found] = []
    for kind, pattern, group, is_one, mask in _SORTS:
        if kind not in kinds:
            continue
        for match in pattern.finditer(plain):
            start, end = match.span(group)
            if is_one(match.group(group)) and not any(start < one.end and one.start < end for one in taken):
                taken.append(Found(kind, start, end, mask(_digits(match.group(group)))))
    return sorted(taken, key=lambda found: found.start)


def masked(text: str, *, kinds: Collection[NumberKind] = ALL_KINDS) -> str:
    """Return `text` with every personal number masked."""
    return "".join(_pieces(text, scan(text, kinds=kinds)))


def _pieces(text: str, found: list[Found]) -> Iterator[str]:
    at = 0
    for one in found:
        yield text[at : one.start]
        yield one.masked
        at = one.end
    yield text[at:]


def _digits(text: str) -> str:
    return re.sub(r"[^\dX]", "", text)


def _is_identity(text: str) -> bool:
    digits = _digits(text)
    check = _CHECKS[sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False)) % 11]
    return int(digits[:2]) in _PROVINCES and digits[17] == check and _is_day(digits[6:14])


def _is_old_identity(text: str) -> bool:
    digits = _digits(text)
    return int(digits[:2]) in _PROVINCES and _is_day(f"19{digits[6:12]}")


def _is_mobile(text: str) -> bool:
    """Is it written as numbers are: in groups of two and more, or digit by digit?"""
    groups = [len(group) for group in re.split(rf"{_SEPARATOR}+", text.removeprefix("+"))]
    return min(groups) >= 2 or max(groups) == 1


def _is_day(text: str) -> bool:
    try:
        return 1900 <= date(int(text[:4]), int(text[4:6]), int(text[6:])).year <= 2100
    except ValueError:
        return False


# In this order: the longer number first, so that no part of it is taken for a shorter one.
_SORTS: tuple[tuple[NumberKind, re.Pattern[str], int, Callable[[str], bool], Callable[[str], str]], ...] = (
    (NumberKind.IDENTITY, _IDENTITY, 0, _is_identity, mask_identity),
    (NumberKind.IDENTITY, _OLD_IDENTITY, 0, _is_old_identity, mask_identity),
    (NumberKind.MOBILE, _MOBILE, 0, _is_mobile, mask_phone),
    (NumberKind.LANDLINE, _LANDLINE, 0, bool, mask_landline),
    (NumberKind.LANDLINE, _CALLED_PHONE, 1, bool, mask_landline),
)
