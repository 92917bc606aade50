"""`zoufang import KIND FILE [--dry-run] | KIND --columns | KIND --template FILE.xlsx`: take in tables."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Role
from zoufang.site.importing.columns import LANGUAGES
from zoufang.site.importing.desk import Importer
from zoufang.site.importing.kinds import IMPORTERS
from zoufang.site.importing.report import Faults, Progress, write_report
from zoufang.site.importing.run import run_import
from zoufang.site.importing.tables import UnreadableFile
from zoufang.site.importing.template import write_template


class Command(BaseCommand):
    # What is checked by default is every page of the site: a second before the first row is read.
    requires_system_checks = ()
    help = (
        "Import a .csv or .xlsx table; the report is JSON on standard output. The same file again changes nothing. "
        "Exit code: 0 if no row was rejected, 1 if some were, 2 if nothing could be imported."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=list(IMPORTERS))
        parser.add_argument("file", nargs="?", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="check every row and write nothing")
        parser.add_argument("--columns", action="store_true", help="print the columns as JSON")
        parser.add_argument("--template", type=Path, metavar="FILE.xlsx", help="write an empty table with the columns")
        parser.add_argument("--by", metavar="USER", help="who imports (default: the first officer of the visit office)")
        parser.add_argument("--language", choices=LANGUAGES, default=LANGUAGES[0], help="of messages and templates")

    def handle(self, *, kind: str, file: Path | None, language: str, **options: Any) -> None:
        importer = IMPORTERS[kind]
        with translation.override(language):
            if options["columns"]:
                self.stdout.write(json.dumps(_columns(importer), ensure_ascii=False, indent=1))
            elif options["template"] is not None:
                _write_template(importer, options["template"])
            elif file is None:
                raise CommandError("Which file? See --columns for what it should hold.", returncode=2)
            else:
                self._import(importer, file, **options)

    def _import(self, importer: Importer, file: Path, **options: Any) -> None:
        by = _importer(options["by"], importer)
        with Faults() as faults, Progress(file.name, self.stderr) as progress:
            try:
                report = run_import(
                    importer,
                    file,
                    by=by,
                    now=timezone.now(),
                    dry_run=options["dry_run"],
                    tell=faults.add,
                    note=self.stderr.write,
                    watch=progress.show,
                )
            except UnreadableFile as error:
                raise CommandError(str(error), returncode=2) from error
            progress.close()
            write_report(report, faults, self.stdout)
        if report.rejected:
            sys.exit(1)


def _columns(importer: Importer) -> list[dict[str, object]]:
    return [
        {"name": column.name, "required": column.required, "example": column.example} for column in importer.columns
    ]


def _importer(username: str | None, importer: Importer) -> Officer | None:
    """
    Return who answers for the rows; None for the operator at the console, who sets an empty house up.

    :raises CommandError: if there is nobody, or somebody who may not import.
    """
    officers = Officer.objects.filter(is_active=True).select_related("unit")
    if username is None and importer.at_console:
        return None
    if username is None:
        office = officers.filter(duties__role=Role.VISIT_OFFICE, duties__unit__parent=None).order_by("pk")
        by = office.first()
    else:
        by = officers.filter(username=username).first()
    if by is None:
        who = f"There is no active officer {username!r}." if username else "The visit office has no officer yet."
        raise CommandError(f"{who} Name who imports with --by USER.", returncode=2)
    if not importer.at_console and not access.may(by, Do.IMPORT_ROWS):
        raise CommandError(f"{by.username} may not import: it takes a clerk or the visit office.", returncode=2)
    return by


def _write_template(importer: Importer, file: Path) -> None:
    try:
        write_template(importer, file)
    except OSError as error:
        raise CommandError(f"Cannot write {file}: {error}", returncode=2) from error
