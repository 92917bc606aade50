"""What nobody does by hand: pauses end in time, and what was written past the services is found by its text."""

from asgiref.sync import sync_to_async
from django.utils import timezone
from procrastinate.contrib.django import app

from zoufang.opinions.services import end_pauses, shape_missing


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
