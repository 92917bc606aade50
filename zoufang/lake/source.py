"""Numbers read from a lake: one SELECT a number, the same for every engine."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from django.utils.translation import gettext as _

from zoufang.kernel.period import Period
from zoufang.kernel.refusal import Invalid
from zoufang.lake.facts import FactTable
from zoufang.lake.manifest import Manifest, place_of
from zoufang.metrics import paths
from zoufang.metrics.declarations import BLANK, Clock, Count, Key, Mean, Median, Number, OfRows, Typical
from zoufang.metrics.frame import Frame
from zoufang.metrics.sources import Cell
from zoufang.organization.models import Unit

# Whose facts belong where: (code of the unit credited, asked unit, its child on the way down).
Place = tuple[str, int, int]


class Engine(Protocol):
    """
    What runs a SELECT over the tables `facts` (files of `columns`) and `places`.

    The SELECT uses what standard SQL has: DuckDB and Spark both read it as it is.
    """

    def select(
        self, statement: str, *, files: Sequence[Path], columns: Mapping[str, str], places: Sequence[Place]
    ) -> list[tuple[Any, ...]]: ...


class LakeSource:
    """The source of tables over the units of a lake; `units` are those of its tree, by code."""

    def __init__(
        self, directory: Path, manifests: Sequence[Manifest], units: Mapping[str, Unit], engine: Engine
    ) -> None:
        self._directory = directory
        self._manifests = manifests
        self._codes = {unit.pk: code for code, unit in units.items()}
        self._engine = engine
        self._placed: tuple[Frame | None, list[Place]] = (None, [])

    def counts(self, metric: Count, frame: Frame) -> Mapping[Cell, Number]:
        if metric.distinct:
            # What the number cuts out is text, and an empty one is no value.
            number = "count(DISTINCT CASE WHEN f.different <> '' THEN f.different END)"
        elif metric.value:
            number = "sum(CAST(f.value AS DECIMAL(38, 0)))"
        else:
            number = "count(*)"
        return {cell: int(found) for cell, (found,) in self._told(metric, frame, [number]).items() if found}

    def typical(self, metric: Typical, frame: Frame) -> Mapping[Cell, tuple[Decimal, int]]:
        if isinstance(metric, Median):
            middle = "percentile_disc(0.5) WITHIN GROUP (ORDER BY f.value{way})"
            told = self._told(metric, frame, ["count(*)", middle.format(way=""), middle.format(way=" DESC")])
            return {cell: (_between(low, high), rows) for cell, (rows, low, high) in told.items() if rows}
        if isinstance(metric, Mean):
            told = self._told(metric, frame, ["count(*)", "sum(f.value)"])
            return {cell: (Decimal(total) / rows, rows) for cell, (rows, total) in told.items() if rows}
        raise TypeError(f"{metric.code}: no number of a known kind")

    def _told(self, metric: OfRows, frame: Frame, numbers: Sequence[str]) -> dict[Cell, tuple[Any, ...]]:
        """Return `numbers`, each an aggregate of facts `f`, for every cell of the frame that has a fact."""
        table = FactTable(metric)
        files = self._files(table, frame.period)
        if not files:
            return {}
        spans = list(frame.spans)
        tests = [_test(metric, period) for period in frame.spans.values()]
        wanted = [f"{number} FILTER (WHERE {test})" for test in tests for number in numbers]
        key = "p.child" if frame.by == "unit" else f"f.by_{frame.category}" if frame.category else None
        # The words of the statement come from declarations and days, not from people.
        statement = (
            f"SELECT p.unit, {key or 'NULL'}, {f'grouping({key})' if key else '1'}, {', '.join(wanted)}"  # noqa: S608
            f" FROM facts AS f JOIN places AS p ON p.owner = f.unit WHERE {_within(metric, frame.period)}"
            f" GROUP BY {f'GROUPING SETS ((p.unit), (p.unit, {key}))' if key else 'p.unit'}"
        )
        read = _reader(metric, frame)
        found: dict[Cell, tuple[Any, ...]] = {}
        rows = self._engine.select(statement, files=files, columns=table.columns, places=self._places(frame))
        for unit, part, is_total, *values in rows:
            for index, span in enumerate(spans):
                told = tuple(values[index * len(numbers) : (index + 1) * len(numbers)])
                found[unit, span if is_total else read(part)] = told
        return found

    def _places(self, frame: Frame) -> list[Place]:
        if self._placed[0] is not frame:
            places = [
                (self._codes[owner], unit, child) for owner, under in frame.places.items() for unit, child in under
            ]
            self._placed = (frame, places)
        return self._placed[1]

    def _files(self, table: FactTable, period: Period) -> list[Path]:
        """
        Return the files with facts that may count.

        :raises Invalid: if a bureau exported the number as another version of the program declares it, or one is gone.
        """
        code = table.metric.code
        since = f"{period.first:%Y-%m}" if period.first and table.metric.clock is Clock.FLOW else ""
        files = []
        for manifest in self._manifests:
            kept = manifest.facts.get(code)
            if kept is None or kept.digest != table.digest:
                raise Invalid(
                    _(
                        "数据湖中 %(bureau)s 的“%(title)s”是按另一种口径导出的，请该市局用同一版本重新运行 zoufang lake export。"
                    )
                    % {"bureau": manifest.bureau, "title": table.metric.title}
                )
            files += [
                place_of(self._directory, code, manifest.bureau, month) / name
                for month, name in kept.months.items()
                if since <= month <= f"{period.last:%Y-%m}"
            ]
        if missing := next((file for file in files if not file.exists()), None):
            raise Invalid(_("数据湖中缺少文件 %(file)s，请重新导出，或把 facts 目录同步完整。") % {"file": missing})
        return files


def _within(metric: OfRows, period: Period) -> str:
    """Return the test of facts that are dated in the period."""
    tests = [f"f.dated < {_day(period.last + timedelta(days=1))}"]
    if metric.clock is Clock.FLOW and period.first is not None:
        tests.append(f"f.dated >= {_day(period.first)}")
    return " AND ".join(tests)


def _test(metric: OfRows, period: Period) -> str:
    """Return the test of facts that count over the period: `OfRows.counted`, in local days."""
    end = _day(period.last + timedelta(days=1))
    tests = [_within(metric, period)]
    if metric.settled:
        tests.append(f"f.settled < {end}")
    if metric.unsettled:
        tests.append(f"(f.unsettled IS NULL OR f.unsettled >= {end})")
    return " AND ".join(tests)


def _day(day: date) -> str:
    return f"DATE '{day.isoformat()}'"


def _between(low: float, high: float) -> Decimal:
    """Return what lies between the two in the middle, to the last bit as PostgreSQL's percentile_cont has it."""
    return Decimal(str(low + 0.5 * (high - low)))


def _reader(metric: OfRows, frame: Frame) -> Any:
    """Return what makes a key of what the engine returned: a value of the category's field, or blank."""
    if frame.category is None:
        return int
    end = paths.target(metric.base(), metric.category(frame.category).path)
    field = getattr(end.field, "target_field", end.field)

    def read(key: str) -> Key:
        return field.to_python(key) if key else BLANK

    return read
