"""The official ledgers: every one opens, shows what its reader may see, and leaves a trace when it leaves."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client

from tests.casework.makers import dispute, petition
from tests.world import World
from zoufang.audit.models import AuditRecord
from zoufang.ledgers.register import REGISTER
from zoufang.notifications.models import Reminder
from zoufang.opinions.services import call_back
from zoufang.organization.models import Officer, Role
from zoufang.visits.services import record_visit

CODES = [entry.ledger.code for entry in REGISTER]
COLUMNS = {
    "visits": [
        "序号",
        "单位",
        "警务室",
        "时间",
        "方式",
        "对象类别",
        "人次",
        "主题",
        "带题",
        "摘要",
        "产生意见号",
        "录入时间",
    ],
    "petitions": ["编号", "交办层级", "交办日", "包案领导", "责任人", "时限", "阶段", "结案日", "结果"],
    "disputes": ["编号", "类别", "发现日", "单位", "责任人", "时限", "结果", "化解日"],
}
NONSENSE = ("x", "0", "-1", "\0", "9" * 40, "2026-13-45", "0001-01-01", "9999-12-31", "'")


@pytest.fixture
def world(db: None) -> World:
    made = World()
    opinion = made.answered()
    call_back(opinion, reached=True, solved=True, satisfaction=4, by=made.clerk, now=made.later())
    Reminder.objects.create(
        case="opinion",
        about=opinion.no,
        link=f"/opinions/{opinion.no}/",
        deadline="FINISH",
        due_at=made.now,
        level="URGE",
        unit=made.station,
        at=made.now,
    )
    petition(made)
    dispute(made)
    record_visit(
        uid=made.new_uid(),
        unit=made.room,
        visited_at=made.now - timedelta(hours=2),
        mode="F1",
        object_category="RES",
        headcount=3,
        theme="T2",
        officers=[made.officer],
        summary="=1+1",
        by=made.officer,
        now=made.later(),
    )
    return made


def browser(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("code", CODES)
def test_every_ledger_shows_the_unit_its_rows_and_another_unit_none(world: World, code: str) -> None:
    assert len(browser(world.clerk).get(f"/ledgers/{code}/").context["page"].rows) == 1
    assert not browser(world.other_clerk).get(f"/ledgers/{code}/").context["page"].rows


@pytest.mark.parametrize("code", COLUMNS)
def test_a_ledger_has_the_official_columns_in_order(code: str) -> None:
    ledger = next(entry.ledger for entry in REGISTER if entry.ledger.code == code)
    titles = [str(column.title) for column in ledger.columns]
    official = iter(titles)
    assert all(any(title.startswith(wanted) or wanted in title for title in official) for wanted in COLUMNS[code]), (
        titles
    )


@pytest.mark.parametrize("code", CODES)
def test_a_ledger_taken_away_is_put_on_record_with_its_rows_but_not_with_what_was_searched(
    world: World, code: str
) -> None:
    answered = browser(world.clerk).get(f"/ledgers/{code}/", {"format": "xlsx", "q": "13800000000"})
    assert answered.getvalue().startswith(b"PK")
    record = AuditRecord.objects.get(object_type="ledger")
    assert (record.by, record.object_id, record.detail["format"]) == (world.clerk, code, "xlsx")
    assert "138" not in str(record.detail)


@pytest.mark.parametrize("code", CODES)
def test_a_ledger_on_paper_says_whose_it_is_and_who_made_it(world: World, code: str) -> None:
    text = browser(world.clerk).get(f"/ledgers/{code}/", {"format": "print"}).content.decode()
    ledger = next(entry.ledger for entry in REGISTER if entry.ledger.code == code)
    for wanted in (str(ledger.title), world.station.name, world.clerk.name):
        assert wanted in text


def test_the_register_shows_what_the_readers_duties_open(world: World) -> None:
    page = browser(world.clerk).get("/ledgers/")
    assert [entry.ledger.code for entry in page.context["entries"]] == CODES
    evaluator = world.make_officer("evaluator", world.bureau, Role.EVALUATOR)
    assert not browser(evaluator).get("/ledgers/").context["entries"]


@pytest.mark.parametrize("code", CODES)
def test_who_has_no_duty_to_read_a_ledger_is_refused(world: World, code: str) -> None:
    assert browser(world.auditor).get(f"/ledgers/{code}/").status_code == 403
    assert Client().get(f"/ledgers/{code}/").status_code == 302


def test_a_ledger_that_does_not_exist_is_not_found(world: World) -> None:
    assert browser(world.clerk).get("/ledgers/persons/").status_code == 404


@pytest.mark.parametrize("code", CODES)
def test_nonsense_in_a_filter_never_breaks_a_ledger(world: World, code: str) -> None:
    page = browser(world.clerk)
    ledger = next(entry.ledger for entry in REGISTER if entry.ledger.code == code)
    names = [*(ledger.filters.base_fields if ledger.filters else ()), "period_from", "period_to"]
    for word in NONSENSE:
        for paging in ({}, dict.fromkeys(("sort", "page", "after", "before"), word)):
            answered = page.get(f"/ledgers/{code}/?{urlencode({**dict.fromkeys(names, word), **paging})}")
            assert answered.status_code == 200, word
