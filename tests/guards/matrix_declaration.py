"""
Who may pass which door, written down by hand: the matrix asks the program and compares.

Nothing here is derived from `access.POLICY` or a selector, so that a slip there shows. A route without a line fails
the matrix by name.
"""

from typing import Any
from uuid import uuid4

from tests.guards.matrix_casework import (
    approvals,
    bulletins,
    deliveries,
    dispute_steps,
    disputes,
    exports,
    figures,
    groups,
    issue,
    ledgers,
    messages,
    metrics,
    notices,
    own_tables,
    petition_steps,
    petitions,
    petitions_by_no,
    put_right,
    rejections,
    report,
    settled,
    tables,
    visits,
)
from tests.guards.matrix_opinions import (
    DECIDES,
    OFFICE_ALONE,
    WITHDRAWS,
    added_files,
    api_bulk,
    attachments,
    bulk,
    contacts,
    deciding,
    filling,
    hints,
    kept_list,
    opinions,
    own_views,
    parts,
    printed,
    proposing,
    publications,
    published,
    rectifications,
    runs,
    steps,
    template,
    templates,
    typed,
)
from tests.guards.matrix_places import (
    accounts,
    all_posters,
    all_series,
    always,
    case,
    choice,
    citizens_word,
    clients,
    county,
    duties,
    handed_out,
    heard_once,
    named,
    one_window,
    open_officer,
    open_unit,
    poster,
    reported,
    sending,
    series,
    sheets,
    sheets_to_print,
    signing,
    tokens,
    told_by,
    units,
    unlocking,
    windows,
)
from tests.guards.matrix_stage import (
    AUDITOR,
    CLERK,
    NEWCOMER,
    OFFICE,
    PASSWORD,
    SECADMIN,
    SEES,
    Stage,
)
from tests.guards.matrix_who import (
    ALL,
    CASE_RECORDERS,
    COUNTERS,
    NEW_PASSWORD,
    NOBODY,
    READERS,
    RECORDERS,
    REPORTERS,
    SECADMINS,
    SYSADMINS,
    THERE,
    Door,
    Subject,
    anew,
    dispute,
    new,
    out_of_reach,
    petition,
    said,
    visited,
)
from zoufang.bulletins.pdf import office_program
from zoufang.opinions.models import Opinion
from zoufang.ui.listing import ADDRESS

# ---- the table

DOORS: dict[str, Door] = {
    "opinions:inbox": Door(get=ALL),
    "opinions:list": Door(get=ALL),
    "opinions:new": Door(get=RECORDERS, post=RECORDERS, subjects=new(said, "heard_by", RECORDERS)),
    "opinions:detail": Door(get=ALL, subjects=opinions),
    "opinions:contact": Door(get=ALL, post=ALL, posted=200, subjects=contacts),
    "opinions:add_files": Door(post=ALL, subjects=added_files),
    "opinions:duty_coverage": Door(get=frozenset({OFFICE}) | SYSADMINS),
    "opinions:part": Door(get=ALL, post=ALL, subjects=parts),
    "opinions:similar": Door(get=ALL, subjects=opinions),
    "opinions:said_already": Door(post=RECORDERS, posted=200, subjects=typed),
    "opinions:deadlines": Door(get=ALL, subjects=opinions),
    "opinions:measure_hints": Door(post=ALL, posted=200, subjects=hints),
    "opinions:rectification": Door(get=ALL, subjects=rectifications),
    "opinions:attachment": Door(get=ALL, subjects=attachments),
    "opinions:suggested_unit": Door(get=ALL, subjects=opinions),
    "opinions:step": Door(get=ALL, post=ALL, subjects=steps),
    "answers:publications": Door(get=READERS),
    "answers:publication": Door(get=ALL, subjects=publications),
    "answers:publish": Door(post=ALL, subjects=deciding(DECIDES, {"proposed"})),
    "answers:send_back": Door(post=ALL, subjects=deciding(DECIDES, {"proposed"}, note="标题再短一点")),
    "answers:withdraw": Door(post=ALL, subjects=deciding(WITHDRAWS, {"proposed", "published"}, reason="规定变了")),
    "answers:of_opinion": Door(get=ALL, subjects=opinions),
    "answers:propose": Door(get=ALL, post=ALL, subjects=proposing, may_to_look=True),
    "answers:check": Door(post=ALL, posted=200, subjects=sending({"text": "已经修好。"})),
    "answers:words": Door(get=ALL, subjects=opinions),
    "answers:fill": Door(post=ALL, posted=200, subjects=filling),
    "answers:templates": Door(get=READERS),
    "answers:new_template": Door(get=OFFICE_ALONE, post=OFFICE_ALONE, subjects=sending(template, OFFICE_ALONE)),
    "answers:template": Door(
        get=READERS, post=OFFICE_ALONE, by_role=True, subjects=templates(text="您好，由{unit}办理，请放心。")
    ),
    "answers:retire": Door(post=OFFICE_ALONE, by_role=True, subjects=templates(OFFICE_ALONE)),
    "public_answers:list": Door(answers=always(200, 405)),
    "public_answers:feed": Door(answers=always(200, 405)),
    "public_answers:answer": Door(answers=always(200, 405), subjects=published),
    "public_answers:others": Door(answers=always(405, 200), subjects=sending({"text": "小区的路灯坏了找谁修"})),
    "public_answers:api_answers": Door(answers=always(200, 405)),
    "casework:petitions": Door(get=ALL),
    "casework:new_petition": Door(
        get=CASE_RECORDERS, post=CASE_RECORDERS, subjects=new(petition, "unit", CASE_RECORDERS)
    ),
    "casework:petition": Door(get=ALL, subjects=petitions),
    "casework:petition_deadlines": Door(get=ALL, subjects=petitions),
    "casework:petition_step": Door(get=ALL, post=ALL, subjects=petition_steps),
    "casework:disputes": Door(get=ALL),
    "casework:new_dispute": Door(
        get=CASE_RECORDERS, post=CASE_RECORDERS, subjects=new(dispute, "unit", CASE_RECORDERS)
    ),
    "casework:dispute": Door(get=ALL, subjects=disputes),
    "casework:dispute_step": Door(get=ALL, post=ALL, subjects=dispute_steps),
    "accounts:sign_in": Door(answers=signing, subjects=sending({"username": "officer", "password": PASSWORD})),
    "accounts:sign_out": Door(answers=always(405, 302)),
    "accounts:language": Door(answers=always(405, 302), subjects=sending({"language": "en"})),
    "accounts:profile": Door(get=ALL),
    "accounts:password": Door(
        get=ALL | {NEWCOMER},
        post=ALL | {NEWCOMER},
        subjects=sending({"old": PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD}, ALL | {NEWCOMER}),
    ),
    "accounts:end_other_sessions": Door(post=ALL),
    "accounts:end_session": Door(post=ALL, subjects=lambda _stage: [Subject(args={"handle": "0123456789abcdef"})]),
    "accounts:make_token": Door(post=ALL, posted=200, subjects=sending({"name": "同步程序"})),
    "accounts:revoke_token": Door(post=ALL, subjects=tokens),
    "accounts:officers": Door(get=SECADMINS),
    "accounts:open_officer": Door(get=SECADMINS, post=SECADMINS, subjects=open_officer),
    "accounts:officer": Door(get=SECADMINS, subjects=accounts(), by_role=True),
    "accounts:appoint": Door(
        post=SECADMINS,
        by_role=True,
        subjects=accounts(lambda _stage, one: {"role": "OFFICER", "over": str(one.unit_id)}),
    ),
    "accounts:relieve": Door(post=SECADMINS, by_role=True, subjects=duties),
    "accounts:move_officer": Door(post=SECADMINS, by_role=True, subjects=accounts(lambda stage, _one: county(stage))),
    "accounts:reset_password": Door(
        post=SECADMINS,
        by_role=True,
        subjects=accounts(lambda _stage, _one: {"password": NEW_PASSWORD, "again": NEW_PASSWORD}),
    ),
    "accounts:unlock": Door(post=SECADMINS, by_role=True, subjects=unlocking),
    "accounts:disable": Door(post=SECADMINS, by_role=True, subjects=accounts()),
    "accounts:enable": Door(post=SECADMINS, by_role=True, subjects=accounts()),
    "accounts:units": Door(get=SYSADMINS),
    "accounts:open_unit": Door(get=SYSADMINS, post=SYSADMINS, subjects=open_unit),
    "accounts:unit": Door(
        get=SYSADMINS, post=SYSADMINS, by_role=True, subjects=units(lambda _stage: {"name": "某单位", "position": "3"})
    ),
    "accounts:move_unit": Door(post=SYSADMINS, by_role=True, subjects=units(county)),
    "accounts:close_unit": Door(
        post=SYSADMINS,
        by_role=True,
        subjects=units(lambda stage: {"last_day": str(stage.world.today)}, empty=True),
    ),
    "accounts:special_days": Door(get=SYSADMINS),
    "accounts:set_special_day": Door(
        get=SYSADMINS,
        post=SYSADMINS,
        subjects=sending({"on": "2027-10-01", "is_working": "0", "name": "国庆节"}, SYSADMINS),
    ),
    "accounts:audit_records": Door(get=frozenset({AUDITOR})),
    "visits:list": Door(get=ALL),
    "visits:new": Door(get=RECORDERS, post=RECORDERS, subjects=new(visited, "unit", RECORDERS, **THERE)),
    "visits:officers": Door(get=RECORDERS),
    "visits:detail": Door(get=ALL, subjects=visits),
    "visits:void": Door(get=ALL, post=ALL, subjects=visits, may_to_look=True),
    "channels:deliveries": Door(get=frozenset({OFFICE})),
    "channels:overview": Door(get=frozenset({OFFICE})),
    "channels:tray": Door(get=frozenset({OFFICE})),
    "channels:delivery": Door(get=ALL, subjects=deliveries),
    "channels:open_delivery": Door(post=ALL, posted=200, subjects=deliveries),
    "channels:take_delivery": Door(post=ALL, subjects=settled(put_right)),
    "channels:discard_delivery": Door(post=ALL, subjects=settled({"reason": "是广告，不登记"})),
    "posters:choose": Door(get=CASE_RECORDERS, post=CASE_RECORDERS, subjects=sending(choice, CASE_RECORDERS)),
    "posters:print": Door(get=CASE_RECORDERS, subjects=all_posters, by_role=True),
    "posters:new_window": Door(
        get=CASE_RECORDERS, post=CASE_RECORDERS, subjects=new(one_window, "unit", CASE_RECORDERS)
    ),
    "posters:take_down": Door(post=CASE_RECORDERS, subjects=windows, by_role=True),
    "paper:type": Door(get=RECORDERS, post=RECORDERS, subjects=sheets),
    "paper:sheet": Door(get=RECORDERS),
    "paper:series": Door(get=RECORDERS),
    "paper:new_series": Door(get=CASE_RECORDERS, post=CASE_RECORDERS, subjects=new(series, "unit", CASE_RECORDERS)),
    "paper:series_page": Door(get=ALL, post=ALL, subjects=all_series(handed_out)),
    "paper:print": Door(post=ALL, posted=200, subjects=all_series(sheets_to_print)),
    "clients:list": Door(get=frozenset({SECADMIN})),
    "clients:new": Door(
        get=frozenset({SECADMIN}),
        post=frozenset({SECADMIN}),
        posted=200,
        subjects=sending({"name": "城市服务", "keeper": "数据局"}),
    ),
    "clients:revoke": Door(post=frozenset({SECADMIN}), subjects=clients, by_role=True),
    "open311:discovery": Door(answers=always(200, 405), subjects=told_by()),
    "open311:services": Door(answers=always(200, 405), subjects=told_by()),
    "open311:service": Door(answers=always(200, 405), subjects=told_by(code="A6")),
    "open311:requests": Door(answers=always(200, 201), subjects=reported),
    "open311:request": Door(answers=always(404, 405), subjects=told_by(no="YJ2020999999")),
    "open311:token": Door(answers=always(404, 405), subjects=told_by(token="YJ2020999999.x")),
    "public_short:poster": Door(
        answers=always(302, 405), subjects=lambda stage: [Subject(args={"no": poster(stage, "own", "").no})]
    ),
    "callbacks:to_call": Door(get=ALL),
    "callbacks:sampled": Door(get=ALL),
    "callbacks:denied": Door(get=ALL),
    "campaigns:milestones": Door(get=ALL),
    "campaigns:new": Door(
        get=frozenset({OFFICE}),
        post=frozenset({OFFICE}),
        subjects=sending({"name": "推进会", "kind": "MEETING", "unit": "410800000000", "on": "2026-05-01"}),
    ),
    "statistics:dashboard": Door(get=COUNTERS),
    "statistics:wall": Door(get=COUNTERS),
    "statistics:table": Door(get=COUNTERS),
    "statistics:pivot": Door(get=COUNTERS),
    "statistics:save_table": Door(
        get=COUNTERS, post=COUNTERS, subjects=sending({"name": "每周看的表", "span": "FIXED", "shared_with": "NOBODY"})
    ),
    "statistics:saved_tables": Door(get=COUNTERS),
    "statistics:saved_table": Door(get=ALL, post=ALL, subjects=own_tables),
    "statistics:open_saved_table": Door(get=ALL, got=302, subjects=tables),
    "statistics:copy_saved_table": Door(post=ALL, subjects=tables),
    "statistics:delete_saved_table": Door(post=ALL, subjects=own_tables),
    "statistics:topics": Door(get=COUNTERS),
    "statistics:hot_spots": Door(get=COUNTERS),
    "statistics:similar": Door(get=COUNTERS),
    "statistics:similar_rows": Door(get=COUNTERS, subjects=groups),
    "statistics:catalogue": Door(get=COUNTERS),
    "statistics:rows": Door(get=COUNTERS, subjects=metrics, by_role=True),
    "statistics:figures": Door(get=COUNTERS),
    "statistics:report": Door(get=REPORTERS, post=REPORTERS, subjects=sending(report)),
    "statistics:figure": Door(get=ALL, subjects=figures),
    "statistics:approve": Door(post=ALL, subjects=approvals),
    "statistics:reject": Door(post=ALL, subjects=rejections),
    "exports:list": Door(get=ALL),
    "exports:ask": Door(get=ALL, post=ALL, subjects=sending({"of": ADDRESS.sign("/campaign/")})),
    "exports:file": Door(post=ALL, posted=200, subjects=exports),
    "exports:discard": Door(post=ALL, subjects=exports),
    "notifications:notices": Door(get=ALL),
    "notifications:read_all": Door(post=ALL, subjects=sending({"newest": "1"})),
    "notifications:open_notice": Door(post=ALL, subjects=notices),
    "notifications:outgoing": Door(get=REPORTERS),
    "notifications:resend": Door(get=ALL, post=ALL, subjects=messages),
    "worklists:runs": Door(get=ALL),
    "worklists:bulk": Door(post=ALL, posted=200, subjects=bulk),
    "worklists:print": Door(post=ALL, posted=200, subjects=printed),
    "worklists:run": Door(get=ALL, subjects=runs),
    "worklists:undo": Door(post=ALL, subjects=runs),
    "worklists:views": Door(get=ALL),
    "worklists:save": Door(get=ALL, post=ALL, subjects=kept_list),
    "worklists:tabs": Door(get=ALL, subjects=kept_list),
    "worklists:view": Door(get=ALL, post=ALL, subjects=own_views),
    "worklists:delete_view": Door(post=ALL, subjects=own_views),
    "ledgers:list": Door(get=ALL),
    "ledgers:ledger": Door(get=READERS, subjects=ledgers),
    "bulletins:list": Door(get=COUNTERS),
    "bulletins:draft": Door(get=frozenset({OFFICE})),
    "bulletins:draft_docx": Door(get=frozenset({OFFICE})),
    "bulletins:issue": Door(post=ALL, subjects=issue),
    "bulletins:detail": Door(get=ALL, subjects=bulletins),
    "bulletins:docx": Door(get=ALL, subjects=bulletins),
    # Without an office program whoever may see the bulletin is told so; the others still find nothing.
    "bulletins:pdf": Door(get=ALL, got=200 if office_program() else 503, subjects=bulletins),
    "ui:components": Door(get=ALL),
    # Whoever calls without signing is turned away before anything is looked at; without a key there is no door.
    "gateway:sms": Door(answers=always(405, 401)),
    "gateway:sms_report": Door(answers=always(405, 401)),
    "gateway:feed": Door(answers=always(404, 404), subjects=named("microblog")),
    "gateway:transfer": Door(answers=always(404, 404), subjects=named("12345")),
    "gateway:transfer_answer": Door(answers=always(404, 404), subjects=named("12345", source_no="GD1")),
    "public:start": Door(answers=always(200, 405)),
    "public:say": Door(answers=always(200, 302), subjects=sending(heard_once)),
    "public:receipt": Door(answers=always(302, 405)),
    "public:track": Door(answers=always(200, 302), subjects=sending(case)),
    "public:case": Door(answers=always(302, 405)),
    "public:rate": Door(answers=citizens_word),
    "public:ask_again": Door(answers=citizens_word),
    "public:supply": Door(answers=citizens_word),
    "public:leave": Door(answers=always(405, 302)),
    "public:privacy": Door(answers=always(200, 405)),
    "public:language": Door(answers=always(405, 302), subjects=sending({"language": "en"})),
    "public:api_opinions": Door(answers=always(405, 201), subjects=sending({"text": "小区东门的路灯坏了两周。"})),
    "public:api_track": Door(answers=always(405, 200), subjects=sending(case)),
    "public:api_ratings": Door(
        answers=always(405, 409),
        subjects=sending(lambda stage, viewer: case(stage, viewer) | {"solved": True, "satisfaction": 4}),
    ),
    "public:api_supplements": Door(
        answers=always(405, 409),
        subjects=sending(lambda stage, viewer: case(stage, viewer) | {"text": "东侧第一到第三盏。"}),
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
    "api:openapi-json": Door(answers=always(200, 200)),
    "api:api-root": Door(answers=always(404, 404)),
    "api:list_visits": Door(get=ALL),
    "api:record_visit": Door(post=RECORDERS, posted=201, subjects=new(_api_visit, "unit", RECORDERS, **THERE)),
    "api:list_opinions": Door(get=ALL),
    "api:register": Door(post=RECORDERS, posted=201, subjects=new(_api_opinion, "heard_by", RECORDERS)),
    "api:opinion": Door(get=ALL, subjects=opinions),
    "api:deadlines": Door(get=ALL, subjects=opinions),
    "api:take_part": Door(post=ALL, posted=200, subjects=parts),
    "api:take_in_bulk": Door(post=ALL, posted=200, subjects=api_bulk),
    "api:take_step": Door(post=ALL, posted=200, subjects=steps),
    "api:list_call_backs": Door(get=ALL),
    "api:list_denied": Door(get=ALL),
    "api:list_petitions": Door(get=ALL),
    "api:petition_deadlines": Door(get=ALL, subjects=petitions_by_no),
    "api:record_petition": Door(post=CASE_RECORDERS, posted=201, subjects=new(_api_petition, "unit", CASE_RECORDERS)),
    "api:list_disputes": Door(get=ALL),
    "api:record_dispute": Door(post=CASE_RECORDERS, posted=201, subjects=new(_api_dispute, "unit", CASE_RECORDERS)),
    "api:list_notices": Door(get=ALL),
    "api:pass_on": Door(
        post=REPORTERS,
        posted=201,
        subjects=lambda stage: [
            Subject("own unit", may=REPORTERS, send=_transfer),
            Subject(
                "unit out of reach",
                may=REPORTERS,
                send=anew(_transfer, **out_of_reach(stage, "unit")),
                then=dict.fromkeys(REPORTERS - {OFFICE}, 403),
            ),
        ],
    ),
    "api:answer": Door(get=ALL, subjects=_transfers),
    "api:stats": Door(get=COUNTERS, subjects=lambda _stage: [Subject(query="?metric=opinions.heard")]),
    "api:metrics": Door(get=COUNTERS),
}

DECLARED = DOORS | API_DOORS
