"""Named reads of bulletins."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from zoufang.bulletins.models import Bulletin, BulletinFigure
from zoufang.kernel.period import Period
from zoufang.metrics.engine import Number, tabulate
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer
from zoufang.statistics.catalogue import CATALOGUE


def bulletins_seen_by(viewer: Officer) -> QuerySet[Bulletin]:
    """Return the issued bulletins, to everybody whose duties have to do with the campaign."""
    seen = Bulletin.objects.all() if access.may(viewer, Do.SEE_BULLETINS) else Bulletin.objects.none()
    return seen.select_related("issued_by", "unit")


def bulletins_on(period: Period) -> QuerySet[Bulletin]:
    """Return what has been issued on exactly these days: the first, and corrections of it; the latest first."""
    return Bulletin.objects.filter(first=period.first or period.last, last=period.last).order_by("-year", "-number")


@dataclass(frozen=True)
class Change:
    """A printed figure that would be counted differently today: a matter for the next bulletin."""

    figure: BulletinFigure
    now: Number | None

    @property
    def title(self) -> str:
        """What is counted, in words; the code of a metric that the catalogue has dropped since."""
        metric = self.figure.metric
        return str(CATALOGUE.get(metric).title) if metric in CATALOGUE else metric


def changes_since(bulletin: Bulletin) -> list[Change]:
    """Return the printed figures whose rows have changed since, with what they count now."""
    changes = []
    for figure in bulletin.figures.select_related("unit"):
        now = _counted_again(figure)
        if now is None or Decimal(now) != figure.value:
            changes.append(Change(figure, now))
    return changes


def _counted_again(figure: BulletinFigure) -> Number | None:
    if figure.metric not in CATALOGUE:
        return None
    period = Period(figure.first, figure.last)
    table = tabulate([CATALOGUE.get(figure.metric)], [figure.unit], period, by=figure.category or None)
    place = (figure.metric, figure.unit_id)
    return table[(*place, figure.category_key)] if figure.category else table[place]
