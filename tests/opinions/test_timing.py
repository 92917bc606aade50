"""The time a unit has: first contact, pauses, extensions, hours — against a calendar that knows nothing of ours."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random

import chinese_calendar
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from tests.world import World
from zoufang.kernel.calendar import Term
from zoufang.kernel.period import Period
from zoufang.kernel.refusal import Invalid, NotAllowed, StepNotOpen
from zoufang.metrics.tabulate import tabulate
from zoufang.opinions import selectors, services
from zoufang.opinions.clocks import clocks_of
from zoufang.opinions.metrics import DONE_IN_TIME, DUE, OVERDUE, RESPONSE_RATE
from zoufang.opinions.models import Extension, Opinion, Pause, Referral
from zoufang.opinions.vocabulary import Kind
from zoufang.opinions.workflow import DECIDES_EXTENSION, ENDS_PAUSE, GATE, MOVES, WHILE_PAUSED, Step
from zoufang.organization.models import Role
from zoufang.organization.selectors import forget_calendar, work_calendar

pytestmark = pytest.mark.django_db

MARCH = datetime(2026, 3, 4, 2, tzinfo=UTC)  # a Wednesday, ten o'clock in Shanghai
ASKED = "请补充是东门的哪几盏灯不亮。"


@pytest.fixture(autouse=True)
def _calendar_anew() -> Iterator[None]:
    forget_calendar()
    yield
    forget_calendar()


@pytest.fixture
def world() -> World:
    return World(MARCH)


def shanghai(moment: datetime) -> date:
    return (moment + timedelta(hours=8)).date()


class Stopwatch:
    """The oracle: at each midnight that ends a working day it ticks, unless it is stopped. It knows no formula."""

    def __init__(self, start: datetime, days: int) -> None:
        self.start, self.days = start, days
        self.stops: list[tuple[datetime, datetime]] = []

    def stop(self, since: datetime, until: datetime, most: int) -> None:
        """Stand still from `since` to `until`, for `most` midnights that end a working day at most."""
        day = shanghai(since) - timedelta(days=1)
        while most:
            day += timedelta(days=1)
            most -= chinese_calendar.is_workday(day)
        self.stops.append((since, min(until, datetime(day.year, day.month, day.day, 16, tzinfo=UTC))))

    @property
    def due(self) -> datetime:
        """The midnight of the last tick; that of the first day is none."""
        left, day = self.days, shanghai(self.start)
        while True:
            day += timedelta(days=1)
            midnight = datetime(day.year, day.month, day.day, 16, tzinfo=UTC)
            if not chinese_calendar.is_workday(day) or any(a < midnight <= b for a, b in self.stops):
                continue
            left -= 1
            if not left:
                return midnight


def test_3000_deadlines_moved_by_pauses_and_extensions_are_those_of_a_stopwatch(world: World) -> None:
    dice, calendar, moves = Random(20260304), work_calendar(), 0
    wrong: list[tuple[object, ...]] = []
    first = datetime(2024, 1, 1, tzinfo=UTC)
    for _ in range(3000):
        start = first + timedelta(minutes=dice.randrange(960 * 24 * 60))
        days, most = dice.choice([1, 5, 7, 10, 15]), 10
        watch, due, now = Stopwatch(start, days), calendar.due_by(start, Term(days)), start
        for _turn in range(dice.randrange(4)):
            now += timedelta(minutes=dice.randrange(6 * 24 * 60))
            if now >= due or not most:
                break
            moves += 1
            if dice.random() < 0.4:
                more = dice.randrange(1, 11)
                watch.days += more
                due = calendar.moved(due, working_days=more)
                continue
            until = now + timedelta(minutes=dice.randrange(20 * 24 * 60))
            watch.stop(now, until, most)
            pause = Pause(started_at=now, ended_at=min(until, calendar.stands_until(now, working_days=most)))
            due = calendar.moved(due, working_days=pause.missed(calendar, began=start))
            most, now = most - pause.missed(calendar), until
            if due <= now and most:
                wrong.append((start, "ran out while it stood still"))
        if due != watch.due:
            wrong.append((start, days, due, watch.due))
    assert moves > 3000
    assert wrong == []


def test_forty_lives_with_pauses_and_extensions_keep_unit_and_citizen_to_the_stopwatch(world: World) -> None:
    dice = Random(7)
    wrong: list[tuple[object, ...]] = []
    for number in range(40):
        world.now = MARCH + timedelta(days=dice.randrange(200), minutes=dice.randrange(24 * 60))
        opinion = world.in_hand(content=f"第 {number} 盏路灯不亮，晚上走路不放心。")
        referral = opinion.referrals.get()
        unit, citizen = Stopwatch(referral.referred_at, 10), Stopwatch(opinion.recorded_at, 11)
        left = 10
        for _turn in range(dice.randrange(1, 4)):
            now = world.later(minutes=dice.randrange(3 * 24 * 60))
            referral.refresh_from_db()
            if now >= min(referral.due_at, opinion.due_at) or not left:
                break
            if dice.random() < 0.4 and not referral.extensions.exists():
                services.ask_extension(opinion, days=4, reason="灯具缺货，等待到货。", by=world.clerk, now=now)
                services.grant_extension(opinion, by=world.visit_office, now=now)
                unit.days, citizen.days = unit.days + 4, citizen.days + 4
                continue
            services.pause_opinion(opinion, reason="FACTS", asked=ASKED, by=world.clerk, now=now)
            until = world.later(minutes=dice.randrange(9 * 24 * 60))
            pause = services.resume_opinion(opinion, note="已补充。", by=world.clerk, now=until)
            unit.stop(now, until, left)
            citizen.stop(now, until, left)
            left -= pause.working_days or 0
        opinion, referral = Opinion.objects.get(pk=opinion.pk), Referral.objects.get(pk=referral.pk)
        clocks = {clock.anchor: clock for clock in clocks_of(opinion)}
        if (referral.due_at, opinion.due_at) != (unit.due, citizen.due) or opinion.step_due_at != unit.due:
            wrong.append((number, referral.due_at, unit.due, opinion.due_at, citizen.due))
        if not all(clocks[anchor].as_reckoned for anchor in ("promise", "finish-1", "measure-1")):
            wrong.append((number, "told otherwise"))
    assert wrong == []


def test_what_was_promised_at_first_is_kept_beside_what_is_in_force(world: World) -> None:
    opinion = world.in_hand()
    unit_due, promised = opinion.referrals.get().due_at, opinion.due_at
    services.pause_opinion(opinion, reason="FACTS", asked=ASKED, by=world.clerk, now=world.later(days=1))
    services.resume_opinion(opinion, note="东侧三盏。", by=world.clerk, now=world.later(days=6))

    opinion.refresh_from_db()
    referral = opinion.referrals.get()
    assert (referral.first_due_at, opinion.first_due_at) == (unit_due, promised)
    assert referral.due_at == work_calendar().moved(unit_due, working_days=4)  # Thursday to Tuesday, a week-end between
    assert referral.pauses.get().working_days == 4
    assert (opinion.paused_at, opinion.step_due_at) == (None, referral.due_at)


def test_a_pause_that_ends_the_same_day_moves_nothing(world: World) -> None:
    opinion = world.in_hand()
    unit_due, promised = opinion.referrals.get().due_at, opinion.due_at
    services.pause_opinion(opinion, reason="FACTS", asked=ASKED, by=world.clerk, now=world.later())
    services.resume_opinion(opinion, by=world.clerk, now=world.later(hours=2))

    opinion.refresh_from_db()
    referral = opinion.referrals.get()
    assert (referral.due_at, referral.first_due_at) == (unit_due, None)
    assert (opinion.due_at, opinion.first_due_at) == (promised, None)


def test_a_measure_waits_too_while_the_citizen_is_asked(world: World) -> None:
    opinion = world.signed()
    measure_due = opinion.referrals.get().measure_due_at
    assert opinion.step_due_at == measure_due
    services.pause_opinion(opinion, reason="FACTS", asked=ASKED, by=world.clerk, now=world.later(days=1))
    with pytest.raises(StepNotOpen, match="等群众补充"):
        services.write_measure(
            opinion,
            measure="联系路灯管理单位更换灯具。",
            responsible=world.officer,
            planned_on=world.today,
            by=world.clerk,
            now=world.later(),
        )
    services.resume_opinion(opinion, note="东侧三盏。", by=world.clerk, now=world.later(days=1))

    referral = opinion.referrals.get()
    assert measure_due is not None
    assert referral.measure_due_at == work_calendar().moved(measure_due, working_days=1)
    assert opinion.step_due_at == referral.measure_due_at


def test_nobody_pauses_what_is_overdue_or_what_may_not_wait(world: World) -> None:
    late, urgent, praise = world.in_hand(), world.in_hand(urgent=True), world.signed(kind=Kind.PRAISE)
    for opinion in (urgent, praise):
        with pytest.raises(StepNotOpen, match="不能暂停"):
            services.pause_opinion(opinion, reason="FACTS", asked=ASKED, by=world.clerk, now=world.later())
    with pytest.raises(StepNotOpen, match="超过"):
        services.pause_opinion(late, reason="FACTS", asked=ASKED, by=world.clerk, now=world.later(days=40))


def test_a_pause_ends_by_itself_and_all_pauses_share_the_days(world: World) -> None:
    opinion = world.paused()
    pause = opinion.referrals.get().pauses.get()
    assert opinion.step_due_at == pause.until
    assert services.end_pauses(now=pause.until - timedelta(seconds=1)) == 0

    assert services.end_pauses(now=pause.until) == 1

    opinion.refresh_from_db()
    pause.refresh_from_db()
    assert (opinion.paused_at, pause.working_days, pause.ended_at) == (None, 10, pause.until)
    assert opinion.events.latest("pk").by is None
    with pytest.raises(StepNotOpen, match="已用完"):
        services.pause_opinion(opinion, reason="FACTS", asked=ASKED, by=world.clerk, now=pause.until)


def test_the_citizen_s_answer_ends_the_pause(world: World) -> None:
    opinion = world.paused()
    asker = services.keep_asker(opinion, code="K" * 28, now=world.now)
    services.supply(opinion, asker=asker, text="东侧第一到第三盏。", now=world.later())

    assert opinion.paused_at is None
    assert opinion.referrals.get().pauses.get().answer == "东侧第一到第三盏。"
    with pytest.raises(StepNotOpen, match="没有需要"):
        services.supply(opinion, asker=asker, text="再说一遍。", now=world.later())


def test_figures_of_a_past_day_do_not_change_by_a_pause_an_extension_or_a_reopening(world: World) -> None:
    def told(last: date) -> list[object]:
        table = tabulate([DUE, DONE_IN_TIME, OVERDUE], [world.bureau], Period(date(2026, 3, 1), last))
        return [table[metric.code, world.bureau.pk] for metric in (DUE, DONE_IN_TIME, OVERDUE)]

    kept: dict[date, list[object]] = {}
    paused, extended, again = world.in_hand(), world.in_hand(), world.closed()
    plan: dict[int, Callable[[], object]] = {
        3: lambda: services.pause_opinion(paused, reason="FACTS", asked=ASKED, by=world.clerk, now=world.now),
        6: lambda: services.ask_extension(extended, days=5, reason="灯具缺货，等待。", by=world.clerk, now=world.now),
        8: lambda: services.grant_extension(extended, by=world.visit_office, now=world.now),
        19: lambda: services.resume_opinion(paused, note="已补充。", by=world.clerk, now=world.now),
        25: lambda: services.reopen_opinion(again, note="又不亮了。", by=world.leader, now=world.now),
    }
    for day in range(1, 40):
        world.later(days=1)
        if day in plan:
            plan[day]()
        yesterday = shanghai(world.now) - timedelta(days=1)
        kept[yesterday] = told(yesterday)
    assert {day: told(day) for day in kept} == kept
    assert kept[max(kept)] == [3, 1, 2]


def test_an_extension_is_asked_once_and_granted_by_the_visit_office(world: World) -> None:
    opinion = world.extending()
    unit_due, promised = opinion.referrals.get().due_at, opinion.due_at
    assert selectors.waiting_for(world.visit_office).filter(pk=opinion.pk).exists()
    with pytest.raises(NotAllowed, match="走访办"):
        services.grant_extension(opinion, by=world.leader, now=world.later())

    services.grant_extension(opinion, note="同意。", by=world.visit_office, now=world.later())

    referral = opinion.referrals.get()
    assert referral.due_at == work_calendar().moved(unit_due, working_days=3)
    assert opinion.due_at == work_calendar().moved(promised, working_days=3)
    assert (referral.first_due_at, opinion.first_due_at) == (unit_due, promised)
    assert not selectors.waiting_for(world.visit_office).filter(pk=opinion.pk).exists()
    with pytest.raises(StepNotOpen, match="已延期一次"):
        services.ask_extension(opinion, days=1, reason="还要再等一等。", by=world.clerk, now=world.later())


def test_a_refused_extension_leaves_the_deadline_and_may_be_asked_again(world: World) -> None:
    opinion = world.extending()
    due_at = opinion.referrals.get().due_at
    services.refuse_extension(opinion, note="本地即可采购。", by=world.visit_office, now=world.later())

    assert opinion.referrals.get().due_at == due_at
    services.ask_extension(opinion, days=2, reason="本地也已断货。", by=world.clerk, now=world.later())
    assert opinion.extension_asked_at == world.now


def test_an_extension_is_within_the_days_before_it_is_due_and_never_one_s_own(world: World) -> None:
    opinion, late = world.in_hand(), world.extending()
    with pytest.raises(Invalid, match="最多延期 5"):
        services.ask_extension(opinion, days=6, reason="等待灯具到货。", by=world.clerk, now=world.later())
    both = world.make_officer("both", world.station, Role.CLERK, (Role.VISIT_OFFICE, world.bureau))
    services.ask_extension(opinion, days=5, reason="等待灯具到货。", by=both, now=world.later())
    with pytest.raises(NotAllowed, match="另一人"):
        services.grant_extension(opinion, by=both, now=world.later())
    now = world.later(days=30)
    with pytest.raises(StepNotOpen, match="超过原期限"):
        services.grant_extension(late, by=world.visit_office, now=now)
    services.refuse_extension(late, note="已超期。", by=world.visit_office, now=now)
    with pytest.raises(StepNotOpen, match="到期前"):
        services.ask_extension(late, days=1, reason="等待灯具到货。", by=world.clerk, now=now)


def test_a_promise_that_has_passed_is_not_moved_by_a_later_extension(world: World) -> None:
    opinion = world.closed()
    promised = opinion.due_at
    services.reopen_opinion(opinion, note="又不亮了。", by=world.leader, now=world.later(days=30))
    world.in_hand(opinion)
    services.ask_extension(opinion, days=5, reason="等待灯具到货。", by=world.clerk, now=world.later())
    services.grant_extension(opinion, by=world.visit_office, now=world.later())

    opinion.refresh_from_db()
    assert (opinion.due_at, opinion.first_due_at) == (promised, None)
    assert opinion.referrals.latest("hop").extensions.get().promise_due_at is None


def test_first_contact_is_noted_once_and_counts_as_response(world: World) -> None:
    quick, slow, never = world.signed(), world.signed(), world.signed()
    services.note_first_contact(quick, told_by="PHONE", note="约好明天上门", by=world.clerk, now=world.later())
    with pytest.raises(Invalid, match="转办之后"):
        services.note_first_contact(
            slow, told_by="PHONE", spoken_at=MARCH - timedelta(days=1), by=world.clerk, now=world.later()
        )
    services.note_first_contact(slow, told_by="VISIT", by=world.clerk, now=world.later(days=5))
    with pytest.raises(StepNotOpen):
        services.note_first_contact(quick, told_by="PHONE", by=world.clerk, now=world.later())

    table = tabulate([RESPONSE_RATE], [world.station], Period(date(2026, 3, 1), date(2026, 3, 31)))

    figure = table[RESPONSE_RATE.code, world.station.pk]
    assert (str(figure), never.referrals.get().contacted_at) == ("33.3", None)


def test_who_left_no_telephone_cannot_be_rung_up_and_an_answer_is_a_first_word_too(world: World) -> None:
    opinion = world.opinion()
    services.keep_asker(opinion, code="N" * 28, now=world.now)
    world.answered(opinion)

    referral = opinion.referrals.get()
    assert (referral.contact_due_at, referral.contacted_how) == (None, "PHONE")


def test_an_urgent_hazard_runs_in_minutes_round_the_clock(world: World) -> None:
    night = datetime(2026, 2, 15, 15, 50, tzinfo=UTC)  # ten to midnight, the first night of the Spring Festival holiday
    opinion = world.opinion(urgent=True, now=night)
    referral = services.refer_opinion(opinion, to=world.station, by=world.clerk, now=night + timedelta(minutes=20))

    assert opinion.due_at == night + timedelta(minutes=30, hours=24)
    assert referral.sign_due_at == referral.referred_at + timedelta(minutes=30)
    assert referral.contact_due_at == referral.referred_at + timedelta(hours=2)
    assert referral.due_at == referral.referred_at + timedelta(hours=24)
    promise = clocks_of(opinion)[0]
    assert (promise.as_reckoned, sum(day.minutes for day in promise.days)) == (True, 24 * 60 + 30)


def test_a_question_has_four_office_hours(world: World) -> None:
    friday = datetime(2026, 3, 6, 7, tzinfo=UTC)  # three o'clock
    opinion = world.opinion(kind=Kind.CONSULTATION, now=friday)

    assert opinion.step_due_at == datetime(2026, 3, 9, 3, tzinfo=UTC)  # Monday, eleven o'clock
    assert opinion.due_at == datetime(2026, 3, 10, 16, tzinfo=UTC)  # the end of Tuesday
    promise, refer = clocks_of(opinion)
    assert [day.minutes for day in refer.days] == [120, 0, 0, 120]
    assert (promise.as_reckoned, refer.as_reckoned, promise.days[-1].nth) == (True, True, 1)


def test_the_database_refuses_what_the_rules_forbid(world: World) -> None:
    opinion = world.extending()
    referral = opinion.referrals.get()
    extension = referral.extensions.get()

    def refused(act: object) -> None:
        with pytest.raises((IntegrityError, ValidationError)), transaction.atomic():
            act()  # type: ignore[operator]

    refused(
        lambda: Extension.objects.filter(pk=extension.pk).update(
            granted=False, decided_by=world.clerk, decided_at=world.now
        )
    )
    refused(
        lambda: Extension.objects.filter(pk=extension.pk).update(
            granted=True, decided_by=world.leader, decided_at=world.now
        )
    )
    refused(lambda: referral.extensions.create(days=1, reason="再来", asked_by=world.clerk, asked_at=world.now))
    services.pause_opinion(opinion, reason="FACTS", asked=ASKED, by=world.clerk, now=world.later())
    refused(lambda: Pause.objects.filter(referral=referral).update(ended_at=world.now))
    refused(lambda: Pause.objects.filter(referral=referral).update(ended_at=world.now, working_days=99))
    refused(lambda: Referral.objects.filter(pk=referral.pk).update(contacted_at=world.now))


def test_steps_about_time_leave_the_status_alone_and_each_has_an_owner() -> None:
    # What turns out to be a complaint goes its own way at once, paused or not.
    about_time = (WHILE_PAUSED | DECIDES_EXTENSION | {Step.PAUSE, Step.EXTEND}) - {Step.COMPLAINT}
    assert all(move.was == move.becomes for move in MOVES if move.step in about_time)
    assert about_time - GATE.keys() == {Step.SUPPLY}
    assert ENDS_PAUSE < WHILE_PAUSED
    by_step = {step: {move.was for move in MOVES if move.step is step} for step in about_time}
    # What is paused or asked for can always be ended or decided where it stands.
    assert by_step[Step.PAUSE] == by_step[Step.RESUME] == by_step[Step.SUPPLY]
    assert by_step[Step.EXTEND] == by_step[Step.GRANT_EXTENSION] == by_step[Step.REFUSE_EXTENSION]


def test_pages_tell_pause_extension_and_first_contact_and_take_them(world: World) -> None:
    opinion = world.in_hand()
    client = Client()
    client.force_login(world.clerk, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/opinions/{opinion.no}/pause/").content.decode()
    assert "最多还能暂停 10 个工作日" in page

    # The page takes the clock of this machine, by which March is long over.
    answer = client.post(f"/opinions/{opinion.no}/pause/", {"reason": "FACTS", "asked": ASKED}).content.decode()

    assert "已超过本步或办理期限" in answer
    assert ASKED in answer
    services.pause_opinion(opinion, reason="FACTS", asked=ASKED, by=world.clerk, now=world.later())
    shown = client.get(f"/opinions/{opinion.no}/").content.decode()
    assert "已暂停，等群众补充" in shown
    assert ASKED in client.get(f"/opinions/{opinion.no}/deadlines/").content.decode()
