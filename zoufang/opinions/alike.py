"""Which texts say the same, which belong together, and which words they share. Pure."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from zoufang.opinions.minhash import Pairs, pairs_of, plain_words

# Two texts are alike if the shorter one shares this much of its pairs of characters with the other, and not just a
# phrase. Set by reading pairs of real messages: at one half nearly all are the same matter, at two fifths few.
ENOUGH = 0.5
FEWEST_SHARED = 6

# No group of fewer is ever shown, nor a word that fewer of its texts have: one could tell who said it.
K = 5
# A word marks a group that has it this many times as often as the others.
_TELLING = 1.5
_WORDS = re.compile(r"\w\w")
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")


@dataclass(frozen=True)
class Text:
    """A text made ready to be compared."""

    words: str
    pairs: Pairs

    @classmethod
    def of(cls, *parts: str) -> "Text":
        words = plain_words(" ".join(parts))
        return cls(words, pairs_of(words))


@dataclass(frozen=True)
class Likeness:
    """`overlap`: which part of the shorter text's pairs both have; `jaccard`: which part of all pairs. From 0 to 1."""

    overlap: float
    jaccard: float
    shared: int

    @property
    def is_enough(self) -> bool:
        return self.overlap >= ENOUGH and self.shared >= FEWEST_SHARED


def likeness(one: Text, other: Text) -> Likeness:
    if not one.pairs.size or not other.pairs.size:
        return Likeness(0.0, 0.0, 0)
    shared = int(np.intersect1d(one.pairs, other.pairs, assume_unique=True).size)
    shorter, both = min(one.pairs.size, other.pairs.size), one.pairs.size + other.pairs.size - shared
    return Likeness(shared / shorter, shared / both, shared)


def shared_words(asked: str, text: str) -> list[tuple[str, bool]]:
    """Return `text` in pieces, in order, each with whether `asked` has its pairs of characters too."""
    known = {asked[at : at + 2] for at in range(len(asked) - 1) if _WORDS.fullmatch(asked[at : at + 2])}
    has = [False] * len(text)
    for at in range(len(text) - 1):
        if text[at : at + 2] in known:
            has[at] = has[at + 1] = True
    pieces = groupby(zip(text, has, strict=True), key=lambda one: one[1])
    return [("".join(letter for letter, _has in piece), shared) for shared, piece in pieces]


@dataclass(frozen=True)
class Said:
    """An opinion to be grouped: its key, its bands, its text."""

    pk: int
    bands: Sequence[int]
    text: str


def groups_of(said: Iterable[Said]) -> list[list[int]]:
    """
    Return the keys of opinions that say the same, each in one group, the first of a group first.

    Taken in the order given, an opinion joins the group whose first opinion is most like it and shares a band with
    it, or begins one. So everything in a group is like its first, and nothing is drawn in by way of a third.
    """
    groups: list[list[int]] = []
    firsts: list[Text] = []
    by_band: defaultdict[int, list[int]] = defaultdict(list)
    by_words: dict[str, int] = {}
    for one in said:
        text = Text.of(one.text)
        at = by_words.get(text.words)
        if at is None:
            at = _nearest(text, {group for band in one.bands for group in by_band[band]}, firsts)
            if at is None:
                at = len(groups)
                groups.append([])
                firsts.append(text)
                for band in one.bands:
                    by_band[band].append(at)
            by_words[text.words] = at
        groups[at].append(one.pk)
    return groups


def _nearest(text: Text, near: Iterable[int], firsts: Sequence[Text]) -> int | None:
    """Return which of the groups `near` the text is most like, the earlier of equals; None if it is like none."""
    found = ((likeness(text, firsts[group]), group) for group in near)
    fits = [(-like.overlap, -like.jaccard, group) for like, group in found if like.is_enough]
    return min(fits)[2] if fits else None


def words_in(text: str) -> frozenset[str]:
    """Return the different Chinese words of two characters or more; no figure, no letter."""
    # It reads a dictionary of words at its first import, which only the pages of groups need.
    import rjieba

    return frozenset(word for word in rjieba.cut(text) if len(word) > 1 and _CHINESE.fullmatch(word))


def common_words(texts: Sequence[frozenset[str]], others: Sequence[frozenset[str]], *, most: int = 5) -> list[str]:
    """
    Return the words that mark `texts` against `others`, the most marking first, each in at least `K` of them.

    Texts are given as the words in them, see `words_in`.
    """
    here, there = (Counter(word for words in some for word in words) for some in (texts, others))
    least = max(K, len(texts) // 4)
    usual = {word: (there[word] + 1) / (len(others) + 2) for word in here}
    marks = {word: many / len(texts) / usual[word] for word, many in here.items() if many >= least}
    telling = [word for word, times in marks.items() if times >= _TELLING]
    return sorted(telling, key=lambda word: (-here[word] * math.log(marks[word]), word))[:most]
