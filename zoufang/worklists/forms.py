"""What is marked in a list, what is said of all of it, and under which name a list is kept."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zoufang.exports.replay import read_address
from zoufang.kernel.refusal import Invalid
from zoufang.opinions.forms import OfficerField, UnitField
from zoufang.opinions.workflow import Step
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit
from zoufang.privacy.forms import FreeTextField, NoPersonalNumbers
from zoufang.ui.columns import Column
from zoufang.ui.forms import DayField, Form
from zoufang.ui.paging import COUNTED
from zoufang.worklists.choosing import Marked

MOST_PICKS = 500
_PICK = re.compile(r"([A-Z]{2}[0-9]{1,14})(?::([0-9]{1,9}))?")


class PickField(forms.Field):
    """Numbers of opinions, each with the version that was seen: `YJ2026000001:3`."""

    widget = hidden_widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> dict[str, int | None]:
        found: dict[str, int | None] = {}
        for word in value or []:
            if (read := _PICK.fullmatch(str(word))) is None:
                raise forms.ValidationError(_("选中的编号无法识别，请回到清单重新选择。"))
            found[read[1]] = int(read[2]) if read[2] else None
        if len(found) > MOST_PICKS:
            raise forms.ValidationError(_("逐条选择最多 500 件；更多的请用“选中全部符合条件的”。"))
        return found


class MarksForm(Form):
    """What a list posts of its marked rows: see `ui.bulk.Bulk`. `marked` is the answer."""

    all = forms.BooleanField(required=False, widget=forms.HiddenInput)
    of = forms.CharField(required=False, widget=forms.HiddenInput)
    as_of = forms.CharField(required=False, widget=forms.HiddenInput)
    pick = PickField(required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        if cleaned["all"]:
            cleaned["marked"] = self._by_filter(cleaned)
        elif cleaned["pick"]:
            path, query = _address(cleaned["of"])
            cleaned["marked"] = Marked(picks=cleaned["pick"], path=path, query=query)
        else:
            raise forms.ValidationError(_("请先在清单里选择意见。"))
        return cleaned

    def _by_filter(self, cleaned: dict[str, Any]) -> Marked:
        path, query = _address(cleaned["of"])
        as_of = _moment(cleaned["as_of"])
        if not path or as_of is None:
            raise forms.ValidationError(_("清单已过期，请回到清单重新选择。"))
        return Marked(path=path, query=query, as_of=as_of)


def _address(signed: str) -> tuple[str, str]:
    """Return path and query of the list that was signed; both empty if none was."""
    try:
        return read_address(signed)
    except Invalid:
        return "", ""


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return None if moment is None or timezone.is_naive(moment) else moment


class UidForm(Form):
    """Which run this is, so that a form sent twice is one run. What is no identifier is left out."""

    uid = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def known(self) -> UUID | None:
        return self.cleaned_data.get("uid") if self.is_valid() else None


class BulkForm(Form):
    """What is said once of all marked opinions. `said` turns it into words that wait in the database."""

    def __init__(self, *args: Any, viewer: Officer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        self.prepare()

    def prepare(self) -> None:
        """Narrow choices to the viewer."""

    def said(self) -> dict[str, str]:
        return {name: _word(value) for name, value in self.cleaned_data.items() if value not in (None, "")}


class BulkReferForm(BulkForm):
    to = UnitField(label=_("承办单位"), required=False, empty_label=_("各按职责目录的建议"))
    note = FreeTextField(label=_("转办意见"), max_length=500, required=False, rows=2)


class BulkMeasureForm(BulkForm):
    measure = FreeTextField(
        label=_("整改措施"), max_length=2000, min_length=10, help_text=_("每一件都写入同样的措施；不同的请分开办理。")
    )
    responsible = OfficerField(label=_("责任人"))
    planned_on = DayField(label=_("计划完成日期"))

    def prepare(self) -> None:
        field = self.fields["responsible"]
        if isinstance(field, OfficerField):
            reach = access.units_in_reach(self.viewer, Do.WRITE_MEASURE)
            field.queryset = Officer.objects.filter(unit__in=reach, is_active=True).select_related("unit")


class BulkNoteForm(BulkForm):
    note = FreeTextField(label=_("说明"), max_length=500, required=False, rows=2)


class ViewForm(Form):
    """Under which name a list is kept, what is shown of it with whom it is shared, and when its owner is told."""

    name = forms.CharField(label=_("视图名称"), max_length=20, validators=[NoPersonalNumbers()])
    columns = forms.MultipleChoiceField(
        label=_("显示的列"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("都不选即显示全部列。")
    )
    shared_with = forms.ChoiceField(label=_("共享"), required=False, widget=forms.RadioSelect)

    over = forms.IntegerField(
        label=_("超过多少件时提醒我"), required=False, min_value=1, max_value=COUNTED - 1, help_text=_("不填即不提醒。")
    )
    days = forms.IntegerField(
        label=_("最早一件超过多少天时提醒我"), required=False, min_value=1, max_value=999, help_text=_("不填即不提醒。")
    )

    def __init__(self, *args: Any, by: Officer, offered: Sequence[Column], dated: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns, shared = self.fields["columns"], self.fields["shared_with"]
        columns.choices = [(one.name, one.title) for one in offered if not one.key]  # type: ignore[attr-defined]
        self._units = {by.unit.code: by.unit} if access.may(by, Do.SHARE_TABLE, by.unit) else {}
        words = [(code, gettext("%(unit)s及下级") % {"unit": unit.label}) for code, unit in self._units.items()]
        shared.choices = [("NOBODY", _("只给自己用")), *words]  # type: ignore[attr-defined]
        shared.initial = "NOBODY"
        if not dated:
            del self.fields["days"]

    def clean_shared_with(self) -> Unit | None:
        return self._units.get(self.cleaned_data["shared_with"])

    def kept(self, query: str) -> dict[str, Any]:
        """Return what is kept: the form's values, its columns as part of the list's own `query`."""
        said = dict(self.cleaned_data)
        words = QueryDict(query, mutable=True)
        words.pop("columns", None)
        if chosen := said.pop("columns"):
            words["columns"] = ",".join(chosen)
        return {"days": None} | said | {"query": words.urlencode()}


class AddressForm(Form):
    """The address of a list, as the list itself has signed it: `cleaned_data["of"]` is its (path, query)."""

    of = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_of(self) -> tuple[str, str]:
        path, query = _address(self.cleaned_data["of"])
        if not path:
            raise forms.ValidationError(_("清单已过期，请回到清单重新打开。"))
        return path, query


BULK_FORMS: dict[Step, type[BulkForm]] = {
    Step.REFER: BulkReferForm,
    Step.SIGN: BulkForm,
    Step.MEASURE: BulkMeasureForm,
    Step.CLOSE: BulkNoteForm,
}


def _word(value: Any) -> str:
    for name in ("code", "username"):
        if hasattr(value, name):
            return str(getattr(value, name))
    return str(value)
