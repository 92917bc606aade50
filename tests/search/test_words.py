"""What the index finds is what a reader of every text would find: no more, no less."""

import random
import unicodedata
from functools import cache
from unittest import mock

import pytest
from django.db import connection, models, transaction
from django.db.models import QuerySet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world import World
from zoufang.opinions.ledger import OPINION_LEDGER, OpinionFilter
from zoufang.search import words
from zoufang.search.words import saying, word_index

pytestmark = pytest.mark.django_db

# Few characters, so that words meet often; of every sort that a text may hold.
CHARACTERS = "路灯巡逻坏的犬，。、！《》 \n\t　aAbB12-_.%\\'\":&|ＡｂＢ１２㎡①é㐀𠮷𰻞〇々ーü😀"
SAYINGS = st.text(CHARACTERS, max_size=30)


class Paper(models.Model):
    title = models.CharField(max_length=80, blank=True)
    body = models.TextField(blank=True)

    class Meta:
        app_label = "search"
        managed = False
        indexes = (word_index("title", "body", name="paper_words"),)

    def __str__(self) -> str:
        return self.title


PAPERS = Paper._default_manager


@pytest.fixture
def papers() -> None:
    with connection.schema_editor() as editor:
        editor.create_model(Paper)
        editor.add_index(Paper, Paper._meta.indexes[0])


@cache
def folded(text: str) -> str:
    return "".join(c.lower() if c.isascii() else c for c in unicodedata.normalize("NFKC", text))


def read(asked: str, papers: list[tuple[str, str]]) -> list[int]:
    """Find by reading every text."""
    return [
        n
        for n, paper in enumerate(papers)
        if all(any(folded(word) in folded(text) for text in paper) for word in asked.split())
    ]


def looked_up(asked: str, *, few: int = words.FEW) -> list[int]:
    """Find by the index: the planner may not read the table."""
    with transaction.atomic(), connection.cursor() as cursor, mock.patch.object(words, "FEW", few):
        cursor.execute("SET LOCAL enable_seqscan = off")
        return sorted(PAPERS.filter(saying(Paper, asked)).values_list("pk", flat=True))


def write(papers: list[tuple[str, str]]) -> None:
    PAPERS.all().delete()
    PAPERS.bulk_create(Paper(pk=n, title=title, body=body) for n, (title, body) in enumerate(papers))


def plan(rows: QuerySet[Paper]) -> str:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        return str(rows.explain())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(SAYINGS, SAYINGS), min_size=1, max_size=12), st.lists(SAYINGS, min_size=1, max_size=8))
def test_the_index_finds_what_a_reader_finds(papers: None, texts: list[tuple[str, str]], asked: list[str]) -> None:
    write(texts)
    for said in asked:
        assert looked_up(said) == read(said, texts), said
        assert looked_up(said, few=0) == read(said, texts), said


def test_parts_of_long_texts_are_found_wherever_they_stand(papers: None) -> None:
    dice = random.Random(0)
    texts = [("", "".join(dice.choices(CHARACTERS, k=dice.choice((3, 40, 2000))))) for _ in range(30)]
    write(texts)
    for _turn in range(150):
        text = dice.choice(texts)[1]
        at, long = dice.randrange(len(text)), dice.choice((1, 1, 2, 2, 2, 3, 4, 9))
        said = text[at : at + long]
        assert looked_up(said) == read(said, texts), said


def test_what_needs_no_folding_is_found_as_by_like(papers: None) -> None:
    dice = random.Random(1)
    texts = [("", "".join(dice.choices("路灯巡逻坏的犬，。%_\\ab12𠮷", k=dice.randrange(1, 60)))) for _ in range(200)]
    write(texts)
    for _turn in range(100):
        said = "".join(dice.choices("路灯巡逻坏的犬，。%_\\ab12𠮷", k=dice.choice((1, 2, 2, 3))))
        assert looked_up(said) == sorted(PAPERS.filter(body__contains=said).values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("路灯", [0, 1]),
        ("犬", [2]),
        ("灯坏了三", [0]),
        ("路灯 巡逻", [1]),
        ("路灯　巡逻", [1]),
        ("灯巡", []),
        ("iphone", [3]),
        ("PHO", [3]),
        ("abc12", [3]),
        ("ＡＢＣ", [3]),
        ("𠮷", [2]),
        ("，", [0, 3]),
        ("标题路", []),
    ],
)
def test_words_as_people_type_them(papers: None, asked: str, found: list[int]) -> None:
    write(
        [
            ("", "路灯坏了三天，没人修"),
            ("加强巡逻", "路灯下"),
            ("标题", "犬只未拴绳 𠮷野家门口"),
            ("", "丢了iPhone，编号ＡＢＣ１２"),
        ]
    )
    assert looked_up(asked) == found


@pytest.mark.parametrize("asked", ["路", "路灯", "路灯坏", "路灯 坏了", "a", "，"])
def test_the_index_is_used(papers: None, asked: str) -> None:
    write([("", "路灯坏了")])
    assert "paper_words" in plan(PAPERS.filter(saying(Paper, asked)))


def test_a_list_finds_a_number_and_a_word_in_the_same_box() -> None:
    world = World()
    opinion = world.verified()
    for asked in (opinion.no, opinion.no.lower(), opinion.content[1:3]):
        filters = OpinionFilter({"q": asked})
        assert filters.is_valid()
        assert opinion in filters.keep(OPINION_LEDGER.rows(world.clerk)), asked
