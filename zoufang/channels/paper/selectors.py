"""Named reads of sheets of paper: which a unit may print and type, and by which code a citizen follows one."""

from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils.crypto import constant_time_compare

from zoufang.channels import rules
from zoufang.channels.models import PaperSeries, PaperSheet
from zoufang.kernel.clock import local_day, start_of
from zoufang.opinions.selectors import opinions_seen_by
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer
from zoufang.privacy.sealing import fingerprint

RECENT = 10


def series_seen_by(viewer: Officer) -> QuerySet[PaperSeries]:
    """Return the series whose sheets the viewer may type, newest first."""
    reach = access.within_reach(viewer, Do.REGISTER_OPINION, "unit__path")
    return PaperSeries.objects.filter(reach).select_related("unit", "made_by")


def with_counts(series: QuerySet[PaperSeries]) -> QuerySet[PaperSeries]:
    """Add to each series how many sheets were handed out, collected, and came back blank."""
    handed_out, collected = Q(sheets__handed_out_at__isnull=False), Q(sheets__collected_at__isnull=False)
    return series.annotate(handed_out=Count("sheets", filter=handed_out), collected=Count("sheets", filter=collected))


def sheets_seen_by(viewer: Officer) -> QuerySet[PaperSheet]:
    """Return the sheets that the viewer may type."""
    reach = access.within_reach(viewer, Do.REGISTER_OPINION, "series__unit__path")
    return PaperSheet.objects.filter(reach).select_related("series__unit", "typed_by")


def sheet_numbered(viewer: Officer, code: str) -> PaperSheet | None:
    """Return the sheet of this number, if the viewer may type it."""
    return sheets_seen_by(viewer).filter(pk__in=PaperSheet.objects.numbered(code).values("pk")).first()


def opinion_no(sheet: PaperSheet, viewer: Officer) -> str:
    """Return the number of what was typed from the sheet, if the viewer may know of it."""
    return opinions_seen_by(viewer).filter(paper_sheet=sheet).values_list("no", flat=True).first() or ""


def typed_today(viewer: Officer, *, now: datetime) -> list[tuple[PaperSheet, str]]:
    """Return the sheets that the viewer typed last today, newest first, each with its opinion's number if seen."""
    mine = sheets_seen_by(viewer).filter(typed_by=viewer, typed_at__gte=start_of(local_day(now)))
    last = list(mine.order_by("-typed_at", "-pk")[:RECENT])
    seen = opinions_seen_by(viewer).filter(pk__in=[sheet.opinion_id for sheet in last if sheet.opinion_id])
    nos = dict(seen.values_list("pk", "no"))
    return [(sheet, nos.get(sheet.opinion_id or 0, "")) for sheet in last]


def sheets_to_print(series: PaperSeries, *, first: int, last: int) -> QuerySet[PaperSheet]:
    """Return the sheets from `first` to `last` that did not come back: the code of one that did is not told again."""
    return series.sheets.filter(position__range=(first, last), collected_at=None).select_related("series__unit")


def code_of(sheet: PaperSheet) -> str:
    """Return the code on the part that the citizen keeps: unguessable without the server's key, and kept nowhere."""
    return rules.code_of(bytes.fromhex(fingerprint(sheet.code, purpose="channels.sheet")))


def is_on_its_way(*, no: str, code: str) -> bool:
    """Are these the number and code of a sheet that was not typed yet?"""
    sheet = PaperSheet.objects.numbered(no).filter(typed_at=None).first()
    right = code_of(sheet) if sheet else ""
    return constant_time_compare(right or " ", rules.plain_code(code))
