"""Where the audit record will be written in the months to come is made ahead."""

import logging

from asgiref.sync import sync_to_async
from django.utils import timezone
from procrastinate.contrib.django import app

from zoufang.audit import services

_logger = logging.getLogger(__name__)


@app.periodic(cron="30 3 * * *")
@app.task(queueing_lock="audit.months")
async def make_months(timestamp: int) -> None:
    """Make the parts of the audit record for the months to come, and say if any record lies outside of all months."""
    del timestamp
    await sync_to_async(services.make_months)(now=timezone.now())
    if strays := await sync_to_async(services.outside_the_months)():
        _logger.warning("%d audit records or more lie in audit_auditrecord_other: see past-one-machine.md", strays)
