"""`zoufang prepare`: bring the database to the state of this version. Again changes nothing."""

from io import StringIO
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from zoufang.audit import services as audit
from zoufang.metrics.services import install_cells
from zoufang.opinions.services import shape_missing
from zoufang.site.serving import demo_accounts
from zoufang.statistics.catalogue import CATALOGUE


class Command(BaseCommand):
    help = "Apply outstanding migrations and load the reference data; with --demo, also a city to try things in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", metavar="CITY", help="load this rehearsal city if there are no units yet")

    def handle(self, *_args: Any, demo: str | None, **_options: Any) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0)
            self.stdout.write("The database has the tables of this version.")
        audit.make_months(now=timezone.now())
        if strays := audit.outside_the_months():
            self.stdout.write(f"{strays} audit records or more lie outside the months that were made for them.")
        call_command("load_reference", stdout=self.stdout)
        if demo:
            call_command("demo", "load", demo, if_empty=True, stdout=self.stdout)
            accounts = StringIO()
            call_command("demo", "accounts", stdout=accounts)
            demo_accounts().write_text(accounts.getvalue())
        shape_missing()
        # Last, so that what was just loaded is counted once and not row by row.
        install_cells(CATALOGUE)
