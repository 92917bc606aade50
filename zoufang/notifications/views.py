"""The pages of what is told: an officer's own notices, and the messages to citizens."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zoufang.accounts.access import OfficerRequest
from zoufang.audit.views import exporting
from zoufang.notifications import selectors, services
from zoufang.notifications.forms import OutgoingFilter, ReadAllForm
from zoufang.notifications.models import Notice, Outgoing
from zoufang.notifications.vocabulary import State, Way
from zoufang.notifications.wording import words_of
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.ui.columns import label_of
from zoufang.ui.listing import Column, listing
from zoufang.ui.paging import page_of

PER_PAGE = 30

TONES = {
    State.WAITING: "waiting",
    State.SENDING: "active",
    State.SENT: "active",
    State.DELIVERED: "done",
    State.FAILED: "late",
    State.GIVEN_UP: "late",
}


@require_GET
def notices(request: OfficerRequest) -> HttpResponse:
    """What I was told, newest first."""
    told = selectors.notices_of(request.user)
    unread_only = "unread" in request.GET
    page = page_of(told.filter(read_at=None) if unread_only else told, request.GET, per_page=PER_PAGE)
    titles = selectors.headlines(page.rows, request.user)
    shown = [(one, words_of(one.kind, one.parameters), titles.get((one.case, one.about), "")) for one in page.rows]
    context = {"notices": shown, "page": page, "unread_only": unread_only, "newest": _newest(page.rows)}
    return render(request, "notifications/notices.html", context)


@require_POST
def open_notice(request: OfficerRequest, pk: int) -> HttpResponse:
    """Note that it is read, and lead to what it is about."""
    notice = get_object_or_404(selectors.notices_of(request.user), pk=pk)
    services.read_notice(notice, now=timezone.now())
    return redirect(notice.link or "notifications:notices")


@require_POST
def read_all(request: OfficerRequest) -> HttpResponse:
    """Note that all is read that the page showed, and what is older; what came since stays unread."""
    form = ReadAllForm(request.POST)
    if form.is_valid():
        services.read_all_notices(request.user, newest=form.cleaned_data["newest"], now=timezone.now())
    else:
        messages.error(request, _("请在消息页上点“全部标为已读”。"))
    return redirect("notifications:notices")


@require_GET
def outgoing(request: OfficerRequest) -> HttpResponse | FileResponse:
    """What citizens were told and how far it has come. Neither address nor text is shown."""
    access.require(request.user, Do.KEEP_OUTGOING)
    return listing(
        request,
        selectors.outgoing_kept_by(request.user),
        exported=exporting("outgoing", request),
        title=_("发件"),
        columns=COLUMNS,
        filters=OutgoingFilter(request.GET),
        empty=_("还没有发给群众的消息。答复批准后、来件受理后发出的短信和邮件会列在这里。"),
        note=_("地址和正文加密保存，不在此显示，发完 30 天后销毁。没有发出去的，点事由可以重发。"),
    )


@require_http_methods(["GET", "POST"])
def resend(request: OfficerRequest, pk: int) -> HttpResponse:
    """One message that failed: why, and the button to send it again."""
    message = get_object_or_404(selectors.outgoing_kept_by(request.user), pk=pk)
    if request.method == "POST":
        services.resend(message, by=request.user, now=timezone.now())
        messages.success(request, _("已排队重发。"))
        return redirect("notifications:outgoing")
    return render(request, "notifications/resend.html", {"message": message, "tone": TONES[State(message.state)]})


def _newest(rows: Sequence[Notice]) -> int:
    return max((one.pk for one in rows), default=0)


def _link(message: Outgoing) -> str:
    return reverse("notifications:resend", args=[message.pk])


COLUMNS = (
    Column("subject", gettext_lazy("事由"), lambda m: m.subject, link=_link, key=True, wide=True),
    Column("state", gettext_lazy("发送状态"), label_of("state", State), badge=lambda m: TONES[State(m.state)]),
    Column("why", gettext_lazy("未成原因"), lambda m: m.why_failed),
    Column("way", gettext_lazy("发送方式"), label_of("way", Way)),
    Column("unit", gettext_lazy("发件单位"), lambda m: m.unit.label),
    Column("decided_at", gettext_lazy("决定时间"), lambda m: m.decided_at),
    Column("sent_at", gettext_lazy("发出时间"), lambda m: m.sent_at),
    Column("attempts", pgettext_lazy("outgoing", "次数"), lambda m: m.attempts, numeric=True),
    Column("about", gettext_lazy("关联编号"), lambda m: m.about, code=True),
)
