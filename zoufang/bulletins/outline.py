"""
What a bulletin says, as data: sections, sentences, and the figures that each sentence waits for.

A sentence whose figures have nothing to tell is hidden and listed as missing. The words are ours; the figures are
the catalogue's, so that every one of them opens onto its rows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

Number = int | Decimal
Values = Mapping[str, Number | None]


class Span(Enum):
    """The days that a figure speaks of."""

    PERIOD = "period"  # the days of the bulletin
    SINCE_LIVE = "since_live"  # from the day the unit's system went live to the end of the bulletin


@dataclass(frozen=True)
class Slot:
    """
    One figure in a sentence: which metric, over which span, of the whole city or of the unit that went live.

    `part` narrows it to one category, as (name, key).
    """

    metric: str
    span: Span = Span.PERIOD
    part: tuple[str, str] | None = None

    @property
    def of_live_unit(self) -> bool:
        return self.span is Span.SINCE_LIVE


def always(values: Values) -> bool:
    return bool(values) or True


def told(*keys: str) -> Callable[[Values], bool]:
    """Say the sentence only where each of these figures is there and not 0."""
    return lambda values: all(values.get(key) for key in keys)


@dataclass(frozen=True)
class Sentence:
    """
    One sentence. `text` holds {key} for figures and {words} for the bulletin's own words (period, as_of, live_unit …);
    as a function it chooses the wording by the values. `when` says whether there is anything to tell.
    """

    key: str
    title: str
    text: str | Callable[[Values], str]
    slots: Mapping[str, Slot] = field(default_factory=dict)
    when: Callable[[Values], bool] = always
    words: tuple[str, ...] = ()

    def wording(self, values: Values) -> str:
        return self.text if isinstance(self.text, str) else self.text(values)


@dataclass(frozen=True)
class Part:
    """A numbered part of the bulletin: a heading of `level` and the sentences of its paragraph, if it has one."""

    level: int
    heading: str
    sentences: tuple[Sentence, ...] = ()


def _disputes(values: Values) -> str:
    head = "截至{as_of}，全市排查矛盾纠纷{categories}类{screened}起，已化解{resolved}起"
    if not values.get("unresolved"):
        return head + "，全部化解。"
    if values.get("unassigned"):
        return head + "；其余{unresolved}起中尚有{unassigned}起未落实责任人。"
    return head + "；其余{unresolved}起均已落实到具体责任人。"


def _courts(values: Values) -> str:
    head = "走访检法机关办案人员{court_people}人次，征得意见建议{court_opinions}项，"
    if values.get("court_opinions") == values.get("court_rectified"):
        return head + "已全部整改到位。"
    return head + "已整改{court_rectified}项。"


def _in_time(values: Values) -> str:
    head = "从收集到首次转出的时间中位数为{delay}小时，平均转办{hops}次；从收集到整改完成的时间中位数为{work}小时"
    return head + ("，到期意见按时办结率{on_time}%。" if values.get("on_time") is not None else "。")


OPENING = Sentence(
    key="opening",
    title="导语",
    text="现将{period}全市公安机关“大走访”工作情况通报如下，数据截至{as_of}。",
)
OPENING_SINCE = Sentence(
    key="opening",
    title="导语",
    text="现将{period}特别是{milestone}以来，全市公安机关“大走访”工作情况通报如下，数据截至{as_of}。",
)

OUTLINE: tuple[Part, ...] = (
    Part(1, "{period}工作进展情况"),
    Part(
        2,
        "带着问题走访，回应群众关切",
        (
            Sentence(
                key="visits",
                title="走访总体情况",
                text="{period}全市录入走访{visits}条，走访群众{people}人次，当场征得意见建议{heard_at_visits}条。",
                slots={
                    "visits": Slot("visits.recorded"),
                    "people": Slot("visits.headcount"),
                    "heard_at_visits": Slot("opinions.from_visits"),
                },
                when=told("visits"),
            ),
            Sentence(
                key="petitions",
                title="信访积案",
                text="省厅交办的信访积案{assigned}件，截至{as_of}已办结{closed}件，办结率{closure_rate}%。",
                slots={
                    "assigned": Slot("petitions.assigned"),
                    "closed": Slot("petitions.closed"),
                    "closure_rate": Slot("petitions.closure_rate"),
                },
                when=told("assigned"),
            ),
            Sentence(
                key="crime",
                title="打击整治",
                text="据填报，专项行动共破获刑事案件{cases}起，抓获网上逃犯{caught}名，"
                "破获现行命案{homicides}起、命案积案{old_homicides}起。",
                slots={
                    "cases": Slot("reported.criminal_cases_solved"),
                    "caught": Slot("reported.fugitives_caught"),
                    "homicides": Slot("reported.homicides_solved"),
                    "old_homicides": Slot("reported.old_homicides_solved"),
                },
                when=told("cases", "caught", "homicides", "old_homicides"),
            ),
        ),
    ),
    Part(
        2,
        "广泛听取民意，化解矛盾纠纷",
        (
            Sentence(
                key="disputes",
                title="矛盾纠纷",
                text=_disputes,
                slots={
                    "categories": Slot("disputes.categories"),
                    "screened": Slot("disputes.screened"),
                    "resolved": Slot("disputes.resolved"),
                    "unresolved": Slot("disputes.unresolved"),
                    "unassigned": Slot("disputes.unresolved_unassigned"),
                },
                when=told("screened"),
            ),
            Sentence(
                key="courts",
                title="执法专项走访",
                text=_courts,
                slots={
                    "court_people": Slot("visits.prosecution_court_headcount"),
                    "court_opinions": Slot("opinions.from_courts"),
                    "court_rectified": Slot("opinions.from_courts_rectified"),
                },
                when=told("court_people", "court_opinions"),
            ),
        ),
    ),
    Part(
        2,
        "开门评警，创新走访方式",
        (
            Sentence(
                key="open_door",
                title="开门评警",
                text="截至{as_of}，开门评警共征求意见建议{open_door}条，整改解决具体问题{open_door_done}件；"
                "其中网站{web}条、短信{sms}条、微博{microblog}条。",
                slots={
                    "open_door": Slot("opinions.open_door"),
                    "open_door_done": Slot("rectifications.open_door"),
                    "web": Slot("opinions.open_door", part=("source", "SRC02")),
                    "sms": Slot("opinions.open_door", part=("source", "SRC03")),
                    "microblog": Slot("opinions.open_door", part=("source", "SRC04")),
                },
                when=told("open_door"),
            ),
            Sentence(
                key="system",
                title="信息系统",
                text="{live_unit}的走访信息系统自{live_on}上线以来，录入各类走访信息{entered}条，办结群众意见建议{handled}项。",
                slots={
                    "entered": Slot("visits.entered", Span.SINCE_LIVE),
                    "handled": Slot("opinions.closed_of_heard", Span.SINCE_LIVE),
                },
                when=told("entered"),
                words=("live_unit",),
            ),
        ),
    ),
    Part(
        1,
        "意见办理质效",
        (
            Sentence(
                key="opinions",
                title="意见办理",
                text="{period}全市各渠道征求意见建议{heard}条，已办结{done}条，办结率{done_rate}%。",
                slots={
                    "heard": Slot("opinions.heard"),
                    "done": Slot("opinions.closed_of_heard"),
                    "done_rate": Slot("opinions.closure_rate"),
                },
                when=told("heard"),
            ),
            Sentence(
                key="in_time",
                title="转办与整改时效",
                text=_in_time,
                slots={
                    "delay": Slot("referrals.delay"),
                    "hops": Slot("referrals.hops"),
                    "work": Slot("referrals.rectification_time"),
                    "on_time": Slot("referrals.on_time_rate"),
                },
                when=lambda values: None not in (values["delay"], values["hops"], values["work"]),
            ),
            Sentence(
                key="ratings",
                title="群众评价",
                text="群众评价{rated}次，满意率{satisfied}%。",
                slots={
                    "rated": Slot("ratings.given"),
                    "satisfied": Slot("ratings.satisfaction_rate"),
                },
                when=told("rated"),
            ),
        ),
    ),
)
