"""
What finding similar opinions costs, as JSON on standard output: what `python -m bench` asks of each city.

The texts of a city at scale come from few scripts, so thousands of opinions are twins: the worst case for a search by
bands, and measured as such. For the usual case as many texts are made of words whose frequencies fall as in a language,
every tenth an edited copy of another, and their bands kept in a table of the same shape beside the real one. Of real
messages one pair in six thousand shares a band; of these about as many do.
"""

import json
import os
import time
from collections.abc import Iterator
from itertools import accumulate, islice
from random import Random
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zoufang.site.settings")

from bench.figures import best
from zoufang.site import database

LOOKUPS, SLOW_LOOKUPS, LOT = 30, 3, 5_000
FIND = "SELECT opinion_id FROM {table} WHERE bands && %s::int[]"


def figures(many: int) -> dict[str, float]:
    """Measure on `many` mixed texts, and on the opinions of this city as they are."""
    from zoufang.opinions.models import Opinion, OpinionShape
    from zoufang.opinions.services import forget_shapes, shape_missing
    from zoufang.opinions.similar import similar_to, text_of
    from zoufang.organization.models import Officer

    forget_shapes()
    since = time.perf_counter()
    shaped = shape_missing()
    backfill = time.perf_counter() - since
    asked = Opinion.objects.order_by("-pk")[: 20 * LOOKUPS : 20]
    chief = Officer.objects.get(username="chief")
    _vacuum(OpinionShape._meta.db_table)
    twins = [shape.bands for shape in OpinionShape.objects.filter(opinion__in=list(asked))]
    found = {
        "similar_backfill_per_second": round(shaped / backfill),
        "similar_twins": _median([_find(OpinionShape._meta.db_table, bands) for bands in twins]),
        "similar_page": _median([best(lambda one=one: similar_to(text_of(one), viewer=chief), of=2) for one in asked]),
    }
    return found | _mixed(many)


def _mixed(many: int) -> dict[str, float]:
    from django.db import connection

    from zoufang.opinions.minhash import bands_of

    texts = _texts(many, Random(5))
    with connection.cursor() as cursor:
        cursor.execute("CREATE UNLOGGED TABLE bench_shape (opinion_id bigint PRIMARY KEY, bands int[] NOT NULL)")
        try:
            for first in range(0, many, LOT):
                lot = bands_of(list(islice(texts, LOT)))
                with cursor.copy("COPY bench_shape FROM STDIN") as copy:  # type: ignore[attr-defined]
                    for at, bands in enumerate(lot):
                        copy.write_row((first + at, bands))
            cursor.execute("ALTER TABLE bench_shape SET (parallel_workers = 0)")
            cursor.execute("CREATE INDEX ON bench_shape USING gin (bands) WITH (gin_pending_list_limit = 256)")
            _vacuum("bench_shape")
            cursor.execute("SELECT bands FROM bench_shape WHERE opinion_id %% %s = 0", [many // LOOKUPS])
            asked = [bands for (bands,) in cursor.fetchall()]
            indexed = [_find("bench_shape", bands) for bands in asked]
            cursor.execute("SET enable_bitmapscan = off; SET enable_indexscan = off")
            sequential = [_find("bench_shape", bands) for bands in asked[:SLOW_LOOKUPS]]
            cursor.execute("RESET enable_bitmapscan; RESET enable_indexscan")
        finally:
            cursor.execute("DROP TABLE bench_shape")
    return {
        "similar_indexed": _median(indexed),
        "similar_indexed_slowest": max(indexed),
        "similar_sequential": _median(sequential),
    }


def _texts(many: int, dice: Random) -> Iterator[str]:
    """Yield texts of forty words of two characters; every tenth repeats an earlier one with a few words changed."""
    words = [chr(0x4E00 + at * 7919 % 20_000) + chr(0x4E00 + at * 104_729 % 20_000) for at in range(20_000)]
    weights = list(accumulate(1 / (at + 30) for at in range(len(words))))
    kept: list[list[str]] = []
    for at in range(many):
        if kept and at % 10 == 0:
            said = [dice.choice(words) if dice.random() < 0.1 else word for word in dice.choice(kept)]
        else:
            said = dice.choices(words, cum_weights=weights, k=40)
            if at % 100 == 1:
                kept.append(said)
        yield "".join(said)


def _find(table: str, bands: list[int]) -> float:
    from django.db import connection

    def find() -> Any:
        with connection.cursor() as cursor:
            cursor.execute(FIND.format(table=table), [bands])
            return cursor.fetchall()

    return best(find, of=3)


def _vacuum(table: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {table}")


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


if __name__ == "__main__":
    import sys

    with database.running():
        import django

        django.setup()
        print(json.dumps(figures(int(sys.argv[1]))))
