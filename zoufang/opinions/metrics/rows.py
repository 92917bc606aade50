"""What the numbers of opinions count, and by what they are cut."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Least

from zoufang.metrics.engine import Category
from zoufang.opinions.models import Opinion, Rectification, Referral, Topic
from zoufang.opinions.vocabulary import (
    SOURCE_GROUPS,
    Kind,
    ObjectCategory,
    OutcomeKind,
    Source,
    SourceGroup,
)


def _topic_names() -> dict[object, str]:
    return {topic.code: topic.label for topic in Topic.objects.all()}


OPINION_CATEGORIES = {
    "kind": Category("kind", Kind),
    "source": Category("source", Source),
    "topic": Category("topic__parent__code", _topic_names),
    "subtopic": Category("topic__code", _topic_names),
    "object_category": Category("object_category", ObjectCategory),
}

REFERRAL_CATEGORIES = {
    name: Category(f"opinion__{category.path}", category.labels) for name, category in OPINION_CATEGORIES.items()
}

OUTCOME_CATEGORIES = {
    "outcome": Category("kind", OutcomeKind),
    **{name: Category(f"referral__{each.path}", each.labels) for name, each in REFERRAL_CATEGORIES.items()},
}


def open_door() -> QuerySet[Opinion]:
    return Opinion.objects.filter(source__in=SOURCE_GROUPS[SourceGroup.OPEN_DOOR])


def from_courts() -> QuerySet[Opinion]:
    return Opinion.objects.filter(object_category=ObjectCategory.PROSECUTION_COURT)


def rectified_open_door() -> QuerySet[Rectification]:
    heard = Referral.objects.filter(
        rectification=OuterRef("pk"), opinion__source__in=SOURCE_GROUPS[SourceGroup.OPEN_DOOR]
    )
    return Rectification.objects.filter(Exists(heard))


def made() -> QuerySet[Referral]:
    """Leave out what was recalled at once: nobody was made to answer, so nobody is measured by it."""
    return Referral.objects.filter(recalled_at=None)


def work() -> QuerySet[Referral]:
    """Return the referrals that are work of their own: what only follows the one of the main opinion is not."""
    return made().filter(follows=None)


def answered_for() -> QuerySet[Referral]:
    return work().filter(returned_at=None)


def fallen_due() -> QuerySet[Referral]:
    """Leave out what was joined before its day: from then on the main opinion's deadline is the one that counts."""
    # What was reopened before it was joined fell due in its own time.
    stood = Q(opinion__joined_at=None) | Q(opinion__joined_at__gte=F("due_at")) | Q(reopened_at__isnull=False)
    return answered_for().filter(stood)


def with_end() -> QuerySet[Referral]:
    """Return the referrals with the moment from which the unit did not have them in hand any more."""
    return work().annotate(over_at=Least("closed_at", "returned_at", "reopened_at", "opinion__joined_at"))


def unfinished() -> QuerySet[Referral]:
    """Return the referrals with the moment from which nothing was left to be finished by a deadline of theirs."""
    return answered_for().annotate(
        done_at=Least("finished_at", "opinion__joined_at"), taken_at=Least("signed_at", "opinion__joined_at")
    )
