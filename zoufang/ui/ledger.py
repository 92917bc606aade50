"""An official ledger (台账): a projection of rows that exist anyway, never typed in twice."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from zoufang.ui.columns import Column
from zoufang.ui.listing import FilterForm


@dataclass(frozen=True)
class Ledger:
    """
    A ledger by its code, with its columns in the official order.

    `dated` is the field that says since when a row is there. `rows` takes the officer who looks and returns the rows that this officer may see, in the ledger's order.
    """

    code: str
    title: Any
    columns: tuple[Column, ...]
    rows: Callable[[Any], QuerySet[Any]]
    filters: type[FilterForm] | None = None
    dated: str = ""
