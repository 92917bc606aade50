"""Pages of call-backs: whom I am to ask, what was drawn, and where citizens said that nobody came."""

from django.http import FileResponse, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zoufang.accounts.access import OfficerRequest
from zoufang.audit.views import exporting
from zoufang.callbacks import selectors
from zoufang.callbacks.ledger import CALL_BACK_LEDGER, SAMPLE_LEDGER, CallBackFilter, SampleFilter, call_page
from zoufang.ui.components import Tab
from zoufang.ui.listing import Column, listing


@require_safe
def to_call(request: OfficerRequest) -> HttpResponse | FileResponse:
    """What was drawn for my level and is not asked yet, the oldest sample first."""
    return listing(
        request,
        selectors.to_call(request.user).order_by("sample__drawn_at", "pk"),
        title=_("抽查回访"),
        columns=_work_columns(),
        filters=SampleFilter(request.GET),
        empty=_("没有等您回访的。每月初按比例从上月办结的里随机抽取，抽中的会出现在这里。"),
        filename=_("抽查回访"),
        exported=exporting("call-backs", request),
        template="callbacks/list.html",
        context={"entries": _tabs(request.path), "progress": selectors.progress(request.user)},
    )


@require_safe
def sampled(request: OfficerRequest) -> HttpResponse | FileResponse:
    """Everything that was drawn, asked or not, with the seed that drew it."""
    return listing(
        request,
        SAMPLE_LEDGER.rows(request.user),
        title=_("抽中的全部"),
        columns=SAMPLE_LEDGER.columns,
        filters=SampleFilter(request.GET),
        empty=_("还没有抽取过。每月初按比例从上月办结的里随机抽取。"),
        filename=_("抽中回访"),
        exported=exporting("call-back-samples", request),
        template="callbacks/list.html",
        context={"entries": _tabs(request.path), "progress": selectors.progress(request.user)},
    )


@require_safe
def denied(request: OfficerRequest) -> HttpResponse | FileResponse:
    """Where the citizen said that nobody came or answered: for an inspection to find out."""
    return listing(
        request,
        selectors.denied(request.user),
        title=_("群众说没有这回事"),
        columns=CALL_BACK_LEDGER.columns,
        filters=CallBackFilter(request.GET),
        empty=_("没有群众说没有这回事的回访。"),
        note=_("群众在回访中说没有走访或没有答复的，由督察核实；核实以前不作结论。"),
        filename=_("无此走访线索"),
        exported=exporting("denied-call-backs", request),
        template="callbacks/list.html",
        context={"entries": _tabs(request.path)},
    )


def _tabs(here: str) -> list[Tab]:
    entries = (
        (_("等我回访"), reverse("callbacks:to_call")),
        (_("抽中的全部"), reverse("callbacks:sampled")),
        (_("群众说没有这回事"), reverse("callbacks:denied")),
    )
    return [Tab(label, url, here == url) for label, url in entries]


def _work_columns() -> tuple[Column, ...]:
    return (
        Column("headline", _("意见"), lambda r: r.referral.opinion.headline, link=call_page, key=True, wide=True),
        Column("level", _("回访层级"), lambda r: r.sample.get_level_display()),
        Column("month", _("抽查月份"), lambda r: f"{r.sample.month:%Y-%m}"),
        Column("topic", _("主题"), lambda r: r.referral.opinion.topic.label),
        Column("unit", _("责任单位"), lambda r: r.referral.unit.label),
        Column("closed_at", _("办结时间"), lambda r: r.referral.closed_at),
        Column("no", _("编号"), lambda r: r.referral.opinion.no, code=True),
    )
