"""The desk of the system administrator: the unit tree and the days that do not follow their weekday."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zoufang.accounts.access import OfficerRequest
from zoufang.accounts.forms import (
    CloseUnitForm,
    EditUnitForm,
    MoveUnitForm,
    SpecialDayFilter,
    SpecialDayForm,
    UnitFilter,
    UnitForm,
)
from zoufang.organization import access, selectors, services
from zoufang.organization.access import Do
from zoufang.organization.models import SpecialDay, Unit, UnitQuerySet
from zoufang.ui.listing import Action, Column, listing
from zoufang.ui.middleware import back_to

_EDITED = ("name", "name_en", "peer_group", "position", "has_patrol_duty", "phone")

_UNIT_COLUMNS = (
    Column("code", gettext_lazy("单位代码"), lambda unit: unit.code, code=True, order="code"),
    Column(
        "name",
        gettext_lazy("单位名称"),
        lambda unit: unit.label,
        link=lambda unit: reverse("accounts:unit", args=[unit.pk]),
        key=True,
    ),
    Column("parent", gettext_lazy("上级单位"), lambda unit: unit.parent.label if unit.parent else ""),
    Column("kind", gettext_lazy("单位类型"), lambda unit: unit.get_kind_display()),
    Column("peers", gettext_lazy("序列"), lambda unit: unit.get_peer_group_display() if unit.peer_group else ""),
    Column("patrol", gettext_lazy("承担巡防"), lambda unit: unit.has_patrol_duty),
    Column("from", gettext_lazy("启用日期"), lambda unit: unit.valid_from),
    Column("to", gettext_lazy("停用日期"), lambda unit: unit.valid_to),
)

_WEEKDAYS = (
    gettext_lazy("星期一"),
    gettext_lazy("星期二"),
    gettext_lazy("星期三"),
    gettext_lazy("星期四"),
    gettext_lazy("星期五"),
    gettext_lazy("星期六"),
    gettext_lazy("星期日"),
)

_DAY_COLUMNS = (
    Column("on", gettext_lazy("日期"), lambda day: day.on, key=True),
    Column("weekday", gettext_lazy("星期"), lambda day: _WEEKDAYS[day.on.weekday()]),
    Column(
        "is_working",
        gettext_lazy("这一天"),
        lambda day: _("上班") if day.is_working else _("放假"),
        badge=lambda day: "active" if day.is_working else "neutral",
    ),
    Column("name", gettext_lazy("名称"), lambda day: day.name),
)


@require_GET
def units(request: OfficerRequest) -> HttpResponseBase:
    access.require(request.user, Do.KEEP_ORGANIZATION)
    return listing(
        request,
        selectors.units_kept_by(request.user).select_related("parent"),
        title=pgettext("plural", "单位"),
        columns=_UNIT_COLUMNS,
        filters=UnitFilter(),
        actions=[
            Action(_("新设单位"), reverse("accounts:open_unit"), icon="plus"),
            Action(_("节假日与调休"), reverse("accounts:special_days"), tone="plain", icon="calendar"),
        ],
    )


@require_http_methods(["GET", "POST"])
def unit(request: OfficerRequest, pk: int) -> HttpResponse:
    found = _find(request, pk)
    form = EditUnitForm(request.POST or None, initial={name: getattr(found, name) for name in _EDITED})
    if form.is_valid():
        back_to(request, lambda: _page(request, _find(request, pk), edit=form), form)
        services.edit_unit(found, **form.cleaned_data, by=request.user, now=timezone.now())
        messages.success(request, _("单位已修改。"))
        return redirect("accounts:unit", pk)
    return _page(request, found, edit=form)


@require_http_methods(["GET", "POST"])
def open_unit(request: OfficerRequest) -> HttpResponse:
    access.require(request.user, Do.KEEP_ORGANIZATION)
    form = UnitForm(request.POST or None, units=_places(request))
    shown = {"form": form, "title": _("新设单位"), "back": reverse("accounts:units"), "submit": _("设立单位")}
    page = partial(render, request, "accounts/form.html", shown, status=422 if form.is_bound else 200)
    if form.is_valid():
        back_to(request, page, form)
        opened = services.open_unit(**form.cleaned_data, by=request.user, now=timezone.now())
        messages.success(request, _("单位已设立。"))
        return redirect("accounts:unit", opened.pk)
    return page()


@require_POST
def move_unit(request: OfficerRequest, pk: int) -> HttpResponse:
    found = _find(request, pk)
    form = MoveUnitForm(request.POST, units=_places(request))
    if not form.is_valid():
        return _page(request, found, move=form)
    back_to(request, lambda: _page(request, _find(request, pk), move=form), form)
    services.move_unit(found, to=form.cleaned_data["to"], by=request.user, now=timezone.now())
    messages.success(request, _("单位已移动。"))
    return redirect("accounts:unit", pk)


@require_POST
def close_unit(request: OfficerRequest, pk: int) -> HttpResponse:
    found = _find(request, pk)
    form = CloseUnitForm(request.POST)
    if not form.is_valid():
        return _page(request, found, close=form)
    back_to(request, lambda: _page(request, _find(request, pk), close=form), form)
    services.close_unit(found, last_day=form.cleaned_data["last_day"], by=request.user, now=timezone.now())
    messages.success(request, _("单位已停用，历史记录仍归其名下。"))
    return redirect("accounts:unit", pk)


@require_GET
def special_days(request: OfficerRequest) -> HttpResponseBase:
    access.require(request.user, Do.KEEP_ORGANIZATION)
    return listing(
        request,
        SpecialDay.objects.order_by("-on"),
        title=_("节假日与调休"),
        columns=_DAY_COLUMNS,
        filters=SpecialDayFilter(),
        actions=[Action(_("登记日期"), reverse("accounts:set_special_day"), icon="plus")],
        note=_("未登记的日期按星期计算。已作出的办理期限不随日历变动。"),
    )


@require_http_methods(["GET", "POST"])
def set_special_day(request: OfficerRequest) -> HttpResponse:
    access.require(request.user, Do.KEEP_ORGANIZATION)
    form = SpecialDayForm(request.POST or None)
    shown = {"form": form, "title": _("登记日期"), "back": reverse("accounts:special_days"), "submit": _("登记")}
    page = partial(render, request, "accounts/form.html", shown, status=422 if form.is_bound else 200)
    if form.is_valid():
        back_to(request, page, form)
        services.set_special_day(**form.cleaned_data, by=request.user, now=timezone.now())
        messages.success(request, _("日期已登记。"))
        return redirect("accounts:special_days")
    return page()


def _places(request: OfficerRequest) -> UnitQuerySet:
    """Return the units below which the administrator may put one."""
    return selectors.units_kept_by(request.user).filter(valid_to=None)


def _find(request: OfficerRequest, pk: int) -> Unit:
    access.require(request.user, Do.KEEP_ORGANIZATION)
    return get_object_or_404(selectors.units_kept_by(request.user).select_related("parent"), pk=pk)


def _page(
    request: OfficerRequest,
    found: Unit,
    *,
    edit: EditUnitForm | None = None,
    move: MoveUnitForm | None = None,
    close: CloseUnitForm | None = None,
) -> HttpResponse:
    initial = {name: getattr(found, name) for name in _EDITED}
    shown = {
        "unit": found,
        "edit_form": edit or EditUnitForm(initial=initial),
        "move_form": move or MoveUnitForm(units=_places(request), auto_id="move_%s"),
        "close_form": close or CloseUnitForm(auto_id="close_%s"),
    }
    wrong = any(form is not None and form.is_bound for form in (edit, move, close))
    return render(request, "accounts/unit.html", shown, status=422 if wrong else 200)
