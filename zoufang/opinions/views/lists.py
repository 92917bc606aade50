"""What waits for me, the list of opinions, a new one, and who holds no duty."""

from datetime import datetime
from functools import partial

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zoufang.accounts.access import OfficerRequest
from zoufang.audit.views import exporting
from zoufang.kernel.clock import local_day
from zoufang.opinions import selectors, services
from zoufang.opinions.bulk import bulk_of, undo_url
from zoufang.opinions.coverage import gaps_within
from zoufang.opinions.forms import (
    OpinionForm,
    SimilarForm,
)
from zoufang.opinions.ledger import OPINION_LEDGER, TONES, OpinionFilter
from zoufang.opinions.models import Opinion, Topic
from zoufang.opinions.similar import Similar
from zoufang.opinions.similar import said_already as find_said_already
from zoufang.opinions.views.shown import main_step_of, toned
from zoufang.opinions.vocabulary import Kind, Source
from zoufang.opinions.workflow import SETTLED, Status, Step
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer
from zoufang.ui.columns import label_of
from zoufang.ui.listing import Action, Column, listing
from zoufang.ui.middleware import back_to
from zoufang.ui.toasts import told
from zoufang.ui.when import due_words


@require_GET
def inbox(request: OfficerRequest) -> HttpResponse | FileResponse:
    """What waits for me, most overdue first."""
    viewer = request.user
    if not access.may(viewer, Do.SEE_OPINIONS):
        return render(request, "opinions/no_inbox.html")
    now = timezone.now()
    waiting = selectors.without_texts(selectors.waiting_for(viewer, today=local_day(now)))
    return listing(
        request,
        waiting,
        exported=exporting("inbox", request),
        title=_("待办"),
        columns=_inbox_columns(viewer),
        bulk=bulk_of(viewer),
        savable=True,
        dated="heard_at",
        empty=_("轮到您办的意见会自动出现在这里，最急的在最上面。"),
        template="opinions/inbox.html",
        context={
            "waiting": selectors.count_waiting_for(viewer, now=now),
            "may_record": access.may(viewer, Do.RECORD_VISIT),
            "may_register": access.may(viewer, Do.REGISTER_OPINION),
        },
    )


@require_GET
def opinions(request: OfficerRequest) -> HttpResponse | FileResponse:
    actions = []
    if access.may(request.user, Do.REGISTER_OPINION):
        actions.append(Action(_("登记意见"), reverse("opinions:new")))
    return listing(
        request,
        selectors.without_texts(OPINION_LEDGER.rows(request.user)),
        exported=exporting("opinions", request),
        title=pgettext("plural", "意见建议"),
        columns=_list_columns(),
        filters=OpinionFilter(request.GET),
        bulk=bulk_of(request.user),
        savable=True,
        dated="heard_at",
        actions=actions,
        empty=_("没有符合条件的意见。可放宽筛选条件，或登记一条新意见。"),
        filename=pgettext("plural", "意见建议"),
    )


@require_http_methods(["GET", "POST"])
def register(request: OfficerRequest) -> HttpResponse:
    access.require(request.user, Do.REGISTER_OPINION)
    form = OpinionForm(request.POST or None, viewer=request.user, initial={"heard_at": timezone.now()})
    context = {"form": form, "may_refer": access.may(request.user, Do.REFER_OPINION)}
    page = partial(render, request, "opinions/new.html", context, status=422 if form.is_bound else 200)
    if form.is_valid():
        back_to(request, page, form)
        if "refer" in request.POST:
            return _registered_and_referred(request, form)
        opinion = services.register_opinion(**form.cleaned_data, by=request.user, now=timezone.now())
        messages.success(request, _("已登记为 %(no)s。") % {"no": opinion.no})
        if selectors.opinions_seen_by(request.user).filter(pk=opinion.pk).exists():
            return redirect("opinions:detail", opinion.no)
        return redirect("opinions:list")
    return page()


def _registered_and_referred(request: OfficerRequest, form: OpinionForm) -> HttpResponse:
    """To the opinion, or to where its unit is chosen by hand if it could not be referred."""
    opinion, why_not = services.register_and_refer(**form.cleaned_data, by=request.user, now=timezone.now())
    words = {"no": opinion.no, "unit": opinion.responsible_unit and opinion.responsible_unit.label}
    if why_not:
        messages.success(request, _("已登记为 %(no)s。") % words)
        messages.warning(request, _("没有转办：%(why)s") % {"why": why_not})
    else:
        told(request, _("已登记为 %(no)s，并转%(unit)s。") % words, undo=undo_url(opinion, Step.REFER))
    if not selectors.opinions_seen_by(request.user).filter(pk=opinion.pk).exists():
        return redirect("opinions:list")
    return redirect("opinions:step", opinion.no, "refer") if why_not else redirect("opinions:detail", opinion.no)


@require_GET
def duty_coverage(request: OfficerRequest) -> HttpResponse:
    """What nobody would answer for: duties without a holder, topics without a unit."""
    access.require(request.user, Do.SEE_DUTY_COVERAGE)
    gaps = gaps_within(access.units_in_reach(request.user, Do.SEE_DUTY_COVERAGE), today=local_day(timezone.now()))
    return render(request, "opinions/duty_coverage.html", {"gaps": gaps})


@require_POST
def said_already(request: OfficerRequest) -> HttpResponse:
    """
    What was said already of what is being typed: matters in hand that the reader may see. Changes nothing.

    By POST, so that what a citizen said stands in no address.
    """
    access.require(request.user, Do.REGISTER_OPINION)
    prefix = request.POST.get("prefix") or None
    form = SimilarForm(request.POST, prefix=prefix)
    found: list[Similar] = []
    if form.is_valid() and form.cleaned_data["content"]:
        topic = Topic.objects.filter(code=form.cleaned_data["topic"]).first()
        found = find_said_already(form.cleaned_data["content"], viewer=request.user, topic=topic)
    return render(request, "opinions/said_already.html", {"similar": toned(found)})


def _waits_for(opinion: Opinion, decides_extensions: bool) -> str:
    if opinion.asked_again_at is not None:
        return str(_("决定是否再办"))
    if opinion.paused_at is not None:
        return str(_("等群众补充"))
    if decides_extensions and opinion.extension_asked_at is not None:
        return str(_("决定是否延期"))
    step = main_step_of(opinion, review_due=getattr(opinion, "review_due", False))
    return str(step.label) if step else ""


def _waiting(_opinion: Opinion) -> str:
    return "waiting"


def _inbox_columns(viewer: Officer) -> tuple[Column, ...]:
    decides = access.may(viewer, Do.DECIDE_EXTENSION)
    # What waits for the viewer's part, whoever leads.
    helped = frozenset(selectors.parts_of(viewer).values_list("referral__opinion", flat=True))

    def waits_for(opinion: Opinion) -> str:
        return str(_("协办")) if opinion.pk in helped else _waits_for(opinion, decides)

    return (
        Column("headline", _("意见"), lambda o: o.headline, link=_link, key=True, wide=True),
        Column("step", _("等您办"), waits_for, badge=_waiting),
        Column("due", _("期限"), lambda o: _due(o.step_due_at)[1], badge=lambda o: _due(o.step_due_at)[0]),
        Column("kind", _("类别"), label_of("kind", Kind)),
        Column("topic", _("主题"), lambda o: o.topic.label),
        Column("heard_by", _("收集单位"), lambda o: o.heard_by.label),
        Column("responsible", _("责任人"), lambda o: o.responsible and o.responsible.name),
        Column("no", _("编号"), lambda o: o.no, code=True),
    )


def _list_columns() -> tuple[Column, ...]:
    return (
        Column("headline", _("意见"), lambda o: o.headline, link=_link, key=True, wide=True),
        Column("status", _("状态"), label_of("status", Status), badge=lambda o: TONES[Status(o.status)]),
        Column("due", _("期限"), lambda o: _still_due(o)[1], badge=lambda o: _still_due(o)[0]),
        Column("kind", _("类别"), label_of("kind", Kind)),
        Column("source", _("来源"), label_of("source", Source)),
        Column("topic", _("主题"), lambda o: o.topic.label),
        Column("heard_at", _("收集时间"), lambda o: o.heard_at),
        Column("heard_by", _("收集单位"), lambda o: o.heard_by.label),
        Column("responsible_unit", _("责任单位"), lambda o: o.responsible_unit and o.responsible_unit.label),
        Column("no", _("编号"), lambda o: o.no, code=True),
    )


def _due(due_at: datetime | None) -> tuple[str, str]:
    return due_words(due_at, None, timezone.now()) if due_at else ("neutral", "")


def _still_due(opinion: Opinion) -> tuple[str, str]:
    return _due(None if opinion.status in SETTLED else opinion.due_at)


def _link(opinion: Opinion) -> str:
    return reverse("opinions:detail", args=[opinion.no])
