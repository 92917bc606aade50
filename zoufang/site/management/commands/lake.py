"""`zoufang lake export DIR`, `zoufang lake stats METRIC`: numbers past one database, for a province or the nation."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from zoufang.kernel.refusal import Invalid
from zoufang.lake.engines import DuckDB, Spark
from zoufang.lake.export import export_lake
from zoufang.lake.lake import Lake
from zoufang.site.management.commands.stats import add_question, lines
from zoufang.statistics.catalogue import CATALOGUE


class Command(BaseCommand):
    help = "Put what numbers count into a lake of files without personal data, or read numbers from a lake."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="export|stats")
        export = verbs.add_parser("export", help="put the facts of this database into the lake, by bureau and month")
        export.add_argument("directory", type=Path, metavar="DIR", help="several bureaus may export into the same one")
        stats = verbs.add_parser(
            "stats", help="print a number of the lake as `zoufang stats` prints one of the database"
        )
        add_question(stats)
        stats.add_argument("--lake", type=Path, default=settings.DATA / "lake", metavar="DIR", dest="directory")
        stats.add_argument("--engine", choices=("duckdb", "spark"), help="who reads it (default: duckdb)")
        stats.add_argument("--master", default="", metavar="URL", help="the Spark cluster, such as spark://host:7077")

    def handle(self, *, verb: str, directory: Path, **options: Any) -> None:
        if verb == "export":
            self._export(directory)
        else:
            self._stats(directory, **options)

    def _export(self, directory: Path) -> None:
        try:
            found = export_lake(directory, list(CATALOGUE), now=timezone.now())
        except OSError as error:
            raise Invalid(_("写不进 %(directory)s：%(why)s") % {"directory": directory, "why": error}) from error
        for done in found:
            self.stdout.write(
                f"{done.bureau}: {done.facts:,} facts in {done.files:,} files, {done.written:,} of them new."
            )

    def _stats(
        self, directory: Path, *, engine: str | None, master: str, metric: str, json: bool, **words: Any
    ) -> None:
        lake, number = Lake(directory), CATALOGUE.get(metric)
        asked = {name: words[name] for name in ("unit", "first", "last", "by")}
        reader = Spark(master) if engine == "spark" or (master and engine is None) else DuckDB()
        try:
            found = lake.answer(number, **asked, today=timezone.localdate(), engine=reader)
        finally:
            reader.close()
        for line in lines(found, as_json=json):
            self.stdout.write(line)
