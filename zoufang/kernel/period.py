"""A period: local days from `first` to `last`, both included."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from zoufang.kernel.clock import start_of


@dataclass(frozen=True, order=True)
class Period:
    """
    Local days from `first` to `last`, both included; in queries the half-open span [`start`, `end`).

    A first day of None means "since the beginning" (截至口径).

    :raises ValueError: if `last` lies before `first`.
    """

    first: date | None
    last: date

    def __post_init__(self) -> None:
        if self.first is not None and self.last < self.first:
            raise ValueError(f"period ends on {self.last} before it starts on {self.first}")

    @property
    def start(self) -> datetime | None:
        return None if self.first is None else start_of(self.first)

    @property
    def end(self) -> datetime:
        """The first moment after the period."""
        return start_of(self.last + timedelta(days=1))

    @property
    def as_of(self) -> "Period":
        """The same end, counted since the beginning."""
        return Period(None, self.last)

    def months(self) -> Iterator["Period"]:
        """
        Yield the calendar months of the period, the first and the last cut to it.

        :raises ValueError: if the period has no first day.
        """
        if self.first is None:
            raise ValueError("a period without a first day has no list of months")
        day = self.first
        while day <= self.last:
            following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
            yield Period(day, min(self.last, following - timedelta(days=1)))
            day = following

    @classmethod
    def month(cls, year: int, month: int) -> "Period":
        first = date(year, month, 1)
        return cls(first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1))
