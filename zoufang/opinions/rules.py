"""Rules about opinions that need no database. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from zoufang.opinions.vocabulary import WITHOUT_RECTIFICATION, CallLevel, Satisfaction, Source

# After so many returns the visit office names the unit, and that referral is final.
RETURNS_BEFORE_DESIGNATION = 3
# So often a level tries to reach the citizen; then they are out of reach, and in no denominator.
CALL_ATTEMPTS = 3


def needs_rectification(kind: str) -> bool:
    """Is there something to put right? A question is answered and praise passed on, without a measure."""
    return kind not in WITHOUT_RECTIFICATION


def policy_code(kind: str, source: str, *, urgent: bool = False) -> str:
    """Return which deadline policy applies: an urgent hazard or a source sets its own time, else the kind does."""
    if urgent:
        return "URGENT"
    if source == Source.SUPERIOR:
        return "ASSIGNED"
    if source == Source.ENTERPRISE and kind not in WITHOUT_RECTIFICATION:
        return "ENTERPRISE"
    return str(kind)


@dataclass(frozen=True)
class TopicWords:
    """The words that point to a topic; the more of them a text has, the likelier the topic."""

    code: str
    words: tuple[str, ...]


def suggest_topic(text: str, vocabulary: tuple[TopicWords, ...], *, otherwise: str) -> str:
    """Return the code of the topic with the most words in `text`; the earlier one wins a tie."""
    best, most = otherwise, 0
    for entry in vocabulary:
        hits = sum(text.count(word) for word in entry.words)
        if hits > most:
            best, most = entry.code, hits
    return best


class Call(Protocol):
    """What is compared of a call-back."""

    level: str
    reached: bool
    confirmed: bool | None
    solved: bool | None
    satisfaction: int | None


C = TypeVar("C", bound=Call)


def call_before(calls: Iterable[C], level: CallLevel) -> C | None:
    """Return the call of the nearest level below that reached the citizen; None if none did."""
    order = list(CallLevel)
    below = [call for call in calls if call.reached and order.index(CallLevel(call.level)) < order.index(level)]
    return max(below, key=lambda call: order.index(CallLevel(call.level)), default=None)


def calls_differ(before: Call, later: Call) -> bool:
    """Did the citizen say otherwise: whether it is true, whether it is solved, or whether they are satisfied at all?"""
    confirmed = None in (before.confirmed, later.confirmed) or before.confirmed == later.confirmed
    return not confirmed or before.solved != later.solved or _is_satisfied(before) != _is_satisfied(later)


def _is_satisfied(call: Call) -> bool:
    return call.satisfaction is not None and call.satisfaction >= Satisfaction.FAIRLY_SATISFIED
