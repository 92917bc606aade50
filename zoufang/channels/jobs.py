"""What the public door promised to forget is forgotten without anybody thinking of it."""

import logging

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.utils import timezone
from procrastinate.contrib.django import app

from zoufang.channels import services
from zoufang.channels.mail import box
from zoufang.channels.mail import services as mail
from zoufang.channels.mail.forms import read_letter
from zoufang.opinions.services import dispose_of_contacts

logger = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(lock="channels.fetch_mail", queueing_lock="channels.fetch_mail")
async def fetch_mail(timestamp: int) -> None:
    """Take what is new in the mailbox, if there is one. Its server may be slow, so it has a thread of its own."""
    del timestamp
    if settings.IMAP_URL:
        await sync_to_async(_fetch_mail, thread_sensitive=False)()


def _fetch_mail() -> None:
    try:
        with box.opened(settings.IMAP_URL) as opened:
            mail.fetch(opened, read_letter, now=timezone.now())
    except box.BoxClosed as closed:
        # The next minute tries again; what was not marked as taken is still there.
        logger.warning("mailbox: %s", closed)
    finally:
        connections.close_all()


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
