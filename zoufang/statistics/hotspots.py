"""
Where people raise the same matter, and which opinions say the same.

Complaints take no part: nobody learns from a group that one is there. No group of fewer than `K` is shown, nor a
smaller number of the period before it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Max, Min, QuerySet
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from zoufang.kernel.refusal import Invalid
from zoufang.metrics.engine import BLANK, Key, Number, Table, at_one_instant, one_decimal, tabulate
from zoufang.opinions.alike import K, common_words, words_in
from zoufang.opinions.metrics import CONCERNS
from zoufang.opinions.models import Opinion, Topic
from zoufang.opinions.selectors import opinions_seen_by
from zoufang.opinions.similar import MOST_GROUPED, groups_within
from zoufang.organization.models import Officer, Unit
from zoufang.statistics.changes import Change, change
from zoufang.statistics.periods import previous
from zoufang.statistics.pivot import units_at
from zoufang.statistics.questions import Question

MOST_SHOWN = 30
# From how many texts words are taken, of a group and for comparison.
_READ, _COMPARED = 60, 200


Words = Mapping[int, frozenset[str]]  # the words of opinions by primary key


def _marks(here: Words, others: Words) -> list[str]:
    return common_words(list(here.values()), [words for pk, words in others.items() if pk not in here])


class _Reader:
    """Reads what the viewer may read anyway, each text once: words are taken from nothing else."""

    def __init__(self, viewer: Officer) -> None:
        self._seen = opinions_seen_by(viewer)
        self._words: dict[int, frozenset[str]] = {}

    def words(self, rows: QuerySet[Any], most: int = _READ) -> Words:
        """Return the words of the newest `most` of `rows` that the viewer may see."""
        newest = self._seen.filter(pk__in=rows.order_by().values("pk")).order_by("-pk").values_list("pk", flat=True)
        return self.words_of(list(newest[:most]))

    def words_of(self, pks: Sequence[int]) -> Words:
        """Return the words of those of these opinions that the viewer may see."""
        wanted = self._seen.filter(pk__in=[pk for pk in pks if pk not in self._words])
        self._words |= {pk: words_in(text) for pk, text in wanted.values_list("pk", "content")}
        return {pk: self._words[pk] for pk in pks if pk in self._words}


@dataclass(frozen=True)
class Spot:
    """
    A place and a topic that at least `K` opinions are about.

    `change` is how their number stands to the period before, None where that had fewer than `K`. `times` is how many
    times the topic's share here is its share in the whole unit asked about.
    """

    unit: Unit
    topic: str
    value: int
    before: int | None
    change: Change | None
    times: Decimal | None
    url: str
    first: datetime
    last: datetime
    words: Sequence[str]


@dataclass(frozen=True)
class Spots:
    """The hot spots of a question, the fastest growing first; `more` is how many are not shown."""

    spots: Sequence[Spot]
    more: int


@dataclass(frozen=True)
class _Found:
    unit: Unit
    key: Key
    value: int
    before: int

    @property
    def growth(self) -> int:
        return self.value - self.before


@at_one_instant
def hot_spots(question: Question, level: str, *, viewer: Officer) -> Spots:
    """Return where units of `level` (a word of `pivot.level_choices`) hear much of one topic."""
    whole, code = question.unit, CONCERNS.code
    units = units_at(level, whole)
    now = tabulate([CONCERNS], [*units, whole], question.period, by="subtopic")
    before = tabulate([CONCERNS], units, previous(question.period), by="subtopic")
    found = [
        _Found(unit, key, value, int(before[code, unit.pk, key] or 0))
        for unit in units
        for key in now.keys(code, unit.pk)
        if key != BLANK and (value := int(now[code, unit.pk, key] or 0)) >= K
    ]
    found.sort(key=lambda one: (-one.growth, -one.value, one.unit.path, str(one.key)))
    reader = _Reader(viewer)
    others = reader.words(CONCERNS.rows_behind(whole, question.period), _COMPARED)
    spots = [_spot(one, question, now, others, reader) for one in found[:MOST_SHOWN]]
    return Spots(spots, len(found) - len(spots))


def _spot(found: _Found, question: Question, now: Table, others: Words, reader: _Reader) -> Spot:
    unit, key = found.unit, found.key
    rows = CONCERNS.rows_behind(unit, question.period, subtopic=key)
    days = rows.aggregate(first=Min("heard_at"), last=Max("heard_at"))
    enough_before = found.before >= K
    return Spot(
        unit=unit,
        topic=now.label(key),
        value=found.value,
        before=found.before if enough_before else None,
        change=change(CONCERNS, found.value, found.before, less_is_better=False) if enough_before else None,
        times=_times(now, unit, question.unit, key),
        url=Question(unit, question.period).rows_url(CONCERNS, subtopic=key),
        first=days["first"],
        last=days["last"],
        words=_marks(reader.words(rows), others),
    )


def _times(now: Table, unit: Unit, whole: Unit, key: Key) -> Decimal | None:
    """Return how the topic's share in the unit stands to its share in the whole; None where both are one."""
    if unit == whole:
        return None
    here, all_here, there, all_there = (
        Decimal(now[CONCERNS.code, *place] or 0) for place in ((unit.pk, key), (unit.pk,), (whole.pk, key), (whole.pk,))
    )
    return one_decimal(here * all_there / (all_here * there)) if all_here and there else None


@dataclass(frozen=True)
class Group:
    """
    At least `K` opinions that say the same. `key` stands for the group in addresses and tells nothing of its opinions.

    `trend` is "up", "down" or "same": the second half of the days from its first to the period's last against the first.
    """

    key: str
    value: int
    topic: str
    units: Sequence[str]
    first: datetime
    last: datetime
    trend: str
    url: str
    words: Sequence[str]

    @property
    def icon(self) -> str:
        return {"up": "trending-up", "down": "trending-down"}.get(self.trend, "minus")


@dataclass(frozen=True)
class Groups:
    """The groups of a question, the largest first. `read` opinions were compared, of `counted` in the period."""

    groups: Sequence[Group]
    more: int
    read: int
    counted: Number


@at_one_instant
def similar_groups(question: Question, topic: str, *, viewer: Officer) -> Groups:
    """Return the groups of similar opinions of a unit and period, of one topic if `topic` is the code of one."""
    rows = _rows(question, topic)
    counted = rows.order_by().count()
    found = _large(rows)
    reader = _Reader(viewer)
    others = reader.words(rows, _COMPARED)
    facts = _Facts.read([pk for pks in found[:MOST_SHOWN] for pk in pks], reader)
    groups = [_group(pks, facts, others, question, topic) for pks in found[:MOST_SHOWN]]
    return Groups(groups, len(found) - len(groups), min(counted, MOST_GROUPED), counted)


def open_group(question: Question, topic: str, key: str) -> list[int]:
    """
    Return the opinions of a group, seen or not: its rows are shown through a ledger of the reader's own.

    :raises Invalid: if there is no such group any more.
    """
    for pks in _large(_rows(question, topic)):
        if _key(pks) == key:
            return pks
    raise Invalid(_("这一组已经变化，请从“同类意见”重新打开。"))


def topic_of(code: str) -> Topic | None:
    """Return the topic of either level with this code, if there is one."""
    return Topic.objects.filter(code=code).first() if code and "\0" not in code else None


def _rows(question: Question, topic: str) -> QuerySet[Opinion]:
    chosen = topic_of(topic)
    slices = {} if chosen is None else {"subtopic" if chosen.parent_id else "topic": chosen.code}
    return CONCERNS.rows_behind(question.unit, question.period, **slices)


def _large(rows: QuerySet[Opinion]) -> list[list[int]]:
    groups = [pks for pks in groups_within(rows) if len(pks) >= K]
    return sorted(groups, key=lambda pks: (-len(pks), pks[0]))


def _key(pks: Sequence[int]) -> str:
    """Return what stands for a group as long as its first opinion stays the first."""
    return salted_hmac("zoufang.statistics.similar", str(pks[0]), algorithm="sha256").hexdigest()[:16]


@dataclass(frozen=True)
class _Facts:
    """When, about what and where the opinions of all groups were heard, and the words of those the viewer may read."""

    heard: Mapping[int, datetime]
    topics: Mapping[int, Topic]
    units: Mapping[int, Unit]
    words: Words

    @classmethod
    def read(cls, pks: Sequence[int], reader: _Reader) -> "_Facts":
        rows = Opinion.objects.filter(pk__in=pks).select_related("topic", "heard_by").defer("content")
        found = list(rows)
        return cls(
            heard={one.pk: one.heard_at for one in found},
            topics={one.pk: one.topic for one in found},
            units={one.pk: one.heard_by for one in found},
            words=reader.words_of(pks),
        )


def _group(pks: Sequence[int], facts: _Facts, others: Words, question: Question, topic: str) -> Group:
    moments = sorted(facts.heard[pk] for pk in pks)
    middle = moments[0] + (question.period.end - moments[0]) / 2
    late = sum(moment >= middle for moment in moments)
    early = len(moments) - late
    topics = Counter(facts.topics[pk] for pk in pks)
    address = reverse("statistics:similar_rows", args=[_key(pks)])
    return Group(
        key=_key(pks),
        value=len(pks),
        topic=topics.most_common(1)[0][0].label,
        units=list(dict.fromkeys(facts.units[pk].label for pk in pks)),
        first=moments[0],
        last=moments[-1],
        trend="up" if 2 * late > 3 * early else "down" if 2 * early > 3 * late else "same",
        url=f"{address}?{urlencode(question.words(topic=topic))}",
        words=_marks({pk: facts.words[pk] for pk in pks if pk in facts.words}, others),
    )
