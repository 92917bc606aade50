"""
`make bench`: what performance claims are measured with. Each figure is a ratio of two things measured in this one run.

Two cities at scale, one small and one large (`BENCH_VISITS`, by default 10,000 and 1,000,000), each in a database
server of its own with fsync on; loaded once into `$ZOUFANG_DATA/bench`, kept for the next run. Ratios are written to
`bench/results/`. Each module beside this one measures one thing and prints it as JSON, so that it can be run alone.
"""

import json
import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench import lists

SMALL, LARGE = (int(size) for size in os.environ.get("BENCH_VISITS", "10000,1000000").split(","))
TURNS = 3
RESULTS = Path(__file__).parent / "results"

Figures = dict[str, Any]


def main() -> None:
    from zoufang.site import database

    place = database.data_directory() / "bench"
    for visits in (SMALL, LARGE):
        _load(place / str(visits), visits)
    small, large = _by_turns(place)
    large |= _ask("bench.recount", place / str(LARGE))
    small |= _ask("bench.similar", place / str(SMALL), str(SMALL // 3)) | _ask("bench.importing", place / str(SMALL))
    large |= _ask("bench.similar", place / str(LARGE), str(LARGE // 3)) | _ask("bench.lists", place / str(LARGE))
    # The lake is measured where its packages are installed: make install-lake install-spark.
    if find_spec("pyspark"):
        large |= _ask("bench.lake", place / str(LARGE))
    writers = _ask("bench.writers", place)
    lines = [f"- {what}: {ratio}" for what, ratio in _ratios(small, large, writers).items()]
    detail = json.dumps({SMALL: small, LARGE: large, "writers": writers}, indent=1)
    RESULTS.mkdir(exist_ok=True)
    report = ["# Ratios", "", *lines, "", "In milliseconds, but recounts and imports in seconds and megabytes:", ""]
    (RESULTS / f"{time.strftime('%Y-%m-%d')}.md").write_text("\n".join([*report, "```", detail, "```", ""]))
    print("\n".join(lines))


def _ratios(small: Figures, large: Figures, writers: Figures) -> dict[str, float]:
    """Return what is claimed, in words."""
    visits, opinions = f"{LARGE:,}", f"{LARGE // 3:,}"
    claims = {
        f"all counts of the dashboard, city, five months: {visits} visits ÷ {SMALL:,}": (
            large["cells"],
            small["cells"],
        ),
        f"counts of the dashboard at {visits}: base rows ÷ cells": (large["rows"], large["cells"]),
        f"medians and means of the dashboard: {visits} visits ÷ {SMALL:,}": (large["typical"], small["typical"]),
        f"medians and means of the dashboard at {visits}: base rows ÷ cells": (large["typical_rows"], large["typical"]),
        f"the dashboard as a page: {visits} visits ÷ {SMALL:,}": (large["page"], small["page"]),
        f"the dashboard as a page at {visits} ÷ the framework's floor": (large["page"], large["floor"]),
        f"children of the city by month at {visits}: base rows ÷ cells": (
            large["monthly_rows"],
            large["monthly_cells"],
        ),
        f"one statistic at {visits} ÷ the bare sum over its cells": (large["one"], large["bare"]),
        f"recording a visit at {visits}: with cells ÷ without": (large["visit_with"], large["visit_without"]),
        "importing visits ÷ bare COPY of the same": (small["import_visits"], small["copy_visits"]),
        "the same, each third with an opinion": (small["import_with_opinions"], small["copy_with_opinions"]),
        "importing visits that are there already ÷ the first time": (
            small["import_visits_again"],
            small["import_visits"],
        ),
        f"candidates of similar opinions at {opinions}: sequential scan ÷ bands": (
            large["similar_sequential"],
            large["similar_indexed"],
        ),
        f"candidates of similar opinions: {opinions} ÷ {SMALL // 3:,}": (
            large["similar_indexed"],
            small["similar_indexed"],
        ),
    }
    claims |= {
        f"what people do, {crowd}: with cells ÷ without": (e["with"], e["without"]) for crowd, e in writers.items()
    }
    for name, key in (("DuckDB over the lake", "lake_duckdb"), ("Spark over the lake, warm", "lake_spark")):
        if key in large:
            claims[f"children of the city by month at {visits}: base rows ÷ {name}"] = large["lake_rows"], large[key]
    return {what: round(over / under, 2) for what, (over, under) in claims.items()} | lists.ratios(large)


def _by_turns(place: Path) -> tuple[Figures, Figures]:
    """Return the figures of the small and the large city, asked by turns: what else the machine does meets both."""
    turns = [[_ask("bench.figures", place / str(visits)) for visits in (SMALL, LARGE)] for _turn in range(TURNS)]
    small, large = (
        {name: min(each[name] for each in asked) for name in asked[0]} for asked in zip(*turns, strict=True)
    )
    return small, large


def _load(place: Path, visits: int) -> None:
    """Load the city, if this is its first time."""
    loaded = (place / "loaded").exists()
    for words in (
        ["migrate", "-v0"],
        *([] if loaded else [["demo", "load", "scale", "--visits", str(visits)]]),
        ["recount"],
    ):
        subprocess.run([Path(sys.executable).parent / "zoufang", *words], env=_at(place), check=True)
    (place / "loaded").touch()


def _ask(module: str, place: Path, *more: str) -> Figures:
    """Return what a module measures, in a process of its own: a Django program knows one database."""
    words = [sys.executable, "-m", module, *more]
    ended = subprocess.run(words, env=_at(place), check=True, stdout=subprocess.PIPE, text=True)
    # What was measured is seen even if what comes after it fails.
    print(module, place.name, ended.stdout.strip(), flush=True)
    return dict(json.loads(ended.stdout))


def _at(place: Path) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | {"ZOUFANG_DATA": str(place)}


if __name__ == "__main__":
    main()
