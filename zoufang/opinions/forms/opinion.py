"""An opinion as it is registered, and what is laid beside it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zoufang.kernel.refusal import Conflict
from zoufang.opinions import rules
from zoufang.opinions.forms.fields import OfficerField, TopicField, UnitField
from zoufang.opinions.models import Opinion
from zoufang.opinions.selectors import (
    opinions_seen_by,
)
from zoufang.opinions.vocabulary import Kind, ObjectCategory, Source
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer
from zoufang.privacy.forms import FreeTextField
from zoufang.ui.forms import (
    Form,
    LocalDateTimeField,
    ManyFilesField,
)


class OpinionFields(Form):
    """What every opinion says, wherever it is typed in: on its own page, inside a visit, in an import."""

    kind = forms.ChoiceField(label=_("类别"), choices=Kind.choices, initial=Kind.OPINION)
    topic = TopicField(label=_("主题"))
    content = FreeTextField(
        label=_("内容"), max_length=4000, min_length=4, help_text=_("写群众的原意，不写姓名、证件号和电话。")
    )
    place = FreeTextField(label=_("地点"), max_length=80, required=False, rows=1)
    complained_unit = UnitField(
        label=_("被投诉单位"), required=False, help_text=_("仅投诉填写。被投诉的单位和民警看不到这条投诉。")
    )
    urgent = forms.BooleanField(
        label=_("紧急安全隐患"),
        required=False,
        help_text=_("正在危及安全的隐患：先处置，后补单，按分钟计时。正在发生的警情，请立即拨打 110。"),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("complained_unit") and cleaned.get("kind") != Kind.COMPLAINT:
            self.add_error("complained_unit", _("只有“投诉”才填写被投诉单位；请改选类别或清空此项。"))
        if cleaned.get("urgent") and not rules.needs_rectification(cleaned.get("kind", "")):
            self.add_error("urgent", _("咨询和表扬不是安全隐患；请改选类别或取消此项。"))
        return cleaned


class OpinionForm(OpinionFields):
    """Register an opinion on its own page."""

    source = forms.ChoiceField(label=_("来源"), choices=Source.choices, initial=Source.LETTER_CALL)
    source_no = forms.CharField(
        label=_("原编号"), max_length=64, required=False, help_text=_("转来的件保留原编号，避免重复登记。")
    )
    object_category = forms.ChoiceField(
        label=_("对象类别"), choices=[("", "—"), *ObjectCategory.choices], required=False
    )
    heard_by = UnitField(label=_("收集单位"))
    heard_at = LocalDateTimeField(label=_("收集时间"))
    complained_officer = OfficerField(label=_("被投诉民警"), required=False)

    field_order = (
        "content",
        "kind",
        "topic",
        "place",
        "urgent",
        "complained_unit",
        "complained_officer",
        "source",
        "source_no",
        "heard_by",
        "heard_at",
        "object_category",
    )

    def __init__(self, *args: Any, viewer: Officer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        reach = access.units_in_reach(viewer, Do.REGISTER_OPINION).filter(valid_to=None)
        self.fields["heard_by"].queryset = reach  # type: ignore[attr-defined]
        if reach.filter(pk=viewer.unit_id).exists():
            self.fields["heard_by"].initial = viewer.unit.code

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        number, source = cleaned.get("source_no"), cleaned.get("source")
        if number and (known := Opinion.objects.filter(source=source, source_no=number).first()):
            # Who may not know of the other opinion, a complaint perhaps, is not told its number.
            seen = opinions_seen_by(self.viewer).filter(pk=known.pk).exists()
            told = _("该来源的这个编号已登记为 %(no)s。") % {"no": known.no} if seen else Conflict.default_message()
            self.add_error("source_no", told)
        if cleaned.get("complained_officer") and cleaned.get("kind") != Kind.COMPLAINT:
            self.add_error("complained_officer", _("只有“投诉”才填写被投诉民警；请改选类别或清空此项。"))
        return cleaned


class SimilarForm(Form):
    """What is being typed, to find what was said already. Rows of a larger form send their fields with a prefix."""

    content = forms.CharField(max_length=4000, required=False)
    topic = forms.CharField(max_length=4, required=False)


class FilesForm(Form):
    """More files for the record."""

    added = ManyFilesField(
        label=_("添加附件"), required=False, help_text=_("图片、PDF、Word 或 Excel，每个不超过 10 MB。")
    )


class RevealForm(Form):
    """Why the contact is looked at."""

    reason = forms.CharField(label=_("查看事由"), max_length=200, min_length=4)
