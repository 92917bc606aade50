"""A declaration that could mislead is refused when it is made, not when somebody prints it."""

from typing import Any

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Count as CountRows
from django.db.models import F

from tests.metrics import sample
from zoufang.metrics.engine import Clock, Count, Median, Ratio
from zoufang.opinions.models import Opinion, Referral


def count(**changes: Any) -> Count:
    declared: dict[str, Any] = {
        "code": "sample.declared",
        "title": "意见",
        "per": "条",
        "rows": Opinion.objects.all,
        "at": "heard_at",
        "owner": "heard_by",
    }
    return Count(**declared | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"per": "件"},
        {"owner": "responsible_unit"},
        {"clock": Clock.AS_OF},
        {"at": "recorded_at"},
        {"distinct": "kind"},
        {"rows": Referral.objects.all, "at": "referred_at", "owner": "unit"},
    ],
)
def test_a_ratio_of_unlike_counts_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="part and whole"):
        Ratio(code="sample.rate", title="率", part=count(**changes), whole=count())


def test_a_ratio_of_a_ratio_is_refused() -> None:
    not_a_count: Any = sample.CLOSURE_RATE
    with pytest.raises(TypeError, match="two counts"):
        Ratio(code="sample.rate", title="率", part=not_a_count, whole=count())


def test_a_ratio_may_narrow_its_part_by_rows_and_by_settled() -> None:
    narrowed = count(rows=lambda: Opinion.objects.filter(kind="PRAISE"), settled="referrals__closed_at")
    assert Ratio(code="sample.rate", title="率", part=narrowed, whole=count()).per == "%"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"at": "no_such_field"}, FieldDoesNotExist),
        ({"at": "content"}, TypeError),
        ({"at": "referrals__referred_at"}, TypeError),
        ({"owner": "topic"}, TypeError),
        ({"owner": "referrals__unit"}, TypeError),
        ({"settled": "kind"}, TypeError),
        ({"unsettled": "referrals__reopened_at"}, ValueError),
        ({"value": "version", "distinct": "kind"}, ValueError),
        ({"value": "version", "settled": "referrals__closed_at"}, TypeError),
        ({"distinct": "referrals__return_reason"}, TypeError),
        ({"categories": {"to": "referrals__unit"}}, TypeError),
        ({"categories": {"month": "kind"}}, ValueError),
        ({"categories": {"kind": "kind__code"}}, TypeError),
        ({"code": "No Code"}, ValueError),
        ({"rows": Opinion.objects.distinct}, ValueError),
        ({"rows": lambda: Opinion.objects.all()[:5]}, ValueError),
        ({"rows": lambda: Opinion.objects.annotate(n=CountRows("referrals"))}, ValueError),
    ],
)
def test_a_misleading_count_is_refused(changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        count(**changes)


def test_a_median_over_a_to_many_relation_is_refused() -> None:
    with pytest.raises(TypeError, match="weigh twice"):
        Median(
            code="sample.cycle",
            title="周期",
            per="小时",
            rows=Opinion.objects.all,
            at="heard_at",
            owner="heard_by",
            value=F("referrals__closed_at") - F("heard_at"),
        )


def test_declaring_reads_no_row() -> None:
    """This test has no database: declarations are made while modules are imported."""
    count(
        settled="referrals__closed_at", unsettled="referrals__reopened_at", categories={"topic": "topic__parent__code"}
    )
