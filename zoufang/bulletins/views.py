"""The pages of bulletins: those issued, the draft that is always up to date, and the Word file of either."""

import io
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from zoufang.accounts.access import OfficerRequest
from zoufang.bulletins import selectors, services
from zoufang.bulletins.document import Document, Template
from zoufang.bulletins.drafting import draft_bulletin
from zoufang.bulletins.forms import BulletinForm
from zoufang.bulletins.frozen import thaw
from zoufang.bulletins.gongwen import write_docx
from zoufang.bulletins.house import House
from zoufang.bulletins.models import Bulletin
from zoufang.bulletins.preview import render_html
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.ui.listing import Action, Column, listing

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_GET
def bulletins(request: OfficerRequest) -> HttpResponse | FileResponse:
    access.require(request.user, Do.SEE_BULLETINS)
    house = House.read()
    actions = []
    if access.may(request.user, Do.DRAFT_BULLETIN):
        actions.append(Action(_("起草通报"), reverse("bulletins:draft")))
    return listing(
        request,
        selectors.bulletins_seen_by(request.user),
        title=pgettext("plural", "通报"),
        actions=actions,
        empty=_("还没有签发过通报。走访办可随时起草，数字自动取自台账。"),
        columns=(
            Column(
                "title", _("标题"), lambda b: b.title, link=lambda b: reverse("bulletins:detail", args=[b.pk]), key=True
            ),
            Column("number", _("文号"), lambda b: house.number(b.year, b.number)),
            Column("period", _("统计期"), lambda b: f"{b.first} — {b.last}"),
            Column("issued_at", _("签发时间"), lambda b: b.issued_at),
            Column("issued_by", _("签发人"), lambda b: b.issued_by.name),
        ),
    )


@require_GET
def draft(request: OfficerRequest) -> HttpResponse:
    """The draft: counted anew at every look, each figure opening its rows."""
    access.require(request.user, Do.DRAFT_BULLETIN)
    form = _asked(request)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        made = draft_bulletin(form.cleaned_data["period"], template=Template(form.cleaned_data["template"]))
        context |= {"draft": made, "page": render_html(made.document), "query": urlencode(dict(form.data.items()))}
        context["over"] = form.cleaned_data["period"].last <= timezone.localdate()
    return render(request, "bulletins/draft.html", context, status=200 if form.is_valid() else 422)


@require_GET
def draft_docx(request: OfficerRequest) -> HttpResponse | FileResponse:
    access.require(request.user, Do.DRAFT_BULLETIN)
    form = _asked(request)
    if not form.is_valid():
        return render(request, "bulletins/draft.html", {"form": form}, status=422)
    made = draft_bulletin(form.cleaned_data["period"], template=Template(form.cleaned_data["template"]))
    return _file(made.document, _("通报草稿"))


@require_POST
def issue(request: OfficerRequest) -> HttpResponse:
    form = BulletinForm(request.POST)
    if not form.is_valid():
        return render(request, "bulletins/draft.html", {"form": form}, status=422)
    bulletin = services.issue_bulletin(**form.cleaned_data, by=request.user, now=timezone.now())
    messages.success(
        request,
        _("已签发%(number)s，文字和数字已封存。") % {"number": House.read().number(bulletin.year, bulletin.number)},
    )
    return redirect("bulletins:detail", bulletin.pk)


@require_GET
def detail(request: OfficerRequest, pk: int) -> HttpResponse:
    bulletin = _bulletin(request, pk)
    context = {
        "bulletin": bulletin,
        "number": House.read().number(bulletin.year, bulletin.number),
        "page": render_html(thaw(bulletin.text)),
        "changes": selectors.changes_since(bulletin),
    }
    return render(request, "bulletins/detail.html", context)


@require_GET
def docx(request: OfficerRequest, pk: int) -> FileResponse:
    bulletin = _bulletin(request, pk)
    return _file(thaw(bulletin.text), House.read().number(bulletin.year, bulletin.number))


def _asked(request: OfficerRequest) -> BulletinForm:
    """The days asked for; without any, this year so far up to the last month that is over."""
    if request.GET:
        return BulletinForm(request.GET)
    today = timezone.localdate()
    last = min(today, date(today.year, 5, 31))
    query = request.GET.copy()
    query.update(
        {"period_from": date(last.year, 1, 1).isoformat(), "period_to": last.isoformat(), "template": "formal"}
    )
    return BulletinForm(query)


def _bulletin(request: OfficerRequest, pk: int) -> Bulletin:
    return get_object_or_404(selectors.bulletins_seen_by(request.user), pk=pk)


def _file(document: Document, name: str) -> FileResponse:
    file = io.BytesIO()
    write_docx(document, file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.docx", content_type=DOCX)
