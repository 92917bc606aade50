"""Field paths of declarations: which field a path ends in, and whether it crosses a to-many relation on the way."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.db.models.sql.datastructures import Join

from zoufang.kernel.period import Period


@dataclass(frozen=True)
class Target:
    """The end of a path: its field, and `many` if one row may reach several values of it."""

    field: Any
    many: bool

    @property
    def is_text(self) -> bool:
        return isinstance(self.field, models.CharField | models.TextField)


def target(rows: models.QuerySet[Any], path: str) -> Target:
    """
    Follow `path` (`"opinion__heard_by"`, or the name of an annotation of `rows`) to its end.

    :raises FieldDoesNotExist: if a step names no field of the model that it starts from.
    :raises TypeError: if the path goes on after a field that leads nowhere.
    """
    annotation = rows.query.annotations.get(path)
    if annotation is not None:
        return Target(getattr(annotation, "output_field", None), many=False)
    model, field, many = rows.model, None, False
    for step in path.split("__"):
        if model is None:
            raise TypeError(f"{path}: nothing lies behind {field}")
        field = model._meta.pk if step == "pk" else model._meta.get_field(step)
        many = many or bool(field.one_to_many or field.many_to_many)
        model = field.related_model
    return Target(field, many)


def crosses_many(rows: models.QuerySet[Any]) -> bool:
    """May the joins of `rows` repeat a row? Then rows are counted by distinct primary key."""
    return any(
        isinstance(join, Join)
        and rows.query.alias_refcount.get(alias)
        and isinstance(join.join_field, ForeignObjectRel)
        and not join.join_field.one_to_one
        for alias, join in rows.query.alias_map.items()
    )


def start_for(field: Any, period: Period) -> date | datetime | None:
    """Return where `period` starts, in the terms of `field`: a moment, or a local day for a DateField."""
    return period.start if isinstance(field, models.DateTimeField) else period.first


def end_for(field: Any, period: Period) -> date | datetime:
    """Return the first moment, or for a DateField the first local day, that lies after `period`."""
    return period.end if isinstance(field, models.DateTimeField) else period.last + timedelta(days=1)
