"""The samples of a month are drawn when it is over."""

from datetime import timedelta

from asgiref.sync import sync_to_async
from django.utils import timezone
from procrastinate.contrib.django import app

from zoufang.callbacks.services import draw_samples
from zoufang.kernel.clock import local_day


@app.periodic(cron="20 3 * * *")
@app.task(queueing_lock="callbacks.draw")
async def draw(timestamp: int) -> None:
    """Draw the samples of last month. It is tried every day, so that a night without power leaves none out."""
    del timestamp
    await sync_to_async(_draw)()


def _draw() -> None:
    now = timezone.now()
    last = local_day(now).replace(day=1) - timedelta(days=1)
    draw_samples(last, now=now)
