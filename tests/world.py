"""A small, believable bureau for tests, made through the services that people use."""

from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import uuid4

from zoufang.opinions import services
from zoufang.opinions.loading import load_reference as load_opinion_reference
from zoufang.opinions.models import Opinion, Topic
from zoufang.opinions.vocabulary import Kind, OutcomeKind, Source
from zoufang.organization.loading import REFERENCE, load_special_days
from zoufang.organization.models import Officer, Role, Unit
from zoufang.organization.services import appoint, open_officer, open_unit

PASSWORD = "test-Password-1"

# (code, name, kind, parent code, peer group)
_UNITS = (
    ("410800000000", "焦作市公安局", Unit.Kind.BUREAU, None, ""),
    ("410800900000", "走访办", Unit.Kind.OFFICE, "410800000000", ""),
    ("410800340000", "督察支队", Unit.Kind.OFFICE, "410800000000", ""),
    ("410800170000", "交警支队", Unit.Kind.DETACHMENT, "410800000000", "SZ"),
    ("410823000000", "武陟县公安局", Unit.Kind.COUNTY_BUREAU, "410800000000", "XS"),
    ("410823500000", "武陟城关派出所", Unit.Kind.STATION, "410823000000", ""),
    ("410800570000", "星河派出所", Unit.Kind.STATION, "410800000000", "CQ"),
    ("410800570100", "社区警务大队", Unit.Kind.BRIGADE, "410800570000", ""),
    ("410800570101", "社区警务一中队", Unit.Kind.SQUADRON, "410800570100", ""),
    ("410800570001", "东焦作警务室", Unit.Kind.POLICE_ROOM, "410800570101", ""),
    ("410800550000", "焦南派出所", Unit.Kind.STATION, "410800000000", "CQ"),
)


class World:
    """The bureau, its officers, and verbs that lead an opinion through its life. `now` moves forward by itself."""

    def __init__(self, now: datetime = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)) -> None:
        self.now = now
        self.units: dict[str, Unit] = {}
        load_special_days(REFERENCE / "holidays.csv")
        for position, (code, name, kind, parent, peers) in enumerate(_UNITS):
            self.units[code] = open_unit(
                code=code,
                name=name,
                kind=kind,
                parent=self.units[parent] if parent else None,
                peer_group=peers,
                position=position,
                by=None,
                now=self.now,
            )
        load_opinion_reference(now=self.now)

    def unit(self, name: str) -> Unit:
        return next(unit for unit in self.units.values() if unit.name == name)

    @cached_property
    def bureau(self) -> Unit:
        return self.unit("焦作市公安局")

    @cached_property
    def station(self) -> Unit:
        return self.unit("星河派出所")

    @cached_property
    def room(self) -> Unit:
        return self.unit("东焦作警务室")

    @cached_property
    def other_station(self) -> Unit:
        return self.unit("焦南派出所")

    @cached_property
    def officer(self) -> Officer:
        return self.make_officer("officer", self.room, Role.OFFICER)

    @cached_property
    def clerk(self) -> Officer:
        return self.make_officer("clerk", self.station, Role.CLERK)

    @cached_property
    def leader(self) -> Officer:
        return self.make_officer("leader", self.station, Role.LEADER)

    @cached_property
    def other_clerk(self) -> Officer:
        return self.make_officer("other_clerk", self.other_station, Role.CLERK)

    @cached_property
    def other_leader(self) -> Officer:
        return self.make_officer("other_leader", self.other_station, Role.LEADER)

    @cached_property
    def visit_office(self) -> Officer:
        unit = self.unit("走访办")
        return self.make_officer("office", unit, (Role.VISIT_OFFICE, self.bureau), (Role.CLERK, unit))

    @cached_property
    def inspector(self) -> Officer:
        unit = self.unit("督察支队")
        return self.make_officer("inspector", unit, (Role.INSPECTOR, self.bureau), (Role.CLERK, unit))

    @cached_property
    def chief(self) -> Officer:
        return self.make_officer("chief", self.bureau, Role.CHIEF)

    @cached_property
    def auditor(self) -> Officer:
        return self.make_officer("auditadmin", self.bureau, Role.AUDIT_ADMIN)

    def make_officer(self, username: str, unit: Unit, *duties: Role | tuple[Role, Unit]) -> Officer:
        """Open an account in `unit`; a duty without a unit is over that unit."""
        officer = open_officer(
            username=username,
            name=f"{username}民警",
            unit=unit,
            password=PASSWORD,
            temporary=False,
            by=None,
            now=self.now,
        )
        for duty in duties:
            role, over = duty if isinstance(duty, tuple) else (duty, unit)
            appoint(officer, role=role, over=over, by=None, now=self.now)
        return officer

    def later(self, **span: int) -> datetime:
        """Move the clock on (one minute unless said) and return it."""
        self.now += timedelta(**(span or {"minutes": 1}))
        return self.now

    def topic(self, code: str = "A6") -> Topic:
        return Topic.objects.get(code=code)

    def opinion(self, **facts: Any) -> Opinion:
        """Register an opinion, by the officer of the room unless said."""
        now = facts.pop("now", None) or self.later()
        wanted: dict[str, Any] = {
            "kind": Kind.OPINION,
            "source": Source.VISIT,
            "topic": self.topic(facts.pop("topic", "A6")),
            "content": "小区东门的路灯坏了两周，晚上走路不放心。",
            "heard_by": self.room,
            "heard_at": now,
            "by": self.officer,
        }
        return services.register_opinion(**(wanted | facts), now=now)

    def referred(self, opinion: Opinion | None = None, *, to: Unit | None = None, **facts: Any) -> Opinion:
        opinion = opinion or self.opinion(**facts)
        desk = self.visit_office if opinion.heard_by == self.visit_office.unit else self.clerk
        services.refer_opinion(opinion, to=to or self.station, by=desk, now=self.later())
        return opinion

    def signed(self, opinion: Opinion | None = None, **facts: Any) -> Opinion:
        opinion = self.referred(opinion, **facts)
        services.sign_referral(opinion, by=self.clerk, now=self.later())
        return opinion

    def in_hand(self, opinion: Opinion | None = None, **facts: Any) -> Opinion:
        opinion = self.signed(opinion, **facts)
        services.write_measure(
            opinion,
            measure="联系路灯管理单位三日内更换灯具，并在夜间巡逻时复查。",
            responsible=self.officer,
            planned_on=self.now.date() + timedelta(days=3),
            by=self.clerk,
            now=self.later(),
        )
        return opinion

    def paused(self, opinion: Opinion | None = None, **facts: Any) -> Opinion:
        opinion = self.in_hand(opinion, **facts)
        asked = "请补充是东门的哪几盏灯不亮。"
        services.pause_opinion(opinion, reason="FACTS", asked=asked, by=self.clerk, now=self.later())
        return opinion

    def extending(self, opinion: Opinion | None = None, **facts: Any) -> Opinion:
        opinion = self.in_hand(opinion, **facts)
        services.ask_extension(opinion, days=3, reason="灯具缺货，等待到货。", by=self.clerk, now=self.later())
        return opinion

    def rectified(self, opinion: Opinion | None = None, **facts: Any) -> Opinion:
        opinion = self.in_hand(opinion, **facts)
        services.rectify_opinion(opinion, result="灯具已更换，夜间复查正常。", by=self.officer, now=self.later())
        return opinion

    def verified(self, opinion: Opinion | None = None, **facts: Any) -> Opinion:
        opinion = self.rectified(opinion, **facts)
        services.verify_rectification(opinion, by=self.clerk, now=self.later())
        return opinion

    def drafted(self, opinion: Opinion | None = None, **facts: Any) -> Opinion:
        opinion = self.verified(opinion, **facts)
        services.draft_reply(opinion, text="您反映的路灯问题已修复，感谢您的提醒。", by=self.clerk, now=self.later())
        return opinion

    def approved(self, opinion: Opinion | None = None, **facts: Any) -> Opinion:
        opinion = self.drafted(opinion, **facts)
        services.approve_reply(opinion, by=self.leader, now=self.later())
        return opinion

    def answered(self, opinion: Opinion | None = None, **facts: Any) -> Opinion:
        opinion = self.approved(opinion, **facts)
        services.give_feedback(opinion, told_by="PHONE", by=self.clerk, now=self.later())
        return opinion

    def put_off(self, opinion: Opinion | None = None, *, review_on: date, **facts: Any) -> Opinion:
        """Answer and close what cannot be done before `review_on`."""
        opinion = self.verified(opinion, **facts)
        services.draft_reply(
            opinion,
            text="加装路灯须列入明年的预算，届时再办。",
            outcome=OutcomeKind.CANNOT_NOW,
            review_on=review_on,
            by=self.clerk,
            now=self.later(),
        )
        services.approve_reply(opinion, by=self.leader, now=self.later())
        services.give_feedback(opinion, told_by="PHONE", by=self.clerk, now=self.later())
        services.close_opinion(opinion, by=self.leader, now=self.later())
        return opinion

    def closed(self, opinion: Opinion | None = None, **facts: Any) -> Opinion:
        opinion = self.answered(opinion, **facts)
        services.close_opinion(opinion, by=self.leader, now=self.later())
        return opinion

    def new_uid(self) -> Any:
        return uuid4()

    @property
    def today(self) -> date:
        return self.now.date()
