"""The desk at which rows are taken in: who sits at it, when, and what was looked up once for all rows."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS

from zoufang.organization.models import Officer, Unit
from zoufang.site.importing.columns import Cells, Column, RowErrors

T = TypeVar("T")


class Outcome(Enum):
    CREATED = "created"
    UNCHANGED = "unchanged"

    @classmethod
    def of(cls, *, created: bool) -> "Outcome":
        return cls.CREATED if created else cls.UNCHANGED


@dataclass(frozen=True)
class Desk:
    """Who takes rows in (None: the operator at the console), when, and what these rows have in common."""

    by: Officer | None
    now: datetime
    _found: dict[Hashable, Any] = field(default_factory=dict)

    @property
    def officer(self) -> Officer:
        """
        Who answers for the rows.

        :raises ValueError: if nobody does; the command asks beforehand.
        """
        if self.by is None:
            raise ValueError("rows of this kind are taken in by an officer")
        return self.by

    def once(self, key: Hashable, find: Callable[[], T]) -> T:
        """Return what `find` finds, looked up for the first row that asks."""
        if key not in self._found:
            self._found[key] = find()
        found: T = self._found[key]
        return found

    def unit(self, code: str) -> Unit | None:
        return self.once(("unit", code), lambda: Unit.objects.filter(code=code).first())


@dataclass(frozen=True)
class Importer:
    """One kind of table: its columns, and how a row is taken in. `at_console`: the operator may do without an officer."""

    columns: tuple[Column, ...]
    take: Callable[[Cells, Desk], Outcome]
    at_console: bool = False


def require_valid(form: forms.Form, *, names: dict[str, str] | None = None) -> None:
    """
    :raises RowErrors: if the form is not valid; `names` maps its fields to the columns that they were read from.
    """
    if not form.is_valid():
        raise RowErrors(by_column({name: list(map(str, said)) for name, said in form.errors.items()}, names or {}))


def by_column(errors: dict[str, list[str]], names: dict[str, str]) -> dict[str, list[str]]:
    """Return `errors` under the names of columns; what is wrong with the row as a whole stands under ""."""
    return {names.get(name, "" if name == NON_FIELD_ERRORS else name): said for name, said in errors.items()}
