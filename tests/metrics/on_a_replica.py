"""
A life with a streaming replica, told as JSON: `python -m tests.metrics.on_a_replica [DIRECTORY OF PROGRAMS]`.

A primary and a standby of it, both thrown away afterwards. Writers write all the time; readers write a row, count it
in the very next reading, and compare cells with rows inside each reading. Meanwhile the standby is paused, killed,
started again, and made a primary. A process of its own, because a Django program knows its databases from the start.
"""

import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from zoufang.site import database
from zoufang.site.database import Cluster

WRITERS, READERS = 3, 2


@contextmanager
def primary_and_standby(place: Path, programs: Path | None) -> Iterator[tuple[Cluster, Cluster]]:
    """Have a cluster and a streaming copy of it for as long as the block lasts."""
    place.chmod(0o755)
    primary, standby = (Cluster(place / name, prefer=programs) for name in ("primary", "standby"))
    with primary.in_use():
        standby._prepare_data()
        standby._prepare_home()
        standby._run(
            "pg_basebackup", "-h", primary.socket, "-p", str(database.PORT), "-U", "postgres", "-D", standby.files,
            "--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf",
        )  # fmt: skip
        with standby.in_use():
            yield primary, standby


def on(cluster: Cluster, statement: str) -> Any:
    """Ask the cluster as its superuser."""
    where = psycopg.conninfo.make_conninfo(host=str(cluster.socket), port=database.PORT, user="postgres")
    with psycopg.connect(where, dbname="postgres", autocommit=True) as asking:
        row = asking.execute(statement).fetchone()
        return row and row[0]


def fall(cluster: Cluster) -> None:
    """Let the cluster stop at once, as in a crash."""
    note = cluster.files / "postmaster.pid"
    os.kill(int(note.read_text().split()[0]), signal.SIGQUIT)
    while note.exists():
        time.sleep(0.05)


class Life:
    """Writers and readers in threads; what was seen is counted under the name of what the standby does just now."""

    def __init__(self) -> None:
        from tests.metrics.sample import Bureau

        self.bureau = Bureau()
        self.now = "changing"
        self.over = threading.Event()
        self.seen: Counter[str] = Counter()
        self.own: Counter[int] = Counter()
        self.failures: list[str] = []
        chance = [Random(seed) for seed in range(WRITERS)]
        acts = [partial(self.write, each) for each in chance] + [
            partial(self.read, 1 + each) for each in range(READERS)
        ]
        self.threads = [threading.Thread(target=self._again, args=[act]) for act in acts]

    def _again(self, act: "partial[None]") -> None:
        from django.db import connections

        while not self.over.is_set():
            try:
                act()
            except Exception as error:  # noqa: BLE001
                self.failures.append(f"{self.now}: {act.func.__name__}: {type(error).__name__} {error}")
            finally:
                connections.close_all()

    def write(self, chance: Random) -> None:
        """Something in the middle of the year, where nobody counts in order to find a row of one's own."""
        from tests.metrics.sample import local

        at = local(2026, chance.randrange(5, 9), chance.randrange(1, 28))
        opinion = self.bureau.opinion(at, chance.choice(self.bureau.units))
        self.bureau.referral(opinion, at, chance.choice(self.bureau.units), closed_at=at)
        self.seen["written"] += 1

    def read(self, month: int) -> None:
        """In a month of one's own, a row is in the very next reading; in each reading the cells are what rows say."""
        from django.db import connection

        from tests.metrics.sample import local
        from zoufang.kernel.period import Period
        from zoufang.metrics.engine import BASE_ROWS, at_one_instant, tabulate
        from zoufang.statistics.catalogue import CATALOGUE

        heard, referred = CATALOGUE.get("opinions.heard"), CATALOGUE.get("referrals.made")
        city, year = self.bureau.city, Period(date(2026, 1, 1), date(2026, 12, 31))

        def look() -> tuple[str, object, bool]:
            own = tabulate([heard], [city], Period.month(2026, month))[heard.code, city.pk]
            kept, counted = (tabulate([heard, referred], [city], year, "unit", source=of) for of in (None, BASE_ROWS))
            return connection.alias, own, kept.as_records() == counted.as_records()

        now = self.now
        self.bureau.opinion(local(2026, month, 3), self.bureau.room)
        self.own[month] += 1
        alias, own, agree = at_one_instant(look)()
        self.seen[f"{now}: {alias}"] += 1
        self.seen["missed"] += own != self.own[month]
        self.seen["differences"] += not agree

    def go_on(self, name: str, seconds: float = 3) -> None:
        time.sleep(0.5)
        self.now = name
        time.sleep(seconds)
        self.now = "changing"


def live(primary: Cluster, standby: Cluster) -> dict[str, Any]:
    from zoufang.metrics.instant import REST
    from zoufang.metrics.services import fold_cells

    life = Life()
    for thread in life.threads:
        thread.start()
    life.go_on("streaming")
    on(standby, "SELECT pg_wal_replay_pause()")
    life.go_on("paused")
    on(standby, "SELECT pg_wal_replay_resume()")
    fold_cells()
    time.sleep(REST)
    life.go_on("resumed")
    fall(standby)
    life.go_on("fallen")
    standby.revive()
    time.sleep(REST + 1)
    life.go_on("risen")
    on(standby, "SELECT pg_promote()")
    life.go_on("promoted")
    life.over.set()
    for thread in life.threads:
        thread.join()
    return {"seen": dict(life.seen), "failures": life.failures[:9]}


def interrupted(standby: Cluster) -> list[str]:
    """Return where a reading was done whose replica fell in the middle of it."""
    from django.db import connection

    from zoufang.metrics.engine import at_one_instant
    from zoufang.opinions.models import Opinion

    asked: list[str] = []

    @at_one_instant
    def look() -> int:
        asked.append(connection.alias)
        if connection.alias == "replica":
            Opinion.objects.count()
            fall(standby)
        return Opinion.objects.count()

    look()
    standby.revive()
    return asked


def main() -> None:
    programs = Path(sys.argv[1]) if sys.argv[1:] else None
    with (
        tempfile.TemporaryDirectory(prefix="zoufang-replica-") as place,
        primary_and_standby(Path(place), programs) as (primary, standby),
    ):
        os.environ |= {
            "DATABASE_URL": primary.url, "DATABASE_REPLICA_URL": standby.url, "ZOUFANG_DATA": f"{place}/primary",
            "DJANGO_SETTINGS_MODULE": "zoufang.site.settings",
        }  # fmt: skip
        import django

        django.setup()
        from django.core.management import call_command

        from zoufang.metrics.instant import REST
        from zoufang.metrics.services import install_cells
        from zoufang.statistics.catalogue import CATALOGUE

        call_command("migrate", verbosity=0)
        install_cells(CATALOGUE)
        found: dict[str, Any] = {"interrupted": interrupted(standby)}
        time.sleep(REST)
        print(json.dumps(found | live(primary, standby)))


if __name__ == "__main__":
    main()
