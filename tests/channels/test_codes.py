"""Codes: long enough that guessing is hopeless, plain enough to be read aloud."""

from collections import Counter
from uuid import uuid4

import pytest

from zoufang.channels import rules
from zoufang.channels.selectors import code_for, kept_uid


def test_a_hundred_thousand_codes_never_repeat_and_use_every_letter_everywhere_alike() -> None:
    codes = [code_for(uuid4()) for _ in range(100_000)]

    assert len(set(codes)) == len(codes)
    assert {len(code) for code in codes} == {28}
    expected = len(codes) / 32
    for at in range(28):
        seen = Counter(code[at] for code in codes)
        assert set(seen) == set(rules.ALPHABET)
        # 31 degrees of freedom: 70 is passed by chance once in ten thousand positions.
        assert sum((count - expected) ** 2 / expected for count in seen.values()) < 75


def test_a_code_has_at_least_128_bits() -> None:
    assert 32**rules.CODE_LENGTH >= 2**128


def test_the_same_uid_has_the_same_code_and_its_kept_form_tells_nothing_of_it() -> None:
    uid = uuid4()

    assert code_for(uid) == code_for(uid)
    assert kept_uid(uid) != uid
    assert code_for(kept_uid(uid)) != code_for(uid)


@pytest.mark.parametrize(
    "typed",
    [
        "KPZ1-BVK0-0SNG-7JT0-E7PZ-74YA-HF2K",
        "kpz1bvk00sng7jt0e7pz74yahf2k",
        " KPZI - BVKO - OSNG - 7JTO - E7PZ - 74YA - HF2K ",
        "ＫＰＺ１－ＢＶＫ０－０ＳＮＧ－７ＪＴ０－Ｅ７ＰＺ－７４ＹＡ－ＨＦ２Ｋ",
        "KPZl BVK0 0SNG 7JT0\nE7PZ 74YA HF2K",
    ],
)
def test_a_code_is_understood_however_it_is_typed(typed: str) -> None:
    assert rules.plain_code(typed) == "KPZ1BVK00SNG7JT0E7PZ74YAHF2K"


def test_a_grouped_code_reads_back_as_itself() -> None:
    code = code_for(uuid4())

    assert rules.plain_code(rules.grouped(code)) == code


def test_text_loses_what_cannot_be_kept_and_nothing_else() -> None:
    assert rules.tidy("一\x00二\r\n三\ud800😀\x1b[0m") == "一二\n三😀[0m"
