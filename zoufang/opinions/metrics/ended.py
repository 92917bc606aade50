"""How matters ended, and how the citizens rate the answers."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zoufang.metrics.engine import Category, Count, Ratio
from zoufang.opinions.ledger import OUTCOME_LEDGER
from zoufang.opinions.metrics.rows import OUTCOME_CATEGORIES
from zoufang.opinions.models import Outcome, Rating
from zoufang.opinions.vocabulary import (
    OutcomeKind,
    Satisfaction,
)

OUTCOMES = Count(
    code="opinions.outcomes",
    title=_("确定办理结果"),
    per=_("条"),
    source=_("办理结果台账"),
    rows=Outcome.objects.all,
    at="decided_at",
    owner="referral__unit",
    settled="decided_at",
    unsettled="superseded_at",
    categories=OUTCOME_CATEGORIES,
    ledger=OUTCOME_LEDGER,
    note=_("后来改变了的，按期末的结果计。"),
)

OUTCOMES_SOLVED = Count(
    code="opinions.outcomes_solved",
    title=_("办理结果为已解决"),
    per=_("条"),
    source=_("办理结果台账"),
    rows=lambda: Outcome.objects.filter(kind=OutcomeKind.SOLVED),
    at="decided_at",
    owner="referral__unit",
    settled="decided_at",
    unsettled="superseded_at",
    categories=OUTCOME_CATEGORIES,
    ledger=OUTCOME_LEDGER,
)

OUTCOMES_SOLVED_RATE = Ratio(
    code="opinions.outcomes_solved_rate",
    title=_("承办认定解决率"),
    part=OUTCOMES_SOLVED,
    whole=OUTCOMES,
    note=_("承办单位自己的认定；群众的说法见回访解决率。"),
)

RATED = Count(
    code="ratings.given",
    title=pgettext_lazy("plural", "群众评价"),
    per=_("次"),
    source=_("评价记录"),
    rows=Rating.objects.all,
    at="at",
    owner="referral__unit",
    categories={"satisfaction": Category("satisfaction", Satisfaction)},
    note=_("并办的每位反映人各评一次。"),
)

SATISFIED = Count(
    code="ratings.satisfied",
    title=_("群众满意"),
    per=_("次"),
    source=_("评价记录"),
    rows=lambda: Rating.objects.filter(satisfaction__gte=Satisfaction.FAIRLY_SATISFIED),
    at="at",
    owner="referral__unit",
    categories={"satisfaction": Category("satisfaction", Satisfaction)},
)

SATISFACTION_RATE = Ratio(code="ratings.satisfaction_rate", title=_("群众满意率"), part=SATISFIED, whole=RATED)

METRICS = (OUTCOMES, OUTCOMES_SOLVED, OUTCOMES_SOLVED_RATE, RATED, SATISFIED, SATISFACTION_RATE)
