"""Reference data: the rehearsal city's tree, and the working calendar of the yearly notices."""

from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import call_command

from tests.organization.bureau import NOW
from zoufang.organization import selectors, services
from zoufang.organization.loading import REFERENCE, load_reference, load_units, read_units
from zoufang.organization.models import PeerGroup, SpecialDay, Unit


def test_every_unit_of_the_city_has_its_own_code_and_both_names() -> None:
    rows = read_units("jiaozuo")
    assert len({row["code"] for row in rows}) == len(rows)
    assert all(len(row["code"]) == 12 and row["code"].isdigit() for row in rows)
    assert len({row["name"] for row in rows}) == len(rows)
    assert all(row["name_en"].isascii() for row in rows)


@pytest.mark.django_db
def test_the_city_is_loaded_once_and_has_its_peer_groups() -> None:
    created = load_units("jiaozuo", now=NOW)

    assert created == Unit.objects.count() == len(read_units("jiaozuo"))
    assert load_units("jiaozuo", now=NOW) == 0
    sizes = {group: Unit.objects.filter(peer_group=group).count() for group in PeerGroup if group}
    assert sizes == {PeerGroup.COUNTY: 6, PeerGroup.CITY_STATION: 8, PeerGroup.BUREAU_UNIT: 14}
    room = Unit.objects.get(name="东焦作警务室")
    assert [unit.name for unit in Unit.objects.filter(pk__in=room.ancestor_pks).order_by("path")] == [
        "焦作市公安局",
        "星河派出所",
        "星河派出所社区警务大队",
        "星河派出所社区警务一中队",
        "东焦作警务室",
    ]
    assert Unit.objects.get(code="410825050300").name == "温县刑警三中队"
    assert (
        Unit.objects.filter(kind=Unit.Kind.POLICE_ROOM, path__startswith=_path("中站派出所社区警务二中队")).count() == 3
    )


@pytest.mark.django_db
def test_every_county_bureau_and_every_station_has_the_same_structure() -> None:
    load_units("jiaozuo", now=NOW)

    def below(unit: Unit, *kinds: str) -> int:
        return Unit.objects.within(unit).filter(kind__in=kinds).count()

    counties = Unit.objects.filter(kind=Unit.Kind.COUNTY_BUREAU)
    stations = Unit.objects.filter(kind=Unit.Kind.STATION)
    assert {below(unit, "BRIGADE", "SQUADRON", "OFFICE") for unit in stations} == {4 + 2 + 1}
    assert {Unit.objects.filter(parent=unit, kind=Unit.Kind.BRIGADE).count() for unit in counties} == {3}
    patrolling = Unit.objects.filter(name__endswith="派出所交管巡防大队", has_patrol_duty=True)
    assert patrolling.count() == stations.count()


def _path(name: str) -> str:
    return Unit.objects.get(name=name).path


@pytest.mark.django_db
def test_a_changed_day_survives_loading_again() -> None:
    load_reference(now=NOW)
    services.set_special_day(date(2026, 10, 1), is_working=True, name="试验", by=None, now=NOW)

    assert load_reference(now=NOW) == {"special_days": 0}
    assert SpecialDay.objects.get(on=date(2026, 10, 1)).is_working
    assert selectors.work_calendar().is_working(date(2026, 10, 1))


@pytest.mark.django_db
def test_the_working_calendar_knows_holidays_and_make_up_days() -> None:
    load_reference(now=NOW)
    calendar = selectors.work_calendar()

    assert calendar.known_to == date(2026, 12, 31)
    assert not calendar.is_working(date(2024, 2, 12))
    assert calendar.is_working(date(2024, 2, 18))
    assert not calendar.is_working(date(2026, 3, 7))
    friday_before_labour_day = datetime(2026, 4, 30, 2, tzinfo=UTC)
    assert calendar.due_after(friday_before_labour_day, working_days=1) > datetime(2026, 5, 5, 16, tzinfo=UTC)


@pytest.mark.django_db
def test_without_special_days_every_deadline_is_provisional() -> None:
    assert selectors.work_calendar().known_to == date.min


@pytest.mark.django_db(transaction=True)
def test_a_page_may_see_the_calendar_of_a_moment_ago_and_a_change_here_is_seen_at_once() -> None:
    selectors.forget_calendar()
    assert selectors.work_calendar() is selectors.work_calendar()
    services.set_special_day(date(2026, 3, 2), is_working=False, name="试验", by=None, now=NOW)
    assert not selectors.work_calendar().is_working(date(2026, 3, 2))
    selectors.forget_calendar()


def test_the_kept_holidays_are_those_of_the_package() -> None:
    told = StringIO()
    call_command("holidays_from_package", 2024, 2026, stdout=told)
    assert told.getvalue() == (REFERENCE / "holidays.csv").read_text(encoding="utf-8")


@pytest.mark.django_db
def test_load_reference_serves_every_app_and_loads_nothing_twice() -> None:
    call_command("load_reference", city="jiaozuo", stdout=StringIO())
    told = StringIO()
    call_command("load_reference", city="jiaozuo", stdout=told)
    lines = told.getvalue().splitlines()
    assert "organization.units: 0 new" in lines
    assert "organization.special_days: 0 new" in lines
