"""`zoufang work`: take jobs from the queue until told to end."""

import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException

from zoufang.site.checks import refuse_unsafe_production


class Command(BaseCommand):
    help = "Run a job worker alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=2, help="jobs at a time (default 2)")

    def handle(self, *_args: Any, concurrency: int, **_options: Any) -> None:
        refuse_unsafe_production()
        try:
            with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
                asyncio.run(_work(concurrency))
        except ConnectorException as failure:
            raise CommandError(f"the job worker lost its database: {failure.__cause__ or failure}") from None


async def _work(concurrency: int) -> None:
    async with app.open_async():
        # What a job has done is in the tables it wrote and in the audit record, so finished jobs are not kept.
        await app.run_worker_async(concurrency=concurrency, delete_jobs="successful", shutdown_graceful_timeout=10)
