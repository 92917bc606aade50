"""Long lists become files here, and are deleted when their time is up."""

from asgiref.sync import sync_to_async
from django.db import connections
from django.utils import timezone
from procrastinate.contrib.django import app

from zoufang.exports import services


@app.task(name="exports.make")
async def make(export: int) -> None:
    """Make a file. It takes its time, so it has a thread of its own: other jobs do not wait for it."""
    await sync_to_async(_make, thread_sensitive=False)(export)


def _make(export: int) -> None:
    try:
        services.make(export, clock=timezone.now)
    finally:
        connections.close_all()


@app.periodic(cron="10 4 * * *")
@app.task(queueing_lock="exports.forget_old")
async def forget_old(timestamp: int) -> None:
    """Delete the files that have been kept long enough."""
    del timestamp
    await sync_to_async(services.forget_old)(now=timezone.now())
