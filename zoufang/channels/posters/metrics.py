"""What is counted about posters: what was said at the places where they hang."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from zoufang.channels.models import Arrival
from zoufang.channels.posters.ledger import ARRIVAL_LEDGER
from zoufang.metrics.engine import Category, Count
from zoufang.opinions.vocabulary import Kind


def _by_poster() -> QuerySet[Arrival]:
    # A complaint goes to the visit office: whose poster it came by must learn of it by no figure either.
    return Arrival.objects.filter(poster__isnull=False).exclude(opinion__kind=Kind.COMPLAINT)


SCANNED = Count(
    code="posters.opinions",
    title=_("扫意见码来件"),
    per=_("条"),
    source=_("扫码来件台账"),
    note=_("归意见码张贴的单位，不含投诉。"),
    rows=_by_poster,
    at="opinion__heard_at",
    owner="poster__unit",
    categories={"kind": Category("opinion__kind", Kind)},
    ledger=ARRIVAL_LEDGER,
)

METRICS = (SCANNED,)
