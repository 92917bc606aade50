"""Steps around the work: referring, signing, speaking to the citizen, time, joining."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zoufang.opinions.coverage import can_sign
from zoufang.opinions.forms.fields import OfficerField, TopicField, UnitField, UnitsField
from zoufang.opinions.models import Opinion, Pause, Referral, Reply, Topic
from zoufang.opinions.selectors import (
    current_referral,
    is_complaint,
    joinable,
    may_answer_complaint,
    pause_days_left,
    policy_of,
    suggested_unit,
    waited_for,
)
from zoufang.organization.models import Officer, Unit
from zoufang.privacy.forms import FreeTextField
from zoufang.ui.forms import (
    Form,
    LocalDateTimeField,
)
from zoufang.ui.when import due_day


class StepForm(Form):
    """What one step needs. `version` is the state that the person saw: another one is answered as stale."""

    def __init__(self, *args: Any, opinion: Opinion, viewer: Officer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.opinion, self.viewer = opinion, viewer
        self.prepare()

    def prepare(self) -> None:
        """Narrow choices to this opinion and propose values."""


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


class NoteForm(StepForm):
    """An optional remark."""

    note = FreeTextField(label=_("说明"), max_length=500, required=False, rows=2)


class ReasonForm(StepForm):
    """A remark that the next person needs."""

    note = FreeTextField(label=_("理由"), max_length=500, min_length=4, rows=3)


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
