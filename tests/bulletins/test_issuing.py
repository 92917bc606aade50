"""One press, one number: a bulletin on days that have one already is issued on purpose or not at all."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.world import World
from zoufang.audit.models import AuditRecord
from zoufang.bulletins.models import Bulletin
from zoufang.bulletins.services import IssuedAlready, issue_bulletin
from zoufang.kernel.period import Period
from zoufang.kernel.refusal import Refusal

FEBRUARY = Period(date(2026, 2, 1), date(2026, 2, 28))
SENT = {"period_from": "2026-02-01", "period_to": "2026-02-28", "template": "formal"}


def issue(world: World, **facts: Any) -> Bulletin:
    wanted: dict[str, Any] = {"template": "formal", "by": world.visit_office, "now": world.later()}
    return issue_bulletin(FEBRUARY, **(wanted | facts))


def browser(world: World) -> Client:
    client = Client()
    client.force_login(world.visit_office, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.django_db
def test_the_second_press_is_told_politely_and_gets_no_number() -> None:
    world = World()
    client = browser(world)
    known = {"known": str(len(client.get("/bulletins/draft/", SENT).context["issued"]))}

    assert client.post("/bulletins/issue/", SENT | known).status_code == 302
    answer = client.post("/bulletins/issue/", SENT | known)

    page, first = answer.content.decode(), Bulletin.objects.get()
    assert answer.status_code == 409
    assert 'role="alert"' in page
    assert "本次没有再编号" in page
    assert f"/bulletins/{first.pk}/" in page
    assert 'name="known" value="1"' in page
    assert 'value="2026-02-28"' in page
    assert "csrfmiddlewaretoken" not in str(answer.context["query"])


@pytest.mark.django_db
def test_a_correction_on_the_same_days_is_issued_on_purpose() -> None:
    world = World()
    first = issue(world)
    with pytest.raises(IssuedAlready, match=r"本次没有再编号"):
        issue(world)
    assert issue(world, known=1).number == first.number + 1
    with pytest.raises(IssuedAlready):
        issue(world, known=1, template="plain")
    assert Bulletin.objects.count() == 2


@pytest.mark.django_db
def test_who_may_not_draft_is_shown_no_draft() -> None:
    world = World()
    client = Client()
    client.force_login(world.officer, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/bulletins/issue/", SENT)
    assert answer.status_code == 403
    assert "gongwen" not in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_many_presses_at_once_one_gives_a_number() -> None:
    world = World()
    office, now, presses = world.visit_office, world.later(), 6
    barrier = Barrier(presses)

    def press(_number: int) -> int | None:
        try:
            barrier.wait(timeout=60)
            issue_bulletin(FEBRUARY, template="formal", by=office, now=now)
        except Refusal as refusal:
            return refusal.status
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(presses) as pool:
        answers = list(pool.map(press, range(presses)))

    assert sorted(answer or 0 for answer in answers) == [0, *[409] * (presses - 1)]
    assert Bulletin.objects.count() == 1
    assert AuditRecord.objects.filter(object_type="bulletin", action="issue").count() == 1
