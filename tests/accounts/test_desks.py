"""The three administrators: each does the own work, none another's, none reads the business."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from tests.organization.bureau import NOW, PASSWORD, Bureau
from zoufang.audit import services as audit
from zoufang.kernel.refusal import Invalid
from zoufang.organization.models import Officer, Role, SpecialDay, Unit

SignedIn = Callable[..., Client]
DESKS = {
    Role.SECURITY_ADMIN: ["/accounts/officers/", "/accounts/officers/open/"],
    Role.SYSTEM_ADMIN: [
        "/accounts/units/",
        "/accounts/units/open/",
        "/accounts/special-days/",
        "/accounts/special-days/set/",
    ],
    Role.AUDIT_ADMIN: ["/accounts/audit/"],
}


@pytest.mark.parametrize("role", list(Role))
def test_each_desk_is_for_its_administrator_alone(bureau: Bureau, signed_in: SignedIn, role: Role) -> None:
    bureau.officer("somebody", role)
    client = signed_in("somebody")
    for owner, paths in DESKS.items():
        for path in paths:
            assert client.get(path).status_code == (200 if role == owner else 403), path


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_desk_is_served_in_both_languages(bureau: Bureau, signed_in: SignedIn, language: str) -> None:
    officer = bureau.officer("officer", Role.CLERK, unit=bureau.room)
    for role, paths in DESKS.items():
        bureau.officer(role.lower(), role)
        client = signed_in(role.lower())
        client.post("/accounts/language/", {"language": language})
        extra = {
            Role.SECURITY_ADMIN: [f"/accounts/officers/{officer.pk}/"],
            Role.SYSTEM_ADMIN: [f"/accounts/units/{bureau.room.pk}/"],
            Role.AUDIT_ADMIN: [],
        }[role]
        for path in (*paths, *extra, "/accounts/me/", "/accounts/me/password/"):
            assert client.get(path).status_code == 200, path


def test_the_security_administrator_opens_an_account_and_gives_it_a_duty(bureau: Bureau, signed_in: SignedIn) -> None:
    bureau.officer("secadmin", Role.SECURITY_ADMIN)
    client = signed_in("secadmin")
    form = {"username": "clerk7", "name": "李明", "unit": bureau.station.pk, "password": PASSWORD, "again": PASSWORD}
    page = client.post("/accounts/officers/open/", form)["Location"]
    opened = Officer.objects.get(username="clerk7")
    assert page == f"/accounts/officers/{opened.pk}/"
    assert client.post(f"{page}duties/", {"role": "CLERK", "over": bureau.station.pk}).status_code == 302
    assert [(duty.role, duty.unit) for duty in opened.duties.all()] == [("CLERK", bureau.station)]
    duty = opened.duties.get()
    assert client.post(f"{page}duties/{duty.pk}/relieve/").status_code == 302
    assert client.post(f"{page}move/", {"to": bureau.other.pk}).status_code == 302
    assert (
        client.post(f"{page}reset-password/", {"password": "new-Watch-99", "again": "new-Watch-99"}).status_code == 302
    )
    assert client.post(f"{page}disable/").status_code == 302
    opened.refresh_from_db()
    assert (opened.unit, opened.is_active, opened.must_change_password) == (bureau.other, False, True)
    assert client.post(f"{page}enable/").status_code == 302


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"username": "secadmin"}, "username"),
        ({"username": "a b"}, "username"),
        ({"password": "12345", "again": "12345"}, "password"),
        ({"unit": "0"}, "unit"),
        ({"name": ""}, "name"),
    ],
)
def test_a_wrong_account_form_is_shown_again(
    bureau: Bureau, signed_in: SignedIn, change: dict[str, str], wrong: str
) -> None:
    bureau.officer("secadmin", Role.SECURITY_ADMIN)
    form = {"username": "c7", "name": "李明", "unit": bureau.station.pk, "password": PASSWORD, "again": PASSWORD}
    answer = signed_in("secadmin").post("/accounts/officers/open/", form | change)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [wrong]


def test_an_administrator_gets_no_second_kind_of_duty(bureau: Bureau, signed_in: SignedIn) -> None:
    bureau.officer("secadmin", Role.SECURITY_ADMIN)
    sysadmin = bureau.officer("sysadmin", Role.SYSTEM_ADMIN)
    client = signed_in("secadmin")
    answer = client.post(f"/accounts/officers/{sysadmin.pk}/duties/", {"role": "CLERK", "over": bureau.root.pk})
    assert answer.status_code == 422
    assert sysadmin.duties.count() == 1


def test_accounts_elsewhere_are_unknown(bureau: Bureau, signed_in: SignedIn) -> None:
    bureau.officer("secadmin", Role.SECURITY_ADMIN, unit=bureau.county)
    elsewhere = bureau.officer("elsewhere", unit=bureau.station)
    client = signed_in("secadmin")
    page = f"/accounts/officers/{elsewhere.pk}/"
    assert client.get(page).status_code == 404
    for step in ("duties/", "move/", "reset-password/", "unlock/", "disable/", "enable/"):
        assert client.post(page + step).status_code == 404
    assert "elsewhere" not in client.get("/accounts/officers/").content.decode()


def test_no_field_but_those_of_the_form_is_taken(bureau: Bureau, signed_in: SignedIn) -> None:
    """Mass assignment: every other field of an officer is posted, and none arrives."""
    bureau.officer("secadmin", Role.SECURITY_ADMIN)
    form = {"username": "c7", "name": "李明", "unit": bureau.station.pk, "password": PASSWORD, "again": PASSWORD}
    more = {"must_change_password": "", "sign_in_epoch": "9", "is_active": "", "language": "en", "id": "99999"}
    signed_in("secadmin").post("/accounts/officers/open/", form | more)
    opened = Officer.objects.get(username="c7")
    assert (opened.must_change_password, opened.sign_in_epoch, opened.is_active) == (True, 0, True)
    assert (opened.language, opened.pk) != ("en", 99999)


def test_the_system_administrator_keeps_the_tree_and_the_calendar(bureau: Bureau, signed_in: SignedIn) -> None:
    bureau.officer("sysadmin", Role.SYSTEM_ADMIN)
    client = signed_in("sysadmin")
    form = {
        "parent": bureau.brigade.pk,
        "code": "410800570009",
        "kind": "POLICE_ROOM",
        "name": "新警务室",
        "position": "1",
        "valid_from": "2026-03-01",
    }
    page = client.post("/accounts/units/open/", form)["Location"]
    unit = Unit.objects.get(code="410800570009")
    assert page == f"/accounts/units/{unit.pk}/"
    edited = {"name": "新苑警务室", "name_en": "Xinyuan Police Room", "position": "2", "has_patrol_duty": "on"}
    assert client.post(page, edited).status_code == 302
    assert client.post(f"{page}move/", {"to": bureau.other.pk}).status_code == 302
    assert client.post(f"{page}close/", {"last_day": "2026-02-01"}).status_code == 422
    assert client.post(f"{page}close/", {"last_day": "2026-04-01"}).status_code == 302
    unit.refresh_from_db()
    assert (unit.name, unit.parent, unit.has_patrol_duty, unit.valid_to) == (
        "新苑警务室",
        bureau.other,
        True,
        date(2026, 4, 1),
    )
    day = {"on": "2026-10-01", "is_working": "0", "name": "国庆节"}
    assert client.post("/accounts/special-days/set/", day).status_code == 302
    assert SpecialDay.objects.get().is_working is False
    assert "国庆节" in client.get("/accounts/special-days/?year=2026").content.decode()


def test_the_auditor_sees_who_did_what_and_never_what_was_said(bureau: Bureau, signed_in: SignedIn) -> None:
    clerk = bureau.officer("clerk", Role.CLERK)
    bureau.officer("auditadmin", Role.AUDIT_ADMIN)
    audit.record("opinion.measure", on="opinion", key=5, by=clerk, at=NOW, detail={"measure": "business-canary"})
    client = signed_in("auditadmin")
    page = client.get("/accounts/audit/?action=opinion").content.decode()
    assert "opinion.measure" in page
    assert "business-canary" not in page
    page = client.get("/accounts/audit/?action=officer.appoint").content.decode()
    assert "AUDIT_ADMIN" in page


def test_the_audit_list_is_filtered(bureau: Bureau, signed_in: SignedIn) -> None:
    clerk = bureau.officer("clerk", Role.CLERK)
    bureau.officer("auditadmin", Role.AUDIT_ADMIN)
    audit.record("opinion.measure", on="opinion", key=5, by=clerk, at=NOW)
    client = signed_in("auditadmin")

    def found(query: str) -> bool:
        return "opinion.measure" in client.get(f"/accounts/audit/?{query}", headers={"HX-Request": "true", "HX-Target": "rows"}).content.decode()  # fmt: skip

    assert found("by=clerk")
    assert not found("by=nobody")
    assert found("object_type=opinion&object_id=5")
    assert not found("object_type=opinion&object_id=6")
    assert found("period_from=2026-03-02&period_to=2026-03-02")
    assert not found("period_from=2026-03-03&period_to=2026-03-04")


def test_an_auditor_of_a_county_sees_the_records_of_its_officers(bureau: Bureau, signed_in: SignedIn) -> None:
    here, there = bureau.officer("here", unit=bureau.rural), bureau.officer("there", unit=bureau.station)
    bureau.officer("auditadmin", Role.AUDIT_ADMIN, unit=bureau.county)
    for officer in (here, there):
        audit.record("visit.record", on="visit", key=officer.username, by=officer, at=NOW)
    page = signed_in("auditadmin").get("/accounts/audit/?action=visit").content.decode()
    assert "here" in page
    assert "there" not in page


def test_what_the_house_refuses_comes_back_as_typed(bureau: Bureau, signed_in: SignedIn) -> None:
    bureau.officer("sysadmin", Role.SYSTEM_ADMIN)
    client, page = signed_in("sysadmin"), f"/accounts/units/{bureau.station.pk}/"
    answer = client.post(f"{page}close/", {"last_day": "2026-12-31"})
    assert answer.status_code == 422
    assert "请先停用或移走下级单位" in answer.content.decode()
    assert 'value="2026-12-31"' in answer.content.decode()
    answer = client.post(f"{page}move/", {"to": bureau.room.pk})
    assert answer.status_code == 422
    assert "不能把单位移到自己或自己的下级之下。" in answer.content.decode()


def test_a_password_does_not_come_back(bureau: Bureau, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(**_values: Any) -> None:
        raise Invalid("账号 clerk7 已被使用。")

    bureau.officer("secadmin", Role.SECURITY_ADMIN)
    monkeypatch.setattr("zoufang.accounts.views.officers.services.open_officer", taken)
    form = {"username": "clerk7", "name": "李明", "unit": bureau.station.pk, "password": PASSWORD, "again": PASSWORD}
    answer = signed_in("secadmin").post("/accounts/officers/open/", form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "账号 clerk7 已被使用。" in page
    assert 'value="李明"' in page
    assert PASSWORD not in page
