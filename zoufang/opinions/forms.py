"""Forms that turn what is typed or sent into typed values: one a step, the same for page and API."""

from collections import Counter
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zoufang.kernel.clock import local_day
from zoufang.kernel.refusal import Conflict
from zoufang.opinions import rules
from zoufang.opinions.coverage import can_sign
from zoufang.opinions.loading import call_back_script
from zoufang.opinions.models import Opinion, Pause, Rectification, Referral, Reply, Topic
from zoufang.opinions.placeholders import left_in
from zoufang.opinions.selectors import (
    askers_of,
    current_referral,
    is_complaint,
    joinable,
    may_answer_complaint,
    opinions_seen_by,
    outcome_of,
    pause_days_left,
    policy_of,
    rectifications_to_join,
    suggested_unit,
    to_settle_with,
    waited_for,
)
from zoufang.opinions.similar import likest
from zoufang.opinions.vocabulary import Kind, ObjectCategory, OutcomeKind, Satisfaction, Source, TellBy
from zoufang.opinions.workflow import Step
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit
from zoufang.privacy.forms import FreeTextField
from zoufang.privacy.numbers import ALL_KINDS, NumberKind
from zoufang.ui.forms import (
    ChoiceField,
    DayField,
    Form,
    LocalDateTimeField,
    ManyFilesField,
    MultipleChoiceField,
)
from zoufang.ui.when import due_day


class UnitField(ChoiceField[Unit]):
    """A unit, named by its code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Unit.objects.filter(valid_to=None), to_field_name="code", **{"empty_label": "—"} | kwargs)


class UnitsField(MultipleChoiceField[Unit]):
    """Any number of units, each named by its code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Unit.objects.filter(valid_to=None), to_field_name="code", **kwargs)


class OfficerField(ChoiceField[Officer]):
    """An officer in service, named by account."""

    def __init__(self, **kwargs: Any) -> None:
        active = Officer.objects.filter(is_active=True).select_related("unit")
        super().__init__(active, to_field_name="username", **{"empty_label": "—"} | kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return gettext("%(name)s（%(note)s）") % {"name": obj.name, "note": obj.unit.label}


class TopicField(ChoiceField[Topic]):
    """A second-level topic, named by its code and shown under its first level."""

    def __init__(self, **kwargs: Any) -> None:
        second = Topic.objects.exclude(parent=None).select_related("parent")
        super().__init__(second, to_field_name="code", **{"empty_label": "—"} | kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.parent.label} / {obj.label}"


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
        "urgent",
        "kind",
        "source",
        "topic",
        "content",
        "place",
        "heard_by",
        "heard_at",
        "object_category",
        "source_no",
        "complained_unit",
        "complained_officer",
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


class StepForm(Form):
    """What one step needs. `version` is the state that the person saw: another one is answered as stale."""

    def __init__(self, *args: Any, opinion: Opinion, viewer: Officer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.opinion, self.viewer = opinion, viewer
        self.prepare()

    def prepare(self) -> None:
        """Narrow choices to this opinion and propose values."""


class SimilarForm(Form):
    """What is being typed, to find what was said already. Rows of a larger form send their fields with a prefix."""

    content = forms.CharField(max_length=4000, required=False)
    topic = forms.CharField(max_length=4, required=False)


class FinishForm(StepForm):
    """What finishes the work of a unit: where others help, it waits for them or says why not."""

    without = FreeTextField(label=_("不再等待协办的理由"), max_length=500, min_length=4, required=False, rows=2)

    def prepare(self) -> None:
        super().prepare()
        units = [part.unit.label for part in waited_for(self.opinion).select_related("unit")]
        if not units:
            del self.fields["without"]
        else:
            said = gettext("%(units)s还没有反馈协办情况；不再等的，请写明理由。")
            self.fields["without"].help_text = said % {"units": gettext("、").join(units)}
            self.fields["without"].required = True


class SignForm(StepForm):
    """Nothing to say: signing is the statement."""


class TakeBackForm(StepForm):
    """Nothing to say: the moment and the hand are what counts."""


class ReferForm(StepForm):
    """Who answers, and what the opinion really is about: a topic left out stays as it is."""

    topic = TopicField(
        label=_("主题"), required=False, empty_label=None, help_text=_("登记的主题不准确的，在这里更正。")
    )
    to = UnitField(label=_("承办单位"))
    helped_by = UnitsField(
        label=_("协办单位"), required=False, help_text=_("主办单位在办理完成前，能看到每个协办单位做了什么。")
    )
    note = FreeTextField(label=_("转办意见"), max_length=500, required=False, rows=2)

    def prepare(self) -> None:
        self.fields["topic"].initial = self.opinion.topic.code
        unit = suggested_unit(self._chosen_topic(), self.opinion.heard_by)
        if is_complaint(self.opinion) and (unit is None or not may_answer_complaint(self.opinion, unit)):
            self.fields["to"].help_text = _("投诉转被投诉单位的上一级，或督察、纪检部门。")
        elif unit is None:
            self.fields["to"].help_text = _("职责目录没有列出这个主题，请自行选择承办单位。")
        else:
            self.initial = {**self.initial, "to": unit.code}
            self.fields["to"].help_text = _("职责目录建议：%(unit)s") % {"unit": unit.label}

    anyway = forms.BooleanField(
        label=_("那里暂时无人签收，仍然转办"),
        required=False,
        widget=forms.HiddenInput,
        help_text=_("转办后请通知安全管理员任命岗位。"),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        unit = cleaned.get("to")
        if unit is not None and unit in cleaned.get("helped_by", ()):
            self.add_error("helped_by", _("主办单位不能同时协办。"))
        if unit is not None and not cleaned.get("anyway") and not can_sign(unit):
            # Asked once, before it happens: a referral that nobody signs for is late by tomorrow.
            self.fields["anyway"].widget = forms.CheckboxInput()
            self.add_error(
                "anyway", _("%(unit)s没有内勤和负责人，无人能签收。请另选单位，或勾选后再转办。") % {"unit": unit.label}
            )
        return cleaned

    def clean_helped_by(self) -> list[Unit]:
        units = list(self.cleaned_data["helped_by"])
        if not all(may_answer_complaint(self.opinion, unit) for unit in units):
            raise forms.ValidationError(_("被投诉单位及其下级、同级单位不能办理这条投诉。"))
        return units

    def clean_to(self) -> Unit:
        unit: Unit = self.cleaned_data["to"]
        if not may_answer_complaint(self.opinion, unit):
            raise forms.ValidationError(_("被投诉单位及其下级、同级单位不能办理这条投诉。"))
        return unit

    def _chosen_topic(self) -> Topic:
        code = str(self["topic"].value() or "")
        return Topic.objects.exclude(parent=None).filter(code=code).first() or self.opinion.topic


class ReturnForm(StepForm):
    reason = forms.ChoiceField(label=_("退回理由"), choices=[("", "—"), *Referral.ReturnReason.choices])
    note = FreeTextField(label=_("说明"), max_length=500, rows=2, help_text=_("写明应由谁办理，便于再次转办。"))

    def prepare(self) -> None:
        referral = current_referral(self.opinion)
        if referral is not None:
            day = due_day(referral.sign_due_at).isoformat()
            self.fields["reason"].help_text = _("%(day)s及以前可以退回，过期视为接受办理。") % {"day": day}


class FirstContactForm(StepForm):
    """When and how the unit first spoke to the citizen; left out, now."""

    told_by = forms.ChoiceField(
        label=_("联系方式"), choices=[choice for choice in Reply.ToldBy.choices if choice[0] != Reply.ToldBy.PAGE]
    )
    spoken_at = LocalDateTimeField(label=_("联系时间"), required=False, help_text=_("不填就是现在。"))
    note = FreeTextField(label=_("联系情况"), max_length=500, required=False, rows=2)


class PauseForm(StepForm):
    """Why the clocks stop, and what the citizen is asked for, in words for the citizen."""

    reason = forms.ChoiceField(label=_("暂停原因"), choices=Pause.Reason.choices)
    asked = FreeTextField(
        label=_("请群众补充什么"),
        max_length=500,
        min_length=6,
        rows=3,
        help_text=_("写给群众看：凭查询码能看到，并能在网上直接补充。"),
    )

    def prepare(self) -> None:
        referral = current_referral(self.opinion)
        if referral is not None:
            left = pause_days_left(self.opinion, referral)
            self.fields["reason"].help_text = gettext("最多还能暂停 %(n)d 个工作日，到时自动恢复。") % {"n": left}


class ResumeForm(StepForm):
    note = FreeTextField(label=_("群众补充的内容"), max_length=500, required=False, rows=3)


class ExtendForm(StepForm):
    """How many more working days, and why: somebody else decides."""

    days = forms.IntegerField(label=_("延长工作日"), min_value=1, max_value=30)
    reason = FreeTextField(label=_("延期理由"), max_length=500, min_length=6, rows=3)

    def prepare(self) -> None:
        referral = current_referral(self.opinion)
        if referral is not None:
            most = policy_of(self.opinion, referral.referred_at).extension_days
            self.fields["days"].help_text = gettext("最多 %(n)d 个工作日，只能延一次，由走访办批准。") % {"n": most}


class AlsoField(MultipleChoiceField[Opinion]):
    """Other opinions that the measure settles, named by number; the likest are offered, any that fits is taken."""

    OFFERED = 12

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.CheckboxSelectMultiple
        super().__init__(Opinion.objects.none(), to_field_name="no", required=False, widget=widget, **kwargs)

    def offer(self, opinion: Opinion, viewer: Officer) -> None:
        self.queryset = to_settle_with(opinion, viewer)
        offered = likest(opinion, self.queryset)[: self.OFFERED]
        self.choices = [(one.no, gettext("%(headline)s（%(topic)s · %(no)s）") % _words_of(one)) for one in offered]


def _words_of(opinion: Opinion) -> dict[str, str]:
    return {"headline": opinion.headline, "topic": opinion.topic.label, "no": opinion.no}


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


class RectificationField(ChoiceField[Rectification]):
    """A rectification in hand, named by its number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Rectification.objects.none(), to_field_name="no", **{"empty_label": "—"} | kwargs)

    def label_from_instance(self, obj: Any) -> str:
        measure = obj.measure if len(obj.measure) <= 40 else obj.measure[:40] + "…"
        return f"{obj.no} {measure}"


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


class NoteForm(StepForm):
    """An optional remark."""

    note = FreeTextField(label=_("说明"), max_length=500, required=False, rows=2)


class ReasonForm(StepForm):
    """A remark that the next person needs."""

    note = FreeTextField(label=_("理由"), max_length=500, min_length=4, rows=3)


def require_filled(text: str) -> None:
    """:raises ValidationError: if a placeholder was left that nobody filled."""
    if left := left_in(text):
        names = gettext("、").join(left)
        raise ValidationError(gettext("还有没填的内容：%(names)s。请改成要告诉群众的话。") % {"names": names})


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
            field.help_text = gettext("反映人选的是：%(ways)s。短信、邮件、私信由系统发送，电话和书面由您办。") % {
                "ways": ways
            }
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


class JoinForm(StepForm):
    """Which opinion is the same matter and carries the work from now on."""

    main = forms.CharField(
        label=_("并入哪一条"), max_length=20, help_text=_("填写主件编号，或从下面的相似意见中选。投诉不能并办。")
    )
    note = FreeTextField(label=_("说明"), max_length=500, required=False, rows=2)

    def clean_main(self) -> Opinion:
        no = "".join(str(self.cleaned_data["main"]).upper().split())
        found = joinable(self.opinion, self.viewer).select_related("joined_to").filter(no=no).first()
        if found is None:
            # Closed, a complaint, out of sight or not there: it is not told which.
            raise forms.ValidationError(_("没有可以并入的这条意见：请核对编号；已办结的要先重新办理。"))
        return found


class ComplaintForm(StepForm):
    """Whom the opinion turns out to complain about."""

    complained_unit = UnitField(label=_("被投诉单位"), required=False)
    complained_officer = OfficerField(label=_("被投诉民警"), required=False)
    note = FreeTextField(label=_("理由"), max_length=500, min_length=4, rows=2)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        given = cleaned.get("complained_unit") or cleaned.get("complained_officer")
        if not given and not self.errors.keys() & {"complained_unit", "complained_officer"}:
            self.add_error("complained_unit", _("请写明投诉的是哪个单位或哪位民警。"))
        return cleaned


class FilesForm(Form):
    """More files for the record."""

    added = ManyFilesField(
        label=_("添加附件"), required=False, help_text=_("图片、PDF、Word 或 Excel，每个不超过 10 MB。")
    )


class RevealForm(Form):
    """Why the contact is looked at."""

    reason = forms.CharField(label=_("查看事由"), max_length=200, min_length=4)


STEP_FORMS: dict[Step, type[StepForm]] = {
    Step.REFER: ReferForm,
    Step.SIGN: SignForm,
    Step.RETURN: ReturnForm,
    Step.FIRST_CONTACT: FirstContactForm,
    Step.PAUSE: PauseForm,
    Step.RESUME: ResumeForm,
    Step.EXTEND: ExtendForm,
    Step.GRANT_EXTENSION: NoteForm,
    Step.REFUSE_EXTENSION: ReasonForm,
    Step.MEASURE: MeasureForm,
    Step.COVER: CoverForm,
    Step.TAKE_OUT: ReasonForm,
    Step.RECTIFY: RectifyForm,
    Step.VERIFY: NoteForm,
    Step.REJECT: ReasonForm,
    Step.REPLY: ReplyForm,
    Step.APPROVE: NoteForm,
    Step.SEND_BACK: ReasonForm,
    Step.FEED_BACK: FeedbackForm,
    Step.CALL_BACK: CallBackForm,
    Step.CLOSE: NoteForm,
    Step.REVIEW: ReviewForm,
    Step.REOPEN: ReasonForm,
    Step.JOIN: JoinForm,
    Step.UNJOIN: ReasonForm,
    Step.COMPLAINT: ComplaintForm,
    Step.RECALL: TakeBackForm,
    Step.UNSIGN: TakeBackForm,
}
