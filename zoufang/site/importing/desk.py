"""The desk at which rows are taken in: who sits at it, when, and what was looked up once for all rows."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import transaction

from zoufang.kernel.refusal import Refusal
from zoufang.organization.models import Officer, Unit
from zoufang.site.importing.columns import Cells, Column, RowErrors

T = TypeVar("T")
R = TypeVar("R")


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


# What became of a row, or why it was turned down.
Answer = Outcome | RowErrors | Refusal


@dataclass(frozen=True)
class Importer:
    """
    One kind of table: its columns, and how rows are taken in, up to `at_once` of them in one transaction.

    `take` answers for each row in order, and leaves nothing of those that it turns down. It is given the cells of each
    row, or what `prepare` made of them: while the rows before are taken in, and without asking the database.
    `at_console`: the operator may do without an officer.
    """

    columns: tuple[Column, ...]
    take: Callable[[Sequence[Any], Desk], Sequence[Answer]]
    at_console: bool = False
    at_once: int = 1
    prepare: Callable[[Cells, Desk], Any] = lambda cells, _desk: cells


def each(take: Callable[[Cells, Desk], Outcome]) -> Callable[[Sequence[Cells], Desk], Sequence[Answer]]:
    """Make of what takes in one row, or raises why not, what takes in several."""

    def taken(row: Cells, desk: Desk) -> Answer:
        try:
            with transaction.atomic():
                return take(row, desk)
        except (RowErrors, Refusal) as error:
            return error

    return lambda rows, desk: [taken(row, desk) for row in rows]


def by_turns(
    rows: Sequence[R], key: Callable[[R], Hashable], take: Callable[[Sequence[R]], Sequence[Answer]]
) -> list[Answer]:
    """
    Answer for rows of which no two with one key may be taken at once: each sees what became of the one before it.

    A row that says the same as the one before it need not be looked at: it is there already, or just as wrong.
    """
    answers: dict[int, Answer] = {}
    waiting: Sequence[int] = range(len(rows))
    while waiting:
        first: dict[Hashable, int] = {}
        twins: dict[int, int] = {}
        later: list[int] = []
        overtaken = set()
        for place in waiting:
            known_as = key(rows[place])
            before = first.setdefault(known_as, place)
            if before == place:
                continue
            if known_as not in overtaken and rows[before] == rows[place]:
                twins[place] = before
            else:
                overtaken.add(known_as)
                later.append(place)
        turn = list(first.values())
        answers |= zip(turn, take([rows[place] for place in turn]), strict=True)
        for place, before in twins.items():
            answers[place] = Outcome.UNCHANGED if isinstance(answers[before], Outcome) else answers[before]
        waiting = later
    return [answers[place] for place in range(len(rows))]


def require_valid(form: forms.Form, *, names: dict[str, str] | None = None) -> None:
    """
    :raises RowErrors: if the form is not valid; `names` maps its fields to the columns that they were read from.
    """
    if not form.is_valid():
        raise RowErrors(by_column({name: list(map(str, said)) for name, said in form.errors.items()}, names or {}))


def by_column(errors: dict[str, list[str]], names: dict[str, str]) -> dict[str, list[str]]:
    """Return `errors` under the names of columns; what is wrong with the row as a whole stands under ""."""
    return {names.get(name, "" if name == NON_FIELD_ERRORS else name): said for name, said in errors.items()}
