"""`zoufang translations`: bring the English catalogue up to date with the source, check it, or compile it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from zoufang.site import translations


class Command(BaseCommand):
    help = "Update the English catalogue from the source; --check judges it, --compile writes what Django reads."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--check", action="store_true", help="change nothing; exit 1 if something is missing")
        choice.add_argument("--compile", action="store_true", help="write the .mo file")

    def handle(self, *_args: Any, check: bool, compile: bool, **_options: Any) -> None:  # noqa: A002 - named by its option
        if compile:
            self.stdout.write(f"{translations.compile_catalogue()} messages")
            return
        source = translations.spoken()
        if not check:
            translations.save(translations.merged(source, translations.written()))
            translations.compile_catalogue()
        faults = translations.faults(source, translations.written())
        for fault in faults:
            self.stderr.write(str(fault))
        if check and faults:
            raise CommandError(f"{len(faults)} of {len(source)} messages need a translator: zoufang translations")
        self.stdout.write(f"{len(source)} messages, {len(faults)} to translate")
