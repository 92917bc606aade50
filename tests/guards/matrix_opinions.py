"""What stands behind the doors of opinions: steps, words for citizens, many at once, lists under a name."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.guards.matrix_stage import (
    CLERK,
    COMPLAINTS,
    INSPECTOR,
    LEADER,
    OFFICE,
    OFFICER,
    OPINIONS_SEEN,
    OTHER_CLERK,
    SEES,
    STAFF,
    Stage,
)
from tests.guards.matrix_who import NOBODY, READERS, RECORDERS, Subject, Who
from zoufang.answers.models import ReplyTemplate
from zoufang.opinions.selectors import rectification_in_hand
from zoufang.opinions.workflow import Step
from zoufang.ui.listing import ADDRESS

# ---- opinions


def opinions(stage: Stage) -> list[Subject]:
    return [Subject(name, {"no": one.no}, OPINIONS_SEEN[name]) for name, one in stage.opinions.items()]


def typed(_stage: Stage) -> list[Subject]:
    send = {"content": "暗号deep号牌：夜间路灯不亮。", "topic": "A6"}
    return [Subject("what is being typed", may=RECORDERS, send=send)]


CONTACT = {
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

FILES = {
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

REFER = {
    "deep": {CLERK, OFFICE},
    "child": {CLERK, OFFICE},
    "own": {CLERK, OFFICE},
    "parent": {OFFICE},
    "sibling": {OTHER_CLERK, OFFICE},
    "cousin": {OFFICE},
    "about_office": {INSPECTOR},
}


def contacts(stage: Stage) -> list[Subject]:
    send = {"reason": "核实情况并回访"}
    return [replace(one, may=frozenset(CONTACT[one.label]), send=send) for one in opinions(stage)]


def added_files(stage: Stage) -> list[Subject]:
    def send(_stage: Stage, _viewer: str) -> dict[str, Any]:
        return {"added": SimpleUploadedFile("现场.pdf", b"%PDF-1.4 more")}

    return [replace(one, may=frozenset(FILES[one.label]), send=send) for one in opinions(stage)]


def attachments(stage: Stage) -> list[Subject]:
    found = [
        Subject(name, {"no": stage.opinions[name].no, "pk": file.pk}, OPINIONS_SEEN[name])
        for name, file in stage.files.items()
    ]
    borrowed = {"no": stage.opinions["deep"].no, "pk": stage.files["about_station"].pk}
    return [*found, Subject("a file of another opinion", borrowed, NOBODY)]


STEPS: dict[Step, tuple[set[str], dict[str, str]]] = {
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


def steps(stage: Stage) -> list[Subject]:
    found = []
    for step, (may, send) in STEPS.items():
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
        referring = frozenset(REFER.get(name, {OFFICE, INSPECTOR} | (REFER["own"] & OPINIONS_SEEN[name])))
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

OFFICE_ALONE: Who = frozenset({OFFICE})

DECIDES = {LEADER, OFFICE}

WITHDRAWS = {CLERK, LEADER, OFFICE}

PUBLIC_WORDS = {
    "title": "路灯坏了找谁修",
    "question": "小区门口的路灯坏了，找谁修？",
    "answer": "请打城市管理热线，或者告诉派出所，我们转给路灯管理单位。",
}


def publications(stage: Stage) -> list[Subject]:
    return [Subject(state, {"pk": one.pk}, SEES["own"]) for state, one in stage.publications.items()]


def deciding(who: set[str], open_in: set[str], **send: str) -> Callable[[Stage], list[Subject]]:
    def subjects(stage: Stage) -> list[Subject]:
        return [
            replace(one, may=frozenset(who), send=send, then={} if one.label in open_in else dict.fromkeys(STAFF, 409))
            for one in publications(stage)
        ]

    return subjects


def proposing(stage: Stage) -> list[Subject]:
    may = frozenset({CLERK, OFFICE})
    told = {"no": stage.steps[Step.REOPEN].no}
    not_told = {"no": stage.steps[Step.RECTIFY].no}
    return [
        Subject("withdrawn before", told, SEES["deep"], may, PUBLIC_WORDS),
        Subject("nobody was told", not_told, SEES["deep"], may, PUBLIC_WORDS, dict.fromkeys(STAFF, 409)),
    ]


def filling(stage: Stage) -> list[Subject]:
    send = {"template": ReplyTemplate.objects.get(code="reply").pk, "text": "写了一半"}
    return [replace(one, send=send) for one in opinions(stage)]


def template(_stage: Stage, _viewer: str) -> dict[str, Any]:
    return {"code": "matrix", "occasion": "REPLY", "title": "试用", "text": "您好，由{unit}办理，请放心。"}


def templates(may: Who = READERS, **send: str) -> Callable[[Stage], list[Subject]]:
    return lambda _stage: [
        Subject("reply", {"pk": ReplyTemplate.objects.get(code="reply").pk}, may=may, send=send),
        Subject("no such template", {"pk": 10**9}, NOBODY),
    ]


def published(stage: Stage) -> list[Subject]:
    return [Subject("published", {"pk": stage.publications["published"].pk})]


def hints(stage: Stage) -> list[Subject]:
    return [replace(one, send={"measure": "高度重视，立即整改。"}) for one in opinions(stage)]


def rectifications(stage: Stage) -> list[Subject]:
    no = rectification_in_hand(stage.steps[Step.TAKE_OUT]).no
    return [Subject("shared", {"no": no}, SEES["deep"]), Subject("no such one", {"no": "ZG2020999999"}, NOBODY)]


def parts(stage: Stage) -> list[Subject]:
    (part,) = stage.parts
    args = {"no": part.referral.opinion.no, "pk": part.pk, "unit": part.unit.code}
    return [Subject("helps", args, SEES["deep"] | {OTHER_CLERK}, frozenset({OTHER_CLERK}))]


# ---- many at once, and lists under a name

BULK = {
    "refer": ({CLERK, OTHER_CLERK, OFFICE, INSPECTOR}, {}),
    "sign": ({CLERK, OTHER_CLERK, LEADER, OFFICE, INSPECTOR}, {}),
    "measure": (
        {CLERK, OTHER_CLERK, LEADER, OFFICE, INSPECTOR},
        {"measure": "联系路灯管理单位更换灯具并复查。", "responsible": "officer"},
    ),
    "close": ({CLERK, OTHER_CLERK, LEADER, OFFICE, INSPECTOR}, {"note": "已办结"}),
}


def bulk(stage: Stage) -> list[Subject]:
    """Everybody marks the same opinion, and is asked first: whose it is not may not see it either."""
    no = stage.opinions["deep"].no
    found = [
        Subject(step, {"step": step}, may=frozenset(may), send=dict(send) | {"pick": [no]})
        for step, (may, send) in BULK.items()
    ]
    return [*found, Subject("no such step", {"step": "burn"}, NOBODY)]


def api_bulk(stage: Stage) -> list[Subject]:
    no = stage.opinions["deep"].no
    found = []
    for step, (may, send) in BULK.items():
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


def printed(stage: Stage) -> list[Subject]:
    send = {"pick": [stage.opinions["deep"].no]}
    found = [Subject(what, {"what": what}, may=READERS, send=send) for what in ("slips", "opinions")]
    return [*found, Subject("no such form", {"what": "burn"}, NOBODY)]


def runs(stage: Stage) -> list[Subject]:
    """A run of the clerk's: it does not exist for anybody else."""
    return [Subject("of the clerk", {"uid": stage.run.uid}, frozenset({CLERK}))]


SEES_VIEWS = {"private": frozenset({CLERK}), "own": frozenset({OFFICER, CLERK, LEADER})}


def views(stage: Stage) -> list[Subject]:
    return [Subject(name, {"pk": one.pk}, SEES_VIEWS[name]) for name, one in stage.views.items()]


def own_views(stage: Stage) -> list[Subject]:
    send = {"name": "快到期的", "shared_with": "NOBODY"}
    return [replace(one, may=frozenset({CLERK}), send=send) for one in views(stage)]


def kept_list(stage: Stage) -> list[Subject]:
    """Who sees a list keeps it, whatever it holds for them."""
    of = ADDRESS.sign("/opinions/?status=REGISTERED")
    send = {"of": of, "name": "等着转办的", "shared_with": "NOBODY"}
    return [Subject(query=f"?{urlencode({'of': of})}", send=send)]
