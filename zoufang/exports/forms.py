"""Which list a copy is asked of."""

from django import forms
from django.utils.translation import gettext_lazy as _

from zoufang.exports.replay import read_address
from zoufang.kernel.refusal import Invalid
from zoufang.ui.forms import Form


class AskForm(Form):
    """The address of a list, as the list itself has signed it: `cleaned_data["of"]` is its (path, query)."""

    of = forms.CharField(label=_("清单"), widget=forms.HiddenInput, required=False)

    def clean_of(self) -> tuple[str, str]:
        try:
            return read_address(self.cleaned_data["of"])
        except Invalid as refusal:
            raise forms.ValidationError(refusal.message) from refusal
