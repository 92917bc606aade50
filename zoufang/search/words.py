"""
Find words in Chinese text by an index, exactly as a reader of the whole text would find them.

The index knows every two characters that stand side by side, so it needs no dictionary and a word of two characters is
one look-up. What has all pairs of a longer word is compared with the word itself, so what is found is what contains
the words: `docs/adr/0005-search-and-long-lists.md`.
"""

import unicodedata
from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db.models import BooleanField, F, Func, Model, Q, TextField, Value

# Up to here the rows that hold the words are looked up; a word that more rows hold is met soon on the way from the
# first row of a list on, and looking all of them up would take longer.
FEW = 10_000


class Pairs(Func):
    """The pairs of characters of some text fields; no pair spans two fields."""

    function = "search_pairs"
    output_field = SearchVectorField()


class _HoldAllOf(Func):
    """Are the pairs of the words among these pairs?"""

    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()


class _Contains(Func):
    """Is the word in the folded texts?"""

    # Not "> 0": of that the planner thinks that a third of the rows fulfil it, of this that all do.
    template = "strpos(%(expressions)s) <> 0"
    output_field = BooleanField()


class _Among(Func):
    """Is the key in the array? The planner fills the array first, whatever it thinks of the rest."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def word_index(*fields: str, name: str) -> GinIndex:
    """Return the index that lets `saying` find words in `fields`; a model declares it among its indexes."""
    return GinIndex(Pairs(*fields), name=name)


def saying(model: type[Model], asked: str) -> Q:
    """
    Return the filter that keeps the rows of `model` that say every word of `asked`, words being what white space parts.

    A word is found wherever its characters stand in one of the fields of the model's `word_index`, inside a longer
    word too. Letters A to Z count in either case; full-width forms and ordinary ones count as the same.

    One query is made at once: how many rows hold the pairs decides how to look. The planner cannot, for it only
    guesses how many rows hold a rare word; to walk a million rows for a word that none holds takes seconds.
    """
    words = asked.split()
    if not words:
        return Q()
    pairs = _pairs_of(model)
    hold_all = _HoldAllOf(pairs, _Call("search_query", Value(" ".join(words))))
    holders = model._default_manager.filter(hold_all).order_by()
    if holders[: FEW + 1].count() > FEW:
        # The comparison is cheaper than taking a text to pairs, so a walk compares first.
        return Q(*(_contains(pairs, word) for word in words), hold_all)
    # The pair of a word of two characters is the word.
    longer = [word for word in words if len(_normal(word)) > 2 or " " in _normal(word)]
    found = holders.filter(*(_contains(pairs, word) for word in longer)).values("pk")
    return Q(_Among(F("pk"), ArraySubquery(found)))


def _pairs_of(model: type[Model]) -> Pairs:
    expressions: Sequence[Any] = [part for index in model._meta.indexes for part in getattr(index, "expressions", ())]
    return next(part for part in expressions if isinstance(part, Pairs))


def _contains(pairs: Pairs, word: str) -> _Contains:
    folded = _Call("search_folded", *pairs.get_source_expressions())
    return _Contains(folded, _Call("search_folded", Value(word)))


def _normal(word: str) -> str:
    return unicodedata.normalize("NFKC", word)


class _Call(Func):
    output_field = TextField()

    def __init__(self, function: str, *arguments: Any) -> None:
        super().__init__(*arguments, function=function)
