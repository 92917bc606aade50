"""What was heard, by which doors, and how much of it was put right."""

from django.utils.translation import gettext_lazy as _

from zoufang.metrics.engine import Clock, Count, Ratio
from zoufang.opinions.ledger import OPINION_LEDGER, RECTIFICATION_LEDGER
from zoufang.opinions.metrics.rows import OPINION_CATEGORIES, from_courts, open_door, rectified_open_door
from zoufang.opinions.models import Opinion, Rectification
from zoufang.opinions.vocabulary import (
    SOURCE_GROUPS,
    SourceGroup,
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
    rows=open_door,
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
    rows=rectified_open_door,
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
    rows=from_courts,
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
    rows=from_courts,
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
)
