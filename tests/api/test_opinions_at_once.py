"""Two programs at the same instant: one wins, the other is told."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from tests.api.conftest import OPINIONS, Program
from tests.api.test_opinions import heard
from tests.world import World
from zoufang.opinions.models import Opinion, OpinionEvent

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 4


def together(act: Callable[[], Any]) -> list[int]:
    """Return the status codes of `act`, called by several at the same instant."""
    start = threading.Barrier(AT_ONCE)
    codes: list[int] = []

    def one() -> None:
        try:
            start.wait()
            codes.append(act().status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(codes)


def test_of_several_at_once_one_takes_the_step_or_registers_the_opinion() -> None:
    world = World(timezone.now().replace(microsecond=0))
    clerk, officer = Program(world.clerk), Program(world.officer)
    for _round in range(3):
        opinion = world.opinion()
        codes = together(lambda no=opinion.no: clerk.step(no, "refer", to=world.station.code))  # type: ignore[misc]
        assert codes == [200, 409, 409, 409]
        assert OpinionEvent.objects.filter(opinion=opinion).count() == 2
        body = heard(world, uid=str(uuid4()))
        assert together(lambda said=body: officer.post(OPINIONS, said)) == [200, 200, 200, 201]  # type: ignore[misc]
        assert Opinion.objects.filter(uid=body["uid"]).count() == 1
        numbered = heard(world, source_no=str(uuid4()))
        codes = together(lambda said=numbered: officer.post(OPINIONS, said))  # type: ignore[misc]
        assert codes[0] == 201
        assert set(codes[1:]) <= {409, 422}
