"""Statistics read from a streaming replica are the primary's, whatever becomes of the replica."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
PROGRAMS = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(scope="module")
def told() -> Mapping[str, Any]:
    """What was seen in a life with a replica, of PostgreSQL 15, the oldest that we promise."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.metrics.on_a_replica", str(PROGRAMS)], capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    found: dict[str, Any] = json.loads(ended.stdout)
    return found | {"said": ended.stderr}


def test_no_reading_misses_a_row_that_was_written_before_it(told: Mapping[str, Any]) -> None:
    assert not told["failures"]
    assert told["seen"]["written"] > 100
    assert told["seen"]["missed"] == 0
    assert told["seen"]["differences"] == 0


def test_the_replica_answers_while_it_keeps_up_and_again_when_it_is_back(told: Mapping[str, Any]) -> None:
    assert all(told["seen"][f"{when}: replica"] for when in ("streaming", "resumed", "risen"))


def test_the_primary_answers_for_one_that_is_paused_fallen_or_a_primary_itself(told: Mapping[str, Any]) -> None:
    for when in ("paused", "fallen", "promoted"):
        assert told["seen"][f"{when}: default"]
        assert f"{when}: replica" not in told["seen"]
    for why in ("it lags behind", "couldn't get a connection", "it does not follow this primary"):
        assert why in told["said"]


def test_a_reading_whose_replica_falls_in_the_middle_begins_anew_on_the_primary(told: Mapping[str, Any]) -> None:
    assert told["interrupted"] == ["replica", "default"]
