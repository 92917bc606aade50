"""Where titles fold."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoufang.bulletins.headline import LONGEST_LINE, folded, width


@pytest.mark.parametrize(
    "lines",
    [
        ("关于走访工作情况的通报",),
        ("关于1至5月份“大走访”", "活动进展情况的通报"),
        ("焦作市公安局关于1至5月份", "“大走访”活动进展情况的通报"),
        ("焦作市公安局关于表彰2024年度", "走访工作先进集体和先进个人的决定"),
        ("关于印发《焦作市公安局走访群众", "意见建议办理工作办法（试行）》的通知"),
    ],
)
def test_a_title_folds_between_whole_words(lines: tuple[str, ...]) -> None:
    assert folded("".join(lines)) == lines


def test_three_lines_never_have_the_shape_of_an_hourglass() -> None:
    lines = folded(
        "焦作市公安局关于2024年上半年全市公安机关“大走访”爱民实践活动意见建议整改落实和信访积案化解情况的通报"
    )
    first, second, third = map(width, lines)

    assert not first > second < third


def test_a_line_break_in_the_title_is_taken_as_given() -> None:
    assert folded("焦作市公安局\n关于走访工作的通报\n") == ("焦作市公安局", "关于走访工作的通报")


def test_a_number_is_never_parted_from_what_it_counts() -> None:
    for filler in range(1, 24):
        title = "甲" * filler + "关于2024年第一季度338件信访积案办理情况的通报"
        lines = folded(title)

        assert any("2024年第一季度" in line for line in lines), title
        assert any("338件" in line for line in lines), title


@given(st.text("关于印发市公安局走访意见建议的和、“”《》（）2024年条件", max_size=150))
def test_no_character_is_lost_and_no_line_is_too_long(title: str) -> None:
    lines = folded(title)

    assert "".join(lines) == title
    assert all(width(line) <= LONGEST_LINE for line in lines)


def test_a_hostile_title_does_not_take_long() -> None:
    started = time.perf_counter()

    folded("走访、" * 36)
    folded("访" * 100_000)

    assert time.perf_counter() - started < 5
