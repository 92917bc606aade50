"""The numbers of opinions: heard, answered for, rectified, in time, and what the citizens say of it."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Least
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zoufang.metrics.engine import Category, Clock, Count, Mean, Median, Ratio
from zoufang.opinions.ledger import OPINION_LEDGER, OUTCOME_LEDGER, RECTIFICATION_LEDGER, REFERRAL_LEDGER
from zoufang.opinions.models import Opinion, Outcome, Rating, Rectification, Referral, Topic
from zoufang.opinions.vocabulary import (
    SOURCE_GROUPS,
    Kind,
    ObjectCategory,
    OutcomeKind,
    Satisfaction,
    Source,
    SourceGroup,
)


def _topic_names() -> dict[object, str]:
    return {topic.code: topic.label for topic in Topic.objects.all()}


OPINION_CATEGORIES = {
    "kind": Category("kind", Kind),
    "source": Category("source", Source),
    "topic": Category("topic__parent__code", _topic_names),
    "subtopic": Category("topic__code", _topic_names),
    "object_category": Category("object_category", ObjectCategory),
}
REFERRAL_CATEGORIES = {
    name: Category(f"opinion__{category.path}", category.labels) for name, category in OPINION_CATEGORIES.items()
}

OUTCOME_CATEGORIES = {
    "outcome": Category("kind", OutcomeKind),
    **{name: Category(f"referral__{each.path}", each.labels) for name, each in REFERRAL_CATEGORIES.items()},
}


def _open_door() -> QuerySet[Opinion]:
    return Opinion.objects.filter(source__in=SOURCE_GROUPS[SourceGroup.OPEN_DOOR])


def _from_courts() -> QuerySet[Opinion]:
    return Opinion.objects.filter(object_category=ObjectCategory.PROSECUTION_COURT)


def _rectified_open_door() -> QuerySet[Rectification]:
    heard = Referral.objects.filter(
        rectification=OuterRef("pk"), opinion__source__in=SOURCE_GROUPS[SourceGroup.OPEN_DOOR]
    )
    return Rectification.objects.filter(Exists(heard))


def _made() -> QuerySet[Referral]:
    """Leave out what was recalled at once: nobody was made to answer, so nobody is measured by it."""
    return Referral.objects.filter(recalled_at=None)


def _work() -> QuerySet[Referral]:
    """Return the referrals that are work of their own: what only follows the one of the main opinion is not."""
    return _made().filter(follows=None)


def _answered_for() -> QuerySet[Referral]:
    return _work().filter(returned_at=None)


def _fallen_due() -> QuerySet[Referral]:
    """Leave out what was joined before its day: from then on the main opinion's deadline is the one that counts."""
    # What was reopened before it was joined fell due in its own time.
    stood = Q(opinion__joined_at=None) | Q(opinion__joined_at__gte=F("due_at")) | Q(reopened_at__isnull=False)
    return _answered_for().filter(stood)


def _with_end() -> QuerySet[Referral]:
    """Return the referrals with the moment from which the unit did not have them in hand any more."""
    return _work().annotate(over_at=Least("closed_at", "returned_at", "reopened_at", "opinion__joined_at"))


def _unfinished() -> QuerySet[Referral]:
    """Return the referrals with the moment from which nothing was left to be finished by a deadline of theirs."""
    return _answered_for().annotate(
        done_at=Least("finished_at", "opinion__joined_at"), taken_at=Least("signed_at", "opinion__joined_at")
    )


HEARD = Count(
    code="opinions.heard",
    title=_("征求意见建议"),
    per=_("条"),
    source=_("征求意见建议台账"),
    rows=Opinion.objects.all,
    at="heard_at",
    owner="heard_by",
    categories=OPINION_CATEGORIES,
    ledger=OPINION_LEDGER,
    note=_("并办的各计一条。"),
)
CONCERNS = Count(
    code="opinions.concerns",
    title=_("群众诉求"),
    per=_("条"),
    source=_("征求意见建议台账"),
    note=_("不含投诉，用于热点和同类意见。并办的各计一条。"),
    rows=Opinion.objects.about_matters,
    at="heard_at",
    owner="heard_by",
    categories={name: OPINION_CATEGORIES[name] for name in ("topic", "subtopic")},
    ledger=OPINION_LEDGER,
)
FROM_VISITS = Count(
    code="opinions.from_visits",
    title=_("走访征求意见"),
    per=_("条"),
    source=_("征求意见建议台账"),
    rows=lambda: Opinion.objects.filter(source__in=SOURCE_GROUPS[SourceGroup.VISIT]),
    at="heard_at",
    owner="heard_by",
    categories=OPINION_CATEGORIES,
    ledger=OPINION_LEDGER,
    note=_("并办的各计一条。"),
)
OPEN_DOOR = Count(
    code="opinions.open_door",
    title=_("开门评警征求意见建议"),
    per=_("条"),
    source=_("征求意见建议台账"),
    rows=_open_door,
    at="heard_at",
    owner="heard_by",
    clock=Clock.AS_OF,
    settled="heard_at",
    unsettled="joined_at",
    categories=OPINION_CATEGORIES,
    ledger=OPINION_LEDGER,
    note=_("期末已并入他条的不重复计。"),
)
OPEN_DOOR_RECTIFIED = Count(
    code="rectifications.open_door",
    title=_("开门评警整改解决问题"),
    per=_("件"),
    source=_("整改台账"),
    rows=_rectified_open_door,
    at="verified_at",
    owner="unit",
    clock=Clock.AS_OF,
    ledger=RECTIFICATION_LEDGER,
    note=_("一件整改解决的各条意见，只计一件。"),
)
RECTIFIED = Count(
    code="rectifications.verified",
    title=_("整改核验"),
    per=_("件"),
    source=_("整改台账"),
    rows=Rectification.objects.all,
    at="verified_at",
    owner="unit",
    ledger=RECTIFICATION_LEDGER,
    note=_("一件整改解决的各条意见，只计一件。"),
)
VERIFIED_FIRST = Count(
    code="rectifications.verified_first",
    title=_("一次核验通过"),
    per=_("件"),
    source=_("整改台账"),
    rows=lambda: Rectification.objects.filter(rejections=0),
    at="verified_at",
    owner="unit",
    ledger=RECTIFICATION_LEDGER,
)
FIRST_TIME_RATE = Ratio(
    code="rectifications.first_time_rate", title=_("一次核验通过率"), part=VERIFIED_FIRST, whole=RECTIFIED
)
FROM_COURTS = Count(
    code="opinions.from_courts",
    title=_("检法办案人员意见建议"),
    per=_("项"),
    source=_("征求意见建议台账"),
    rows=_from_courts,
    at="heard_at",
    owner="heard_by",
    clock=Clock.AS_OF,
    ledger=OPINION_LEDGER,
    note=_("并办的各计一条。"),
)
FROM_COURTS_RECTIFIED = Count(
    code="opinions.from_courts_rectified",
    title=_("检法办案人员意见建议已整改"),
    per=_("项"),
    source=_("征求意见建议台账"),
    rows=_from_courts,
    at="heard_at",
    owner="heard_by",
    clock=Clock.AS_OF,
    settled="referrals__rectification__verified_at",
    unsettled="referrals__reopened_at",
    ledger=OPINION_LEDGER,
    note=_("并办的随主件整改，各计一项。"),
)
FROM_COURTS_RATE = Ratio(
    code="opinions.from_courts_rate",
    title=_("检法办案人员意见整改率"),
    part=FROM_COURTS_RECTIFIED,
    whole=FROM_COURTS,
)
REFERRED = Count(
    code="referrals.made",
    title=pgettext_lazy("plural", "转办"),
    per=_("件次"),
    source=_("转办台账"),
    rows=_work,
    at="referred_at",
    owner="unit",
    categories=REFERRAL_CATEGORIES,
    ledger=REFERRAL_LEDGER,
    note=_("并办后的办理只计主件；不含未签收即撤回的转办。"),
)
RETURNED = Count(
    code="referrals.returned",
    title=pgettext_lazy("plural", "退回"),
    per=_("件次"),
    source=_("转办台账"),
    rows=lambda: _work().exclude(returned_at=None),
    at="returned_at",
    owner="unit",
    categories={"reason": Category("return_reason", Referral.ReturnReason)},
    ledger=REFERRAL_LEDGER,
)
CLOSED = Count(
    code="opinions.closed",
    title=_("办结意见建议"),
    per=_("条"),
    source=_("转办台账"),
    rows=lambda: Referral.objects.exclude(closed_at=None),
    at="closed_at",
    owner="unit",
    settled="closed_at",
    unsettled="reopened_at",
    categories=REFERRAL_CATEGORIES,
    ledger=REFERRAL_LEDGER,
    note=_("并办的随主件办结，各计一条。"),
)
CLOSED_HEARD = Count(
    code="opinions.closed_of_heard",
    title=_("收集的意见已办结"),
    per=_("条"),
    source=_("征求意见建议台账"),
    rows=Opinion.objects.all,
    at="heard_at",
    owner="heard_by",
    settled="referrals__closed_at",
    unsettled="referrals__reopened_at",
    categories=OPINION_CATEGORIES,
    ledger=OPINION_LEDGER,
    note=_("并办的随主件办结，各计一条。"),
)
CLOSURE_RATE = Ratio(code="opinions.closure_rate", title=_("意见办结率"), part=CLOSED_HEARD, whole=HEARD)
DUE = Count(
    code="referrals.due",
    title=_("应办结"),
    per=_("件"),
    source=_("转办台账"),
    rows=_fallen_due,
    at="due_at",
    owner="unit",
    categories=REFERRAL_CATEGORIES,
    ledger=REFERRAL_LEDGER,
    note=_("到期前已并入他条的不计，由主件计。"),
)
DONE_IN_TIME = Count(
    code="referrals.done_in_time",
    title=_("按时办结"),
    per=_("件"),
    source=_("转办台账"),
    rows=lambda: _fallen_due().filter(finished_at__lt=F("due_at")),
    at="due_at",
    owner="unit",
    categories=REFERRAL_CATEGORIES,
    ledger=REFERRAL_LEDGER,
)
ON_TIME_RATE = Ratio(
    code="referrals.on_time_rate",
    title=_("按时办结率"),
    part=DONE_IN_TIME,
    whole=DUE,
    note=_("到期未办结的计入分母；经批准延期、等群众补充的，按顺延后的期限算。"),
)
CONTACT_DUE = Count(
    code="referrals.contact_due",
    title=_("应联系"),
    per=_("件"),
    source=_("转办台账"),
    rows=lambda: _answered_for().exclude(contact_due_at=None),
    at="contact_due_at",
    owner="unit",
    categories=REFERRAL_CATEGORIES,
    ledger=REFERRAL_LEDGER,
    note=_("首次联系期限在期内届满；匿名、无法联系的不计。"),
)
CONTACTED_IN_TIME = Count(
    code="referrals.contacted_in_time",
    title=_("按时联系"),
    per=_("件"),
    source=_("转办台账"),
    rows=lambda: _answered_for().filter(contacted_at__lt=F("contact_due_at")),
    at="contact_due_at",
    owner="unit",
    categories=REFERRAL_CATEGORIES,
    ledger=REFERRAL_LEDGER,
)
RESPONSE_RATE = Ratio(
    code="referrals.response_rate",
    title=_("响应率"),
    part=CONTACTED_IN_TIME,
    whole=CONTACT_DUE,
    note=_("规定时限内与群众首次联系的占应联系的比例；到期未联系的计入分母。"),
)
OVERDUE = Count(
    code="referrals.overdue",
    title=_("超期未办结"),
    per=_("件"),
    source=_("转办台账"),
    rows=_unfinished,
    at="due_at",
    owner="unit",
    clock=Clock.AS_OF,
    settled="referred_at",
    unsettled="done_at",
    categories=REFERRAL_CATEGORIES,
    ledger=REFERRAL_LEDGER,
    note=_("期末已到期而尚未办理完成。并入他条的由主件计。"),
)
FALLING_DUE = Count(
    code="referrals.falling_due",
    title=_("到期未办结"),
    per=_("件"),
    source=_("转办台账"),
    rows=_unfinished,
    at="due_at",
    owner="unit",
    settled="referred_at",
    unsettled="done_at",
    ledger=REFERRAL_LEDGER,
    note=_("办理期限在期内届满，期末尚未办理完成；期限日次日为到期。并入他条的由主件计。"),
)
UNSIGNED = Count(
    code="referrals.unsigned",
    title=_("超期未签收"),
    per=_("件"),
    source=_("转办台账"),
    rows=_unfinished,
    at="sign_due_at",
    owner="unit",
    clock=Clock.AS_OF,
    settled="referred_at",
    unsettled="taken_at",
    ledger=REFERRAL_LEDGER,
    note=_("期末签收期限已过而尚未签收。并入他条的由主件计。"),
)
UNSIGNED_DUE = Count(
    code="referrals.unsigned_due",
    title=_("到期未签收"),
    per=_("件"),
    source=_("转办台账"),
    rows=_unfinished,
    at="sign_due_at",
    owner="unit",
    settled="referred_at",
    unsettled="taken_at",
    ledger=REFERRAL_LEDGER,
    note=_("签收期限在期内届满，期末尚未签收；期限日次日为到期。并入他条的由主件计。"),
)
OPEN = Count(
    code="referrals.open",
    title=_("在办转办"),
    per=_("件"),
    source=_("转办台账"),
    rows=_with_end,
    at="referred_at",
    owner="unit",
    clock=Clock.AS_OF,
    settled="referred_at",
    unsettled="over_at",
    ledger=REFERRAL_LEDGER,
    note=_("期末已转办而尚未办结、退回或重新办理。并入他条的由主件计。"),
)
REFERRAL_DELAY = Median(
    code="referrals.delay",
    title=_("转办时延"),
    per=_("小时"),
    source=_("转办台账"),
    rows=lambda: _work().filter(hop=1),
    at="referred_at",
    owner="opinion__heard_by",
    value=F("referred_at") - F("opinion__heard_at"),
    categories=REFERRAL_CATEGORIES,
    ledger=REFERRAL_LEDGER,
    note=_("从收集到首次转出的中位数。"),
)
HOPS = Mean(
    code="referrals.hops",
    title=_("平均转办次数"),
    per=_("次"),
    source=_("转办台账"),
    rows=lambda: _answered_for().exclude(signed_at=None),
    at="referred_at",
    owner="opinion__heard_by",
    value=F("hop"),
    categories=REFERRAL_CATEGORIES,
    ledger=REFERRAL_LEDGER,
)
RECTIFICATION_TIME = Median(
    code="referrals.rectification_time",
    title=_("整改周期"),
    per=_("小时"),
    source=_("转办台账"),
    rows=lambda: _work().exclude(finished_at=None).exclude(rectification=None),
    at="finished_at",
    owner="unit",
    value=F("finished_at") - F("opinion__heard_at"),
    categories=REFERRAL_CATEGORIES,
    ledger=REFERRAL_LEDGER,
    note=_("从收集到整改完成的中位数。并办的只计主件。"),
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

METRICS = (
    HEARD,
    CONCERNS,
    FROM_VISITS,
    OPEN_DOOR,
    OPEN_DOOR_RECTIFIED,
    RECTIFIED,
    VERIFIED_FIRST,
    FIRST_TIME_RATE,
    FROM_COURTS,
    FROM_COURTS_RECTIFIED,
    FROM_COURTS_RATE,
    REFERRED,
    RETURNED,
    CLOSED,
    CLOSED_HEARD,
    CLOSURE_RATE,
    DUE,
    DONE_IN_TIME,
    ON_TIME_RATE,
    CONTACT_DUE,
    CONTACTED_IN_TIME,
    RESPONSE_RATE,
    OVERDUE,
    FALLING_DUE,
    UNSIGNED,
    UNSIGNED_DUE,
    OPEN,
    REFERRAL_DELAY,
    HOPS,
    RECTIFICATION_TIME,
    OUTCOMES,
    OUTCOMES_SOLVED,
    OUTCOMES_SOLVED_RATE,
    RATED,
    SATISFIED,
    SATISFACTION_RATE,
)
