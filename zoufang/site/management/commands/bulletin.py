"""`zoufang bulletin --from D --to D [--template formal|plain] --out FILE.docx [--json FILE]`: draft a bulletin."""

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from zoufang.bulletins.document import Template
from zoufang.bulletins.drafting import draft_bulletin
from zoufang.bulletins.gongwen import write_docx
from zoufang.kernel.period import Period


class Command(BaseCommand):
    help = "Draft the bulletin of a period as a Word document; with --json also every figure and where it comes from."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="D")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, metavar="D")
        parser.add_argument("--template", choices=[str(template) for template in Template], default="formal")
        parser.add_argument("--out", type=Path, metavar="FILE.docx")
        parser.add_argument("--json", type=Path, metavar="FILE")

    def handle(self, *, first: date, last: date, template: str, **options: Any) -> None:
        out, figures = options["out"], options["json"]
        if out is None and figures is None:
            raise CommandError("Say where to: --out FILE.docx, --json FILE, or both.")
        try:
            period = Period(first, last)
        except ValueError as error:
            raise CommandError(str(error)) from error
        draft = draft_bulletin(period, template=Template(template))
        try:
            if out is not None:
                with out.open("wb") as file:
                    write_docx(draft.document, file)
            if figures is not None:
                records = [figure.as_record() for figure in draft.figures]
                report = {"figures": records, "missing": draft.missing, "failures": [f.title for f in draft.failures]}
                figures.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"Cannot write: {error}") from error
        for title in draft.missing:
            self.stderr.write(f"缺项：{title}")
        for failure in draft.failures:
            self.stderr.write(f"守恒校验未通过：{failure.title}")
