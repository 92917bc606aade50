"""The ledger of reminders: which unit was pressed about which deadline, how hard, when."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zoufang.notifications.selectors import reminders_seen_by
from zoufang.notifications.vocabulary import Case, Deadline, Level
from zoufang.organization.models import Unit
from zoufang.ui.columns import label_of
from zoufang.ui.forms import PeriodField
from zoufang.ui.ledger import Ledger
from zoufang.ui.listing import Column, FilterForm
from zoufang.ui.when import due_day

TONES = {Level.REMIND: "waiting", Level.URGE: "late", Level.SUPERVISE: "late", Level.BULLETIN: "late"}


class ReminderFilter(FilterForm):
    about = forms.CharField(label=_("关联编号"), max_length=40)
    level = forms.MultipleChoiceField(label=_("催督层级"), choices=Level.choices)
    unit = forms.ModelChoiceField(Unit.objects.all(), to_field_name="code", label=_("被催督单位"))
    deadline = forms.ChoiceField(label=_("期限种类"), choices=[("", "—"), *Deadline.choices])
    period = PeriodField(label=_("催督时间"))

    lookups = {"about": "about__iexact", "level": "level__in", "deadline": "deadline"}  # noqa: RUF012

    def keep(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows, asked = super().keep(rows), self.cleaned_data
        if asked["unit"]:
            rows = rows.filter(asked["unit"].holds("unit"))
        if asked["period"]:
            rows = rows.filter(at__lt=asked["period"].end)
            if asked["period"].start:
                rows = rows.filter(at__gte=asked["period"].start)
        return rows


REMINDER_LEDGER = Ledger(
    code="reminders",
    title=_("催办督办台账"),
    rows=reminders_seen_by,
    filters=ReminderFilter,
    columns=(
        Column("about", _("关联编号"), lambda r: r.about, link=lambda r: r.link, code=True, key=True),
        Column("case", _("事项类型"), label_of("case", Case)),
        Column("level", _("催督层级"), label_of("level", Level), badge=lambda r: TONES[Level(r.level)]),
        Column("unit", _("被催督单位"), lambda r: r.unit.label),
        Column("deadline", _("期限种类"), label_of("deadline", Deadline)),
        Column("due_at", pgettext_lazy("reminder", "期限"), lambda r: due_day(r.due_at)),
        Column("at", _("催督时间"), lambda r: r.at),
    ),
)
