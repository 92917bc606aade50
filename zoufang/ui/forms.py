"""Fields and widgets that every form shares: local times, periods, files, long texts."""

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zoufang.kernel.period import Period


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
