"""A small bureau with two months of work, made through the services that people use."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from tests.casework.makers import dispute, petition
from tests.world import World
from zoufang.casework import services as casework
from zoufang.casework.vocabulary import DisputeCategory
from zoufang.opinions import services as opinions
from zoufang.opinions.vocabulary import Kind, Source
from zoufang.organization.models import Officer
from zoufang.visits.models import Visit
from zoufang.visits.services import record_visit, void_visit
from zoufang.visits.vocabulary import Mode, Theme

FROM, TO = "2026-02-01", "2026-03-31"


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture(scope="module")
def _busy(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Make the busy bureau once a file, in a transaction of its own: the tests' are rolled back inside it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield _make_busy(World())
        transaction.set_rollback(True)


@pytest.fixture
def busy(_busy: World, db: None) -> World:
    """Visits, opinions at every step, petitions and disputes, of two stations, heard in February and March."""
    return _busy


def _make_busy(world: World) -> World:
    # Who is made in a test is gone after it, but the world would remember.
    for name in ("chief", "auditor", "inspector", "visit_office", "other_clerk", "other_leader", "officer", "leader"):
        getattr(world, name)
    for hours in (30, 60, 90, 400, 700):
        _visit(world, ago=timedelta(hours=hours), headcount=hours % 7 + 1)
    void_visit(_visit(world, ago=timedelta(hours=5), headcount=9), reason="重复录入", by=world.clerk, now=world.later())
    world.opinion(topic="B2")
    world.referred(source=Source.EVALUATION_WEB)
    elsewhere = world.opinion(heard_by=world.other_station, by=world.visit_office)
    opinions.refer_opinion(elsewhere, to=world.station, by=world.visit_office, now=world.later())
    _returned(world)
    world.in_hand()
    for satisfaction in (5, 2):
        opinion = world.answered(topic="C1")
        asker = opinions.keep_asker(opinion, code=f"code-{satisfaction}", now=world.now)
        opinions.rate_answer(opinion, asker=asker, solved=True, satisfaction=satisfaction, now=world.later())
    world.closed()
    opinions.reopen_opinion(world.closed(), note="群众反映未解决", by=world.leader, now=world.later())
    _casework(world)
    world.opinion(kind=Kind.COMPLAINT, complained_officer=world.officer, by=world.visit_office, heard_by=world.room)
    return world


def _visit(world: World, *, ago: timedelta, headcount: int) -> Visit:
    at = world.now - ago
    made, _new = record_visit(
        uid=world.new_uid(),
        unit=world.room,
        visited_at=at,
        mode=Mode.HOUSEHOLD if headcount % 2 else Mode.PHONE,
        object_category="RES",
        headcount=headcount,
        theme=Theme.CONCERNS,
        officers=[world.officer],
        by=world.officer,
        now=world.later(),
    )
    return made


def _returned(world: World) -> None:
    opinion = world.referred(to=world.station)
    opinions.return_referral(opinion, reason="NOT_OURS", note="不属本所", by=world.clerk, now=world.later())
    opinions.refer_opinion(opinion, to=world.other_station, by=world.clerk, now=world.later())


def _casework(world: World) -> None:
    for settled in (True, True, False):
        case = petition(world, now=world.later())
        if settled:
            casework.assign_responsible(case, responsible=world.leader, by=world.clerk, now=world.later())
            casework.close_petition(case, result="已办结并送达。", by=world.clerk, now=world.later())
    for category in (DisputeCategory.FAMILY, DisputeCategory.FAMILY, DisputeCategory.LABOUR):
        found = dispute(world, category=category, now=world.later())
        if category == DisputeCategory.LABOUR:
            casework.assign_dispute(found, responsible=world.leader, by=world.clerk, now=world.later())
            casework.resolve_dispute(found, result="达成协议。", by=world.clerk, now=world.later())


@pytest.fixture
def browser() -> Callable[[Officer], Client]:
    """Return a browser in which the officer has signed in."""

    def sign_in(officer: Officer) -> Client:
        client = Client()
        client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in
