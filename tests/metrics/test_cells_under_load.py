"""Writers at once, folding and readers beside them: at every instant the cells are the rows, and nobody is shut out."""

import random
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from tests.metrics.sample import Bureau, local
from zoufang.metrics.engine import snapshot
from zoufang.metrics.models import Cell, Counted
from zoufang.metrics.services import cell_differences, countable, fold_cells, install_cells, recount_cells
from zoufang.opinions.models import Opinion, Referral, Topic
from zoufang.statistics.catalogue import CATALOGUE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SECONDS = 12
ENOUGH = {"write": 100, "compare": 5, "fold": 100}
WRITERS = 8


class Crowd:
    """Writers, a comparer and a folder, each in a thread of its own until the time is up and each has done enough."""

    def __init__(self, bureau: Bureau) -> None:
        self.bureau = bureau
        self.plan = countable(CATALOGUE)
        self.until = time.monotonic() + SECONDS
        self.failures: list[str] = []
        self.done = {"write": 0, "compare": 0, "fold": 0}

    def run(self) -> None:
        names = ["write"] * WRITERS + ["compare", "fold"]
        threads = [threading.Thread(target=self._again, args=(name, seed)) for seed, name in enumerate(names)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _again(self, name: str, seed: int) -> None:
        chance = random.Random(seed)
        act: Callable[[random.Random], int] = getattr(self, name)
        try:
            while time.monotonic() < self.until or self.lacks:
                self.done[name] += act(chance)
        except Exception as error:  # noqa: BLE001
            self.failures.append(f"{name}: {type(error).__name__} {error}")
        finally:
            connection.close()

    @property
    def lacks(self) -> bool:
        """Has a slow machine done too little yet? An end comes all the same."""
        few = any(self.done[name] <= enough for name, enough in ENOUGH.items())
        return few and not self.failures and time.monotonic() < self.until + 120

    def write(self, chance: random.Random) -> int:
        """Both ends of a join change in many hands: the opinion is heard elsewhere, its referral is closed or moved."""
        opinion = chance.choice(Opinion.objects.all())
        with transaction.atomic():
            chance.choice((self._hear, self._shift, self._close, self._move))(opinion, chance)
            if chance.random() < 0.1:
                transaction.set_rollback(True)
        return 1

    def _hear(self, _opinion: Opinion, chance: random.Random) -> None:
        made = self.bureau.opinion(local(2026, chance.randrange(1, 6), 3), chance.choice(self.bureau.units))
        self.bureau.referral(made, made.heard_at, chance.choice(self.bureau.units))

    def _shift(self, opinion: Opinion, chance: random.Random) -> None:
        moved = opinion.heard_at + timedelta(days=chance.randrange(-9, 9))
        Opinion.objects.filter(pk=opinion.pk).update(heard_at=moved, heard_by=chance.choice(self.bureau.units))

    def _close(self, opinion: Opinion, _chance: random.Random) -> None:
        closed = local(2026, 5, 20)
        Referral.objects.filter(opinion=opinion, closed_at=None).update(closed_at=closed, finished_at=closed)

    def _move(self, opinion: Opinion, chance: random.Random) -> None:
        Referral.objects.filter(opinion=opinion, reopened_at=None).update(unit=chance.choice(self.bureau.units))

    def compare(self, _chance: random.Random) -> int:
        with snapshot():
            assert not (found := cell_differences(self.plan)), found[:3]
        return 1

    def fold(self, _chance: random.Random) -> int:
        time.sleep(0.2)
        return fold_cells()


def test_at_every_instant_the_cells_are_the_rows() -> None:
    install_cells(CATALOGUE)
    bureau = Bureau()
    bureau.scatter(random.Random(1), opinions=40)
    crowd = Crowd(bureau)

    crowd.run()

    assert not crowd.failures, crowd.failures
    assert all(crowd.done[name] > enough for name, enough in ENOUGH.items()), crowd.done
    assert not cell_differences(crowd.plan)


def test_a_recount_beside_writers_sets_right_and_disturbs_nothing() -> None:
    install_cells(CATALOGUE)
    bureau = Bureau()
    bureau.scatter(random.Random(2), opinions=30)
    fold_cells()
    Cell.objects.filter(pk__in=list(Cell.objects.values_list("pk", flat=True)[::5])).delete()
    plan, ended = countable(CATALOGUE), threading.Event()
    assert cell_differences(plan)

    def write() -> None:
        chance = random.Random(3)
        while not ended.is_set():
            bureau.opinion(local(2026, 2, chance.randrange(1, 28)), chance.choice(bureau.units))
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        recount_cells(plan)
    finally:
        ended.set()
        writer.join()

    assert not cell_differences(plan)


def test_a_topic_that_moves_during_a_recount_is_in_what_it_counts() -> None:
    install_cells(CATALOGUE)
    bureau = Bureau()
    bureau.scatter(random.Random(3), opinions=10)
    above = Topic.objects.create(code="X", name="新主题", name_en="New")
    plan = [facts for facts in countable(CATALOGUE) if facts.metric.code == "opinions.heard"]

    def recount() -> None:
        recount_cells(plan)
        connection.close()

    recounting = threading.Thread(target=recount)
    with transaction.atomic():
        Topic.objects.filter(pk=bureau.topic.pk).update(parent=above)
        recounting.start()
        recounting.join(timeout=1)
    recounting.join()

    assert Counted.objects.exclude(digest="").filter(code="opinions.heard").exists()
    assert not cell_differences(plan)


def test_a_row_written_while_its_topic_moved_and_was_recounted_is_counted_under_the_new_one() -> None:
    install_cells(CATALOGUE)
    bureau = Bureau()
    above = Topic.objects.create(code="X", name="新主题", name_en="New")
    plan = [facts for facts in countable(CATALOGUE) if facts.metric.code == "opinions.heard"]
    written, recounted = threading.Event(), threading.Event()

    def write() -> None:
        with transaction.atomic():
            bureau.opinion(local(2026, 2, 3))
            written.set()
            recounted.wait(timeout=2)
        connection.close()

    def recount() -> None:
        recount_cells(plan)
        recounted.set()
        connection.close()

    writing, recounting = threading.Thread(target=write), threading.Thread(target=recount)
    writing.start()
    written.wait()
    Topic.objects.filter(pk=bureau.topic.pk).update(parent=above)
    recounting.start()
    recounting.join()
    writing.join()

    assert Counted.objects.exclude(digest="").filter(code="opinions.heard").exists()
    assert not cell_differences(plan)
