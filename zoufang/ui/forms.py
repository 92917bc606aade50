"""Forms, fields and widgets that every app shares: what is said to a wrong input, local times, periods, files."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, ClassVar, Final, TypeVar, cast

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from zoufang.kernel.period import Period

M = TypeVar("M", bound=Model)

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

    _in_words = False

    def full_clean(self) -> None:
        if not self._in_words:
            for field in self.fields.values():
                _put_into_words(field)
            self._in_words = True
        super().full_clean()


class RowForm:
    """
    One form that reads the rows of a table, one after the other: what is asked of a row is what the form asks.

    It is built once. A field that is given the same again answers the same: what `field.clean` says of a value must
    depend on nothing else, as it does of every field here. Fields that look rows up are told beforehand which are
    asked for (`LooksUpAtOnce`). Holds for as long as what they look up.
    """

    # So many values of each field are remembered.
    REMEMBERED = 4096

    def __init__(self, form: forms.Form) -> None:
        self.form = form
        self._fields = [
            (
                name,
                form.add_prefix(name),
                field.widget.value_from_datadict,
                _remembering(field.clean, self.REMEMBERED),
                getattr(form, f"clean_{name}", None),
            )
            for name, field in form.fields.items()
        ]
        form._clean_fields = self._clean_fields  # type: ignore[attr-defined]

    def look_up(self, name: str, values: Iterable[str]) -> None:
        """Look up all that will be asked for in the field `name`."""
        cast(LooksUpAtOnce, self.form.fields[name]).look_up(values)

    def read(self, row: Mapping[str, Any]) -> forms.Form:
        """Return the form with this row in it; what was read before is gone from it."""
        form = self.form
        form.data, form.is_bound = row, True
        form.full_clean()
        return form

    def _clean_fields(self) -> None:
        """Clean field by field, as Django does; without bound fields, which only a page has a use for."""
        form = self.form
        for name, posted_as, value_in, clean, clean_further in self._fields:
            try:
                form.cleaned_data[name] = clean(value_in(form.data, form.files, posted_as))
                if clean_further is not None:
                    form.cleaned_data[name] = clean_further()
            except ValidationError as error:
                form.add_error(name, error)


def _remembering(clean: Callable[[Any], Any], most: int) -> Callable[[Any], Any]:
    answers: dict[Any, Any] = {}

    def cleaned(value: Any) -> Any:
        key = tuple(value) if isinstance(value, list) else value
        if key not in answers:
            if len(answers) >= most:
                answers.clear()
            try:
                answers[key] = clean(value)
            except ValidationError as error:
                answers[key] = error
        answer = answers[key]
        if isinstance(answer, ValidationError):
            raise answer.with_traceback(None)
        return answer

    return cleaned


class LooksUpAtOnce:
    """Lets a field that chooses among rows look up all that will be asked for in one query."""

    queryset: Any
    to_field_name: str | None
    _found: Mapping[str, Model] = MappingProxyType({})

    def look_up(self, values: Iterable[str]) -> None:
        key = self.to_field_name or "pk"
        named = {value for value in values if value and "\0" not in value}
        self._found = {str(getattr(row, key)): row for row in self.queryset.filter(**{f"{key}__in": named})}


class ChoiceField(LooksUpAtOnce, forms.ModelChoiceField[M]):
    """One of the rows of a table. What was not looked up is asked for, and said to be wrong, as ever."""

    def to_python(self, value: Any) -> M | None:
        found = self._found.get(str(value))
        return super().to_python(value) if found is None else cast(M, found)


class MultipleChoiceField(LooksUpAtOnce, forms.ModelMultipleChoiceField[M]):
    """Some of the rows of a table. What was not looked up is asked for, and said to be wrong, as ever."""

    def _check_values(self, value: Any) -> Any:
        rows = [self._found.get(str(each)) for each in value]
        return list(dict.fromkeys(rows)) if all(rows) else super()._check_values(value)  # type: ignore[misc]


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


def first_error(form: forms.BaseForm) -> str:
    """Return the first complaint of an invalid form, for where the form itself is not shown."""
    return str(next(iter(form.errors.values()))[0])


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
