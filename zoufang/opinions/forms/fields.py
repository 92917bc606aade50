"""What is chosen by name: units, officers, topics, other opinions, a rectification."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from zoufang.opinions.models import Opinion, Rectification, Topic
from zoufang.opinions.placeholders import left_in
from zoufang.opinions.selectors import (
    to_settle_with,
)
from zoufang.opinions.similar import likest
from zoufang.organization.models import Officer, Unit
from zoufang.ui.forms import (
    ChoiceField,
    MultipleChoiceField,
)


class UnitField(ChoiceField[Unit]):
    """A unit, named by its code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Unit.objects.filter(valid_to=None), to_field_name="code", **{"empty_label": "—"} | kwargs)


class UnitsField(MultipleChoiceField[Unit]):
    """Any number of units, each named by its code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Unit.objects.filter(valid_to=None), to_field_name="code", **kwargs)


class OfficerField(ChoiceField[Officer]):
    """An officer in service, named by account."""

    def __init__(self, **kwargs: Any) -> None:
        active = Officer.objects.filter(is_active=True).select_related("unit")
        super().__init__(active, to_field_name="username", **{"empty_label": "—"} | kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return gettext("%(name)s（%(note)s）") % {"name": obj.name, "note": obj.unit.label}


class TopicField(ChoiceField[Topic]):
    """A second-level topic, named by its code and shown under its first level."""

    def __init__(self, **kwargs: Any) -> None:
        second = Topic.objects.exclude(parent=None).select_related("parent")
        super().__init__(second, to_field_name="code", **{"empty_label": "—"} | kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.parent.label} / {obj.label}"


class AlsoField(MultipleChoiceField[Opinion]):
    """Other opinions that the measure settles, named by number; the likest are offered, any that fits is taken."""

    OFFERED = 12

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.CheckboxSelectMultiple
        super().__init__(Opinion.objects.none(), to_field_name="no", required=False, widget=widget, **kwargs)

    def offer(self, opinion: Opinion, viewer: Officer) -> None:
        self.queryset = to_settle_with(opinion, viewer)
        offered = likest(opinion, self.queryset)[: self.OFFERED]
        self.choices = [(one.no, gettext("%(headline)s（%(topic)s · %(no)s）") % _words_of(one)) for one in offered]


def _words_of(opinion: Opinion) -> dict[str, str]:
    return {"headline": opinion.headline, "topic": opinion.topic.label, "no": opinion.no}


class RectificationField(ChoiceField[Rectification]):
    """A rectification in hand, named by its number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Rectification.objects.none(), to_field_name="no", **{"empty_label": "—"} | kwargs)

    def label_from_instance(self, obj: Any) -> str:
        measure = obj.measure if len(obj.measure) <= 40 else obj.measure[:40] + "…"
        return f"{obj.no} {measure}"


def require_filled(text: str) -> None:
    """:raises ValidationError: if a placeholder was left that nobody filled."""
    if left := left_in(text):
        names = gettext("、").join(left)
        raise ValidationError(gettext("还有没填的内容：%(names)s。请改成要告诉群众的话。") % {"names": names})
