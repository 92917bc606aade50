"""By which door an opinion came in, for whoever may read it: the poster, the sheet of paper, the program."""

from django.urls import reverse
from django.utils.translation import gettext as _

from zoufang.channels.models import Arrival, PaperSheet
from zoufang.channels.paper.selectors import series_seen_by
from zoufang.opinions.models import Opinion
from zoufang.opinions.origins import Origin
from zoufang.organization.models import Officer


def origins_of(opinion: Opinion, viewer: Officer) -> list[Origin]:
    """Return the door by which the opinion came in, if it was one of these."""
    return [*_arrivals(opinion), *_sheets(opinion, viewer)]


def _arrivals(opinion: Opinion) -> list[Origin]:
    arrival = Arrival.objects.select_related("poster__unit", "client").filter(opinion=opinion).first()
    if arrival is None:
        return []
    if arrival.poster is not None:
        what = _("扫意见码 %(no)s") % {"no": arrival.poster.no}
        return [Origin(what, opinion.heard_at, url="", note=arrival.poster.place)]
    return [Origin(str(arrival.client), opinion.heard_at, url="", note="Open311")]


def _sheets(opinion: Opinion, viewer: Officer) -> list[Origin]:
    sheet = PaperSheet.objects.select_related("series__unit").filter(opinion=opinion).first()
    if sheet is None:
        return []
    seen = series_seen_by(viewer).filter(pk=sheet.series_id).exists()
    url = reverse("paper:series_page", args=[sheet.series_id]) if seen else ""
    what = _("征求意见表 %(code)s") % {"code": sheet.code}
    return [Origin(what, sheet.collected_at or opinion.heard_at, url=url, note=sheet.series.occasion)]
