"""`zoufang demo load jiaozuo [--year Y] | load scale --visits N [--seed S]`: a city, into an empty database."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from zoufang.kernel.refusal import Refusal
from zoufang.metrics.services import install_cells
from zoufang.organization.models import Unit
from zoufang.rehearsal.city import is_half_loaded, load_jiaozuo
from zoufang.rehearsal.people import DEMO_ACCOUNTS, DEMO_PASSWORD
from zoufang.rehearsal.scale import load_scale
from zoufang.statistics.catalogue import CATALOGUE


class Command(BaseCommand):
    help = "Load the rehearsal city, or print the demo accounts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        load = verbs.add_parser("load", help="load a city into an empty database")
        load.add_argument("city", choices=["jiaozuo", "scale"])
        load.add_argument(
            "--year", type=int, help="whose January to May is played (default: the last one that is over)"
        )
        load.add_argument("--visits", type=int, default=100_000, help="how many, for `scale` (default 100,000)")
        load.add_argument("--seed", type=int, default=0, help="of the dice, for `scale`")
        load.add_argument("--if-empty", action="store_true", help="do nothing where units exist already")
        verbs.add_parser("accounts", help="print the demo accounts and their password")

    def handle(self, *, verb: str, **options: Any) -> None:
        if verb == "accounts":
            return self._accounts()
        if options["if_empty"] and Unit.objects.exists() and not is_half_loaded():
            return None
        now = timezone.now()
        year = options["year"] or last_campaign(timezone.localdate())
        if date(year, 5, 31) >= timezone.localdate():
            raise CommandError(
                f"May {year} is not over yet: choose --year {last_campaign(timezone.localdate())} or earlier."
            )
        try:
            if options["city"] == "scale":
                load_scale(options["visits"], last=date(year, 5, 31), seed=options["seed"])
                # Last, so that the rows are counted once and not statement by statement.
                install_cells(CATALOGUE)
            else:
                load_jiaozuo(year, now=now)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        return None

    def _accounts(self) -> None:
        self.stdout.write("  ".join(username for username, _unit, _duties in DEMO_ACCOUNTS))
        self.stdout.write(f"password: {DEMO_PASSWORD}")


def last_campaign(today: date) -> int:
    """Return the year whose May was the last to be over on `today`."""
    return today.year if today > date(today.year, 5, 31) else today.year - 1
