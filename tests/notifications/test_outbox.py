"""What a citizen is to be told is decided with the step, sent once, and its address is nowhere in clear."""

import logging
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.notifications.gateway import Gateway
from tests.world import World
from zoufang.audit.models import AuditRecord
from zoufang.kernel.refusal import Invalid, NotAllowed, StaleState
from zoufang.notifications import rules, selectors, services
from zoufang.notifications.models import Outgoing
from zoufang.notifications.senders import Letter, NeverSent, NotNow
from zoufang.notifications.vocabulary import State, Way
from zoufang.organization.models import Officer

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PHONE = "13800138000"

pytestmark = pytest.mark.django_db


class Fake:
    """A gateway that answers as it is told to."""

    way = Way.SMS

    def __init__(self, *answers: str | Exception) -> None:
        self.answers = list(answers)
        self.letters: list[Letter] = []

    def send(self, letter: Letter) -> str:
        self.letters.append(letter)
        answer = self.answers.pop(0) if self.answers else "G-1"
        if isinstance(answer, Exception):
            raise answer
        return answer


def told(world: World, key: str = "answer/1/1", **facts: Any) -> Outgoing:
    wanted: dict[str, Any] = {
        "way": Way.SMS,
        "address": PHONE,
        "text": "您反映的路灯已修好。",
        "subject": "答复",
        "unit": world.station,
        "now": NOW,
    }
    return services.tell_citizen(key=key, **(wanted | facts))


def deliver(fake: Fake, now: datetime = NOW) -> int:
    return services.deliver_due({Way.SMS: fake}, now)


def test_a_message_is_decided_once_and_sent_once() -> None:
    world, fake = World(), Fake("G-77")
    first = told(world)
    assert told(world, text="别的话").pk == first.pk

    assert deliver(fake) == 1
    assert deliver(fake, NOW + timedelta(days=3)) == 0

    [letter] = fake.letters
    assert (letter.key, letter.address, letter.text) == ("answer/1/1", PHONE, "您反映的路灯已修好。")
    first.refresh_from_db()
    assert (first.state, first.provider_id, first.attempts, first.sent_at) == (State.SENT, "G-77", 1, NOW)


def test_what_was_rolled_back_is_not_told() -> None:
    world, fake = World(), Fake()
    with transaction.atomic():
        told(world)
        transaction.set_rollback(True)
    assert deliver(fake) == 0


def test_the_address_and_the_text_are_nowhere_in_clear(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    told(world)
    with caplog.at_level(logging.DEBUG):
        deliver(Fake(ValueError(f"bad number {PHONE}")))
    with connection.cursor() as cursor:
        cursor.execute("SELECT notifications_outgoing::text FROM notifications_outgoing")
        [(row,)] = cursor.fetchall()

    assert PHONE not in row
    assert "路灯" not in row
    assert PHONE.encode().hex() not in row
    assert PHONE not in caplog.text
    assert PHONE not in repr(Letter("k", PHONE, "t", "s", "zh-hans", ""))


def test_it_is_tried_again_later_and_later_and_then_given_up() -> None:
    world, now, waits = World(), NOW, []
    message = told(world)
    for _try in range(rules.MOST_TRIES):
        assert deliver(Fake(NotNow("网关忙")), now) == 1
        message.refresh_from_db()
        waits.append(message.not_before - now)
        assert deliver(Fake(), now) == 0
        now = message.not_before

    assert (message.state, message.why_failed, message.ended_at is not None) == (State.GIVEN_UP, "网关忙", True)
    assert timedelta(seconds=15) <= waits[0] <= timedelta(seconds=30)
    assert all(wait <= timedelta(hours=6) for wait in waits)
    assert waits[5] > waits[0]


def test_what_the_gateway_will_never_take_fails_at_once_and_can_be_sent_again_by_a_clerk() -> None:
    world, fake = World(), Fake(NeverSent(f"空号 {PHONE}"), "G-2")
    message = told(world)
    deliver(fake)
    message.refresh_from_db()
    assert message.state == State.FAILED
    assert PHONE not in message.why_failed

    with pytest.raises(NotAllowed):
        services.resend(message, by=world.other_clerk, now=NOW)
    services.resend(message, by=world.clerk, now=NOW)
    with pytest.raises(StaleState):
        services.resend(message, by=world.clerk, now=NOW)
    deliver(fake)

    message.refresh_from_db()
    assert message.state == State.SENT
    # Another key: the gateway may have taken the first one after all, and would drop a second of the same.
    assert [letter.key for letter in fake.letters] == ["answer/1/1", "answer/1/1#1"]
    assert AuditRecord.objects.filter(action="outgoing.resend", by=world.clerk).count() == 1


def test_one_bad_message_does_not_stop_the_others() -> None:
    world = World()
    for n in range(3):
        told(world, key=f"answer/{n}")
    fake = Fake(RuntimeError("boom"), "G-1", "G-2")
    assert deliver(fake) == 3
    assert sorted(Outgoing.objects.values_list("state", flat=True)) == ["SENT", "SENT", "WAITING"]


def test_a_way_without_a_gateway_waits_and_a_page_needs_none() -> None:
    world = World()
    mail, page = told(world, key="a", way=Way.MAIL), told(world, key="b", way=Way.PAGE, address="")
    assert deliver(Fake()) == 0
    mail.refresh_from_db()
    assert (mail.state, page.state) == (State.WAITING, State.SENT)


@pytest.mark.parametrize("report_first", [False, True])
def test_a_report_may_come_before_the_answer_or_after_and_twice(report_first: bool) -> None:
    world = World()
    message = told(world)
    later = NOW + timedelta(seconds=9)

    class Hasty(Fake):
        def send(self, letter: Letter) -> str:
            if report_first:
                services.note_delivered(way=Way.SMS, key=letter.key, delivered=True, at=later)
            return super().send(letter)

    deliver(Hasty("G-5"))
    for _again in range(2):
        known = {"key": message.send_key} if report_first else {"provider_id": "G-5"}
        assert services.note_delivered(way=Way.SMS, **known, delivered=True, at=later)
    # Late and contrary: what has arrived stays arrived.
    services.note_delivered(way=Way.SMS, key=message.send_key, delivered=False, why="超时", at=later)

    message.refresh_from_db()
    assert (message.state, message.delivered_at, message.why_failed) == (State.DELIVERED, later, "")
    assert not services.note_delivered(way=Way.SMS, key="none", delivered=True, at=later)
    assert not services.note_delivered(way=Way.MAIL, key=message.send_key, delivered=True, at=later)


def test_a_worker_that_died_is_followed_by_another_and_a_late_answer_still_counts() -> None:
    world, fake = World(), Fake()
    message = told(world)

    class Dies(Fake):
        def send(self, letter: Letter) -> str:
            super().send(letter)
            raise KeyboardInterrupt

    dying = Dies()
    with pytest.raises(KeyboardInterrupt):
        deliver(dying)
    assert deliver(fake, NOW + rules.LEASE - timedelta(seconds=1)) == 0
    assert deliver(fake, NOW + rules.LEASE) == 1

    assert dying.letters[0].key == fake.letters[0].key == message.key


@pytest.mark.parametrize("jump", [timedelta(days=3650), timedelta(days=-3650)])
def test_a_clock_that_was_wrong_does_not_hold_a_message_back(jump: timedelta) -> None:
    world = World()
    message = told(world)
    deliver(Fake(NotNow("忙")), NOW + max(jump, timedelta()))

    assert deliver(Fake(), NOW + timedelta(hours=1) + min(jump, timedelta())) == 1
    message.refresh_from_db()
    assert message.state == State.SENT


def test_it_may_not_be_put_off_for_days() -> None:
    world = World()
    with pytest.raises(ValueError, match="too long"):
        told(world, not_before=NOW + timedelta(days=2))
    told(world, not_before=NOW + timedelta(hours=9))
    assert deliver(Fake(), NOW + timedelta(hours=8)) == 0
    assert deliver(Fake(), NOW + timedelta(hours=9)) == 1


def test_the_address_goes_when_its_time_is_up() -> None:
    world = World()
    sent, waiting = told(world), told(world, key="waits", way=Way.MAIL)
    deliver(Fake(NeverSent("空号")))

    assert services.dispose_of_addresses(now=NOW + rules.RETENTION) == 0
    assert services.dispose_of_addresses(now=NOW + rules.RETENTION + timedelta(days=1)) == 1

    for message in (sent, waiting):
        message.refresh_from_db()
    assert (bytes(sent.address_sealed), bytes(sent.text_sealed)) == (b"", b"")
    assert bytes(waiting.address_sealed) != b""
    with pytest.raises(Invalid):
        services.resend(sent, by=world.clerk, now=NOW)


def browser(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_page_shows_a_clerk_the_messages_of_her_unit_and_nothing_about_a_complaint_she_may_not_know() -> None:
    world = World()
    opinion = world.opinion()
    complaint = world.opinion(
        kind="COMPLAINT", complained_unit=world.station, heard_by=world.station, by=world.visit_office
    )
    told(world, key="plain", subject="答复路灯", about=opinion.no)
    told(world, key="hidden", subject="答复投诉", about=complaint.no)
    told(world, key="far", subject="别处的答复", unit=world.other_station)
    page = reverse("notifications:outgoing")

    shown = browser(world.clerk).get(page).content.decode()
    assert "答复路灯" in shown
    assert "答复投诉" not in shown
    assert "别处的答复" not in shown
    whole = browser(world.visit_office).get(page).content.decode()
    assert all(subject in whole for subject in ("答复路灯", "答复投诉", "别处的答复"))
    assert browser(world.leader).get(page).status_code == 403
    hidden = selectors.outgoing_kept_by(world.visit_office).get(key="hidden")
    assert browser(world.clerk).post(reverse("notifications:resend", args=[hidden.pk])).status_code == 404


def test_a_failed_message_is_resent_from_its_page() -> None:
    world = World()
    message = told(world)
    deliver(Fake(NeverSent("空号")))
    client, page = browser(world.clerk), reverse("notifications:resend", args=[message.pk])

    assert "空号" in client.get(page).content.decode()
    assert client.post(page).status_code == 302
    assert client.post(page).status_code == 409
    message.refresh_from_db()
    assert (message.state, message.resends) == (State.WAITING, 1)


@pytest.mark.django_db(transaction=True)
def test_a_job_is_asked_for_once_the_decision_stands() -> None:
    world = World()
    jobs = ProcrastinateJob.objects.filter(task_name="notifications.deliver")
    with transaction.atomic():
        told(world, key="a")
        assert not jobs.exists()
    told(world, key="b")
    assert jobs.count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_every_message_arrives_once_through_kills_and_wrong_clocks(tmp_path: Path) -> None:
    world, many = World(), 25
    keys = {f"answer/{n}" for n in range(many)}
    for key in keys:
        told(world, key=key)
    gateway, killed, seed = Gateway(tmp_path / "handed-over"), 0, 0

    while Outgoing.objects.filter(state__in=[State.WAITING, State.SENDING]).exists() and seed < 80:
        workers = [work(gateway.file, seed := seed + 1) for _worker in range(2)]
        killed += sum(worker.wait(timeout=60) == -9 for worker in workers)

    assert killed > 5
    assert gateway.arrived() == keys
    assert len(gateway.handed_over()) > many, "nothing was handed over twice: the kills came at the wrong moment"
    assert set(Outgoing.objects.values_list("state", flat=True)) == {State.SENT}


def work(file: Path, seed: int) -> subprocess.Popen[bytes]:
    facts = connection.settings_dict
    host = quote(str(facts["HOST"]), safe="")  # the directory of a socket, where the cluster is the embedded one
    url = f"postgres://{facts['USER']}:{facts['PASSWORD']}@{host}:{facts['PORT']}/{facts['NAME']}"
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "zoufang.site.settings"}
    command = [sys.executable, "-m", "tests.notifications.gateway", str(file), str(seed), "5"]
    return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
