"""
Free text that names no citizen by number: who writes one is shown the masked text, and takes it with one click.

Use `FreeTextField` in a form, or name the fields of a form in `CleanTextMixin.free_texts`. The button posts
`<field>_mask`; a program may send it too, and its text is then masked instead of refused.
"""

from collections.abc import Collection
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from zoufang.privacy.numbers import ALL_KINDS, NumberKind, masked, scan


class FreeText(forms.Textarea):
    """A text area that offers its own text back with the personal numbers masked."""

    template_name = "privacy/free_text.html"

    def __init__(self, attrs: dict[str, Any] | None = None, *, kinds: Collection[NumberKind] = ALL_KINDS) -> None:
        super().__init__(attrs)
        self.kinds = kinds

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return masked(value, kinds=self.kinds) if isinstance(value, str) and data.get(f"{name}_mask") else value

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        text = context["widget"]["value"] or ""
        if scan(text, kinds=self.kinds):
            context["widget"]["masked"] = masked(text, kinds=self.kinds)
        return context


class NoPersonalNumbers:
    """Validator that refuses identity and phone numbers, and shows them masked only."""

    def __init__(self, kinds: Collection[NumberKind] = ALL_KINDS) -> None:
        self.kinds = kinds

    def __call__(self, text: str) -> None:
        found = scan(text, kinds=self.kinds)
        if found:
            shown = _("、").join(one.masked for one in found)
            message = _("文中有证件号码或电话号码（%(shown)s）。请打码后再提交，联系方式只填在专门的栏目里。")
            raise ValidationError(message, code="personal_number", params={"shown": shown})


class FreeTextField(forms.CharField):
    """A text of several lines without personal numbers; `kinds` narrows which are refused."""

    def __init__(self, *, kinds: Collection[NumberKind] = ALL_KINDS, rows: int = 4, **kwargs: Any) -> None:
        kwargs.setdefault("widget", FreeText({"rows": rows}, kinds=kinds))
        super().__init__(**kwargs)
        self.validators.append(NoPersonalNumbers(kinds))


class CleanTextMixin:
    """Gives the fields named in `free_texts` the widget and the rule of `FreeTextField`."""

    free_texts: ClassVar[tuple[str, ...]] = ()
    free_text_kinds: ClassVar[Collection[NumberKind]] = ALL_KINDS
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.free_texts:
            field = self.fields[name]
            if isinstance(field.widget, forms.Textarea):
                widget = FreeText(field.widget.attrs, kinds=self.free_text_kinds)
                widget.is_required = field.required
                field.widget = widget
            field.validators.append(NoPersonalNumbers(self.free_text_kinds))
