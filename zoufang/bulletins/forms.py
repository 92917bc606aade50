"""Which days a bulletin covers, and how it is dressed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from zoufang.bulletins.models import Bulletin
from zoufang.ui.forms import PeriodField


class BulletinForm(forms.Form):
    period = PeriodField(label=_("统计期"))
    template = forms.ChoiceField(label=_("版式"), choices=Bulletin.Template.choices, initial=Bulletin.Template.FORMAL)

    def clean_period(self) -> object:
        period = self.cleaned_data["period"]
        if period is not None and period.first is None:
            raise forms.ValidationError(_("请填写统计期的起始日期。"))
        return period
