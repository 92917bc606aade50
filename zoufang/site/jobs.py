"""Jobs of the installation itself."""

from typing import Any

from asgiref.sync import sync_to_async
from django.core.management import call_command
from procrastinate.contrib.django import app

# A worker says every ten seconds that it is alive; after this long its jobs are given to another.
_SILENT_SECONDS = 60


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="revive_orphans", pass_context=True)
async def revive_orphans(context: Any, timestamp: int) -> None:
    """Give the jobs of a worker that was killed to another one: nothing that was promised stays half done."""
    del timestamp
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=_SILENT_SECONDS):
        await manager.retry_job(job)


@app.periodic(cron="20 3 * * *")
@app.task(queueing_lock="clear_sessions")
async def clear_sessions(timestamp: int) -> None:
    """Delete the sessions that have run out."""
    del timestamp
    await sync_to_async(call_command)("clearsessions")
