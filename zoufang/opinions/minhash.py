"""
How alike texts are, without comparing each with each: MinHash over pairs of neighbouring characters. Pure.

A text's signature holds, for each of `BANDS` × `ROWS` orders of all pairs, the first of its own. Two texts agree at a
place with the probability that is their Jaccard similarity (Broder 1997). Each `ROWS` places make a band, and bands
are what the database keeps and finds by: texts of similarity s share one with probability 1 - (1 - s³)²¹, which is
0.94 at one half and 0.44 at three tenths.

Bands are kept for years, so nothing here may depend on a library's generator: the orders come from SHA-256.
"""

import hashlib
import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BANDS, ROWS = 21, 3
# How many texts are worked on at once: larger lots only cost memory.
LOT = 64

Pairs = NDArray[np.uint64]

_NOT_WORDS = re.compile(r"[\W_]+")
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S32 = (np.uint64(bits) for bits in (30, 27, 31, 32))


def _numbers(name: str, many: int) -> NDArray[np.uint64]:
    digests = (hashlib.sha256(f"zoufang {name} {at}".encode()).digest() for at in range(many))
    return np.array([int.from_bytes(digest[:8], "big") for digest in digests], dtype=np.uint64)


# Odd, so that multiplying loses nothing.
_FACTORS = _numbers("factor", BANDS * ROWS) | np.uint64(1)
_SUMMANDS = _numbers("summand", BANDS * ROWS)
_SALTS = _numbers("band", BANDS)


def plain_words(text: str) -> str:
    """Return what is compared of a text: one width, one case, no punctuation, no spaces."""
    return _NOT_WORDS.sub("", unicodedata.normalize("NFKC", text)).lower()


def pairs_of(words: str) -> Pairs:
    """Return the different pairs of neighbouring characters of `plain_words`, as numbers in order."""
    # A single character makes a pair with nothing, so that no text that has words has no pairs.
    code = words.encode("utf-32-le", "replace") if len(words) != 1 else f"{words}\0".encode("utf-32-le", "replace")
    points = np.frombuffer(code, dtype="<u4").astype(np.uint64)
    return np.unique((points[:-1] << _S32) | points[1:])


def bands_of(texts: Sequence[str]) -> list[list[int]]:
    """Return the `BANDS` bands of each text, numbers that a column of 32 bits holds; none for a text without words."""
    found: list[list[int]] = []
    for first in range(0, len(texts), LOT):
        found += _bands([pairs_of(plain_words(text)) for text in texts[first : first + LOT]])
    return found


def _bands(lot: list[Pairs]) -> list[list[int]]:
    filled = [pairs for pairs in lot if pairs.size]
    if not filled:
        return [[] for _pairs in lot]
    mixed = _mixed(np.concatenate(filled))
    starts = np.cumsum([0, *(pairs.size for pairs in filled[:-1])])
    least = np.empty((len(filled), BANDS * ROWS), dtype=np.uint64)
    for at, (factor, summand) in enumerate(zip(_FACTORS, _SUMMANDS, strict=True)):
        least[:, at] = np.minimum.reduceat((factor * mixed + summand) >> _S32, starts)
    bands = np.broadcast_to(_SALTS, (len(filled), BANDS))
    for at in range(ROWS):
        bands = _mixed(bands ^ least[:, at::ROWS])
    numbers = iter((bands >> _S32).astype(np.uint32).view(np.int32).tolist())
    return [next(numbers) if pairs.size else [] for pairs in lot]


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scatter numbers evenly (the finalizer of SplitMix64); that products overflow is what makes it work."""
    numbers = (numbers ^ (numbers >> _S30)) * _MIX_1
    numbers = (numbers ^ (numbers >> _S27)) * _MIX_2
    scattered: NDArray[np.uint64] = numbers ^ (numbers >> _S31)
    return scattered
