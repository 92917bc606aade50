"""All numbers of one table, or of one snapshot, are of the same instant; and where they come from can be replaced."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import Error, InternalError

from tests.metrics import sample
from tests.metrics.sample import Bureau, local
from zoufang.kernel.period import Period
from zoufang.metrics.engine import BASE_ROWS, BaseRows, Cell, Count, Frame, Number, snapshot, tabulate
from zoufang.opinions.models import Opinion

# Rows that others shall see must be committed; afterwards the tables of these apps are emptied, and no others.
committed = pytest.mark.django_db(
    transaction=True, available_apps=["django.contrib.contenttypes", "zoufang.organization", "zoufang.opinions"]
)
MARCH = Period.month(2026, 3)


def elsewhere(step: Callable[[], Any]) -> None:
    """Run `step` on a connection of its own, and commit."""

    def run() -> None:
        try:
            step()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        other.submit(run).result()


def heard(bureau: Bureau) -> object:
    return tabulate([sample.HEARD], [bureau.city], MARCH)[sample.HEARD.code, bureau.city.pk]


@committed
def test_a_snapshot_does_not_see_what_others_write_meanwhile() -> None:
    bureau = Bureau()
    with snapshot():
        assert heard(bureau) == 0
        elsewhere(lambda: bureau.opinion(local(2026, 3, 2)))
        assert heard(bureau) == 0
        with snapshot():
            assert heard(bureau) == 0
    assert heard(bureau) == 1


@committed
def test_a_rate_never_passes_100_because_rows_came_between_its_two_queries() -> None:
    bureau = Bureau()

    class Interrupted(BaseRows):
        """Somebody hears and closes an opinion after each query."""

        def counts(self, metric: Count, frame: Frame) -> Mapping[Cell, Number]:
            found = super().counts(metric, frame)
            elsewhere(self.interrupt)
            return found

        def interrupt(self) -> None:
            opinion = bureau.opinion(local(2026, 3, 2))
            bureau.referral(opinion, local(2026, 3, 3), closed_at=local(2026, 3, 4))

    metrics = [sample.HEARD_SO_FAR, sample.CLOSURE_RATE]
    table = tabulate(metrics, [bureau.city], MARCH, source=Interrupted())
    assert table[sample.HEARD_SO_FAR.code, bureau.city.pk] == 0
    assert table[sample.CLOSURE_RATE.code, bureau.city.pk] is None
    assert Opinion.objects.count() == 2


@committed
def test_a_snapshot_refuses_to_write_and_to_open_inside_a_writing_transaction() -> None:
    bureau = Bureau()
    with pytest.raises(InternalError, match="read-only"), snapshot():
        bureau.opinion(local(2026, 3, 2))
    with pytest.raises(RuntimeError), transaction.atomic(), snapshot():
        pass
    assert not issubclass(RuntimeError, Error)


@pytest.mark.django_db
def test_under_a_test_case_a_snapshot_is_the_tests_own_transaction() -> None:
    bureau = Bureau()
    bureau.opinion(local(2026, 3, 2))
    with snapshot():
        assert heard(bureau) == 1


@pytest.mark.django_db
def test_another_source_can_stand_in_for_the_base_rows() -> None:
    bureau = Bureau()

    class Doubled:
        """Stands for cells: answers the same questions from elsewhere."""

        typical = staticmethod(BASE_ROWS.typical)

        def counts(self, metric: Count, frame: Frame) -> Mapping[Cell, Number]:
            return {cell: 2 * number for cell, number in BASE_ROWS.counts(metric, frame).items()}

    bureau.opinion(local(2026, 3, 2))
    table = tabulate([sample.HEARD], [bureau.city], MARCH, "kind", source=Doubled())
    assert table[sample.HEARD.code, bureau.city.pk] == 2
    assert table[sample.HEARD.code, bureau.city.pk, "OPINION"] == 2
