"""What takes its time with many opinions is done here."""

from asgiref.sync import sync_to_async
from django.db import connections
from django.utils import timezone
from procrastinate.contrib.django import app

from zoufang.worklists import services


@app.task(name="worklists.carry_out")
async def carry_out(run: int) -> None:
    """Do what is left of a run. It takes its time, so it has a thread of its own: other jobs do not wait for it."""
    await sync_to_async(_carry_out, thread_sensitive=False)(run)


def _carry_out(run: int) -> None:
    try:
        services.carry_out(run, clock=timezone.now)
    finally:
        connections.close_all()


@app.periodic(cron="*/15 * * * *")
@app.task(queueing_lock="worklists.watch_views")
async def watch_views(timestamp: int) -> None:
    """Tell owners of saved views whose threshold has been crossed."""
    del timestamp
    await sync_to_async(services.watch_views)(now=timezone.now())


@app.periodic(cron="20 4 * * *")
@app.task(queueing_lock="worklists.forget_old")
async def forget_old(timestamp: int) -> None:
    """Delete the records of runs that have been kept long enough."""
    del timestamp
    await sync_to_async(services.forget_old)(now=timezone.now())
