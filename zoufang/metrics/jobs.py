"""What was written since is added up every few seconds, so that readers have little left to add."""

from asgiref.sync import sync_to_async
from procrastinate.contrib.django import app

from zoufang.metrics import services


@app.periodic(cron="* * * * * */10")
@app.task(queueing_lock="metrics.fold")
async def fold(timestamp: int) -> None:
    """Fold the deltas into the cells."""
    del timestamp
    await sync_to_async(services.fold_cells)()
