"""The tree: subtrees stay prefixes, whatever opens, moves or closes."""

from datetime import date

import pytest

from tests.organization.bureau import NOW, Bureau
from zoufang.audit.models import AuditRecord
from zoufang.kernel.refusal import Invalid, NotAllowed
from zoufang.organization import selectors, services
from zoufang.organization.models import Role, Unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def bureau() -> Bureau:
    return Bureau()


def paths() -> dict[str, str]:
    return dict(Unit.objects.values_list("code", "path"))


def assert_the_paths_follow_the_parents() -> None:
    for unit in Unit.objects.select_related("parent"):
        assert unit.path == f"{unit.parent.path if unit.parent else '/'}{unit.pk}/"


def test_a_unit_lies_below_its_parents(bureau: Bureau) -> None:
    assert_the_paths_follow_the_parents()
    assert set(Unit.objects.within(bureau.station)) == {bureau.station, bureau.brigade, bureau.room}
    assert bureau.station.covers(bureau.room)
    assert not bureau.room.covers(bureau.station)


def test_a_moved_unit_takes_everything_below_it_along(bureau: Bureau) -> None:
    services.move_unit(bureau.brigade, to=bureau.other, by=None, now=NOW)

    assert_the_paths_follow_the_parents()
    bureau.room.refresh_from_db()
    assert bureau.other.covers(bureau.room)
    assert not bureau.station.covers(bureau.room)
    assert AuditRecord.objects.filter(action="unit.move", object_id=str(bureau.brigade.pk)).count() == 1


def test_a_unit_whose_number_begins_like_another_stays_where_it_is(bureau: Bureau) -> None:
    """`/1/` is no prefix of `/12/`: the closing slash says where a number ends."""
    for n in range(20):
        bureau.open(f"4108991{n:05}", f"第{n}单位", Unit.Kind.OFFICE, bureau.root)
    before = paths()

    services.move_unit(bureau.station, to=bureau.county, by=None, now=NOW)

    moved = {code for code, path in paths().items() if path != before[code]}
    assert moved == {bureau.station.code, bureau.brigade.code, bureau.room.code}
    assert_the_paths_follow_the_parents()


def test_a_unit_may_not_be_moved_below_itself(bureau: Bureau) -> None:
    for target in (bureau.station, bureau.brigade, bureau.room):
        with pytest.raises(Invalid):
            services.move_unit(bureau.station, to=target, by=None, now=NOW)
    assert_the_paths_follow_the_parents()


def test_a_unit_code_is_used_once(bureau: Bureau) -> None:
    with pytest.raises(Invalid, match="410800570000"):
        bureau.open("410800570000", "又一个", Unit.Kind.STATION, bureau.root)


def test_only_the_system_administrator_of_the_place_changes_the_tree(bureau: Bureau) -> None:
    county_admin = bureau.officer("county", Role.SYSTEM_ADMIN, over=bureau.county)
    security = bureau.officer("secadmin", Role.SECURITY_ADMIN)

    services.close_unit(bureau.rural, last_day=date(2026, 3, 31), by=county_admin, now=NOW)
    for nobody in (county_admin, security):
        with pytest.raises(NotAllowed):
            services.close_unit(bureau.other, last_day=date(2026, 3, 31), by=nobody, now=NOW)
    with pytest.raises(NotAllowed):
        services.move_unit(bureau.rural, to=bureau.root, by=county_admin, now=NOW)


def test_a_unit_with_open_units_or_officers_is_not_closed(bureau: Bureau) -> None:
    with pytest.raises(Invalid, match="下级单位"):
        services.close_unit(bureau.station, last_day=date(2026, 3, 31), by=None, now=NOW)
    officer = bureau.officer("officer", Role.OFFICER, unit=bureau.room)
    with pytest.raises(Invalid, match="在岗民警"):
        services.close_unit(bureau.room, last_day=date(2026, 3, 31), by=None, now=NOW)

    services.disable_officer(officer, by=None, now=NOW)
    services.close_unit(bureau.room, last_day=date(2026, 3, 31), by=None, now=NOW)

    assert bureau.room not in Unit.objects.open_on(date(2026, 4, 1))
    assert bureau.room in Unit.objects.open_on(date(2026, 3, 31))
    with pytest.raises(Invalid, match="停用"):
        bureau.open("410800579999", "新室", Unit.Kind.POLICE_ROOM, bureau.room)


def test_an_edit_records_only_what_changed(bureau: Bureau) -> None:
    unit = bureau.other
    for _twice in range(2):
        services.edit_unit(
            unit,
            name="焦南所",
            name_en=unit.name_en,
            peer_group=unit.peer_group,
            position=3,
            has_patrol_duty=False,
            by=None,
            now=NOW,
        )

    assert [record.detail for record in AuditRecord.objects.filter(action="unit.edit")] == [
        {"name": "焦南所", "position": 3}
    ]


def test_selectors_know_what_lies_above_and_beside_a_unit(bureau: Bureau) -> None:
    assert selectors.nearest(bureau.room, Unit.Kind.STATION) == bureau.station
    assert selectors.nearest(bureau.station, Unit.Kind.STATION) == bureau.station
    assert selectors.nearest(bureau.county, Unit.Kind.STATION) is None
    assert selectors.ranked(bureau.room) == bureau.station
    assert set(selectors.peers_of(bureau.station)) == {bureau.station, bureau.other}
    assert not selectors.peers_of(bureau.room)
    assert selectors.bureau() == bureau.root


def test_unit_choices_are_grouped_under_county_bureaus_and_stations(bureau: Bureau) -> None:
    groups = dict(selectors.unit_choices(Unit.objects.all()))

    assert [label for _pk, label in groups["星河派出所"]] == ["星河派出所", "星河派出所社区警务大队", "东焦作警务室"]
    assert [label for _pk, label in groups["武陟县公安局"]] == ["武陟县公安局", "武陟城关派出所"]
    assert [label for _pk, label in groups["市局"]] == ["市局"]
