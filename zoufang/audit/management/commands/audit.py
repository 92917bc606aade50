"""
`zoufang audit verify [--anchor FILE]` and `zoufang audit heads`.

`heads` prints the newest hash of each chain; kept somewhere else, it anchors the record: `verify --anchor` then also
finds a record that was rewritten as a whole, chains and heads together.
"""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from zoufang.audit import services


class Command(BaseCommand):
    help = "Prove that nobody rewrote the audit record."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verify = verbs.add_parser("verify", help="walk the chains; exit 1 and the first bad record if one is broken")
        verify.add_argument("--anchor", type=Path, help="a file that `audit heads` wrote earlier")
        verbs.add_parser("heads", help="print the newest hash of each chain as JSON")

    def handle(self, *, verb: str, **options: Any) -> None:
        if verb == "heads":
            self.stdout.write(json.dumps(services.heads(), indent=1))
            return
        verdict = services.verify(anchor=_read(options["anchor"]))
        if not verdict.sound:
            raise CommandError(f"broken at {verdict.bad} ({verdict.checked} records before it are sound)")
        self.stdout.write(f"sound: {verdict.checked} records")


def _read(anchor: Path | None) -> dict[str, tuple[int, str]]:
    if anchor is None:
        return {}
    try:
        return {chain: (head["seq"], head["hash"]) for chain, head in json.loads(anchor.read_text()).items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CommandError(f"{anchor} is not what `audit heads` writes: {error}", returncode=2) from error
