"""Accounts and duties: who may give which, and what a lost duty ends."""

import pytest

from tests.organization.bureau import NOW, PASSWORD, Bureau
from zoufang.audit.models import AuditRecord
from zoufang.kernel.refusal import Invalid, NotAllowed
from zoufang.organization import access, services
from zoufang.organization.access import Do
from zoufang.organization.models import ADMIN_ROLES, Officer, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def bureau() -> Bureau:
    return Bureau()


def epoch(officer: Officer) -> int:
    return Officer.objects.values_list("sign_in_epoch", flat=True).get(pk=officer.pk)


@pytest.mark.parametrize("admin", sorted(ADMIN_ROLES))
def test_the_three_administrators_exclude_one_another_and_every_business_duty(bureau: Bureau, admin: Role) -> None:
    keeper = bureau.officer("keeper", admin)
    for other in Role:
        if other != admin:
            with pytest.raises(Invalid):
                services.appoint(keeper, role=other, over=bureau.root, by=None, now=NOW)
    worker = bureau.officer("worker", Role.CLERK)
    with pytest.raises(Invalid):
        services.appoint(worker, role=admin, over=bureau.root, by=None, now=NOW)


def test_business_duties_may_be_held_together(bureau: Bureau) -> None:
    officer = bureau.officer("officer", Role.OFFICER, Role.CLERK, unit=bureau.station)
    services.appoint(officer, role=Role.LEADER, over=bureau.room, by=None, now=NOW)
    assert {duty.role for duty in officer.duties_held} == {Role.OFFICER, Role.CLERK, Role.LEADER}


def test_the_same_duty_twice_is_one_duty(bureau: Bureau) -> None:
    officer = bureau.officer("officer", Role.CLERK)
    services.appoint(officer, role=Role.CLERK, over=bureau.root, by=None, now=NOW)
    assert officer.duties.count() == 1
    assert AuditRecord.objects.filter(action="officer.appoint").count() == 1


def test_only_the_security_administrator_of_the_place_keeps_accounts(bureau: Bureau) -> None:
    secadmin = bureau.officer("secadmin", Role.SECURITY_ADMIN, over=bureau.county)
    sysadmin = bureau.officer("sysadmin", Role.SYSTEM_ADMIN)
    here = bureau.officer("here", unit=bureau.rural)
    there = bureau.officer("there", unit=bureau.station)

    services.appoint(here, role=Role.CLERK, over=bureau.rural, by=secadmin, now=NOW)
    for officer, over, by in (
        (there, bureau.station, secadmin),
        (here, bureau.root, secadmin),
        (here, bureau.rural, sysadmin),
    ):
        with pytest.raises(NotAllowed):
            services.appoint(officer, role=Role.LEADER, over=over, by=by, now=NOW)


def test_nobody_changes_the_own_account(bureau: Bureau) -> None:
    secadmin = bureau.officer("secadmin", Role.SECURITY_ADMIN)
    with pytest.raises(NotAllowed, match="自己"):
        services.appoint(secadmin, role=Role.SECURITY_ADMIN, over=bureau.county, by=secadmin, now=NOW)
    with pytest.raises(NotAllowed, match="自己"):
        services.disable_officer(secadmin, by=secadmin, now=NOW)


def test_a_lost_duty_a_move_a_reset_and_a_closed_account_each_void_what_is_signed_in(bureau: Bureau) -> None:
    secadmin = bureau.officer("secadmin", Role.SECURITY_ADMIN)
    officer = bureau.officer("officer", Role.CLERK, Role.OFFICER, unit=bureau.station)
    seen = [epoch(officer)]

    services.relieve(officer.duties.get(role=Role.CLERK), by=secadmin, now=NOW)
    seen.append(epoch(officer))
    services.move_officer(officer, to=bureau.other, by=secadmin, now=NOW)
    seen.append(epoch(officer))
    services.reset_password(officer, password="other-Watch-28", by=secadmin, now=NOW)
    seen.append(epoch(officer))
    services.disable_officer(officer, by=secadmin, now=NOW)
    seen.append(epoch(officer))

    assert seen == sorted(set(seen))
    assert not officer.duties.exists()


def test_a_disabled_officer_may_nothing(bureau: Bureau) -> None:
    clerk = bureau.officer("clerk", Role.CLERK)
    assert access.may(clerk, Do.REFER_OPINION, bureau.room)
    services.disable_officer(clerk, by=None, now=NOW)
    assert not access.may(clerk, Do.REFER_OPINION, bureau.room)
    services.enable_officer(clerk, by=None, now=NOW)
    assert access.may(clerk, Do.REFER_OPINION, bureau.room)


def test_a_password_given_by_another_is_temporary(bureau: Bureau) -> None:
    opened = services.open_officer(username="new", name="新民警", unit=bureau.room, password=PASSWORD, by=None, now=NOW)
    assert opened.must_change_password
    assert opened.check_password(PASSWORD)
    with pytest.raises(Invalid, match="new"):
        services.open_officer(username="new", name="x", unit=bureau.room, password=PASSWORD, by=None, now=NOW)


def test_the_audit_record_never_holds_a_password(bureau: Bureau) -> None:
    officer = bureau.officer("officer")
    services.reset_password(officer, password="other-Watch-28", by=None, now=NOW)
    kept = " ".join(str(record.detail) for record in AuditRecord.objects.all())
    assert PASSWORD not in kept
    assert "other-Watch-28" not in kept
