"""Untrusted input about petitions and disputes: for the page, the API and the import."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zoufang.casework import rules, selectors
from zoufang.casework.models import Dispute, PetitionCase
from zoufang.casework.vocabulary import DisputeCategory, Level
from zoufang.kernel.clock import start_of
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit
from zoufang.organization.selectors import unit_choices
from zoufang.privacy.forms import FreeTextField
from zoufang.ui.characters import is_plain
from zoufang.ui.forms import DayField, Form, LocalDateTimeField

NOTIFIED_WHEN = _("书面告知时间应当在交办之后，且不晚于现在。")
NOT_A_PERSON = _("写事项本身，不写姓名、证件号和电话。")


class OfficerField(forms.ModelChoiceField[Officer]):
    """An officer in service, named by account."""

    def __init__(self, **kwargs: Any) -> None:
        active = Officer.objects.filter(is_active=True).select_related("unit")
        super().__init__(active, to_field_name="username", **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return gettext("%(name)s（%(note)s）") % {"name": obj.name, "note": obj.unit.label}


class CaseNumberField(forms.CharField):
    """The number on the paper that a case came with: it is printed and looked up, so each character can be seen."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)

    def validate(self, value: str) -> None:
        super().validate(value)
        if not is_plain(value):
            raise forms.ValidationError(gettext("编号中有看不见或不能打印的字符，请删去后再提交。"))


class DeadlineField(DayField):
    """A last day, in a century that people plan for."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validators=[MaxValueValidator(date(2199, 12, 31))], **kwargs)


class UnitOfMineField(forms.ModelChoiceField[Unit]):
    """A unit for which the reader may record, named by code; give it the reader with `narrow`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Unit.objects.none(), to_field_name="code", **kwargs)

    def narrow(self, by: Officer) -> None:
        mine: QuerySet[Unit] = access.units_in_reach(by, Do.RECORD_CASEWORK).filter(valid_to=None)
        self.queryset = mine
        codes = dict(mine.values_list("pk", "code"))
        self.choices = [(group, [(codes[pk], label) for pk, label in rows]) for group, rows in unit_choices(mine)]
        if by.unit_id in codes:
            self.initial = by.unit.code


class _Recording(Form):
    """A form whose `unit` is one for which `by` may record, and whose days end at their midnight."""

    def __init__(self, *args: Any, by: Officer, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.now = by, now
        field = self.fields["unit"]
        if isinstance(field, UnitOfMineField):
            field.narrow(by)

    def not_in_future(self, moment: datetime, message: Any) -> datetime:
        if moment > self.now:
            raise forms.ValidationError(message)
        return moment

    def require_near(self, *names: str) -> None:
        """Refuse officers named in the fields `names` who work neither in the unit nor above or below it."""
        unit = self.cleaned_data.get("unit")
        for name in names:
            officer = self.cleaned_data.get(name)
            if officer is None or unit is None:
                continue
            if not selectors.officers_who_may_answer_for(unit).filter(pk=officer.pk).exists():
                self.add_error(name, _("%(name)s不属于该单位或其上下级单位。") % {"name": officer.name})


class PetitionForm(_Recording):
    """What is said when a petition is assigned to a unit."""

    no = CaseNumberField(label=_("信访编号"), required=False, help_text=_("交办单上的编号；没有可留空，自动编号。"))
    level = forms.ChoiceField(label=_("交办层级"), choices=Level.choices, initial=Level.PROVINCE)
    is_backlog = forms.BooleanField(label=_("信访积案"), required=False)
    batch = FreeTextField(label=_("交办批次"), max_length=40, required=False, rows=1)
    subject = FreeTextField(label=_("信访事项"), max_length=200, min_length=4, rows=2, help_text=NOT_A_PERSON)
    unit = UnitOfMineField(label=_("办理单位"))
    assigned_at = LocalDateTimeField(label=_("交办时间"))
    due_on = DeadlineField(
        label=_("办理期限"), required=False, help_text=_("交办单上的期限；留空按六十日计算，末日逢节假日顺延。")
    )

    def clean_assigned_at(self) -> datetime:
        return self.not_in_future(self.cleaned_data["assigned_at"], _("交办时间不能晚于现在。"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        due_on: date | None = cleaned.pop("due_on", None)
        cleaned["due_at"] = _end_of(due_on)
        assigned_at = cleaned.get("assigned_at")
        if due_on and assigned_at and cleaned["due_at"] <= assigned_at:
            self.add_error("due_on", _("办理期限应当晚于交办时间。"))
        return cleaned


class PetitionImportForm(PetitionForm):
    """One row of an existing petition ledger, for `services.take_in_petition`; `no` is what tells rows apart."""

    leader = OfficerField(label=_("包案领导"), required=False)
    responsible = OfficerField(label=_("责任人"), required=False)
    notified_at = LocalDateTimeField(label=_("书面告知时间"), required=False)
    closed_at = LocalDateTimeField(label=_("结案时间"), required=False)
    result = FreeTextField(label=_("办理结果"), max_length=2000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["no"].required = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.require_near("leader", "responsible")
        closed_at, assigned_at = cleaned.get("closed_at"), cleaned.get("assigned_at")
        notified_at = cleaned.get("notified_at")
        if notified_at and assigned_at and not assigned_at <= notified_at <= self.now:
            self.add_error("notified_at", NOTIFIED_WHEN)
        if closed_at is not None:
            if closed_at > self.now or (assigned_at and closed_at < assigned_at):
                self.add_error("closed_at", _("结案时间应当在交办之后，且不晚于现在。"))
            if not cleaned.get("result"):
                self.add_error("result", _("已结案的须填写办理结果。"))
            if not cleaned.get("responsible"):
                self.add_error("responsible", _("已结案的须填写责任人。"))
        elif cleaned.get("result"):
            self.add_error("closed_at", _("填写了办理结果的须填写结案时间。"))
        return cleaned


class DisputeForm(_Recording):
    """What is said when screening finds a dispute."""

    no = CaseNumberField(label=_("纠纷编号"), required=False, help_text=_("台账上的编号；没有可留空，自动编号。"))
    category = forms.ChoiceField(label=_("纠纷类别"), choices=DisputeCategory.choices)
    screening_round = FreeTextField(label=_("排查轮次"), max_length=40, required=False, rows=1)
    found_at = LocalDateTimeField(label=_("发现时间"))
    unit = UnitOfMineField(label=_("调处单位"))
    place = FreeTextField(
        label=_("纠纷地点"),
        max_length=80,
        required=False,
        rows=1,
        help_text=_("写到小区、街巷或单位，不写门牌和姓名。"),
    )
    summary = FreeTextField(label=_("纠纷情况"), max_length=500, required=False, rows=3, help_text=NOT_A_PERSON)
    due_on = DeadlineField(label=_("化解期限"), required=False, help_text=_("留空按三十日计算。"))

    def clean_found_at(self) -> datetime:
        return self.not_in_future(self.cleaned_data["found_at"], _("发现时间不能晚于现在。"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        end, found_at = _end_of(cleaned.get("due_on")), cleaned.get("found_at")
        if end and found_at and end <= found_at:
            self.add_error("due_on", _("化解期限不能早于发现日期。"))
        return cleaned


class DisputeImportForm(DisputeForm):
    """One row of an existing dispute ledger, for `services.take_in_dispute`; `no` is what tells rows apart."""

    responsible = OfficerField(label=_("责任人"), required=False)
    resolved_at = LocalDateTimeField(label=_("化解时间"), required=False)
    result = FreeTextField(label=_("化解结果"), max_length=2000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["no"].required = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.require_near("responsible")
        resolved_at, found_at = cleaned.get("resolved_at"), cleaned.get("found_at")
        if resolved_at is not None:
            if resolved_at > self.now or (found_at and resolved_at < found_at):
                self.add_error("resolved_at", _("化解时间应当在发现之后，且不晚于现在。"))
            if not cleaned.get("result"):
                self.add_error("result", _("已化解的须填写化解结果。"))
        elif cleaned.get("result"):
            self.add_error("resolved_at", _("填写了化解结果的须填写化解时间。"))
        return cleaned


class PetitionStepForm(Form):
    """What one step of a petition needs; choices are narrowed to the case."""

    def __init__(self, *args: Any, case: PetitionCase, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case, self.now = case, now
        self.prepare()

    def prepare(self) -> None:
        """Narrow choices and propose values."""


class AssignPetitionForm(PetitionStepForm):
    responsible = OfficerField(label=_("责任人"))
    leader = OfficerField(label=_("包案领导"), required=False)

    def prepare(self) -> None:
        near = selectors.officers_who_may_answer_for(self.case.unit)
        for name in ("responsible", "leader"):
            self.fields[name].queryset = near  # type: ignore[attr-defined]
            officer = getattr(self.case, name)
            self.initial.setdefault(name, officer.username if officer else None)


class NotifyPetitionerForm(PetitionStepForm):
    note = FreeTextField(
        label=_("告知情况"),
        max_length=200,
        min_length=4,
        rows=2,
        help_text=_("写明告知书文号和送达方式，例如：焦公访告〔2026〕12 号，邮寄送达；不写姓名和住址。"),
    )
    notified_at = LocalDateTimeField(label=_("书面告知时间"), required=False, help_text=_("留空为现在。"))

    def clean_notified_at(self) -> datetime | None:
        notified_at: datetime | None = self.cleaned_data["notified_at"]
        if notified_at is not None and not self.case.assigned_at <= notified_at <= self.now:
            raise forms.ValidationError(NOTIFIED_WHEN)
        return notified_at


class ExtendPetitionForm(PetitionStepForm):
    extended_on = DeadlineField(label=_("延期至"))
    reason = FreeTextField(label=_("延期理由"), max_length=200, min_length=4, rows=2)

    def prepare(self) -> None:
        most = {"days": rules.PETITION_EXTENSION_DAYS}
        self.fields["extended_on"].help_text = _("只能延一次，不超过 %(days)d 日。") % most

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        extended_to = cleaned["extended_to"] = _end_of(cleaned.pop("extended_on", None))
        longest = self.case.due_at + timedelta(days=rules.PETITION_EXTENSION_DAYS)
        if extended_to and not self.case.due_at < extended_to <= longest:
            self.add_error("extended_on", _("应当在原期限之后，且不超过三十日。"))
        return cleaned


class PetitionReasonForm(PetitionStepForm):
    reason = FreeTextField(label=_("理由"), max_length=200, min_length=4, rows=2)


class ClosePetitionForm(PetitionStepForm):
    result = FreeTextField(
        label=_("办理结果"),
        max_length=2000,
        min_length=4,
        help_text=_("写明处理意见和送达情况；不写姓名、证件号和电话。"),
    )
    closed_at = LocalDateTimeField(label=_("办结时间"), required=False, help_text=_("留空为现在。"))

    def clean_closed_at(self) -> datetime | None:
        closed_at: datetime | None = self.cleaned_data["closed_at"]
        if closed_at is not None and not self.case.assigned_at <= closed_at <= self.now:
            raise forms.ValidationError(_("办结时间应当在交办之后，且不晚于现在。"))
        return closed_at


class DisputeStepForm(Form):
    """What one step of a dispute needs; choices are narrowed to the dispute."""

    def __init__(self, *args: Any, case: Dispute, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case, self.now = case, now
        self.prepare()

    def prepare(self) -> None:
        """Narrow choices and propose values."""


class AssignDisputeForm(DisputeStepForm):
    responsible = OfficerField(label=_("责任人"))
    due_on = DeadlineField(label=_("化解期限"), required=False)

    def prepare(self) -> None:
        near = selectors.officers_who_may_answer_for(self.case.unit)
        self.fields["responsible"].queryset = near  # type: ignore[attr-defined]
        officer = self.case.responsible
        self.initial.setdefault("responsible", officer.username if officer else None)
        self.initial.setdefault("due_on", self.case.due_on)

    def clean_due_on(self) -> date | None:
        due_on: date | None = self.cleaned_data["due_on"]
        if due_on is not None and (_end_of(due_on) or self.now) <= self.case.found_at:
            raise forms.ValidationError(_("化解期限不能早于发现日期。"))
        return due_on


class ResolveDisputeForm(DisputeStepForm):
    result = FreeTextField(
        label=_("化解结果"),
        max_length=2000,
        min_length=4,
        help_text=_("写明达成的协议或书面确认；不写姓名、证件号和电话。"),
    )
    resolved_at = LocalDateTimeField(label=_("化解时间"), required=False, help_text=_("留空为现在。"))

    def clean_resolved_at(self) -> datetime | None:
        resolved_at: datetime | None = self.cleaned_data["resolved_at"]
        if resolved_at is not None and not self.case.found_at <= resolved_at <= self.now:
            raise forms.ValidationError(_("化解时间应当在发现之后，且不晚于现在。"))
        return resolved_at


class ReopenDisputeForm(DisputeStepForm):
    reason = FreeTextField(label=_("重新调处的原因"), max_length=200, min_length=4, rows=2)
    due_on = DeadlineField(label=_("化解期限"), required=False, help_text=_("留空按三十日计算。"))


def _end_of(day: date | None) -> datetime | None:
    """Return the midnight that ends the local `day`: the first moment that is too late."""
    return None if day is None else start_of(day + timedelta(days=1))
