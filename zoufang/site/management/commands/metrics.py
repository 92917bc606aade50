"""`zoufang metrics`: the catalogue of numbers, for people, programs, or `docs/metrics.md`."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from zoufang.metrics.engine import markdown
from zoufang.statistics.catalogue import CATALOGUE, catalogue_records


class Command(BaseCommand):
    help = "List every number: code, what it is called, what it counts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="print a JSON array")
        form.add_argument("--markdown", action="store_true", help="print the text of docs/metrics.md")

    def handle(self, **options: Any) -> None:
        if options["markdown"]:
            self.stdout.write(markdown(CATALOGUE), ending="")
        elif options["json"]:
            self.stdout.write(json.dumps(catalogue_records(), ensure_ascii=False, indent=1))
        else:
            for record in catalogue_records():
                self.stdout.write(f"{record['code']}\t{record['title']}\t{record['per']}\t{record['section']}")
