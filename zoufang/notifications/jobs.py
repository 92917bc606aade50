"""What was decided is sent: at once where it can be, else by the sweep of every minute."""

from asgiref.sync import sync_to_async
from django.db import connections
from procrastinate.contrib.django import app

from zoufang.notifications import services
from zoufang.notifications.selectors import database_clock
from zoufang.notifications.senders import citizen_senders


@app.periodic(cron="* * * * *")
@app.task(name="notifications.deliver", queueing_lock="notifications.deliver")
async def deliver(timestamp: int = 0) -> None:
    """Send what is due. A gateway may be slow, so it has a thread of its own: other jobs do not wait for it."""
    del timestamp
    await sync_to_async(_deliver, thread_sensitive=False)()


def _deliver() -> None:
    try:
        senders = citizen_senders()
        # The clock is read for each: a lease must not have run out while the ones before were sent.
        while services.deliver_due(senders, database_clock(), most=1):
            pass
    finally:
        connections.close_all()


@app.periodic(cron="20 4 * * *")
@app.task(queueing_lock="notifications.dispose")
async def dispose(timestamp: int) -> None:
    """Dispose of the addresses and texts whose time is up, and of old notices."""
    del timestamp
    await sync_to_async(_dispose)()


def _dispose() -> None:
    now = database_clock()
    services.dispose_of_addresses(now=now)
    services.forget_old_notices(now=now)
