"""What is typed about templates and public answers, as typed values; the citizens' search among them."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from zoufang.answers import rules, selectors, services
from zoufang.answers.models import Publication, ReplyTemplate
from zoufang.answers.vocabulary import Occasion, PublicationState
from zoufang.opinions.models import Opinion, Topic
from zoufang.opinions.placeholders import unknown_in
from zoufang.opinions.selectors import told_reply
from zoufang.opinions.vocabulary import Kind
from zoufang.organization.models import Unit
from zoufang.privacy.forms import FreeTextField
from zoufang.privacy.numbers import ALL_KINDS, NumberKind
from zoufang.search.words import saying
from zoufang.ui.forms import ChoiceField, Form, LongTextField
from zoufang.ui.listing import FilterForm

_OFFICE_NUMBERS = ALL_KINDS - {NumberKind.LANDLINE}


class _AnyTopic(ChoiceField[Topic]):
    """A topic of either level, named by its code."""

    def __init__(self, **kwargs: Any) -> None:
        both = Topic.objects.select_related("parent").order_by("position", "code")
        super().__init__(both, to_field_name="code", **{"empty_label": "—"} | kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.parent.label} / {obj.label}" if obj.parent else str(obj.label)


class _Words(Form):
    """The words of a template, in both languages."""

    text = FreeTextField(
        label=_("模板正文"),
        min_length=10,
        max_length=4000,
        rows=9,
        kinds=_OFFICE_NUMBERS,
        help_text=_("写给群众看的平常话。花括号里的词由系统填上，只能用下面列出的。"),
    )
    text_en = FreeTextField(label=_("模板英文正文"), max_length=4000, required=False, rows=9, kinds=_OFFICE_NUMBERS)

    def clean_text(self) -> str:
        return _known_words(self.cleaned_data["text"])

    def clean_text_en(self) -> str:
        return _known_words(self.cleaned_data["text_en"])


class WordingForm(_Words):
    """Another wording; `seen` is the version that its writer saw."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1, max_value=32_000)


class TemplateForm(_Words):
    """A new template."""

    title = forms.CharField(label=_("模板名称"), max_length=40)
    title_en = forms.CharField(label=_("模板英文名称"), max_length=80, required=False)
    code = forms.SlugField(
        label=_("模板代码"), max_length=40, help_text=_("字母、数字和短横，例如 reply-parking。以后不能改。")
    )
    occasion = forms.ChoiceField(label=_("用途"), choices=Occasion.choices, initial=Occasion.REPLY)
    kind = forms.ChoiceField(label=_("只用于类别"), choices=[("", _("各类都用")), *Kind.choices], required=False)
    topic = _AnyTopic(label=_("只用于主题"), required=False, empty_label=_("各主题都用"))
    field_order = ("title", "title_en", "code", "occasion", "kind", "topic", "text", "text_en")

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if ReplyTemplate.objects.filter(code=code).exists():
            raise ValidationError(_g("这个代码已有模板，请换一个。"))
        return code


class CheckForm(Form):
    """A reply as far as it is typed; anything may stand in it."""

    text = forms.CharField(required=False, max_length=20_000, strip=False)


class FillForm(CheckForm):
    """Which template goes into the reply's box, in which language; `text` is what stood in it."""

    template = forms.ModelChoiceField(ReplyTemplate.objects.none())
    language = forms.ChoiceField(choices=[("zh-hans", "zh-hans"), ("en", "en")], required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template"].queryset = selectors.templates_in_use()  # type: ignore[attr-defined]


class ProposeForm(Form):
    """What everybody will read. It begins with the citizen's words and ours, without what the checks found in them."""

    title = forms.CharField(
        label=_("标题"), max_length=60, min_length=4, help_text=_("用一句话问，群众怎么搜就怎么写。")
    )
    question = LongTextField(
        label=_("公开的问题"),
        max_length=2000,
        min_length=6,
        rows=7,
        help_text=_("只留下事情本身，不留谁、哪一户、哪辆车。"),
    )
    answer = LongTextField(
        label=_("公开的答复"),
        max_length=4000,
        min_length=10,
        rows=9,
        help_text=_("写成对大家都有用的话：怎么办、带什么、找哪里。"),
    )
    override = forms.CharField(
        label=_("保留理由"),
        max_length=300,
        required=False,
        help_text=_("核对提示的内容确实可以公开的，写明理由，例如“是派出所的公开电话”。"),
    )

    def __init__(self, *args: Any, opinion: Opinion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reply = told_reply(opinion)
        kept = selectors.publication_of(reply)
        if kept is not None:
            begun = {name: getattr(kept, name) for name in ("title", "question", "answer", "override")}
        else:
            begun = {"question": _plain(opinion.content), "answer": _plain(reply.text if reply else "")}
            begun["title"] = _plain(opinion.title)[:60]
        self.initial = {**begun, **self.initial}

    def doubts(self) -> list[tuple[str, list[rules.Doubt]]]:
        """Return what the checks find in what stands in the form now: label of the field, doubts."""
        found = []
        for name in ("title", "question", "answer"):
            text = str(self[name].value() or "")
            if doubts := rules.doubts_in(text):
                found.append((str(self.fields[name].label), doubts))
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        doubts = services.doubts_of(*(cleaned.get(name, "") for name in ("title", "question", "answer")))
        if never := [doubt for doubt in doubts if doubt.never]:
            what = _g("、").join(dict.fromkeys(doubt.found for doubt in never))
            self.add_error(None, _g("证件号码和办件编号不能公开，请删去：%(what)s。") % {"what": _shortened(what)})
        elif doubts and not cleaned.get("override", "").strip():
            self.add_error("override", _g("还有 %(n)d 处核对提示，请删改，或写明可以公开的理由。") % {"n": len(doubts)})
        return cleaned


class SendBackForm(Form):
    note = forms.CharField(label=_("要改什么"), max_length=300, min_length=4)


class WithdrawForm(Form):
    reason = forms.CharField(label=_("撤回原因"), max_length=300, min_length=4)


class PublicationFilter(FilterForm):
    """What an officer narrows the public answers by."""

    q = forms.CharField(label=_("搜索"), max_length=40)
    state = forms.ChoiceField(label=_("状态"), choices=[("", "—"), *PublicationState.choices])
    topic = forms.ModelChoiceField(Topic.objects.select_related("parent"), to_field_name="code", label=_("主题"))

    lookups = {"state": "state"}  # noqa: RUF012

    def keep(self, rows: Any) -> Any:
        rows = super().keep(rows)
        asked = self.cleaned_data
        if asked["q"]:
            rows = rows.filter(saying(Publication, asked["q"]))
        if asked["topic"]:
            rows = rows.filter(topic__in=[asked["topic"].pk, *asked["topic"].children.values_list("pk", flat=True)])
        return rows


class SearchForm(FilterForm):
    """What a citizen looks for: words, a topic, a unit. What cannot be read is left out."""

    q = forms.CharField(label=_("找什么"), max_length=40, widget=forms.SearchInput())
    topic = forms.ModelChoiceField(Topic.objects.select_related("parent"), to_field_name="code", label=_("主题"))
    unit = forms.ModelChoiceField(Unit.objects.filter(valid_to=None), to_field_name="code", label=_("答复单位"))

    def rows(self) -> Any:
        """Return the public answers that are asked for; call after `is_valid`."""
        asked = self.cleaned_data if self.is_bound else {}
        return selectors.public_answers(q=asked.get("q") or "", topic=asked.get("topic"), unit=asked.get("unit"))


def _known_words(text: str) -> str:
    if unknown := unknown_in(text):
        raise ValidationError(_g("没有这样的占位符：%(names)s。") % {"names": _g("、").join(unknown)})
    return text


def _plain(text: str) -> str:
    return rules.without(text, rules.doubts_in(text))


def _shortened(text: str) -> str:
    """Show no whole number of anybody, not even back to who typed it."""
    return re.sub(r"(?<=\d{3})\d(?=\d{2})", "*", text)[:80]
