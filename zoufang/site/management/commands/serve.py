"""`zoufang serve`: here so that `zoufang help` lists it; `zoufang.site.serving` does it, without Django."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from zoufang.site import serving


class Command(BaseCommand):
    help = "Serve the pages and do the jobs until Ctrl-C."

    def run_from_argv(self, argv: list[str]) -> None:
        try:
            serving.serve(argv[2:])
        except serving.CannotServe as failure:
            sys.exit(str(failure))

    def handle(self, *_args: Any, **_options: Any) -> None:
        raise CommandError("serve runs alone: call it from the command line.")
