"""A topic that was guessed wrong is put right when the opinion is referred, and everybody can see that it was."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World
from zoufang.audit.models import AuditRecord
from zoufang.kernel.period import Period
from zoufang.metrics.tabulate import tabulate
from zoufang.opinions import selectors, services
from zoufang.opinions.metrics import HEARD
from zoufang.opinions.models import DutyEntry, Opinion
from zoufang.organization.models import Officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World(timezone.now().replace(microsecond=0) - timedelta(hours=2))


def door(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def elsewhere(world: World, opinion: Opinion) -> DutyEntry:
    """Return a line of the duty directory that names a unit, and another one than for the opinion as it is."""
    entry = DutyEntry.objects.exclude(unit=None).exclude(topic=opinion.topic).select_related("topic", "unit").first()
    if entry is None:
        entry = DutyEntry.objects.exclude(topic=opinion.topic).select_related("topic").all()[0]
        entry.unit = world.unit("交警支队")
        entry.save()
    return entry


def test_the_clerk_corrects_the_topic_in_the_form_of_the_referral(world: World) -> None:
    opinion = world.opinion()
    right = elsewhere(world, opinion).topic
    page = door(world.clerk).get(f"/opinions/{opinion.no}/refer/").content.decode()
    assert f'<option value="{opinion.topic.code}" selected>' in page

    answer = door(world.clerk).post(
        f"/opinions/{opinion.no}/refer/", {"topic": right.code, "to": world.station.code, "version": "0"}
    )

    assert answer.status_code == 302
    opinion.refresh_from_db()
    assert opinion.topic == right
    note = opinion.events.get(step="refer").note
    assert "A6" in note
    assert right.code in note
    assert right.name in note
    detail = AuditRecord.objects.get(action="refer", object_id=opinion.no).detail
    assert (detail["topic_was"], detail["topic_becomes"]) == ("A6", right.code)


def test_a_topic_left_as_it_is_leaves_no_word_of_a_correction(world: World) -> None:
    for facts in ({}, {"topic": "A6"}):
        opinion = world.opinion()
        sent = {"to": world.station.code, "note": "请尽快办理"} | facts
        assert door(world.clerk).post(f"/opinions/{opinion.no}/refer/", sent).status_code == 302
        event = opinion.events.get(step="refer")
        assert event.note == f"{world.station.name}：请尽快办理"
        assert set(AuditRecord.objects.get(action="refer", object_id=opinion.no).detail) == {"was", "becomes"}


def test_another_topic_suggests_another_unit_before_anything_is_saved(world: World) -> None:
    opinion = world.opinion()
    entry = elsewhere(world, opinion)
    client = door(world.clerk)
    asked = {"topic": entry.topic.code, "to": world.station.code}
    part = client.get(f"/opinions/{opinion.no}/refer/unit/", asked).content.decode()
    suggested = selectors.suggested_unit(entry.topic, opinion.heard_by)

    assert suggested is not None
    assert f'<option value="{suggested.code}" selected>' in part
    assert suggested.label in part
    assert "<html" not in part
    opinion.refresh_from_db()
    assert opinion.topic.code == "A6"


def test_a_topic_that_the_directory_does_not_know_keeps_the_unit_that_was_chosen(world: World) -> None:
    opinion = world.opinion()
    entry = elsewhere(world, opinion)
    DutyEntry.objects.filter(topic=entry.topic).delete()
    asked = {"topic": entry.topic.code, "to": world.other_station.code}
    part = door(world.clerk).get(f"/opinions/{opinion.no}/refer/unit/", asked).content.decode()
    assert f'<option value="{world.other_station.code}" selected>' in part


@pytest.mark.parametrize("topic", ["", "A", "ZZ", "x" * 300])
def test_what_is_no_topic_suggests_as_before(world: World, topic: str) -> None:
    opinion = world.opinion()
    answer = door(world.clerk).get(f"/opinions/{opinion.no}/refer/unit/", {"topic": topic})
    assert answer.status_code == 200
    refused = door(world.clerk).post(f"/opinions/{opinion.no}/refer/", {"topic": "ZZ", "to": world.station.code})
    assert refused.status_code == 422


def test_who_may_not_see_the_opinion_is_suggested_nothing(world: World) -> None:
    opinion = world.opinion()
    assert door(world.other_clerk).get(f"/opinions/{opinion.no}/refer/unit/").status_code == 404


def test_the_figures_follow_the_corrected_topic(world: World) -> None:
    opinion = world.opinion()
    right = elsewhere(world, opinion).topic
    services.refer_opinion(opinion, to=world.station, topic=right, by=world.clerk, now=world.later())
    today = timezone.localdate()
    table = tabulate([HEARD], [world.bureau], Period(today - timedelta(days=3), today), by="subtopic")
    assert table.keys(HEARD.code) == [right.code]
    assert table[HEARD.code, world.bureau.pk, right.code] == 1
