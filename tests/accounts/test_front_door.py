"""Who comes in, who does not, and how long one stays."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from http.cookies import Morsel

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from tests.organization.bureau import NOW, PASSWORD, Bureau
from zoufang.accounts import access
from zoufang.accounts.models import Session
from zoufang.accounts.sessions import SEEN_AT, SIGNED_IN_AT
from zoufang.audit.models import AuditRecord
from zoufang.organization.models import Officer, Role
from zoufang.organization.services import disable_officer, open_officer, relieve, reset_password

SIGN_IN = "/accounts/sign-in/"
ME = "/accounts/me/"
SignedIn = Callable[..., Client]


def attempt(client: Client, username: str, password: str) -> int:
    return client.post(SIGN_IN, {"username": username, "password": password}).status_code


def age(client: Client, name: str, by: timedelta) -> None:
    """Make the session look as if it were signed in, or seen, earlier."""
    session = client.session
    session[name] -= by.total_seconds()
    session.save()


# The way in


def test_a_right_password_lets_in_and_leads_on(bureau: Bureau) -> None:
    officer = bureau.officer("officer", Role.OFFICER, unit=bureau.room)
    client = Client()
    answer = client.post(SIGN_IN, {"username": "officer", "password": PASSWORD, "next": ME})
    assert (answer.status_code, answer["Location"]) == (302, ME)
    assert client.get(ME).status_code == 200
    record = AuditRecord.objects.get(action="session.sign_in")
    assert record.by == officer


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_signing_in_never_leads_away_from_the_house(bureau: Bureau, away: str) -> None:
    bureau.officer("officer")
    answer = Client().post(SIGN_IN, {"username": "officer", "password": PASSWORD, "next": away})
    assert answer["Location"] == settings.LOGIN_REDIRECT_URL


def test_an_unknown_a_disabled_and_a_known_account_get_the_same_answer(bureau: Bureau) -> None:
    bureau.officer("known1")
    disable_officer(bureau.officer("gone99"), by=None, now=NOW)
    pages = []
    for username, password in (("known1", "wrong"), ("nobody", "wrong"), ("gone99", PASSWORD)):
        client = Client()
        answer = client.post(SIGN_IN, {"username": username, "password": password})
        assert answer.status_code == 422
        token = answer.context["csrf_token"]
        pages.append(answer.content.decode().replace(str(token), "").replace(username, ""))
    assert pages[0] == pages[1] == pages[2]


def test_a_refused_sign_in_is_recorded_without_what_was_typed(bureau: Bureau) -> None:
    officer = bureau.officer("officer")
    attempt(Client(), "officer", "wrong-password")
    attempt(Client(), "my-password-by-mistake", "x")
    records = AuditRecord.objects.filter(action="session.refuse").order_by("pk")
    assert [(record.object_id, record.by_id) for record in records] == [(str(officer.pk), None), ("", None)]
    assert "my-password-by-mistake" not in str([record.__dict__ for record in records])


def test_a_cookie_set_before_signing_in_is_not_adopted(bureau: Bureau) -> None:
    bureau.officer("officer")
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    client.cookies[settings.SESSION_COOKIE_NAME] = str(before)
    assert attempt(client, "officer", PASSWORD) == 302
    after = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert after != before
    assert not Session.objects.filter(session_key=before).exists()


def test_the_session_cookie_is_out_of_reach_of_scripts(signed_in: SignedIn, bureau: Bureau) -> None:
    bureau.officer("officer")
    cookie: Morsel[str] = signed_in("officer").cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


# Lock-out


def test_five_wrong_passwords_lock_and_the_right_one_does_not_open(bureau: Bureau) -> None:
    bureau.officer("officer")
    client = Client()
    answers = [attempt(client, "officer", f"wrong{n}") for n in range(5)]
    assert answers == [422, 422, 422, 422, 429]
    locked = client.post(SIGN_IN, {"username": "officer", "password": PASSWORD})
    assert locked.status_code == 429
    assert locked["Retry-After"] == "1800"
    assert "锁定" in locked.content.decode()
    assert client.get(ME).status_code == 302


def test_an_unknown_account_locks_just_the_same(bureau: Bureau) -> None:
    client = Client()
    assert [attempt(client, "nobody", "x") for _n in range(6)] == [422, 422, 422, 422, 429, 429]


def test_a_lock_holds_the_address_it_came_from_and_not_the_owner(bureau: Bureau) -> None:
    bureau.officer("officer")
    for n in range(6):
        attempt(Client(REMOTE_ADDR="10.9.9.9"), "officer", f"wrong{n}")
    assert attempt(Client(REMOTE_ADDR="10.9.9.9"), "officer", PASSWORD) == 429
    assert attempt(Client(REMOTE_ADDR="10.1.1.1"), "officer", PASSWORD) == 302


def test_a_lock_is_not_got_round_by_spaces_or_headers(bureau: Bureau) -> None:
    bureau.officer("officer")
    for n in range(6):
        attempt(Client(headers={"X-Forwarded-For": f"10.0.0.{n}"}), f" officer{' ' * n}", f"wrong{n}")
    assert attempt(Client(headers={"X-Forwarded-For": "10.0.0.99"}), "officer", PASSWORD) == 429


def test_the_security_administrator_unlocks_an_account(bureau: Bureau, signed_in: SignedIn) -> None:
    officer = bureau.officer("officer")
    bureau.officer("secadmin", Role.SECURITY_ADMIN)
    locked = Client()
    for n in range(6):
        attempt(locked, "officer", f"wrong{n}")
    assert signed_in("secadmin").post(f"/accounts/officers/{officer.pk}/unlock/").status_code == 302
    assert attempt(locked, "officer", PASSWORD) == 302


def test_a_lock_ends_by_itself(bureau: Bureau) -> None:
    bureau.officer("officer")
    client = Client()
    for n in range(5):
        attempt(client, "officer", f"wrong{n}")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=31))
    assert attempt(client, "officer", PASSWORD) == 302


# The way out


def test_signing_out_takes_a_post_and_ends_the_session(bureau: Bureau, signed_in: SignedIn) -> None:
    bureau.officer("officer")
    client = signed_in("officer")
    stolen = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert client.get("/accounts/sign-out/").status_code == 405
    assert client.post("/accounts/sign-out/")["Location"] == SIGN_IN
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = stolen
    assert thief.get(ME).status_code == 302
    assert AuditRecord.objects.filter(action="session.sign_out").count() == 1


@pytest.mark.parametrize(
    ("mark", "span", "expected"),
    [
        (SEEN_AT, timedelta(minutes=29), 200),
        (SEEN_AT, timedelta(minutes=31), 302),
        (SIGNED_IN_AT, timedelta(hours=11, minutes=59), 200),
        (SIGNED_IN_AT, timedelta(hours=12, minutes=1), 302),
    ],
)
def test_a_session_ends_when_idle_or_old(
    bureau: Bureau, signed_in: SignedIn, mark: str, span: timedelta, expected: int
) -> None:
    bureau.officer("officer")
    client = signed_in("officer")
    age(client, mark, span)
    answer = client.get(ME)
    assert answer.status_code == expected
    if expected == 302:
        assert answer["Location"] == f"{SIGN_IN}?next=%2Faccounts%2Fme%2F&expired=1"
        assert not Session.objects.filter(officer__username="officer").exists()
        assert "自动退出" in client.get(answer["Location"]).content.decode()


def test_use_keeps_a_session_alive_but_not_for_ever(bureau: Bureau, signed_in: SignedIn) -> None:
    bureau.officer("officer")
    client = signed_in("officer")
    for _n in range(3):
        age(client, SEEN_AT, timedelta(minutes=29))
        assert client.get(ME).status_code == 200
    for _n in range(26):
        age(client, SIGNED_IN_AT, timedelta(minutes=29))
    assert client.get(ME).status_code == 302


@pytest.mark.parametrize("how", ["disabled", "relieved", "reset", "closed from the console"])
def test_what_an_officer_loses_ends_the_session_at_once(bureau: Bureau, signed_in: SignedIn, how: str) -> None:
    officer = bureau.officer("officer", Role.CLERK)
    client = signed_in("officer")
    assert client.get(ME).status_code == 200
    if how == "disabled":
        disable_officer(officer, by=None, now=NOW)
    elif how == "relieved":
        relieve(officer.duties.get(), by=None, now=NOW)
    elif how == "reset":
        reset_password(officer, password="other-Watch-28", by=None, now=NOW)
    else:
        Officer.objects.filter(pk=officer.pk).update(is_active=False)
    assert client.get(ME).status_code == 302


# Deny by default


def views(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in patterns:
        if isinstance(entry, URLResolver):
            namespace = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from views(entry.url_patterns, namespace)
        else:
            yield f"{prefix}{entry.name}", entry


def test_only_the_front_door_is_marked_open() -> None:
    own = {name for name, entry in views(get_resolver().url_patterns) if name.startswith("accounts:")}
    marked = {
        name for name, entry in views(get_resolver().url_patterns) if getattr(entry.callback, "open_to_all", False)
    }
    assert marked & own == {"accounts:sign_in", "accounts:sign_out", "accounts:language"}


def test_a_stranger_is_led_to_the_sign_in_page_from_every_page_of_ours(bureau: Bureau) -> None:
    for name, entry in views(get_resolver().url_patterns):
        if not name.startswith("accounts:") or getattr(entry.callback, "open_to_all", False):
            continue
        given = {key: "x" if key == "handle" else 1 for key in entry.pattern.regex.groupindex}
        path = reverse(name, kwargs=given)
        for method in ("get", "post"):
            answer = getattr(Client(), method)(path)
            assert answer.status_code == 302, name
            assert answer["Location"].startswith(SIGN_IN), name


def test_a_stranger_s_htmx_request_sends_the_whole_page_to_the_door(bureau: Bureau) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/accounts/me/"}
    answer = Client().get("/accounts/officers/", headers=headers)
    assert answer.status_code == 200
    assert answer["HX-Redirect"] == f"{SIGN_IN}?next=%2Faccounts%2Fme%2F"


def test_a_stranger_s_program_is_told_401(bureau: Bureau) -> None:
    answer = Client().get(ME, headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


def test_no_page_behind_the_door_is_kept_by_a_cache(bureau: Bureau, signed_in: SignedIn) -> None:
    bureau.officer("officer")
    client = signed_in("officer")
    for answer in (client.get(ME), Client().get(ME), Client().get(SIGN_IN)):
        assert {"no-store", "private"} <= set(answer["Cache-Control"].split(", "))


def test_a_citizen_s_door_never_looks_at_a_session() -> None:
    class Match:
        namespaces = ("public",)

    assert access.is_public(Match())  # type: ignore[arg-type]


# A password of one's own


def test_a_password_given_by_another_must_be_changed_first(bureau: Bureau, signed_in: SignedIn) -> None:
    open_officer(username="new", name="新民警", unit=bureau.room, password=PASSWORD, by=None, now=NOW)
    client = signed_in("new")
    assert client.get(ME)["Location"] == "/accounts/me/password/"
    change = {"old": PASSWORD, "password": "quite-Another-9", "again": "quite-Another-9"}
    assert client.post("/accounts/me/password/", change)["Location"] == ME
    assert client.get(ME).status_code == 200


def test_changing_the_password_keeps_this_session_and_ends_the_others(bureau: Bureau, signed_in: SignedIn) -> None:
    bureau.officer("officer")
    here, elsewhere = signed_in("officer"), signed_in("officer")
    change = {"old": PASSWORD, "password": "quite-Another-9", "again": "quite-Another-9"}
    assert here.post("/accounts/me/password/", change).status_code == 302
    assert here.get(ME).status_code == 200
    assert elsewhere.get(ME).status_code == 302
    assert attempt(Client(), "officer", PASSWORD) == 422
    assert attempt(Client(), "officer", "quite-Another-9") == 302


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"old": "not-it"}, "old"),
        ({"again": "different-Watch-1"}, "again"),
        ({"password": "short", "again": "short"}, "password"),
        ({"password": "password123", "again": "password123"}, "password"),
        ({"password": PASSWORD, "again": PASSWORD}, "password"),
    ],
)
def test_a_bad_new_password_changes_nothing(
    bureau: Bureau, signed_in: SignedIn, change: dict[str, str], wrong: str
) -> None:
    officer = bureau.officer("officer")
    client = signed_in("officer")
    good = {"old": PASSWORD, "password": "quite-Another-9", "again": "quite-Another-9"}
    answer = client.post("/accounts/me/password/", good | change)
    assert answer.status_code == 422
    assert wrong in answer.context["form"].errors
    officer.refresh_from_db()
    assert officer.check_password(PASSWORD)


# Language


def test_the_language_is_kept_for_the_browser_and_the_officer(bureau: Bureau, signed_in: SignedIn) -> None:
    officer = bureau.officer("officer")
    client = signed_in("officer")
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"
    answer = client.post("/accounts/language/", {"language": "en", "next": ME})
    assert answer["Location"] == ME
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    officer.refresh_from_db()
    assert officer.language == "en"
    assert signed_in("officer").cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"


def test_a_stranger_may_choose_a_language_that_exists(db: None) -> None:
    client = Client()
    assert client.get("/accounts/language/").status_code == 405
    client.post("/accounts/language/", {"language": "en"})
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    client.post("/accounts/language/", {"language": "xx"})
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"


def test_every_form_of_the_front_door_asks_for_its_token(bureau: Bureau) -> None:
    bureau.officer("officer")
    client = Client(enforce_csrf_checks=True)
    for path in (SIGN_IN, "/accounts/sign-out/", "/accounts/language/"):
        answer = client.post(path, {"username": "officer", "password": PASSWORD, "language": "en"})
        assert answer.status_code == 403
