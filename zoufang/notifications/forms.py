"""What the lists of messages are narrowed by, and what their buttons send."""

from django import forms
from django.utils.translation import gettext_lazy as _

from zoufang.notifications.vocabulary import State, Way
from zoufang.organization.models import Unit
from zoufang.ui.forms import Form
from zoufang.ui.listing import FilterForm


class OutgoingFilter(FilterForm):
    about = forms.CharField(label=_("关联编号"), max_length=20)
    state = forms.MultipleChoiceField(label=_("发送状态"), choices=State.choices)
    way = forms.ChoiceField(label=_("发送方式"), choices=[("", "—"), *Way.choices])
    unit = forms.ModelChoiceField(Unit.objects.all(), to_field_name="code", label=_("发件单位"))

    lookups = {"about": "about__iexact", "state": "state__in", "way": "way", "unit": "unit"}  # noqa: RUF012


class ReadAllForm(Form):
    """`newest` is the newest notice on the page whose button was pressed."""

    newest = forms.IntegerField(min_value=0, max_value=2**63 - 1, widget=forms.HiddenInput)
