"""What the list of messages to citizens is narrowed by."""

from django import forms
from django.utils.translation import gettext_lazy as _

from zoufang.notifications.vocabulary import State, Way
from zoufang.organization.models import Unit
from zoufang.ui.listing import FilterForm


class OutgoingFilter(FilterForm):
    about = forms.CharField(label=_("关联编号"), max_length=20)
    state = forms.MultipleChoiceField(label=_("发送状态"), choices=State.choices)
    way = forms.ChoiceField(label=_("发送方式"), choices=[("", "—"), *Way.choices])
    unit = forms.ModelChoiceField(Unit.objects.all(), to_field_name="code", label=_("发件单位"))

    lookups = {"about": "about__iexact", "state": "state__in", "way": "way", "unit": "unit"}  # noqa: RUF012
