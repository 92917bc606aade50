"""A lake that is asked: what all bureaus have put into one directory."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from zoufang.kernel.refusal import Invalid
from zoufang.lake.manifest import Manifest
from zoufang.lake.named import told_by
from zoufang.lake.source import Engine, LakeSource
from zoufang.lake.tree import Tree
from zoufang.metrics.declarations import Metric
from zoufang.metrics.frame import Frame
from zoufang.metrics.months import months_of
from zoufang.metrics.table import Table
from zoufang.metrics.tabulate import table_over
from zoufang.organization.models import Unit
from zoufang.statistics.answers import told
from zoufang.statistics.questions import Question, period_between, slicing


class Lake:
    """
    The manifests of a directory, read once: every answer is of the instants at which the bureaus exported.

    :raises Invalid: if there are none, or one of them cannot be read.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._manifests = [Manifest.read(path) for path in sorted(directory.glob("bureaus/*.json"))]
        if not self._manifests:
            raise Invalid(
                _("%(directory)s 中没有导出的数据，请先运行 zoufang lake export。") % {"directory": directory}
            )
        self.tree = Tree(self._manifests)
        self._told: dict[str, Any] = {}

    def tabulate(
        self, metrics: Sequence[Metric], units: Sequence[Unit], period: Any, by: str | None = None, *, engine: Engine
    ) -> Table:
        """
        Return what `zoufang.metrics.tabulate.tabulate` does, for units of the lake's tree.

        :raises Invalid: as that does, or if a bureau exported other declarations.
        """
        if by == "month":
            months_of(period)
        elif by not in (None, "unit"):
            for metric in metrics:
                metric.category(by)
        once = list({unit.pk: unit for unit in units}.values())
        frame = Frame(once, period, by, self.tree.paths)
        children = {unit.pk: self.tree.children(unit) for unit in once} if by == "unit" else {}
        source = LakeSource(self.directory, self._manifests, self.tree.by_code, engine)
        return table_over([told_by(self._manifests, each, self._told) for each in metrics], frame, children, source)

    def answer(
        self,
        metric: Metric,
        *,
        unit: str = "",
        first: str = "",
        last: str = "",
        by: str = "",
        today: date,
        engine: Engine,
    ) -> dict[str, Any]:
        """
        Return what `zoufang.statistics.answers.answer` does: words in, values that JSON can hold out.

        :raises Invalid: if a word cannot be read, or the number cannot be told apart so.
        """
        question = Question(self.tree.called(unit), period_between(first, last, today=today))
        wanted = slicing(metric, by, question.period)
        table = self.tabulate([metric], [question.unit], question.period, wanted, engine=engine)
        return told(table, question, {each.pk: code for code, each in self.tree.by_code.items()})
