"""What a clerk types from paper, and what a series of sheets is for."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from zoufang.channels.models import PaperSeries, PaperSheet
from zoufang.channels.paper import selectors
from zoufang.channels.paper.models import MOST_SHEETS
from zoufang.channels.paper.services import Written
from zoufang.opinions.forms import TopicField, UnitField
from zoufang.opinions.vocabulary import Kind, ObjectCategory, Source
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit
from zoufang.privacy.forms import FreeTextField
from zoufang.ui.forms import ChoiceField, DayField, Form

# Where paper comes from; the other sources have doors of their own.
PAPER_SOURCES = (
    Source.EVALUATION_PAPER,
    Source.EVALUATION_EVENT,
    Source.DEPUTIES,
    Source.VISIT,
    Source.ENTERPRISE,
    Source.PROSECUTION_COURT,
    Source.LETTER_CALL,
)
# The order in which the kinds stand on the sheet.
KINDS_ON_PAPER = (Kind.OPINION, Kind.SUGGESTION, Kind.HELP, Kind.CONSULTATION, Kind.PRAISE, Kind.COMPLAINT)


class SheetField(forms.Field):
    """A sheet that the viewer may type, named by its number."""

    viewer: Officer

    def to_python(self, value: Any) -> PaperSheet | None:
        if value in self.empty_values:
            return None
        sheet = selectors.sheet_numbered(self.viewer, str(value))
        if sheet is None:
            raise forms.ValidationError(_now("没有这个表号，请对照表头再输一次。"), code="unknown")
        return sheet


class TypeForm(Form):
    """One sheet, in the order in which it is read."""

    sheet = SheetField(
        label=_("表号"),
        widget=forms.TextInput(
            {"class": "code-input", "inputmode": "numeric", "autocomplete": "off", "maxlength": "20"}
        ),
        help_text=_("表头的数字，或用扫码枪扫表头的二维码。"),
    )
    kind = forms.ChoiceField(
        label=_("类别"),
        choices=[(kind.value, kind.label) for kind in KINDS_ON_PAPER],
        initial=Kind.OPINION,
        widget=forms.RadioSelect,
    )
    content = FreeTextField(label=_("内容"), max_length=4000, min_length=4, rows=4, help_text=_("照原话录入。"))
    complained_unit = UnitField(label=_("被投诉单位"), required=False, help_text=_("仅投诉填写。"))
    name = forms.CharField(label=_("怎么称呼"), max_length=30, required=False)
    phone = forms.CharField(
        label=_("电话"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off"}),
    )
    topic = TopicField(label=_("主题"), required=False, empty_label=_("按内容判断"))
    place = FreeTextField(label=_("地点"), max_length=80, required=False, rows=1)
    on = DayField(label=_("回收日期"))

    def __init__(self, *args: Any, viewer: Officer, blank: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sheet = self.fields["sheet"]
        if isinstance(sheet, SheetField):
            sheet.viewer = viewer
        if blank:
            self.fields["content"].required = self.fields["kind"].required = False
        self.blank = blank

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("complained_unit") and cleaned.get("kind") != Kind.COMPLAINT:
            self.add_error("complained_unit", _("只有“投诉”才填写被投诉单位；请改选类别或清空此项。"))
        if self.blank and any(cleaned.get(name) for name in ("content", "name", "phone")):
            self.add_error("content", _("写了内容的不是空白表，请点“保存”。"))
        sheet: PaperSheet | None = cleaned.get("sheet")
        if sheet is not None and sheet.is_typed:
            self.add_error("sheet", _("这张表已经录入过，这次没有保存。请核对表号。"))
        return cleaned

    @property
    def written(self) -> Written:
        """What stands on the sheet; call when the form is valid."""
        return Written(**{name: value for name, value in self.cleaned_data.items() if name not in ("sheet", "on")})


class SeriesForm(Form):
    """An occasion for which sheets are printed."""

    unit = ChoiceField[Unit](Unit.objects.none(), to_field_name="code", label=_("征求单位"), empty_label=None)
    occasion = forms.CharField(
        label=_("征求场合"), max_length=40, help_text=_("例如：两会驻地走访、警务广场、社区恳谈会。")
    )
    place = FreeTextField(label=_("地点"), max_length=80, required=False, rows=1)
    source = forms.ChoiceField(label=_("来源"), choices=[(one.value, one.label) for one in PAPER_SOURCES])
    object_category = forms.ChoiceField(
        label=_("对象类别"), choices=[("", "—"), *ObjectCategory.choices], required=False
    )
    many = forms.IntegerField(label=_("印制份数"), min_value=1, max_value=MOST_SHEETS, initial=50)

    def __init__(self, *args: Any, viewer: Officer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = access.units_in_reach(viewer, Do.KEEP_DOORS).filter(valid_to=None)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        if units.filter(pk=viewer.unit_id).exists():
            self.fields["unit"].initial = viewer.unit.code


class RangeForm(Form):
    """Some sheets of a series, by their numbers within it."""

    first = forms.IntegerField(label=_("从第几张"), min_value=1)
    last = forms.IntegerField(label=_("到第几张"), min_value=1)

    def __init__(self, *args: Any, series: PaperSeries, **kwargs: Any) -> None:
        kwargs["initial"] = {"first": 1, "last": series.many} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.series = series

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and not first <= last <= self.series.many:
            self.add_error("last", _now("本批共 %(n)d 张，从小到大填写。") % {"n": self.series.many})
        return cleaned


class HandOutForm(RangeForm):
    """Which sheets were handed out, and when. Beside the form that prints, so its fields have names of their own."""

    prefix = "out"
    on = DayField(label=_("发放日期"))
