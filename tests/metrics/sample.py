"""A small bureau six levels deep, rows of chance around the borders that matter, and numbers declared over them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import count
from typing import Any

from django.db.models import Case, CharField, F, Value, When

from zoufang.metrics.engine import Category, Clock, Count, Mean, Median, Ratio, Reported
from zoufang.opinions.models import Opinion, Rectification, Referral, Topic
from zoufang.opinions.vocabulary import Kind, ObjectCategory
from zoufang.opinions.workflow import Status
from zoufang.organization.models import Officer, Unit

SHANGHAI = timezone(timedelta(hours=8))
_numbers = count(1)


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)


def unit(name: str, parent: Unit | None = None, **facts: Any) -> Unit:
    made = Unit.objects.create(
        code=f"{next(_numbers):012d}", name=name, kind=Unit.Kind.STATION, parent=parent, path="/", **facts
    )
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save(update_fields=["path"])
    return made


@dataclass
class Bureau:
    """City > county > station > room > post > corner, a second branch beside it, and another city outside."""

    city: Unit = field(default_factory=lambda: unit("市局"))

    def __post_init__(self) -> None:
        self.county = unit("甲县局", self.city)
        self.station = unit("甲一所", self.county)
        self.room = unit("甲一室", self.station)
        self.post = unit("甲一岗", self.room)
        self.corner = unit("甲一角", self.post)
        self.other_county = unit("乙县局", self.city)
        self.other_station = unit("乙一所", self.other_county)
        self.outside = unit("外市局")
        self.outside_station = unit("外市一所", self.outside)
        self.topic = Topic.objects.create(code=f"T{self.city.pk % 1000}", name="治安", name_en="Order")
        self.officer = Officer.objects.create(username=f"officer{self.city.pk}", name="甲", unit=self.room)

    @property
    def units(self) -> list[Unit]:
        return [*Unit.objects.filter(path__startswith=self.city.path), self.outside, self.outside_station]

    def opinion(self, heard_at: datetime, heard_by: Unit | None = None, **facts: Any) -> Opinion:
        return Opinion.objects.create(
            no=f"S{next(_numbers)}",
            heard_at=heard_at,
            heard_by=heard_by or self.room,
            recorded_at=heard_at,
            due_at=heard_at + timedelta(days=15),
            topic=self.topic,
            content="路灯不亮",
            status=Status.REGISTERED,
            **facts,
        )

    def referral(self, opinion: Opinion, referred_at: datetime, to: Unit | None = None, **facts: Any) -> Referral:
        facts.setdefault("finished_at", facts.get("closed_at"))
        return Referral.objects.create(
            opinion=opinion,
            unit=to or self.station,
            hop=opinion.referrals.count() + 1,
            referred_at=referred_at,
            sign_due_at=referred_at,
            due_at=referred_at + timedelta(days=10),
            **facts,
        )

    def rectification(
        self, planned_on: date, of: Unit | None = None, rectified_at: datetime | None = None
    ) -> Rectification:
        done = {"rectified_at": rectified_at, "rectified_by": self.officer, "result": "已修"} if rectified_at else {}
        return Rectification.objects.create(
            no=f"Z{next(_numbers)}",
            unit=of or self.station,
            measure="更换路灯",
            responsible=self.officer,
            planned_on=planned_on,
            measured_at=datetime.combine(planned_on, datetime.min.time(), SHANGHAI) - timedelta(days=3),
            **done,
        )

    def scatter(self, chance: random.Random, *, opinions: int) -> None:
        """Make opinions with up to three referrals each, and rectifications: moments crowd around local midnights."""
        units = self.units
        for _ in range(opinions):
            opinion = self.opinion(
                at := _moment(chance, local(2025, 12, 20)),
                chance.choice(units),
                kind=chance.choice(Kind.values),
                object_category=chance.choice(["", ObjectCategory.SHOP, ObjectCategory.SCHOOL, ObjectCategory.PLACE]),
            )
            for _hop in range(chance.randrange(4)):
                at = _later(chance, at)
                closed = _later(chance, at) if chance.random() < 0.7 else None
                reopened = _later(chance, closed) if closed and chance.random() < 0.6 else None
                self.referral(opinion, at, chance.choice(units), closed_at=closed, reopened_at=reopened)
                if reopened is None:
                    break
                at = reopened
            planned = _moment(chance, at).astimezone(SHANGHAI).date()
            done = _moment(chance, at) if chance.random() < 0.5 else None
            self.rectification(planned, chance.choice(units), done)


def _moment(chance: random.Random, start: datetime) -> datetime:
    midnight = start.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    day = midnight + timedelta(days=chance.randrange(75))
    near_border = [timedelta(), timedelta(microseconds=-1), timedelta(hours=8), timedelta(hours=-8)]
    if chance.random() < 0.5:
        month = (day.replace(day=1) + timedelta(days=chance.choice([0, 32]))).replace(day=1)
        return max((month + chance.choice(near_border)).astimezone(UTC), start)
    return max((day + timedelta(seconds=chance.randrange(86400))).astimezone(UTC), start)


def _later(chance: random.Random, than: datetime) -> datetime:
    return than if chance.random() < 0.05 else _moment(chance, than)


HEARD = Count(
    code="sample.heard",
    title="征求意见",
    per="条",
    source="征求意见台账",
    rows=Opinion.objects.all,
    at="heard_at",
    owner="heard_by",
    categories={"kind": Category("kind", Kind), "object": "object_category"},
)
HEARD_SO_FAR = Count(
    code="sample.heard_so_far",
    title="累计意见",
    per="条",
    rows=Opinion.objects.all,
    at="heard_at",
    owner="heard_by",
    clock=Clock.AS_OF,
    categories={"kind": Category("kind", Kind)},
)
CLOSED_SO_FAR = Count(
    code="sample.closed_so_far",
    title="累计办结",
    per="条",
    rows=Opinion.objects.all,
    at="heard_at",
    settled="referrals__closed_at",
    unsettled="referrals__reopened_at",
    owner="heard_by",
    clock=Clock.AS_OF,
    categories={"kind": Category("kind", Kind)},
)
CLOSURE_RATE = Ratio(code="sample.closure_rate", title="办结率", part=CLOSED_SO_FAR, whole=HEARD_SO_FAR)
REFERRED_AND_FINISHED = Count(
    code="sample.referred_and_finished",
    title="期内转办已办",
    per="件",
    rows=Referral.objects.all,
    at="referred_at",
    settled="finished_at",
    unsettled="reopened_at",
    owner="unit",
    categories={"kind": "opinion__kind"},
)
HOPS = Count(
    code="sample.hops",
    title="转办次数",
    per="次",
    rows=Referral.objects.all,
    at="referred_at",
    owner="opinion__heard_by",
    value="hop",
    categories={"kind": "opinion__kind"},
)
OBJECTS = Count(
    code="sample.objects",
    title="对象类别",
    per="类",
    rows=Opinion.objects.all,
    at="heard_at",
    owner="heard_by",
    distinct="object_category",
    categories={"kind": Category("kind", Kind)},
)
PLANNED = Count(
    code="sample.planned",
    title="计划整改",
    per="件",
    rows=Rectification.objects.all,
    at="planned_on",
    settled="rectified_at",
    owner="unit",
)
MEASURED = Count(
    code="sample.measured",
    title="已到期措施",
    per="件",
    rows=Rectification.objects.all,
    at="measured_at",
    settled="planned_on",
    owner="unit",
    clock=Clock.AS_OF,
)
REFERRAL_DELAY = Median(
    code="sample.referral_delay",
    title="转办时延",
    per="小时",
    rows=lambda: Referral.objects.filter(hop=1),
    at="opinion__heard_at",
    owner="opinion__heard_by",
    value=F("referred_at") - F("opinion__heard_at"),
    categories={"kind": "opinion__kind"},
)
MEAN_HOPS = Mean(
    code="sample.mean_hops",
    title="平均跳数",
    per="次",
    rows=Referral.objects.all,
    at="referred_at",
    owner="unit",
    clock=Clock.AS_OF,
    value="hop",
    categories={"kind": "opinion__kind"},
)
WHERE_FROM = Count(
    code="sample.where_from",
    title="意见来路",
    per="条",
    rows=lambda: Opinion.objects.annotate(
        way=Case(When(object_category="SHOP", then=Value("shop")), default=None, output_field=CharField())
    ),
    at="heard_at",
    owner="heard_by",
    categories={"way": Category("way", lambda: {"shop": "商户"})},
)
SOLVED = Reported(
    code="sample.solved",
    title="破案",
    per="起",
    read=lambda unit, period: Decimal(789) if period.last >= date(2026, 5, 31) and unit.name == "市局" else None,
)
COUNTS: Sequence[Count] = (
    HEARD,
    HEARD_SO_FAR,
    CLOSED_SO_FAR,
    REFERRED_AND_FINISHED,
    HOPS,
    OBJECTS,
    PLANNED,
    MEASURED,
    WHERE_FROM,
)
