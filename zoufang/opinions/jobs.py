"""What was written past the services is found by its text all the same."""

from asgiref.sync import sync_to_async
from procrastinate.contrib.django import app

from zoufang.opinions.services import shape_missing


@app.periodic(cron="10 2 * * *")
@app.task(queueing_lock="opinions.shape_missing")
async def work_out_shapes(timestamp: int) -> None:
    """Work out the shapes of opinions that have none."""
    del timestamp
    await sync_to_async(shape_missing)()
