"""What is counted about sheets of paper: handed out, come back."""

from django.utils.translation import gettext_lazy as _

from zoufang.channels.models import PaperSheet
from zoufang.channels.paper.ledger import PAPER_LEDGER
from zoufang.metrics.engine import Category, Count, Ratio
from zoufang.opinions.vocabulary import ObjectCategory, Source

_CATEGORIES = {
    "source": Category("series__source", Source),
    "object_category": Category("series__object_category", ObjectCategory),
}

HANDED_OUT = Count(
    code="paper.handed_out",
    title=_("发放征求意见表"),
    per=_("份"),
    source=_("征求意见表台账"),
    rows=PaperSheet.objects.all,
    at="handed_out_at",
    owner="series__unit",
    categories=_CATEGORIES,
    ledger=PAPER_LEDGER,
)
COLLECTED = Count(
    code="paper.collected",
    title=_("回收征求意见表"),
    per=_("份"),
    source=_("征求意见表台账"),
    note=_("含空白表。"),
    rows=PaperSheet.objects.all,
    at="collected_at",
    owner="series__unit",
    categories=_CATEGORIES,
    ledger=PAPER_LEDGER,
)
RETURNED = Count(
    code="paper.returned",
    title=_("发放后收回的征求意见表"),
    per=_("份"),
    source=_("征求意见表台账"),
    note=_("按发放时间统计，期末以前收回的。"),
    rows=PaperSheet.objects.all,
    at="handed_out_at",
    owner="series__unit",
    settled="collected_at",
    categories=_CATEGORIES,
    ledger=PAPER_LEDGER,
)
RETURN_RATE = Ratio(
    code="paper.return_rate",
    title=_("征求意见表回收率"),
    source=_("征求意见表台账"),
    part=RETURNED,
    whole=HANDED_OUT,
)

METRICS = (HANDED_OUT, COLLECTED, RETURNED, RETURN_RATE)
