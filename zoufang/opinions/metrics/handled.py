"""How units answer for what is referred to them: how soon, how often in time, what waits."""

from django.db.models import F
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zoufang.metrics.engine import Category, Clock, Count, Mean, Median, Ratio
from zoufang.opinions.ledger import OPINION_LEDGER, REFERRAL_LEDGER
from zoufang.opinions.metrics.heard import HEARD
from zoufang.opinions.metrics.rows import (
    OPINION_CATEGORIES,
    REFERRAL_CATEGORIES,
    answered_for,
    fallen_due,
    unfinished,
    with_end,
    work,
)
from zoufang.opinions.models import Opinion, Referral

REFERRED = Count(
    code="referrals.made",
    title=pgettext_lazy("plural", "转办"),
    per=_("件次"),
    source=_("转办台账"),
    rows=work,
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
    rows=lambda: work().exclude(returned_at=None),
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
    rows=fallen_due,
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
    rows=lambda: fallen_due().filter(finished_at__lt=F("due_at")),
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
    rows=lambda: answered_for().exclude(contact_due_at=None),
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
    rows=lambda: answered_for().filter(contacted_at__lt=F("contact_due_at")),
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
    rows=unfinished,
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
    rows=unfinished,
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
    rows=unfinished,
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
    rows=unfinished,
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
    rows=with_end,
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
    rows=lambda: work().filter(hop=1),
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
    rows=lambda: answered_for().exclude(signed_at=None),
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
    rows=lambda: work().exclude(finished_at=None).exclude(rectification=None),
    at="finished_at",
    owner="unit",
    value=F("finished_at") - F("opinion__heard_at"),
    categories=REFERRAL_CATEGORIES,
    ledger=REFERRAL_LEDGER,
    note=_("从收集到整改完成的中位数。并办的只计主件。"),
)

METRICS = (
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
)
