"""
Who may pass which door, written down by hand: the matrix asks the program and compares.

Nothing here is derived from `access.POLICY` or a selector, so that a slip there shows. A route without a line fails
the matrix by name.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Max, Min
from django.utils import timezone
from django.utils.timezone import localdate

from tests.guards.matrix_stage import (
    AUDITOR,
    CHIEF,
    CLERK,
    COMPLAINTS,
    COUNTY_SECADMIN,
    COUNTY_SYSADMIN,
    DISABLED,
    EVALUATOR,
    INSPECTOR,
    KEEPS_MESSAGES,
    LEADER,
    NEWCOMER,
    OFFICE,
    OFFICER,
    OPINIONS_SEEN,
    OTHER_CLERK,
    PASSWORD,
    SECADMIN,
    SEES,
    SEES_TABLES,
    STAFF,
    STRANGER,
    SYSADMIN,
    WRONG_KEY,
    Stage,
    local,
)
from zoufang.answers.models import ReplyTemplate
from zoufang.bulletins.pdf import office_program
from zoufang.channels.models import ClientApp, PaperSeries, Poster
from zoufang.channels.open311 import services as open311
from zoufang.channels.paper import services as paper
from zoufang.channels.posters import services as posters
from zoufang.channels.services import Untaken, take_delivery
from zoufang.channels.vocabulary import Why
from zoufang.exports.models import Export
from zoufang.exports.replay import rights_of
from zoufang.kernel.period import Period
from zoufang.opinions.models import Opinion
from zoufang.opinions.selectors import rectification_in_hand
from zoufang.opinions.workflow import Step
from zoufang.organization.models import Duty, Officer
from zoufang.organization.selectors import bureau
from zoufang.statistics import hotspots
from zoufang.statistics.questions import Question
from zoufang.ui.listing import ADDRESS

Who = frozenset[str]
ALL: Who = frozenset(STAFF)
NOBODY: Who = frozenset()
READERS: Who = frozenset({OFFICER, CLERK, LEADER, OTHER_CLERK, OFFICE, INSPECTOR, CHIEF})
COUNTERS: Who = READERS | {EVALUATOR}
# The inspector is a clerk too, over the inspectors' own unit.
RECORDERS: Who = frozenset({OFFICER, CLERK, LEADER, OTHER_CLERK, OFFICE, INSPECTOR})
CASE_RECORDERS: Who = RECORDERS - {OFFICER}
REPORTERS: Who = frozenset({CLERK, OTHER_CLERK, OFFICE, INSPECTOR})
SYSADMINS: Who = frozenset({SYSADMIN, COUNTY_SYSADMIN})
SECADMINS: Who = frozenset({SECADMIN, COUNTY_SECADMIN})
NOT_IN: Who = frozenset({STRANGER, DISABLED, WRONG_KEY})
NEW_PASSWORD = "Regen-und-Dach-9"


@dataclass(frozen=True)
class Subject:
    """
    One object behind a door. Who is not in `seen` gets 404, who is not in `may` gets 403.

    `send` is a body that is right for whoever may; `then` is what those get for it who are not answered by `posted`.
    """

    label: str = ""
    args: Mapping[str, object] = field(default_factory=dict)
    seen: Who = ALL | {NEWCOMER}
    may: Who = ALL | {NEWCOMER}
    send: Any = None
    then: Mapping[str, int] = field(default_factory=dict)
    query: str = ""


@dataclass(frozen=True)
class Door:
    """
    What a route answers: to whom on GET and POST (None: never, 405), and with which status when all is well.

    `by_role`: the role is asked before the object is looked for, so the wrong role gets 403 even for what is not
    there. `may_to_look`: what `Subject.may` says holds for GET too. `open`: strangers come in, `answers` says how.
    """

    get: Who | None = None
    post: Who | None = None
    got: int = 200
    posted: int = 302
    subjects: Callable[[Stage], Iterable[Subject]] = lambda _stage: [Subject()]
    by_role: bool = False
    may_to_look: bool = False
    answers: Callable[[str, str], int] | None = None


def said(stage: Stage, viewer: str, **facts: Any) -> dict[str, Any]:
    """Return an opinion as its page sends it."""
    heard_at = local(stage.world.now)
    form = {"kind": "OPINION", "source": "SRC16", "topic": "A6", "content": "小区东门的路灯坏了。"}
    return form | {"heard_by": stage.unit_of(viewer).code, "heard_at": heard_at} | facts


def visited(stage: Stage, viewer: str, **facts: Any) -> dict[str, Any]:
    """Return a visit as its page sends it."""
    form = {
        "uid": str(uuid4()),
        "visited_at": local(stage.world.now),
        "unit": stage.unit_of(viewer).code,
        "officers": [stage.people[viewer].username if viewer in stage.people else "clerk"],
        "mode": "F1",
        "object_category": "RES",
        "theme": "T2",
        "headcount": "1",
        "opinions-TOTAL_FORMS": "0",
        "opinions-INITIAL_FORMS": "0",
    }
    return form | facts


def _anew(make: Callable[..., dict[str, Any]], **facts: Any) -> Callable[[Stage, str], dict[str, Any]]:
    return lambda stage, viewer: make(stage, viewer, **facts)


# Who went to the unit out of reach: somebody who works there.
_THERE = {"officers": ["county_officer"]}


def _far(stage: Stage, name: str) -> dict[str, str]:
    return {name: stage.units["cousin"].code}


# Something new for one's own unit is recorded; for a unit out of reach, the form does not know that unit.
def _new(make: Callable[..., dict[str, Any]], unit: str, who: Who, **there: Any) -> Callable[[Stage], list[Subject]]:
    def subjects(stage: Stage) -> list[Subject]:
        far = dict.fromkeys(who - {OFFICE}, 422)
        return [
            Subject("own unit", may=who, send=_anew(make)),
            Subject("unit out of reach", may=who, send=_anew(make, **_far(stage, unit), **there), then=far),
        ]

    return subjects


def petition(stage: Stage, viewer: str, **facts: Any) -> dict[str, Any]:
    form = {"level": "PROVINCE", "subject": "反映办案期限过长", "assigned_at": local(stage.world.now)}
    return form | {"unit": stage.unit_of(viewer).code} | facts


def dispute(stage: Stage, viewer: str, **facts: Any) -> dict[str, Any]:
    return {"category": "DS02", "found_at": local(stage.world.now), "unit": stage.unit_of(viewer).code} | facts


# ---- opinions


def _opinions(stage: Stage) -> list[Subject]:
    return [Subject(name, {"no": one.no}, OPINIONS_SEEN[name]) for name, one in stage.opinions.items()]


def _typed(_stage: Stage) -> list[Subject]:
    send = {"content": "暗号deep号牌：夜间路灯不亮。", "topic": "A6"}
    return [Subject("what is being typed", may=RECORDERS, send=send)]


_CONTACT = {
    "deep": {CLERK, OFFICE, INSPECTOR},
    "child": {CLERK, OFFICE, INSPECTOR},
    "own": {CLERK, OFFICE, INSPECTOR},
    "parent": {OFFICE, INSPECTOR},
    "sibling": {OTHER_CLERK, OFFICE, INSPECTOR},
    "cousin": {OFFICE, INSPECTOR},
    "about_station": {OFFICE, INSPECTOR},
    "about_room": {OFFICE, INSPECTOR},
    "about_officer": {OFFICE, INSPECTOR},
    "about_office": {INSPECTOR},
}
_FILES = {
    "deep": {OFFICER, CLERK, LEADER, OFFICE},
    "child": {CLERK, LEADER, OFFICE},
    "own": {CLERK, LEADER, OFFICE},
    "parent": {OFFICE},
    "sibling": {OTHER_CLERK, OFFICE},
    "cousin": {OFFICE},
    "about_station": {OFFICE},
    "about_room": {CLERK, LEADER, OFFICE},
    "about_officer": {CLERK, LEADER, OFFICE},
    "about_office": NOBODY,
}
_REFER = {
    "deep": {CLERK, OFFICE},
    "child": {CLERK, OFFICE},
    "own": {CLERK, OFFICE},
    "parent": {OFFICE},
    "sibling": {OTHER_CLERK, OFFICE},
    "cousin": {OFFICE},
    "about_office": {INSPECTOR},
}


def _contacts(stage: Stage) -> list[Subject]:
    send = {"reason": "核实情况并回访"}
    return [replace(one, may=frozenset(_CONTACT[one.label]), send=send) for one in _opinions(stage)]


def _added_files(stage: Stage) -> list[Subject]:
    def send(_stage: Stage, _viewer: str) -> dict[str, Any]:
        return {"added": SimpleUploadedFile("现场.pdf", b"%PDF-1.4 more")}

    return [replace(one, may=frozenset(_FILES[one.label]), send=send) for one in _opinions(stage)]


def _attachments(stage: Stage) -> list[Subject]:
    found = [
        Subject(name, {"no": stage.opinions[name].no, "pk": file.pk}, OPINIONS_SEEN[name])
        for name, file in stage.files.items()
    ]
    borrowed = {"no": stage.opinions["deep"].no, "pk": stage.files["about_station"].pk}
    return [*found, Subject("a file of another opinion", borrowed, NOBODY)]


_STEPS: dict[Step, tuple[set[str], dict[str, str]]] = {
    Step.REFER: ({CLERK, OFFICE}, {"to": "410800570000"}),
    Step.SIGN: ({CLERK, LEADER}, {}),
    Step.RETURN: ({CLERK, LEADER}, {"reason": "NOT_OURS", "note": "应由交警支队办理"}),
    Step.FIRST_CONTACT: ({CLERK, LEADER, OFFICER}, {"told_by": "PHONE"}),
    Step.PAUSE: ({CLERK, LEADER, OFFICER}, {"reason": "FACTS", "asked": "请补充是哪几盏灯不亮。"}),
    Step.RESUME: ({CLERK, LEADER, OFFICER}, {}),
    Step.EXTEND: ({CLERK, LEADER}, {"days": "3", "reason": "灯具缺货，等待到货。"}),
    Step.GRANT_EXTENSION: ({OFFICE}, {}),
    Step.REFUSE_EXTENSION: ({OFFICE}, {"note": "本地即可采购。"}),
    Step.MEASURE: ({CLERK, LEADER}, {"measure": "联系路灯管理单位更换灯具并复查。", "responsible": "officer"}),
    Step.COVER: ({CLERK, LEADER}, {}),
    Step.TAKE_OUT: ({CLERK, LEADER}, {"note": "地点不同，另行整改"}),
    Step.RECTIFY: ({CLERK, OFFICER}, {"result": "灯具已更换，夜间复查正常。", "no_proof": "当场处理，未拍照。"}),
    Step.VERIFY: ({CLERK, LEADER, OFFICE, INSPECTOR}, {}),
    Step.REJECT: ({CLERK, LEADER, OFFICE, INSPECTOR}, {"note": "夜间仍然不亮"}),
    Step.REPLY: ({CLERK, OFFICER}, {"text": "您反映的路灯问题已修复，感谢提醒。"}),
    Step.APPROVE: ({LEADER, OFFICE}, {}),
    Step.SEND_BACK: ({LEADER, OFFICE}, {"note": "请写明完成时间"}),
    Step.FEED_BACK: ({CLERK, OFFICE, OFFICER}, {"told_by": "PHONE"}),
    Step.CALL_BACK: ({CLERK, OFFICE, INSPECTOR}, {"reached": "true", "solved": "true", "satisfaction": "4"}),
    Step.CLOSE: ({CLERK, LEADER, OFFICE}, {}),
    Step.REVIEW: ({CLERK, LEADER, OFFICE}, {"note": "路灯已经装好", "outcome": "SOLVED"}),
    Step.REOPEN: ({LEADER, OFFICE, INSPECTOR}, {"note": "群众反映又坏了"}),
    Step.JOIN: ({CLERK, OFFICE}, {}),
    Step.UNJOIN: ({CLERK, OFFICE}, {"note": "不是同一盏灯"}),
    Step.COMPLAINT: ({CLERK, OFFICE, INSPECTOR}, {"complained_unit": "410800550000", "note": "反映的是民警态度"}),
    # Only whose hand it was takes a step back.
    Step.RECALL: ({CLERK}, {}),
    Step.UNSIGN: ({CLERK}, {}),
}


def _steps(stage: Stage) -> list[Subject]:
    found = []
    for step, (may, send) in _STEPS.items():
        opinion = stage.steps[step]
        filled = dict(send)
        if step is Step.MEASURE:
            filled["planned_on"] = str(timezone.localdate() + timedelta(days=3))
        if step is Step.JOIN:
            filled["main"] = stage.opinions["deep"].no
        if step is Step.COVER:
            filled["rectification"] = rectification_in_hand(stage.steps[Step.RECTIFY]).no
        filled["version"] = str(opinion.version)
        args = {"no": opinion.no, "step": step.value}
        found.append(Subject(step.value, args, SEES["deep"], frozenset(may), filled))
    for name, opinion in stage.opinions.items():
        referring = frozenset(_REFER.get(name, {OFFICE, INSPECTOR} | (_REFER["own"] & OPINIONS_SEEN[name])))
        # Neither the station nor one of its rank may answer for a complaint about it: the inspectors do.
        to = stage.world.unit("督察支队").code if name in COMPLAINTS else stage.units["sibling"].code
        args = {"no": opinion.no, "step": "refer"}
        found.append(Subject(f"refer {name}", args, OPINIONS_SEEN[name], referring, {"to": to}))
    deep = stage.opinions["deep"].no
    found += [
        Subject(f"no such step {word}", {"no": deep, "step": word}, NOBODY)
        for word in ("register", "rate", "ask-again", "supply", "burn")
    ]
    return [*found, Subject("no such opinion", {"no": "YJ2020999999", "step": "refer"}, NOBODY)]


# ---- words for citizens, and what everybody may read

_OFFICE_ALONE: Who = frozenset({OFFICE})
_DECIDES = {LEADER, OFFICE}
_WITHDRAWS = {CLERK, LEADER, OFFICE}
PUBLIC_WORDS = {
    "title": "路灯坏了找谁修",
    "question": "小区门口的路灯坏了，找谁修？",
    "answer": "请打城市管理热线，或者告诉派出所，我们转给路灯管理单位。",
}


def _publications(stage: Stage) -> list[Subject]:
    return [Subject(state, {"pk": one.pk}, SEES["own"]) for state, one in stage.publications.items()]


def _deciding(who: set[str], open_in: set[str], **send: str) -> Callable[[Stage], list[Subject]]:
    def subjects(stage: Stage) -> list[Subject]:
        return [
            replace(one, may=frozenset(who), send=send, then={} if one.label in open_in else dict.fromkeys(STAFF, 409))
            for one in _publications(stage)
        ]

    return subjects


def _proposing(stage: Stage) -> list[Subject]:
    may = frozenset({CLERK, OFFICE})
    told = {"no": stage.steps[Step.REOPEN].no}
    not_told = {"no": stage.steps[Step.RECTIFY].no}
    return [
        Subject("withdrawn before", told, SEES["deep"], may, PUBLIC_WORDS),
        Subject("nobody was told", not_told, SEES["deep"], may, PUBLIC_WORDS, dict.fromkeys(STAFF, 409)),
    ]


def _filling(stage: Stage) -> list[Subject]:
    send = {"template": ReplyTemplate.objects.get(code="reply").pk, "text": "写了一半"}
    return [replace(one, send=send) for one in _opinions(stage)]


def template(_stage: Stage, _viewer: str) -> dict[str, Any]:
    return {"code": "matrix", "occasion": "REPLY", "title": "试用", "text": "您好，由{unit}办理，请放心。"}


def _templates(may: Who = READERS, **send: str) -> Callable[[Stage], list[Subject]]:
    return lambda _stage: [
        Subject("reply", {"pk": ReplyTemplate.objects.get(code="reply").pk}, may=may, send=send),
        Subject("no such template", {"pk": 10**9}, NOBODY),
    ]


def _published(stage: Stage) -> list[Subject]:
    return [Subject("published", {"pk": stage.publications["published"].pk})]


def _hints(stage: Stage) -> list[Subject]:
    return [replace(one, send={"measure": "高度重视，立即整改。"}) for one in _opinions(stage)]


def _rectifications(stage: Stage) -> list[Subject]:
    no = rectification_in_hand(stage.steps[Step.TAKE_OUT]).no
    return [Subject("shared", {"no": no}, SEES["deep"]), Subject("no such one", {"no": "ZG2020999999"}, NOBODY)]


def _parts(stage: Stage) -> list[Subject]:
    (part,) = stage.parts
    args = {"no": part.referral.opinion.no, "pk": part.pk, "unit": part.unit.code}
    return [Subject("helps", args, SEES["deep"] | {OTHER_CLERK}, frozenset({OTHER_CLERK}))]


# ---- many at once, and lists under a name

_BULK = {
    "refer": ({CLERK, OTHER_CLERK, OFFICE, INSPECTOR}, {}),
    "sign": ({CLERK, OTHER_CLERK, LEADER, OFFICE, INSPECTOR}, {}),
    "measure": (
        {CLERK, OTHER_CLERK, LEADER, OFFICE, INSPECTOR},
        {"measure": "联系路灯管理单位更换灯具并复查。", "responsible": "officer"},
    ),
    "close": ({CLERK, OTHER_CLERK, LEADER, OFFICE, INSPECTOR}, {"note": "已办结"}),
}


def _bulk(stage: Stage) -> list[Subject]:
    """Everybody marks the same opinion, and is asked first: whose it is not may not see it either."""
    no = stage.opinions["deep"].no
    found = [
        Subject(step, {"step": step}, may=frozenset(may), send=dict(send) | {"pick": [no]})
        for step, (may, send) in _BULK.items()
    ]
    return [*found, Subject("no such step", {"step": "burn"}, NOBODY)]


def _api_bulk(stage: Stage) -> list[Subject]:
    no = stage.opinions["deep"].no
    found = []
    for step, (may, send) in _BULK.items():
        body = dict(send) | {"items": [{"no": no}]}
        if step == "measure":
            body["planned_on"] = str(timezone.localdate() + timedelta(days=3))
        # Nothing of what was marked is there for them.
        then = dict.fromkeys(may - SEES["deep"], 422)
        if step == "measure":
            # An officer of the station is nobody that they could name.
            then |= {INSPECTOR: 422, OFFICE: 422}
        found.append(Subject(step, {"step": step}, may=frozenset(may), send=body, then=then))
    return [*found, Subject("no such step", {"step": "burn"}, NOBODY, send={"items": []})]


def _printed(stage: Stage) -> list[Subject]:
    send = {"pick": [stage.opinions["deep"].no]}
    found = [Subject(what, {"what": what}, may=READERS, send=send) for what in ("slips", "opinions")]
    return [*found, Subject("no such form", {"what": "burn"}, NOBODY)]


def _runs(stage: Stage) -> list[Subject]:
    """A run of the clerk's: it does not exist for anybody else."""
    return [Subject("of the clerk", {"uid": stage.run.uid}, frozenset({CLERK}))]


_SEES_VIEWS = {"private": frozenset({CLERK}), "own": frozenset({OFFICER, CLERK, LEADER})}


def _views(stage: Stage) -> list[Subject]:
    return [Subject(name, {"pk": one.pk}, _SEES_VIEWS[name]) for name, one in stage.views.items()]


def _own_views(stage: Stage) -> list[Subject]:
    send = {"name": "快到期的", "shared_with": "NOBODY"}
    return [replace(one, may=frozenset({CLERK}), send=send) for one in _views(stage)]


def _kept_list(stage: Stage) -> list[Subject]:
    """Who sees a list keeps it, whatever it holds for them."""
    of = ADDRESS.sign("/opinions/?status=REGISTERED")
    send = {"of": of, "name": "等着转办的", "shared_with": "NOBODY"}
    return [Subject(query=f"?{urlencode({'of': of})}", send=send)]


# ---- visits, petitions, disputes

_VOID = {
    "deep": {CLERK, LEADER, OFFICE},
    "child": {CLERK, LEADER, OFFICE},
    "own": {CLERK, LEADER, OFFICE},
    "parent": {OFFICE},
    "sibling": {OTHER_CLERK, OFFICE},
    "cousin": {OFFICE},
}
_SEES_CASES = SEES | {"mine": SEES["deep"], "settled": SEES["own"]}
_KEEPS_CASES = _VOID | {"mine": {CLERK, LEADER, OFFICE}, "settled": {CLERK, LEADER, OFFICE}}


def _visits(stage: Stage) -> list[Subject]:
    return [
        Subject(place, {"uid": one.uid}, SEES[place], frozenset(_VOID[place]), {"reason": "重复录入了"})
        for place, one in stage.visits.items()
    ]


def _petitions(stage: Stage) -> list[Subject]:
    return [Subject(place, {"pk": one.pk}, _SEES_CASES[place]) for place, one in stage.petitions.items()]


def _petitions_by_no(stage: Stage) -> list[Subject]:
    return [Subject(place, {"no": one.no}, _SEES_CASES[place]) for place, one in stage.petitions.items()]


def _disputes(stage: Stage) -> list[Subject]:
    return [Subject(place, {"pk": one.pk}, _SEES_CASES[place]) for place, one in stage.disputes.items()]


def _case_step(stage: Stage, cases: Mapping[str, Any], place: str, step: str, **send: Any) -> Subject:
    args = {"pk": cases[place].pk, "step": step}
    return Subject(f"{step} {place}", args, _SEES_CASES[place], frozenset(_KEEPS_CASES[place]), send)


def _petition_steps(stage: Stage) -> list[Subject]:
    later = str(stage.world.today + timedelta(days=75))
    cases = stage.petitions
    found = [_case_step(stage, cases, place, "assign", responsible=_who_works_at(place)) for place in (*_VOID, "mine")]
    found += [
        _case_step(stage, cases, place, "extend", extended_on=later, reason="案情复杂，需要延期")
        for place in ("own", "sibling")
    ]
    found += [_case_step(stage, cases, place, "advance", reason="当事人申请复查") for place in ("own", "cousin")]
    found += [_case_step(stage, cases, "mine", "close", result="已出具处理意见并送达。")]
    found += [_case_step(stage, cases, "settled", "reopen", reason="当事人不服，重新办理")]
    return [*found, Subject("no such step", {"pk": cases["own"].pk, "step": "burn"}, NOBODY)]


def _dispute_steps(stage: Stage) -> list[Subject]:
    cases = stage.disputes
    found = [_case_step(stage, cases, place, "assign", responsible=_who_works_at(place)) for place in (*_VOID, "mine")]
    resolve = _case_step(stage, cases, "mine", "resolve", result="已达成书面协议。")
    # Whoever answers for a dispute settles it, without being a clerk.
    found.append(replace(resolve, may=resolve.may | {OFFICER}))
    found.append(_case_step(stage, cases, "settled", "reopen", reason="协议没有履行"))
    return [*found, Subject("no such step", {"pk": cases["own"].pk, "step": "burn"}, NOBODY)]


def _who_works_at(place: str) -> str:
    return {"sibling": "other_clerk", "cousin": "county_officer", "parent": "chief"}.get(place, "officer")


# ---- statistics and bulletins


def _figures(stage: Stage) -> list[Subject]:
    seen = {"own_waiting": frozenset({CLERK, LEADER, OFFICE}), "sibling_waiting": frozenset({OTHER_CLERK, OFFICE})}
    return [Subject(name, {"pk": one.pk}, seen.get(name, COUNTERS)) for name, one in stage.figures.items()]


_OWNS_TABLES = {"private": CLERK, "own": CLERK, "bureau": OFFICE, "sibling": OTHER_CLERK}


def _tables(stage: Stage) -> list[Subject]:
    return [Subject(name, {"pk": one.pk}, SEES_TABLES[name]) for name, one in stage.tables.items()]


def _own_tables(stage: Stage) -> list[Subject]:
    send = {"name": "每月看的表", "span": "FIXED", "shared_with": "NOBODY"}
    return [replace(one, may=frozenset({_OWNS_TABLES[one.label]}), send=send) for one in _tables(stage)]


def _groups(stage: Stage) -> list[Subject]:
    """The opinions of the stage that say the same; which they are is told by role, each of them by its own door."""
    heard = Opinion.objects.aggregate(first=Min("heard_at"), last=Max("heard_at"))
    question = Question(bureau(), Period(*(localdate(heard[end]) for end in ("first", "last"))))
    group = hotspots.similar_groups(question, "", viewer=stage.people[CHIEF]).groups[0]
    return [Subject(args={"key": group.key}, query=f"?{urlencode(question.words())}")]


_KEEPS_FIGURES = {
    "own_waiting": {LEADER, OFFICE},
    "sibling_waiting": {OFFICE},
    "own_approved": {LEADER, OFFICE},
    "sibling_approved": {OFFICE},
}
_TAKES_BACK = {"own_waiting": {CLERK}, "sibling_waiting": {OTHER_CLERK}}


def _approvals(stage: Stage) -> list[Subject]:
    return [
        replace(
            one,
            may=frozenset(_KEEPS_FIGURES[one.label]),
            then=dict.fromkeys(STAFF, 409) if one.label.endswith("_approved") else {},
        )
        for one in _figures(stage)
    ]


def _rejections(stage: Stage) -> list[Subject]:
    whose = {"own_approved": {CLERK}, "sibling_approved": {OTHER_CLERK}} | _TAKES_BACK
    return [
        replace(one, may=one.may | whose[one.label], send={"reason": "与来源文件不符"}) for one in _approvals(stage)
    ]


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


def _issue(stage: Stage) -> list[Subject]:
    period = stage.last_year
    send = {"period_from": str(period.first), "period_to": str(period.last), "template": "plain", "known": "1"}
    return [Subject("last year", may=frozenset({OFFICE}), send=send)]


def _metrics(_stage: Stage) -> list[Subject]:
    return [
        Subject(code, {"code": code}) for code in ("opinions.heard", "referrals.on_time_rate", "visits.recorded")
    ] + [Subject("no such number", {"code": "citizens.ranked"}, NOBODY)]


def _ledgers(_stage: Stage) -> list[Subject]:
    codes = ("visits", "opinions", "referrals", "rectifications", "call_backs", "petitions", "disputes")
    return [*(Subject(code, {"code": code}) for code in codes), Subject("no such ledger", {"code": "people"}, NOBODY)]


def _bulletins(stage: Stage) -> list[Subject]:
    found = [Subject(name, {"pk": one.pk}, COUNTERS) for name, one in stage.bulletins.items()]
    return [*found, Subject("no such bulletin", {"pk": 10**9}, NOBODY)]


def _deliveries(_stage: Stage) -> list[Subject]:
    """What waits in the tray is the visit office's: for anybody else it does not exist."""
    waiting = take_delivery("email", "matrix-1", b"?", _unread, now=timezone.now()).delivery
    return [Subject("in the tray", {"pk": waiting.pk}, frozenset({OFFICE}))]


def _unread(_body: bytes) -> Any:
    raise Untaken(Why.UNREADABLE, "不是 JSON")


def _put_right(stage: Stage, _viewer: str) -> dict[str, Any]:
    form = {"kind": "OPINION", "content": "楼道灯太暗，请换一个。", "source": "SRC16"}
    return form | {"said_at": local(stage.world.now)}


def _settled(send: Any) -> Callable[[Stage], list[Subject]]:
    return lambda stage: [replace(one, send=send) for one in _deliveries(stage)]


def _exports(stage: Stage) -> list[Subject]:
    """A file of the clerk's: it does not exist for anybody else."""
    clerk, now = stage.people[CLERK], timezone.now()
    facts = {"path": "/campaign/", "language": "zh-hans", "form": "xlsx", "title": "里程碑", "name": "里程碑.xlsx"}
    made, _new = Export.objects.get_or_create(
        by=clerk, state=Export.State.READY, defaults=facts | {"rows": 1, "rights": rights_of(clerk), "asked_at": now}
    )
    if not made.file:
        made.file.save("matrix.xlsx", ContentFile(b"PK"))
    return [Subject("of the clerk", {"uid": made.uid}, frozenset({CLERK}))]


def _messages(stage: Stage) -> list[Subject]:
    return [Subject(name, {"pk": one.pk}, KEEPS_MESSAGES[name]) for name, one in stage.messages.items()]


def _notices(stage: Stage) -> list[Subject]:
    """A notice is its officer's alone, as long as that officer may know of what it is about."""
    return [Subject(name, {"pk": one.pk}, frozenset({name} - {"hidden"})) for name, one in stage.notices.items()]


# ---- accounts and units


def _accounts(send: Callable[[Stage, Officer], Mapping[str, Any]] = lambda _stage, _officer: {}) -> Any:
    def subjects(stage: Stage) -> list[Subject]:
        far = Officer.objects.get(username="county_officer")
        here = {CLERK: (stage.people[CLERK], {SECADMIN}), "far": (far, SECADMINS)}
        myself = stage.people[SECADMIN]
        return [
            *(
                Subject(label, {"pk": one.pk}, frozenset(seen), send=dict(send(stage, one)))
                for label, (one, seen) in here.items()
            ),
            # Nobody changes an account of one's own.
            Subject("oneself", {"pk": myself.pk}, frozenset({SECADMIN}), NOBODY, dict(send(stage, myself))),
        ]

    return subjects


def _unlocking(stage: Stage) -> list[Subject]:
    return [replace(one, may=ALL) for one in _accounts()(stage)]


def _duties(stage: Stage) -> list[Subject]:
    found = []
    for subject in _accounts()(stage):
        duty = Duty.objects.filter(officer=subject.args["pk"]).latest("pk")
        found.append(replace(subject, args={**subject.args, "duty_pk": duty.pk}))
    mixed = {**found[0].args, "duty_pk": found[1].args["duty_pk"]}
    return [*found, Subject("a duty of another", mixed, NOBODY)]


def _units(send: Callable[[Stage], Mapping[str, Any]], *, empty: bool = False) -> Any:
    def subjects(stage: Stage) -> list[Subject]:
        near = stage.empty_units["near"] if empty else stage.units["own"]
        far = stage.empty_units["far"] if empty else stage.units["cousin"]
        body = dict(send(stage))
        return [
            Subject("own", {"pk": near.pk}, frozenset({SYSADMIN}), send=body),
            Subject("cousin", {"pk": far.pk}, SYSADMINS, send=body),
        ]

    return subjects


def _county(stage: Stage) -> dict[str, Any]:
    return {"to": str(stage.world.unit("武陟县公安局").pk)}


def _open_officer(stage: Stage) -> list[Subject]:
    send = {"username": "somebody", "name": "民警新", "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    far, near = (send | {"unit": str(stage.units[place].pk)} for place in ("cousin", "own"))
    return [
        Subject("in reach", may=SECADMINS, send=far),
        Subject("out of reach", may=SECADMINS, send=near, then={COUNTY_SECADMIN: 422}),
    ]


def _open_unit(stage: Stage) -> list[Subject]:
    send = {"code": "410823500099", "kind": "STATION", "name": "新设派出所", "position": "1"}
    far, near = (send | {"parent": str(stage.units[place].pk)} for place in ("cousin", "own"))
    return [
        Subject("in reach", may=SYSADMINS, send=far),
        Subject("out of reach", may=SYSADMINS, send=near, then={COUNTY_SYSADMIN: 422}),
    ]


def _tokens(stage: Stage) -> list[Subject]:
    found = []
    for viewer in (CLERK, OFFICE):
        pk = stage.people[viewer].tokens.latest("pk").pk
        found.append(Subject(f"of {viewer}", {"pk": pk}, frozenset({viewer})))
    return found


# ---- posters, sheets of paper, keys of foreign programs

_AT_DOORS = {"deep": frozenset({CLERK, LEADER, OFFICE}), "sibling": frozenset({OTHER_CLERK, OFFICE})}
_TYPES = {"deep": _AT_DOORS["deep"] | {OFFICER}, "sibling": _AT_DOORS["sibling"]}


def _poster(stage: Stage, place: str, window: str) -> Poster:
    unit = stage.units[place]
    known = Poster.objects.up().filter(unit=unit, window=window).first()
    facts: dict[str, Any] = {"by": stage.people[OFFICE], "now": stage.world.now}
    if known is not None or window:
        return known or posters.open_window(unit=unit, window=window, **facts)
    return posters.number_doors([unit], **facts)[0]


def _posters(stage: Stage) -> list[Subject]:
    return [Subject(place, {}, seen, query=f"?no={_poster(stage, place, '').no}") for place, seen in _AT_DOORS.items()]


def _windows(stage: Stage) -> list[Subject]:
    return [Subject(place, {"pk": _poster(stage, place, "户籍窗口").pk}, seen) for place, seen in _AT_DOORS.items()]


def _choice(stage: Stage, viewer: str) -> dict[str, Any]:
    return {"doors": [stage.unit_of(viewer).code], "size": "a4"}


def _window(stage: Stage, viewer: str, **facts: Any) -> dict[str, Any]:
    return {"unit": stage.unit_of(viewer).code, "window": "车管窗口"} | facts


def _series_of(stage: Stage, place: str) -> PaperSeries:
    unit = stage.units[place]
    facts: dict[str, Any] = {"by": stage.people[OFFICE], "now": stage.world.now}
    known = PaperSeries.objects.filter(unit=unit).first()
    return known or paper.number_sheets(unit=unit, occasion=f"征求暗号{place}牌", source="SRC05", many=3, **facts)


def _series(stage: Stage, viewer: str, **facts: Any) -> dict[str, Any]:
    form = {"unit": stage.unit_of(viewer).code, "occasion": "警务广场", "source": "SRC05", "many": "5"}
    return form | facts


def _all_series(send: Callable[[Stage], dict[str, str]]) -> Callable[[Stage], list[Subject]]:
    def made(stage: Stage) -> list[Subject]:
        return [
            Subject(place, {"pk": _series_of(stage, place).pk}, _TYPES[place], may, send(stage))
            for place, may in _AT_DOORS.items()
        ]

    return made


def _handed_out(stage: Stage) -> dict[str, str]:
    return {"out-first": "1", "out-last": "2", "out-on": str(stage.world.today)}


def _sheets_to_print(_stage: Stage) -> dict[str, str]:
    return {"first": "1", "last": "2"}


def _sheets(stage: Stage) -> list[Subject]:
    def of(place: str) -> Subject:
        sheet = _series_of(stage, place).sheets.earliest("position")
        send = {"sheet": sheet.code, "kind": "OPINION", "content": "路灯坏了。", "on": str(stage.world.today)}
        return Subject(place, may=RECORDERS, send=send, then=dict.fromkeys(RECORDERS - _TYPES[place], 422))

    return [of(place) for place in _TYPES]


def _client_key(stage: Stage) -> str:
    _client, key = open311.give_key(name="城市服务", keeper="数据局", by=stage.people[SECADMIN], now=stage.world.now)
    return key


def _clients(stage: Stage) -> list[Subject]:
    _client_key(stage)
    return [Subject("a program", {"pk": ClientApp.objects.live().latest("pk").pk}, frozenset({SECADMIN}))]


def _reported(stage: Stage) -> list[Subject]:
    said = {"api_key": _client_key(stage), "service_code": "A6", "description": "东门的路灯坏了两周。"}
    return [Subject("json", {"form": "json"}, send=said), Subject("xml", {"form": "xml"}, send=said)]


def _told_by(**args: str) -> Any:
    return lambda _stage: [Subject(form, {"form": form, **args}) for form in ("json", "xml")]


def _with(send: Callable[[Stage, str], Mapping[str, Any]] | Mapping[str, Any], may: Who = ALL) -> Any:
    return lambda _stage: [Subject(may=may, send=send)]


# ---- doors without a guard


def _always(get: int, post: int) -> Callable[[str, str], int]:
    return lambda _viewer, method: get if method == "GET" else post


def _signing(viewer: str, method: str) -> int:
    return 302 if method == "POST" or viewer not in NOT_IN else 200


def _named(name: str, **args: str) -> Callable[[Stage], list[Subject]]:
    return lambda _stage: [Subject(args={"name": name, **args})]


def _citizens_word(viewer: str, method: str) -> int:
    """An answer is not rated by those who gave it: not on a browser with an officer signed in."""
    if method == "GET":
        return 405
    return 302 if viewer in NOT_IN else 403


def _heard(stage: Stage, _viewer: str) -> dict[str, Any]:
    return {"uid": str(uuid4()), "kind": "OPINION", "text": "小区东门的路灯坏了两周。", "contact": "anonymous"}


def _case(stage: Stage, _viewer: str) -> dict[str, Any]:
    return {"no": stage.case_code[0], "code": stage.case_code[1]}


# ---- the table

DOORS: dict[str, Door] = {
    "opinions:inbox": Door(get=ALL),
    "opinions:list": Door(get=ALL),
    "opinions:new": Door(get=RECORDERS, post=RECORDERS, subjects=_new(said, "heard_by", RECORDERS)),
    "opinions:detail": Door(get=ALL, subjects=_opinions),
    "opinions:contact": Door(get=ALL, post=ALL, posted=200, subjects=_contacts),
    "opinions:add_files": Door(post=ALL, subjects=_added_files),
    "opinions:duty_coverage": Door(get=frozenset({OFFICE}) | SYSADMINS),
    "opinions:part": Door(get=ALL, post=ALL, subjects=_parts),
    "opinions:similar": Door(get=ALL, subjects=_opinions),
    "opinions:said_already": Door(post=RECORDERS, posted=200, subjects=_typed),
    "opinions:deadlines": Door(get=ALL, subjects=_opinions),
    "opinions:measure_hints": Door(post=ALL, posted=200, subjects=_hints),
    "opinions:rectification": Door(get=ALL, subjects=_rectifications),
    "opinions:attachment": Door(get=ALL, subjects=_attachments),
    "opinions:suggested_unit": Door(get=ALL, subjects=_opinions),
    "opinions:step": Door(get=ALL, post=ALL, subjects=_steps),
    "answers:publications": Door(get=READERS),
    "answers:publication": Door(get=ALL, subjects=_publications),
    "answers:publish": Door(post=ALL, subjects=_deciding(_DECIDES, {"proposed"})),
    "answers:send_back": Door(post=ALL, subjects=_deciding(_DECIDES, {"proposed"}, note="标题再短一点")),
    "answers:withdraw": Door(post=ALL, subjects=_deciding(_WITHDRAWS, {"proposed", "published"}, note="规定变了")),
    "answers:of_opinion": Door(get=ALL, subjects=_opinions),
    "answers:propose": Door(get=ALL, post=ALL, subjects=_proposing, may_to_look=True),
    "answers:check": Door(post=ALL, posted=200, subjects=_with({"text": "已经修好。"})),
    "answers:words": Door(get=ALL, subjects=_opinions),
    "answers:fill": Door(post=ALL, posted=200, subjects=_filling),
    "answers:templates": Door(get=READERS),
    "answers:new_template": Door(get=_OFFICE_ALONE, post=_OFFICE_ALONE, subjects=_with(template, _OFFICE_ALONE)),
    "answers:template": Door(
        get=READERS, post=_OFFICE_ALONE, by_role=True, subjects=_templates(text="您好，由{unit}办理，请放心。")
    ),
    "answers:retire": Door(post=_OFFICE_ALONE, by_role=True, subjects=_templates(_OFFICE_ALONE)),
    "public_answers:list": Door(answers=_always(200, 405)),
    "public_answers:feed": Door(answers=_always(200, 405)),
    "public_answers:answer": Door(answers=_always(200, 405), subjects=_published),
    "public_answers:others": Door(answers=_always(405, 200), subjects=_with({"text": "小区的路灯坏了找谁修"})),
    "public_answers:api_answers": Door(answers=_always(200, 405)),
    "casework:petitions": Door(get=ALL),
    "casework:new_petition": Door(
        get=CASE_RECORDERS, post=CASE_RECORDERS, subjects=_new(petition, "unit", CASE_RECORDERS)
    ),
    "casework:petition": Door(get=ALL, subjects=_petitions),
    "casework:petition_deadlines": Door(get=ALL, subjects=_petitions),
    "casework:petition_step": Door(get=ALL, post=ALL, subjects=_petition_steps),
    "casework:disputes": Door(get=ALL),
    "casework:new_dispute": Door(
        get=CASE_RECORDERS, post=CASE_RECORDERS, subjects=_new(dispute, "unit", CASE_RECORDERS)
    ),
    "casework:dispute": Door(get=ALL, subjects=_disputes),
    "casework:dispute_step": Door(get=ALL, post=ALL, subjects=_dispute_steps),
    "accounts:sign_in": Door(answers=_signing, subjects=_with({"username": "officer", "password": PASSWORD})),
    "accounts:sign_out": Door(answers=_always(405, 302)),
    "accounts:language": Door(answers=_always(405, 302), subjects=_with({"language": "en"})),
    "accounts:profile": Door(get=ALL),
    "accounts:password": Door(
        get=ALL | {NEWCOMER},
        post=ALL | {NEWCOMER},
        subjects=_with({"old": PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD}, ALL | {NEWCOMER}),
    ),
    "accounts:end_other_sessions": Door(post=ALL),
    "accounts:end_session": Door(post=ALL, subjects=lambda _stage: [Subject(args={"handle": "0123456789abcdef"})]),
    "accounts:make_token": Door(post=ALL, posted=200, subjects=_with({"name": "同步程序"})),
    "accounts:revoke_token": Door(post=ALL, subjects=_tokens),
    "accounts:officers": Door(get=SECADMINS),
    "accounts:open_officer": Door(get=SECADMINS, post=SECADMINS, subjects=_open_officer),
    "accounts:officer": Door(get=SECADMINS, subjects=_accounts(), by_role=True),
    "accounts:appoint": Door(
        post=SECADMINS,
        by_role=True,
        subjects=_accounts(lambda _stage, one: {"role": "OFFICER", "over": str(one.unit_id)}),
    ),
    "accounts:relieve": Door(post=SECADMINS, by_role=True, subjects=_duties),
    "accounts:move_officer": Door(post=SECADMINS, by_role=True, subjects=_accounts(lambda stage, _one: _county(stage))),
    "accounts:reset_password": Door(
        post=SECADMINS,
        by_role=True,
        subjects=_accounts(lambda _stage, _one: {"password": NEW_PASSWORD, "again": NEW_PASSWORD}),
    ),
    "accounts:unlock": Door(post=SECADMINS, by_role=True, subjects=_unlocking),
    "accounts:disable": Door(post=SECADMINS, by_role=True, subjects=_accounts()),
    "accounts:enable": Door(post=SECADMINS, by_role=True, subjects=_accounts()),
    "accounts:units": Door(get=SYSADMINS),
    "accounts:open_unit": Door(get=SYSADMINS, post=SYSADMINS, subjects=_open_unit),
    "accounts:unit": Door(
        get=SYSADMINS, post=SYSADMINS, by_role=True, subjects=_units(lambda _stage: {"name": "某单位", "position": "3"})
    ),
    "accounts:move_unit": Door(post=SYSADMINS, by_role=True, subjects=_units(_county)),
    "accounts:close_unit": Door(
        post=SYSADMINS,
        by_role=True,
        subjects=_units(lambda stage: {"last_day": str(stage.world.today)}, empty=True),
    ),
    "accounts:special_days": Door(get=SYSADMINS),
    "accounts:set_special_day": Door(
        get=SYSADMINS,
        post=SYSADMINS,
        subjects=_with({"on": "2027-10-01", "is_working": "0", "name": "国庆节"}, SYSADMINS),
    ),
    "accounts:audit_records": Door(get=frozenset({AUDITOR})),
    "visits:list": Door(get=ALL),
    "visits:new": Door(get=RECORDERS, post=RECORDERS, subjects=_new(visited, "unit", RECORDERS, **_THERE)),
    "visits:officers": Door(get=RECORDERS),
    "visits:detail": Door(get=ALL, subjects=_visits),
    "visits:void": Door(get=ALL, post=ALL, subjects=_visits, may_to_look=True),
    "channels:deliveries": Door(get=frozenset({OFFICE})),
    "channels:overview": Door(get=frozenset({OFFICE})),
    "channels:tray": Door(get=frozenset({OFFICE})),
    "channels:delivery": Door(get=ALL, subjects=_deliveries),
    "channels:open_delivery": Door(post=ALL, posted=200, subjects=_deliveries),
    "channels:take_delivery": Door(post=ALL, subjects=_settled(_put_right)),
    "channels:discard_delivery": Door(post=ALL, subjects=_settled({"reason": "是广告，不登记"})),
    "posters:choose": Door(get=CASE_RECORDERS, post=CASE_RECORDERS, subjects=_with(_choice, CASE_RECORDERS)),
    "posters:print": Door(get=CASE_RECORDERS, subjects=_posters, by_role=True),
    "posters:new_window": Door(get=CASE_RECORDERS, post=CASE_RECORDERS, subjects=_new(_window, "unit", CASE_RECORDERS)),
    "posters:take_down": Door(post=CASE_RECORDERS, subjects=_windows, by_role=True),
    "paper:type": Door(get=RECORDERS, post=RECORDERS, subjects=_sheets),
    "paper:sheet": Door(get=RECORDERS),
    "paper:series": Door(get=RECORDERS),
    "paper:new_series": Door(get=CASE_RECORDERS, post=CASE_RECORDERS, subjects=_new(_series, "unit", CASE_RECORDERS)),
    "paper:series_page": Door(get=ALL, post=ALL, subjects=_all_series(_handed_out)),
    "paper:print": Door(post=ALL, posted=200, subjects=_all_series(_sheets_to_print)),
    "clients:list": Door(get=frozenset({SECADMIN})),
    "clients:new": Door(
        get=frozenset({SECADMIN}),
        post=frozenset({SECADMIN}),
        posted=200,
        subjects=_with({"name": "城市服务", "keeper": "数据局"}),
    ),
    "clients:revoke": Door(post=frozenset({SECADMIN}), subjects=_clients, by_role=True),
    "open311:discovery": Door(answers=_always(200, 405), subjects=_told_by()),
    "open311:services": Door(answers=_always(200, 405), subjects=_told_by()),
    "open311:service": Door(answers=_always(200, 405), subjects=_told_by(code="A6")),
    "open311:requests": Door(answers=_always(200, 201), subjects=_reported),
    "open311:request": Door(answers=_always(404, 405), subjects=_told_by(no="YJ2020999999")),
    "open311:token": Door(answers=_always(404, 405), subjects=_told_by(token="YJ2020999999.x")),
    "public_short:poster": Door(
        answers=_always(302, 405), subjects=lambda stage: [Subject(args={"no": _poster(stage, "own", "").no})]
    ),
    "callbacks:to_call": Door(get=ALL),
    "callbacks:sampled": Door(get=ALL),
    "callbacks:denied": Door(get=ALL),
    "campaigns:milestones": Door(get=ALL),
    "campaigns:new": Door(
        get=frozenset({OFFICE}),
        post=frozenset({OFFICE}),
        subjects=_with({"name": "推进会", "kind": "MEETING", "unit": "410800000000", "on": "2026-05-01"}),
    ),
    "statistics:dashboard": Door(get=COUNTERS),
    "statistics:wall": Door(get=COUNTERS),
    "statistics:table": Door(get=COUNTERS),
    "statistics:pivot": Door(get=COUNTERS),
    "statistics:save_table": Door(
        get=COUNTERS, post=COUNTERS, subjects=_with({"name": "每周看的表", "span": "FIXED", "shared_with": "NOBODY"})
    ),
    "statistics:saved_tables": Door(get=COUNTERS),
    "statistics:saved_table": Door(get=ALL, post=ALL, subjects=_own_tables),
    "statistics:open_saved_table": Door(get=ALL, got=302, subjects=_tables),
    "statistics:copy_saved_table": Door(post=ALL, subjects=_tables),
    "statistics:delete_saved_table": Door(post=ALL, subjects=_own_tables),
    "statistics:topics": Door(get=COUNTERS),
    "statistics:hot_spots": Door(get=COUNTERS),
    "statistics:similar": Door(get=COUNTERS),
    "statistics:similar_rows": Door(get=COUNTERS, subjects=_groups),
    "statistics:catalogue": Door(get=COUNTERS),
    "statistics:rows": Door(get=COUNTERS, subjects=_metrics, by_role=True),
    "statistics:figures": Door(get=COUNTERS),
    "statistics:report": Door(get=REPORTERS, post=REPORTERS, subjects=_with(report)),
    "statistics:figure": Door(get=ALL, subjects=_figures),
    "statistics:approve": Door(post=ALL, subjects=_approvals),
    "statistics:reject": Door(post=ALL, subjects=_rejections),
    "exports:list": Door(get=ALL),
    "exports:ask": Door(get=ALL, post=ALL, subjects=_with({"of": ADDRESS.sign("/campaign/")})),
    "exports:file": Door(post=ALL, posted=200, subjects=_exports),
    "exports:discard": Door(post=ALL, subjects=_exports),
    "notifications:notices": Door(get=ALL),
    "notifications:read_all": Door(post=ALL, subjects=_with({"newest": "1"})),
    "notifications:open_notice": Door(post=ALL, subjects=_notices),
    "notifications:outgoing": Door(get=REPORTERS),
    "notifications:resend": Door(get=ALL, post=ALL, subjects=_messages),
    "worklists:runs": Door(get=ALL),
    "worklists:bulk": Door(post=ALL, posted=200, subjects=_bulk),
    "worklists:print": Door(post=ALL, posted=200, subjects=_printed),
    "worklists:run": Door(get=ALL, subjects=_runs),
    "worklists:undo": Door(post=ALL, subjects=_runs),
    "worklists:views": Door(get=ALL),
    "worklists:save": Door(get=ALL, post=ALL, subjects=_kept_list),
    "worklists:tabs": Door(get=ALL, subjects=_kept_list),
    "worklists:view": Door(get=ALL, post=ALL, subjects=_own_views),
    "worklists:delete_view": Door(post=ALL, subjects=_own_views),
    "ledgers:list": Door(get=ALL),
    "ledgers:ledger": Door(get=READERS, subjects=_ledgers),
    "bulletins:list": Door(get=COUNTERS),
    "bulletins:draft": Door(get=frozenset({OFFICE})),
    "bulletins:draft_docx": Door(get=frozenset({OFFICE})),
    "bulletins:issue": Door(post=ALL, subjects=_issue),
    "bulletins:detail": Door(get=ALL, subjects=_bulletins),
    "bulletins:docx": Door(get=ALL, subjects=_bulletins),
    # Without an office program whoever may see the bulletin is told so; the others still find nothing.
    "bulletins:pdf": Door(get=ALL, got=200 if office_program() else 503, subjects=_bulletins),
    "ui:components": Door(get=ALL),
    # Whoever calls without signing is turned away before anything is looked at; without a key there is no door.
    "gateway:sms": Door(answers=_always(405, 401)),
    "gateway:sms_report": Door(answers=_always(405, 401)),
    "gateway:feed": Door(answers=_always(404, 404), subjects=_named("microblog")),
    "gateway:transfer": Door(answers=_always(404, 404), subjects=_named("12345")),
    "gateway:transfer_answer": Door(answers=_always(404, 404), subjects=_named("12345", source_no="GD1")),
    "public:start": Door(answers=_always(200, 405)),
    "public:say": Door(answers=_always(200, 302), subjects=_with(_heard)),
    "public:receipt": Door(answers=_always(302, 405)),
    "public:track": Door(answers=_always(200, 302), subjects=_with(_case)),
    "public:case": Door(answers=_always(302, 405)),
    "public:rate": Door(answers=_citizens_word),
    "public:ask_again": Door(answers=_citizens_word),
    "public:supply": Door(answers=_citizens_word),
    "public:leave": Door(answers=_always(405, 302)),
    "public:privacy": Door(answers=_always(200, 405)),
    "public:language": Door(answers=_always(405, 302), subjects=_with({"language": "en"})),
    "public:api_opinions": Door(answers=_always(405, 201), subjects=_with({"text": "小区东门的路灯坏了两周。"})),
    "public:api_track": Door(answers=_always(405, 200), subjects=_with(_case)),
    "public:api_ratings": Door(
        answers=_always(405, 409),
        subjects=_with(lambda stage, viewer: _case(stage, viewer) | {"solved": True, "satisfaction": 4}),
    ),
    "public:api_supplements": Door(
        answers=_always(405, 409),
        subjects=_with(lambda stage, viewer: _case(stage, viewer) | {"text": "东侧第一到第三盏。"}),
    ),
}


# ---- the officers' API: the same rules, a token at the door


def _api_visit(stage: Stage, viewer: str, **facts: Any) -> dict[str, Any]:
    body = {"uid": str(uuid4()), "visited_at": stage.world.now.isoformat(), "mode": "F1"}
    return body | {"object_category": "RES", "theme": "T2"} | facts


def _api_opinion(stage: Stage, viewer: str, **facts: Any) -> dict[str, Any]:
    return said(stage, viewer, heard_at=stage.world.now.isoformat()) | facts


def _transfer(_stage: Stage, _viewer: str, **facts: Any) -> dict[str, Any]:
    return {"sender": "12345", "no": str(uuid4()), "text": "小区东门的路灯坏了。"} | facts


def _transfers(stage: Stage) -> list[Subject]:
    """An opinion that the hotline passed on to the station."""
    number = "matrix-1"
    if not Opinion.objects.filter(source_no=number).exists():
        now, clerk = stage.world.now, stage.people[CLERK]
        stage.world.opinion(source="SRC15", source_no=number, heard_by=stage.units["own"], by=clerk, now=now)
    args = {"sender": "12345", "source_no": number}
    return [
        Subject("at the station", args, SEES["own"]),
        Subject("no such number", {"sender": "12345", "source_no": "0"}, NOBODY),
        Subject("no such sender", {"sender": "x", "source_no": number}, NOBODY),
    ]


def _api_petition(stage: Stage, viewer: str, **facts: Any) -> dict[str, Any]:
    return petition(stage, viewer, assigned_at=stage.world.now.isoformat()) | facts


def _api_dispute(stage: Stage, viewer: str, **facts: Any) -> dict[str, Any]:
    return dispute(stage, viewer, found_at=stage.world.now.isoformat()) | facts


API_DOORS: dict[str, Door] = {
    "api:openapi-json": Door(answers=_always(200, 200)),
    "api:api-root": Door(answers=_always(404, 404)),
    "api:list_visits": Door(get=ALL),
    "api:record_visit": Door(post=RECORDERS, posted=201, subjects=_new(_api_visit, "unit", RECORDERS, **_THERE)),
    "api:list_opinions": Door(get=ALL),
    "api:register": Door(post=RECORDERS, posted=201, subjects=_new(_api_opinion, "heard_by", RECORDERS)),
    "api:opinion": Door(get=ALL, subjects=_opinions),
    "api:deadlines": Door(get=ALL, subjects=_opinions),
    "api:take_part": Door(post=ALL, posted=200, subjects=_parts),
    "api:take_in_bulk": Door(post=ALL, posted=200, subjects=_api_bulk),
    "api:take_step": Door(post=ALL, posted=200, subjects=_steps),
    "api:list_call_backs": Door(get=ALL),
    "api:list_denied": Door(get=ALL),
    "api:list_petitions": Door(get=ALL),
    "api:petition_deadlines": Door(get=ALL, subjects=_petitions_by_no),
    "api:record_petition": Door(post=CASE_RECORDERS, posted=201, subjects=_new(_api_petition, "unit", CASE_RECORDERS)),
    "api:list_disputes": Door(get=ALL),
    "api:record_dispute": Door(post=CASE_RECORDERS, posted=201, subjects=_new(_api_dispute, "unit", CASE_RECORDERS)),
    "api:list_notices": Door(get=ALL),
    "api:pass_on": Door(
        post=REPORTERS,
        posted=201,
        subjects=lambda stage: [
            Subject("own unit", may=REPORTERS, send=_transfer),
            Subject(
                "unit out of reach",
                may=REPORTERS,
                send=_anew(_transfer, **_far(stage, "unit")),
                then=dict.fromkeys(REPORTERS - {OFFICE}, 403),
            ),
        ],
    ),
    "api:answer": Door(get=ALL, subjects=_transfers),
    "api:stats": Door(get=COUNTERS, subjects=lambda _stage: [Subject(query="?metric=opinions.heard")]),
    "api:metrics": Door(get=COUNTERS),
}
DECLARED = DOORS | API_DOORS
