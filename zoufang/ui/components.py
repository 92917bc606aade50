"""What the larger components are drawn from: plain values, made by views, drawn by the tags of `ui`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Tab:
    """One of several views of the same thing; `count` stands behind the label."""

    label: Any
    url: str
    current: bool = False
    count: int | str | None = None


@dataclass(frozen=True)
class Bar:
    """One line of a ranking: `value` sets the length, `text` is what is read (the value itself if empty)."""

    label: Any
    value: float
    text: Any = ""
    url: str = ""
    mine: bool = False


@dataclass(frozen=True)
class Happening:
    """One entry of a history; `facts` are label and text pairs under it."""

    at: datetime
    title: Any
    by: Any = ""
    text: str = ""
    tone: str = "neutral"
    facts: Sequence[tuple[Any, Any]] = ()


@dataclass(frozen=True)
class StepButton:
    """A step of a record: where it leads if it is open, and the reason in words if it is not."""

    label: Any
    url: str = ""
    reason: Any = ""
    tone: str = "plain"
    icon: str = ""
    hint: Any = ""

    @property
    def is_open(self) -> bool:
        return bool(self.url)


@dataclass(frozen=True)
class Series:
    """One line or group of bars: `urls` has an address for each value, or is empty."""

    name: Any
    values: Sequence[Any]
    urls: Sequence[str] = field(default=())


@dataclass(frozen=True)
class Chart:
    """
    A chart and the table that says the same. `kind` is "bar", "line" or "heat".

    A heat map has one series a row of the map; `labels` name its columns.
    """

    kind: str
    title: Any
    labels: Sequence[Any]
    series: Sequence[Series]
    per: Any = ""
    label_head: Any = ""

    def rows(self) -> list[tuple[Any, list[tuple[Any, str]]]]:
        """Return the table: each label with the value and address of every series."""
        return [
            (label, [(one.values[at], one.urls[at] if one.urls else "") for one in self.series])
            for at, label in enumerate(self.labels)
        ]

    def as_json(self) -> dict[str, Any]:
        """Return what the script draws."""
        return {
            "kind": self.kind,
            "labels": [str(label) for label in self.labels],
            "per": str(self.per),
            "series": [
                {
                    "name": str(one.name),
                    "values": [None if value is None else float(value) for value in one.values],
                    "urls": list(one.urls),
                }
                for one in self.series
            ],
        }
