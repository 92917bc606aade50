"""The same city with as many visits as wanted: for finding out how the program bears them, written past its services."""

from collections.abc import Callable
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from tqdm import tqdm

from zoufang.kernel.clock import start_of
from zoufang.kernel.refusal import Invalid
from zoufang.metrics.services import fold_cells
from zoufang.opinions.vocabulary import Kind, ObjectCategory
from zoufang.organization.models import Unit
from zoufang.rehearsal.people import people_the_city
from zoufang.rehearsal.texts import names, scripts, visit_summaries
from zoufang.visits.vocabulary import Mode

BATCH = 100_000
YEARS = 2
_BATCH_SQL = (Path(__file__).parent / "sql" / "scale.sql").read_text(encoding="utf-8").split("\n;\n")


def load_scale(visits: int, *, last: date, seed: int = 0, then: Callable[[], object] = fold_cells) -> None:
    """
    Fill an empty database with `visits` visits of the two years that end with `last`, and a third as many opinions.

    The same numbers and seed make the same rows. `then` is called after each batch, each of which is a transaction.

    :raises Invalid: if the database already holds units.
    """
    if Unit.objects.exists():
        raise Invalid("数据库中已有单位，规模数据只能装入空库。")
    since = start_of(last.replace(year=last.year - YEARS))
    call_command("load_reference", city="jiaozuo", stdout=StringIO())
    people_the_city(Random(seed), since)
    facts = _facts(since, last, seed)
    with tqdm(total=visits, desc="规模数据", unit="条", unit_scale=True, mininterval=1) as bar:
        for first in range(1, visits + 1, BATCH):
            until = min(first + BATCH - 1, visits)
            with transaction.atomic(), connection.cursor() as cursor:
                for statement in _BATCH_SQL:
                    cursor.execute(statement, facts | {"first": first, "last": until})
            then()
            bar.update(until - first + 1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _facts(since: datetime, last: date, seed: int) -> dict[str, Any]:
    """Number the officers and topics, and say what the dice choose among."""
    with connection.cursor() as cursor:
        for table, rows in (
            (
                "scale_officer",
                "SELECT row_number() OVER (ORDER BY id) - 1 AS number, id, unit_id FROM organization_officer",
            ),
            (
                "scale_topic",
                "SELECT row_number() OVER (ORDER BY code) - 1 AS number, id FROM opinions_topic WHERE parent_id IS NOT NULL",
            ),
        ):
            cursor.execute(f"DROP TABLE IF EXISTS {table}")
            cursor.execute(f"CREATE TEMP TABLE {table} AS {rows}")
        cursor.execute("SELECT (SELECT count(*) FROM scale_officer), (SELECT count(*) FROM scale_topic)")
        officers, topics = cursor.fetchone()
    places = names()["places"]
    return {
        "seed": seed,
        "since": since,
        "days": (start_of(last) - since).days,
        "officers": officers,
        "topics": topics,
        "modes": Mode.values,
        "objects": ObjectCategory.values,
        "kinds": Kind.values,
        "places": places,
        "summaries": [text.format(place=places[0]) for texts in visit_summaries().values() for text in texts],
        "said": [script.said.format(place=places[0]) for script in scripts()],
    }
