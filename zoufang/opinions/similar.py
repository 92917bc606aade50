"""Named reads of opinions by what they say. Whatever a person is shown starts from `opinions_seen_by`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from zoufang.opinions.alike import Said, Text, groups_of, likeness, shared_words
from zoufang.opinions.minhash import bands_of
from zoufang.opinions.models import Opinion, OpinionShape, Topic
from zoufang.opinions.selectors import opinions_seen_by
from zoufang.opinions.workflow import SETTLED
from zoufang.organization.models import Officer

# How many texts one question reads at most: those that share a band, and the open ones of the same topic.
MOST_BY_BANDS, MOST_BY_TOPIC = 200, 100
# Of more opinions than these only the newest are grouped.
MOST_GROUPED = 3_000


@dataclass(frozen=True)
class Similar:
    """
    An opinion that says nearly the same; `overlap` is which part of the shorter text's wording both share.

    `said` is its content in pieces, each with whether the other text has it too.
    """

    opinion: Opinion
    overlap: float
    said: list[tuple[str, bool]]

    @property
    def percent(self) -> int:
        return int(100 * self.overlap)

    @property
    def is_open(self) -> bool:
        return self.opinion.status not in SETTLED


def similar_to(
    text: str,
    *,
    viewer: Officer,
    topic: Topic | None = None,
    since: datetime | None = None,
    open_only: bool = False,
    matters_only: bool = False,
    other_than: Opinion | None = None,
    most: int = 5,
) -> list[Similar]:
    """
    Return the opinions most like `text` that the viewer may see, the likest first, at most `most`.

    They are sought by their bands, and with a `topic` also among its newest open ones: a short note and a long letter
    share too few pairs to be found by bands. `since` and `open_only` leave out what is too old or done, `matters_only`
    complaints. What the viewer may not see is left out before anything is counted or cut, so that it changes nothing.
    """
    (bands,) = bands_of([text])
    if not bands:
        return []
    seen = opinions_seen_by(viewer).order_by("-pk")
    if since is not None:
        seen = seen.filter(heard_at__gte=since)
    if open_only:
        seen = seen.exclude(status__in=SETTLED)
    if matters_only:
        seen = seen.about_matters()
    if other_than is not None:
        seen = seen.exclude(pk=other_than.pk)
    read = _texts(seen.filter(pk__in=_sharing_a_band(bands)), MOST_BY_BANDS)
    if topic is not None:
        read |= _texts(seen.filter(topic=topic).exclude(status__in=SETTLED), MOST_BY_TOPIC)
    asked = Text.of(text)
    found = {pk: like for pk, words in read.items() if (like := likeness(asked, Text.of(words))).is_enough}
    best = sorted(found, key=lambda pk: (found[pk].overlap, found[pk].jaccard, pk), reverse=True)[:most]
    kept = Opinion.objects.select_related("topic", "heard_by", "responsible_unit").in_bulk(best)
    return [Similar(kept[pk], found[pk].overlap, shared_words(text, kept[pk].content)) for pk in best if pk in kept]


def said_already(
    text: str, *, viewer: Officer, topic: Topic | None, other_than: Opinion | None = None
) -> list[Similar]:
    """Return the matters in hand that say nearly what is being registered or referred; no complaint among them."""
    return similar_to(text, viewer=viewer, topic=topic, open_only=True, matters_only=True, other_than=other_than)


def text_of(opinion: Opinion) -> str:
    """Return what is compared of an opinion."""
    return f"{opinion.title} {opinion.content}"


def likest(opinion: Opinion, among: QuerySet[Opinion]) -> list[Opinion]:
    """Return the newest of `among`, those first that say what the opinion says, then those of its topic."""
    said, newest = Text.of(text_of(opinion)), list(among.order_by("-pk")[:MOST_BY_TOPIC])
    overlap = {one.pk: likeness(said, Text.of(text_of(one))).overlap for one in newest}
    return sorted(newest, key=lambda one: (-overlap[one.pk], one.topic_id != opinion.topic_id, -one.pk))


def groups_within(opinions: QuerySet[Opinion]) -> list[list[int]]:
    """
    Return which of the newest `MOST_GROUPED` of `opinions` say the same, as primary keys, oldest of a group first.

    Everybody's opinions, seen or not: who calls this shows figures of them, and rows only through `opinions_seen_by`.
    """
    # An opinion without a shape has bands of None, whatever the field says of itself.
    newest: Any = opinions.order_by("-heard_at", "-pk").values_list("pk", "shape__bands", "title", "content")[
        :MOST_GROUPED
    ]
    rows: list[tuple[int, Any, str]] = [
        (pk, bands, f"{title} {content}") for pk, bands, title, content in reversed(newest)
    ]
    # What has no shape yet has a text all the same.
    missing = [text for _pk, bands, text in rows if bands is None]
    worked_out = iter(bands_of(missing))
    return groups_of(Said(pk, next(worked_out) if bands is None else bands, text) for pk, bands, text in rows)


def _sharing_a_band(bands: list[int]) -> list[int]:
    """
    Return the opinions that share a band, seen or not.

    Asked by itself: of bands, nearly all different, PostgreSQL knows no frequencies. It would take a tenth of all
    opinions to share one, and in a larger statement walk through the opinions instead of looking up a few.
    """
    return list(OpinionShape.objects.filter(bands__overlap=bands).values_list("pk", flat=True))


def _texts(rows: QuerySet[Opinion], most: int) -> dict[int, str]:
    found = rows.values_list("pk", "title", "content")[:most]
    return {pk: f"{title} {content}" for pk, title, content in found}
