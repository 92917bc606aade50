"""One city's figures in milliseconds, as JSON on standard output: what `python -m bench` asks of each city."""

import json
import os
import time
from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import urlencode
from uuid import uuid4

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zoufang.site.settings")

from bench import lists
from zoufang.site import database

BARE = """SELECT sum(c.rows) FROM metrics_cell AS c JOIN metrics_counted AS m ON m.id = c.counted_id
    WHERE m.code = 'visits.recorded' AND cut = '' AND monthly AND unit_id = {city}
    AND at >= '{year}-01-01' AND at < '{year}-06-01'"""
# What the framework alone costs: a view that groups the cells of all units by month and category, and a table of it.
FLOOR = """SELECT unit_id, at, key, sum(c.rows) FROM metrics_cell AS c JOIN metrics_counted AS m ON m.id = c.counted_id
    WHERE m.code = 'visits.recorded' AND cut = 'mode' AND monthly AND NOT below
    AND at >= '{year}-01-01' AND at < '{year}-06-01' GROUP BY unit_id, at, key ORDER BY unit_id, at, key"""
FLOOR_PAGE = (
    "<table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"
)


def best(act: Callable[[], object], *, of: int = 5) -> float:
    """Return the milliseconds of the fastest of some runs: what else the machine does only adds."""
    found = []
    for _ in range(of):
        since = time.perf_counter()
        act()
        found.append((time.perf_counter() - since) * 1000)
    return round(min(found), 2)


def figures() -> dict[str, float]:
    from django.db import connection
    from django.http import HttpRequest, HttpResponse
    from django.template import Context, Template
    from django.test import RequestFactory
    from django.urls import reverse

    from zoufang.kernel.period import Period
    from zoufang.metrics.engine import BASE_ROWS, Count, Typical, tabulate
    from zoufang.organization.models import Unit
    from zoufang.statistics.board import CARDS, KEY_FIGURES
    from zoufang.statistics.catalogue import CATALOGUE
    from zoufang.statistics.questions import Question
    from zoufang.visits.models import Visit

    city, year = Unit.objects.get(parent=None), Visit.objects.latest("visited_at").visited_at.year
    period = Period(date(year, 1, 1), date(year, 5, 31))
    codes = dict.fromkeys(
        [code for _t, each in CARDS for code in each] + [c for _t, *each in KEY_FIGURES for c in each]
    )
    metrics = [CATALOGUE.get(code) for code in codes]
    counts = [metric for metric in metrics if isinstance(metric, Count)]
    typical = [metric for metric in metrics if isinstance(metric, Typical)]
    one, below = [CATALOGUE.get("visits.recorded")], [*city.children.all(), city]

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(BARE.format(year=year, city=city.pk))
            cursor.fetchall()

    def floor(_request: HttpRequest) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute(FLOOR.format(year=year))
            return HttpResponse(bare_page.render(Context({"rows": cursor.fetchall()})))

    bare_page, asking = Template(FLOOR_PAGE), RequestFactory().get("/")
    reader = lists.reader("chief")
    address = f"{reverse('statistics:dashboard')}?{urlencode(Question(city, period).words())}"

    return {
        "cells": best(lambda: tabulate(counts, [city], period)),
        "rows": best(lambda: tabulate(counts, [city], period, source=BASE_ROWS)),
        "typical": best(lambda: tabulate(typical, [city], period)),
        "typical_rows": best(lambda: tabulate(typical, [city], period, source=BASE_ROWS)),
        "page": best(lambda: lists.read(reader, address)),
        "floor": best(lambda: floor(asking)),
        "monthly_cells": best(lambda: tabulate(one, below, period, by="month")),
        "monthly_rows": best(lambda: tabulate(one, below, period, by="month", source=BASE_ROWS)),
        "one": best(lambda: tabulate(one, [city], period)),
        "bare": best(bare),
        **writing(),
    }


def writing() -> dict[str, float]:
    """Record visits through the service, by turns with the cells' triggers and without; all is rolled back."""
    from django.db import connection, transaction
    from django.utils import timezone

    from zoufang.organization.models import Officer
    from zoufang.visits.services import record_visit

    officer = Officer.objects.get(username="officer")
    spent = {"ENABLE": 0.0, "DISABLE": 0.0}

    def record() -> None:
        now = timezone.now()
        record_visit(
            uid=uuid4(),
            unit=officer.unit,
            visited_at=now - timedelta(minutes=5),
            mode="F1",
            object_category="RES",
            headcount=2,
            theme="T2",
            officers=[officer],
            by=officer,
            now=now,
            place="",
            summary="",
            opinions=[],
        )

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks still to come cannot be altered
        for turn in range(20):
            verb = ("ENABLE", "DISABLE")[turn % 2]
            for event in ("insert", "update"):
                cursor.execute(f"ALTER TABLE visits_visit {verb} TRIGGER metrics_{event}_visits_visit")
            record()
            since = time.perf_counter()
            for _ in range(20):
                record()
            spent[verb] += (time.perf_counter() - since) * 1000 / 200
        transaction.set_rollback(True)
    return {"visit_with": round(spent["ENABLE"], 2), "visit_without": round(spent["DISABLE"], 2)}


if __name__ == "__main__":
    with database.running():
        import django

        django.setup()
        print(json.dumps(figures()))
