"""The list of numbers is complete, and the page that documents it is current."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from zoufang.casework.metrics import METRICS as CASEWORK
from zoufang.opinions.metrics import METRICS as OPINIONS
from zoufang.statistics.catalogue import CATALOGUE, Definition, definitions
from zoufang.visits.metrics import METRICS as VISITS

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_every_number_that_an_app_declares_is_in_the_catalogue() -> None:
    assert {metric.code for metric in (*VISITS, *OPINIONS, *CASEWORK)} <= {metric.code for metric in CATALOGUE}


def test_the_documentation_of_the_numbers_is_current() -> None:
    out = StringIO()
    call_command("metrics", "--markdown", stdout=out)
    assert PAGE.read_text(encoding="utf-8") == out.getvalue(), "run `zoufang metrics --markdown > docs/metrics.md`"


def test_the_catalogue_is_listed_for_programs_and_for_people() -> None:
    for_programs, for_people = StringIO(), StringIO()
    call_command("metrics", "--json", stdout=for_programs)
    call_command("metrics", stdout=for_people)
    codes = [metric.code for metric in CATALOGUE]
    assert [entry["code"] for entry in json.loads(for_programs.getvalue())] == codes
    assert [line.split("\t")[0] for line in for_people.getvalue().splitlines()] == codes


@pytest.mark.parametrize("definition", definitions(), ids=lambda definition: definition.metric.code)
def test_every_definition_says_how_and_by_which_date_it_counts(definition: Definition) -> None:
    assert definition.how
    if definition.metric.has_rows:
        assert definition.credited_to
