"""What a measure lacks, as it is found while it is typed."""

import pytest

from zoufang.opinions.loading import measure_rules
from zoufang.opinions.measures import Lack, check_measure, effective_length, is_too_simple

RULES = measure_rules()
GOOD = "社区民警会同物业三日内更换小区东门两盏路灯，夜间巡逻时连续复查一周并拍照留存。"


def lacks(text: str, **beside: bool | int) -> list[Lack]:
    return [finding.code for finding in check_measure(text, RULES, **beside)]  # type: ignore[arg-type]


def test_a_measure_that_says_what_who_and_when_lacks_nothing() -> None:
    assert lacks(GOOD) == []
    assert effective_length(GOOD, RULES) >= 30


@pytest.mark.parametrize(
    "text", ["高度重视，立即整改。", "已整改。", "加强教育，加强管理，高度重视，狠抓落实，举一反三。"]
)
def test_hollow_words_are_named_and_not_counted(text: str) -> None:
    found = check_measure(text, RULES, has_officer=True, has_day=True)

    codes = [finding.code for finding in found]
    assert codes[:2] == [Lack.SHORT, Lack.HOLLOW]
    assert Lack.WHAT in codes
    assert effective_length(text, RULES) < 5
    assert is_too_simple(found)


def test_a_longer_hollow_word_is_not_told_again_by_the_shorter_one_inside_it() -> None:
    (hollow,) = [f for f in check_measure(f"{GOOD}已整改到位。", RULES) if f.code is Lack.HOLLOW]

    assert "已整改到位" in hollow.message
    assert "“已整改、" not in hollow.message


def test_thirty_effective_characters_are_enough_and_twenty_nine_are_not() -> None:
    enough = "民警明日更换" + "甲乙丙丁" * 6

    assert effective_length(enough, RULES) == 30
    assert Lack.SHORT not in lacks(enough)
    assert Lack.SHORT in lacks(enough[:-1])


def test_spaces_marks_and_a_letter_held_down_are_no_content() -> None:
    assert effective_length("， 。！ 　——", RULES) == 0
    assert effective_length("好" * 200, RULES) == 2


@pytest.mark.parametrize("when", ["3日内", "五个工作日内", "5月20日前", "两周内", "月底前", "每晚"])
def test_a_day_a_span_or_a_rhythm_says_when(when: str) -> None:
    assert Lack.WHEN not in lacks(f"{when}更换路灯")


def test_what_stands_beside_the_text_need_not_stand_in_it() -> None:
    text = "更换灯具并复查"

    assert {Lack.WHO, Lack.WHEN} <= set(lacks(text))
    assert not {Lack.WHO, Lack.WHEN} & set(lacks(text, has_officer=True, has_day=True))


def test_the_third_of_the_same_wording_is_one_too_many() -> None:
    assert Lack.REUSED not in lacks(GOOD, alike=1)
    found = check_measure(GOOD, RULES, alike=2)
    assert [finding.code for finding in found] == [Lack.REUSED]
    assert is_too_simple(found)


def test_hollow_words_alone_are_no_finding_where_the_rest_is_concrete() -> None:
    found = check_measure(f"高度重视，{GOOD}", RULES)

    assert [finding.code for finding in found] == [Lack.HOLLOW]
    assert not is_too_simple(found)
