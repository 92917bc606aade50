"""What a table asks for: units × period × one way of slicing, and where in it each owner's rows belong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from zoufang.kernel.period import Period
from zoufang.metrics.declarations import Key
from zoufang.metrics.months import months_of
from zoufang.organization.models import Unit

TOTAL: Key = None  # the key of the value before any slicing


@dataclass(frozen=True)
class Frame:
    """
    The question of one table, about each of `units` once. `tree` holds the paths of all units if they are no rows.

    The unit tree is small and its rows are many, so rows are grouped by their owner in the database and carried
    up the tree here: no query per unit.
    """

    units: Sequence[Unit]
    period: Period
    by: str | None
    tree: Mapping[int, str] | None = None

    @cached_property
    def paths(self) -> Mapping[int, str]:
        """The path of every unit of the bureau by primary key, read when it is first needed."""
        return self.tree or dict(Unit.objects.order_by().values_list("pk", "path"))

    @property
    def category(self) -> str | None:
        """The category that slices the table, if one does."""
        return None if self.by in (None, "unit", "month") else self.by

    @cached_property
    def spans(self) -> dict[Key, Period]:
        """The spans of time that are counted, each on its own: the period and, by month, its months."""
        months = months_of(self.period) if self.by == "month" else {}
        return {TOTAL: self.period, **months}

    @cached_property
    def places(self) -> dict[int, list[tuple[int, int]]]:
        """
        Where a row of each owner belongs: under which asked units, and there under which child.

        An owner that is itself the asked unit belongs under its own key: what is credited to it directly. Owners
        outside the asked units are absent.
        """
        asked = {unit.pk for unit in self.units}
        found: dict[int, list[tuple[int, int]]] = {}
        for owner, path in self.paths.items():
            line = [int(step) for step in path.strip("/").split("/")]
            below = [*line[1:], line[-1]]
            if under := [(pk, child) for pk, child in zip(line, below, strict=True) if pk in asked]:
                found[owner] = under
        return found

    @property
    def owners(self) -> list[int] | None:
        """The units whose rows are needed; None if that is every unit, and no filter helps."""
        return None if len(self.places) == len(self.paths) else sorted(self.places)
