"""The deadlines of petitions and disputes are watched without anybody asking."""

from asgiref.sync import sync_to_async
from django.db import connections
from procrastinate.contrib.django import app

from zoufang.casework.services import keep_watch
from zoufang.notifications.selectors import database_clock


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="casework.keep_watch", lock="casework.keep_watch")
async def watch_cases(timestamp: int) -> None:
    """Remind of deadlines, in a thread of its own: other jobs do not wait for it."""
    del timestamp
    await sync_to_async(_watch, thread_sensitive=False)()


def _watch() -> None:
    try:
        keep_watch(now=database_clock())
    finally:
        connections.close_all()
