"""Named reads of bulletins."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from zoufang.bulletins.models import Bulletin, BulletinFigure
from zoufang.kernel.period import Period
from zoufang.metrics.engine import Count, Number, at_one_instant, tabulate
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer
from zoufang.statistics.catalogue import CATALOGUE
from zoufang.statistics.drill import came_late
from zoufang.statistics.questions import Question


def bulletins_seen_by(viewer: Officer) -> QuerySet[Bulletin]:
    """Return the issued bulletins, to everybody whose duties have to do with the campaign."""
    seen = Bulletin.objects.all() if access.may(viewer, Do.SEE_BULLETINS) else Bulletin.objects.none()
    return seen.select_related("issued_by", "unit")


def bulletins_on(period: Period) -> QuerySet[Bulletin]:
    """Return what has been issued on exactly these days: the first, and corrections of it; the latest first."""
    return Bulletin.objects.filter(first=period.first or period.last, last=period.last).order_by("-year", "-number")


@dataclass(frozen=True)
class Change:
    """
    A printed figure that would be counted differently today: a matter for the next bulletin.

    `late` is how many of the rows that count now were entered after the bulletin was issued.
    """

    figure: BulletinFigure
    now: Number | None
    late: int = 0

    @property
    def title(self) -> str:
        """What is counted, in words; the code of a metric that the catalogue has dropped since."""
        metric = self.figure.metric
        return str(CATALOGUE.get(metric).title) if metric in CATALOGUE else metric

    @property
    def was(self) -> Number:
        """The value that was printed: a whole number where it is one."""
        value = self.figure.value
        return int(value) if value == int(value) else value.normalize()

    @property
    def difference(self) -> str:
        """By how much it is more or less now, with its sign; empty where it is not counted any more."""
        return "" if self.now is None else _signed(Decimal(self.now) - self.figure.value)

    @property
    def corrected(self) -> str:
        """
        By how much rows that were known at the time have changed the figure since, with its sign.

        Only a number of rows is the sum of what came late and what was corrected; for others it is empty.
        """
        metric = CATALOGUE.get(self.figure.metric) if self.figure.metric in CATALOGUE else None
        if self.now is None or not isinstance(metric, Count) or metric.value or metric.distinct:
            return ""
        return _signed(Decimal(self.now) - self.figure.value - self.late)

    @property
    def rows_url(self) -> str:
        """The page with the rows that count now; empty for a figure that has none."""
        return self._url()

    @property
    def late_url(self) -> str:
        """The page with those of them that were entered after the bulletin was issued."""
        return self._url(entered=self.figure.bulletin.issued_at.isoformat())

    def _url(self, **more: str) -> str:
        code = self.figure.metric
        if code not in CATALOGUE or not CATALOGUE.get(code).has_rows:
            return ""
        return _question(self.figure).rows_url(CATALOGUE.get(code), **_part(self.figure), **more)


def _question(figure: BulletinFigure) -> Question:
    return Question(figure.unit, Period(figure.first, figure.last))


def _part(figure: BulletinFigure) -> dict[str, str]:
    return {figure.category: figure.category_key} if figure.category else {}


def _signed(difference: Decimal) -> str:
    if not difference:
        return ""
    size = f"{abs(difference).normalize():,f}"
    return f"+{size}" if difference > 0 else f"−{size}"


@at_one_instant
def changes_since(bulletin: Bulletin) -> list[Change]:
    """
    Return the printed figures whose rows have changed since, with what they count now. All are of one instant.

    Costs one table for each unit, period and category that the bulletin speaks of, and a query a changed figure.
    """
    figures = list(bulletin.figures.select_related("unit"))
    found = []
    for figure, now in zip(figures, _counted_again(figures), strict=True):
        if now is None or Decimal(now) != figure.value:
            figure.bulletin = bulletin
            found.append(Change(figure, now, _late(figure)))
    return found


def _counted_again(figures: Sequence[BulletinFigure]) -> list[Number | None]:
    """Return what each figure counts now, None for those whose metric the catalogue has dropped."""
    together: dict[tuple[int, Period, str], list[BulletinFigure]] = {}
    for figure in figures:
        if figure.metric in CATALOGUE:
            place = (figure.unit_id, Period(figure.first, figure.last), figure.category)
            together.setdefault(place, []).append(figure)
    now: dict[int, Number | None] = {}
    for (unit, period, category), members in together.items():
        metrics = {figure.metric: CATALOGUE.get(figure.metric) for figure in members}
        table = tabulate(list(metrics.values()), [members[0].unit], period, by=category or None)
        for figure in members:
            at = (figure.metric, unit)
            now[figure.pk] = table[(*at, figure.category_key)] if category else table[at]
    return [now.get(figure.pk) for figure in figures]


def _late(figure: BulletinFigure) -> int:
    if figure.metric not in CATALOGUE:
        return 0
    return came_late(CATALOGUE.get(figure.metric), _question(figure), _part(figure), figure.bulletin.issued_at)
