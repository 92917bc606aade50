"""Rules about opinions that need no database. Pure."""

from dataclasses import dataclass

from zoufang.opinions.vocabulary import WITHOUT_RECTIFICATION, Source

# After so many returns the visit office names the unit, and that referral is final.
RETURNS_BEFORE_DESIGNATION = 3


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
