"""
How long it takes to count the numbers of visits anew from their rows, as JSON on standard output, in seconds.

Nobody waits meanwhile: the cells are set right beside the writers (`metrics.services.recount_cells`), and those who
read get their numbers from the rows or from the cells, which are the same.
"""

import json
import os
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zoufang.site.settings")

from zoufang.site import database


def figures() -> dict[str, float]:
    from zoufang.metrics.services import countable, recount_cells
    from zoufang.statistics.catalogue import CATALOGUE

    plan = countable(CATALOGUE)
    of_visits = [facts for facts in plan if facts.metric.code.startswith("visits.")]
    found = {}
    for name, some in (("recount_visits_seconds", of_visits), ("recount_all_seconds", plan)):
        since = time.perf_counter()
        wrong = recount_cells(some)
        found[name] = round(time.perf_counter() - since, 1)
        if wrong:
            raise SystemExit(f"{wrong} cells were wrong")
    return found


if __name__ == "__main__":
    with database.running():
        import django

        django.setup()
        print(json.dumps(figures()))
