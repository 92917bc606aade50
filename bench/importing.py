"""
`zoufang import visits` beside a bare COPY of the same rows: `python -m bench.importing` prints seconds and megabytes.

The rows are those of one campaign, five months in the order of time, half a year at most before today; one in three
holds an opinion. They are imported into a copy of the city's database, which is dropped afterwards. The COPY goes into
a table with the same columns, indexes and checks, but without keys to other tables and without triggers: what the
database alone needs for the visits, and nothing for officers, opinions, events, audit and counts.
"""

import csv
import json
import os
import sys
import time
from datetime import timedelta
from pathlib import Path
from random import Random
from subprocess import DEVNULL, Popen
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit, urlunsplit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zoufang.site.settings")

import psycopg

from zoufang.site import database

ROWS = int(os.environ.get("BENCH_IMPORT_ROWS", "100000"))
_COLUMNS = (
    "visited_at", "unit", "officers", "mode", "object_category", "headcount", "theme", "place", "summary", "opinion",
    "topic",
)  # fmt: skip
_OF_A_VISIT = (
    "uid, body_hash, unit_id, visited_at, mode, object_category, headcount, theme, place, question, summary,"
    " opinion_count, recorded_by_id, recorded_at, void_reason"
)


def importing(rows: int = ROWS) -> dict[str, float]:
    """Return the seconds of the import, of the same again, of the bare COPY before and after; the peak RSS in MB."""
    with TemporaryDirectory() as room, _copy_of_the_city() as url:
        found: dict[str, float] = {"import_rows": rows}
        for name, opinions in (("visits", 0), ("with_opinions", 3)):
            file = Path(room) / f"{name}.csv"
            _write(file, rows, opinions=opinions)
            found[f"import_{name}"], found[f"import_{name}_rss"] = _run(file, url)
            found[f"import_{name}_again"], _rss = _run(file, url)
            found[f"copy_{name}"] = _copy(url, rows)
        return found


class _copy_of_the_city:  # noqa: N801 - reads as a verb
    """A database like the city's, for as long as the block lasts."""

    name = "bench_importing"

    def __enter__(self) -> str:
        from django.db import connection

        connection.close()
        connection.close_pool()
        place = urlsplit(os.environ["DATABASE_URL"])
        self.above = urlunsplit(place._replace(path="/postgres"))
        self._do(f"DROP DATABASE IF EXISTS {self.name}")
        self._do(f"CREATE DATABASE {self.name} TEMPLATE {place.path[1:]}")
        return urlunsplit(place._replace(path=f"/{self.name}"))

    def __exit__(self, *_raised: object) -> None:
        self._do(f"DROP DATABASE {self.name} WITH (FORCE)")

    def _do(self, statement: str) -> None:
        with psycopg.connect(self.above, autocommit=True) as link:
            link.execute(statement)


def _write(file: Path, rows: int, *, opinions: int) -> None:
    """Write visits in the order of time; each of so many holds an opinion (0: none does)."""
    from django.utils import timezone

    from zoufang.opinions.models import Topic
    from zoufang.opinions.vocabulary import ObjectCategory
    from zoufang.organization.models import Officer
    from zoufang.rehearsal.texts import names, visit_summaries
    from zoufang.visits.vocabulary import Mode, Theme

    dice = Random(rows)
    officers = [(each.username, each.unit.code) for each in Officer.objects.select_related("unit").order_by("pk")]
    topics = list(Topic.objects.exclude(parent=None).values_list("code", flat=True))
    places = names()["places"]
    summaries = [text for texts in visit_summaries().values() for text in texts]
    first = timezone.localtime() - timedelta(days=170)
    with file.open("w", newline="", encoding="utf-8") as out:
        table = csv.writer(out)
        table.writerow(_COLUMNS)
        for number in range(rows):
            at = first + timedelta(days=150) * number / rows
            username, unit = dice.choice(officers)
            place = dice.choice(places)
            heard = f"希望{place}{number}号楼一带夜间多巡逻。" if opinions and number % opinions == 0 else ""
            table.writerow(
                [
                    f"{at:%Y-%m-%d %H:%M:%S}", unit, username, dice.choice(Mode.labels),
                    dice.choice(ObjectCategory.labels), dice.randint(1, 6), dice.choice(Theme.values), place,
                    f"{dice.choice(summaries).format(place=place)}本次走访为第{number}次。", heard,
                    dice.choice(topics) if heard else "",
                ]
            )  # fmt: skip


def _run(file: Path, url: str) -> tuple[float, float]:
    """Import as a clerk does, in a process of its own; return its seconds, start included, and its peak in MB."""
    program = Path(sys.executable).parent / "zoufang"
    words = [program, "import", "visits", str(file), "--by", "office"]
    since = time.perf_counter()
    running = Popen(words, env=os.environ | {"DATABASE_URL": url}, stdout=DEVNULL)
    _pid, ended, used = os.wait4(running.pid, 0)
    spent = time.perf_counter() - since
    running.returncode = os.waitstatus_to_exitcode(ended)
    if running.returncode:
        raise RuntimeError("the rows of the bench were rejected")
    return round(spent, 2), round(used.ru_maxrss / 1024, 1)


def _copy(url: str, rows: int) -> float:
    """COPY the visits that came last into a bare table with the same indexes; return the seconds, best of three."""
    found = []
    with psycopg.connect(url) as link, link.cursor() as cursor:
        newest = f"SELECT {_OF_A_VISIT} FROM visits_visit ORDER BY id DESC LIMIT {rows}"
        with cursor.copy(f"COPY ({newest}) TO STDOUT") as source:
            body = [bytes(block) for block in source]
        for _turn in range(3):
            cursor.execute("DROP TABLE IF EXISTS bare")
            cursor.execute("CREATE TABLE bare (LIKE visits_visit INCLUDING ALL)")
            link.commit()
            since = time.perf_counter()
            with cursor.copy(f"COPY bare ({_OF_A_VISIT}) FROM STDIN") as target:
                for block in body:
                    target.write(block)
            link.commit()
            found.append(time.perf_counter() - since)
    return round(min(found), 2)


def main() -> dict[str, Any]:
    with database.running():
        import django

        django.setup()
        return dict(importing())


if __name__ == "__main__":
    print(json.dumps(main()))
