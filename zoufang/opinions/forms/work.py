"""The work and the answer: measure, rectification, outcome, reply, telling, calling back."""

from collections import Counter
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zoufang.kernel.clock import local_day
from zoufang.opinions.forms.fields import AlsoField, OfficerField, RectificationField, require_filled
from zoufang.opinions.forms.step import FinishForm, StepForm
from zoufang.opinions.loading import call_back_script
from zoufang.opinions.models import Reply
from zoufang.opinions.selectors import (
    askers_of,
    outcome_of,
    rectifications_to_join,
)
from zoufang.opinions.vocabulary import OutcomeKind, Satisfaction, TellBy
from zoufang.organization.models import Officer
from zoufang.privacy.forms import FreeTextField
from zoufang.privacy.numbers import ALL_KINDS, NumberKind
from zoufang.ui.forms import (
    DayField,
    Form,
    ManyFilesField,
)


class MeasureForm(StepForm):
    measure = FreeTextField(
        label=_("整改措施"), max_length=2000, min_length=10, help_text=_("写清做什么、怎么做，不少于 10 个字。")
    )
    responsible = OfficerField(label=_("责任人"))
    planned_on = DayField(label=_("计划完成日期"))
    also = AlsoField(
        label=_("一并解决的意见"), help_text=_("同一件整改能解决的，一起勾上：算一件，整改和核验一起走，答复各写各的。")
    )

    def prepare(self) -> None:
        unit = self.opinion.responsible_unit
        also = self.fields["also"]
        if isinstance(also, AlsoField):
            also.offer(self.opinion, self.viewer)
            if not also.choices:
                also.widget = forms.MultipleHiddenInput()
        field = self.fields["responsible"]
        if unit is not None and isinstance(field, OfficerField):
            near = Q(unit__path__startswith=unit.path) | Q(unit__in=unit.ancestor_pks[1:])
            field.queryset = Officer.objects.filter(near, is_active=True).select_related("unit")
        referral = self.opinion.referrals.filter(returned_at=None, reopened_at=None, recalled_at=None).last()
        if referral is not None and (plan := referral.rectification) is not None:
            self.initial = {
                **self.initial,
                "measure": plan.measure,
                "responsible": plan.responsible.username,
                "planned_on": plan.planned_on,
            }
        elif referral is not None:
            # The last day that still is in time; the clerk says an earlier one where it can be done sooner.
            self.initial = {"planned_on": local_day(referral.due_at - timedelta(seconds=1)), **self.initial}


class CoverForm(StepForm):
    rectification = RectificationField(
        label=_("纳入哪件整改"), help_text=_("本单位正在整改的。纳入后措施、责任人和期限都按那一件。")
    )

    def prepare(self) -> None:
        field = self.fields["rectification"]
        if isinstance(field, RectificationField):
            field.queryset = rectifications_to_join(self.opinion)


class OutcomeFields(StepForm):
    """How the matter ended, apart from its status; what it was before is proposed."""

    outcome = forms.ChoiceField(
        label=_("办理结果"), choices=OutcomeKind.choices, required=False, widget=forms.RadioSelect
    )
    review_on = DayField(
        label=_("复查日期"), required=False, help_text=_("选“暂不能解决”的填写：到这一天会自动回到待办。")
    )
    turn_to = FreeTextField(
        label=_("应向何处反映"),
        max_length=200,
        required=False,
        rows=2,
        help_text=_("选“不属公安职责”的填写：哪个部门、怎么联系，群众会看到。"),
        kinds=frozenset({NumberKind.IDENTITY, NumberKind.MOBILE}),
    )

    def prepare(self) -> None:
        super().prepare()
        standing = outcome_of(self.opinion)
        usual = OutcomeKind.SOLVED if self.opinion.needs_rectification else OutcomeKind.EXPLAINED
        self.initial = {
            "outcome": standing.kind if standing else usual,
            "review_on": standing.review_on if standing else None,
            "turn_to": standing.turn_to if standing else "",
            **self.initial,
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        # A program may leave it out: then it is what the page would have proposed.
        left_out = not cleaned.get("outcome") and "outcome" not in self.errors
        if left_out:
            for name in ("outcome", "review_on", "turn_to"):
                cleaned[name] = cleaned.get(name) or self.initial[name]
        kind, review_on = cleaned.get("outcome"), cleaned.get("review_on")
        late = review_on is None or review_on <= local_day(timezone.now())
        if kind == OutcomeKind.CANNOT_NOW and late and "review_on" not in self.errors:
            self.add_error("review_on", _("暂不能解决的，请填写今天以后的复查日期，到时会回到待办。"))
        if kind == OutcomeKind.NOT_OURS and not cleaned.get("turn_to") and "turn_to" not in self.errors:
            self.add_error("turn_to", _("不属公安职责的，请写明群众应向何处反映。"))
        return cleaned


class RectifyForm(FinishForm, OutcomeFields):
    result = FreeTextField(label=_("整改结果"), max_length=2000, min_length=6, help_text=_("写明做了什么、效果如何。"))
    proof = ManyFilesField(
        label=_("佐证材料"), required=False, help_text=_("图片、PDF、Word 或 Excel，每个不超过 10 MB。")
    )
    no_proof = FreeTextField(
        label=_("没有佐证的原因"),
        max_length=200,
        min_length=4,
        required=False,
        rows=2,
        help_text=_("没有照片或文件的，用一句话写明为什么。"),
    )

    field_order = ("result", "proof", "no_proof", "outcome", "review_on", "turn_to")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        given = cleaned.get("proof") or cleaned.get("no_proof")
        if not given and not {"proof", "no_proof"} & self.errors.keys():
            self.add_error("proof", _("请附上照片或文件；确实没有的，在下面写明原因。"))
        return cleaned


class ReviewForm(OutcomeFields):
    note = FreeTextField(label=_("复查情况"), max_length=500, min_length=4, rows=3)

    field_order = ("note", "outcome", "review_on", "turn_to")


class PartForm(Form):
    """What a unit that helps has done."""

    contribution = FreeTextField(label=_("协办情况"), max_length=2000, min_length=6, rows=4)


class ReplyForm(FinishForm, OutcomeFields):
    text = FreeTextField(
        label=_("答复内容"),
        max_length=4000,
        min_length=10,
        rows=8,
        # A landline in a reply is that of an office.
        kinds=ALL_KINDS - {NumberKind.LANDLINE},
        help_text=_("写给群众看：查了什么、办了什么、结果如何。"),
    )

    field_order = ("text", "outcome", "review_on", "turn_to")

    def prepare(self) -> None:
        super().prepare()
        if self.opinion.needs_rectification:
            self.fields.pop("without", None)
        last = Reply.objects.filter(referral__opinion=self.opinion).last()
        if last is not None:
            self.fields["text"].initial = last.text
        if self.opinion.joined.exists():
            self.fields["text"].help_text = _(
                "并办的每位反映人都会看到这份答复：写查了什么、办了什么、结果如何，不写是谁反映的、怎么说的。"
            )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        require_filled(text)
        return text


class FeedbackForm(StepForm):
    told_by = forms.ChoiceField(label=_("反馈方式"), choices=Reply.ToldBy.choices)
    note = FreeTextField(label=_("反馈情况"), max_length=500, required=False, rows=2)

    def prepare(self) -> None:
        # Who holds no code never sees the page: to say so would count as told somebody who was not.
        field = self.fields["told_by"]
        if isinstance(field, forms.ChoiceField) and not askers_of(self.opinion).exists():
            field.choices = [choice for choice in Reply.ToldBy.choices if choice[0] != Reply.ToldBy.PAGE]
        chosen = Counter(TellBy(way) for way in askers_of(self.opinion).values_list("tell_by", flat=True))
        if chosen:
            ways = gettext("、").join(
                gettext("%(way)s %(n)d 人") % {"way": way.label, "n": n} for way, n in chosen.items()
            )
            field.help_text = gettext(
                "反映人选的是：%(ways)s。短信、邮件、私信由系统发送，电话、书面和原帖下回复由您办。"
            ) % {"ways": ways}
            usual = next((str(way) for way, _n in chosen.most_common() if way is not TellBy.PAGE), Reply.ToldBy.PAGE)
            self.initial = {"told_by": usual, **self.initial}


class CallBackForm(StepForm):
    """The script, read out on the phone; each question has an answer of its own."""

    reached = forms.TypedChoiceField(
        label=_("是否接通"),
        choices=[("true", _("已接通")), ("false", _("未接通"))],
        coerce=lambda value: value == "true",
        widget=forms.RadioSelect,
    )
    confirmed = forms.TypedChoiceField(
        label=_("情况是否属实"),
        choices=[("true", _("属实")), ("false", _("没有这回事"))],
        coerce=lambda value: value == "true",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    solved = forms.TypedChoiceField(
        label=_("问题是否解决"),
        choices=[("true", _("已解决")), ("false", _("未解决"))],
        coerce=lambda value: value == "true",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    satisfaction = forms.TypedChoiceField(
        label=_("是否满意"),
        choices=Satisfaction.choices,
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    note = FreeTextField(label=_("回访记录"), max_length=1000, required=False, rows=3)

    def prepare(self) -> None:
        for question in call_back_script().questions:
            self.fields[question.code].help_text = question.words

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("reached"):
            for name in ("solved", "satisfaction"):
                if cleaned.get(name) is None and name not in self.errors:
                    self.add_error(name, _("接通后请如实填写。"))
        return cleaned
