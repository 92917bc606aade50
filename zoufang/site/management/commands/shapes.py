"""`zoufang shapes [--anew]`: work out by what opinions are found that say nearly the same."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from zoufang.opinions.services import forget_shapes, shape_missing


class Command(BaseCommand):
    help = (
        "Work out the text shapes of all opinions that have none, in batches beside whoever works; "
        "with --anew of all opinions."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--anew", action="store_true", help="forget what was worked out before")

    def handle(self, *, anew: bool, **_options: Any) -> None:
        if anew:
            forget_shapes()
        with tqdm(unit="", unit_scale=True, mininterval=1, disable=None) as bar:
            done = shape_missing(bar.update)
        self.stdout.write(f"{done} shapes worked out.")
