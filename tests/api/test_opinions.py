"""Opinions over the API: registered once, led through their whole life, read by those who may."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tests.api.conftest import OPINIONS, Program
from tests.world import World
from zoufang.audit.models import AuditRecord
from zoufang.opinions.models import Opinion, OpinionEvent

Programs = Callable[..., Program]


def heard(world: World, **facts: Any) -> dict[str, Any]:
    return {
        "topic": "A6",
        "content": "小区东门路灯坏了两周。",
        "heard_by": world.room.code,
        "heard_at": (world.now - timedelta(hours=1)).isoformat(),
    } | facts


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    said: dict[str, Any] = answer.json()
    assert said["status"] == status
    assert said["detail"].strip()
    return said


def test_the_whole_life_of_an_opinion_by_three_programs(world: World, program: Programs) -> None:
    officer, clerk, leader = program(world.officer), program(world.clerk), program(world.leader)
    made = officer.post(OPINIONS, heard(world, uid=str(uuid4()), place="锦绣花园")).json()
    assert (made["status"], made["heard_by"], made["version"]) == ("REGISTERED", world.room.code, 0)
    no = made["no"]
    life: list[tuple[Program, str, dict[str, Any], str]] = [
        (clerk, "refer", {"to": world.station.code, "note": "请尽快办理"}, "REFERRED"),
        (clerk, "sign", {}, "SIGNED"),
        (clerk, "return", {"reason": "UNCLEAR", "note": "请核对地点"}, "REGISTERED"),
        (clerk, "refer", {"to": world.station.code}, "REFERRED"),
        (clerk, "sign", {}, "SIGNED"),
        (
            clerk,
            "measure",
            {
                "measure": "联系路灯管理单位三日内更换灯具，夜间复查。",
                "responsible": "officer",
                "planned_on": (world.now + timedelta(days=3)).date().isoformat(),
            },
            "IN_HAND",
        ),
        (officer, "rectify", {"result": "灯具已更换，夜间复查正常。", "no_proof": "当场处理，未拍照。"}, "RECTIFIED"),
        (clerk, "reject", {"note": "请补充复查照片说明"}, "IN_HAND"),
        (
            officer,
            "rectify",
            {"result": "灯具已更换，两次夜间复查正常。", "no_proof": "当场处理，未拍照。"},
            "RECTIFIED",
        ),
        (clerk, "verify", {"note": "属实"}, "VERIFIED"),
        (clerk, "reply", {"text": "您反映的路灯问题已修复，感谢您的提醒。"}, "DRAFTED"),
        (leader, "send-back", {"note": "请写明修复日期"}, "VERIFIED"),
        (clerk, "reply", {"text": "您反映的路灯问题已于昨日修复，感谢您的提醒。"}, "DRAFTED"),
        (leader, "approve", {}, "APPROVED"),
        (clerk, "feedback", {"told_by": "PHONE"}, "ANSWERED"),
        (clerk, "call-back", {"reached": True, "solved": True, "satisfaction": 5, "note": "满意"}, "ANSWERED"),
        (clerk, "close", {"note": "归档"}, "CLOSED"),
        (leader, "reopen", {"note": "群众反映又坏了"}, "REGISTERED"),
    ]
    for version, (who, step, body, becomes) in enumerate(life):
        answer = who.step(no, step, **body, version=version)
        assert answer.status_code == 200, (step, answer.content)
        whole = answer.json()
        assert (whole["status"], whole["version"]) == (becomes, version + 1), step
        assert whole["events"][-1]["step"] == step
        assert whole["events"][-1]["by"] == {officer: "officer", clerk: "clerk", leader: "leader"}[who]
        assert who.get(f"{OPINIONS}/{no}").json() == whole
    assert [event["step"] for event in whole["events"]] == ["register", *(step for _who, step, _body, _is in life)]
    assert AuditRecord.objects.filter(object_type="opinion", object_id=no).count() == len(life) + 1
    assert "refer" in {step["step"] for step in clerk.get(f"{OPINIONS}/{no}").json()["steps"]}


def test_a_step_that_is_offered_is_open_and_a_closed_one_says_why(world: World, program: Programs) -> None:
    opinion = world.signed()
    steps = {one["step"]: one for one in program(world.officer).get(f"{OPINIONS}/{opinion.no}").json()["steps"]}
    assert {"return", "measure"} <= set(steps)
    assert not any(one["open"] for one in steps.values())
    assert all(one["reason"] for one in steps.values())
    offered = program(world.clerk).get(f"{OPINIONS}/{opinion.no}").json()["steps"]
    assert all(one["open"] and not one["reason"] for one in offered)


def test_the_same_uid_and_body_again_is_the_same_opinion(world: World, program: Programs) -> None:
    officer, body = program(world.officer), heard(world, uid=str(uuid4()), source_no="A-1", place="锦绣花园")
    first, again = officer.post(OPINIONS, body), officer.post(OPINIONS, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    for other in (
        {"content": "别的内容别的内容"},
        {"topic": "B2"},
        {"kind": "HELP"},
        {"source": "SRC15"},
        {"source_no": "A-2"},
        {"place": ""},
        {"heard_at": world.now.isoformat()},
        {"object_category": "RES"},
        {"kind": "COMPLAINT", "complained_unit": world.other_station.code},
        {"heard_by": world.station.code},
    ):
        problem(officer.post(OPINIONS, body | other), 409)
    assert Opinion.objects.count() == 1
    assert OpinionEvent.objects.count() == 1


def test_a_complaint_and_a_masked_text_sent_again_are_the_same(world: World, program: Programs) -> None:
    clerk = program(world.clerk)
    complaint = heard(
        world, uid=str(uuid4()), kind="COMPLAINT", complained_officer=world.other_leader.username, content="态度不好。"
    )
    masked = heard(world, uid=str(uuid4()), content="请回电13812345678。", mask=True)
    for body in (complaint, masked):
        assert [clerk.post(OPINIONS, body).status_code for _ in range(2)] == [201, 200]
    assert Opinion.objects.get(uid=masked["uid"]).content == "请回电138****5678。"
    assert set(problem(clerk.post(OPINIONS, heard(world, content="请回电13812345678。")), 422)["errors"]) == {"content"}


def test_a_uid_of_somebody_else_is_not_found(world: World, program: Programs) -> None:
    body = heard(world, uid=str(uuid4()))
    program(world.officer).post(OPINIONS, body)
    for other in (program(world.other_clerk), program(world.clerk)):
        assert "officer" not in str(problem(other.post(OPINIONS, body), 404))
    assert Opinion.objects.count() == 1


def test_a_number_of_a_source_stands_for_one_opinion(world: World, program: Programs) -> None:
    officer = program(world.officer)
    assert officer.post(OPINIONS, heard(world, source_no="A-1")).status_code == 201
    assert set(problem(officer.post(OPINIONS, heard(world, source_no="A-1")), 422)["errors"]) == {"source_no"}


def test_what_is_wrong_is_told_by_field(world: World, program: Programs) -> None:
    officer = program(world.officer)
    for wrong, fields in (
        ({"kind": "X"}, {"kind"}),
        ({"topic": "A"}, {"topic"}),
        ({"topic": None}, {"topic"}),
        ({"content": ""}, {"content"}),
        ({"content": "长" * 4001}, {"content"}),
        ({"content": "\x00\x00\x00\x00"}, {"content"}),
        ({"content": ["x"]}, {"content"}),
        ({"heard_by": world.other_station.code}, {"heard_by"}),
        ({"heard_by": {"code": 1}}, {"heard_by"}),
        ({"heard_at": "2026-03-01T10:00:00"}, {"heard_at"}),
        ({"heard_at": "gestern"}, {"heard_at"}),
        ({"complained_unit": world.other_station.code}, {"complained_unit"}),
        ({"uid": "x"}, {"uid"}),
        ({"mask": "vielleicht"}, {"mask"}),
        ({"place": "\ud800"}, {"place"}),
        ({"content": "半个字\udfff半个字"}, {"content"}),
        ({"kind": "X", "topic": "Z9", "content": ""}, {"kind", "topic", "content"}),
    ):
        assert set(problem(officer.post(OPINIONS, heard(world) | wrong), 422)["errors"]) == fields, wrong
    later = heard(world, heard_at=(world.now + timedelta(days=1)).isoformat())
    problem(officer.post(OPINIONS, later), 422)
    assert not Opinion.objects.exists()


@pytest.mark.parametrize(
    "raw", ["", "{", "[]", "null", '"x"', "1", "NaN", "\xff\xfe", "[" * 100_000, '{"a": 1' + "0" * 9999]
)
def test_what_is_no_json_object_is_refused(world: World, program: Programs, raw: str) -> None:
    officer = program(world.officer)
    answer = officer.client.post(OPINIONS, raw.encode("latin-1"), content_type="application/json")
    assert answer.status_code in (400, 422)
    problem(answer, answer.status_code)


def test_a_huge_body_is_refused_before_it_is_read(world: World, program: Programs) -> None:
    officer = program(world.officer)
    problem(officer.post(OPINIONS, heard(world, content="长" * 3_000_000)), 413)
    opinion = world.opinion()
    problem(program(world.clerk).step(opinion.no, "refer", to=world.station.code, note="长" * 3_000_000), 413)


def test_fields_that_nobody_asked_for_change_nothing(world: World, program: Programs) -> None:
    extra = {
        "status": "CLOSED",
        "no": "YJ1",
        "id": 1,
        "version": 7,
        "recorded_by": world.leader.pk,
        "recorded_at": "2020-01-01T00:00:00Z",
        "responsible_unit": world.station.code,
        "due_at": "2030-01-01T00:00:00Z",
        "needs_rectification": False,
        "title": "x",
    }
    made = program(world.officer).post(OPINIONS, heard(world, **extra)).json()
    opinion = Opinion.objects.get(no=made["no"])
    assert (opinion.status, opinion.version, opinion.title) == ("REGISTERED", 0, "")
    assert (opinion.recorded_by, opinion.responsible_unit, opinion.needs_rectification) == (world.officer, None, True)
    assert program(world.clerk).step(opinion.no, "refer", to=world.station.code, status="CLOSED").status_code == 200
    opinion.refresh_from_db()
    assert opinion.status == "REFERRED"


def test_who_has_no_token_is_asked_for_one(world: World) -> None:
    for client in (
        Client(),
        Client(headers={"Authorization": "Bearer zf_wrong"}),
        Client(headers={"Authorization": "x"}),
    ):
        for answer in (client.get(OPINIONS), client.post(OPINIONS, {}, content_type="application/json")):
            problem(answer, 401)
            assert answer["WWW-Authenticate"] == "Bearer"


def test_who_may_not_is_told_and_who_may_not_know_finds_nothing(world: World, program: Programs) -> None:
    opinion = world.opinion()
    problem(program(world.chief).post(OPINIONS, heard(world)), 403)
    problem(program(world.officer).step(opinion.no, "refer", to=world.station.code), 403)
    stranger = program(world.other_clerk)
    problem(stranger.get(f"{OPINIONS}/{opinion.no}"), 404)
    problem(stranger.step(opinion.no, "refer", to=world.station.code), 404)
    assert stranger.get(OPINIONS).json()["results"] == []
    for no in ("YJ2026999999", "0", "%00", "\x00"):
        assert program(world.clerk).get(f"{OPINIONS}/{no}").status_code == 404
    problem(program(world.clerk).step(opinion.no, "vanish"), 404)
    problem(program(world.clerk).step(opinion.no, "rate", satisfaction=5), 404)  # the citizen's step


def test_a_complaint_about_oneself_does_not_exist(world: World, program: Programs) -> None:
    complaint = world.opinion(kind="COMPLAINT", complained_officer=world.officer, by=world.visit_office)
    officer = program(world.officer)
    problem(officer.get(f"{OPINIONS}/{complaint.no}"), 404)
    problem(officer.step(complaint.no, "refer", to=world.station.code), 404)
    assert officer.get(OPINIONS).json()["results"] == []
    assert program(world.visit_office).get(f"{OPINIONS}/{complaint.no}").status_code == 200


def test_a_closed_step_and_a_stale_version_are_conflicts(world: World, program: Programs) -> None:
    clerk, opinion = program(world.clerk), world.opinion()
    problem(clerk.step(opinion.no, "sign"), 409)
    problem(clerk.step(opinion.no, "refer", to=world.station.code, version=3), 409)
    assert clerk.step(opinion.no, "refer", to=world.station.code, version=0).status_code == 200
    problem(clerk.step(opinion.no, "refer", to=world.station.code, version=0), 409)
    problem(clerk.step(opinion.no, "sign", version=0), 409)
    assert OpinionEvent.objects.filter(opinion=opinion).count() == 2


def test_a_step_with_a_wrong_body_says_what_and_takes_nothing(world: World, program: Programs) -> None:
    clerk, opinion = program(world.clerk), world.opinion()
    for body, field in (
        ({}, "to"),
        ({"to": "410800999999"}, "to"),
        ({"to": ["x"]}, "to"),
        ({"to": world.station.code, "note": "\ud800"}, "note"),
        ({"to": world.station.code, "version": "x"}, "version"),
        ({"to": world.station.code, "note": "找13812345678"}, "note"),
    ):
        assert set(problem(clerk.step(opinion.no, "refer", **body), 422)["errors"]) == {field}, body
    opinion.refresh_from_db()
    assert (opinion.status, opinion.version) == ("REGISTERED", 0)


def test_messages_are_in_the_language_of_the_caller(world: World, program: Programs) -> None:
    opinion = world.opinion()
    said = problem(program(world.other_clerk, **{"Accept-Language": "zh-hans"}).get(f"{OPINIONS}/{opinion.no}"), 404)
    assert said["detail"] == "没有找到这项内容。"


def test_pages_follow_one_another_and_tell_each_opinion_once(world: World, program: Programs) -> None:
    # Several of the same moment: the order must not depend on luck.
    made = {world.opinion(heard_at=world.now, now=world.now).no for _ in range(7)}
    made |= {world.opinion().no for _ in range(4)}
    clerk = program(world.clerk)
    for limit in (1, 2, 3, 11, 50):
        seen: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = clerk.get(OPINIONS, limit=limit, cursor=cursor).json()
            assert len(page["results"]) <= limit
            seen += [one["no"] for one in page["results"]]
            cursor = page["next"]
        assert len(seen) == len(made)
        assert set(seen) == made
    first = clerk.get(OPINIONS, limit=4).json()
    world.opinion(now=world.later(hours=1))
    rest = clerk.get(OPINIONS, limit=50, cursor=first["next"]).json()
    assert {one["no"] for one in first["results"] + rest["results"]} == made
    for wrong in ("garbage", "eyJ9", "\x00"):
        problem(clerk.get(OPINIONS, cursor=wrong), 422)
    for odd in ("0", "-1", "9999"):
        assert clerk.get(OPINIONS, limit=odd).status_code == 200


def test_lists_are_narrowed(world: World, program: Programs) -> None:
    world.opinion(topic="B2", kind="HELP", content="老人走失求助，请帮忙寻找。")
    late = world.referred(source="SRC15")
    Opinion.objects.filter(pk=late.pk).update(due_at=world.now - timedelta(days=1))
    clerk = program(world.clerk)

    def found(**asked: Any) -> int:
        answer = clerk.get(OPINIONS, **asked)
        assert answer.status_code == 200, answer.content
        return len(answer.json()["results"])

    assert found() == 2
    assert found(topic="B2") == found(topic="B") == found(kind="HELP") == found(q="走失") == 1
    assert found(status="REFERRED") == found(source="SRC15") == found(overdue="true") == 1
    assert found(status=["REFERRED", "REGISTERED"]) == 2
    assert found(unit=world.room.code) == 2
    assert found(unit=world.other_station.code) == 0
    assert found(**{"from": "2020-01-01", "to": "2020-02-01"}) == 0
    for wrong in ({"unit": "x"}, {"status": "x"}, {"from": "x"}, {"from": "2026-02-02", "to": "2026-02-01"}):
        assert problem(clerk.get(OPINIONS, **wrong), 422)["errors"]


def test_who_said_it_is_never_told(world: World, program: Programs) -> None:
    from zoufang.opinions.services import keep_asker

    opinion = world.opinion(source="SRC18")
    keep_asker(opinion, code="code-1", now=world.now, name="张三丰", phone="13812345678")
    text = program(world.clerk).get(f"{OPINIONS}/{opinion.no}").content.decode()
    text += program(world.visit_office).get(OPINIONS).content.decode()
    assert "张三丰" not in text
    assert "13812345678" not in text
    assert "code-1" not in text


def test_a_referral_may_correct_the_topic(world: World, program: Programs) -> None:
    no = program(world.officer).post(OPINIONS, heard(world)).json()["no"]
    clerk = program(world.clerk)
    assert "topic" in problem(clerk.step(no, "refer", to=world.station.code, topic="ZZ"), 422)["errors"]

    referred = clerk.step(no, "refer", to=world.station.code, topic="B2").json()

    assert referred["topic"] == "B2"
    assert "A6" in referred["events"][-1]["note"]
    detail = AuditRecord.objects.get(action="refer", object_id=no).detail
    assert (detail["topic_was"], detail["topic_becomes"]) == ("A6", "B2")
    assert clerk.step(no, "sign", topic="A6").json()["topic"] == "B2"
