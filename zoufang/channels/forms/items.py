"""What another system delivered, as typed values: read by a program, or put right by a person in the tray."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from zoufang.channels import rules
from zoufang.channels.models import Delivery
from zoufang.channels.services import Told, Untaken
from zoufang.channels.vocabulary import SOURCE_OF, Channel, Why
from zoufang.opinions.forms import OpinionFields, UnitField
from zoufang.opinions.vocabulary import Source
from zoufang.privacy.forms import FreeTextField
from zoufang.ui.forms import Form, LocalDateTimeField, LongTextField


class ItemForm(OpinionFields):
    """One item as every system may deliver it. Without a topic the words of the text decide."""

    source = forms.ChoiceField(label=_("来源"), choices=Source.choices)
    source_no = forms.CharField(
        label=_("原编号"), max_length=64, required=False, help_text=_("转来的件保留原编号，避免重复登记。")
    )
    title = FreeTextField(label=_("标题"), max_length=80, required=False, rows=1)
    said_at = LocalDateTimeField(label=_("反映时间"))
    due_at = LocalDateTimeField(
        label=_("来文办理期限"), required=False, help_text=_("转来单位定了期限才填，以它为准。")
    )
    unit = UnitField(label=_("收集单位"), required=False, help_text=_("不清楚就不用选，由走访办判断。"))

    field_order = (
        "urgent",
        "kind",
        "topic",
        "title",
        "content",
        "place",
        "unit",
        "complained_unit",
        "said_at",
        "source",
        "source_no",
        "due_at",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topic = self.fields["topic"]
        topic.required, topic.help_text = False, _("不选就按内容里的字词判断。")

    @property
    def facts(self) -> dict[str, Any]:
        """What `Told` is made of; call when the form is valid."""
        return {("text" if name == "content" else name): value for name, value in self.cleaned_data.items()}


def read_item(values: Mapping[str, str], *, sender: str = "", rating: int | None = None) -> Told:
    """
    Return what `values`, by the names of `ItemForm`, say; `name`, `phone` and `address` may stand beside them.

    Numbers of people in texts are masked: nobody is there to be asked. `sender` is what the channel knows the sender
    by; give it where the same text within a day is one opinion.

    :raises Untaken: if a person has to look at it.
    """
    values = {name: rules.tidy(value) for name, value in values.items()}
    form = ItemForm({**values, "title_mask": "1", "content_mask": "1", "place_mask": "1"})
    if not form.is_valid():
        told = [f"{form.fields[name].label if name in form.fields else ''}{each}" for name, each in _errors(form)]
        raise Untaken(Why.INVALID, " ".join(told), values)
    contact: dict[str, Any] = {
        name: values.get(name, "")[:most]
        for name, most in (("name", 30), ("phone", 40), ("tell_by", 7), ("address", 300))
    }
    return Told(**form.facts, **contact, sender=sender, rating=rating, values=values)


def _errors(form: Form) -> list[tuple[str, str]]:
    return [(name, str(said)) for name, told in form.errors.items() for said in told]


class TrayForm(ItemForm):
    """What a person makes of an item that could not be taken as it came."""

    def __init__(self, *args: Any, delivery: Delivery, values: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        read = dict(values or {})
        times = {name: _moment(read.pop(name, "")) for name in ("said_at", "due_at")}
        times["said_at"] = times["said_at"] or delivery.received_at
        source = SOURCE_OF[Channel(delivery.channel)]
        super().__init__(*args, initial={"source": source} | read | times, **kwargs)


def _moment(text: str) -> Any:
    try:
        return parse_datetime(text)
    except ValueError:
        return None


class DiscardForm(Form):
    """Why an item is left untaken."""

    reason = LongTextField(label=_("作废理由"), max_length=500, min_length=2, rows=2)
