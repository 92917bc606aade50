"""What is counted about deliveries: how much comes by which channel, how much needs a person, and points given."""

from django.utils.translation import gettext_lazy as _

from zoufang.channels.ledger import DELIVERY_LEDGER
from zoufang.channels.models import Delivery
from zoufang.channels.vocabulary import Channel, State
from zoufang.metrics.engine import Category, Count, Ratio
from zoufang.opinions.vocabulary import Satisfaction

CATEGORIES = {"channel": Category("channel", Channel)}

RECEIVED = Count(
    code="deliveries.received",
    title=_("来件"),
    per=_("件"),
    source=_("来件记录"),
    note=_("外部系统送来的件，同一件重复送来只计一次。"),
    rows=Delivery.objects.all,
    at="received_at",
    owner="unit",
    categories=CATEGORIES,
    ledger=DELIVERY_LEDGER,
)
REGISTERED = Count(
    code="deliveries.registered",
    title=_("来件登记为意见"),
    per=_("件"),
    source=_("来件记录"),
    note=_("含人工处理后登记的，按到件时间计。"),
    rows=lambda: Delivery.objects.filter(state=State.TAKEN, opinion__isnull=False),
    at="received_at",
    owner="unit",
    categories=CATEGORIES,
    ledger=DELIVERY_LEDGER,
)
DUPLICATES = Count(
    code="deliveries.duplicates",
    title=_("重复来件"),
    per=_("件"),
    source=_("来件记录"),
    note=_("同一发送人 24 小时内说同样的话，不另登记。"),
    rows=lambda: Delivery.objects.filter(state=State.DUPLICATE),
    at="received_at",
    owner="unit",
    categories=CATEGORIES,
    ledger=DELIVERY_LEDGER,
)
BY_HAND = Count(
    code="deliveries.by_hand",
    title=_("转人工处理的来件"),
    per=_("件"),
    source=_("来件记录"),
    rows=lambda: Delivery.objects.exclude(why=""),
    at="received_at",
    owner="unit",
    categories=CATEGORIES,
    ledger=DELIVERY_LEDGER,
)
RATED = Count(
    code="deliveries.rated",
    title=_("评警评分"),
    per=_("次"),
    source=_("来件记录"),
    note=_("短信、微博评警里的评分，归被评单位。"),
    rows=lambda: Delivery.objects.filter(state=State.TAKEN).exclude(rating=None),
    at="received_at",
    owner="rated_unit",
    categories=CATEGORIES | {"satisfaction": Category("rating", Satisfaction)},
    ledger=DELIVERY_LEDGER,
)
SATISFIED = Count(
    code="deliveries.satisfied",
    title=_("评警评分满意"),
    per=_("次"),
    source=_("来件记录"),
    note=_("非常满意、满意和基本满意。"),
    rows=lambda: Delivery.objects.filter(state=State.TAKEN, rating__gte=Satisfaction.FAIRLY_SATISFIED),
    at="received_at",
    owner="rated_unit",
    categories=CATEGORIES | {"satisfaction": Category("rating", Satisfaction)},
    ledger=DELIVERY_LEDGER,
)
SATISFACTION_RATE = Ratio(
    code="deliveries.satisfaction_rate",
    title=_("评警满意率"),
    source=_("来件记录"),
    part=SATISFIED,
    whole=RATED,
)

METRICS = (RECEIVED, REGISTERED, DUPLICATES, BY_HAND, RATED, SATISFIED, SATISFACTION_RATE)
