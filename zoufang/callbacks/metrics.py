"""The numbers of call-backs: solved and satisfied apart, how far the samples were asked, where levels were told otherwise."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from zoufang.callbacks.ledger import CALL_BACK_LEDGER, SAMPLE_LEDGER
from zoufang.callbacks.models import SampledReferral
from zoufang.metrics.engine import Category, Count, Ratio
from zoufang.opinions.metrics import REFERRAL_CATEGORIES
from zoufang.opinions.models import CallBack
from zoufang.opinions.vocabulary import CallLevel, Satisfaction

_OF_REFERRAL = {
    name: Category(f"referral__{category.path}", category.labels) for name, category in REFERRAL_CATEGORIES.items()
}
CALL_CATEGORIES = {
    "call_level": Category("level", CallLevel),
    "satisfaction": Category("satisfaction", Satisfaction),
    **_OF_REFERRAL,
}
SAMPLE_CATEGORIES = {"call_level": Category("sample__level", CallLevel), **_OF_REFERRAL}


def _reached() -> QuerySet[CallBack]:
    return CallBack.objects.filter(reached=True)


VALID = Count(
    code="callbacks.valid",
    title=_("有效回访"),
    per=_("次"),
    source=_("回访台账"),
    rows=_reached,
    at="at",
    owner="referral__unit",
    categories=CALL_CATEGORIES,
    ledger=CALL_BACK_LEDGER,
    note=_("接通并回答的；三次未接通的不计。"),
)
SOLVED = Count(
    code="callbacks.solved",
    title=_("回访已解决"),
    per=_("次"),
    source=_("回访台账"),
    rows=lambda: _reached().filter(solved=True),
    at="at",
    owner="referral__unit",
    categories=CALL_CATEGORIES,
    ledger=CALL_BACK_LEDGER,
)
SOLVE_RATE = Ratio(code="callbacks.solve_rate", title=_("回访解决率"), part=SOLVED, whole=VALID)
SATISFIED = Count(
    code="callbacks.satisfied",
    title=_("回访满意"),
    per=_("次"),
    source=_("回访台账"),
    rows=lambda: _reached().filter(satisfaction__gte=Satisfaction.FAIRLY_SATISFIED),
    at="at",
    owner="referral__unit",
    categories=CALL_CATEGORIES,
    ledger=CALL_BACK_LEDGER,
    note=_("含基本满意。"),
)
SATISFACTION_RATE = Ratio(code="callbacks.satisfaction_rate", title=_("回访满意率"), part=SATISFIED, whole=VALID)
ASKED_IF_TRUE = Count(
    code="callbacks.asked_if_true",
    title=_("回访核实"),
    per=_("次"),
    source=_("回访台账"),
    rows=lambda: _reached().exclude(confirmed=None),
    at="at",
    owner="referral__unit",
    categories=CALL_CATEGORIES,
    ledger=CALL_BACK_LEDGER,
    note=_("问过情况是否属实并得到回答的。"),
)
DENIED = Count(
    code="callbacks.denied",
    title=_("回访称无此走访或答复"),
    per=_("次"),
    source=_("回访台账"),
    rows=lambda: _reached().filter(confirmed=False),
    at="at",
    owner="referral__unit",
    categories=CALL_CATEGORIES,
    ledger=CALL_BACK_LEDGER,
)
DENIED_RATE = Ratio(code="callbacks.denied_rate", title=_("无此走访率"), part=DENIED, whole=ASKED_IF_TRUE)
COMPARED = Count(
    code="callbacks.compared",
    title=_("多级回访"),
    per=_("次"),
    source=_("回访台账"),
    rows=lambda: _reached().exclude(differs=None),
    at="at",
    owner="referral__unit",
    categories=CALL_CATEGORIES,
    ledger=CALL_BACK_LEDGER,
    note=_("下一级已经回访过，可以对照的。"),
)
DIFFERING = Count(
    code="callbacks.differing",
    title=_("与前次回访不一致"),
    per=_("次"),
    source=_("回访台账"),
    rows=lambda: _reached().filter(differs=True),
    at="at",
    owner="referral__unit",
    categories=CALL_CATEGORIES,
    ledger=CALL_BACK_LEDGER,
)
DISAGREEMENT_RATE = Ratio(code="callbacks.disagreement_rate", title=_("回访不一致率"), part=DIFFERING, whole=COMPARED)
DRAWN = Count(
    code="callbacks.drawn",
    title=_("应抽查回访"),
    per=_("件"),
    source=_("抽中回访"),
    rows=SampledReferral.objects.with_calls,
    at="sample__drawn_at",
    owner="referral__unit",
    settled="sample__drawn_at",
    unsettled="gave_up_at",
    categories=SAMPLE_CATEGORIES,
    ledger=SAMPLE_LEDGER,
    note=_("抽中的，三次未接通的不计。"),
)
DRAWN_REACHED = Count(
    code="callbacks.drawn_reached",
    title=_("已抽查回访"),
    per=_("件"),
    source=_("抽中回访"),
    rows=SampledReferral.objects.with_calls,
    at="sample__drawn_at",
    owner="referral__unit",
    settled="reached_at",
    categories=SAMPLE_CATEGORIES,
    ledger=SAMPLE_LEDGER,
)
COVERAGE = Ratio(code="callbacks.coverage", title=_("抽查回访率"), part=DRAWN_REACHED, whole=DRAWN)

METRICS = (
    VALID,
    SOLVED,
    SOLVE_RATE,
    SATISFIED,
    SATISFACTION_RATE,
    ASKED_IF_TRUE,
    DENIED,
    DENIED_RATE,
    COMPARED,
    DIFFERING,
    DISAGREEMENT_RATE,
    DRAWN,
    DRAWN_REACHED,
    COVERAGE,
)
