"""Deadlines are reminded of, urged, supervised and reported: once each, at the right time, to the right people."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.world import World
from zoufang.accounts.services import make_token
from zoufang.audit.models import AuditRecord
from zoufang.kernel.clock import LOCAL, local_day, start_of
from zoufang.kernel.period import Period
from zoufang.metrics.engine import tabulate
from zoufang.notifications.models import Notice, Reminder
from zoufang.notifications.scheme import scheme_on, shifted
from zoufang.notifications.services import believed
from zoufang.notifications.vocabulary import Level
from zoufang.opinions import selectors, services
from zoufang.opinions.models import Opinion
from zoufang.opinions.reminders import deadlines_in_force
from zoufang.opinions.workflow import Step
from zoufang.organization.models import Officer
from zoufang.organization.selectors import work_calendar
from zoufang.organization.services import disable_officer, move_officer
from zoufang.rehearsal.reminding import press_for_what_is_late
from zoufang.statistics.catalogue import CATALOGUE

pytestmark = pytest.mark.django_db

LEVELS = ("REMIND", "URGE", "SUPERVISE", "BULLETIN")


@pytest.fixture
def world() -> World:
    """The bureau with everybody at work, on Monday 2 March 2026 at nine."""
    made = World()
    people = (made.clerk, made.leader, made.inspector, made.visit_office, made.other_clerk)
    assert all(officer.pk for officer in people)
    return made


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LOCAL)


def told(opinion: Opinion, level: str) -> dict[str, list[str]]:
    """Return who was told on a level, by the deadlines that the notice names."""
    found: dict[str, list[str]] = {}
    for notice in Notice.objects.filter(about=opinion.no, parameters__level=level).order_by("officer__username"):
        found.setdefault("+".join(notice.parameters["deadlines"]), []).append(notice.officer.username)
    return found


def written(opinion: Opinion) -> set[tuple[str, str]]:
    return set(Reminder.objects.filter(about=opinion.no).values_list("deadline", "level"))


def browser(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_an_opinion_that_nobody_signs_for_is_pressed_for_step_by_step(world: World) -> None:
    opinion = world.referred()
    days = {n: shifted(date(2026, 3, 3), n, work_calendar()) for n in (1, 3, 5)}

    assert services.remind(now=at(date(2026, 3, 2), 17)) == 0
    assert services.remind(now=at(date(2026, 3, 3), 8, 30)) == 1
    assert told(opinion, "REMIND") == {"STEP": ["clerk"]}
    services.remind(now=at(days[1], 8, 29))
    assert written(opinion) == {("STEP", "REMIND")}
    services.remind(now=at(days[1], 8, 30))
    assert told(opinion, "URGE") == {"STEP": ["clerk", "leader"]}
    services.remind(now=at(days[3], 9))
    assert told(opinion, "SUPERVISE") == {"STEP": ["inspector", "leader"]}
    services.remind(now=at(days[5], 9))
    assert told(opinion, "BULLETIN") == {"STEP": ["office"]}
    assert services.remind(now=at(days[5], 9, 5)) == 0

    steps = opinion.events.filter(step__in=[Step.URGE, Step.SUPERVISE])
    assert [(event.step, event.by) for event in steps] == [("urge", None), ("supervise", None)]
    assert AuditRecord.objects.filter(object_id=opinion.no, action__in=["urge", "supervise"]).count() == 2
    opinion.refresh_from_db()
    assert opinion.status == "REFERRED"


def test_what_is_done_is_pressed_for_no_more_and_a_new_deadline_anew(world: World) -> None:
    opinion = world.referred()
    services.remind(now=at(date(2026, 3, 4), 9))
    world.now = at(date(2026, 3, 4), 10)
    services.sign_referral(opinion, by=world.clerk, now=world.later())
    services.note_first_contact(opinion, told_by="PHONE", by=world.clerk, now=world.later())
    assert services.remind(now=at(date(2026, 3, 6), 9)) == 0

    # Five working days for the measure, from the 4th: the 11th is the last one.
    assert services.remind(now=at(date(2026, 3, 10), 9)) == 1
    assert set(Reminder.objects.filter(level="REMIND").values_list("about", "due_at")) == {
        (opinion.no, start_of(date(2026, 3, 12)))
    }


def test_a_first_word_is_pressed_for_once_the_work_is_signed_for_until_it_is_spoken(world: World) -> None:
    silent, spoken = world.in_hand(), world.in_hand()
    world.referred()
    services.note_first_contact(spoken, told_by="PHONE", by=world.clerk, now=world.later())
    due_at = silent.referrals.get().contact_due_at
    assert due_at is not None

    services.remind(now=at(shifted(due_at.date(), 1, work_calendar()), 9))

    pressed = Reminder.objects.filter(deadline="CONTACT")
    assert {one.about for one in pressed} == {silent.no}
    assert {one.due_at for one in pressed} == {due_at}


def test_who_has_the_work_in_hand_is_reminded_and_one_notice_tells_of_all_that_ends_then(world: World) -> None:
    opinion = world.in_hand()
    finish = shifted(date(2026, 3, 2), 10, work_calendar())
    opinion.refresh_from_db()
    services.remind(now=at(shifted(finish, -1, work_calendar()), 9))

    assert told(opinion, "REMIND").get("STEP+FINISH") == ["clerk", "officer"]
    assert {("STEP", "REMIND"), ("FINISH", "REMIND")} <= written(opinion)


def test_a_complaint_is_told_to_nobody_whom_it_concerns(world: World) -> None:
    about_station = world.opinion(
        kind="COMPLAINT", complained_unit=world.station, heard_by=world.room, by=world.visit_office
    )
    about_clerk = world.opinion(
        kind="COMPLAINT", complained_officer=world.clerk, heard_by=world.room, by=world.visit_office
    )
    day = shifted(date(2026, 3, 2), 8, work_calendar())
    services.remind(now=at(day, 9))

    assert Reminder.objects.filter(about=about_station.no, level="URGE").exists()
    concerned = Notice.objects.filter(about=about_station.no, officer__unit__path__startswith=world.station.path)
    assert not concerned.exists()
    assert Notice.objects.filter(about=about_station.no, officer=world.visit_office).exists()
    assert not Notice.objects.filter(about=about_clerk.no, officer=world.clerk).exists()
    # The leader belongs to the same unit: those above are told.
    assert not Notice.objects.filter(about=about_clerk.no, officer=world.leader).exists()
    assert Notice.objects.filter(about=about_clerk.no, officer=world.visit_office).exists()


def test_a_notice_goes_out_of_sight_with_the_case(world: World) -> None:
    opinion = world.referred()
    services.remind(now=at(date(2026, 3, 3), 9))
    page = reverse("notifications:notices")
    assert opinion.headline in browser(world.clerk).get(page).content.decode()

    Opinion.objects.filter(pk=opinion.pk).update(complained_officer=world.clerk)
    assert opinion.headline not in browser(world.clerk).get(page).content.decode()
    assert selectors.opinions_seen_by(world.leader).filter(pk=opinion.pk).exists()

    move_officer(world.leader, to=world.other_station, by=None, now=world.later())
    disable_officer(world.clerk, by=None, now=world.later())
    before = Notice.objects.filter(officer=world.clerk).count()
    services.remind(now=at(date(2026, 3, 5), 9))
    assert Notice.objects.filter(officer=world.clerk).count() == before


def test_an_old_ledger_that_is_taken_in_is_not_pressed_for(world: World) -> None:
    world.referred()
    assert services.remind(now=at(date(2026, 8, 3), 9)) == 0


def test_the_digest_says_what_the_inbox_says_and_is_told_once(world: World) -> None:
    world.referred()
    world.referred()
    world.opinion()
    today = date(2026, 3, 4)
    now = at(today, 8, 31)

    services.tell_what_waits(now=now)
    services.tell_what_waits(now=now + timedelta(minutes=5))

    [notice] = Notice.objects.filter(officer=world.clerk, kind="digest")
    counts = selectors.count_waiting_for(world.clerk, now=now)
    assert notice.parameters == counts.as_parameters()
    assert counts.many == selectors.waiting_for(world.clerk).count() == 3
    assert (counts.late, counts.today, counts.next) == (3, 0, 0)
    assert notice.link == reverse("opinions:inbox")
    shown = browser(world.clerk).get(notice.link).context["waiting"]
    assert shown.many == counts.many
    assert not Notice.objects.filter(officer=world.other_clerk).exists(), "nothing waits, nothing is told"
    services.tell_what_waits(now=at(date(2026, 3, 5), 9))
    assert Notice.objects.filter(officer=world.clerk, kind="digest").count() == 2


def test_each_of_the_counts_is_of_its_own_days(world: World) -> None:
    opinion = world.referred()
    for due_at, name in (
        (start_of(date(2026, 3, 4)), "late"),
        (start_of(date(2026, 3, 7)), "today"),
        (start_of(date(2026, 3, 10)), "next"),
        (start_of(date(2026, 3, 11)), ""),
    ):
        Opinion.objects.filter(pk=opinion.pk).update(step_due_at=due_at)
        counts = selectors.count_waiting_for(world.clerk, now=at(date(2026, 3, 6), 9))
        facts = counts.as_parameters() | {"many": 0}
        assert counts.many == 1
        assert {key for key, many in facts.items() if many} == ({name} if name else set())


# ---- clocks


def ticks(first: datetime, last: datetime) -> Iterator[datetime]:
    now = first
    while now < last:
        if 8 <= now.astimezone(LOCAL).hour < 18:
            yield now
        now += timedelta(minutes=15)


def test_a_clock_that_jumps_is_believed_when_it_has_run_on_for_a_while() -> None:
    now = at(date(2026, 3, 2), 9)
    heard = [believed("test", now=now + timedelta(minutes=5 * n)) for n in range(6)]
    assert heard == [False, False, False, False, True, True]
    now += timedelta(minutes=30)
    for jump in (timedelta(days=3650), timedelta(days=-3), timedelta(hours=2)):
        assert not believed("test", now=now + jump)
        assert not believed("test", now=now)
        later = [believed("test", now=now + timedelta(minutes=5 * n)) for n in range(1, 5)]
        assert later == [False, False, False, True]
        now += timedelta(minutes=20)
    assert believed("test", now=now - timedelta(seconds=30)), "another machine's clock is a little behind"


@pytest.mark.parametrize("seed", [1, 2])
def test_forty_jumps_of_the_clock_fire_nothing_early_twice_or_never(world: World, seed: int) -> None:
    dice = random.Random(seed)
    opinions = [world.referred(), world.opinion(), world.in_hand()]
    expected = {
        (opinion.no, str(one.deadline), one.due_at, level): one
        for opinion in opinions
        for one in deadlines_in_force(opinion)
        for level in LEVELS
    }
    moments = list(ticks(at(date(2026, 3, 2), 10), at(date(2026, 3, 26), 12)))
    jumps = set(dice.sample(range(len(moments)), 40))
    for place, now in enumerate(moments):
        if place in jumps:
            off = timedelta(days=dice.choice([-3650, -30, -3, 0, 2, 5, 30, 3650]), minutes=dice.randrange(-600, 600))
            for minutes in range(0, dice.choice([1, 6, 11]), 5):
                services.keep_watch(now=now + off + timedelta(minutes=minutes))
        services.keep_watch(now=now)

    found = Counter(Reminder.objects.values_list("about", "deadline", "due_at", "level"))
    assert set(found) == set(expected)
    assert set(found.values()) == {1}
    scheme, calendar = scheme_on(date(2026, 3, 2)), work_calendar()
    for reminder in Reminder.objects.all():
        one = expected[reminder.about, reminder.deadline, reminder.due_at, reminder.level]
        mornings = (at(shifted(local_day(one.since), n, calendar), 8, 30) for n in range(1, 40))
        begins = next(
            morning
            for morning in mornings
            for rung in scheme.reached(one.due_at, since=one.since, now=morning, calendar=calendar)
            if rung.level == reminder.level
        )
        # After a night or a jump the clock is watched for twenty minutes; jumps in a row make that longer.
        assert begins <= reminder.at <= begins + timedelta(hours=8), reminder
    notices = Counter(Notice.objects.filter(kind="reminder").values_list("officer", "key"))
    assert set(notices.values()) == {1}
    digests = Counter(Notice.objects.filter(kind="digest", officer=world.clerk).values_list("key", flat=True))
    assert set(digests.values()) == {1}
    assert set(digests) == {f"digest/{day}" for day in map(local_day, moments) if calendar.is_working(day)}


def test_the_rehearsal_is_pressed_as_the_watch_would_have_done(world: World) -> None:
    opinion = world.referred()
    press_for_what_is_late(at(date(2026, 3, 9), 12))

    moments = dict(Reminder.objects.filter(about=opinion.no).values_list("level", "at"))
    assert moments == {
        "REMIND": at(date(2026, 3, 3), 8, 45),
        "URGE": at(date(2026, 3, 4), 8, 45),
        "SUPERVISE": at(date(2026, 3, 6), 8, 45),
    }
    assert Notice.objects.filter(officer=world.clerk, kind="digest", at=at(date(2026, 3, 9), 8, 45)).exists()


def test_what_is_paused_is_not_pressed_for(world: World) -> None:
    opinion = world.in_hand()
    Opinion.objects.filter(pk=opinion.pk).update(paused_at=world.now)
    assert services.remind(now=at(date(2026, 3, 20), 9)) == 0
    Opinion.objects.filter(pk=opinion.pk).update(paused_at=None)
    assert services.remind(now=at(date(2026, 3, 20), 9)) > 0


# ---- pages and numbers


def test_the_bell_counts_what_is_unread_until_it_is_opened(world: World) -> None:
    opinion = world.referred()
    services.remind(now=at(date(2026, 3, 3), 9))
    services.tell_what_waits(now=at(date(2026, 3, 3), 9))
    client, page = browser(world.clerk), reverse("notifications:notices")

    shown = client.get(page)
    assert shown.context["bell"].unread == 2
    notice = Notice.objects.get(officer=world.clerk, kind="reminder")
    opened = client.post(reverse("notifications:open_notice", args=[notice.pk]))
    assert opened.headers["Location"] == reverse("opinions:detail", args=[opinion.no])
    assert client.get(page).context["bell"].unread == 1
    notice.refresh_from_db()
    read_at = notice.read_at
    client.post(reverse("notifications:open_notice", args=[notice.pk]))
    notice.refresh_from_db()
    assert notice.read_at == read_at is not None
    client.post(reverse("notifications:read_all"), {"newest": shown.context["newest"]})
    assert client.get(page).context["bell"].unread == 0
    assert browser(world.leader).post(reverse("notifications:open_notice", args=[notice.pk])).status_code == 404


def test_a_program_reads_the_same_notices_in_its_callers_language(world: World) -> None:
    opinion = world.referred()
    services.remind(now=at(date(2026, 3, 4), 9))
    _token, key = make_token(world.clerk, name="程序", by=world.clerk, now=world.now)
    headers: Any = {"Authorization": f"Bearer {key}", "Accept-Language": "en"}
    client = Client(headers=headers)

    body = client.get("/api/v1/notices?unread=true").json()
    [one] = body["results"]
    assert (one["about"], one["case"], one["headline"]) == (opinion.no, "opinion", opinion.headline)
    assert one["sort"] == "Urged"
    browser(world.clerk).post(reverse("notifications:open_notice", args=[one["id"]]))
    assert client.get("/api/v1/notices?unread=true").json()["results"] == []
    assert client.get("/api/v1/notices").json()["results"][0]["read_at"]


def test_the_page_of_an_opinion_shows_how_it_was_pressed(world: World) -> None:
    opinion = world.referred()
    for day in (3, 4, 6):
        services.remind(now=at(date(2026, 3, day), 9))
    page = browser(world.clerk).get(reverse("opinions:detail", args=[opinion.no])).content.decode()
    assert "督办" in page
    assert "自动" in page


def test_reminders_are_counted_by_the_unit_that_was_pressed(world: World) -> None:
    world.referred()
    world.referred()
    services.remind(now=at(date(2026, 3, 4), 9))
    urged = CATALOGUE.get("reminders.urged")
    march = Period.month(2026, 3)

    table = tabulate([urged], [world.bureau, world.station, world.other_station], march)
    assert [table[urged.code, unit.pk] for unit in (world.bureau, world.station, world.other_station)] == [2, 2, 0]
    rows = urged.rows_behind(world.station, march)
    assert {row.level for row in rows} == {Level.URGE}
    listed = browser(world.clerk).get("/ledgers/reminders/?level=URGE")
    assert listed.status_code == 200
    assert len(listed.context["page"].rows) == 2


def test_the_visit_office_finds_the_candidates_for_the_bulletin(world: World) -> None:
    opinion, fresh = world.referred(), world.opinion(now=at(date(2026, 3, 10), 8))
    services.remind(now=at(date(2026, 3, 10), 9))
    page = browser(world.visit_office).get(reverse("opinions:list") + "?pressed=BULLETIN")
    assert [row.no for row in page.context["page"].rows] == [opinion.no]
    assert fresh.no != opinion.no
