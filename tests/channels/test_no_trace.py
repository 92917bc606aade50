"""Who speaks leaves no trace: not in the database, not in the logs, not in an address."""

import io
import logging
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test import Client, override_settings
from django.urls import clear_url_caches, set_urlconf

from tests.channels.citizen import follow, said, say
from tests.world import World
from zoufang.channels import rules
from zoufang.site import settings_public

pytestmark = pytest.mark.django_db

ADDRESS, BROWSER = "198.51.100.77", "CanaryBrowser/7.7"


def everything_kept() -> str:
    """Return every text value of every table, bytes as hex."""
    found = io.StringIO()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t')
            found.writelines(f"{row[0]}\n" for row in cursor.fetchall())
    return found.getvalue()


def test_neither_code_nor_address_nor_browser_is_kept_or_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    citizen = Client(REMOTE_ADDR=ADDRESS, headers={"User-Agent": BROWSER})
    uid = uuid4()

    opinion, code = say(citizen, uid=str(uid), contact="call", name="欧阳钰莹", phone="13812345678")
    citizen.post("/public/track/", {"no": opinion.no, "code": rules.grouped("A" * 28)})
    follow(citizen, opinion.no, code)
    citizen.get("/public/receipt/")

    kept, logged = everything_kept(), caplog.text
    for secret in (code, rules.plain_code(code), str(uid), uid.hex, ADDRESS, BROWSER, "13812345678", "欧阳钰莹"):
        assert secret not in kept, secret
    for secret in (code, rules.plain_code(code), ADDRESS, BROWSER, "13812345678", "欧阳钰莹"):
        assert secret not in logged.replace(repr(said()), ""), secret
    assert opinion.content in kept


def test_no_session_is_made(world: World) -> None:
    citizen = Client()

    say(citizen)

    assert set(citizen.cookies) <= {"csrftoken", "zoufang_case", "zoufang_receipt"}
    for name in ("zoufang_case", "zoufang_receipt"):
        cookie = citizen.cookies[name]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Strict"
        assert cookie["path"] == "/public/"
        assert cookie["max-age"] == 30 * 60


def test_the_address_of_the_receipt_and_of_the_case_hold_no_code(client: Client, world: World) -> None:
    opinion, code = say(client)

    answer = follow(client, opinion.no, code)

    for address, _status in answer.redirect_chain:
        assert opinion.no not in address
        assert code not in address
    assert client.get(f"/public/track/?no={opinion.no}&code={code}").context["form"].is_bound is False


def test_the_doors_can_be_the_whole_of_a_process(world: World) -> None:
    own = {name: getattr(settings_public, name) for name in ("ROOT_URLCONF", "MIDDLEWARE", "TEMPLATES")}
    with override_settings(**own):
        _forget_urls()
        citizen = Client(enforce_csrf_checks=True)
        assert citizen.get("/").headers["Location"] == "/public/"
        for address in ("", "say/", "track/", "privacy/"):
            assert citizen.get(f"/public/{address}").status_code == 200
        opinion, code = say(Client())
        assert follow(Client(), opinion.no, code).status_code == 200
        assert Client().post("/public/track/", {"no": opinion.no, "code": "A"}).status_code == 404
        for closed in ("/accounts/sign-in/", "/opinions/", "/api/v1/openapi.json"):
            assert citizen.get(closed).status_code == 404
        answer = Client().post("/public/api/track", {"no": "YJ1", "code": "A"}, content_type="application/json")
        assert answer.status_code == 404
    _forget_urls()


def test_the_process_for_citizens_knows_no_sessions_and_no_officers() -> None:
    for name in settings_public._NOT_HERE:
        assert name not in settings_public.MIDDLEWARE
        assert name not in str(settings_public.TEMPLATES)
    assert "django.middleware.csrf.CsrfViewMiddleware" in settings_public.MIDDLEWARE
    assert "zoufang.ui.middleware.RefusalMiddleware" in settings_public.MIDDLEWARE


def test_the_public_urls_can_be_the_root_too(world: World) -> None:
    with override_settings(ROOT_URLCONF="zoufang.site.urls_public"):
        _forget_urls()
        page = Client().get("/say/")
        answer = Client().post("/api/track", "{", content_type="application/json")
    _forget_urls()

    assert page.status_code == 200
    assert answer.headers["Content-Type"] == "application/problem+json"


def _forget_urls() -> None:
    clear_url_caches()
    set_urlconf(None)


@pytest.mark.django_db(transaction=True)
def test_clicks_at_the_same_moment_are_one_opinion() -> None:
    from concurrent.futures import ThreadPoolExecutor

    from zoufang.opinions.models import Opinion

    world = World()
    sent = said(unit=world.room.code)
    _next_years_holidays()

    def click(_n: int) -> Any:
        try:
            citizen = Client()
            answer = citizen.post("/public/say/", sent)
            return answer.status_code, citizen.get("/public/receipt/").context["code"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as many:
        answers = list(many.map(click, range(6)))

    assert len(set(answers)) == 1
    assert answers[0][0] == 302
    assert Opinion.objects.count() == 1


def _next_years_holidays() -> None:
    from datetime import date

    from zoufang.organization.models import SpecialDay
    from zoufang.organization.selectors import forget_calendar

    SpecialDay.objects.get_or_create(on=date(2099, 10, 1), defaults={"is_working": False, "name": "国庆节"})
    forget_calendar()


def test_what_was_promised_to_be_forgotten_has_its_nightly_jobs(world: World) -> None:
    from asgiref.sync import async_to_sync
    from procrastinate.contrib.django import app

    from zoufang.channels import jobs

    periodic = {task.task.name for task in app.periodic_registry.periodic_tasks.values()}
    assert {"zoufang.channels.jobs.forget_old", "zoufang.channels.jobs.forget_contacts"} <= periodic
    async_to_sync(jobs.forget_old.func)(0)
    async_to_sync(jobs.forget_contacts.func)(0)
