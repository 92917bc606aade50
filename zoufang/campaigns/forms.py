"""Untrusted input of the campaign."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zoufang.campaigns.models import Milestone
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit
from zoufang.privacy.forms import FreeTextField
from zoufang.ui.forms import Form


class MilestoneForm(Form):
    """A day of the campaign, of a unit whose campaign the viewer keeps."""

    name = FreeTextField(label=_("名称"), max_length=60)
    kind = forms.ChoiceField(label=_("类型"), choices=Milestone.Kind.choices)
    unit = forms.ModelChoiceField(label=_("单位"), queryset=Unit.objects.none(), to_field_name="code")
    on = forms.DateField(label=_("日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, by: Officer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = access.units_in_reach(by, Do.KEEP_CAMPAIGN)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        self.fields["unit"].initial = units.values_list("code", flat=True).first()
