"""One statistic of a city from its rows, its cells, DuckDB and Spark, and the export: what `python -m bench` asks of it."""

import json
import os
import tempfile
import time
from datetime import date
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zoufang.site.settings")

from bench.figures import best
from zoufang.site import database


def figures() -> dict[str, float]:
    """Return milliseconds for visits by child unit and month over five months, and facts exported a second."""
    from django.utils import timezone

    from tests.lake import cluster
    from zoufang.kernel.period import Period
    from zoufang.lake.engines import DuckDB, Spark
    from zoufang.lake.export import export_lake
    from zoufang.lake.lake import Lake
    from zoufang.metrics.engine import BASE_ROWS, tabulate
    from zoufang.organization.models import Unit
    from zoufang.statistics.catalogue import CATALOGUE
    from zoufang.visits.models import Visit

    city, year = Unit.objects.get(parent=None), Visit.objects.latest("visited_at").visited_at.year
    period = Period(date(year, 1, 1), date(year, 5, 31))
    metrics, below = [CATALOGUE.get("visits.recorded")], [*city.children.all(), city]
    with tempfile.TemporaryDirectory() as place:
        since = time.perf_counter()
        (done,) = export_lake(Path(place) / "lake", list(CATALOGUE), now=timezone.now())
        found = {"export_facts_per_second": round(done.facts / (time.perf_counter() - since))}
        lake = Lake(Path(place) / "lake")
        asked = [lake.tree.called(unit.code) for unit in below]
        found["lake_rows"] = best(lambda: tabulate(metrics, below, period, by="month", source=BASE_ROWS))
        found["lake_cells"] = best(lambda: tabulate(metrics, below, period, by="month"))
        duckdb = DuckDB()
        found["lake_duckdb"] = best(lambda: lake.tabulate(metrics, asked, period, "month", engine=duckdb))
        with cluster.running(Path(place)) as master:
            spark = Spark(master)
            found["lake_spark"] = best(lambda: lake.tabulate(metrics, asked, period, "month", engine=spark))
            spark.close()
    return found


if __name__ == "__main__":
    with database.running():
        import django

        django.setup()
        print(json.dumps(figures()))
