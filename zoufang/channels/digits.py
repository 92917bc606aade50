"""Numbers that people type: the last digit is made from the others, so that a slip is seen. Pure."""

import unicodedata

# A quasigroup without fixed digits (Damm, 2004): it sees every wrong digit and every two that change places.
_TABLE = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
_MOST = 15


def with_check(number: int) -> str:
    """Return `number` followed by its check digit."""
    return f"{number}{_check(str(number))}"


def number_in(typed: str) -> int | None:
    """Return the number in what somebody typed, without its check digit; None if it is not one, or a digit is wrong."""
    text = plain(typed)
    if not 2 <= len(text) <= _MOST or _check(text):
        return None
    return int(text[:-1])


def plain(typed: str) -> str:
    """Return the digits that somebody typed, of any width, with spaces or hyphens between; empty if there is more."""
    text = unicodedata.normalize("NFKC", typed).replace("-", "").replace(" ", "").strip()
    return text if text.isascii() and text.isdecimal() else ""


def _check(digits: str) -> int:
    interim = 0
    for digit in digits:
        interim = _TABLE[interim][int(digit)]
    return interim
