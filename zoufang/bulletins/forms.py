"""Which days a bulletin covers, and how it is dressed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from zoufang.bulletins.models import Bulletin
from zoufang.ui.forms import Form, PeriodField


class BulletinForm(Form):
    period = PeriodField(label=_("统计期"))
    template = forms.ChoiceField(label=_("版式"), choices=Bulletin.Template.choices, initial=Bulletin.Template.FORMAL)
    known = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def clean_known(self) -> int:
        """How many bulletins on these days the page showed; who was shown none knows of none."""
        return self.cleaned_data["known"] or 0

    def clean_period(self) -> object:
        period = self.cleaned_data["period"]
        if period is not None and period.first is None:
            raise forms.ValidationError(_("请填写统计期的起始日期。"))
        return period
