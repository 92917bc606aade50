"""
`make bench`: what performance claims are measured with. Each figure is a ratio of two things measured in this one run.

Two cities at scale, one small and one large (`BENCH_VISITS`, by default 10,000 and 1,000,000), each in a database
server of its own with fsync on; loaded once into `$ZOUFANG_DATA/bench`, kept for the next run. Ratios are written to
`bench/results/`.
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

SIZES = [int(size) for size in os.environ.get("BENCH_VISITS", "10000,1000000").split(",")]
RESULTS = Path(__file__).parent / "results"


def main() -> None:
    from zoufang.site import database

    place = database.data_directory() / "bench"
    found = {size: _measure(place / str(size), size) for size in SIZES}
    small, large = found[SIZES[0]], found[SIZES[-1]]
    small |= _ask("bench.importing", place / str(SIZES[0]))
    ratios = {
        f"all counts of the dashboard, city, five months: {SIZES[-1]:,} visits ÷ {SIZES[0]:,}": _ratio(
            large, "cells", small, "cells"
        ),
        f"the same at {SIZES[-1]:,}: base rows ÷ cells": _ratio(large, "rows", large, "cells"),
        f"medians and means of the dashboard: {SIZES[-1]:,} visits ÷ {SIZES[0]:,}": _ratio(
            large, "typical", small, "typical"
        ),
        f"children of the city by month at {SIZES[-1]:,}: base rows ÷ cells": _ratio(
            large, "monthly_rows", large, "monthly_cells"
        ),
        f"one statistic at {SIZES[-1]:,} ÷ the bare sum over its cells": _ratio(large, "one", large, "bare"),
        f"recording a visit at {SIZES[-1]:,}: with cells ÷ without": _ratio(
            large, "visit_with", large, "visit_without"
        ),
        "importing visits ÷ bare COPY of the same": _ratio(small, "import_visits", small, "copy_visits"),
        "the same, each third with an opinion": _ratio(small, "import_with_opinions", small, "copy_with_opinions"),
        "importing visits that are there already ÷ the first time": _ratio(
            small, "import_visits_again", small, "import_visits"
        ),
        f"candidates of similar opinions at {SIZES[-1] // 3:,}: sequential scan ÷ bands": _ratio(
            large, "similar_sequential", large, "similar_indexed"
        ),
        f"candidates of similar opinions: {SIZES[-1] // 3:,} ÷ {SIZES[0] // 3:,}": _ratio(
            large, "similar_indexed", small, "similar_indexed"
        ),
        **lists.ratios(large),
    }
    if "lake_rows" in large:
        ratios |= {
            f"children of the city by month at {SIZES[-1]:,}: base rows ÷ {name}": _ratio(
                large, "lake_rows", large, key
            )
            for name, key in (("DuckDB over the lake", "lake_duckdb"), ("Spark over the lake, warm", "lake_spark"))
        }
    lines = [f"- {what}: {ratio}" for what, ratio in ratios.items()]
    RESULTS.mkdir(exist_ok=True)
    report = RESULTS / f"{time.strftime('%Y-%m-%d')}.md"
    detail = json.dumps(found, indent=1)
    report.write_text(
        "\n".join(
            [
                "# Ratios",
                "",
                *lines,
                "",
                "Milliseconds, best of several; of imports seconds and megabytes:",
                "",
                "```",
                detail,
                "```",
                "",
            ]
        )
    )
    print("\n".join(lines))


def _ratio(over: dict[str, float], one: str, under: dict[str, float], other: str) -> float:
    return round(over[one] / under[other], 2)


def _measure(place: Path, visits: int) -> dict[str, Any]:
    """Load the city, if this is its first time, and measure."""
    loaded = (place / "loaded").exists()
    for words in (["migrate", "-v0"], *([] if loaded else [["demo", "load", "scale", "--visits", str(visits)]])):
        subprocess.run([Path(sys.executable).parent / "zoufang", *words], env=_at(place), check=True)
    (place / "loaded").touch()
    found = _ask("bench.figures", place) | _ask("bench.similar", place, str(visits // 3))
    # The lake is measured where its packages are installed: make install-lake install-spark.
    if visits == SIZES[-1] and find_spec("pyspark"):
        found |= _ask("bench.lake", place)
    return found


def _ask(module: str, place: Path, *more: str) -> dict[str, Any]:
    """Return what a module measures, in a process of its own: a Django program knows one database."""
    words = [sys.executable, "-m", module, *more]
    ended = subprocess.run(words, env=_at(place), check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(ended.stdout))


def _at(place: Path) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | {"ZOUFANG_DATA": str(place)}


if __name__ == "__main__":
    main()
