"""Pages of a long list that stay where they are while rows are added, and cost the same however deep."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Field, ForeignKey, Model, Q, QuerySet
from django.http import QueryDict

# Up to here rows are counted at once and pages reached by number; beyond, one page leads to the next.
COUNTED = 10_000


@dataclass(frozen=True)
class Key:
    """One field of the order: its path from the row, its direction, whether it may be null."""

    path: str
    descending: bool
    nullable: bool


@dataclass(frozen=True)
class Page:
    """
    One page of rows.

    `total` is None where more than `COUNTED` rows match. `after` and `before` are tokens of the neighbours, "" at
    the ends (and where the order cannot be resumed, then `numbered` is true and pages go by number alone).
    """

    rows: list[Any]
    number: int
    total: int | None
    per_page: int
    has_next: bool
    after: str = ""
    before: str = ""

    @property
    def first_no(self) -> int:
        return (self.number - 1) * self.per_page + 1

    @property
    def pages(self) -> int | None:
        return None if self.total is None else max(1, -(-self.total // self.per_page))


def page_of(rows: QuerySet[Any], asked: QueryDict, *, per_page: int) -> Page:
    """Return the page that `asked` names by `after`, `before` or `page`; anything malformed leads to page one."""
    ordered, keys = in_total_order(rows)
    number = max(1, _number(asked.get("page", "")))
    mark = _token_values(ordered, keys, asked.get("after", "")) if keys else None
    back = _token_values(ordered, keys, asked.get("before", "")) if keys and mark is None else None
    if number == 1 or (mark is None and back is None):
        return _numbered(ordered, keys, min(number, COUNTED // per_page), per_page)
    if mark is not None:
        found = list(ordered.filter(_beyond(keys, mark))[: per_page + 1])
        has_next = len(found) > per_page
        found = found[:per_page]
    else:
        turned = ordered.reverse().filter(_beyond([_turned(key) for key in keys], back or []))
        found, has_next = list(turned[:per_page])[::-1], True
    if not found:
        return _numbered(ordered, keys, 1, per_page)
    return _page(ordered, keys, found, number, per_page, has_next)


def in_total_order(rows: QuerySet[Any]) -> tuple[QuerySet[Any], list[Key]]:
    """
    Return `rows` in an order without ties, and its keys.

    The keys are empty if the order holds expressions that a later query could not resume from.
    """
    model: type[Model] = rows.model
    order: Sequence[Any] = rows.query.order_by or (model._meta.ordering if rows.query.default_ordering else ()) or ()
    if not all(isinstance(part, str) and part != "?" for part in order):
        return rows, []
    names = [part.lstrip("-") for part in order]
    if not rows.query.values_select and not {"pk", model._meta.pk.name} & set(names):
        order = [*order, "-pk" if order and order[-1].startswith("-") else "pk"]
    keys = [Key(part.lstrip("-"), part.startswith("-"), _nullable(model, part.lstrip("-"))) for part in order]
    return rows.order_by(*order), keys


def _numbered(rows: QuerySet[Any], keys: list[Key], number: int, per_page: int) -> Page:
    first = (number - 1) * per_page
    found = list(rows[first : first + per_page + 1])
    if not found and number > 1:
        return _numbered(rows, keys, 1, per_page)
    return _page(rows, keys, found[:per_page], number, per_page, len(found) > per_page)


def _page(rows: QuerySet[Any], keys: list[Key], found: list[Any], number: int, per_page: int, has_next: bool) -> Page:
    if number == 1 and not has_next:
        total: int | None = len(found)
    else:
        total = rows.order_by()[: COUNTED + 1].count()
    return Page(
        rows=found,
        number=number,
        total=None if total is not None and total > COUNTED else total,
        per_page=per_page,
        has_next=has_next,
        after=token_of(keys, found[-1]) if keys and has_next else "",
        before=token_of(keys, found[0]) if keys and found and number > 1 else "",
    )


def _beyond(keys: Sequence[Key], mark: Sequence[Any]) -> Q:
    """
    Return the rows that come after `mark` in the order of `keys`.

    PostgreSQL puts nulls last when ascending and first when descending. The leading `<=` or `>=` says nothing new:
    it lets an index on the first key start at the mark.
    """
    beyond, same = Q(), Q()
    for key, value in zip(keys, mark, strict=True):
        beyond |= same & _past(key, value)
        same &= Q(**{f"{key.path}__isnull": True}) if value is None else Q(**{key.path: value})
    first, value = keys[0], mark[0]
    if value is not None and not (first.nullable and not first.descending):
        beyond = Q(**{f"{first.path}__{'lte' if first.descending else 'gte'}": value}) & beyond
    return beyond


def _past(key: Key, value: Any) -> Q:
    if value is None:
        return Q(**{f"{key.path}__isnull": False}) if key.descending else Q(pk__in=[])
    past = Q(**{f"{key.path}__{'lt' if key.descending else 'gt'}": value})
    return past | Q(**{f"{key.path}__isnull": True}) if key.nullable and not key.descending else past


def _turned(key: Key) -> Key:
    return Key(key.path, not key.descending, key.nullable)


def _field(model: type[Model], path: str) -> "Field[Any, Any] | None":
    """Return the field at the end of `path`; None for an annotation."""
    here: Any = model
    field: Any = None
    for part in path.split("__"):
        try:
            field = here._meta.pk if part == "pk" else here._meta.get_field(part)
        except FieldDoesNotExist:
            return None
        here = field.related_model or here
    return field if isinstance(field, Field) else None


def _nullable(model: type[Model], path: str) -> bool:
    parts = path.split("__")
    fields = [_field(model, "__".join(parts[: n + 1])) for n in range(len(parts))]
    return any(field is None or field.null for field in fields)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 else 1


def token_of(keys: Sequence[Key], row: Any) -> str:
    """Return the mark of `row` in the order of `keys`: what `after` and `before` name."""
    values = [_plain(_value_at(row, key.path)) for key in keys]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _value_at(row: Any, path: str) -> Any:
    if isinstance(row, dict):
        return row[path]
    for part in path.split("__"):
        if row is None:
            return None
        row = getattr(row, part)
    return row.pk if isinstance(row, Model) else row


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | UUID) else value


def _token_values(rows: QuerySet[Any], keys: Sequence[Key], token: str) -> list[Any] | None:
    """Return what `token_of` packed, each value checked by its field; None for anything that it did not pack."""
    if not token or len(token) > 2000:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        if not isinstance(values, list) or len(values) != len(keys) or "\0" in str(values):
            return None
        return [_cleaned(_field(rows.model, key.path), value) for key, value in zip(keys, values, strict=True)]
    except (ValueError, TypeError, OverflowError, ValidationError, RecursionError):
        return None


def _cleaned(field: "Field[Any, Any] | None", value: Any) -> Any:
    if value is not None and not isinstance(value, str | int | float | bool):
        raise ValueError
    if isinstance(value, str) and "\0" in value:
        raise ValueError
    while isinstance(field, ForeignKey):
        field = field.target_field
    if value is None or field is None:
        return value
    return field.to_python(value)
