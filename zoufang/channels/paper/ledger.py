"""The ledger of sheets: what was handed out and what came back. What was written is in the ledger of opinions."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from zoufang.channels.models import PaperSheet
from zoufang.channels.paper import selectors
from zoufang.opinions.vocabulary import Source
from zoufang.organization.models import Officer
from zoufang.ui.ledger import Ledger
from zoufang.ui.listing import Column


def state_of(sheet: PaperSheet) -> str:
    """Say how far the sheet has come."""
    if sheet.is_typed:
        return _now("已回收")
    return _now("已发放") if sheet.handed_out_at else _now("未发放")


def _series_page(sheet: PaperSheet) -> str:
    return reverse("paper:series_page", args=[sheet.series_id])


def _rows(viewer: Officer) -> QuerySet[PaperSheet]:
    return selectors.sheets_seen_by(viewer).order_by("-series", "position")


PAPER_LEDGER = Ledger(
    code="paper",
    title=_("征求意见表台账"),
    rows=_rows,
    columns=(
        Column("code", _("表号"), lambda sheet: sheet.code, link=_series_page, code=True, key=True),
        Column("unit", _("征求单位"), lambda sheet: sheet.series.unit.label),
        Column("occasion", _("征求场合"), lambda sheet: sheet.series.occasion),
        Column("source", _("来源"), lambda sheet: Source(sheet.series.source).label),
        Column("handed_out_at", _("发放时间"), lambda sheet: sheet.handed_out_at),
        Column("collected_at", _("回收时间"), lambda sheet: sheet.collected_at),
        Column("state", _("状态"), state_of),
    ),
)
