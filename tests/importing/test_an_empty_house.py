"""The first tables of a new installation: its units, then its officers."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.importing.conftest import Program
from zoufang.organization.models import Officer, Role, Unit

pytestmark = pytest.mark.django_db


def test_units_and_officers_come_into_an_empty_house(program: Program, file: Callable[..., Path]) -> None:
    units = [
        ["410800000000", "焦作市公安局", "市局", ""],
        ["410800570000", "星河派出所", "派出所", "410800000000"],
        ["410800570001", "东焦作警务室", "POLICE_ROOM", "410800570000"],
        ["41080057000X", "错码", "警务室", "410800570000"],
        ["410800570002", "无上级", "警务室", "410800999999"],
        ["410800570003", "第二个市局", "市局", ""],
        ["410800570001", "另一个警务室", "警务室", "410800570000"],
        ["410800570004", "长" * 61, "警务室", "410800570000"],
    ]
    path = file(units, head=["单位代码", "单位名称", "单位类型", "上级单位代码"])
    ran = program("units", path)
    assert ran.counts == (8, 3, 0, 5)
    assert ran.errors == [(5, "code"), (6, "parent"), (7, "parent"), (8, "code"), (9, "name")]
    assert Unit.objects.get(code="410800570001").path.count("/") == 4
    assert program("units", path).counts == (8, 0, 3, 5)

    officers = [
        ["100234", "民警甲", "410800570001", "民警", ""],
        ["100235", "民警乙", "410800570000", "内勤", "410800570000"],
        ["100234", "民警甲", "410800570001", "内勤", "410800570000"],
        ["100234", "别的人", "410800570001", "民警", ""],
        ["100236", "民警丙", "410800999999", "民警", ""],
        ["100237", "民警丁", "410800570001", "书记", ""],
    ]
    path = file(officers, head=["账号", "姓名", "所在单位代码", "岗位", "管辖单位代码"])
    ran = program("officers", path)
    assert (ran.counts, ran.errors) == ((6, 3, 0, 3), [(5, "username"), (6, "unit"), (7, "role")])
    officer = Officer.objects.get(username="100234")
    assert {duty.role for duty in officer.duties.all()} == {Role.OFFICER, Role.CLERK}
    assert not officer.has_usable_password()
    assert program("officers", path).counts == (6, 0, 3, 3)
