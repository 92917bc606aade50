"""
What the cells cost those who write: milliseconds an act through the services, by one and by sixteen at once.

The same people do the same things by turns with the cells' triggers and without, in short rounds, so that whatever
else the machine does falls on both. Deltas are folded as often as in a real bureau. Runs in a throw-away server with
fsync on; `python -m bench.writers` prints JSON.
"""

import json
import logging
import os
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zoufang.site.settings")

from bench.storm import FORK, Told, again_and_again, apart, prepare
from zoufang.site.database import Cluster

CROWDS = (1, 16)
ROUNDS, SECONDS = 6, 5.0


def writing(crowd: int, log: Path) -> dict[str, float]:
    """Return milliseconds an act takes one of `crowd`, with triggers and without."""
    told = [Told(log) for _ in range(crowd)]
    # Dice of its own for each crowd: what was thrown before would be a resend.
    processes = [
        FORK.Process(target=_act, args=(1000 * crowd + number, each), daemon=True) for number, each in enumerate(told)
    ]
    processes.append(FORK.Process(target=_fold, args=(0, Told(log)), daemon=True))
    for process in processes:
        process.start()
    acts, spent = {"with": 0, "without": 0}, {"with": 0.0, "without": 0.0}
    for turn in range(2 * ROUNDS):
        which = ("with", "without", "without", "with")[turn % 4]
        apart(_enable if which == "with" else _disable)
        time.sleep(1)
        before, since = sum(each["done"] for each in told), time.perf_counter()
        time.sleep(SECONDS)
        acts[which] += sum(each["done"] for each in told) - before
        spent[which] += time.perf_counter() - since
    for process in processes:
        process.kill()
        process.join()
    apart(_enable)
    return {which: round(spent[which] * crowd * 1000 / acts[which], 2) for which in acts}


def _act(seed: int, told: Told) -> None:
    from bench.crowd import Somebody

    # Opinions of one's own: how long people wait for one another's rows is not what is asked here.
    again_and_again(Somebody(seed, alone=True).act, told)


def _fold(_seed: int, told: Told) -> None:
    from zoufang.metrics.services import fold_cells

    def act() -> bool:
        time.sleep(10)
        return fold_cells() > 0

    again_and_again(act, told)


def _enable() -> None:
    _switch("ENABLE")


def _disable() -> None:
    _switch("DISABLE")


def _switch(verb: str) -> None:
    """Trigger by trigger, each in a transaction of its own: who holds no table while waiting for another meets nobody."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname LIKE %s AND NOT tgisinternal ORDER BY 1",
            [r"metrics\_%"],
        )
        for table, trigger in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} {verb} TRIGGER {trigger}")


def measure() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="zoufang-writers-") as place:
        Path(place).chmod(0o755)
        cluster = Cluster(Path(place) / "var")
        with cluster.in_use():
            os.environ |= {"DATABASE_URL": cluster.url, "ZOUFANG_DATA": f"{place}/var"}
            import django

            django.setup()
            logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
            apart(prepare)
            log = Path(place) / "log"
            found = {f"{crowd} at once": writing(crowd, log) for crowd in CROWDS}
            if log.exists():
                raise SystemExit(log.read_text()[:5000])
            return found


if __name__ == "__main__":
    print(json.dumps(measure()))
