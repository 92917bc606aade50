"""Opinions that say the same find one another, at once and after a backfill, and nobody learns of what they may not see."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.world import World
from zoufang.opinions import services
from zoufang.opinions.alike import ENOUGH, K, Said, Text, common_words, groups_of, likeness, words_in
from zoufang.opinions.minhash import BANDS, bands_of, plain_words
from zoufang.opinions.models import Opinion, OpinionShape
from zoufang.opinions.similar import groups_within, similar_to, text_of
from zoufang.rehearsal.texts import names, scripts

LAMP = "小区东门的路灯坏了两周，晚上走路不放心，希望尽快修好。"
WORDS = st.text(alphabet="路灯坏了修小区东门晚上走不放心，。 a1", max_size=60)


@pytest.fixture
def world(db: None) -> World:
    return World()


def bands(text: str) -> list[int]:
    (found,) = bands_of([text])
    return found


# ---- the bands


def test_bands_are_the_same_for_ever() -> None:
    # Whoever changes one of these makes all bands that are kept worthless: then `zoufang shapes --anew` is due.
    assert bands("小区东门的路灯坏了")[:4] == EVER


EVER = [1284195444, 2106931996, 1708481024, -2010880474]


def test_width_case_and_punctuation_do_not_matter() -> None:
    assert bands("路灯坏了 ABC 123！") == bands("路灯，坏了ａｂｃ１２３")
    assert len(bands("路")) == BANDS
    assert bands("") == bands("  。！\n") == []


@given(st.lists(st.text(max_size=80), max_size=150))
@settings(max_examples=40, deadline=None)
def test_a_text_has_the_same_bands_alone_and_among_others(texts: list[str]) -> None:
    assert bands_of(texts) == [bands(text) for text in texts]


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_bands_fit_their_column(text: str) -> None:
    found = bands(text)
    assert len(found) in (0, BANDS)
    assert all(-(2**31) <= band < 2**31 for band in found)


def _edited(text: str, dice: Random) -> str:
    """Return the text as another would say it: some characters dropped, some replaced, a phrase put in front."""
    signs = [sign for sign in text if dice.random() > 0.04]
    signs = ["某" if dice.random() < 0.04 else sign for sign in signs]
    return dice.choice(["", "您好，", "再次反映："]) + "".join(signs)


def _planted(many: int) -> tuple[list[str], list[str]]:
    dice, places = Random(7), names()["places"]
    said = [script.said.format(place=place) for place in places for script in scripts()]
    originals = [" ".join(dice.sample(said, 3)) for _one in range(many)]
    return originals, [_edited(text, dice) for text in originals]


def test_planted_near_duplicates_share_a_band() -> None:
    originals, edited = _planted(300)
    shared = [bool(set(one) & set(other)) for one, other in zip(bands_of(originals), bands_of(edited), strict=True)]
    alike = [likeness(Text.of(one), Text.of(other)).is_enough for one, other in zip(originals, edited, strict=True)]
    print(f"recall by bands {sum(shared) / len(shared):.3f}, kept {sum(alike) / len(alike):.3f}")
    assert sum(shared) >= 0.97 * len(shared)
    assert sum(alike) >= 0.97 * len(alike)


# ---- the shapes


def test_an_opinion_is_shaped_as_it_is_registered(world: World) -> None:
    opinion = world.opinion(content=LAMP)
    assert opinion.shape.bands == bands(text_of(opinion))


def test_a_backfill_makes_the_same_shapes_as_registration(world: World) -> None:
    for text in ("", "一", LAMP, "！！！", "咨询户口迁移需要哪些材料？" * 30):
        world.opinion(content=text or "。", title=text[:10])
    live = dict(OpinionShape.objects.values_list("opinion", "bands"))
    services.forget_shapes()
    told: list[int] = []
    assert services.shape_missing(told.append) == len(live) == sum(told)
    assert dict(OpinionShape.objects.values_list("opinion", "bands")) == live
    assert services.shape_missing() == 0


def test_a_backfill_goes_in_batches_and_leaves_what_is_there(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [world.opinion(content=f"{LAMP}{at}") for at in range(7)]
    monkeypatch.setattr("zoufang.opinions.services.shaping.BATCH", 2)
    OpinionShape.objects.exclude(opinion=made[3]).delete()
    told: list[int] = []
    assert services.shape_missing(told.append) == 6
    assert told == [2, 2, 2]
    assert OpinionShape.objects.count() == 7


# ---- the search


def found(world: World, text: str, **asked: Any) -> list[Opinion]:
    viewer = asked.pop("viewer", None) or world.visit_office
    return [one.opinion for one in similar_to(text, viewer=viewer, **asked)]


def test_the_likest_comes_first_and_the_unlike_not_at_all(world: World) -> None:
    same = world.opinion(content=LAMP)
    near = world.opinion(content="小区东门路灯坏了有两周，晚上走路不放心，请尽快来修。")
    world.opinion(content="咨询外地户口迁入本市需要准备哪些材料。")
    assert found(world, LAMP) == [same, near]
    assert found(world, LAMP, other_than=same) == [near]
    assert found(world, "") == found(world, "。。") == []


def test_a_short_note_finds_the_open_letter_of_its_topic(world: World) -> None:
    letter = world.opinion(
        content=f"尊敬的领导：您好！我们是住在这里多年的居民。{LAMP}" + "老人和孩子都不敢出门，多次反映没有结果。" * 2
    )
    assert found(world, "东门的路灯坏了两周，晚上走路不放心", topic=letter.topic) == [letter]


def test_closed_and_old_ones_can_be_left_out(world: World) -> None:
    closed = world.closed(content=LAMP)
    again = world.opinion(content=LAMP)
    assert found(world, LAMP) == [again, closed]
    assert found(world, LAMP, open_only=True) == [again]
    assert found(world, LAMP, since=again.heard_at) == [again]
    assert found(world, LAMP, since=again.heard_at + timedelta(seconds=1)) == []


def test_what_the_reader_may_not_see_is_neither_found_nor_in_the_way(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zoufang.opinions.similar.MOST_BY_BANDS", 1)
    seen = world.opinion(content=LAMP)
    world.opinion(content=LAMP, heard_by=world.other_station, by=world.other_clerk)
    world.opinion(content=LAMP, kind="COMPLAINT", complained_officer=world.clerk, by=world.visit_office)
    world.opinion(content=LAMP, kind="COMPLAINT", complained_unit=world.station, by=world.visit_office)
    assert found(world, LAMP, viewer=world.clerk) == [seen]


@pytest.mark.django_db
def test_an_administrator_finds_nothing(world: World) -> None:
    world.opinion(content=LAMP)
    assert found(world, LAMP, viewer=world.auditor) == []


# ---- groups and their words


@given(st.lists(WORDS, max_size=30))
@settings(max_examples=60, deadline=None)
def test_each_opinion_is_in_one_group_and_like_its_first(texts: list[str]) -> None:
    said = [Said(pk, band, text) for pk, (band, text) in enumerate(zip(bands_of(texts), texts, strict=True))]
    groups = groups_of(said)
    assert sorted(pk for group in groups for pk in group) == list(range(len(texts)))
    for first, *others in groups:
        for other in others:
            like = likeness(Text.of(texts[first]), Text.of(texts[other]))
            same = plain_words(texts[first]) == plain_words(texts[other])
            assert like.overlap >= ENOUGH or same


def test_planted_families_are_found_whole() -> None:
    originals, _edited_ones = _planted(20)
    dice = Random(3)
    families = [[_edited(text, dice) for _copy in range(6)] for text in originals]
    texts = [text for family in families for text in family]
    said = [Said(pk, band, text) for pk, (band, text) in enumerate(zip(bands_of(texts), texts, strict=True))]
    whole = [group for group in groups_of(said) if len(group) >= K]
    assert sum(map(len, whole)) >= 0.9 * len(texts)
    assert all(len({pk // 6 for pk in group}) == 1 or originals_meet(group, originals) for group in whole)


def originals_meet(group: list[int], originals: list[str]) -> bool:
    """Were two families made of nearly the same phrases in the first place?"""
    texts = [Text.of(originals[at]) for at in {pk // 6 for pk in group}]
    return all(likeness(texts[0], other).overlap > 0.3 for other in texts[1:])


@given(st.lists(WORDS, max_size=14), st.lists(WORDS, max_size=14))
@settings(max_examples=60, deadline=None)
def test_no_word_is_shown_that_fewer_than_five_say(texts: list[str], others: list[str]) -> None:
    for word in common_words(*([words_in(text) for text in some] for some in (texts, others))):
        assert sum(word in text for text in texts) >= K
        assert all("\u4e00" <= sign <= "\u9fff" for sign in word)


def test_the_words_of_a_group_tell_what_it_is_about() -> None:
    here = [words_in(f"{LAMP}{at}号楼") for at in range(6)]
    there = [words_in(f"咨询户口迁移需要哪些材料，{at}") for at in range(20)]
    words = common_words(here, there)
    assert words
    assert all(word in f"{LAMP}号楼" for word in words)
    assert common_words(here[:4], there) == []


def test_what_has_no_shape_is_grouped_all_the_same(world: World) -> None:
    made = [world.opinion(content=f"{LAMP}{at}") for at in range(K)]
    other = world.opinion(content="咨询外地户口迁入本市需要准备哪些材料。")
    grouped = [[one.pk for one in made], [other.pk]]
    assert groups_within(Opinion.objects.all()) == grouped
    OpinionShape.objects.all().delete()
    assert groups_within(Opinion.objects.all()) == grouped
