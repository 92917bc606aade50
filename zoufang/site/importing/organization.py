"""The unit tree and the officers, as the personnel office keeps them: the first thing a new installation takes in."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zoufang.organization.models import Officer, PeerGroup, Role, Unit
from zoufang.organization.services import appoint, open_officer, open_unit
from zoufang.site.importing.columns import Cells, Column, RowErrors
from zoufang.site.importing.desk import Desk, Importer, Outcome, each, require_valid
from zoufang.ui.forms import Form

NO_SUCH_UNIT = gettext_lazy("没有这个单位代码。")


class UnitRow(Form):
    """What must be right about a unit that comes from a table."""

    code = forms.RegexField(r"^\d{12}$", error_messages={"invalid": gettext_lazy("单位代码为 12 位数字。")})
    name = forms.CharField(max_length=60)
    name_en = forms.CharField(max_length=120, required=False)
    kind = forms.ChoiceField(choices=Unit.Kind.choices)
    peer_group = forms.ChoiceField(choices=[("", ""), *PeerGroup.choices], required=False)
    parent = forms.CharField(required=False)

    def clean_parent(self) -> Unit | None:
        code = self.cleaned_data["parent"]
        found = Unit.objects.filter(code=code).first() if code else None
        if code and found is None:
            raise forms.ValidationError(_("没有这个上级单位代码；上级单位应当写在前面的行。"))
        return found


def take_unit(row: Cells, desk: Desk) -> Outcome:
    form = UnitRow(row)
    require_valid(form)
    said: dict[str, Any] = form.cleaned_data
    known = Unit.objects.filter(code=said["code"]).first()
    if known is not None:
        if (known.name, known.kind, known.parent) == (said["name"], said["kind"], said["parent"]):
            return Outcome.UNCHANGED
        raise RowErrors({"code": [_("单位代码已属于“%(unit)s”，内容不同，未改动。") % {"unit": known.label}]})
    if said["parent"] is None and Unit.objects.exists():
        raise RowErrors({"parent": [_("已有市局，其他单位须写上级单位代码。")]})
    open_unit(**said, position=Unit.objects.count() + 1, by=desk.by, now=desk.now)
    return Outcome.CREATED


class OfficerRow(Form):
    """What must be right about an officer that comes from a table."""

    username = forms.CharField(max_length=32)
    name = forms.CharField(max_length=30)
    unit = forms.ModelChoiceField(
        Unit.objects.all(), to_field_name="code", error_messages={"invalid_choice": NO_SUCH_UNIT}
    )
    role = forms.ChoiceField(choices=Role.choices)
    over = forms.ModelChoiceField(
        Unit.objects.all(), to_field_name="code", required=False, error_messages={"invalid_choice": NO_SUCH_UNIT}
    )


def take_officer(row: Cells, desk: Desk) -> Outcome:
    form = OfficerRow(row)
    require_valid(form)
    said: dict[str, Any] = form.cleaned_data
    over = said["over"] or said["unit"]
    known = Officer.objects.filter(username=said["username"]).first()
    if known is not None:
        if (known.name, known.unit) != (said["name"], said["unit"]):
            raise RowErrors({"username": [_("账号已属于另一名民警，未改动。")]})
        if known.duties.filter(role=said["role"], unit=over).exists():
            return Outcome.UNCHANGED
    officer = known or open_officer(
        username=said["username"], name=said["name"], unit=said["unit"], password=None, by=desk.by, now=desk.now
    )
    appoint(officer, role=Role(said["role"]), over=over, by=desk.by, now=desk.now)
    return Outcome.CREATED


UNITS = Importer(
    (
        Column("code", ("单位代码",), True, "410800570001"),
        Column("name", ("单位名称",), True, "东焦作警务室"),
        Column("name_en", ("英文名称",), False, ""),
        Column("kind", ("单位类型",), True, "警务室", choices=Unit.Kind),
        Column("parent", ("上级单位代码",), False, "410800570101"),
        Column("peer_group", ("序列",), False, "", choices=PeerGroup),
    ),
    each(take_unit),
    at_console=True,
)

OFFICERS = Importer(
    (
        Column("username", ("账号",), True, "100234"),
        Column("name", ("姓名",), True, "民警甲"),
        Column("unit", ("所在单位代码", "单位代码"), True, "410800570001"),
        Column("role", ("岗位",), True, "民警", choices=Role),
        Column("over", ("管辖单位代码",), False, ""),
    ),
    each(take_officer),
    at_console=True,
)
