"""The tags and filters of every page; a builtin, so no template loads it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import uuid4

from django import forms, template
from django.forms.boundfield import BoundField
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from zoufang.kernel.clock import LOCAL, local_day
from zoufang.ui import when
from zoufang.ui.characters import visible as visible_text
from zoufang.ui.columns import badge_html, shown
from zoufang.ui.components import Bar, Chart, Happening, StepButton, Tab
from zoufang.ui.forms import is_refused
from zoufang.ui.icons import ICONS

register = template.Library()


@register.simple_tag(takes_context=True)
def again(context: template.Context, name: str) -> str:
    """Render the block `name` a second time (the title stands in the head and on the page)."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block(name) if blocks is not None else None
    return block.render(context) if block is not None else ""


@register.simple_tag
@cache
def icon(name: str, label: str = "") -> SafeString:
    """
    Draw an outline icon; with a `label` it speaks for itself, without one it is decoration.

    A name that `ICONS` lacks is drawn as a dot: a page is not worth losing over it (a test finds it).
    """
    spoken = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
        'stroke-linecap="round" stroke-linejoin="round" {}><path d="{}"/></svg>',
        spoken,
        ICONS.get(name, ICONS["point"]),
    )


@register.simple_tag
def badge(tone: str, text: Any) -> SafeString:
    """Show a status as word and colour: "neutral", "active", "waiting", "done" or "late"."""
    return badge_html(tone, text)


@register.simple_tag
def this_moment() -> str:
    """Say when the page was made, for a copy on paper: by the clock that everything else on it goes by."""
    return timezone.now().astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """Show a moment as local words, the exact one in the `datetime` attribute."""
    if value is None:
        return ""
    local = value.astimezone(LOCAL)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        local.strftime("%Y-%m-%d %H:%M:%S"),
        when.moment_words(value, timezone.now()),
    )


@register.filter
def day(value: date | datetime | None) -> SafeString | str:
    """Show a local date; of a moment, the day on which it falls."""
    if value is None:
        return ""
    on = local_day(value) if isinstance(value, datetime) else value
    return format_html('<time datetime="{0}" title="{0}">{1}</time>', on.isoformat(), when.day_words(on, _today()))


@register.filter
def last_day(due_at: datetime | None) -> SafeString | str:
    """Show the last day on which something due at `due_at` is not late."""
    return day(when.due_day(due_at)) if due_at is not None else ""


@register.filter
def visible(value: Any) -> str:
    """Show text with its invisible and direction-changing characters spelled out."""
    return visible_text(str(value)) if value is not None else ""


@register.filter
def paragraphs(value: Any) -> SafeString:
    """Show typed text with its line breaks, escaped and `visible`."""
    lines = visible_text(str(value or "")).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return format_html(
        '<div class="typed">{}</div>', format_html_join(SafeString("<br>"), "{}", ((one,) for one in lines))
    )


@register.filter
def plain(value: Any) -> str:
    """Show a number, date, flag or text as lists do."""
    return shown(value)


@register.simple_tag
def due(due_at: datetime | None, done_at: datetime | None = None, now: datetime | None = None) -> SafeString | str:
    """Show a deadline: its last day, and how far away it is or how late."""
    if due_at is None:
        return ""
    now = now or timezone.now()
    tone, words = when.due_words(due_at, done_at, now)
    return format_html('<span class="due">{} {}</span>', due_moment(due_at), badge_html(tone, words))


@register.simple_tag
def due_moment(due_at: datetime) -> SafeString:
    """Show until when it is not too late: the last day, or the time of day of a deadline in hours."""
    if when.ends_a_day(due_at):
        return SafeString(day(when.due_day(due_at)))
    return SafeString(moment(due_at))


def _today() -> date:
    return timezone.localdate(timezone=LOCAL)


# Forms


@register.inclusion_tag("ui/field.html")
def field(bound: BoundField, hint: str = "") -> dict[str, Any]:
    """Render one field: label, control, help and errors, tied together for those who cannot see the layout."""
    widget = bound.field.widget
    kind = _kind(widget)
    attrs: dict[str, Any] = {}
    css = {"select": "form-select", "check": "form-check-input"}.get(kind, "form-control")
    if not isinstance(widget, forms.MultiWidget):
        attrs["class"] = f"{widget.attrs.get('class', '')} {css}{' is-invalid' if bound.errors else ''}".strip()
    limit = getattr(bound.field, "max_length", None)
    if kind == "text-area" and limit:
        attrs["data-counter"] = str(limit)
    if kind == "files":
        attrs["data-file-names"] = "true"
    help_text = hint or bound.help_text
    return {
        "bound": bound,
        "kind": kind,
        "control": _options(bound) if kind == "set" else bound.as_widget(attrs=attrs),
        "help_text": help_text,
        "help_id": f"{bound.auto_id}_helptext",
        "error_id": f"{bound.auto_id}_error",
        "grouped": kind == "set" or bound.use_fieldset,
        "files_lost": kind == "files" and bool(bound.form.errors and bound.form.files.get(bound.html_name)),
    }


def _options(bound: BoundField) -> SafeString:
    """Write each choice of a set as one large label; an empty radio choice is left out."""
    for option in bound.subwidgets:
        option.data["attrs"]["class"] = "form-check-input"
    return format_html_join(
        "",
        '<label class="form-check">{}<span class="form-check-label">{}</span></label>',
        ((option.tag(), option.choice_label) for option in bound.subwidgets if option.data["value"] not in ("", None)),
    )


def _kind(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect):
        return "set"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.Select):
        return "select"
    if isinstance(widget, forms.Textarea):
        return "text-area"
    return "files" if isinstance(widget, forms.FileInput) else "input"


@register.inclusion_tag("ui/form_errors.html")
def form_errors(form: forms.BaseForm) -> dict[str, Any]:
    """Sum up what is wrong, each line a link to its field."""
    wrong = [(bound, message) for bound in form for message in bound.errors]
    hidden = [message for bound in form.hidden_fields() for message in bound.errors]
    return {
        "form": form,
        "wrong": [(bound, message) for bound, message in wrong if not bound.is_hidden],
        "general": [*form.non_field_errors(), *hidden],
        "files_again": bool(form.errors) and form.is_multipart(),
        "refused": is_refused(form),
    }


@register.inclusion_tag("ui/typed.html")
def what_was_typed(given: forms.BaseForm | Sequence[forms.BaseForm]) -> dict[str, Any]:
    """Show what was typed where its form cannot be shown any more, to be copied; passwords and files are left out."""
    several = [given] if isinstance(given, forms.BaseForm) else given
    return {
        "lines": [
            (bound, text)
            for form in several
            if form.is_bound and form.has_changed()
            for bound in form.visible_fields()
            if (text := _typed(bound))
        ]
    }


def _typed(bound: BoundField) -> str:
    widget, value = bound.field.widget, bound.value()
    if isinstance(widget, forms.PasswordInput | forms.FileInput | forms.CheckboxInput):
        return ""
    if isinstance(widget, forms.widgets.ChoiceWidget):
        return _words(option.choice_label for option in bound.subwidgets if option.data["selected"])
    return _words(value) if isinstance(value, list | tuple) else str(value or "")


def _words(several: Iterable[Any]) -> str:
    return gettext("、").join(str(one) for one in several if one not in ("", None))


@register.inclusion_tag("ui/form_fields.html")
def form_fields(form: forms.BaseForm, errors: bool = True) -> dict[str, Any]:
    """Render the error summary and every field of `form`; the caller writes `<form>`, the token and the buttons."""
    return {"form": form, "errors": errors}


# Components


@register.inclusion_tag("ui/empty_state.html")
def empty_state(text: str, url: str = "", label: str = "", icon: str = "inbox") -> dict[str, Any]:
    """Say that there is nothing, and what to do next."""
    return {"text": text, "url": url, "label": label, "icon": icon}


@register.inclusion_tag("ui/key_figure.html")
def key_figure(
    label: Any, value: Any, per: Any = "", url: str = "", note: Any = "", tone: str = "neutral", change: Any = ""
) -> dict[str, Any]:
    """Show one figure large; None is "—", never nought. `tone` "late" turns it red."""
    text = "—" if value is None else shown(value)
    return {
        "label": label,
        "value": text,
        "per": "" if value is None else per,
        "url": url,
        "note": note,
        "tone": tone,
        "change": change,
    }


@register.inclusion_tag("ui/ranking.html")
def ranking(bars: Sequence[Bar], ordered: bool = True) -> dict[str, Any]:
    """Show labels with bars, longest value full width."""
    most = max((bar.value for bar in bars), default=0) or 1
    lines = [(bar, f"{max(0.0, 100 * bar.value / most):.1f}%", bar.text or shown(bar.value)) for bar in bars]
    return {"lines": lines, "ordered": ordered}


@register.inclusion_tag("ui/progress.html")
def progress(part: float, whole: float, label: Any = "") -> dict[str, Any]:
    """Show how much of a whole is done, in words and as a bar; of nothing, "—"."""
    share = 100 * part / whole if whole else 0
    return {"part": part, "whole": whole, "label": label, "share": f"{min(share, 100):.1f}%"}


@register.inclusion_tag("ui/timeline.html")
def timeline(happenings: Sequence[Happening]) -> dict[str, Any]:
    """Show a history, in the order given."""
    return {"happenings": happenings}


@register.inclusion_tag("ui/steps.html")
def step_buttons(steps: Sequence[StepButton]) -> dict[str, Any]:
    """Show what can be done now, and what cannot with its reason in plain sight."""
    return {
        "open": [step for step in steps if step.is_open],
        "closed": [step for step in steps if not step.is_open],
    }


@register.inclusion_tag("ui/tabs.html")
def tabs(entries: Sequence[Tab], label: Any = "") -> dict[str, Any]:
    """Show the views of one thing as links."""
    return {"entries": entries, "label": label}


@register.inclusion_tag("ui/chart.html")
def chart(of: Chart) -> dict[str, Any]:
    """Draw a chart with its table; without scripts the table alone is shown."""
    return {"of": of, "id": f"chart-{uuid4().hex[:8]}", "json": of.as_json(), "rows": of.rows()}
