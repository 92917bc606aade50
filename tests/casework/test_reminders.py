"""Petitions and disputes are pressed for as opinions are: by their deadline in force, once on each level."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.world import World
from zoufang.casework import services
from zoufang.kernel.clock import LOCAL
from zoufang.notifications.models import Notice, Reminder
from zoufang.notifications.scheme import shifted
from zoufang.organization.selectors import work_calendar
from zoufang.ui.when import due_day

pytestmark = pytest.mark.django_db


def morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=LOCAL)


def told(about: str, level: str) -> list[str]:
    notices = Notice.objects.filter(about=about, parameters__level=level)
    return sorted(notices.values_list("officer__username", flat=True))


@pytest.fixture
def world() -> World:
    made = World()
    assert all(one.pk for one in (made.officer, made.clerk, made.leader, made.inspector, made.visit_office))
    return made


def test_a_petition_is_pressed_for_by_its_extended_deadline(world: World) -> None:
    case, _new = services.record_petition(
        level="PROVINCE",
        subject="反映办案期限过长",
        assigned_at=world.now - timedelta(days=1),
        unit=world.station,
        by=world.clerk,
        now=world.later(),
    )
    services.assign_responsible(case, responsible=world.officer, by=world.clerk, now=world.later())
    services.notify_petitioner(case, note="第 2 号告知书，当面送达", by=world.clerk, now=world.later())
    case.refresh_from_db()
    last, calendar = due_day(case.deadline), work_calendar()

    assert services.remind(now=morning(shifted(last, -1, calendar))) == 1
    assert told(case.no, "REMIND") == ["officer"]
    services.extend_petition(
        case,
        extended_to=case.due_at + timedelta(days=20),
        reason="案情复杂",
        by=world.clerk,
        now=morning(last),
    )
    assert services.remind(now=morning(shifted(last, 1, calendar))) == 0
    case.refresh_from_db()
    late = due_day(case.deadline)
    assert services.remind(now=morning(shifted(late, 3, calendar))) == 2
    assert told(case.no, "URGE") == ["clerk", "leader", "officer"]
    assert told(case.no, "SUPERVISE") == ["inspector", "leader"]
    assert services.remind(now=morning(shifted(late, 3, calendar))) == 0

    client = Client()
    client.force_login(world.clerk, backend="django.contrib.auth.backends.ModelBackend")
    assert "督办" in client.get(reverse("casework:petition", args=[case.pk])).content.decode()
    assert "反映办案期限过长" in client.get(reverse("notifications:notices")).content.decode()


def test_the_written_notice_is_pressed_for_until_it_is_given(world: World) -> None:
    case, _new = services.record_petition(
        level="PROVINCE",
        subject="反映办案期限过长",
        assigned_at=world.now - timedelta(days=1),
        unit=world.station,
        by=world.clerk,
        now=world.later(),
    )
    services.assign_responsible(case, responsible=world.officer, by=world.clerk, now=world.later())
    assert case.notice_due_at is not None
    last, calendar = due_day(case.notice_due_at), work_calendar()
    assert services.remind(now=morning(shifted(last, -1, calendar))) == 1
    assert services.remind(now=morning(shifted(last, 1, calendar))) == 1
    assert set(Reminder.objects.values_list("deadline", "level")) == {("NOTICE", "REMIND"), ("NOTICE", "URGE")}

    client = Client()
    client.force_login(world.clerk, backend="django.contrib.auth.backends.ModelBackend")
    # What pressed stands in its order among what was done.
    shown = client.get(reverse("casework:petition", args=[case.pk])).content.decode()
    history = shown[shown.index('id="history"') :]
    assert history.index("登记") < history.index("落实责任人") < history.index("书面告知期限")

    now = morning(shifted(last, 2, calendar))
    services.notify_petitioner(case, note="第 3 号告知书，邮寄送达", by=world.clerk, now=now)
    assert services.remind(now=morning(shifted(last, 5, calendar))) == 0


def test_a_dispute_of_nobody_is_told_to_the_clerk_and_a_resolved_one_to_nobody(world: World) -> None:
    dispute, _new = services.record_dispute(
        category="DS02", found_at=world.now - timedelta(days=1), unit=world.station, by=world.clerk, now=world.later()
    )
    day = shifted(dispute.due_on, 1, work_calendar())
    assert services.remind(now=morning(day)) == 1
    assert told(dispute.no, "URGE") == ["clerk", "leader"]

    services.assign_dispute(dispute, responsible=world.officer, by=world.clerk, now=morning(day))
    services.resolve_dispute(dispute, result="已达成书面协议。", by=world.clerk, now=morning(day))
    assert services.remind(now=morning(shifted(dispute.due_on, 5, work_calendar()))) == 0
    assert set(Reminder.objects.values_list("case", "level")) == {("dispute", "URGE")}
