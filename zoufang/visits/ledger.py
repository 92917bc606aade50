"""The visit ledger (走访台账), and what visits are narrowed by."""

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zoufang.opinions.vocabulary import ObjectCategory
from zoufang.organization.models import Officer, Unit
from zoufang.search.words import saying
from zoufang.ui.columns import label_of
from zoufang.ui.forms import PeriodField
from zoufang.ui.ledger import Ledger
from zoufang.ui.listing import Column, FilterForm
from zoufang.visits import selectors
from zoufang.visits.models import Visit
from zoufang.visits.vocabulary import Mode, ModeGroup, Theme


class VisitFilter(FilterForm):
    """What a reader narrows the ledger by."""

    q = forms.CharField(label=_("地点或内容"), max_length=40)
    unit = forms.ModelChoiceField(Unit.objects.all(), to_field_name="code", label=_("单位（含下级）"))
    period = PeriodField(label=_("走访时间"))
    mode = forms.MultipleChoiceField(
        label=_("走访方式"),
        choices=[(group.label, [(m.value, m.label) for m in Mode if m.group is group]) for group in ModeGroup],
    )
    object_category = forms.MultipleChoiceField(label=_("对象类别"), choices=ObjectCategory.choices)
    theme = forms.ChoiceField(label=_("走访主题"), choices=[("", "—"), *Theme.choices])

    lookups: ClassVar[dict[str, str]] = {
        "mode": "mode__in",
        "object_category": "object_category__in",
        "theme": "theme",
    }

    def keep(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().keep(rows)
        asked = self.cleaned_data
        if asked["q"]:
            rows = rows.filter(saying(Visit, asked["q"]))
        if asked["unit"]:
            rows = rows.filter(asked["unit"].holds("unit"))
        if asked["period"]:
            rows = rows.filter(visited_at__lt=asked["period"].end)
            if asked["period"].start:
                rows = rows.filter(visited_at__gte=asked["period"].start)
        return rows


def page_of(visit: Visit) -> str:
    return reverse("visits:detail", args=[visit.uid])


def opinions_of(visit: Visit) -> str:
    """Return the numbers of the visit's opinions that were fetched for the reader; see `selectors.opinions_seen`."""
    return _("、").join(opinion.no for opinion in getattr(visit, "opinions_seen", ()))


def officers_of(visit: Visit) -> str:
    return _("、").join(officer.name for officer in visit.officers.all())


def _rows(viewer: Officer) -> QuerySet[Visit]:
    return selectors.visits_listed_for(viewer).standing()


VISIT_LEDGER = Ledger(
    code="visits",
    dated="visited_at",
    title=_("走访台账"),
    rows=_rows,
    filters=VisitFilter,
    columns=(
        Column("serial", _("序号"), lambda v: str(v.pk), link=page_of, code=True),
        Column("unit", _("单位"), lambda v: v.station.label, key=True),
        Column("police_room", _("警务室"), lambda v: v.police_room and v.police_room.label),
        Column("visited_at", _("时间"), lambda v: v.visited_at, order="visited_at"),
        Column("mode", _("方式"), label_of("mode", Mode)),
        Column("object_category", _("对象类别"), label_of("object_category", ObjectCategory)),
        Column("headcount", _("人次"), lambda v: v.headcount, numeric=True),
        Column("theme", _("主题"), label_of("theme", Theme)),
        Column("question", _("带题"), lambda v: v.question, wide=True),
        Column("summary", _("摘要"), lambda v: v.summary, wide=True),
        Column("opinions", _("产生意见号"), opinions_of),
        Column("recorded_at", _("录入时间"), lambda v: v.recorded_at, order="recorded_at"),
    ),
)
