"""
`python -m bench.storm`: are the figures a recount at every instant, whoever writes and whoever dies meanwhile?

Sixteen processes write through the services, all in the same few opinions. Others fold the deltas, move topics and
recount. A killer ends writers and folders with SIGKILL, their connections with `pg_terminate_backend`, and folds just
while they run. Beside them each recount compares, in one snapshot, every cell with the rows and some pages' figures
with the same figures counted. At the end the server itself is killed and all is compared once more.

Prints one JSON object; ends with 1 if there was a difference, a deadlock or an unexpected error.
"""

import argparse
import ctypes
import json
import logging
import multiprocessing
import os
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from zoufang.site import database
from zoufang.site.database import Cluster

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zoufang.site.settings")
_FOLD = "%DELETE FROM metrics_delta%"
FORK = multiprocessing.get_context("fork")
# What each process tells by adding to it: written by one, read by one, so no lock that a killed one could hold.
_COLUMNS = ("done", "refused", "cut", "differences", "deadlocks", "errors")


class Told:
    """The numbers of one place in the storm; whoever is started anew there goes on counting."""

    def __init__(self, log: Path) -> None:
        self.numbers = FORK.RawArray("q", len(_COLUMNS))
        self.log = log

    def add(self, what: str, number: int = 1, words: str = "") -> None:
        self.numbers[_COLUMNS.index(what)] += number
        if words:
            with self.log.open("a") as file:
                file.write(f"{what}: {words}\n")

    def __getitem__(self, what: str) -> int:
        return int(self.numbers[_COLUMNS.index(what)])


def again_and_again(act: Callable[[], bool], told: Told) -> None:
    """Act until killed; a connection that was cut is opened anew, everything else that fails is told."""
    from django.db import DatabaseError, connection

    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # none outlives the storm
    while True:
        try:
            told.add("done" if act() else "refused")
        except DatabaseError as error:
            state = getattr(error.__cause__, "sqlstate", None)
            if state == "40P01":
                told.add("deadlocks", words=str(error))
            elif connection.connection is None or connection.connection.closed or state in {"57P01", None}:
                told.add("cut")
            else:
                told.add("errors", words=traceback.format_exc())
            connection.close()
        except Exception:  # noqa: BLE001
            told.add("errors", words=traceback.format_exc())
            connection.close()


def write(seed: int, told: Told) -> None:
    from bench.crowd import Somebody

    again_and_again(Somebody(seed).act, told)


def fold(_seed: int, told: Told) -> None:
    from zoufang.metrics.services import fold_cells

    def act() -> bool:
        time.sleep(0.05)
        return fold_cells() > 0

    again_and_again(act, told)


def disturb(seed: int, told: Told) -> None:
    """Move a topic, so that the numbers cut by it fall back to their rows; then set all numbers right."""
    from zoufang.metrics.models import Counted
    from zoufang.metrics.services import countable, recount_cells
    from zoufang.opinions.models import Topic
    from zoufang.statistics.catalogue import CATALOGUE

    plan, dice = countable(CATALOGUE), Random(seed)

    def act() -> bool:
        time.sleep(2)
        if dice.random() < 0.5:
            topic = dice.choice(Topic.objects.exclude(parent=None))
            topic.parent = dice.choice(Topic.objects.filter(parent=None))
            topic.save(update_fields=["parent"])
        stale = set(Counted.objects.filter(digest="").values_list("code", flat=True))
        # Now and then all of them; else what waits for it, so that a recount is over before it is killed.
        recount_cells([facts for facts in plan if facts.metric.code in stale] if dice.random() < 0.9 else plan)
        return True

    again_and_again(act, told)


def compare(seed: int, told: Told) -> None:
    from django.utils import timezone

    from zoufang.kernel.period import Period
    from zoufang.metrics.engine import BASE_ROWS, Reported, snapshot, tabulate
    from zoufang.metrics.models import Counted
    from zoufang.metrics.services import cell_differences, countable
    from zoufang.organization.models import Unit
    from zoufang.statistics.catalogue import CATALOGUE

    plan, dice = countable(CATALOGUE), Random(seed)
    kept = [metric for metric in CATALOGUE if not isinstance(metric, Reported)]

    def act() -> bool:
        today = timezone.localdate()
        first = today - timedelta(days=dice.randrange(0, 400))
        period = Period(first, first + timedelta(days=dice.randrange(1, 200)))
        metrics = dice.sample(kept, 6)
        common = set.intersection(*(set(metric.categories) for metric in metrics[:2]))
        by = dice.choice([None, "unit", "month", *sorted(common)])
        if by in common:
            metrics = metrics[:2]
        with snapshot():
            read = set(Counted.objects.exclude(digest="").values_list("code", flat=True))
            found: list[Any] = cell_differences(facts for facts in plan if facts.metric.code in read)
            units = [*dice.sample(list(Unit.objects.all()), 3), Unit.objects.get(parent=None)]
            shown = tabulate(metrics, units, period, by).as_records()
            counted = tabulate(metrics, units, period, by, source=BASE_ROWS).as_records()
            found += [pair for pair in zip(shown, counted, strict=True) if pair[0] != pair[1]]
        if found:
            told.add("differences", len(found), words=repr(found[:5]))
        return True

    again_and_again(act, told)


class Storm:
    def __init__(self, cluster: Cluster, log: Path, *, writers: int, comparers: int, seed: int) -> None:
        self.cluster = cluster
        self.dice = Random(seed)
        self.places: list[tuple[Callable[[int, Told], None], Told]] = [
            (act, Told(log))
            for act, many in ((write, writers), (compare, comparers), (fold, 1), (disturb, 1))
            for _ in range(many)
        ]
        self.processes: list[Any] = [None] * len(self.places)
        self.kills: Counter[str] = Counter()

    def told(self, act: Callable[[int, Told], None], what: str) -> int:
        return sum(told[what] for each, told in self.places if each is act)

    def start(self, place: int) -> None:
        act, told = self.places[place]
        self.processes[place] = FORK.Process(target=act, args=(self.dice.getrandbits(60), told), daemon=True)
        self.processes[place].start()

    def kill(self, place: int) -> None:
        """End a process as a power cut would, and start another in its place."""
        self.processes[place].kill()
        self.processes[place].join()
        self.start(place)

    def rage(self, recounts: int) -> None:
        for place in range(len(self.places)):
            self.start(place)
        writers = [place for place, (act, _told) in enumerate(self.places) if act is write]
        folder = next(place for place, (act, _told) in enumerate(self.places) if act is fold)
        with psycopg.connect(self._superuser, autocommit=True) as killer:
            self.since = shown = time.monotonic()
            while self.told(compare, "done") < recounts:
                time.sleep(0.2)
                chance = self.dice.random()
                if chance < 0.2:
                    self.kill(self.dice.choice(writers))
                    self.kills["writer"] += 1
                elif chance < 0.4:
                    self.kills["backend"] += self._terminate(killer, "%")
                elif chance < 0.47 and self._await_fold(killer):
                    self.kills["backend in a fold"] += self._terminate(killer, _FOLD)
                elif chance < 0.52 and self._await_fold(killer):
                    self.kill(folder)
                    self.kills["folder in a fold"] += 1
                if time.monotonic() > shown + 30:
                    shown = time.monotonic()
                    done = {act.__name__: self.told(act, "done") for act in (write, compare, fold, disturb)}
                    print(f"{shown - self.since:.0f} s: {done} {dict(self.kills)}", file=sys.stderr, flush=True)

    def end(self) -> None:
        self.seconds = time.monotonic() - self.since
        for process in self.processes:
            process.kill()
            process.join()

    def _terminate(self, killer: psycopg.Connection[Any], which: str) -> int:
        ended = killer.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
            " AND state <> 'idle' AND query LIKE %s ORDER BY random() LIMIT 1",
            [database.NAME, which],
        )
        return len(ended.fetchall())

    def _await_fold(self, killer: psycopg.Connection[Any]) -> bool:
        """Look closely for half a second; return whether a fold is running now."""
        until = time.monotonic() + 0.5
        while time.monotonic() < until:
            found = killer.execute(
                "SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE %s AND pid <> pg_backend_pid()",
                [_FOLD],
            )
            if found.fetchone() is not None:
                return True
        return False

    @property
    def deadlocks(self) -> int:
        with psycopg.connect(self._superuser, autocommit=True) as asking:
            found = asking.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = %s", [database.NAME])
            return int(found.fetchone()[0])  # type: ignore[index]

    def crash(self) -> None:
        """Stop the server at once, with nothing written down but its log, and let it recover from that."""
        note = self.cluster.files / "postmaster.pid"
        os.kill(int(note.read_text().split()[0]), signal.SIGQUIT)
        while note.exists():
            time.sleep(0.1)
        self.cluster.revive()

    @property
    def _superuser(self) -> str:
        return psycopg.conninfo.make_conninfo(
            host=str(self.cluster.socket), port=database.PORT, user="postgres", dbname="postgres"
        )


def apart(act: Callable[[], Any]) -> Any:
    """Run `act` in a process of its own, and return what it returned: what is forked later shares no connection."""

    def run() -> None:
        answer.put(act())

    answer = FORK.SimpleQueue()
    process = FORK.Process(target=run)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{act.__name__} failed")
    return answer.get()


def prepare() -> None:
    from django.core.management import call_command
    from django.utils import timezone

    from bench.crowd import hire
    from zoufang.metrics.services import install_cells
    from zoufang.rehearsal.scale import load_scale
    from zoufang.statistics.catalogue import CATALOGUE

    call_command("migrate", verbosity=0)
    load_scale(300, last=timezone.localdate())
    hire(64, now=timezone.now())
    install_cells(CATALOGUE)


def settle() -> dict[str, Any]:
    """After the storm: every cell against the rows, before and after a last fold, and every audit chain."""
    from zoufang.audit.services import verify
    from zoufang.metrics.engine import snapshot
    from zoufang.metrics.services import cell_differences, countable, fold_cells, recount_cells
    from zoufang.opinions.models import Opinion, OpinionEvent
    from zoufang.statistics.catalogue import CATALOGUE
    from zoufang.visits.models import Visit

    plan = countable(CATALOGUE)
    recount_cells(plan)
    with snapshot():
        before = cell_differences(plan)
    fold_cells()
    after = cell_differences(plan)
    verdict = verify()
    return {
        "differences": len(before) + len(after),
        "audit": verdict.bad or f"sound: {verdict.checked} records",
        "rows": {model.__name__: model.objects.count() for model in (Visit, Opinion, OpinionEvent)},
    }


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m bench.storm", description=__doc__)
    words.add_argument("--writers", type=int, default=16)
    words.add_argument("--comparers", type=int, default=2)
    words.add_argument("--recounts", type=int, default=1000)
    words.add_argument("--seed", type=int, default=1)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="zoufang-storm-") as place:
        Path(place).chmod(0o755)
        cluster = Cluster(Path(place) / "var")
        with cluster.in_use():
            os.environ |= {"DATABASE_URL": cluster.url, "ZOUFANG_DATA": f"{place}/var"}
            import django

            django.setup()
            logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # that connections are cut is what we are about
            apart(prepare)
            log = Path(place) / "log"
            storm = Storm(cluster, log, writers=asked.writers, comparers=asked.comparers, seed=asked.seed)
            with suppress(KeyboardInterrupt):  # Ctrl-C: enough, and what was found so far
                storm.rage(asked.recounts)
            storm.end()
            deadlocks = storm.deadlocks
            storm.crash()
            found = {
                "seconds": round(storm.seconds),
                "kills": dict(storm.kills),
                **{act.__name__: {name: storm.told(act, name) for name in _COLUMNS if storm.told(act, name)}
                   for act in (write, compare, fold, disturb)},
                "written a second": round(storm.told(write, "done") / storm.seconds, 1),
                "deadlocks": deadlocks,
                "after a crash of the server": apart(settle),
            }  # fmt: skip
            print(json.dumps(found, indent=1))
            if log.exists():
                print(log.read_text()[:20000], file=sys.stderr)
    bad = sum(storm.told(act, name) for act, _t in storm.places for name in ("differences", "deadlocks", "errors"))
    return int(bool(bad or deadlocks or found["after a crash of the server"]["differences"]))


if __name__ == "__main__":
    sys.exit(main())
