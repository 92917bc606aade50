"""One's own sessions and tokens."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory

from tests.organization.bureau import NOW, Bureau
from zoufang.accounts import selectors, services
from zoufang.accounts.api import TokenAuth
from zoufang.accounts.browsers import browser_of
from zoufang.accounts.models import Session, Token
from zoufang.audit.models import AuditRecord
from zoufang.kernel.refusal import NotAllowed
from zoufang.organization.models import Officer, Role
from zoufang.organization.services import disable_officer, relieve

ME = "/accounts/me/"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36"
SignedIn = Callable[..., Client]


def bearer(text: str) -> Officer | None:
    request = RequestFactory().get("/api/v1/visits", headers={"Authorization": f"Bearer {text}"})
    answer: Officer | None = TokenAuth()(request)
    if answer is not None:
        assert request.user == answer
    return answer


def test_one_sees_the_own_sessions_and_ends_another(bureau: Bureau, signed_in: SignedIn) -> None:
    bureau.officer("officer")
    bureau.officer("other")
    here, elsewhere = signed_in("officer"), signed_in("officer", headers={"User-Agent": CHROME})
    stranger = signed_in("other")
    page = here.get(ME)
    assert [session.is_this for session in page.context["sessions"]] == [True, False]
    assert "Chrome 131 · Windows" in page.content.decode()
    keys = Session.objects.values_list("session_key", flat=True)
    assert not any(key in page.content.decode() for key in keys)

    handle = page.context["sessions"][1].handle
    stranger.post(f"{ME}sessions/{handle}/end/")
    assert elsewhere.get(ME).status_code == 200
    here.post(f"{ME}sessions/{handle}/end/")
    assert elsewhere.get(ME).status_code == 302
    assert here.get(ME).status_code == 200


def test_one_ends_all_other_sessions(bureau: Bureau, signed_in: SignedIn) -> None:
    bureau.officer("officer")
    here, others = signed_in("officer"), [signed_in("officer") for _n in range(2)]
    here.post(f"{ME}sessions/end/")
    assert [client.get(ME).status_code for client in (here, *others)] == [200, 302, 302]
    assert AuditRecord.objects.get(action="session.end").detail == {"sessions": 2}


def test_a_void_session_is_not_listed(bureau: Bureau, signed_in: SignedIn) -> None:
    officer = bureau.officer("officer", Role.CLERK)
    signed_in("officer")
    relieve(officer.duties.get(), by=None, now=NOW)
    assert selectors.sessions_of(officer, this=None, now=NOW) == []


def test_a_token_is_shown_once_and_kept_as_a_digest(bureau: Bureau, signed_in: SignedIn) -> None:
    bureau.officer("officer")
    client = signed_in("officer")
    page = client.post(f"{ME}tokens/", {"name": "值班电脑"})
    text = page.context["new_token"]
    assert text in page.content.decode()
    assert text not in client.get(ME).content.decode()
    token = Token.objects.get()
    assert text not in str(token.__dict__)
    assert text not in str(list(AuditRecord.objects.values()))


def test_a_token_opens_the_api_as_its_officer(bureau: Bureau) -> None:
    officer = bureau.officer("officer")
    token, text = services.make_token(officer, name="API", by=officer, now=NOW)
    assert bearer(text) == officer
    token.refresh_from_db()
    assert token.last_used_at is not None
    for wrong in ("", "zf_", f"{text}x", text[:-1], text.upper(), token.digest):
        assert bearer(wrong) is None


@pytest.mark.parametrize("how", ["revoked", "disabled", "relieved", "password changed", "must change password"])
def test_a_token_ends_with_what_it_stood_for(bureau: Bureau, how: str) -> None:
    officer = bureau.officer("officer", Role.CLERK)
    token, text = services.make_token(officer, name="API", by=officer, now=NOW)
    if how == "revoked":
        services.revoke_token(token, by=officer, now=NOW)
    elif how == "disabled":
        disable_officer(officer, by=None, now=NOW)
    elif how == "relieved":
        relieve(officer.duties.get(), by=None, now=NOW)
    elif how == "password changed":
        services.change_password(password="quite-Another-9", by=officer, now=NOW)
    else:
        Officer.objects.update(must_change_password=True)
    assert bearer(text) is None


def test_a_token_is_one_s_own_business(bureau: Bureau, signed_in: SignedIn) -> None:
    officer, other = bureau.officer("officer"), bureau.officer("other")
    token, _text = services.make_token(officer, name="API", by=officer, now=NOW)
    with pytest.raises(NotAllowed):
        services.make_token(officer, name="API", by=other, now=NOW)
    with pytest.raises(NotAllowed):
        services.revoke_token(token, by=other, now=NOW)
    assert signed_in("other").post(f"{ME}tokens/{token.pk}/revoke/").status_code == 404
    assert signed_in("officer").post(f"{ME}tokens/{token.pk}/revoke/").status_code == 302


def test_use_is_noted_once_a_minute(bureau: Bureau) -> None:
    officer = bureau.officer("officer")
    token, _text = services.make_token(officer, name="API", by=officer, now=NOW)
    for seconds, expected in ((0, 0), (30, 0), (61, 61)):
        services.note_use(token, now=NOW + timedelta(seconds=seconds))
        token.refresh_from_db()
        assert token.last_used_at == NOW + timedelta(seconds=expected)


def test_the_command_prints_a_token_that_works(bureau: Bureau) -> None:
    officer = bureau.officer("officer")
    told = StringIO()
    call_command("token", "create", "officer", name="sync", stdout=told)
    assert bearer(told.getvalue().strip()) == officer

    listed = StringIO()
    call_command("token", "list", "officer", stdout=listed)
    pk = int(listed.getvalue().split("\t")[0])
    call_command("token", "revoke", str(pk))
    assert bearer(told.getvalue().strip()) is None
    with pytest.raises(CommandError, match="nobody"):
        call_command("token", "create", "nobody")
    with pytest.raises(CommandError):
        call_command("token", "revoke", "999999")


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (CHROME, "Chrome 131 · Windows"),
        (CHROME + " Edg/131.0.0.0", "Edge 131 · Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox 132 · Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile Safari/604.1",
            "Safari 18 · iPhone",
        ),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_a_browser_is_known_by_a_few_words(user_agent: str, expected: str) -> None:
    assert browser_of(user_agent) == expected
