"""Untrusted input of the statistics: what is asked, and the figures that are typed in."""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.functional import lazy
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from zoufang.kernel.period import Period
from zoufang.metrics.engine import Metric
from zoufang.opinions.models import Topic
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, PeerGroup, Unit
from zoufang.organization.selectors import bureau, ranked, unit_choices
from zoufang.privacy.forms import NoPersonalNumbers
from zoufang.statistics import board, periods, pivot, silence, tables, trends, warmth
from zoufang.statistics.catalogue import CATALOGUE
from zoufang.statistics.figures import FIGURES
from zoufang.statistics.models import SavedTable
from zoufang.statistics.questions import FIRST_DAY, LAST_DAY, MOST_MONTHS, Question
from zoufang.statistics.services import MOST
from zoufang.ui.forms import DayField, Form, PeriodField

BOTH, PREVIOUS, LAST_YEAR = "both", "previous", "year"

Choices = list[tuple[Any, Any]]


def _by_code(units: Any) -> Choices:
    """Return grouped choices of units whose keys are codes, as addresses have them."""
    codes = dict(units.values_list("pk", "code"))
    return [(group, [(codes[pk], label) for pk, label in members]) for group, members in unit_choices(units)]


def metric_choices(metrics: Any = CATALOGUE, *, with_rows: bool = False) -> Choices:
    """Return the numbers under the headings of the catalogue, for a grouped select."""
    wanted = {metric.code for metric in metrics if metric.has_rows or not with_rows}
    sections = [
        (section.title, [(metric.code, metric.title) for metric in section.metrics if metric.code in wanted])
        for section in CATALOGUE.sections
    ]
    return [(title, choices) for title, choices in sections if choices]


def _offer(form: forms.BaseForm, name: str, choices: Sequence[Any]) -> None:
    cast(forms.ChoiceField, form.fields[name]).choices = choices


def _days_of(many: int) -> str:
    return gettext("近 %(n)d 天") % {"n": many}


_days_choice = lazy(_days_of, str)


class QuestionForm(Form):
    """
    Whose numbers and over which days, in a query string as `unit`, `from` and `to`.

    A field that is left out or wrong is answered for by its initial value, and a wrong one says so.
    """

    unit = forms.ModelChoiceField(Unit.objects.all(), to_field_name="code", label=_("单位（含下级）"), empty_label=None)

    data: QueryDict

    def __init__(self, data: QueryDict, *, otherwise: Question) -> None:
        super().__init__(data)
        self.otherwise = otherwise
        days = {"from": (_("起始日期"), otherwise.first), "to": (_("截止日期"), otherwise.period.last)}
        for name, (label, initial) in days.items():
            self.fields[name] = DayField(label=label, initial=initial)
        _offer(self, "unit", _by_code(Unit.objects.all()))
        self.fields["unit"].initial = otherwise.unit.code
        for field in self.fields.values():
            field.required = False
        self._show_what_is_answered()

    def _show_what_is_answered(self) -> None:
        """Put the initial value where nothing was said, so that the form always shows what the page is about."""
        said = self.data.copy()
        for name, field in self.fields.items():
            if not said.get(name) and field.initial is not None:
                said[name] = field.initial.isoformat() if isinstance(field.initial, date) else field.initial
        self.data = said

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        for name in ("from", "to"):
            day = asked.get(name)
            if day is not None and not FIRST_DAY <= day <= LAST_DAY:
                self.add_error(name, _("日期应当在 2000 年至 2099 年之间。"))
        first, last = asked.get("from"), asked.get("to")
        if first and last and last < first:
            self.add_error("to", _("截止日期早于起始日期。"))
        elif first and last and (last.year - first.year) * 12 + last.month - first.month >= MOST_MONTHS:
            self.add_error("from", ValidationError(_("统计期最长 %(n)d 个月。"), params={"n": MOST_MONTHS}))
        return asked

    def question(self) -> Question:
        """Return what is asked; what is wrong is replaced by what is usually asked."""
        self.is_valid()
        unit = self.cleaned_data.get("unit") or self.otherwise.unit
        first, last = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if first is None or last is None:
            return Question(unit, self.otherwise.period)
        return Question(unit, Period(first, last))


class BoardForm(QuestionForm):
    """What the dashboard is asked: also what to compare with, and which numbers its parts show."""

    against = forms.ChoiceField(
        label=_("对比"),
        choices=[(BOTH, _("环比和同比")), (PREVIOUS, _("环比（上一时段）")), (LAST_YEAR, _("同比（去年同期）"))],
        initial=BOTH,
    )
    heat = forms.ChoiceField(label=_("热力表指标"), initial=board.DEFAULT_HEAT)
    rank = forms.ChoiceField(label=_("排名指标"), initial=board.DEFAULT_RANK)
    places = forms.ChoiceField(label=_("示意图指标"), initial=board.DEFAULT_PLACES)
    warmth = forms.ChoiceField(label=_("上冷下热指标"), initial=board.DEFAULT_WARMTH)
    days = forms.ChoiceField(
        label=_("近几天"), choices=[(str(n), _days_choice(n)) for n in silence.DAYS], initial=str(silence.DAYS[0])
    )
    group = forms.ChoiceField(label=_("序列"), choices=[choice for choice in PeerGroup.choices if choice[0]])

    def __init__(self, data: QueryDict, *, otherwise: Question) -> None:
        super().__init__(data, otherwise=otherwise)
        for name in ("heat", "rank", "places"):
            _offer(self, name, metric_choices(with_rows=True))
        _offer(self, "warmth", [(code, CATALOGUE.get(code).title) for code in warmth.CHOICES])

    def against_what(self) -> dict[str, Period]:
        """Return the periods to compare with, by the word for the comparison."""
        period, chosen = self.question().period, self.cleaned_data.get("against") or BOTH
        found = {}
        if chosen != LAST_YEAR:
            found[gettext("环比")] = periods.previous(period)
        if chosen != PREVIOUS:
            found[gettext("同比")] = periods.year_before(period)
        return found

    def metric(self, name: str) -> Metric:
        return CATALOGUE.get(self.cleaned_data.get(name) or self.fields[name].initial)

    def silent_days(self) -> int:
        return int(self.cleaned_data.get("days") or self.fields["days"].initial)

    def peers(self) -> PeerGroup:
        """Return the peer group to rank: the one asked for, or that of the unit or above it, or the county bureaus."""
        asked = self.cleaned_data.get("group")
        nearest = None if asked else ranked(self.question().unit)
        return PeerGroup(asked or (nearest.peer_group if nearest else PeerGroup.COUNTY))


class TableForm(QuestionForm):
    """Which numbers a table shows, and what its lines are."""

    metric = forms.MultipleChoiceField(label=_("指标"))
    lines = forms.ChoiceField(label=_("按什么列"), initial=tables.CHILDREN)
    columns = forms.ChoiceField(label=_("栏目"), choices=tables.SPAN_CHOICES, initial=tables.Spans.PERIOD.value)

    def __init__(self, data: QueryDict, *, otherwise: Question) -> None:
        super().__init__(data, otherwise=otherwise)
        _offer(self, "metric", metric_choices())
        _offer(self, "lines", tables.line_choices())
        if not self.data.getlist("metric"):
            self.data.setlist("metric", self._usual_metrics())

    def metrics(self) -> list[Metric]:
        """Return the numbers asked for, in the order of the catalogue."""
        self.is_valid()
        chosen = set(self.cleaned_data.get("metric") or self._usual_metrics())
        return [metric for metric in CATALOGUE if metric.code in chosen]

    def _usual_metrics(self) -> list[str]:
        monthly = self.data.get("columns") == tables.Spans.MONTHLY
        return tables.MONTHLY_METRICS if monthly else tables.DEFAULT_METRICS

    def spans(self) -> tables.Spans:
        self.is_valid()
        return tables.Spans(self.cleaned_data.get("columns") or tables.Spans.PERIOD)

    def by(self) -> str:
        self.is_valid()
        return str(self.cleaned_data.get("lines") or tables.CHILDREN)


class PivotForm(QuestionForm):
    """Which numbers a table shows, and what its lines and columns are."""

    lines = forms.ChoiceField(label=pgettext_lazy("table", "行"), initial=pivot.CHILDREN)
    columns = forms.ChoiceField(label=pgettext_lazy("table", "列"), initial=pivot.NOTHING)
    metric = forms.MultipleChoiceField(label=_("指标"))

    def __init__(self, data: QueryDict, *, otherwise: Question) -> None:
        super().__init__(data, otherwise=otherwise)
        _offer(self, "metric", metric_choices())
        _offer(self, "lines", pivot.line_choices())
        _offer(self, "columns", [(pivot.NOTHING, _("不分列")), *pivot.line_choices()])
        if not self.data.getlist("metric"):
            self.data.setlist("metric", pivot.DEFAULT_METRICS)

    def clean(self) -> dict[str, Any]:
        asked = super().clean()
        problem = pivot.wrong_pair(asked.get("lines") or pivot.CHILDREN, asked.get("columns") or pivot.NOTHING)
        if problem is not None:
            self.add_error("columns", problem)
        return asked

    def metrics(self) -> list[Metric]:
        """Return the numbers asked for, in the order of the catalogue."""
        self.is_valid()
        chosen = set(self.cleaned_data.get("metric") or pivot.DEFAULT_METRICS)
        return [metric for metric in CATALOGUE if metric.code in chosen]

    def numbers(self) -> pivot.Numbers:
        """
        Return the table that is asked for; columns that are wrong are left out, and the form says why.

        :raises Invalid: if it would be too large to read.
        """
        self.is_valid()
        lines, columns = self.cleaned_data.get("lines"), self.cleaned_data.get("columns")
        return pivot.numbers(self.metrics(), self.question(), lines or pivot.CHILDREN, columns or pivot.NOTHING)

    def chosen(self) -> dict[str, str]:
        """Return in words what lines and columns are."""
        self.is_valid()
        said = {"lines": pivot.CHILDREN, "columns": pivot.NOTHING}
        labels = {key: str(label) for _group, choices in pivot.line_choices() for key, label in choices}
        labels[pivot.NOTHING] = gettext("不分列")
        return {name: labels[self.cleaned_data.get(name) or usual] for name, usual in said.items()}

    def words(self) -> dict[str, list[str]]:
        """Return all that was chosen as words of an address, none of them wrong."""
        self.is_valid()
        asked = {name: [word] for name, word in self.question().words().items()}
        asked |= {name: [str(self.cleaned_data[name])] for name in ("lines", "columns") if self.cleaned_data.get(name)}
        return asked | {"metric": [metric.code for metric in self.metrics()]}


class TrendsForm(QuestionForm):
    """Which number is told month by month, and by which level of topics."""

    metric = forms.ChoiceField(label=_("指标"), initial=trends.DEFAULT_METRIC)
    by = forms.ChoiceField(
        label=_("主题层级"),
        choices=[(trends.TOPIC, _("主题")), (trends.SUBTOPIC, _("二级主题"))],
        initial=trends.SUBTOPIC,
    )

    def __init__(self, data: QueryDict, *, otherwise: Question) -> None:
        super().__init__(data, otherwise=otherwise)
        _offer(self, "metric", metric_choices(trends.trend_metrics()))

    def chosen_metric(self) -> Metric:
        self.is_valid()
        return CATALOGUE.get(self.cleaned_data.get("metric") or trends.DEFAULT_METRIC)

    def trends(self) -> trends.Trends:
        """:raises Invalid: if there would be too many months."""
        return trends.trends(self.chosen_metric(), self.question(), self.cleaned_data.get("by") or trends.SUBTOPIC)


class SpotsForm(QuestionForm):
    """At which level of the tree places are told apart."""

    level = forms.ChoiceField(label=_("地点"), choices=pivot.level_choices(), initial=pivot.CHILDREN)

    def chosen_level(self) -> str:
        self.is_valid()
        return str(self.cleaned_data.get("level") or pivot.CHILDREN)


class GroupsForm(QuestionForm):
    """Among the opinions of which topic similar ones are sought."""

    topic = forms.ModelChoiceField(
        Topic.objects.select_related("parent"), to_field_name="code", label=_("主题"), empty_label=_("全部主题")
    )

    def chosen_topic(self) -> str:
        self.is_valid()
        topic = self.cleaned_data.get("topic")
        return topic.code if topic else ""


class SavedTableForm(Form):
    """What a table is kept under, which days it opens with, and with whom it is shared."""

    name = forms.CharField(label=_("表名"), max_length=40, validators=[NoPersonalNumbers()])
    span = forms.ChoiceField(
        label=_("打开时的统计期"),
        choices=SavedTable.Span.choices,
        initial=SavedTable.Span.FIXED,
        help_text=_("选“今年以来”等，每次打开都按当天重新取日期。"),
    )
    shared_with = forms.ChoiceField(label=_("共享"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, by: Officer, kept: Unit | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = {unit.code: unit for unit in (by.unit, bureau()) if access.may(by, Do.SHARE_TABLE, unit)}
        self._units = offered | ({kept.code: kept} if kept else {})
        words = [(code, gettext("%(unit)s及下级") % {"unit": unit.label}) for code, unit in self._units.items()]
        _offer(self, "shared_with", [("NOBODY", _("只给自己用")), *words])
        self.fields["shared_with"].initial = kept.code if kept else "NOBODY"

    def clean_shared_with(self) -> Unit | None:
        return self._units.get(self.cleaned_data["shared_with"])


class ReportForm(Form):
    """One key figure, of a unit for which the officer reports."""

    code = forms.ChoiceField(label=_("填报指标"))
    unit = forms.ModelChoiceField(Unit.objects.none(), label=_("填报单位"), empty_label=None)
    period = PeriodField(label=_("统计期"), help_text=_("只有统计期与通报、统计页完全一致时才会引用。"))
    value = forms.IntegerField(label=_("数值"), min_value=0, max_value=MOST)
    source_doc = forms.CharField(
        label=_("来源文件"),
        max_length=120,
        validators=[NoPersonalNumbers()],
        help_text=_("写明文件名称或文号，例如：专项行动战果统计表（5月）。只填数，不填案件和人员信息。"),
    )

    def __init__(self, *args: Any, by: Officer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = access.units_in_reach(by, Do.REPORT_FIGURE)
        _offer(
            self,
            "code",
            [
                (kind.code, gettext("%(name)s（%(note)s）") % {"name": kind.title, "note": kind.measure})
                for kind in FIGURES.values()
            ],
        )
        unit = cast("forms.ModelChoiceField[Unit]", self.fields["unit"])
        unit.queryset = units
        unit.initial = units.order_by("path").values_list("pk", flat=True).first()
        _offer(self, "unit", unit_choices(units))

    def clean_period(self) -> Period:
        period: Period | None = self.cleaned_data["period"]
        if period is None or period.first is None:
            raise ValidationError(_("请填写起始和截止日期。"))
        if not FIRST_DAY <= period.first <= period.last <= LAST_DAY:
            raise ValidationError(_("日期应当在 2000 年至 2099 年之间。"))
        return period


class RejectForm(Form):
    reason = forms.CharField(label=_("退回原因"), max_length=200, validators=[NoPersonalNumbers()])
