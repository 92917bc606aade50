"""What several pages show of one opinion: its facts, what is asked to judge a step, hints, pictures."""

from collections.abc import Sequence
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from zoufang.accounts.access import OfficerRequest
from zoufang.kernel.clock import local_day
from zoufang.notifications.selectors import reminders_about
from zoufang.notifications.vocabulary import Case
from zoufang.opinions import rules, selectors, services, workflow
from zoufang.opinions.forms import (
    FilesForm,
    MeasureForm,
)
from zoufang.opinions.ledger import TONES
from zoufang.opinions.loading import call_back_script, measure_rules
from zoufang.opinions.measures import ELEMENTS, Finding, check_measure
from zoufang.opinions.models import Attachment, Opinion, Rectification, Referral
from zoufang.opinions.origins import beside_of, origins_of
from zoufang.opinions.similar import Similar
from zoufang.opinions.tellings import tellings_of
from zoufang.opinions.workflow import ASIDE, DECIDES_EXTENSION, SETTLED, WAITS_FOR, Status, Step
from zoufang.organization.models import Officer


def opinion_at(request: OfficerRequest, no: str) -> Opinion:
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


def shown_of(request: OfficerRequest, opinion: Opinion) -> dict[str, Any]:
    today, main = local_day(timezone.now()), opinion.joined_to
    main_step = main_step_of(opinion, review_due=selectors.is_due_for_review(opinion, today=today))
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


def judged_by(request: OfficerRequest, opinion: Opinion, step: Step) -> dict[str, Any]:
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
        judged = {"judged_work": work} | pictures_of(work, shared) if step in (Step.VERIFY, Step.REJECT) else {}
        return judged | {"together": others, "shared_work": work}
    if step in (Step.APPROVE, Step.SEND_BACK, Step.FEED_BACK):
        return {"judged_reply": referral.replies.filter(sent_back_at=None).last()}
    return {}


def toned(found: Sequence[Similar]) -> list[tuple[Similar, str]]:
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


def hints_of(form: MeasureForm) -> dict[str, Any]:
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


def joint_offers(lead: Opinion, viewer: Officer) -> list[services.Offer]:
    """Return the steps that lead on for all opinions of a rectification, as one of them offers them."""
    joint = (Step.RECTIFY, Step.VERIFY, Step.REJECT, Step.MEASURE)
    return sorted(
        (offer for offer in services.offers(lead, viewer) if offer.step in joint),
        key=lambda offer: joint.index(offer.step),
    )


def pictures_of(work: Rectification, opinions: Sequence[Opinion]) -> dict[str, Any]:
    """Return the files kept with the opinions before the work and as its proof."""
    kept = Attachment.objects.filter(opinion__in=opinions).select_related("opinion", "by")
    measured = work.measured_at
    return {
        "files_before": [file for file in kept if file.step != Step.RECTIFY and file.at <= measured],
        "files_after": [file for file in kept if file.step == Step.RECTIFY],
    }


def main_step_of(opinion: Opinion, *, review_due: bool) -> Step | None:
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
