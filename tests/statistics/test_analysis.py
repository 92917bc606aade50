"""Hot spots, similar opinions and topics month by month: never fewer than five, never a complaint, all of it counted."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.statistics.conftest import FROM, TO
from tests.world import World
from zoufang.kernel.period import Period
from zoufang.metrics.engine import tabulate
from zoufang.opinions.alike import K
from zoufang.opinions.metrics import CONCERNS
from zoufang.opinions.models import Opinion
from zoufang.opinions.vocabulary import Kind
from zoufang.statistics.catalogue import CATALOGUE
from zoufang.statistics.hotspots import hot_spots, similar_groups
from zoufang.statistics.periods import previous
from zoufang.statistics.questions import Question
from zoufang.statistics.ranking import SMALLEST_SAMPLE
from zoufang.statistics.trends import trends

Browser = Callable[[Any], Client]
PERIOD = Period(date(2026, 3, 1), date(2026, 3, 31))
LAMP = "小区东门的路灯坏了两周，晚上走路不放心，希望尽快修好。"


def said(world: World, many: int, **facts: Any) -> list[Opinion]:
    return [world.opinion(content=f"{LAMP}{at}", **facts) for at in range(many)]


def spots(world: World, level: str = "children", viewer: Any = None) -> dict[tuple[str, str], int]:
    found = hot_spots(Question(world.bureau, PERIOD), level, viewer=viewer or world.visit_office)
    return {(spot.unit.label, spot.topic): spot.value for spot in found.spots}


def test_four_are_no_hot_spot_and_five_are_one(world: World) -> None:
    said(world, 4)
    assert spots(world) == {}
    said(world, 1)
    assert list(spots(world).values()) == [5]
    assert set(spots(world)) == {("星河派出所", world.topic("A6").label)}
    assert set(spots(world, "POLICE_ROOM")) == {("东焦作警务室", world.topic("A6").label)}
    assert spots(world, "DETACHMENT") == {}


def test_a_complaint_never_makes_or_joins_a_group(world: World, browser: Browser) -> None:
    said(world, 4)
    for _again in range(3):
        said(world, 1, kind=Kind.COMPLAINT, complained_unit=world.station, by=world.visit_office)
        said(world, 1, kind=Kind.COMPLAINT, complained_officer=world.officer, by=world.visit_office)
        said(world, 1, kind=Kind.COMPLAINT, by=world.visit_office)
    assert spots(world) == {}
    assert similar_groups(Question(world.bureau, PERIOD), "", viewer=world.visit_office).groups == []


def test_a_smaller_number_of_the_period_before_is_not_told(world: World) -> None:
    earlier = world.now - timedelta(days=20)
    said(world, 4, heard_at=earlier)
    said(world, 6)
    (spot,) = hot_spots(Question(world.bureau, PERIOD), "children", viewer=world.visit_office).spots
    assert (spot.value, spot.before, spot.change) == (6, None, None)
    said(world, 1, heard_at=earlier)
    (spot,) = hot_spots(Question(world.bureau, PERIOD), "children", viewer=world.visit_office).spots
    assert spot.before == 5
    assert spot.change is not None
    assert spot.change.direction == "up"


_UNITS, _TOPICS = ("东焦作警务室", "焦南派出所", "武陟城关派出所"), ("A6", "B2")
_ONE = st.tuples(st.sampled_from(_UNITS), st.sampled_from(_TOPICS), st.sampled_from(Kind.values), st.integers(0, 2))


@given(st.lists(_ONE, max_size=24))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_of_fewer_than_five_is_ever_shown(world: World, heard: list[tuple[str, str, str, int]]) -> None:
    from tests.guards.matrix_stage import undone

    with undone():
        texts = (LAMP, "咨询外地户口迁入本市需要准备哪些材料和手续。", "路口红绿灯时间太短，老人来不及过马路。")
        for unit, topic, kind, text in heard:
            world.opinion(content=texts[text], topic=topic, kind=kind, heard_by=world.unit(unit), by=world.visit_office)
        matters = Opinion.objects.exclude(kind=Kind.COMPLAINT)
        question = Question(world.bureau, PERIOD)
        for level in ("children", "STATION", "POLICE_ROOM"):
            for spot in hot_spots(question, level, viewer=world.visit_office).spots:
                here = matters.filter(heard_by__path__startswith=spot.unit.path)
                counted = [one for one in here.select_related("topic") if one.topic.label == spot.topic]
                assert spot.value == len(counted) >= K
                assert all(sum(word in one.content for one in counted) >= K for word in spot.words)
        groups = similar_groups(question, "", viewer=world.visit_office).groups
        assert sorted(group.value for group in groups) == sorted(
            many for text in texts if (many := matters.filter(content=text).count()) >= K
        )


def test_the_rows_of_a_hot_spot_are_those_it_counts(world: World, browser: Browser) -> None:
    made = said(world, 6)
    said(world, 6, heard_by=world.other_station, by=world.other_clerk)
    answered = browser(world.visit_office).get("/statistics/hot-spots/", {"from": FROM, "to": TO})
    assert [spot.value for spot in answered.context["spots"].spots] == [6, 6]
    spot = next(one for one in answered.context["spots"].spots if one.unit == world.station)
    opened = browser(world.clerk).get(spot.url).context["opened"]
    assert set(opened.rows) == set(made)
    assert opened.figure.value == 6


def test_a_group_of_similar_opinions_opens_those_that_the_reader_may_see(world: World, browser: Browser) -> None:
    made = said(world, 3)
    said(world, 3, heard_by=world.other_station, by=world.other_clerk)
    world.opinion(content="咨询外地户口迁入本市需要准备哪些材料。")
    page = browser(world.clerk)
    (group,) = (
        page.get("/statistics/similar/", {"from": FROM, "to": TO, "unit": world.bureau.code}).context["groups"].groups
    )
    assert group.value == 6
    # The clerk may read three of them: of so few no word is told.
    assert group.words == []
    assert not any(str(one.pk) == group.key or one.no in group.url for one in made)
    answered = page.get(group.url)
    assert {row.pk for row in answered.context["page"].rows} == {one.pk for one in made}
    assert "其中 3 条不在您的查看范围内" in answered.content.decode()
    everything = browser(world.visit_office).get("/statistics/similar/", {"from": FROM, "to": TO})
    words = everything.context["groups"].groups[0].words
    assert words
    assert all(word in LAMP for word in words)


def test_a_group_that_is_gone_is_told_in_words(world: World, browser: Browser) -> None:
    answered = browser(world.clerk).get("/statistics/similar/0123456789abcdef/", {"from": FROM, "to": TO})
    assert answered.status_code == 422
    assert "请从“同类意见”重新打开" in answered.content.decode()


def test_a_topic_narrows_the_groups(world: World, browser: Browser) -> None:
    said(world, 5)
    page = browser(world.visit_office)
    for topic, many in (("A6", 1), ("A", 1), ("B2", 0), ("B", 0), ("no", 1)):
        groups = page.get("/statistics/similar/", {"from": FROM, "to": TO, "topic": topic}).context["groups"]
        assert len(groups.groups) == many, topic


def test_topics_are_told_month_by_month_and_against_the_period_before(busy: World, browser: Browser) -> None:
    question = Question(busy.bureau, PERIOD)
    metric = CATALOGUE.get("opinions.heard")
    code, unit = metric.code, busy.bureau.pk
    for by in ("topic", "subtopic"):
        found = trends(metric, question, by)
        table = tabulate([metric], [busy.bureau], PERIOD, by=by)
        before = tabulate([metric], [busy.bureau], previous(PERIOD), by=by)
        labels = {table.label(key): key for key in [None, *table.keys()]}
        for one in found.trends:
            key = None if one.is_total else labels[one.label]
            assert one.whole[0].value == table[code, unit, key]
            assert one.before[0].value == before[code, unit, key]
            assert sum(figure.value or 0 for figure, _url in one.months) == one.whole[0].value
            enough = min(one.whole[0].value or 0, one.before[0].value or 0) >= SMALLEST_SAMPLE
            assert (one.change is not None) == enough
        assert found.trends[0].is_total


def test_every_figure_of_a_topic_opens_its_rows(busy: World, browser: Browser) -> None:
    page = browser(busy.chief)
    answered = page.get("/statistics/topics/", {"from": FROM, "to": TO})
    looked = 0
    for one in answered.context["trends"].trends:
        for figure, url in (one.whole, one.before, *one.months):
            opened = page.get(url).context["opened"]
            assert opened.figure.value == figure.value
            looked += 1
    assert looked > 8


def test_concerns_are_the_opinions_that_are_no_complaints(busy: World) -> None:
    period = Period(date.fromisoformat(FROM), date.fromisoformat(TO))
    value = tabulate([CONCERNS], [busy.bureau], period)[CONCERNS.code, busy.bureau.pk]
    wanted = [
        one
        for one in Opinion.objects.all()
        if one.kind != Kind.COMPLAINT and one.complained_unit_id is None and one.complained_officer_id is None
    ]
    assert value == len(wanted) < Opinion.objects.count()
