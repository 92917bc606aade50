"""Make one file of 100,000 visits as the job does; milliseconds and peak memory as JSON on standard output."""

import json
import os
import resource
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zoufang.site.settings")

from zoufang.site import database

ROWS = 100_000


def figures() -> dict[str, float]:
    from django.utils import timezone

    from zoufang.exports import services
    from zoufang.exports.models import Export
    from zoufang.organization.models import Officer
    from zoufang.visits.models import Visit

    chief = Officer.objects.get(username="chief")
    chief.exports.all().delete()
    newest = Visit.objects.order_by("-visited_at").values_list("visited_at", flat=True)
    since = timezone.localdate(newest[ROWS])
    # The row alone, without its job: a worker of this place would make the file too.
    export = Export.objects.create(
        by=chief,
        path="/ledgers/visits/",
        query=f"period_from={since}&period_to={timezone.localdate(newest[0])}",
        language="zh-hans",
        form="xlsx",
        title="bench",
        rows=ROWS,
        asked_at=timezone.now(),
    )
    began, worked = time.perf_counter(), time.process_time()
    services.make(export.pk, clock=timezone.now)
    spent, worked = time.perf_counter() - began, time.process_time() - worked
    export.refresh_from_db()
    assert export.state == Export.State.READY, export.why_failed
    assert export.rows >= ROWS
    services.discard(export, by=chief, now=timezone.now())
    return {
        "export": round(spent * 1000 * ROWS / export.rows),
        "export_cpu": round(worked * 1000 * ROWS / export.rows),
        "export_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "export_rows": export.rows,
    }


if __name__ == "__main__":
    with database.running():
        import django

        django.setup()
        print(json.dumps(figures()))
