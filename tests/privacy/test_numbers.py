"""Personal numbers are found however they are written, and public ones are left alone."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoufang.privacy.masking import mask_identity, mask_landline, mask_name, mask_phone
from zoufang.privacy.numbers import NumberKind, masked, scan

# Textbook examples with a right check digit; they belong to nobody.
IDENTITY = "11010519491231002X"
OLD_IDENTITY = "130503670401001"
MOBILE = "13812345678"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"他的证件号是{IDENTITY}，请核实", "他的证件号是110***************，请核实"),
        ("11010519491231002x", "110***************"),
        ("１１０１０５１９４９１２３１００２Ｘ", "110***************"),
        ("110105 19491231 002X", "110***************"),
        ("110105-1949-1231-002X", "110***************"),
        ("1 1 0 1 0 5 1 9 4 9 1 2 3 1 0 0 2 X", "110***************"),
        (f"旧证{OLD_IDENTITY}号", "旧证130************号"),
        (f"电话{MOBILE}。", "电话138****5678。"),
        ("138-1234-5678", "138****5678"),
        ("138 1234 5678", "138****5678"),
        ("138.1234.5678", "138****5678"),
        ("１３８１２３４５６７８", "138****5678"),
        ("1 3 8 1 2 3 4 5 6 7 8", "138****5678"),
        ("①③⑧①②③④⑤⑥⑦⑧", "138****5678"),
        ("138\u200b1234\u200b5678", "138****5678"),
        ("+86 138 1234 5678", "138****5678"),
        ("8613812345678", "138****5678"),
        ("座机0391-2561234", "座机0391-*****34"),
        ("（0391）2561234", "0391-*****34"),
        ("010 62561234", "010-******34"),
        ("联系电话：2561234", "联系电话：*****34"),
        (f"{MOBILE}和{IDENTITY}", "138****5678和110***************"),
    ],
)
def test_a_personal_number_is_found_and_masked(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "请拨打110或12345，也可拨96110",
        "客服4001234567",
        "单位代码410800570001",
        "编号YJ2026000123，受理于2026-03-02 13:20",
        "2026年1月5日至13日，共收集1115条",
        "110105194912310021",
        "总价1380000元，面积138平方米，门牌1234号",
        "13-15日、2026年、10点30分",
        "身份证号码",
        "",
    ],
)
def test_what_is_nobody_s_number_is_left_alone(text: str) -> None:
    assert scan(text) == []
    assert masked(text) == text


def test_positions_point_into_the_text_as_it_was_written() -> None:
    text = "前１３８ 1234 5678后"
    (found,) = scan(text)
    assert found.kind is NumberKind.MOBILE
    assert text[found.start : found.end] == "１３８ 1234 5678"


def test_a_reader_may_allow_landlines() -> None:
    text = f"派出所值班电话0391-2561234，反映人{MOBILE}"
    assert (
        masked(text, kinds={NumberKind.IDENTITY, NumberKind.MOBILE}) == "派出所值班电话0391-2561234，反映人138****5678"
    )


@given(st.text() | st.text(alphabet="0123456789 -X１", max_size=60))
def test_masked_text_has_no_personal_numbers_left(text: str) -> None:
    assert scan(masked(text)) == []


@given(
    st.text(alphabet="走访民警abc，。\n"),
    st.sampled_from([IDENTITY, OLD_IDENTITY, MOBILE, "0391-2561234"]),
    st.text(alphabet="走访民警abc，。\n"),
)
def test_a_number_is_found_whatever_stands_around_it(before: str, number: str, after: str) -> None:
    (found,) = scan(before + number + after)
    assert (found.start, found.end) == (len(before), len(before) + len(number))
    assert masked(before + number + after) == before + found.masked + after


@given(st.text(alphabet="0123456789 -.X１", max_size=200))
def test_scanning_digits_ends_and_finds_numbers_in_order(text: str) -> None:
    found = scan(text)
    assert all(one.end <= other.start for one, other in pairwise(found))


@pytest.mark.parametrize(
    ("name", "shown"),
    [("王小明", "王**"), ("王明", "王*"), ("王", "王*"), ("欧阳修文", "欧阳**"), ("欧阳", "欧*"), ("", "")],
)
def test_a_name_keeps_its_surname(name: str, shown: str) -> None:
    assert mask_name(name) == shown


def test_numbers_are_masked_for_the_screen() -> None:
    assert mask_phone("13812341234") == "138****1234"
    assert mask_phone("+86 138-1234-1234") == "138****1234"
    assert mask_phone("0391-2561234") == "0391-*****34"
    assert mask_landline("110") == "***"
    assert mask_identity(IDENTITY) == "110***************"
