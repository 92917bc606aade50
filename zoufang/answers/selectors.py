"""Named reads of templates and public answers; what an officer asks for is scoped by the reader."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import formats, translation
from django.utils.translation import gettext as _

from zoufang.answers.models import Publication, ReplyTemplate
from zoufang.answers.vocabulary import Occasion, PublicationState
from zoufang.kernel.clock import local_day
from zoufang.opinions.alike import Text, likeness
from zoufang.opinions.loading import topic_vocabulary
from zoufang.opinions.minhash import bands_of
from zoufang.opinions.models import Opinion, Reply, Topic
from zoufang.opinions.origins import Beside
from zoufang.opinions.placeholders import fill
from zoufang.opinions.rules import suggest_topic
from zoufang.opinions.selectors import current_referral, opinions_seen_by, told_reply
from zoufang.opinions.vocabulary import Kind
from zoufang.opinions.workflow import Step
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit
from zoufang.search.words import saying
from zoufang.ui.when import due_day

# Others asked this: at least so many pairs of characters in common, and this part of the shorter text's.
_FEWEST_SHARED, _ENOUGH = 3, 0.3
_MOST_READ = 200


def templates_in_use() -> QuerySet[ReplyTemplate]:
    return ReplyTemplate.objects.filter(retired_at=None).select_related("topic").prefetch_related("versions")


@dataclass(frozen=True)
class Words:
    """A template filled with the facts of an opinion."""

    template: ReplyTemplate
    text: str


def words_for(opinion: Opinion, *, today: date, language: str = "zh-hans") -> list[Words]:
    """Return every template that fits the opinion, filled, those made for its topic and kind first."""
    values = values_of(opinion, today=today, language=language)
    fitting = [template for template in templates_in_use() if _fits(template, opinion)]
    order = list(Occasion)
    fitting.sort(key=lambda one: (order.index(Occasion(one.occasion)), one.topic_id is None, not one.kind, one.title))
    return [Words(template, filled(template, values, language=language)) for template in fitting]


def filled(template: ReplyTemplate, values: Mapping[str, str], *, language: str = "zh-hans") -> str:
    """Return the words of the template's version in use; the Chinese ones where there are no English ones."""
    version = template.current
    return fill(version.text_en if language == "en" and version.text_en else version.text, values)


def values_of(opinion: Opinion, *, today: date, language: str = "zh-hans") -> dict[str, str]:
    """Return what each placeholder stands for, in `language`; empty where the opinion does not tell."""
    referral = current_referral(opinion)
    plan = referral.rectification if referral else None
    unit = opinion.responsible_unit or opinion.heard_by
    with translation.override(language):
        return {
            "no": opinion.no,
            "kind": str(opinion.get_kind_display()),
            "topic": opinion.topic.label,
            "said": opinion.headline,
            "heard": _day(local_day(opinion.heard_at)),
            "unit": unit.label,
            "due": _day(due_day(opinion.due_at)),
            "measure": plan.measure if plan else "",
            "result": plan.result if plan else "",
            "phone": _phone_of(unit),
            "today": _day(today),
        }


def beside_of(opinion: Opinion, viewer: Officer, step: Step | None) -> list[Beside]:
    """Return what stands beside the opinion: words to choose from while replying, the public answer afterwards."""
    if step is Step.REPLY:
        return [Beside(_("答复模板"), f"{reverse('answers:words', args=[opinion.no])}?reply=1")]
    found = []
    if step is None and may_be_public(opinion) and told_reply(opinion) is not None:
        found.append(Beside(_("公开答复"), reverse("answers:of_opinion", args=[opinion.no])))
    if step is None and access.may(viewer, Do.GIVE_FEEDBACK):
        found.append(Beside(_("告知用语"), reverse("answers:words", args=[opinion.no]), folded=True))
    return found


def may_be_public(opinion: Opinion) -> bool:
    """A complaint never is: whoever reads it might know who complained."""
    return Opinion.objects.about_matters().filter(pk=opinion.pk).exists()


def publication_of(reply: Reply | None) -> Publication | None:
    return Publication.objects.filter(reply=reply).first() if reply is not None else None


def publications_seen_by(viewer: Officer) -> QuerySet[Publication]:
    """Return the public answers of the viewer's reach, proposed and withdrawn ones too, about what they may know of."""
    reach = access.within_reach(viewer, Do.SEE_OPINIONS, "unit__path")
    seen = opinions_seen_by(viewer).order_by().values("pk")
    return (
        Publication.objects.filter(reach, reply__referral__opinion__in=seen)
        .select_related("unit", "topic__parent", "proposed_by", "published_by", "reply__referral__opinion")
        .order_by("-proposed_at", "-pk")
    )


def waiting_for_approval(viewer: Officer) -> int:
    """Return how many proposals wait for somebody like the viewer."""
    reach = access.within_reach(viewer, Do.APPROVE_PUBLICATION, "unit__path")
    waiting = publications_seen_by(viewer).filter(reach, state=PublicationState.PROPOSED)
    return waiting.exclude(proposed_by=viewer).order_by().count()


def public_answers(*, q: str = "", topic: Topic | None = None, unit: Unit | None = None) -> QuerySet[Publication]:
    """Return what everybody may read, newest first: that says all the words of `q`, of a topic (or one below it), of a unit."""
    rows = Publication.objects.published().select_related("unit", "topic__parent")
    if q:
        rows = rows.filter(saying(Publication, q))
    if topic is not None:
        rows = rows.filter(Q(topic=topic) | Q(topic__parent=topic))
    if unit is not None:
        rows = rows.filter(unit.holds("unit"))
    return rows.order_by("-published_at", "-pk")


def public_answer(pk: int) -> Publication | None:
    return public_answers().filter(pk=pk).first() if pk < 2**63 else None


def topics_answered() -> QuerySet[Topic]:
    """Return the first-level topics under which something is public."""
    below = Publication.objects.published().order_by().values("topic__parent")
    return Topic.objects.filter(pk__in=below)


def units_answering() -> QuerySet[Unit]:
    return Unit.objects.filter(pk__in=Publication.objects.published().order_by().values("unit")).order_by("path")


def others_asked(text: str, *, most: int = 3) -> list[Publication]:
    """
    Return the public answers whose question is most like `text`, the likest first.

    A few words typed so far are no text: they are compared with the newest of their topic as well as by bands.
    """
    asked = Text.of(text)
    if asked.pairs.size < _FEWEST_SHARED:
        return []
    (bands,) = bands_of([text])
    code = suggest_topic(text, topic_vocabulary(), otherwise="")
    newest = public_answers()
    read = {one.pk: one for one in newest.filter(bands__overlap=bands)[:_MOST_READ]}
    read |= {one.pk: one for one in newest.filter(topic__code=code)[:_MOST_READ]}
    read |= {one.pk: one for one in newest[:_MOST_READ]}
    found = []
    for one in read.values():
        like = max((likeness(asked, Text.of(words)) for words in (one.title, one.question)), key=lambda x: x.shared)
        if like.shared >= _FEWEST_SHARED and like.overlap >= _ENOUGH:
            found.append((like.overlap, like.shared, one.pk))
    return [read[pk] for _overlap, _shared, pk in sorted(found, reverse=True)[:most]]


def _fits(template: ReplyTemplate, opinion: Opinion) -> bool:
    right_kind = not template.kind or template.kind == opinion.kind
    right_topic = template.topic_id in (None, opinion.topic_id, opinion.topic.parent_id)
    # What is asked or praised has nothing that was put right.
    return right_kind and right_topic and (opinion.kind != Kind.COMPLAINT or template.occasion != Occasion.NOT_OURS)


def _phone_of(unit: Unit) -> str:
    """Return the telephone under which the unit answers the public: its own, or that of the next unit above."""
    above = Unit.objects.filter(pk__in=unit.ancestor_pks).exclude(phone="").order_by("-path").first()
    return above.phone if above else ""


def _day(day: date) -> str:
    return formats.date_format(day, "DATE_FORMAT")
