"""What nobody does by hand: deadlines are watched, pauses end in time, and texts that were written past the services are found."""

from asgiref.sync import sync_to_async
from django.db import connections
from django.utils import timezone
from procrastinate.contrib.django import app

from zoufang.notifications.selectors import database_clock
from zoufang.opinions.services import end_pauses, keep_watch, shape_missing


@app.periodic(cron="10 2 * * *")
@app.task(queueing_lock="opinions.shape_missing")
async def work_out_shapes(timestamp: int) -> None:
    """Work out the shapes of opinions that have none."""
    del timestamp
    await sync_to_async(shape_missing)()


@app.periodic(cron="1 * * * *")
@app.task(queueing_lock="opinions.end_pauses")
async def end_long_pauses(timestamp: int) -> None:
    """Let the clocks run on where the citizen has been waited for as long as may be."""
    del timestamp
    await sync_to_async(end_pauses)(now=timezone.now())


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="opinions.keep_watch", lock="opinions.keep_watch")
async def watch_deadlines(timestamp: int) -> None:
    """Remind of deadlines. There may be many, so it has a thread of its own: other jobs do not wait for it."""
    del timestamp
    await sync_to_async(_watch, thread_sensitive=False)()


def _watch() -> None:
    try:
        keep_watch(now=database_clock())
    finally:
        connections.close_all()
