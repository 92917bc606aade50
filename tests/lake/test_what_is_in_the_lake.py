"""A lake holds what numbers need and nothing about people: the columns are listed here, one by one."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.lake.chance import SECRET
from tests.metrics.sample import Bureau
from zoufang.lake.facts import FactTable, fact_tables
from zoufang.metrics.engine import Category, Count
from zoufang.opinions.models import Opinion
from zoufang.opinions.vocabulary import Kind
from zoufang.organization.models import Unit
from zoufang.statistics.catalogue import CATALOGUE

# Which unit, which local days, how much; and by which words of a fixed list a row is told apart.
ALLOWED = {"unit", "dated", "settled", "unsettled", "value", "different"} | {
    f"by_{category}"
    for category in (
        "call_level", "case", "category", "channel", "deadline", "kind", "mode", "mode_group", "object_category",
        "outcome", "reason", "satisfaction", "source", "subtopic", "theme", "topic",
    )
}  # fmt: skip
# The only amounts: people met, hours between two steps, and how often an opinion was referred.
AMOUNTS = {
    "visits.headcount", "visits.prosecution_court_headcount", "visits.entry_delay", "referrals.delay",
    "referrals.rectification_time", "referrals.hops",
}  # fmt: skip


def test_the_columns_are_those_that_are_allowed() -> None:
    tables = fact_tables(CATALOGUE)
    assert {name for table in tables for name in table.columns} == ALLOWED
    assert {table.metric.code for table in tables if "value" in table.columns} == AMOUNTS


def test_what_people_type_cannot_be_a_column() -> None:
    told_apart: dict[str, Any] = {"rows": Opinion.objects.all, "at": "heard_at", "owner": "heard_by"}
    with pytest.raises(TypeError, match="place"):
        FactTable(Count(code="x.y", title="", per="", categories={"place": "place"}, **told_apart))
    with pytest.raises(TypeError, match="content"):
        FactTable(Count(code="x.y", title="", per="", distinct="content", **told_apart))


def test_a_declaration_that_says_something_else_has_another_digest() -> None:
    def heard(**facts: Any) -> str:
        kind = {"kind": Category("kind", Kind)}
        return FactTable(
            Count(code="x.y", title="", per="", owner="heard_by", **{"categories": kind, "at": "heard_at", **facts})
        ).digest

    found = [
        heard(rows=Opinion.objects.all),
        heard(rows=lambda: Opinion.objects.exclude(kind=Kind.values[0])),
        heard(rows=Opinion.objects.all, at="recorded_at"),
        heard(rows=Opinion.objects.all, categories={}),
    ]
    assert len({*found}) == len(found)
    assert found[0] == heard(rows=Opinion.objects.all)


@pytest.mark.django_db
@pytest.mark.lake
def test_files_have_those_columns_and_words_of_fixed_lists_and_nothing_that_people_typed(
    cities: Bureau, exported: Path
) -> None:
    from pyarrow import parquet

    units = set(Unit.objects.values_list("code", flat=True))
    tables = {table.metric.code: table for table in fact_tables(CATALOGUE)}
    files = sorted(exported.glob("facts/*/*/*/*.parquet"))
    assert {file.parents[2].name for file in files} == tables.keys()
    for file in files:
        table = tables[file.parents[2].name]
        facts = parquet.read_table(file, partitioning=None)
        assert facts.column_names == list(table.columns)
        assert set(facts["unit"].to_pylist()) <= units
        assert {f"{day:%Y-%m}" for day in facts["dated"].to_pylist()} == {file.parent.name.removeprefix("month=")}
        for name in table.metric.categories:
            known = {str(key) for key in table.metric.category(name).names()} | {""}
            assert set(facts[f"by_{name}"].to_pylist()) <= known
        assert "SECRET" not in str(facts.to_pylist())
        assert b"SECRET" not in file.read_bytes()


@pytest.mark.django_db
@pytest.mark.lake
def test_the_manifest_has_units_names_and_approved_figures_and_nothing_that_people_typed(
    cities: Bureau, exported: Path
) -> None:
    words = (exported / "bureaus" / f"{cities.city.code}.json").read_text(encoding="utf-8")
    found = json.loads(words)
    assert SECRET not in words
    assert found.keys() == {"format", "bureau", "exported_at", "units", "names", "reported", "facts"}
    assert {key for unit in found["units"] for key in unit} == {
        "code", "name", "name_en", "parent", "valid_from", "valid_to",
    }  # fmt: skip
    assert found["names"].keys() == {"topic", "subtopic"}
    assert {tuple(figure[1:2]) for figure in found["reported"]} == {(cities.city.code,), (cities.county.code,)}
    assert 777 not in {figure[4] for figure in found["reported"]}
