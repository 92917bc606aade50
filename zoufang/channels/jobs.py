"""What the public door promised to forget is forgotten without anybody thinking of it."""

from asgiref.sync import sync_to_async
from django.utils import timezone
from procrastinate.contrib.django import app

from zoufang.channels import services
from zoufang.opinions.services import dispose_of_contacts


@app.periodic(cron="40 3 * * *")
@app.task(queueing_lock="channels.forget_old")
async def forget_old(timestamp: int) -> None:
    """Delete what was needed only for a while: digests of resends, counts of tries."""
    del timestamp
    await sync_to_async(services.forget_old)(now=timezone.now())


@app.periodic(cron="50 3 * * *")
@app.task(queueing_lock="channels.forget_contacts")
async def forget_contacts(timestamp: int) -> None:
    """Dispose of names and telephones whose time is up."""
    del timestamp
    await sync_to_async(dispose_of_contacts)(now=timezone.now())


@app.periodic(cron="45 3 * * *")
@app.task(queueing_lock="channels.forget_deliveries")
async def forget_deliveries(timestamp: int) -> None:
    """Dispose of what waited in the tray and has long been settled."""
    del timestamp
    await sync_to_async(services.forget_deliveries)(now=timezone.now())


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="channels.take_incomplete")
async def take_incomplete(timestamp: int) -> None:
    """Put long messages into the tray whose parts have not all come."""
    del timestamp
    await sync_to_async(services.take_incomplete)(now=timezone.now())
