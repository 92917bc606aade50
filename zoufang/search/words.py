"""
Find words in Chinese text by an index, exactly as a reader of the whole text would find them.

The index knows every two characters that stand side by side, so it needs no dictionary and a word of two characters is
one look-up. A longer word is looked up by its pairs, then compared with the text itself. What is found is what
contains the words: `docs/adr/0005-search-and-long-lists.md`.
"""

import unicodedata
from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db.models import BooleanField, Func, Q, TextField, Value


class Pairs(Func):
    """The pairs of characters of some text fields; no pair spans two fields."""

    function = "search_pairs"
    output_field = SearchVectorField()


class _Asked(Func):
    """Do the pairs hold all that the words need?"""

    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()


class _Holds(Func):
    """Is the word in the folded texts?"""

    template = "strpos(%(expressions)s) > 0"
    output_field = BooleanField()


def _folded(*texts: Any) -> Func:
    return Func(*texts, function="search_folded", output_field=TextField())


def word_index(*fields: str, name: str) -> GinIndex:
    """Return the index that lets `saying` find words in `fields`; a model declares it among its indexes."""
    return GinIndex(Pairs(*fields), name=name)


def saying(asked: str, fields: Sequence[str]) -> Q:
    """
    Return the rows that say every word of `asked`, words being what white space separates.

    A word is found wherever its characters stand in one of the fields, inside a longer word too. Letters A to Z count
    in either case; full-width forms and their ordinary ones count as the same. `fields` are those of a `word_index`
    of the model, in its order.
    """
    words = asked.split()
    found = Q(_Asked(Pairs(*fields), Func(Value(" ".join(words)), function="search_query"))) if words else Q()
    for word in words:
        folded = unicodedata.normalize("NFKC", word)
        # The pair of a word of two characters is the word.
        if len(folded) > 2 or " " in folded:
            found &= Q(_Holds(_folded(*fields), _folded(Value(word))))
    return found
