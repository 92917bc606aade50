"""Deadlines: reckoned as an independent calendar does, and told day by day to whoever may see the opinion."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random

import chinese_calendar
import pytest
from django.test import Client
from django.utils import translation

from tests.world import World
from zoufang.kernel.clock import LOCAL
from zoufang.opinions import services
from zoufang.opinions.clocks import clocks_of
from zoufang.opinions.models import DeadlinePolicy, Opinion
from zoufang.organization.models import Officer, SpecialDay
from zoufang.organization.selectors import forget_calendar, work_calendar

pytestmark = pytest.mark.django_db

MARCH = datetime(2026, 3, 4, 2, tzinfo=UTC)  # a Wednesday


@pytest.fixture(autouse=True)
def _calendar_anew() -> Iterator[None]:
    forget_calendar()
    yield
    forget_calendar()


def door(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def by_hand(start: datetime, working_days: int) -> datetime:
    """The midnight after the n-th working day, by a library that knows nothing of our table."""
    day, left = (start + timedelta(hours=8)).date(), working_days
    while left:
        day += timedelta(days=1)
        left -= chinese_calendar.is_workday(day)
    return datetime(day.year, day.month, day.day, 16, tzinfo=UTC)


def test_3000_deadlines_of_three_years_are_those_of_an_independent_calendar() -> None:
    World(MARCH)
    dice, calendar, wrong = Random(20260302), work_calendar(), []
    first = datetime(2024, 1, 1, tzinfo=UTC)
    for _ in range(3000):
        start = first + timedelta(minutes=dice.randrange(1060 * 24 * 60))
        days = dice.choice([0, 1, 1, 2, 5, 7, 10, 13, 15, 20])
        due, hand = calendar.due_after(start, working_days=days), by_hand(start, days)
        reckoned = calendar.reckon(start, working_days=days)
        counted = [day.on for day in reckoned if day.nth]
        if due != hand or len(counted) != days or not all(map(chinese_calendar.is_workday, counted)):
            wrong.append((start, days, due, hand))
    assert wrong == []


def test_a_promise_is_told_day_by_day() -> None:
    world = World(MARCH)
    opinion = world.opinion()
    referral = services.refer_opinion(opinion, to=world.station, by=world.clerk, now=MARCH + timedelta(days=1))

    clocks = clocks_of(opinion)
    promise, sign, contact, finish = clocks

    assert [each.anchor for each in clocks] == ["promise", "sign-1", "contact-1", "finish-1"]
    assert (promise.due_at, sign.due_at, finish.due_at) == (opinion.due_at, referral.sign_due_at, referral.due_at)
    assert contact.due_at == referral.contact_due_at
    assert all(each.as_reckoned for each in clocks)
    assert [each.anchor for each in clocks if each.in_hand] == ["sign-1"]
    assert sum(bool(day.nth) for day in promise.days) == promise.working_days
    for clock in clocks:
        assert clock.days[0].on == clock.start.astimezone(LOCAL).date()
        assert [day.nth for day in clock.days if day.nth] == list(range(1, clock.working_days + 1))
        assert [day for week in clock.weeks for day in week if day] == clock.days
        assert all(week[day.on.weekday()] is day for week in clock.weeks for day in week if day)


def test_a_holiday_and_a_make_up_day_are_called_by_name_in_the_reader_s_language() -> None:
    before = datetime(2026, 9, 29, 2, tzinfo=UTC)  # a Tuesday; the National Day holiday begins on the Thursday
    world = World(before)
    opinion = world.opinion()

    with translation.override("zh-hans"):
        days = {day.on: day for day in clocks_of(opinion)[0].days}
    assert (days[date(2026, 10, 1)].special, days[date(2026, 10, 1)].nth) == ("国庆节", 0)
    assert (days[date(2026, 10, 10)].special, days[date(2026, 10, 10)].is_working) == ("国庆节调休", True)
    with translation.override("en"):
        days = {day.on: day for day in clocks_of(opinion)[0].days}
    assert (days[date(2026, 10, 1)].special, days[date(2026, 10, 10)].special) == ("Day off", "Make-up day")


def test_a_promise_stays_when_the_calendar_is_changed_and_says_so() -> None:
    world = World(MARCH)
    opinion = world.opinion()
    promised = opinion.due_at
    SpecialDay.objects.create(on=date(2026, 3, 6), is_working=False, name="临时放假")
    forget_calendar()

    promise, refer = clocks_of(opinion)

    assert (promise.due_at, promise.as_reckoned) == (promised, False)
    assert (refer.anchor, refer.due_at, refer.in_hand) == ("refer", opinion.step_due_at, True)
    page = door(world.clerk).get(f"/opinions/{opinion.no}/deadlines/").content.decode()
    assert "临时放假" in page
    assert "已作的承诺不变" in page


def test_a_deadline_is_explained_by_the_policy_of_its_day() -> None:
    world = World(MARCH)
    opinion = world.opinion()
    old = DeadlinePolicy.objects.filter(kind=opinion.kind, valid_from__lte=MARCH).latest("valid_from")
    DeadlinePolicy.objects.create(
        kind=opinion.kind, valid_from=date(2026, 3, 9), refer_days=1, sign_days=3, measure_days=5, finish_days=20
    )
    services.refer_opinion(opinion, to=world.station, by=world.clerk, now=datetime(2026, 3, 10, 2, tzinfo=UTC))

    promise, sign, finish = clocks_of(opinion)

    # The new policy provides for no first contact.
    assert (promise.policy, promise.working_days) == (old, old.refer_days + old.finish_days)
    assert (sign.working_days, finish.working_days, finish.policy.valid_from) == (3, 20, date(2026, 3, 9))
    assert finish.as_reckoned


def test_handled_again_the_promise_is_the_old_one_and_the_unit_s_clock_is_new() -> None:
    world = World(MARCH)
    opinion = world.answered()
    promised, started = opinion.due_at, opinion.recorded_at
    again = world.later(days=30)
    services.reopen_opinion(opinion, note="仍未解决。", by=world.leader, now=again)
    world.referred(opinion)

    opinion = Opinion.objects.get(pk=opinion.pk)
    clocks = {clock.anchor: clock for clock in clocks_of(opinion)}
    promise, finish = clocks["promise"], clocks["finish-2"]
    assert (opinion.due_at, promise.start, promise.due_at, promise.as_reckoned) == (promised, started, promised, True)
    assert (finish.start, finish.due_at > again, finish.as_reckoned) == (world.now, True, True)
    page = door(world.clerk).get(f"/opinions/{opinion.no}/").content.decode()
    assert "超期" in page


def test_a_time_limit_of_the_sender_binds_the_units_too_as_long_as_it_lies_ahead() -> None:
    world = World(MARCH)
    limit = datetime(2026, 3, 6, 16, tzinfo=UTC)
    opinion = world.in_hand(world.opinion(limit_at=limit))

    clocks = {clock.anchor: clock for clock in clocks_of(opinion)}
    assert {clocks[name].due_at for name in ("promise", "measure-1", "finish-1")} == {limit}
    assert clocks["sign-1"].due_at < limit
    assert clocks["promise"].walk.days[-1].on == date(2026, 3, 6)
    assert (clocks["promise"].last_nth, clocks["promise"].working_days) == (2, 11)
    assert all(clock.as_reckoned for clock in clocks.values())
    page = door(world.clerk).get(f"/opinions/{opinion.no}/deadlines/").content.decode()
    assert page.count("来文单位自己定了限办时间") == sum(clock.limited for clock in clocks.values()) >= 3

    services.rectify_opinion(opinion, result="已更换灯具。", by=world.officer, now=world.later())
    services.verify_rectification(opinion, by=world.clerk, now=world.later())
    services.draft_reply(opinion, text="路灯已修好。", by=world.clerk, now=world.later())
    services.approve_reply(opinion, by=world.leader, now=world.later())
    services.give_feedback(opinion, told_by="PHONE", by=world.clerk, now=world.later())
    services.reopen_opinion(opinion, note="仍未解决。", by=world.leader, now=world.later(days=30))
    world.referred(opinion)
    again = {clock.anchor: clock for clock in clocks_of(Opinion.objects.get(pk=opinion.pk))}
    assert again["promise"].due_at == limit
    assert again["finish-2"].due_at > world.now
    assert again["finish-2"].as_reckoned
