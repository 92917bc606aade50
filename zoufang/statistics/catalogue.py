"""Every number there is, in the order in which they are read."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from zoufang.answers.metrics import METRICS as ANSWERS
from zoufang.callbacks.metrics import METRICS as CALL_BACKS
from zoufang.casework.metrics import METRICS as CASEWORK
from zoufang.channels.metrics import METRICS as CHANNELS
from zoufang.channels.paper.metrics import METRICS as PAPER
from zoufang.channels.posters.metrics import METRICS as POSTERS
from zoufang.metrics.engine import Catalogue, Count, Description, Metric, OfRows, Ratio, Section, describe
from zoufang.metrics.paths import target
from zoufang.notifications.metrics import METRICS as REMINDERS
from zoufang.opinions.metrics import METRICS as OPINIONS
from zoufang.statistics.metrics import METRICS as REPORTED
from zoufang.visits.metrics import METRICS as VISITS


def _about(metrics: tuple[Metric, ...], *subjects: str) -> list[Metric]:
    """Return the metrics whose codes begin with one of `subjects`, in their declared order."""
    return [metric for metric in metrics if metric.code.partition(".")[0] in subjects]


CATALOGUE = Catalogue(
    Section(pgettext_lazy("plural", "走访"), VISITS),
    Section(gettext_lazy("网上互动"), ANSWERS),
    Section(pgettext_lazy("plural", "意见建议"), _about(OPINIONS, "opinions")),
    Section(gettext_lazy("听取渠道"), (*POSTERS, *PAPER)),
    Section(gettext_lazy("转办整改"), _about(OPINIONS, "referrals", "rectifications")),
    Section(gettext_lazy("催办督办"), REMINDERS),
    Section(gettext_lazy("信访积案"), _about(CASEWORK, "petitions")),
    Section(pgettext_lazy("plural", "矛盾纠纷"), _about(CASEWORK, "disputes")),
    Section(pgettext_lazy("plural", "回访"), CALL_BACKS),
    Section(pgettext_lazy("plural", "群众评价"), _about(OPINIONS, "ratings")),
    Section(gettext_lazy("来件"), CHANNELS),
    Section(pgettext_lazy("plural", "填报指标"), REPORTED),
)

# Numbers of which less is better; of the others more is.
LESS_IS_BETTER = frozenset(
    {
        "visits.entry_delay",
        "deliveries.by_hand",
        "deliveries.duplicates",
        "referrals.delay",
        "referrals.hops",
        "referrals.returned",
        "referrals.overdue",
        "referrals.falling_due",
        "referrals.unsigned",
        "referrals.unsigned_due",
        "referrals.open",
        "referrals.rectification_time",
        "reminders.reminded",
        "reminders.urged",
        "reminders.supervised",
        "reminders.for_the_bulletin",
        "callbacks.denied",
        "callbacks.denied_rate",
        "callbacks.differing",
        "callbacks.disagreement_rate",
        "petitions.open",
        "petitions.overdue",
        "petitions.falling_due",
        "disputes.unresolved",
        "disputes.unresolved_assigned",
        "disputes.unresolved_unassigned",
        "disputes.overdue",
        "disputes.falling_due",
    }
)

# What is carried over into a period: the open cases on the evening before it, for the numbers that tell how many
# came in, were settled or stand open.
CARRIED_OVER = {
    "referrals.made": "referrals.open",
    "opinions.closed": "referrals.open",
    "referrals.open": "referrals.open",
    "petitions.assigned": "petitions.open",
    "petitions.closed": "petitions.open",
    "petitions.open": "petitions.open",
    "disputes.screened": "disputes.unresolved",
    "disputes.resolved": "disputes.unresolved",
    "disputes.unresolved": "disputes.unresolved",
}

# What the categories of the numbers are called.
CATEGORY_TITLES = {
    "batch": gettext_lazy("交办批次"),
    "case": gettext_lazy("事项类型"),
    "call_level": gettext_lazy("回访层级"),
    "category": gettext_lazy("纠纷类别"),
    "deadline": gettext_lazy("期限种类"),
    "channel": gettext_lazy("渠道"),
    "kind": gettext_lazy("意见类别"),
    "level": gettext_lazy("交办层级"),
    "mode": gettext_lazy("走访方式"),
    "mode_group": gettext_lazy("面对面与键对键"),
    "object_category": gettext_lazy("对象类别"),
    "outcome": gettext_lazy("办理结果"),
    "reason": gettext_lazy("退回理由"),
    "satisfaction": gettext_lazy("满意度"),
    "screening_round": gettext_lazy("排查轮次"),
    "source": gettext_lazy("意见来源"),
    "stage": gettext_lazy("办理阶段"),
    "subtopic": gettext_lazy("二级主题"),
    "theme": gettext_lazy("走访主题"),
    "topic": gettext_lazy("主题"),
}


def catalogue_records() -> list[dict[str, Any]]:
    """Return what is written about every number, each with the heading under which it stands."""
    return [
        {"section": str(section.title), **describe(metric).as_record()}
        for section in CATALOGUE.sections
        for metric in section.metrics
    ]


@dataclass(frozen=True)
class Definition:
    """What a number means, in the words of the records it counts; `words` has the same for programs."""

    metric: Metric
    section: str
    words: Description
    how: str
    dated_by: str = ""
    credited_to: str = ""
    settled_by: str = ""
    told_apart_by: tuple[str, ...] = ()


def definitions() -> list[Definition]:
    """Return the definition of every number, in the order of the catalogue and the reader's language."""
    return [define(metric) for metric in CATALOGUE]


def define(metric: Metric) -> Definition:
    """Return the definition of one number."""
    words = describe(metric)
    section = next(str(section.title) for section in CATALOGUE.sections if metric in section.metrics)
    rows = metric.whole if isinstance(metric, Ratio) else metric
    if not isinstance(rows, OfRows):
        return Definition(metric, section, words, how=words.kind)
    return Definition(
        metric,
        section,
        words,
        how=_how(metric, words),
        dated_by=_field_name(rows, rows.at),
        credited_to=_field_name(rows, rows.owner),
        settled_by=_field_name(rows, rows.settled),
        told_apart_by=tuple(str(CATEGORY_TITLES.get(name, name)) for name in metric.categories),
    )


def _how(metric: Metric, words: Description) -> str:
    """Return how the number is made, with the names of fields and numbers instead of their codes."""
    if isinstance(metric, Ratio):
        return _("“%(part)s”除以“%(whole)s”，保留一位小数") % {"part": metric.part.title, "whole": metric.whole.title}
    if isinstance(metric, Count) and metric.value:
        return _("“%(field)s”的合计") % {"field": _field_name(metric, metric.value)}
    if isinstance(metric, Count) and metric.distinct:
        return _("不同的“%(field)s”有几个") % {"field": _field_name(metric, metric.distinct)}
    return words.kind


def _field_name(metric: OfRows, path: str | None) -> str:
    """Return what the field at the end of `path` is called; an annotation has no name of its own."""
    field = target(metric.rows(), path).field if path else None
    return str(getattr(field, "verbose_name", None) or "")
