"""The page of messages to citizens."""

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from zoufang.accounts.access import OfficerRequest
from zoufang.audit import services as audit
from zoufang.notifications import selectors, services
from zoufang.notifications.forms import OutgoingFilter
from zoufang.notifications.models import Outgoing
from zoufang.notifications.vocabulary import State, Way
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.ui.columns import label_of
from zoufang.ui.listing import Column, listing

TONES = {
    State.WAITING: "waiting",
    State.SENDING: "active",
    State.SENT: "active",
    State.DELIVERED: "done",
    State.FAILED: "late",
    State.GIVEN_UP: "late",
}


@require_GET
def outgoing(request: OfficerRequest) -> HttpResponse | FileResponse:
    """What citizens were told and how far it has come. Neither address nor text is shown."""
    access.require(request.user, Do.KEEP_OUTGOING)
    return listing(
        request,
        selectors.outgoing_kept_by(request.user),
        exported=lambda form, rows: audit.note_export(
            "outgoing", form=form, rows=rows, by=request.user, at=timezone.now()
        ),
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
