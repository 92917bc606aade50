"""The pages of opinions: what waits for me, the list, one opinion, and its steps."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zoufang.accounts.access import OfficerRequest
from zoufang.audit import services as audit
from zoufang.kernel.clock import local_day
from zoufang.notifications.selectors import reminders_about
from zoufang.notifications.vocabulary import Case
from zoufang.opinions import rules, selectors, services, workflow
from zoufang.opinions.bulk import bulk_of, undo_url
from zoufang.opinions.clocks import clocks_of
from zoufang.opinions.coverage import gaps_within
from zoufang.opinions.forms import (
    STEP_FORMS,
    FilesForm,
    MeasureForm,
    OpinionForm,
    PartForm,
    ReferForm,
    RevealForm,
    SimilarForm,
    StepForm,
)
from zoufang.opinions.ledger import OPINION_LEDGER, TONES, OpinionFilter
from zoufang.opinions.loading import call_back_script, measure_rules
from zoufang.opinions.measures import ELEMENTS, Finding, check_measure
from zoufang.opinions.models import Attachment, CoHandling, Opinion, Rectification, Referral, Topic
from zoufang.opinions.origins import beside_of, origins_of
from zoufang.opinions.similar import Similar, similar_to, text_of
from zoufang.opinions.similar import said_already as find_said_already
from zoufang.opinions.tellings import tellings_of
from zoufang.opinions.vocabulary import Kind, Source
from zoufang.opinions.workflow import ASIDE, DECIDES_EXTENSION, SETTLED, WAITS_FOR, Status, Step
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
        exported=lambda form, rows: audit.note_export(
            "inbox", form=form, rows=rows, by=request.user, at=timezone.now()
        ),
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
        exported=lambda form, rows: audit.note_export(
            "opinions", form=form, rows=rows, by=request.user, at=timezone.now()
        ),
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


@require_GET
def detail(request: OfficerRequest, no: str) -> HttpResponse:
    return _detail_page(request, _opinion(request, no), FilesForm())


@require_GET
def deadlines(request: OfficerRequest, no: str) -> HttpResponse:
    """How each deadline of the opinion came about, day by day."""
    opinion = _opinion(request, no)
    context = {"opinion": opinion, "clocks": clocks_of(opinion), "weekdays": WEEKDAYS_ABBR.values()}
    context["now"] = timezone.now()
    return render(request, "opinions/deadlines.html", context)


@require_GET
def similar(request: OfficerRequest, no: str) -> HttpResponse:
    """The opinions that say nearly the same, as far as the reader may see them."""
    opinion = _opinion(request, no)
    found = similar_to(text_of(opinion), viewer=request.user, topic=opinion.topic, other_than=opinion)
    joins = any(offer.step is Step.JOIN and offer.open for offer in services.offers(opinion, request.user))
    context = {"opinion": opinion, "similar": _toned(found), "joins": joins and not selectors.is_complaint(opinion)}
    return render(request, "opinions/similar.html#similar" if request.htmx else "opinions/similar.html", context)


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
    return render(request, "opinions/said_already.html", {"similar": _toned(found)})


@require_http_methods(["GET", "POST"])
def take_step(request: OfficerRequest, no: str, step: str) -> HttpResponse:
    """Any step of an officer: its form, then its service."""
    opinion, step_taken = _opinion(request, no), _step(step)
    form = STEP_FORMS[step_taken](
        request.POST if request.method == "POST" else None,
        request.FILES or None,
        opinion=opinion,
        viewer=request.user,
        # Chosen from the list of similar opinions, by a link.
        initial={"main": request.GET.get("main", "")},
    )
    if form.is_valid():
        back_to(request, lambda: _step_page(request, _opinion(request, no), step_taken, form), form)
        services.require_version(opinion, request.POST.get("version", ""))
        services.STEPS[step_taken](opinion, **form.cleaned_data, by=request.user, now=timezone.now())
        text = _("%(no)s：%(step)s，已记录。") % {"no": opinion.no, "step": step_taken.label}
        told(request, text, undo=undo_url(opinion, step_taken))
        return _onward(request, opinion)
    return _step_page(request, opinion, step_taken, form)


@require_POST
def measure_hints(request: OfficerRequest, no: str) -> HttpResponse:
    """What the measure on the page lacks as far as it has been typed. Nothing is kept."""
    opinion = _opinion(request, no)
    form = MeasureForm(request.POST, opinion=opinion, viewer=request.user)
    return render(request, "opinions/step.html#measure_hints", {"opinion": opinion} | _hints(form))


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
        "offers": _joint_offers(lead, request.user) if lead else [],
        "now": timezone.now(),
    }
    return render(request, "opinions/rectification.html", context | _pictures(found, opinions))


@require_http_methods(["GET", "POST"])
def part(request: OfficerRequest, no: str, pk: int) -> HttpResponse:
    """A unit's part in a referral: signed for first, then told to the lead."""
    opinion = _opinion(request, no)
    asked = get_object_or_404(CoHandling.objects.select_related("unit"), referral__opinion=opinion, pk=pk)
    form = PartForm(request.POST if request.method == "POST" and asked.signed_at else None)
    now = timezone.now()
    if request.method == "POST" and asked.signed_at is None:
        services.sign_co_handling(asked, by=request.user, now=now)
        messages.success(request, _("已签收协办。"))
        return redirect("opinions:part", no, pk)
    if form.is_valid():
        back_to(request, lambda: _part_page(request, _opinion(request, no), asked, form), form)
        services.contribute(asked, **form.cleaned_data, by=request.user, now=now)
        messages.success(request, _("协办情况已记录，主办单位能看到。"))
        return redirect("opinions:detail", no)
    return _part_page(request, opinion, asked, form)


def _part_page(request: OfficerRequest, opinion: Opinion, asked: CoHandling, form: PartForm) -> HttpResponse:
    context = {"opinion": opinion, "part": asked, "form": form}
    return render(request, "opinions/part.html", context, status=422 if form.is_bound else 200)


@require_GET
def suggested_unit(request: OfficerRequest, no: str) -> HttpResponse:
    """The unit to offer for the topic that was chosen on the page."""
    opinion = _opinion(request, no)
    chosen = {name: value for name in ("topic", "to") if (value := request.GET.get(name, ""))}
    form = ReferForm(opinion=opinion, viewer=request.user, initial=chosen)
    return render(request, "opinions/step.html#answering_unit", {"form": form})


@require_http_methods(["GET", "POST"])
def contact(request: OfficerRequest, no: str) -> HttpResponse:
    """The citizen's contact, after a reason was given: each look is recorded."""
    opinion = _opinion(request, no)
    form = RevealForm(request.POST or None)
    told: list[services.Contact] = []
    if form.is_valid():
        back_to(request, lambda: _contact_page(request, _opinion(request, no), form), form)
        told = services.reveal_contact(opinion, **form.cleaned_data, by=request.user, now=timezone.now())
    return _contact_page(request, opinion, form, told)


@require_POST
def add_files(request: OfficerRequest, no: str) -> HttpResponse:
    opinion = _opinion(request, no)
    form = FilesForm(request.POST, request.FILES)
    if form.is_valid() and form.cleaned_data["added"]:
        back_to(request, lambda: _detail_page(request, _opinion(request, no), form), form)
        services.attach_all(opinion, files=form.cleaned_data["added"], by=request.user, now=timezone.now())
        messages.success(request, _("附件已保存。"))
    else:
        messages.error(request, _("请选择要上传的文件。"))
    return redirect("opinions:detail", no)


@require_GET
def attachment(request: OfficerRequest, no: str, pk: int) -> FileResponse:
    """The file itself: always downloaded, never run or shown as a page of ours."""
    kept = get_object_or_404(Attachment, opinion=_opinion(request, no), pk=pk)
    response = FileResponse(
        kept.file.open("rb"), as_attachment=True, filename=kept.name, content_type=kept.content_type
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _opinion(request: OfficerRequest, no: str) -> Opinion:
    seen = selectors.opinions_seen_by(request.user)
    related = (
        "topic__parent",
        "heard_by",
        "responsible_unit",
        "responsible",
        "recorded_by",
        "complained_unit",
        "joined_to__responsible_unit",
    )
    return get_object_or_404(seen.select_related(*related), no=no)


def _step(word: str) -> Step:
    try:
        step = Step(word)
    except ValueError:
        raise Http404 from None
    if step not in STEP_FORMS:
        raise Http404
    return step


def _detail_page(request: OfficerRequest, opinion: Opinion, files: FilesForm) -> HttpResponse:
    context = _told(request, opinion) | {"files_form": files}
    main = next((offer for offer in context["offers"] if offer.step is context["main_step"]), None)
    if main is not None and main.open:
        # The step that it waits for is taken right here; nothing has to be opened first.
        form = STEP_FORMS[main.step](opinion=opinion, viewer=request.user)
        context |= _judged(request, opinion, main.step)
        context |= {"step": main.step, "form": form, "offer": main, "inline": True}
        if isinstance(form, MeasureForm):
            context |= _hints(form)
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


def _onward(request: OfficerRequest, opinion: Opinion) -> HttpResponse:
    """Back to the opinion; to the inbox where the step took it out of sight."""
    if selectors.opinions_seen_by(request.user).filter(pk=opinion.pk).exists():
        return redirect("opinions:detail", opinion.no)
    return redirect("opinions:inbox")


def _told(request: OfficerRequest, opinion: Opinion) -> dict[str, Any]:
    today, main = local_day(timezone.now()), opinion.joined_to
    main_step = _main_step(opinion, review_due=selectors.is_due_for_review(opinion, today=today))
    offers = [
        offer
        for offer in services.offers(opinion, request.user, now=timezone.now())
        if offer.open or offer.step not in ASIDE
    ]
    askers, joined = selectors.askers_of(opinion), selectors.joined_to(opinion, request.user)
    referrals = (
        opinion.referrals.filter(follows=None)
        .select_related(
            "unit", "by", "rectification__responsible", "rectification__verified_by", "rectification__rectified_by"
        )
        .prefetch_related(
            "parts__unit",
            "parts__contributed_by",
            "replies__approved_by",
            "replies__drafted_by",
            "call_backs__by",
            "ratings",
            "pauses__started_by",
            "extensions__asked_by",
            "extensions__decided_by",
        )
    )
    return {
        "opinion": opinion,
        "told_at": selectors.answered_at(opinion),
        "tone": TONES[Status(opinion.status)],
        "finished": opinion.status in SETTLED,
        "outcome": selectors.outcome_of(opinion.main),
        "offers": sorted(offers, key=lambda offer: offer.step is not main_step),
        "main_step": main_step,
        "referrals": referrals,
        "origins": origins_of(opinion, request.user),
        "beside": beside_of(opinion, request.user),
        "tellings": tellings_of(opinion),
        "events": opinion.events.select_related("by", "unit"),
        "pressed": reminders_about(Case.OPINION, opinion.no),
        "by_clock": workflow.BY_CLOCK,
        "attachments": opinion.attachments.select_related("by"),
        "files_form": FilesForm(),
        "has_contact": askers.exclude(phone_sealed=b"", name_sealed=b"", address_sealed=b"").exists(),
        "askers": askers.count(),
        "joined": [(one, TONES[Status(one.status)]) for one in joined],
        "main": main,
        "main_seen": main is not None and selectors.opinions_seen_by(request.user).filter(pk=main.pk).exists(),
        "now": timezone.now(),
    }


def _step_page(request: OfficerRequest, opinion: Opinion, step: Step, form: StepForm) -> HttpResponse:
    offer = next(
        (offer for offer in services.offers(opinion, request.user, now=timezone.now()) if offer.step is step), None
    )
    context = _told(request, opinion) | _judged(request, opinion, step) | {"step": step, "form": form, "offer": offer}
    if isinstance(form, MeasureForm):
        context |= _hints(form)
    if step in (Step.REFER, Step.JOIN) and not selectors.is_complaint(opinion):
        found = find_said_already(text_of(opinion), viewer=request.user, topic=opinion.topic, other_than=opinion)
        context["similar"] = _toned([one for one in found if one.opinion.joined_to_id != opinion.pk])
    context["beside_step"] = beside_of(opinion, request.user, step)
    return render(request, "opinions/step.html", context, status=422 if form.is_bound else 200)


def _judged(request: OfficerRequest, opinion: Opinion, step: Step) -> dict[str, Any]:
    """Return what the step is about, to be read beside its form: the work that is verified, the reply that goes out."""
    referral = selectors.current_referral(opinion)
    if referral is None:
        return {}
    if step in DECIDES_EXTENSION:
        return {"judged_extension": referral.extensions.filter(granted=None).first()}
    if step is Step.CALL_BACK:
        return _call(request, opinion, referral)
    work = referral.rectification
    if work is not None and step in (Step.MEASURE, Step.RECTIFY, Step.VERIFY, Step.REJECT, Step.TAKE_OUT):
        standing = selectors.standing_referrals(work).filter(opinion__in=selectors.opinions_seen_by(request.user))
        shared = [each.opinion for each in standing]
        others = [one for one in shared if one.pk != opinion.pk]
        judged = {"judged_work": work} | _pictures(work, shared) if step in (Step.VERIFY, Step.REJECT) else {}
        return judged | {"together": others, "shared_work": work}
    if step in (Step.APPROVE, Step.SEND_BACK, Step.FEED_BACK):
        return {"judged_reply": referral.replies.filter(sent_back_at=None).last()}
    return {}


def _toned(found: Sequence[Similar]) -> list[tuple[Similar, str]]:
    return [(one, TONES[Status(one.opinion.status)]) for one in found]


def _call(request: OfficerRequest, opinion: Opinion, referral: Referral) -> dict[str, Any]:
    """Return what is known to who calls back: at which level, how often it was tried, what was told before."""
    level = selectors.call_level(request.user, referral)
    calls = list(referral.call_backs.select_related("by__unit"))
    return {
        "script": call_back_script(),
        "level": level,
        "attempt": sum(call.level == level for call in calls) + 1,
        "attempts": rules.CALL_ATTEMPTS,
        "earlier": [call for call in calls if call.reached],
        "told": selectors.told_reply(opinion),
    }


def _hints(form: MeasureForm) -> dict[str, Any]:
    """Return what the measure on the form lacks, and which of what, who and when it names."""
    # As it was typed: what the form would turn down is told beside the field, and is no text of the database.
    text, opinion = str(form["measure"].value() or "").replace("\x00", ""), form.opinion
    if not text.strip():
        return {}
    findings = _findings(opinion, text, form["responsible"].value(), form["planned_on"].value())
    lacks = {finding.code for finding in findings}
    words = (_("做什么"), _("谁来做"), _("何时完成"))
    return {
        "hints": [finding for finding in findings if finding.code not in ELEMENTS[1:]],
        "elements": [(name, code not in lacks) for name, code in zip(words, ELEMENTS, strict=True)],
    }


def _findings(opinion: Opinion, text: str, officer: object, day: object) -> list[Finding]:
    referral = selectors.current_referral(opinion)
    unit, own = opinion.responsible_unit, referral.rectification if referral else None
    alike = selectors.alike_measures(text, unit, other_than=own) if unit else 0
    return check_measure(text, measure_rules(), has_officer=bool(officer), has_day=bool(day), alike=alike)


def _joint_offers(lead: Opinion, viewer: Officer) -> list[services.Offer]:
    """Return the steps that lead on for all opinions of a rectification, as one of them offers them."""
    joint = (Step.RECTIFY, Step.VERIFY, Step.REJECT, Step.MEASURE)
    return sorted(
        (offer for offer in services.offers(lead, viewer) if offer.step in joint),
        key=lambda offer: joint.index(offer.step),
    )


def _pictures(work: Rectification, opinions: Sequence[Opinion]) -> dict[str, Any]:
    """Return the files kept with the opinions before the work and as its proof."""
    kept = Attachment.objects.filter(opinion__in=opinions).select_related("opinion", "by")
    measured = work.measured_at
    return {
        "files_before": [file for file in kept if file.step != Step.RECTIFY and file.at <= measured],
        "files_after": [file for file in kept if file.step == Step.RECTIFY],
    }


def _main_step(opinion: Opinion, *, review_due: bool) -> Step | None:
    """Return the step that the opinion waits for; nothing once it is closed."""
    status = Status(opinion.status)
    if opinion.asked_again_at is not None:
        return Step.REOPEN
    if opinion.paused_at is not None:
        return Step.RESUME
    if review_due:
        return Step.REVIEW
    if status not in WAITS_FOR:
        return None
    step, _roles = WAITS_FOR[status]
    return Step.REPLY if step is Step.MEASURE and not opinion.needs_rectification else step


def _waits_for(opinion: Opinion, decides_extensions: bool) -> str:
    if opinion.asked_again_at is not None:
        return str(_("决定是否再办"))
    if opinion.paused_at is not None:
        return str(_("等群众补充"))
    if decides_extensions and opinion.extension_asked_at is not None:
        return str(_("决定是否延期"))
    step = _main_step(opinion, review_due=getattr(opinion, "review_due", False))
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
