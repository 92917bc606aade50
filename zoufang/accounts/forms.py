"""What an officer or an administrator may type, turned into typed values."""

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zoufang.audit.models import AuditRecord
from zoufang.organization import selectors
from zoufang.organization.models import Officer, PeerGroup, Role, Unit
from zoufang.ui.forms import DayField, Form, PeriodField
from zoufang.ui.listing import FilterForm

_USERNAME = RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._-]{1,31}$", _("账号由 2 至 32 位字母、数字、点、横线组成。"))


class UnitChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable when it runs
    """Chooses one of `units`, grouped as the organization chart groups them."""

    def __init__(self, units: QuerySet[Unit] | None = None, **kwargs: Any) -> None:
        super().__init__(Unit.objects.none() if units is None else units, **kwargs)

    def offer(self, units: QuerySet[Unit]) -> None:
        """Let the reader choose among `units` only."""
        self.queryset = units
        self.choices = [("", "---------"), *selectors.unit_choices(units)]


class SignInForm(Form):
    username = forms.CharField(
        label=_("账号"),
        max_length=32,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("密码"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class NewPasswordMixin(Form):
    """A new password, twice, which the validators of the settings accept for `officer`."""

    password = forms.CharField(
        label=_("新密码"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("再输一次新密码"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, officer: Officer | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.officer = officer
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.officer)
        return password

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password", again):
            raise ValidationError(_("两次输入的密码不一致。"))
        return again


class ChangePasswordForm(NewPasswordMixin):
    old = forms.CharField(
        label=_("现在的密码"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
    field_order = ("old", "password", "again")

    def clean_old(self) -> str:
        old: str = self.cleaned_data["old"]
        if self.officer is None or not self.officer.check_password(old):
            raise ValidationError(_("现在的密码不对。"))
        return old

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("old") and cleaned.get("old") == cleaned.get("password"):
            self.add_error("password", _("新密码不能与现在的密码相同。"))
        return cleaned


class ResetPasswordForm(NewPasswordMixin):
    pass


class TokenForm(Form):
    name = forms.CharField(label=_("用途"), max_length=60, help_text=_("例如：派出所值班电脑、数据同步程序"))


class OfficerForm(NewPasswordMixin):
    username = forms.CharField(label=_("账号"), max_length=32, validators=[_USERNAME])
    name = forms.CharField(label=_("姓名"), max_length=30)
    unit = UnitChoice(label=_("所在单位"))
    field_order = ("username", "name", "unit", "password", "again")

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].offer(units)  # type: ignore[attr-defined]
        self.fields["password"].label = _("初始密码")

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if Officer.objects.filter(username=username).exists():
            raise ValidationError(_("该账号已被使用。"))
        return username

    def clean_password(self) -> str:
        self.officer = Officer(username=self.cleaned_data.get("username", ""), name=self.cleaned_data.get("name", ""))
        return super().clean_password()


class DutyForm(Form):
    role = forms.ChoiceField(label=_("岗位"), choices=Role.choices)
    over = UnitChoice(label=_("管辖单位"), help_text=_("岗位对该单位及其全部下级单位有效。"))

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["over"].offer(units)  # type: ignore[attr-defined]

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class MoveOfficerForm(Form):
    to = UnitChoice(label=_("调往单位"), help_text=_("调动后原有岗位全部免去，须重新设岗。"))

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].offer(units)  # type: ignore[attr-defined]


class OfficerFilter(FilterForm):
    q = forms.CharField(label=_("账号或姓名"), widget=forms.SearchInput())
    role = forms.ChoiceField(label=_("岗位"), choices=[("", _("全部")), *Role.choices])
    state = forms.ChoiceField(label=_("状态"), choices=[("", _("全部")), ("on", _("启用")), ("off", _("停用"))])

    def keep(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.cleaned_data
        if asked["q"]:
            rows = rows.filter(Q(username__icontains=asked["q"]) | Q(name__icontains=asked["q"]))
        if asked["role"]:
            rows = rows.filter(pk__in=Officer.objects.filter(duties__role=asked["role"]))
        if asked["state"]:
            rows = rows.filter(is_active=asked["state"] == "on")
        return rows


class EditUnitForm(Form):
    name = forms.CharField(label=_("单位名称"), max_length=60)
    name_en = forms.CharField(label=_("单位英文名称"), max_length=120, required=False)
    peer_group = forms.ChoiceField(label=_("序列"), choices=PeerGroup.choices, required=False)
    position = forms.IntegerField(label=_("排列次序"), min_value=0, max_value=1_000_000, initial=0)
    has_patrol_duty = forms.BooleanField(label=_("承担巡防"), required=False)
    phone = forms.CharField(
        label=pgettext_lazy("of a unit", "对外电话"),
        max_length=20,
        required=False,
        validators=[RegexValidator(r"^[0-9][0-9 \-]{1,18}[0-9]$", _("请填写电话号码，例如 0391-2345678。"))],
        help_text=_("群众可以打的电话，用在答复里；没有的，用上级单位的。"),
    )


class UnitForm(EditUnitForm):
    code = forms.CharField(
        label=_("单位代码"), validators=[RegexValidator(r"^[0-9]{12}$", _("单位代码为 12 位数字。"))], max_length=12
    )
    kind = forms.ChoiceField(label=_("单位类型"), choices=Unit.Kind.choices)
    parent = UnitChoice(label=_("上级单位"))
    valid_from = DayField(label=_("启用日期"), required=False)
    field_order = ("parent", "code", "kind", "name", "name_en", "peer_group", "valid_from")

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].offer(units)  # type: ignore[attr-defined]

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if Unit.objects.filter(code=code).exists():
            raise ValidationError(_("该单位代码已被使用。"))
        return code


class MoveUnitForm(Form):
    to = UnitChoice(label=_("移到单位之下"))

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].offer(units)  # type: ignore[attr-defined]


class CloseUnitForm(Form):
    last_day = DayField(label=_("最后一天"))


class UnitFilter(FilterForm):
    q = forms.CharField(label=_("名称或代码"), widget=forms.SearchInput())
    kind = forms.ChoiceField(label=_("单位类型"), choices=[("", _("全部")), *Unit.Kind.choices])
    peer_group = forms.ChoiceField(
        label=_("序列"), choices=[("", _("全部")), *(choice for choice in PeerGroup.choices if choice[0])]
    )
    lookups: ClassVar = {"kind": "kind", "peer_group": "peer_group"}

    def keep(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.cleaned_data["q"]
        rows = super().keep(rows)
        return rows.filter(Q(name__icontains=asked) | Q(code__startswith=asked)) if asked else rows


class SpecialDayForm(Form):
    on = DayField(label=_("日期"))
    is_working = forms.TypedChoiceField(
        label=_("这一天"),
        choices=[("0", _("放假")), ("1", _("上班（调休）"))],
        coerce=lambda value: value == "1",
    )
    name = forms.CharField(label=_("名称"), max_length=20, help_text=_("例如：国庆节、国庆节调休"))


class SpecialDayFilter(FilterForm):
    year = forms.IntegerField(label=_("年份"), min_value=2000, max_value=2100)
    lookups: ClassVar = {"year": "on__year"}


class AuditFilter(FilterForm):
    period = PeriodField(label=_("时间"))
    by = forms.CharField(label=_("操作人账号"), max_length=32)
    action = forms.CharField(label=_("操作"), max_length=40)
    object_type = forms.CharField(label=_("对象类型"), max_length=40)
    object_id = forms.CharField(label=_("对象编号"), max_length=64)
    lookups: ClassVar = {
        "by": "by__username",
        "action": "action__startswith",
        "object_type": "object_type",
        "object_id": "object_id",
    }

    def keep(self, rows: QuerySet[AuditRecord]) -> QuerySet[AuditRecord]:
        rows = super().keep(rows)
        period = self.cleaned_data["period"]
        if period is None:
            return rows
        rows = rows.filter(at__lt=period.end)
        return rows if period.start is None else rows.filter(at__gte=period.start)
