"""Watches over deadlines that run side by side and are killed: each reminder is there once, whole, with its notices."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from datetime import date, datetime
from urllib.parse import quote

import pytest
from django.db import connection

from tests.world import World
from zoufang.audit import services as audit
from zoufang.audit.models import AuditRecord
from zoufang.kernel.clock import LOCAL
from zoufang.metrics.services import install_cells
from zoufang.notifications.models import Notice, Reminder
from zoufang.notifications.scheme import scheme_on, shifted
from zoufang.opinions.models import OpinionEvent
from zoufang.opinions.reminders import deadlines_in_force
from zoufang.organization.selectors import work_calendar
from zoufang.statistics.catalogue import CATALOGUE

MANY, KILLS = 40, 12

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def watch(now: datetime) -> "subprocess.Popen[str]":
    facts = connection.settings_dict
    host = quote(str(facts["HOST"]), safe="")  # the directory of a socket, where the cluster is the embedded one
    url = f"postgres://{facts['USER']}:{facts['PASSWORD']}@{host}:{facts['PORT']}/{facts['NAME']}"
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "zoufang.site.settings"}
    command = [sys.executable, "-m", "tests.notifications.watching", now.isoformat()]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def test_killed_watches_leave_nothing_out_and_nothing_twice() -> None:
    install_cells(CATALOGUE)
    world, dice, killed = World(), random.Random(7), 0
    people = (world.clerk, world.leader, world.inspector, world.visit_office)
    opinions = [world.referred() for _n in range(MANY)]
    calendar = work_calendar()
    now = datetime.combine(shifted(date(2026, 3, 3), 5, calendar), datetime.min.time().replace(hour=9), LOCAL)

    for _round in range(KILLS):
        pair = [watch(now), watch(now)]
        for one in pair:
            assert one.stdout is not None
            assert one.stdout.readline() == "go\n"
        time.sleep(dice.uniform(0, 0.25))
        for one in pair:
            one.kill()
            killed += "done" not in one.communicate()[0]
    # A look that finds no connection on a busy machine is followed by the next one, as every five minutes.
    for _look in range(5):
        with watch(now) as last, watch(now) as other:
            if [last.wait(timeout=240), other.wait(timeout=240)] == [0, 0]:
                break
    else:
        pytest.fail("no look came to its end")

    assert killed >= KILLS
    scheme = scheme_on(now.date())
    expected = Counter(
        (opinion.no, str(one.deadline), one.due_at, str(rung.level))
        for opinion in opinions
        for one in deadlines_in_force(opinion)
        for rung in scheme.reached(one.due_at, since=one.since, now=now, calendar=calendar)
    )
    assert len(expected) >= 3 * MANY
    assert Counter(Reminder.objects.values_list("about", "deadline", "due_at", "level")) == expected
    # Each level of each opinion told those it is for, once each, and wrote its line of the history.
    told = Counter(
        Notice.objects.filter(kind="reminder").values_list("about", "parameters__level", "officer__username")
    )
    whom = {"URGE": ("clerk", "leader"), "SUPERVISE": ("inspector", "leader"), "BULLETIN": ("office",)}
    assert told == Counter(
        (opinion.no, level, name) for opinion in opinions for level, names in whom.items() for name in names
    )
    steps = Counter(OpinionEvent.objects.filter(step__in=["urge", "supervise"]).values_list("opinion__no", "step"))
    assert steps == Counter((opinion.no, step) for opinion in opinions for step in ("urge", "supervise"))
    assert AuditRecord.objects.filter(action__in=["urge", "supervise"]).count() == 2 * MANY
    assert audit.verify().sound
    digests = Counter(Notice.objects.filter(kind="digest").values_list("officer", flat=True))
    assert set(digests.values()) == {1}
    assert world.clerk.pk in digests
    assert people
