"""What is counted about visits. Voided visits never are."""

from django.db.models import F
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zoufang.metrics.engine import Category, Clock, Count, Median, Ratio
from zoufang.opinions.vocabulary import ObjectCategory
from zoufang.visits.ledger import VISIT_LEDGER
from zoufang.visits.models import Visit, VisitQuerySet
from zoufang.visits.vocabulary import Mode, ModeGroup, Theme

CATEGORIES = {
    "mode": Category("mode", Mode),
    "mode_group": Category("mode_group", ModeGroup),
    "object_category": Category("object_category", ObjectCategory),
    "theme": Category("theme", Theme),
}


def _standing() -> VisitQuerySet:
    return Visit.objects.standing()


RECORDED = Count(
    code="visits.recorded",
    title=pgettext_lazy("plural", "走访"),
    per=_("条"),
    source=_("走访台账"),
    note=_("按走访时间统计，归走访单位。"),
    rows=_standing,
    at="visited_at",
    owner="unit",
    clock=Clock.FLOW,
    categories=CATEGORIES,
    ledger=VISIT_LEDGER,
)

HEADCOUNT = Count(
    code="visits.headcount",
    title=_("走访人次"),
    per=pgettext_lazy("measure", "人次"),
    source=_("走访台账"),
    rows=_standing,
    at="visited_at",
    owner="unit",
    clock=Clock.FLOW,
    value="headcount",
    categories=CATEGORIES,
    ledger=VISIT_LEDGER,
)

ENTERED = Count(
    code="visits.entered",
    title=_("录入走访信息"),
    per=_("条"),
    source=_("走访台账"),
    note=_("按录入时间统计，用于“系统上线以来”。"),
    rows=_standing,
    at="recorded_at",
    owner="unit",
    clock=Clock.FLOW,
    categories=CATEGORIES,
    ledger=VISIT_LEDGER,
)

WITH_OPINIONS = Count(
    code="visits.with_opinions",
    title=_("征得意见的走访"),
    per=_("条"),
    source=_("走访台账"),
    rows=lambda: _standing().filter(opinion_count__gt=0),
    at="visited_at",
    owner="unit",
    clock=Clock.FLOW,
    categories=CATEGORIES,
    ledger=VISIT_LEDGER,
)

WITH_QUESTION = Count(
    code="visits.with_question",
    title=_("带题走访"),
    per=_("条"),
    source=_("走访台账"),
    rows=lambda: _standing().exclude(question=""),
    at="visited_at",
    owner="unit",
    clock=Clock.FLOW,
    categories=CATEGORIES,
    ledger=VISIT_LEDGER,
)

QUESTION_RATE = Ratio(
    code="visits.question_rate", title=_("带题走访率"), source=_("走访台账"), part=WITH_QUESTION, whole=RECORDED
)

PROSECUTION_COURT_HEADCOUNT = Count(
    code="visits.prosecution_court_headcount",
    title=_("走访检法机关办案人员"),
    per=pgettext_lazy("measure", "人次"),
    source=_("走访台账"),
    rows=lambda: _standing().filter(object_category=ObjectCategory.PROSECUTION_COURT),
    at="visited_at",
    owner="unit",
    clock=Clock.FLOW,
    value="headcount",
    categories=CATEGORIES,
    ledger=VISIT_LEDGER,
)

ENTRY_DELAY = Median(
    code="visits.entry_delay",
    title=_("录入时延（中位数）"),
    per=_("小时"),
    source=_("走访台账"),
    note=_("从走访到录入的时间；三项关键指标之一：收集慢。"),
    rows=_standing,
    at="visited_at",
    owner="unit",
    clock=Clock.FLOW,
    value=F("recorded_at") - F("visited_at"),
    categories=CATEGORIES,
    ledger=VISIT_LEDGER,
)

METRICS = (
    RECORDED,
    HEADCOUNT,
    ENTERED,
    WITH_OPINIONS,
    WITH_QUESTION,
    QUESTION_RATE,
    PROSECUTION_COURT_HEADCOUNT,
    ENTRY_DELAY,
)
