"""
The verbs of the organization: units open, move and close; officers come, go, and are given duties.

`by` is the administrator who acts. `None` is the operator at the console (a loader, the first account of a new
installation): pages always pass the person who signed in, so no request ever acts as the console.
"""

from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext as _

from zoufang.audit import services as audit
from zoufang.kernel.refusal import Invalid, NotAllowed
from zoufang.organization import access, selectors
from zoufang.organization.access import Do
from zoufang.organization.models import ADMIN_ROLES, Duty, Officer, Role, SpecialDay, Unit


@transaction.atomic
def open_unit(
    *,
    code: str,
    name: str,
    kind: str,
    parent: Unit | None,
    by: Officer | None,
    now: datetime,
    name_en: str = "",
    peer_group: str = "",
    position: int = 0,
    has_patrol_duty: bool = False,
    phone: str = "",
    valid_from: date | None = None,
) -> Unit:
    """
    Add a unit below `parent`; without one it is a bureau, the root of a tree.

    :raises NotAllowed: if `by` does not keep the organization of `parent`.
    :raises Invalid: if the code is taken, or `parent` has been closed.
    """
    _require(by, Do.KEEP_ORGANIZATION, parent)
    _hold_the_tree()
    if Unit.objects.filter(code=code).exists():
        raise Invalid(_("单位代码 %(code)s 已被使用。") % {"code": code})
    if parent is not None:
        parent.refresh_from_db(fields=["path", "valid_to"])
        if parent.valid_to is not None:
            raise Invalid(_("%(unit)s已停用，不能在其下新设单位。") % {"unit": parent.label})
    unit = Unit.objects.create(
        code=code,
        name=name,
        name_en=name_en,
        kind=kind,
        peer_group=peer_group,
        parent=parent,
        position=position,
        has_patrol_duty=has_patrol_duty,
        phone=phone,
        valid_from=valid_from,
    )
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    unit.save(update_fields=["path"])
    audit.record("unit.open", on="unit", key=unit.pk, by=by, at=now, detail={"code": code, "name": name})
    return unit


@transaction.atomic
def edit_unit(
    unit: Unit,
    *,
    name: str,
    name_en: str,
    peer_group: str,
    position: int,
    has_patrol_duty: bool,
    phone: str = "",
    by: Officer | None,
    now: datetime,
) -> None:
    """
    Change what a unit is called and how it is compared; its code, kind and place stay.

    :raises NotAllowed: if `by` does not keep the organization of the unit.
    """
    _require(by, Do.KEEP_ORGANIZATION, unit)
    wanted = {
        "name": name,
        "name_en": name_en,
        "peer_group": peer_group,
        "position": position,
        "has_patrol_duty": has_patrol_duty,
        "phone": phone,
    }
    changed = {field: value for field, value in wanted.items() if getattr(unit, field) != value}
    if not changed:
        return
    for field, value in changed.items():
        setattr(unit, field, value)
    unit.save(update_fields=list(changed))
    audit.record("unit.edit", on="unit", key=unit.pk, by=by, at=now, detail=changed)


@transaction.atomic
def move_unit(unit: Unit, *, to: Unit, by: Officer | None, now: datetime) -> None:
    """
    Hang `unit` with everything below it under `to`; what they did before stays theirs.

    :raises NotAllowed: if `by` does not keep the organization of both.
    :raises Invalid: if `to` is the unit itself or lies below it, or has been closed.
    """
    _require(by, Do.KEEP_ORGANIZATION, unit)
    _require(by, Do.KEEP_ORGANIZATION, to)
    _hold_the_tree()
    unit.refresh_from_db(fields=["path", "parent"])
    to.refresh_from_db(fields=["path", "valid_to"])
    if unit.covers(to):
        raise Invalid(_("不能把单位移到自己或自己的下级之下。"))
    if to.valid_to is not None:
        raise Invalid(_("%(unit)s已停用，不能在其下新设单位。") % {"unit": to.label})
    was, becomes = unit.path, f"{to.path}{unit.pk}/"
    Unit.objects.filter(path__startswith=was).update(path=Concat(Value(becomes), Substr("path", len(was) + 1)))
    Unit.objects.filter(pk=unit.pk).update(parent=to)
    unit.refresh_from_db(fields=["path", "parent"])
    audit.record("unit.move", on="unit", key=unit.pk, by=by, at=now, detail={"was": was, "becomes": becomes})


@transaction.atomic
def close_unit(unit: Unit, *, last_day: date, by: Officer | None, now: datetime) -> None:
    """
    Let the unit end with the local date `last_day`. Its records keep it.

    :raises NotAllowed: if `by` does not keep the organization of the unit.
    :raises Invalid: if it has open units below it, or active officers, or `last_day` precedes its first.
    """
    _require(by, Do.KEEP_ORGANIZATION, unit)
    _hold_the_tree()
    if unit.valid_from is not None and last_day < unit.valid_from:
        raise Invalid(_("停用日期不能早于启用日期。"))
    if unit.children.filter(Q(valid_to=None) | Q(valid_to__gt=last_day)).exists():
        raise Invalid(_("该单位还有未停用的下级单位，请先停用或移走下级单位。"))
    if unit.officers.filter(is_active=True).exists() or unit.duties.filter(officer__is_active=True).exists():
        raise Invalid(_("该单位还有在岗民警，请先调离并免去岗位。"))
    unit.valid_to = last_day
    unit.save(update_fields=["valid_to"])
    audit.record("unit.close", on="unit", key=unit.pk, by=by, at=now, detail={"last_day": last_day.isoformat()})


@transaction.atomic
def set_special_day(on: date, *, is_working: bool, name: str, by: Officer | None, now: datetime) -> SpecialDay:
    """
    Say that the local date `on` is worked, or is a holiday, whatever its weekday.

    Deadlines already promised stay as they were promised.

    :raises NotAllowed: if `by` keeps no organization.
    """
    _require(by, Do.KEEP_ORGANIZATION, None)
    day, _created = SpecialDay.objects.update_or_create(on=on, defaults={"is_working": is_working, "name": name})
    selectors.forget_calendar()
    detail = {"is_working": is_working, "name": name}
    audit.record("special_day.set", on="special_day", key=on.isoformat(), by=by, at=now, detail=detail)
    return day


@transaction.atomic
def open_officer(
    *,
    username: str,
    name: str,
    unit: Unit,
    password: str | None,
    by: Officer | None,
    now: datetime,
    language: str = "zh-hans",
    temporary: bool = True,
) -> Officer:
    """
    Open an account for a member of `unit`; with a `temporary` password, which must be changed at the first sign-in.

    Without a password nobody signs in until a security administrator sets one.

    :raises NotAllowed: if `by` does not keep the accounts of the unit.
    :raises Invalid: if the account name is taken.
    """
    _require(by, Do.KEEP_ACCOUNTS, unit)
    if Officer.objects.filter(username=username).exists():
        raise Invalid(_("账号 %(username)s 已被使用。") % {"username": username})
    officer = Officer(username=username, name=name, unit=unit, language=language, must_change_password=temporary)
    officer.set_password(password)
    officer.save()
    detail = {"username": username, "unit": unit.code}
    audit.record("officer.open", on="officer", key=officer.pk, by=by, at=now, detail=detail)
    return officer


@transaction.atomic
def move_officer(officer: Officer, *, to: Unit, by: Officer | None, now: datetime) -> None:
    """
    Transfer the officer to another unit. The duties of the old post end, and so does every session and token.

    :raises NotAllowed: if `by` does not keep the accounts of both units, or is the officer.
    """
    _require_over(officer, by)
    _require(by, Do.KEEP_ACCOUNTS, to)
    was = officer.unit
    if was == to:
        return
    officer.unit = to
    officer.save(update_fields=["unit"])
    officer.duties.all().delete()
    void_sign_ins(officer)
    detail = {"was": was.code, "becomes": to.code}
    audit.record("officer.move", on="officer", key=officer.pk, by=by, at=now, detail=detail)


@transaction.atomic
def disable_officer(officer: Officer, *, by: Officer | None, now: datetime) -> None:
    """
    Close the officer's account: no sign-in, and every session and token is void at once.

    :raises NotAllowed: if `by` does not keep the accounts of the officer's unit, or is the officer.
    """
    _require_over(officer, by)
    officer.is_active = False
    officer.save(update_fields=["is_active"])
    void_sign_ins(officer)
    audit.record("officer.disable", on="officer", key=officer.pk, by=by, at=now)


@transaction.atomic
def enable_officer(officer: Officer, *, by: Officer | None, now: datetime) -> None:
    """
    Open a closed account again, with the duties it had.

    :raises NotAllowed: if `by` does not keep the accounts of the officer's unit, or is the officer.
    """
    _require_over(officer, by)
    officer.is_active = True
    officer.save(update_fields=["is_active"])
    _forget_duties(officer)
    audit.record("officer.enable", on="officer", key=officer.pk, by=by, at=now)


@transaction.atomic
def reset_password(officer: Officer, *, password: str, by: Officer | None, now: datetime) -> None:
    """
    Give the officer a temporary password, to be changed at the next sign-in; every session and token is void.

    :raises NotAllowed: if `by` does not keep the accounts of the officer's unit, or is the officer.
    """
    _require_over(officer, by)
    officer.set_password(password)
    officer.must_change_password = True
    officer.save(update_fields=["password", "must_change_password"])
    void_sign_ins(officer)
    audit.record("officer.reset_password", on="officer", key=officer.pk, by=by, at=now)


@transaction.atomic
def appoint(officer: Officer, *, role: Role, over: Unit, by: Officer | None, now: datetime) -> Duty:
    """
    Give the officer the duty `role` over the unit `over` and everything below it; once is enough.

    :raises NotAllowed: if `by` does not keep the accounts of the officer's unit and of `over`, or is the officer.
    :raises Invalid: if an administrator would get another kind of duty, or the other way round.
    """
    _require_over(officer, by)
    _require(by, Do.KEEP_ACCOUNTS, over)
    Officer.objects.select_for_update().get(pk=officer.pk)
    held = {Role(duty.role) for duty in officer.duties.all()}
    others = held - {role}
    if others and (role in ADMIN_ROLES or others & ADMIN_ROLES):
        raise Invalid(_("系统、安全、审计管理员互不兼任，也不兼任业务岗位，请另开账号。"))
    duty, created = Duty.objects.get_or_create(officer=officer, role=role, unit=over)
    _forget_duties(officer)
    if created:
        detail = {"role": role, "over": over.code}
        audit.record("officer.appoint", on="officer", key=officer.pk, by=by, at=now, detail=detail)
    return duty


@transaction.atomic
def relieve(duty: Duty, *, by: Officer | None, now: datetime) -> None:
    """
    Take the duty from its officer, whose sessions and tokens are void at once.

    :raises NotAllowed: if `by` does not keep the accounts of the officer's unit, or is the officer.
    """
    officer = duty.officer
    _require_over(officer, by)
    detail = {"role": duty.role, "over": duty.unit.code}
    duty.delete()
    void_sign_ins(officer)
    audit.record("officer.relieve", on="officer", key=officer.pk, by=by, at=now, detail=detail)


def void_sign_ins(officer: Officer) -> None:
    """Void every session and token of the officer. One row is written, and the next request of each is refused."""
    Officer.objects.filter(pk=officer.pk).update(sign_in_epoch=F("sign_in_epoch") + 1)
    officer.refresh_from_db(fields=["sign_in_epoch"])
    _forget_duties(officer)


def _require(by: Officer | None, do: Do, unit: Unit | None) -> None:
    if by is not None:
        access.require(by, do, unit)


def _require_over(officer: Officer, by: Officer | None) -> None:
    _require(by, Do.KEEP_ACCOUNTS, officer.unit)
    if by is not None and by.pk == officer.pk:
        raise NotAllowed(_("不能变更自己的账号和岗位，请由另一名安全管理员办理。"))


def _forget_duties(officer: Officer) -> None:
    officer.__dict__.pop("duties_held", None)


def _hold_the_tree() -> None:
    """Of two people who change the tree at once, one waits: otherwise two moves could close a circle."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('zoufang.organization.tree'))")
