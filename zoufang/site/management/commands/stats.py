"""`zoufang stats METRIC`: a number, whole and told apart."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from zoufang.statistics.answers import answer
from zoufang.statistics.catalogue import CATALOGUE
from zoufang.statistics.questions import ask


class Command(BaseCommand):
    help = "Print a number of the catalogue for a unit and period; `zoufang metrics` lists what there is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_question(parser)

    def handle(self, *, metric: str, unit: str, first: str, last: str, by: str, **options: Any) -> None:
        question = ask(unit=unit, first=first, last=last, today=timezone.localdate())
        found = answer(CATALOGUE.get(metric), question, by)
        for line in lines(found, as_json=options["json"]):
            self.stdout.write(line)


def add_question(parser: ArgumentParser) -> None:
    """Let a command be asked for a number, wherever it is read from."""
    parser.add_argument("metric", metavar="METRIC", help="code of the number, such as opinions.heard")
    parser.add_argument("--unit", default="", metavar="CODE", help="unit with its subtree (default: the whole)")
    parser.add_argument("--from", default="", dest="first", metavar="D", help="first day (default: 1 January)")
    parser.add_argument("--to", default="", dest="last", metavar="D", help="last day (default: today)")
    parser.add_argument("--by", default="", help="unit, month, or a category of the number")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def lines(found: dict[str, Any], *, as_json: bool) -> Iterator[str]:
    """Yield what is printed of an answer."""
    if as_json:
        yield json.dumps(found, ensure_ascii=False)
        return
    yield f"{found['title']} · {found['unit_name']} · {found['from']} – {found['to']}"
    for record in found["results"]:
        yield _line(record, found["per"])


def _line(record: dict[str, Any], per: str) -> str:
    value = "—" if record["value"] is None else f"{record['value']:,} {per}"
    head = "" if record["label"] is None else f"{record['label']}\t"
    return head + value
