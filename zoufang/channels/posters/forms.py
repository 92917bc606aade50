"""What a clerk chooses to print, and the names of windows."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zoufang.channels.posters import selectors
from zoufang.channels.posters.models import Poster
from zoufang.organization.models import Officer, Unit
from zoufang.organization.selectors import in_tree_order
from zoufang.ui.forms import ChoiceField, Form, MultipleChoiceField

A4, CARD = "a4", "card"
SIZES = ((A4, _("海报：A4，一页一张")), (CARD, _("柜台卡：A6，一页四张，沿线裁开")))


class DoorsField(MultipleChoiceField[Unit]):
    """The doors of units, each named by the unit's code."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.label)


class WindowsField(MultipleChoiceField[Poster]):
    """Windows, each named by its place."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.place)


class UnitForm(Form):
    """Whose doors are shown."""

    unit = ChoiceField[Unit](Unit.objects.none(), to_field_name="code", label=_("单位"), empty_label=None)

    def __init__(self, *args: Any, viewer: Officer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = selectors.units_with_doors(viewer)
        field = self.fields["unit"]
        field.queryset = units  # type: ignore[attr-defined]
        field.widget.choices = [(unit.code, unit.label) for unit in in_tree_order(units)]


class PrintForm(Form):
    """Which doors and windows are printed, and how large."""

    doors = DoorsField(
        Unit.objects.none(),
        to_field_name="code",
        required=False,
        label=_("单位门口"),
        widget=forms.CheckboxSelectMultiple,
    )
    windows = WindowsField(
        Poster.objects.none(), required=False, label=_("服务窗口"), widget=forms.CheckboxSelectMultiple
    )
    size = forms.ChoiceField(label=_("印成"), choices=SIZES, initial=A4, widget=forms.RadioSelect)

    def __init__(self, *args: Any, viewer: Officer, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        doors = selectors.doors_below(viewer, unit)
        windows = selectors.posters_kept_by(viewer).exclude(window="").filter(unit__in=unit.subtree_pks)
        self.fields["doors"].queryset = doors  # type: ignore[attr-defined]
        self.fields["windows"].queryset = windows  # type: ignore[attr-defined]
        self.has_windows = windows.exists()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not cleaned.get("doors") and not cleaned.get("windows"):
            self.add_error("doors", _("请至少选一处。"))
        return cleaned


class WindowForm(Form):
    """A window of a unit, as people find it by its sign."""

    unit = ChoiceField[Unit](Unit.objects.none(), to_field_name="code", label=_("单位"), empty_label=None)
    window = forms.CharField(label=_("服务窗口"), max_length=30, help_text=_("照窗口牌子上的写，例如：户籍窗口。"))
    window_en = forms.CharField(
        label=_("服务窗口英文名称"), max_length=60, required=False, help_text=_("例如：Household registration。")
    )

    def __init__(self, *args: Any, viewer: Officer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = selectors.units_with_doors(viewer)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        if units.filter(pk=viewer.unit_id).exists():
            self.fields["unit"].initial = viewer.unit.code
