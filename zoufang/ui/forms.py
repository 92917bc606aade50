"""Forms, fields and widgets that every app shares: what is said to a wrong input, local times, periods, files."""

from datetime import date
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from zoufang.kernel.period import Period

# The code of the error that a refusal of the service leaves on a form.
REFUSED: Final = "refused"

# What is said instead of Django's own words, which call a field a variable.
_MISSING = _("请填写此项。")
_NOT_CHOSEN = _("请选择此项。")
_NO_FILE = _("请选择文件。")
_WORDS: dict[str, Any] = {
    "min_length": ngettext_lazy(
        "至少写 %(limit_value)d 个字，现在是 %(show_value)d 个。",
        "至少写 %(limit_value)d 个字，现在是 %(show_value)d 个。",
        "limit_value",
    ),
    "max_length": ngettext_lazy(
        "最多写 %(limit_value)d 个字，现在是 %(show_value)d 个，请精简。",
        "最多写 %(limit_value)d 个字，现在是 %(show_value)d 个，请精简。",
        "limit_value",
    ),
    "min_value": _("不能小于 %(limit_value)s。"),
    "max_value": _("不能大于 %(limit_value)s。"),
}


class Form(forms.Form):
    """
    A form that says in words of ours what is missing, too short, too long, too small or too great.

    Words that a field brings itself are left to it. Every form of ours is one of these.
    """

    def full_clean(self) -> None:
        for field in self.fields.values():
            _put_into_words(field)
        super().full_clean()


def _put_into_words(field: forms.Field) -> None:
    said = field.error_messages
    for code, words in _WORDS.items():
        said.setdefault(code, words)
    if said.get("required") is forms.Field.default_error_messages["required"]:
        chooses = isinstance(field.widget, forms.widgets.ChoiceWidget)
        said["required"] = _NO_FILE if isinstance(field, forms.FileField) else _NOT_CHOSEN if chooses else _MISSING


def refuse(form: forms.BaseForm, reason: str) -> None:
    """Put on top of a form that was in order why it was turned down all the same."""
    form.add_error(None, ValidationError(reason, code=REFUSED))


def is_refused(form: forms.BaseForm) -> bool:
    """Was the form in order, and turned down by the service?"""
    return form.has_error(NON_FIELD_ERRORS, REFUSED)


class LocalDateTimeInput(forms.DateTimeInput):
    """The browser's own date and time picker; what it shows and sends is Shanghai time."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%dT%H:%M")


class LocalDateTimeField(forms.DateTimeField):
    """A moment, typed in Shanghai time, returned aware."""

    widget = LocalDateTimeInput


class DayInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A local date."""

    widget = DayInput


class PeriodWidget(forms.MultiWidget):
    """First and last day side by side, with shortcuts where scripts run."""

    template_name = "ui/period_widget.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"from": DayInput(), "to": DayInput()}, attrs)
        self.widgets[0].attrs["aria-label"] = _("起始日期")
        self.widgets[1].attrs["aria-label"] = _("截止日期")

    def decompress(self, value: Any) -> list[Any]:
        return [value.first, value.last] if isinstance(value, Period) else [None, None]


class PeriodField(forms.MultiValueField):
    """
    A `Period` in local days. No first day means since the beginning; no last day means until today.

    In a query string: `NAME_from` and `NAME_to`.
    """

    widget = PeriodWidget
    default_error_messages: ClassVar = {
        "reversed": _("截止日期早于起始日期。"),
        "beyond": _("日期应当在 2000 年至 2099 年之间。"),
    }

    def __init__(self, **kwargs: Any) -> None:
        days = (DayField(required=False), DayField(required=False))
        super().__init__(days, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[date | None]) -> Period | None:
        first, last = [*data_list, None, None][:2]
        if first is None and last is None:
            return None
        if any(day is not None and not 2000 <= day.year <= 2099 for day in (first, last)):
            raise ValidationError(self.error_messages["beyond"], code="beyond")
        last = last or max(timezone.localdate(), first or date.min)
        if first is not None and last < first:
            raise ValidationError(self.error_messages["reversed"], code="reversed")
        return Period(first, last)


class ManyFilesInput(forms.ClearableFileInput):
    """Chooses several files at once."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several uploaded files, returned as a list; each is checked as a single `FileField` would be."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        one = super().clean
        files = data if isinstance(data, list | tuple) else [data]
        return [file for file in (one(each, initial) for each in files) if file]


class LongTextField(forms.CharField):
    """A text of several lines, with a counter where it has a limit."""

    def __init__(self, *, rows: int = 4, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(**kwargs)
