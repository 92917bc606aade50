"""One opinion: the whole of it, its deadlines, what is like it, the work, the parts, contact and files."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zoufang.accounts.access import OfficerRequest
from zoufang.kernel.clock import local_day
from zoufang.opinions import selectors, services
from zoufang.opinions.clocks import clocks_of
from zoufang.opinions.forms import (
    STEP_FORMS,
    FilesForm,
    MeasureForm,
    PartForm,
    RevealForm,
)
from zoufang.opinions.ledger import TONES
from zoufang.opinions.models import Attachment, CoHandling, Opinion
from zoufang.opinions.similar import similar_to, text_of
from zoufang.opinions.views.shown import (
    hints_of,
    joint_offers,
    judged_by,
    opinion_at,
    pictures_of,
    shown_of,
    toned,
)
from zoufang.opinions.workflow import Status, Step
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.ui.middleware import back_to


@require_GET
def detail(request: OfficerRequest, no: str) -> HttpResponse:
    return _detail_page(request, opinion_at(request, no), FilesForm())


@require_GET
def deadlines(request: OfficerRequest, no: str) -> HttpResponse:
    """How each deadline of the opinion came about, day by day."""
    opinion = opinion_at(request, no)
    context = {"opinion": opinion, "clocks": clocks_of(opinion), "weekdays": WEEKDAYS_ABBR.values()}
    context["now"] = timezone.now()
    return render(request, "opinions/deadlines.html", context)


@require_GET
def similar(request: OfficerRequest, no: str) -> HttpResponse:
    """The opinions that say nearly the same, as far as the reader may see them."""
    opinion = opinion_at(request, no)
    found = similar_to(text_of(opinion), viewer=request.user, topic=opinion.topic, other_than=opinion)
    joins = any(offer.step is Step.JOIN and offer.open for offer in services.offers(opinion, request.user))
    context = {"opinion": opinion, "similar": toned(found), "joins": joins and not selectors.is_complaint(opinion)}
    return render(request, "opinions/similar.html#similar" if request.htmx else "opinions/similar.html", context)


@require_GET
def rectification(request: OfficerRequest, no: str) -> HttpResponse:
    """One rectification: the measure, the opinions that it settles, its proof, and who looked at it."""
    found = get_object_or_404(
        selectors.rectifications_seen_by(request.user).select_related(
            "unit", "responsible", "rectified_by", "verified_by"
        ),
        no=no,
    )
    seen = selectors.opinions_seen_by(request.user).filter(referrals__rectification=found).distinct()
    opinions = list(seen.select_related("topic", "heard_by", "responsible_unit", "responsible").order_by("pk"))
    lead = next((one for one in opinions if one.status in (Status.IN_HAND, Status.RECTIFIED)), None)
    context = {
        "rectification": found,
        "opinions": [(one, TONES[Status(one.status)]) for one in opinions],
        "lead": lead,
        "offers": joint_offers(lead, request.user) if lead else [],
        "now": timezone.now(),
    }
    return render(request, "opinions/rectification.html", context | pictures_of(found, opinions))


@require_http_methods(["GET", "POST"])
def part(request: OfficerRequest, no: str, pk: int) -> HttpResponse:
    """A unit's part in a referral: signed for first, then told to the lead."""
    opinion = opinion_at(request, no)
    asked = get_object_or_404(CoHandling.objects.select_related("unit"), referral__opinion=opinion, pk=pk)
    form = PartForm(request.POST if request.method == "POST" and asked.signed_at else None)
    now = timezone.now()
    if request.method == "POST" and asked.signed_at is None:
        services.sign_co_handling(asked, by=request.user, now=now)
        messages.success(request, _("已签收协办。"))
        return redirect("opinions:part", no, pk)
    if form.is_valid():
        back_to(request, lambda: _part_page(request, opinion_at(request, no), asked, form), form)
        services.contribute(asked, **form.cleaned_data, by=request.user, now=now)
        messages.success(request, _("协办情况已记录，主办单位能看到。"))
        return redirect("opinions:detail", no)
    return _part_page(request, opinion, asked, form)


def _part_page(request: OfficerRequest, opinion: Opinion, asked: CoHandling, form: PartForm) -> HttpResponse:
    context = {"opinion": opinion, "part": asked, "form": form}
    return render(request, "opinions/part.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def contact(request: OfficerRequest, no: str) -> HttpResponse:
    """The citizen's contact, after a reason was given: each look is recorded."""
    opinion = opinion_at(request, no)
    form = RevealForm(request.POST or None)
    told: list[services.Contact] = []
    if form.is_valid():
        back_to(request, lambda: _contact_page(request, opinion_at(request, no), form), form)
        told = services.reveal_contact(opinion, **form.cleaned_data, by=request.user, now=timezone.now())
    return _contact_page(request, opinion, form, told)


@require_POST
def add_files(request: OfficerRequest, no: str) -> HttpResponse:
    opinion = opinion_at(request, no)
    form = FilesForm(request.POST, request.FILES)
    if form.is_valid() and form.cleaned_data["added"]:
        back_to(request, lambda: _detail_page(request, opinion_at(request, no), form), form)
        services.attach_all(opinion, files=form.cleaned_data["added"], by=request.user, now=timezone.now())
        messages.success(request, _("附件已保存。"))
    else:
        messages.error(request, _("请选择要上传的文件。"))
    return redirect("opinions:detail", no)


@require_GET
def attachment(request: OfficerRequest, no: str, pk: int) -> FileResponse:
    """The file itself: always downloaded, never run or shown as a page of ours."""
    kept = get_object_or_404(Attachment, opinion=opinion_at(request, no), pk=pk)
    response = FileResponse(
        kept.file.open("rb"), as_attachment=True, filename=kept.name, content_type=kept.content_type
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _detail_page(request: OfficerRequest, opinion: Opinion, files: FilesForm) -> HttpResponse:
    context = shown_of(request, opinion) | {"files_form": files}
    main = next((offer for offer in context["offers"] if offer.step is context["main_step"]), None)
    if main is not None and main.open:
        # The step that it waits for is taken right here; nothing has to be opened first.
        form = STEP_FORMS[main.step](opinion=opinion, viewer=request.user)
        context |= judged_by(request, opinion, main.step)
        context |= {"step": main.step, "form": form, "offer": main, "inline": True}
        if isinstance(form, MeasureForm):
            context |= hints_of(form)
    else:
        waiting = selectors.waiting_for(request.user, today=local_day(timezone.now()))
        waiting = selectors.without_texts(waiting).exclude(pk=opinion.pk)
        context["next_waiting"] = waiting.first() if access.may(request.user, Do.SEE_OPINIONS) else None
    return render(request, "opinions/detail.html", context)


def _contact_page(
    request: OfficerRequest, opinion: Opinion, form: RevealForm, told: Sequence[services.Contact] = ()
) -> HttpResponse:
    asked = form.is_bound and form.is_valid()
    context = {"opinion": opinion, "form": form, "told": told, "asked": asked}
    return render(request, "opinions/contact.html", context)
