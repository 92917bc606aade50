"""What stands behind the doors of visits, petitions and disputes, of numbers and of bulletins."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.files.base import ContentFile
from django.db.models import Max, Min
from django.utils import timezone
from django.utils.timezone import localdate

from tests.guards.matrix_stage import (
    CHIEF,
    CLERK,
    KEEPS_MESSAGES,
    LEADER,
    OFFICE,
    OFFICER,
    OTHER_CLERK,
    SEES,
    SEES_TABLES,
    STAFF,
    Stage,
    local,
)
from tests.guards.matrix_who import COUNTERS, NOBODY, Subject
from zoufang.channels.services import Untaken, take_delivery
from zoufang.channels.vocabulary import Why
from zoufang.exports.models import Export
from zoufang.exports.replay import rights_of
from zoufang.kernel.period import Period
from zoufang.opinions.models import Opinion
from zoufang.organization.selectors import bureau
from zoufang.statistics import hotspots
from zoufang.statistics.questions import Question

# ---- visits, petitions, disputes

VOID = {
    "deep": {CLERK, LEADER, OFFICE},
    "child": {CLERK, LEADER, OFFICE},
    "own": {CLERK, LEADER, OFFICE},
    "parent": {OFFICE},
    "sibling": {OTHER_CLERK, OFFICE},
    "cousin": {OFFICE},
}

SEES_CASES = SEES | {"mine": SEES["deep"], "settled": SEES["own"]}

KEEPS_CASES = VOID | {"mine": {CLERK, LEADER, OFFICE}, "settled": {CLERK, LEADER, OFFICE}}


def visits(stage: Stage) -> list[Subject]:
    return [
        Subject(place, {"uid": one.uid}, SEES[place], frozenset(VOID[place]), {"reason": "重复录入了"})
        for place, one in stage.visits.items()
    ]


def petitions(stage: Stage) -> list[Subject]:
    return [Subject(place, {"pk": one.pk}, SEES_CASES[place]) for place, one in stage.petitions.items()]


def petitions_by_no(stage: Stage) -> list[Subject]:
    return [Subject(place, {"no": one.no}, SEES_CASES[place]) for place, one in stage.petitions.items()]


def disputes(stage: Stage) -> list[Subject]:
    return [Subject(place, {"pk": one.pk}, SEES_CASES[place]) for place, one in stage.disputes.items()]


def case_step(stage: Stage, cases: Mapping[str, Any], place: str, step: str, **send: Any) -> Subject:
    args = {"pk": cases[place].pk, "step": step}
    return Subject(f"{step} {place}", args, SEES_CASES[place], frozenset(KEEPS_CASES[place]), send)


def petition_steps(stage: Stage) -> list[Subject]:
    later = str(stage.world.today + timedelta(days=75))
    cases = stage.petitions
    found = [case_step(stage, cases, place, "assign", responsible=who_works_at(place)) for place in (*VOID, "mine")]
    found += [
        case_step(stage, cases, place, "extend", extended_on=later, reason="案情复杂，需要延期")
        for place in ("own", "sibling")
    ]
    found += [
        case_step(stage, cases, place, "notify", note="第 12 号告知书，邮寄送达")
        for place in ("own", "sibling", "cousin")
    ]
    found += [case_step(stage, cases, place, "advance", reason="当事人申请复查") for place in ("own", "cousin")]
    found += [case_step(stage, cases, "mine", "close", result="已出具处理意见并送达。")]
    found += [case_step(stage, cases, "settled", "reopen", reason="当事人不服，重新办理")]
    return [*found, Subject("no such step", {"pk": cases["own"].pk, "step": "burn"}, NOBODY)]


def dispute_steps(stage: Stage) -> list[Subject]:
    cases = stage.disputes
    found = [case_step(stage, cases, place, "assign", responsible=who_works_at(place)) for place in (*VOID, "mine")]
    resolve = case_step(stage, cases, "mine", "resolve", result="已达成书面协议。")
    # Whoever answers for a dispute settles it, without being a clerk.
    found.append(replace(resolve, may=resolve.may | {OFFICER}))
    found.append(case_step(stage, cases, "settled", "reopen", reason="协议没有履行"))
    return [*found, Subject("no such step", {"pk": cases["own"].pk, "step": "burn"}, NOBODY)]


def who_works_at(place: str) -> str:
    return {"sibling": "other_clerk", "cousin": "county_officer", "parent": "chief"}.get(place, "officer")


# ---- statistics and bulletins


def figures(stage: Stage) -> list[Subject]:
    seen = {"own_waiting": frozenset({CLERK, LEADER, OFFICE}), "sibling_waiting": frozenset({OTHER_CLERK, OFFICE})}
    return [Subject(name, {"pk": one.pk}, seen.get(name, COUNTERS)) for name, one in stage.figures.items()]


OWNS_TABLES = {"private": CLERK, "own": CLERK, "bureau": OFFICE, "sibling": OTHER_CLERK}


def tables(stage: Stage) -> list[Subject]:
    return [Subject(name, {"pk": one.pk}, SEES_TABLES[name]) for name, one in stage.tables.items()]


def own_tables(stage: Stage) -> list[Subject]:
    send = {"name": "每月看的表", "span": "FIXED", "shared_with": "NOBODY"}
    return [replace(one, may=frozenset({OWNS_TABLES[one.label]}), send=send) for one in tables(stage)]


def groups(stage: Stage) -> list[Subject]:
    """The opinions of the stage that say the same; which they are is told by role, each of them by its own door."""
    heard = Opinion.objects.aggregate(first=Min("heard_at"), last=Max("heard_at"))
    question = Question(bureau(), Period(*(localdate(heard[end]) for end in ("first", "last"))))
    group = hotspots.similar_groups(question, "", viewer=stage.people[CHIEF]).groups[0]
    return [Subject(args={"key": group.key}, query=f"?{urlencode(question.words())}")]


KEEPS_FIGURES = {
    "own_waiting": {LEADER, OFFICE},
    "sibling_waiting": {OFFICE},
    "own_approved": {LEADER, OFFICE},
    "sibling_approved": {OFFICE},
}

TAKES_BACK = {"own_waiting": {CLERK}, "sibling_waiting": {OTHER_CLERK}}


def approvals(stage: Stage) -> list[Subject]:
    return [
        replace(
            one,
            may=frozenset(KEEPS_FIGURES[one.label]),
            then=dict.fromkeys(STAFF, 409) if one.label.endswith("_approved") else {},
        )
        for one in figures(stage)
    ]


def rejections(stage: Stage) -> list[Subject]:
    whose = {"own_approved": {CLERK}, "sibling_approved": {OTHER_CLERK}} | TAKES_BACK
    return [replace(one, may=one.may | whose[one.label], send={"reason": "与来源文件不符"}) for one in approvals(stage)]


def report(stage: Stage, viewer: str) -> dict[str, Any]:
    period = stage.last_year
    return {
        "code": "homicides_solved",
        "unit": str(stage.unit_of(viewer).pk),
        "period_from": str(period.first),
        "period_to": str(period.last),
        "value": "3",
        "source_doc": "专项行动战果统计表",
    }


def issue(stage: Stage) -> list[Subject]:
    period = stage.last_year
    send = {"period_from": str(period.first), "period_to": str(period.last), "template": "plain", "known": "1"}
    return [Subject("last year", may=frozenset({OFFICE}), send=send)]


def metrics(_stage: Stage) -> list[Subject]:
    return [
        Subject(code, {"code": code}) for code in ("opinions.heard", "referrals.on_time_rate", "visits.recorded")
    ] + [Subject("no such number", {"code": "citizens.ranked"}, NOBODY)]


def ledgers(_stage: Stage) -> list[Subject]:
    codes = ("visits", "opinions", "referrals", "rectifications", "call_backs", "petitions", "disputes")
    return [*(Subject(code, {"code": code}) for code in codes), Subject("no such ledger", {"code": "people"}, NOBODY)]


def bulletins(stage: Stage) -> list[Subject]:
    found = [Subject(name, {"pk": one.pk}, COUNTERS) for name, one in stage.bulletins.items()]
    return [*found, Subject("no such bulletin", {"pk": 10**9}, NOBODY)]


def deliveries(_stage: Stage) -> list[Subject]:
    """What waits in the tray is the visit office's: for anybody else it does not exist."""
    waiting = take_delivery("email", "matrix-1", b"?", unread, now=timezone.now()).delivery
    return [Subject("in the tray", {"pk": waiting.pk}, frozenset({OFFICE}))]


def unread(_body: bytes) -> Any:
    raise Untaken(Why.UNREADABLE, "不是 JSON")


def put_right(stage: Stage, _viewer: str) -> dict[str, Any]:
    form = {"kind": "OPINION", "content": "楼道灯太暗，请换一个。", "source": "SRC16"}
    return form | {"said_at": local(stage.world.now)}


def settled(send: Any) -> Callable[[Stage], list[Subject]]:
    return lambda stage: [replace(one, send=send) for one in deliveries(stage)]


def exports(stage: Stage) -> list[Subject]:
    """A file of the clerk's: it does not exist for anybody else."""
    clerk, now = stage.people[CLERK], timezone.now()
    facts = {"path": "/campaign/", "language": "zh-hans", "form": "xlsx", "title": "里程碑", "name": "里程碑.xlsx"}
    made, _new = Export.objects.get_or_create(
        by=clerk, state=Export.State.READY, defaults=facts | {"rows": 1, "rights": rights_of(clerk), "asked_at": now}
    )
    if not made.file:
        made.file.save("matrix.xlsx", ContentFile(b"PK"))
    return [Subject("of the clerk", {"uid": made.uid}, frozenset({CLERK}))]


def messages(stage: Stage) -> list[Subject]:
    return [Subject(name, {"pk": one.pk}, KEEPS_MESSAGES[name]) for name, one in stage.messages.items()]


def notices(stage: Stage) -> list[Subject]:
    """A notice is its officer's alone, as long as that officer may know of what it is about."""
    return [Subject(name, {"pk": one.pk}, frozenset({name} - {"hidden"})) for name, one in stage.notices.items()]
