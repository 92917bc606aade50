"""The desk of the security administrator: accounts and duties."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zoufang.accounts import services as accounts
from zoufang.accounts.access import OfficerRequest
from zoufang.accounts.forms import DutyForm, MoveOfficerForm, OfficerFilter, OfficerForm, ResetPasswordForm
from zoufang.audit.views import exporting
from zoufang.organization import access, selectors, services
from zoufang.organization.access import Do
from zoufang.organization.models import Duty, Officer
from zoufang.ui.listing import Action, Column, listing
from zoufang.ui.middleware import back_to

_COLUMNS = (
    Column(
        "username",
        gettext_lazy("账号"),
        lambda officer: officer.username,
        link=lambda officer: reverse("accounts:officer", args=[officer.pk]),
        key=True,
        order="username",
    ),
    Column("name", gettext_lazy("姓名"), lambda officer: officer.name),
    Column("unit", gettext_lazy("所在单位"), lambda officer: officer.unit.label),
    Column(
        "duties",
        gettext_lazy("岗位"),
        lambda officer: _("；").join(f"{duty.get_role_display()} · {duty.unit.label}" for duty in officer.duties.all()),
        wide=True,
    ),
    Column(
        "state",
        gettext_lazy("状态"),
        lambda officer: _("启用") if officer.is_active else _("停用"),
        badge=lambda officer: "done" if officer.is_active else "neutral",
    ),
    Column("last_login", gettext_lazy("最近登录"), lambda officer: officer.last_login),
)


@require_GET
def officers(request: OfficerRequest) -> HttpResponseBase:
    access.require(request.user, Do.KEEP_ACCOUNTS)
    return listing(
        request,
        selectors.officers_kept_by(request.user),
        title=_("账号与岗位"),
        columns=_COLUMNS,
        filters=OfficerFilter(),
        exported=exporting("officers", request),
        actions=[Action(_("新开账号"), reverse("accounts:open_officer"), icon="plus")],
    )


@require_GET
def officer(request: OfficerRequest, pk: int) -> HttpResponse:
    return _page(request, _find(request, pk))


@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def open_officer(request: OfficerRequest) -> HttpResponse:
    access.require(request.user, Do.KEEP_ACCOUNTS)
    form = OfficerForm(request.POST or None, units=access.units_in_reach(request.user, Do.KEEP_ACCOUNTS))
    shown = {"form": form, "title": _("新开账号"), "back": reverse("accounts:officers"), "submit": _("开通账号")}
    page = partial(render, request, "accounts/form.html", shown, status=422 if form.is_bound else 200)
    if form.is_valid():
        back_to(request, page, form)
        values = {name: form.cleaned_data[name] for name in ("username", "name", "unit", "password")}
        opened = services.open_officer(**values, by=request.user, now=timezone.now())
        messages.success(request, _("账号已开通，首次登录时须修改密码。请继续设置岗位。"))
        return redirect("accounts:officer", opened.pk)
    return page()


@require_POST
def appoint(request: OfficerRequest, pk: int) -> HttpResponse:
    found = _find(request, pk)
    form = DutyForm(request.POST, units=access.units_in_reach(request.user, Do.KEEP_ACCOUNTS))
    if not form.is_valid():
        return _page(request, found, duty=form)
    back_to(request, lambda: _page(request, _find(request, pk), duty=form), form)
    services.appoint(found, **form.cleaned_data, by=request.user, now=timezone.now())
    messages.success(request, _("岗位已设置。"))
    return redirect("accounts:officer", pk)


@require_POST
def relieve(request: OfficerRequest, pk: int, duty_pk: int) -> HttpResponse:
    duty = get_object_or_404(
        Duty.objects.select_related("officer__unit", "unit"), officer=_find(request, pk), pk=duty_pk
    )
    services.relieve(duty, by=request.user, now=timezone.now())
    messages.success(request, _("岗位已免去，该账号的登录和令牌已失效。"))
    return redirect("accounts:officer", pk)


@require_POST
def move_officer(request: OfficerRequest, pk: int) -> HttpResponse:
    found = _find(request, pk)
    form = MoveOfficerForm(request.POST, units=access.units_in_reach(request.user, Do.KEEP_ACCOUNTS))
    if not form.is_valid():
        return _page(request, found, move=form)
    back_to(request, lambda: _page(request, _find(request, pk), move=form), form)
    services.move_officer(found, to=form.cleaned_data["to"], by=request.user, now=timezone.now())
    messages.success(request, _("已调动，原有岗位已免去，请重新设岗。"))
    return redirect("accounts:officer", pk)


@sensitive_post_parameters("password", "again")
@require_POST
def reset_password(request: OfficerRequest, pk: int) -> HttpResponse:
    found = _find(request, pk)
    form = ResetPasswordForm(request.POST, officer=found)
    if not form.is_valid():
        return _page(request, found, reset=form)
    now = timezone.now()
    back_to(request, lambda: _page(request, _find(request, pk), reset=form), form)
    services.reset_password(found, password=form.cleaned_data["password"], by=request.user, now=now)
    messages.success(request, _("密码已重置，下次登录时须修改。"))
    return redirect("accounts:officer", pk)


@require_POST
def unlock(request: OfficerRequest, pk: int) -> HttpResponse:
    accounts.unlock(_find(request, pk), by=request.user, now=timezone.now())
    messages.success(request, _("账号锁定已解除。"))
    return redirect("accounts:officer", pk)


@require_POST
def disable(request: OfficerRequest, pk: int) -> HttpResponse:
    services.disable_officer(_find(request, pk), by=request.user, now=timezone.now())
    messages.success(request, _("账号已停用，其登录和令牌已失效。"))
    return redirect("accounts:officer", pk)


@require_POST
def enable(request: OfficerRequest, pk: int) -> HttpResponse:
    services.enable_officer(_find(request, pk), by=request.user, now=timezone.now())
    messages.success(request, _("账号已启用。"))
    return redirect("accounts:officer", pk)


def _find(request: OfficerRequest, pk: int) -> Officer:
    access.require(request.user, Do.KEEP_ACCOUNTS)
    return get_object_or_404(selectors.officers_kept_by(request.user), pk=pk)


def _page(
    request: OfficerRequest,
    found: Officer,
    *,
    duty: DutyForm | None = None,
    move: MoveOfficerForm | None = None,
    reset: ResetPasswordForm | None = None,
) -> HttpResponse:
    units = access.units_in_reach(request.user, Do.KEEP_ACCOUNTS)
    shown = {
        "officer": found,
        "is_self": found == request.user,
        "duty_form": duty or DutyForm(units=units, auto_id="duty_%s"),
        "move_form": move or MoveOfficerForm(units=units, auto_id="move_%s"),
        "reset_form": reset or ResetPasswordForm(officer=found, auto_id="reset_%s"),
    }
    return render(request, "accounts/officer.html", shown, status=422 if duty or move or reset else 200)
