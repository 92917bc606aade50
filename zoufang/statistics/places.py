"""A map of the districts, drawn by ourselves: one hexagon a unit, placed by the unit tree alone. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

from zoufang.metrics.engine import Metric, Number, Table
from zoufang.organization.models import Unit
from zoufang.statistics.heat import LEVELS, level_of
from zoufang.statistics.questions import Question

SIZE = 42.0
_GAP = 2.0
# On a phone the map is as wide as the screen; on a desk it need not be much larger.
_ON_A_DESK = 1.25
_WIDTH = sqrt(3) * SIZE
# The six steps around a ring of hexagons, in axial coordinates.
_STEPS = ((1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1), (1, -1))
_LATIN_ON_A_LINE, _WIDE_ON_A_LINE = 11, 5


@dataclass(frozen=True)
class Hexagon:
    """One unit on the map; `level` shades it from 0 (nothing) to `LEVELS`, None where there is no value."""

    unit: Unit
    points: str
    x: str
    words: Sequence[tuple[str, str]]
    value_y: str
    value: Number | None
    shown: str
    level: int | None
    url: str
    is_wordy: bool = False


@dataclass(frozen=True)
class Places:
    """The map: its hexagons in the order of the units, and the box that they fill."""

    metric: Metric
    hexagons: Sequence[Hexagon]
    box: str
    width: int

    @property
    def levels(self) -> Sequence[int]:
        return range(LEVELS + 1)


def places_of(units: Sequence[Unit], table: Table, metric: Metric) -> Places | None:
    """
    Return the map of `units`, coloured by their values in `table`; None for fewer than two.

    Stations lie in the middle and county bureaus around them. The map says who lies within the town, not where.
    """
    inner = [unit for unit in units if unit.kind != Unit.Kind.COUNTY_BUREAU]
    outer = [unit for unit in units if unit.kind == Unit.Kind.COUNTY_BUREAU]
    if len(units) < 2:
        return None
    if not inner:
        inner, outer = outer, []
    spots = dict(zip([*inner, *outer], _spots(len(inner), len(outer)), strict=True))
    names = short_names(inner) | short_names(outer)
    values = {unit: table[metric.code, unit.pk] for unit in units}
    most = max((value for value in values.values() if value), default=0)
    hexagons = []
    for unit in units:
        x, y = spots[unit]
        value = values[unit]
        lines = _folded(names[unit])
        words = [(line, f"{y - 2 - 13 * (len(lines) - 1 - at):.1f}") for at, line in enumerate(lines)]
        hexagons.append(
            Hexagon(
                unit,
                _corners(x, y),
                f"{x:.1f}",
                words,
                f"{y + 19:.1f}",
                value,
                metric.shown(value),
                None if value is None else level_of(value, most),
                Question(unit, table.period).rows_url(metric),
                is_wordy=any(len(line) > _WIDE_ON_A_LINE for line in lines),
            )
        )
    box = _box(list(spots.values()))
    return Places(metric, hexagons, box, round(float(box.split()[2]) * _ON_A_DESK))


def _spots(inner: int, outer: int) -> list[tuple[float, float]]:
    """Return the centres of the hexagons: a spiral from the middle, and the outer ones spread evenly around it."""
    rings = _rings()
    taken: list[tuple[int, int]] = []
    left: list[tuple[int, int]] = []
    while len(taken) < inner:
        ring = next(rings)
        room = inner - len(taken)
        taken += ring[:room]
        left = ring[room:]
    if len(left) < outer:
        left = next(rings)
        while len(left) < outer:
            left += next(rings)
    taken += [left[at * len(left) // outer] for at in range(outer)]
    return [(_WIDTH * (q + r / 2), 1.5 * SIZE * r) for q, r in taken]


def _rings() -> Iterator[list[tuple[int, int]]]:
    """Yield the cells of one ring of hexagons after another, the middle first."""
    yield [(0, 0)]
    radius = 0
    while True:
        radius += 1
        q, r = 0, -radius
        ring = []
        for step_q, step_r in _STEPS:
            for _cell in range(radius):
                ring.append((q, r))
                q, r = q + step_q, r + step_r
        yield ring


def _corners(x: float, y: float) -> str:
    size = SIZE - _GAP / 2
    half = sqrt(3) * size / 2
    around = ((0, -size), (half, -size / 2), (half, size / 2), (0, size), (-half, size / 2), (-half, -size / 2))
    return " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in around)


def _box(spots: Sequence[tuple[float, float]]) -> str:
    xs, ys = [x for x, _y in spots], [y for _x, y in spots]
    left, top = min(xs) - _WIDTH / 2, min(ys) - SIZE
    return f"{left:.1f} {top:.1f} {max(xs) - min(xs) + _WIDTH:.1f} {max(ys) - min(ys) + 2 * SIZE:.1f}"


def short_names(units: Sequence[Unit]) -> dict[Unit, str]:
    """Return the names without the end that all of them share: 定和 of 定和派出所, Dinghe of Dinghe Police Station."""
    names = [unit.label for unit in units]
    if len(names) < 2:
        return dict(zip(units, names, strict=True))
    spaced = all(" " in name for name in names)
    parts = [name.split(" ") if spaced else list(name) for name in names]
    shared = 0
    while all(len(part) > shared + 1 and part[-1 - shared] == parts[0][-1 - shared] for part in parts):
        shared += 1
    joint = " " if spaced else ""
    return {unit: joint.join(part[: len(part) - shared]) for unit, part in zip(units, parts, strict=True)}


def _folded(name: str) -> list[str]:
    """Return a name in at most two lines that fit into a hexagon."""
    if name.isascii():
        if len(name) <= _LATIN_ON_A_LINE or " " not in name:
            return [name[:_LATIN_ON_A_LINE]]
        head, tail = name.split(" ", 1)
        return [head[:_LATIN_ON_A_LINE], tail[:_LATIN_ON_A_LINE]]
    if len(name) <= _WIDE_ON_A_LINE:
        return [name]
    return [name[:4], name[4:8]]
