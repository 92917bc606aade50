"""The declarations as a lake tells them: the same numbers, with names and reported values out of the lake."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models.enums import ChoicesType
from django.utils.translation import get_language

from zoufang.kernel.period import Period
from zoufang.lake.manifest import Manifest
from zoufang.metrics.engine import Category, Metric, Number, OfRows, Ratio, Reported
from zoufang.organization.models import Unit


def kept_as_rows(metrics: Sequence[Metric]) -> dict[str, Category]:
    """Return the categories, by name, of whose keys the names are rows of the database rather than words of the code."""
    found = {}
    for metric in metrics:
        for name in metric.categories:
            category = metric.category(name)
            if category.labels is not None and not isinstance(category.labels, ChoicesType):
                found[name] = category
    return found


def told_by(manifests: Sequence[Manifest], metric: Metric, known: dict[str, Any]) -> Any:
    """
    Return `metric` so that it reads nothing but the lake when it is tabulated.

    `known` keeps it by code: two ratios of the same count stay so, and it is counted once.
    """
    if metric.code not in known:
        known[metric.code] = _told(manifests, metric, known)
    return known[metric.code]


def _told(manifests: Sequence[Manifest], metric: Metric, known: dict[str, Any]) -> Metric:
    if isinstance(metric, Ratio):
        part, whole = (told_by(manifests, end, known) for end in (metric.part, metric.whole))
        return replace(metric, part=part, whole=whole)
    if isinstance(metric, Reported):
        return replace(metric, read=_reader(manifests, metric.code))
    if isinstance(metric, OfRows):
        rows = {name: replace(each, labels=_names(manifests, name)) for name, each in kept_as_rows([metric]).items()}
        return replace(metric, categories={**metric.categories, **rows})
    raise TypeError(f"{metric.code}: no number of a known kind")


def _names(manifests: Sequence[Manifest], category: str) -> Any:
    def names() -> Mapping[str, str]:
        language = get_language() or ""
        found: dict[str, str] = {}
        for manifest in manifests:
            for key, called in manifest.names.get(category, []):
                found.setdefault(key, called.get(language) or next(iter(called.values())))
        return found

    return names


def _reader(manifests: Sequence[Manifest], metric: str) -> Any:
    values = {
        (unit, date.fromisoformat(first), date.fromisoformat(last)): value
        for manifest in manifests
        for code, unit, first, last, value in manifest.reported
        if code == metric
    }

    def read(unit: Unit, period: Period) -> Number | None:
        return None if period.first is None else values.get((unit.code, period.first, period.last))

    return read
