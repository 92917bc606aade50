"""Pages of the campaign's milestones."""

from functools import partial

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from zoufang.accounts.access import OfficerRequest
from zoufang.campaigns import selectors, services
from zoufang.campaigns.forms import MilestoneForm
from zoufang.campaigns.models import Milestone
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.ui.listing import Action, Column, listing
from zoufang.ui.middleware import back_to

COLUMNS = (
    Column("name", gettext_lazy("名称"), lambda row: row.name, key=True),
    Column("kind", gettext_lazy("类型"), Milestone.get_kind_display),
    Column("unit", gettext_lazy("单位"), lambda row: row.unit.label),
    Column("on", gettext_lazy("日期"), lambda row: row.on),
)


@require_safe
def milestones(request: OfficerRequest) -> HttpResponse | FileResponse:
    may_set = access.may(request.user, Do.KEEP_CAMPAIGN)
    return listing(
        request,
        selectors.milestones_seen_by(request.user),
        title=_("活动里程碑"),
        columns=COLUMNS,
        empty=_("还没有里程碑。现场会、系统上线等日子登记后，统计可以从那天起算。"),
        actions=[Action(_("登记里程碑"), reverse("campaigns:new"))] if may_set else [],
        filename="milestones",
    )


@require_http_methods(["GET", "POST"])
def new(request: OfficerRequest) -> HttpResponse:
    access.require(request.user, Do.KEEP_CAMPAIGN)
    form = MilestoneForm(request.POST or None, by=request.user)
    page = partial(render, request, "campaigns/new.html", {"form": form}, status=422 if form.is_bound else 200)
    if form.is_valid():
        back_to(request, page, form)
        services.set_milestone(**form.cleaned_data, by=request.user, now=timezone.now())
        messages.success(request, _("已登记。"))
        return redirect("campaigns:milestones")
    return page()
