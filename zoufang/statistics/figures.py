"""The key figures that may be reported: what each is called and counted in."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from django.utils.functional import lazy
from django.utils.translation import get_language


@dataclass(frozen=True)
class FigureKind:
    """One line of `reference/figures.yaml`; `title` and `measure` follow the reader's language."""

    code: str
    name: str
    name_en: str
    per: str
    per_en: str

    @property
    def metric_code(self) -> str:
        return f"reported.{self.code}"

    @property
    def title(self) -> str:
        return _in_language(self.name, self.name_en)

    @property
    def measure(self) -> str:
        return _in_language(self.per, self.per_en)


def _choose(chinese: str, english: str) -> str:
    return english if (get_language() or "").startswith("en") else chinese


_in_language = lazy(_choose, str)


def _read(file: Path) -> Mapping[str, FigureKind]:
    lines = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {line["code"]: FigureKind(**line) for line in lines}


FIGURES = _read(Path(__file__).parent / "reference" / "figures.yaml")
