"""The verbs of what citizens are told: keep templates; propose, publish, send back and withdraw a public answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from zoufang.answers import rules, selectors
from zoufang.answers.models import Publication, PublicationEvent, ReplyTemplate, TemplateVersion
from zoufang.answers.rules import Doubt
from zoufang.answers.vocabulary import Act, PublicationState
from zoufang.audit import services as audit
from zoufang.kernel.refusal import Invalid, NotAllowed, StaleState, StepNotOpen
from zoufang.opinions.minhash import bands_of
from zoufang.opinions.models import Opinion, Topic
from zoufang.opinions.placeholders import unknown_in
from zoufang.opinions.selectors import in_conflict, told_reply
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer


@transaction.atomic
def keep_template(
    *,
    code: str,
    occasion: str,
    title: str,
    text: str,
    kind: str = "",
    topic: Topic | None = None,
    title_en: str = "",
    text_en: str = "",
    by: Officer | None,
    now: datetime,
) -> ReplyTemplate:
    """
    Keep a new template. `by` is None where it comes with the reference data.

    :raises NotAllowed: if `by` keeps no templates.
    :raises Invalid: if a placeholder is not on the list.
    """
    if by is not None:
        access.require(by, Do.KEEP_TEMPLATES)
    _check_words(text, text_en)
    template = ReplyTemplate.objects.create(
        code=code, occasion=occasion, kind=kind, topic=topic, title=title, title_en=title_en
    )
    _add_version(template, number=1, text=text, text_en=text_en, by=by, now=now)
    return template


@transaction.atomic
def reword_template(
    template: ReplyTemplate, *, text: str, text_en: str = "", seen: int | None = None, by: Officer, now: datetime
) -> TemplateVersion:
    """
    Give the template a new wording; the old ones stay as they were. `seen` is the version that the writer saw.

    :raises NotAllowed: if `by` keeps no templates.
    :raises Invalid: if a placeholder is not on the list.
    :raises StaleState: if somebody reworded it since.
    """
    access.require(by, Do.KEEP_TEMPLATES)
    _check_words(text, text_en)
    # Of two writers at once the second waits here, and then sees the version of the first.
    locked = ReplyTemplate.objects.select_for_update().get(pk=template.pk)
    last = locked.current
    if seen is not None and seen != last.number:
        raise StaleState
    if (last.text, last.text_en) == (text, text_en):
        return last
    return _add_version(locked, number=last.number + 1, text=text, text_en=text_en, by=by, now=now)


@transaction.atomic
def retire_template(template: ReplyTemplate, *, by: Officer, now: datetime) -> None:
    """
    Offer the template no more. What was written with it stays.

    :raises NotAllowed: if `by` keeps no templates.
    :raises StaleState: if it was retired before.
    """
    access.require(by, Do.KEEP_TEMPLATES)
    if not ReplyTemplate.objects.filter(pk=template.pk, retired_at=None).update(retired_at=now):
        raise StaleState
    audit.record("template-retire", on="template", key=template.code, by=by, at=now)


def doubts_of(*texts: str) -> list[Doubt]:
    """Return all that the checks find in texts that are to be public."""
    return [doubt for text in texts for doubt in rules.doubts_in(text)]


@transaction.atomic
def propose_publication(
    opinion: Opinion, *, title: str, question: str, answer: str, override: str = "", by: Officer, now: datetime
) -> Publication:
    """
    Propose the question and its answer for everybody to read (提请公开), in words that tell about nobody.

    What was sent back or withdrawn may be proposed again.

    :raises NotAllowed: if it is a complaint, or `by` proposes nothing for the unit that answered.
    :raises StepNotOpen: if no answer has been told.
    :raises Invalid: if the checks find something that is neither taken out nor explained.
    :raises StaleState: if it is proposed or public already.
    """
    if in_conflict(opinion, by) or not selectors.may_be_public(opinion):
        raise NotAllowed(_("投诉不公开。"))
    reply = told_reply(opinion)
    if reply is None:
        raise StepNotOpen(_("还没有答复群众，不能公开。"))
    unit = reply.referral.unit
    access.require(by, Do.PROPOSE_PUBLICATION, unit)
    require_nobody_told(doubts_of(title, question, answer), override)
    (bands,) = bands_of([f"{title} {question}"])
    facts: dict[str, Any] = {
        "unit": unit,
        "topic": opinion.topic,
        "title": title,
        "question": question,
        "answer": answer,
        "override": override,
        "state": PublicationState.PROPOSED,
        "proposed_by": by,
        "proposed_at": now,
        "bands": bands,
    }
    kept, new = Publication.objects.get_or_create(reply=reply, defaults=facts)
    if not new:
        _move(kept, (PublicationState.SENT_BACK, PublicationState.WITHDRAWN), **facts)
    _log(kept, Act.PROPOSED, by=by, now=now, note=override)
    return kept


@transaction.atomic
def publish(publication: Publication, *, seen: int | None = None, by: Officer, now: datetime) -> None:
    """
    Let everybody read it (批准公开): another person than who proposed it. `seen` is the version that was read.

    :raises NotAllowed: if `by` approves nothing for the unit, or proposed it.
    :raises StepNotOpen, StaleState: if it does not wait for approval, or was changed since it was read.
    """
    require_approver(publication, by=by)
    _same(publication, seen)
    _move(
        publication,
        (PublicationState.PROPOSED,),
        state=PublicationState.PUBLISHED,
        published_by=by,
        published_at=now,
    )
    _log(publication, Act.PUBLISHED, by=by, now=now)


@transaction.atomic
def send_publication_back(publication: Publication, *, note: str, by: Officer, now: datetime) -> None:
    """
    Send a proposal back with what to change (退回修改).

    :raises NotAllowed, StepNotOpen, StaleState: as for `publish`.
    """
    require_approver(publication, by=by)
    _move(publication, (PublicationState.PROPOSED,), state=PublicationState.SENT_BACK)
    _log(publication, Act.SENT_BACK, by=by, now=now, note=note)


@transaction.atomic
def withdraw_publication(publication: Publication, *, note: str, by: Officer, now: datetime) -> None:
    """
    Take it back, at any time (撤回公开): a proposal, or what everybody reads. It is gone at once, and counts no more.

    :raises NotAllowed: if `by` withdraws nothing for the unit.
    :raises StepNotOpen, StaleState: if it is neither proposed nor public.
    """
    access.require(by, Do.WITHDRAW_PUBLICATION, publication.unit)
    _move(
        publication,
        (PublicationState.PROPOSED, PublicationState.PUBLISHED),
        state=PublicationState.WITHDRAWN,
        published_by=None,
        published_at=None,
    )
    _log(publication, Act.WITHDRAWN, by=by, now=now, note=note)


def require_approver(publication: Publication, *, by: Officer) -> None:
    """
    Let `by` decide on the proposal, or say why not.

    :raises NotAllowed: if `by` approves nothing for the unit, or proposed it.
    :raises StepNotOpen: if it does not wait for approval.
    """
    access.require(by, Do.APPROVE_PUBLICATION, publication.unit)
    if publication.state != PublicationState.PROPOSED:
        raise StepNotOpen
    if publication.proposed_by_id == by.pk:
        raise NotAllowed(_("提请人不能批准自己提请的公开，请由另一人审批。"))


def require_nobody_told(doubts: Sequence[Doubt], override: str) -> None:
    """
    Refuse a text that may tell who somebody is, unless it is said why that may stay.

    :raises Invalid: if something is in doubt without a reason, or may never stay.
    """
    never = [doubt for doubt in doubts if doubt.never]
    if never or (doubts and not override.strip()):
        shown = _("、").join(dict.fromkeys(str(doubt.kind.label) for doubt in never or doubts))
        if never:
            raise Invalid(_("公开的文字里有%(what)s，必须删去。") % {"what": shown})
        raise Invalid(_("公开的文字里有%(what)s。请删改，或写明保留理由。") % {"what": shown})


def _check_words(*texts: str) -> None:
    unknown = [word for text in texts for word in unknown_in(text)]
    if unknown:
        raise Invalid(_("没有这样的占位符：%(names)s。") % {"names": _("、").join(unknown)})


def _add_version(
    template: ReplyTemplate, *, number: int, text: str, text_en: str, by: Officer | None, now: datetime
) -> TemplateVersion:
    version = TemplateVersion.objects.create(
        template=template, number=number, text=text, text_en=text_en, by=by, at=now
    )
    audit.record("template-keep", on="template", key=template.code, by=by, at=now, detail={"version": number})
    return version


def _same(publication: Publication, seen: int | None) -> None:
    if seen is not None and seen != publication.version:
        raise StaleState


def _move(publication: Publication, states: Sequence[PublicationState], **changes: Any) -> None:
    """
    Move a public answer on that is in one of `states`.

    :raises StepNotOpen: if it is in another.
    :raises StaleState: if somebody moved it since it was read.
    """
    if publication.state not in states:
        raise StepNotOpen
    # The WHERE clause is the lock: of two people acting at once, one updates no row.
    here = Publication.objects.filter(pk=publication.pk, state=publication.state, version=publication.version)
    if not here.update(**changes, version=F("version") + 1):
        raise StaleState
    publication.refresh_from_db()


def _log(publication: Publication, act: Act, *, by: Officer, now: datetime, note: str = "") -> None:
    PublicationEvent.objects.create(publication=publication, act=act, by=by, at=now, note=note)
    audit.record(
        f"publication-{act.lower()}",
        on="opinion",
        key=publication.reply.referral.opinion.no,
        by=by,
        at=now,
        detail={"publication": publication.pk},
    )
