"""Rows of a list that are marked, and what may be done with all of them at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class BulkStep:
    """
    A button that posts the marked rows to `url`; `key` is the letter that presses it.

    `at_once`: with marked rows of the page there is nothing to ask first. `new_tab`: the list stays open beside it.
    """

    label: Any
    url: str
    key: str = ""
    icon: str = ""
    at_once: bool = False
    new_tab: bool = False


@dataclass(frozen=True)
class Bulk:
    """
    Makes the rows of a list markable. `value` is what the form says of a row, `label` what a screen reader says.

    The form posts `pick`, the values of the marked rows, or `all` with `of`, the signed address of the list, and
    `as_of`, the moment at which the list was read: so the filter is sent, and not thousands of rows.
    """

    value: Callable[[Any], str]
    label: Callable[[Any], str]
    steps: Sequence[BulkStep]
