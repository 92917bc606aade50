"""The pages of bulletins: those issued, the draft that is always up to date, and the Word file of either."""

import io
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
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
from zoufang.bulletins.pdf import office_program, pdf_of
from zoufang.bulletins.preview import render_html
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.ui.listing import Action, Column, listing
from zoufang.ui.middleware import back_to

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
            Column("number", _("文号"), lambda b: house.number(b.year, b.number), code=True),
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
    return _draft_page(request, form, status=200 if form.is_valid() else 422)


@require_GET
def draft_docx(request: OfficerRequest) -> HttpResponse | FileResponse:
    access.require(request.user, Do.DRAFT_BULLETIN)
    form = _asked(request)
    if not form.is_valid():
        return _draft_page(request, form, status=422)
    made = draft_bulletin(form.cleaned_data["period"], template=Template(form.cleaned_data["template"]))
    return _file(made.document, _("通报草稿"))


@require_POST
def issue(request: OfficerRequest) -> HttpResponse:
    form = BulletinForm(request.POST)
    if not form.is_valid():
        return _draft_page(request, form, status=422)
    back_to(request, lambda: _draft_page(request, form, status=409), form)
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
        "makes_pdf": office_program() is not None,
    }
    return render(request, "bulletins/detail.html", context)


@require_GET
def docx(request: OfficerRequest, pk: int) -> FileResponse:
    bulletin = _bulletin(request, pk)
    return _file(thaw(bulletin.text), House.read().number(bulletin.year, bulletin.number))


@require_GET
def pdf(request: OfficerRequest, pk: int) -> FileResponse:
    """The same as PDF. What is issued does not change, so it is made once."""
    bulletin = _bulletin(request, pk)
    file = io.BytesIO()
    write_docx(thaw(bulletin.text), file)
    made = pdf_of(file.getvalue(), kept_in=settings.DATA / "pdf")
    name = House.read().number(bulletin.year, bulletin.number)
    return FileResponse(made.open("rb"), as_attachment=True, filename=f"{name}.pdf", content_type="application/pdf")


def _draft_page(request: OfficerRequest, form: BulletinForm, *, status: int) -> HttpResponse:
    """The form and, where it names days, the draft on them; only to those who draft."""
    access.require(request.user, Do.DRAFT_BULLETIN)
    context: dict[str, Any] = {"form": form}
    period, template = form.cleaned_data.get("period"), form.cleaned_data.get("template")
    if period and template:
        made, house = draft_bulletin(period, template=Template(template)), House.read()
        context |= {
            "draft": made,
            "page": render_html(made.document),
            "query": urlencode({"period_from": period.first, "period_to": period.last, "template": template}),
            "over": period.last <= timezone.localdate(),
            "issued": [(one, house.number(one.year, one.number)) for one in selectors.bulletins_on(period)],
        }
    return render(request, "bulletins/draft.html", context, status=status)


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
