"""How a petition's deadline came about: natural days, told one by one, on the page and to programs."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import chinese_calendar
import pytest
from django.test import Client
from django.utils import timezone

from tests.casework.makers import petition
from tests.world import World
from zoufang.accounts.services import make_token
from zoufang.casework import services
from zoufang.casework.clocks import clocks_of
from zoufang.kernel.clock import start_of
from zoufang.organization.selectors import forget_calendar, work_calendar

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World(datetime(2026, 8, 5, 1, tzinfo=UTC))


def by_hand(start: datetime, days: int) -> datetime:
    day = (start + timedelta(hours=8)).date() + timedelta(days=days)
    while not chinese_calendar.is_workday(day):
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, 16, tzinfo=UTC)


def test_3000_natural_deadlines_of_three_years_are_those_of_an_independent_calendar() -> None:
    World()
    forget_calendar()
    dice, calendar, wrong = Random(34), work_calendar(), []
    first = datetime(2024, 1, 1, tzinfo=UTC)
    for _ in range(3000):
        start, days = first + timedelta(minutes=dice.randrange(980 * 24 * 60)), dice.choice([15, 30, 60, 90])
        reckoned = calendar.reckon_natural(start, days=days)
        due = calendar.natural_due_after(start, days=days)
        counted = [day.nth for day in reckoned if day.nth]
        if due != by_hand(start, days) or counted != list(range(1, days + 1)):
            wrong.append((start, days, due))
    assert wrong == []


def test_the_page_and_a_program_tell_each_day_and_the_days_off_after_the_last(world: World) -> None:
    # Sixty days after 4 August 2026 is Saturday 3 October, in the National Day holiday: due on the 8th.
    case = petition(world, assigned_at=datetime(2026, 8, 4, 2, tzinfo=UTC), now=datetime(2026, 8, 4, 3, tzinfo=UTC))
    services.extend_petition(
        case,
        extended_to=start_of(date(2026, 10, 21)),
        reason="案情复杂。",
        by=world.clerk,
        now=datetime(2026, 9, 1, tzinfo=UTC),
    )

    notice, finish, extension = clocks_of(case)

    assert (notice.by_law, notice.days, notice.due_at) == (True, 15, start_of(date(2026, 8, 20)))
    assert (finish.by_law, finish.days, finish.due_at) == (True, 60, start_of(date(2026, 10, 9)))
    assert [day.on.day for day in finish.walk.days if day.nth == 0] == [4, 4, 5, 6, 7, 8]
    assert (notice.moved_to, finish.moved_to, extension.moved_to) == (None, date(2026, 10, 8), None)
    assert (extension.by_law, extension.days, extension.walk.days[-1].on) == (False, 12, date(2026, 10, 20))
    client = Client()
    client.force_login(world.clerk, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/petitions/{case.pk}/deadlines/").content.decode()
    assert "国庆节" in page
    assert "信访工作条例" in page
    _token, secret = make_token(world.clerk, name="程序", by=world.clerk, now=timezone.now())
    told = Client(headers={"Authorization": f"Bearer {secret}"}).get(f"/api/v1/petitions/{case.no}/deadlines").json()
    assert [(each["code"], each["natural_days"], each["by_law"]) for each in told] == [
        ("notice", 15, True),
        ("finish", 60, True),
        ("extension", 12, False),
    ]
    assert len(told[1]["days"]) == len(finish.walk.days)
