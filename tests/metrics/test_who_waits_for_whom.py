"""Who folds and who changes reference data mark the same rows: one waits for the other, and none is thrown out."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from tests.metrics.sample import Bureau
from zoufang.metrics.models import Counted
from zoufang.metrics.services import fold_cells, install_cells
from zoufang.opinions.models import Topic
from zoufang.organization.models import Unit
from zoufang.statistics.catalogue import CATALOGUE


def _topic_moves(bureau: Bureau) -> None:
    above = Topic.objects.create(code="X", name="新主题", name_en="New")
    Topic.objects.filter(pk=bureau.topic.pk).update(parent=above)


def _unit_moves(bureau: Bureau) -> None:
    Unit.objects.filter(pk=bureau.other_station.pk).update(path=f"{bureau.county.path}{bureau.other_station.pk}/")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", [_topic_moves, _unit_moves])
def test_a_fold_beside_a_change_of_reference_data(change: Callable[[Bureau], None]) -> None:
    install_cells(CATALOGUE)
    bureau = Bureau()
    fold_cells()
    codes = ["opinions.heard", "opinions.open_door", "opinions.from_visits"]
    first, *_others, last = Counted.objects.filter(code__in=codes).order_by("pk")
    # The rows lie in another order than that of their keys, as they do after some life.
    Counted.objects.filter(pk=first.pk).update(code=first.code)
    failures: list[str] = []

    def run(act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001
            failures.append(f"{type(error).__name__}: {error}")
        finally:
            connection.close()

    changing = threading.Thread(target=run, args=[lambda: change(bureau)])
    folding = threading.Thread(target=run, args=[fold_cells])
    with transaction.atomic():
        Counted.objects.select_for_update().get(pk=last.pk)
        changing.start()
        _until_waiting(1)
        folding.start()
        _until_waiting(2)
    changing.join()
    folding.join()

    assert not failures


def _until_waiting(number: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # within a transaction it would be told the same again
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0] >= number:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits")
