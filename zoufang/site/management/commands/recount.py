"""`zoufang recount [--check]`: count every kept number anew from its rows."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from zoufang.metrics.engine import snapshot
from zoufang.metrics.services import cell_differences, countable, install_cells, recount_cells
from zoufang.statistics.catalogue import CATALOGUE

SHOWN = 50


class Command(BaseCommand):
    help = (
        "Count every number that is kept in cells anew from its rows, and set right what differs; nobody has to wait. "
        "With --check change nothing, print the differences, and exit with 1 if there are any."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="compare only, all at one instant")

    def handle(self, *, check: bool, **_options: Any) -> None:
        if not check:
            installed = install_cells(CATALOGUE)
            wrong = 0 if installed else recount_cells(countable(CATALOGUE))
            self.stdout.write("All numbers were counted from their rows." if installed else f"{wrong} cells set right.")
            return
        with snapshot():
            found = cell_differences(countable(CATALOGUE))
        for one in found[:SHOWN]:
            days = " ".join(str(day) for day in (one.at, one.settled, one.unsettled) if day)
            place = f"{one.code} {one.cut}{'=' if one.cut else ''}{one.key} unit {one.unit} {days}"
            self.stdout.write(f"{place}: rows say {one.rows:+d}, sum {one.total:+d}")
        self.stdout.write(f"{len(found)} differences")
        if found:
            sys.exit(1)
