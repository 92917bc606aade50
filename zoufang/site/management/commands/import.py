"""`zoufang import KIND FILE [--dry-run] | KIND --columns | KIND --template FILE.xlsx`: take in tables."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import xlsxwriter
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from zoufang.organization.models import Officer, Role
from zoufang.site.importing.kinds import Importer, importers
from zoufang.site.importing.run import run_import
from zoufang.site.importing.tables import UnreadableFile


class Command(BaseCommand):
    help = "Import a .csv or .xlsx table; the report is JSON on standard output. Again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=list(importers()))
        parser.add_argument("file", nargs="?", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="check every row and write nothing")
        parser.add_argument("--columns", action="store_true", help="print the columns as JSON")
        parser.add_argument("--template", type=Path, metavar="FILE.xlsx", help="write an empty table with the columns")
        parser.add_argument("--by", metavar="USER", help="who imports (default: the first officer of the visit office)")

    def handle(self, *, kind: str, file: Path | None, **options: Any) -> None:
        importer = importers()[kind]
        if options["columns"]:
            columns = [
                {"name": column.name, "required": column.required, "example": column.example}
                for column in importer.columns
            ]
            self.stdout.write(json.dumps(columns, ensure_ascii=False, indent=1))
        elif options["template"] is not None:
            _write_template(importer, options["template"])
        elif file is None:
            raise CommandError("Which file? See --columns for what it should hold.", returncode=2)
        else:
            self._import(importer, file, **options)

    def _import(self, importer: Importer, file: Path, **options: Any) -> None:
        by = _importer(options["by"])
        try:
            report = run_import(
                importer,
                file,
                by=by,
                now=timezone.now(),
                dry_run=options["dry_run"],
                quiet=not sys.stderr.isatty() and options["verbosity"] < 2,
            )
        except UnreadableFile as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(json.dumps(report.as_record(), ensure_ascii=False, indent=1))
        if report.rejected:
            sys.exit(1)


def _importer(username: str | None) -> Officer:
    officers = Officer.objects.filter(is_active=True).select_related("unit")
    if username:
        found = officers.filter(username=username).first()
        if found is None:
            raise CommandError(f"There is no active officer {username!r}.", returncode=2)
        return found
    # Units and officers may be imported into an empty house by the operator; the rest needs somebody to answer for it.
    found = officers.filter(duties__role=Role.VISIT_OFFICE, duties__unit__parent=None).order_by("pk").first()
    return found or Officer(username="console", name="console")


def _write_template(importer: Importer, file: Path) -> None:
    try:
        with xlsxwriter.Workbook(str(file), {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
            sheet = workbook.add_worksheet("数据")
            needed = workbook.add_format({"bold": True, "bg_color": "#DCE9F5"})
            optional = workbook.add_format({"bold": True})
            guide = workbook.add_worksheet("说明")
            guide.write_row(0, 0, ["列", "必填", "示例", "可选值"], optional)
            for place, column in enumerate(importer.columns):
                sheet.write_string(
                    0,
                    place,
                    column.heads[1] if len(column.heads) > 1 else column.name,
                    needed if column.required else optional,
                )
                sheet.set_column(place, place, 18)
                values = "、".join(str(label) for label in (column.choices or {}).values())
                guide.write_row(
                    place + 1, 0, [column.heads[-1], "是" if column.required else "", column.example, values]
                )
            sheet.freeze_panes(1, 0)
    except (OSError, xlsxwriter.exceptions.XlsxWriterException) as error:
        raise CommandError(f"Cannot write {file}: {error}", returncode=2) from error
