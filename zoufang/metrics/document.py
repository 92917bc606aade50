"""The list of all numbers, and what is written about each: the same declaration, told in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from zoufang.kernel.refusal import Invalid
from zoufang.metrics.declarations import Clock, Count, Mean, Median, Metric, OfRows, Ratio, Reported, Text


@dataclass(frozen=True)
class Section:
    """Numbers that are read together, under one heading."""

    title: Text
    metrics: Sequence[Metric]


class Catalogue:
    """
    Every number there is, by code and in the order of its sections.

    :raises ValueError: if two numbers have the same code.
    """

    def __init__(self, *sections: Section) -> None:
        self.sections = sections
        self._by_code: dict[str, Metric] = {}
        for metric in (metric for section in sections for metric in section.metrics):
            if metric.code in self._by_code:
                raise ValueError(f"two metrics are called {metric.code}")
            self._by_code[metric.code] = metric

    def __iter__(self) -> Iterator[Metric]:
        return iter(self._by_code.values())

    def __len__(self) -> int:
        return len(self._by_code)

    def __contains__(self, code: str) -> bool:
        return code in self._by_code

    def get(self, code: str) -> Metric:
        """
        Return the metric called `code`.

        :raises Invalid: if there is none; the code comes from an address or a command line.
        """
        if code not in self._by_code:
            raise Invalid(_("没有名为“%(code)s”的统计指标。") % {"code": code})
        return self._by_code[code]


@dataclass(frozen=True)
class Description:
    """What a number means, in words; empty where a word does not apply."""

    code: str
    title: str
    kind: str
    per: str
    clock: str = ""
    rows: str = ""
    at: str = ""
    settled: str = ""
    unsettled: str = ""
    owner: str = ""
    categories: tuple[str, ...] = ()
    source: str = ""
    note: str = ""

    def as_record(self) -> dict[str, Any]:
        """Return the words that apply, in values that JSON can hold."""
        return {name: list(word) if isinstance(word, tuple) else word for name, word in vars(self).items() if word}


def describe(metric: Metric) -> Description:
    """Return what is written about `metric`, in the reader's language."""
    said: dict[str, Any] = {
        "code": metric.code,
        "title": str(metric.title),
        "kind": _kind(metric),
        "per": str(metric.per),
        "source": str(metric.source),
        "note": str(metric.note),
    }
    rows = metric.whole if isinstance(metric, Ratio) else metric
    if not isinstance(rows, OfRows):
        return Description(**said)
    said["source"] = said["source"] or str(rows.source)
    return Description(
        **said,
        clock=_("截至期末") if rows.clock is Clock.AS_OF else _("统计期内"),
        rows=f"{rows.rows().model._meta.verbose_name} ({rows.rows().model._meta.label})",
        at=rows.at,
        settled=rows.settled or "",
        unsettled=rows.unsettled or "",
        owner=rows.owner,
        categories=tuple(metric.categories),
    )


def _kind(metric: Metric) -> str:
    match metric:
        case Count(value=str() as value):
            return _("合计 %(field)s") % {"field": value}
        case Count(distinct=str() as distinct):
            return _("不同的 %(field)s 个数") % {"field": distinct}
        case Ratio():
            return _("%(part)s ÷ %(whole)s，保留一位小数") % {"part": metric.part.code, "whole": metric.whole.code}
    kinds = {Count: _("计数"), Median: _("中位数"), Mean: _("平均数"), Reported: _("填报数")}
    return kinds[type(metric)]


_HEAD = """# The numbers

Generated from the catalogue by `zoufang metrics --markdown`; do not edit. Every number has one declaration: its value,
the rows behind it and this page all come from there. How to add one: [add a metric](how-to/add-a-metric.md).

**期内** counts rows dated within the period, **截至** those dated before its end. A *settled* moment must lie before
the period's end; an *unsettled* one must not. Days and months are local (Asia/Shanghai). A rate without a base is "—".
"""

_WORDS = (
    ("kind", "how"),
    ("per", "counted in"),
    ("clock", "clock"),
    ("rows", "rows"),
    ("at", "dated by"),
    ("settled", "settled by"),
    ("unsettled", "unsettled by"),
    ("owner", "credited to"),
    ("categories", "told apart by"),
    ("source", "source"),
    ("note", "note"),
)
_FIELDS = frozenset({"at", "settled", "unsettled", "owner", "categories"})


def markdown(catalogue: Catalogue) -> str:
    """Return the text of docs/metrics.md: the same for the same declarations, whoever asks and in whatever language."""
    with override("zh-hans"):
        lines = [_HEAD]
        for section in catalogue.sections:
            lines.append(f"## {section.title}\n")
            for metric in section.metrics:
                lines.append(f"### `{metric.code}` {metric.title}\n")
                lines += [f"- {line}" for line in _told(describe(metric))]
                lines.append("")
        return "\n".join(lines)


def _told(description: Description) -> Iterator[str]:
    for name, word in _WORDS:
        said = getattr(description, name)
        if not said:
            continue
        words = said if isinstance(said, tuple) else (said,)
        yield f"{word}: {', '.join(f'`{each}`' if name in _FIELDS else each for each in words)}"
