"""The catalogue finds every number by code, and the same declarations always print the same page."""

import pytest
from django.utils.translation import override

from tests.metrics import sample
from zoufang.kernel.refusal import Invalid
from zoufang.metrics.engine import Catalogue, Section, describe, markdown

CATALOGUE = Catalogue(
    Section("意见建议", [sample.HEARD, sample.HEARD_SO_FAR, sample.CLOSED_SO_FAR, sample.CLOSURE_RATE]),
    Section("时效", [sample.REFERRAL_DELAY, sample.MEAN_HOPS]),
    Section("填报", [sample.SOLVED]),
)


def test_a_metric_is_found_by_its_code() -> None:
    assert CATALOGUE.get("sample.closure_rate") is sample.CLOSURE_RATE
    assert "sample.heard" in CATALOGUE
    assert "sample.unheard" not in CATALOGUE
    assert len(CATALOGUE) == 7
    assert [metric.code for metric in CATALOGUE][:2] == ["sample.heard", "sample.heard_so_far"]


def test_an_unknown_code_is_refused_in_words() -> None:
    with pytest.raises(Invalid, match=r"没有名为“sample\.unheard”的统计指标") as refused:
        CATALOGUE.get("sample.unheard")
    assert refused.value.status == 422


def test_two_numbers_may_not_share_a_code() -> None:
    with pytest.raises(ValueError, match=r"sample\.heard"):
        Catalogue(Section("一", [sample.HEARD]), Section("二", [sample.HEARD]))


def test_a_description_says_what_is_counted_when_and_whose() -> None:
    said = describe(sample.CLOSED_SO_FAR)
    assert (said.per, said.clock, said.owner) == ("条", "截至期末", "heard_by")
    assert said.rows == "意见建议 (opinions.Opinion)"
    assert (said.at, said.settled, said.unsettled) == ("heard_at", "referrals__closed_at", "referrals__reopened_at")
    assert said.categories == ("kind",)
    assert describe(sample.CLOSURE_RATE).kind == "sample.closed_so_far ÷ sample.heard_so_far，保留一位小数"
    assert describe(sample.HOPS).kind == "合计 hop"
    assert describe(sample.OBJECTS).kind == "不同的 object_category 个数"
    assert describe(sample.REFERRAL_DELAY).kind == "中位数"
    assert describe(sample.SOLVED).as_record() == {
        "code": "sample.solved",
        "title": "破案",
        "kind": "填报数",
        "per": "起",
    }


def test_the_page_names_every_number_and_is_the_same_in_any_language() -> None:
    page = markdown(CATALOGUE)
    for metric in CATALOGUE:
        assert f"### `{metric.code}` {metric.title}" in page
    assert "- credited to: `heard_by`" in page
    assert "- source: 征求意见台账" in page
    with override("en"):
        assert markdown(CATALOGUE) == page
