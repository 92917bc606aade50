"""The document itself: what it says, before any layout."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bulletins.sample import bulletin, heading, para, rank_table
from zoufang.bulletins.document import (
    Attachment,
    Column,
    Heading,
    Paragraph,
    Run,
    Table,
    figures,
    full_date,
    in_chinese,
    numbered,
    plain_text,
    printable,
    says,
)


def words(block: object) -> str:
    assert isinstance(block, Heading)
    return "".join(run.text for run in block.runs)


def test_headings_are_numbered_as_the_standard_orders_them() -> None:
    levels = (1, 2, 3, 4, 4, 3, 2, 1, 2)

    text = [words(block) for block in numbered(heading(level, "题") for level in levels)]

    assert text == ["一、题", "（一）题", "1.题", "（1）题", "（2）题", "2.题", "（二）题", "二、题", "（一）题"]


def test_a_heading_that_opens_a_paragraph_counts_like_the_others() -> None:
    first, second = numbered([Paragraph(says("文"), heading=heading(2, "甲。")), heading(2, "乙")])

    assert isinstance(first, Paragraph)
    assert words(first.heading) == "（一）甲。"
    assert words(second) == "（二）乙"


def test_chinese_numerals_up_to_ninety_nine() -> None:
    assert [in_chinese(number) for number in (1, 9, 10, 11, 20, 35, 99)] == [
        "一", "九", "十", "十一", "二十", "三十五", "九十九",
    ]  # fmt: skip


def test_a_date_has_no_leading_zeros() -> None:
    assert full_date(date(2024, 6, 5)) == "2024年6月5日"


def test_every_figure_is_found_in_reading_order_annexes_included() -> None:
    keys = [figure.key for figure in figures(bulletin())]

    assert keys[:3] == ["visits.headcount", "visits.with_questions_rate", "enterprises.visited"]
    assert keys[-1] == "scores.太行街派出所"
    assert len([key for key in keys if key and key.startswith("scores.")]) == 10


def test_plain_text_has_title_body_and_annexes() -> None:
    text = plain_text(bulletin())

    assert text.startswith("焦作市公安局关于1至5月份“大走访”活动进展情况的通报\n按照上级")
    assert "截至5月31日，全市各级公安机关共走访群众48216人次" in text
    assert "附件1\n1至5月份走访工作得分排名\n县（市）公安局序列" in text


def test_those_who_share_a_rank_share_the_number() -> None:
    table = rank_table("序列", ("甲", "乙", "丙", "丁")).as_table()

    assert [row[0][0].text for row in table.rows] == ["1", "2", "2", "4"]


def test_a_row_must_have_a_cell_for_every_column() -> None:
    with pytest.raises(ValueError, match="1 cells under 2 columns"):
        Table((Column("甲"), Column("乙")), ((says("一"),),))


def test_there_are_four_levels_of_headings() -> None:
    with pytest.raises(ValueError, match="heading level 5"):
        Heading(5, says("题"))


def test_a_lone_annex_has_no_number_and_one_without_pages_is_only_named() -> None:
    pages = (para("文"),)

    assert [label for label, _ in bulletin(attachments=(Attachment("甲", pages),)).annexes] == ["附件"]
    assert [label for label, _ in bulletin(attachments=(Attachment("甲"), Attachment("乙", pages))).annexes] == [
        "附件2"
    ]


def test_the_addressee_ends_with_one_full_width_colon() -> None:
    assert bulletin(addressee="各单位").salutation == "各单位："
    assert bulletin(addressee="各单位:").salutation == "各单位："
    assert bulletin(addressee="").salutation == ""


def test_marks_that_turn_text_around_or_break_the_file_are_not_printed() -> None:
    assert printable("办结\u202e142\u202c件\u0000\u001b\ufffe\u200b\ud800") == "办结142件"
    assert printable("一\n二\t三") == "一 二 三"


def test_rare_characters_in_names_are_printed() -> None:
    rare = "㛃𬭸𠀀\ue000\U00031350"

    assert printable(rare) == rare


@given(st.text())
def test_what_is_printable_stays_so(text: str) -> None:
    assert printable(printable(text)) == printable(text)


def test_a_run_of_the_sample_is_a_figure_with_an_address() -> None:
    assert figures(bulletin())[0] == Run("48216", "visits.headcount", "/bulletins/7/figures/visits.headcount")
