"""`zoufang lake`: what a person types, what is printed, and what is said when something is missing."""

import json
import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.metrics.sample import Bureau
from zoufang.kernel.refusal import Invalid
from zoufang.lake import engines, extras
from zoufang.lake.engines import DuckDB, Spark
from zoufang.lake.export import export_lake
from zoufang.organization.models import Unit
from zoufang.statistics.catalogue import CATALOGUE

ASKED = ("--from", "2026-01-01", "--to", "2026-05-31")


def printed(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.lake
def test_it_prints_what_stats_prints_without_a_database(cities: Bureau, tmp_path: Path) -> None:
    # One bureau, so that it is the whole of both.
    below = f"{cities.city.path}{cities.outside.pk}/"
    Unit.objects.filter(pk=cities.outside.pk).update(parent=cities.city, path=below)
    Unit.objects.filter(pk=cities.outside_station.pk).update(path=f"{below}{cities.outside_station.pk}/")
    place = str(tmp_path / "lake")
    assert " files, " in printed("lake", "export", place)
    for words in (
        ("visits.recorded",),
        ("visits.recorded", "--by", "unit"),
        ("opinions.heard", "--by", "topic", "--unit", cities.county.code),
        ("referrals.delay", "--by", "month", "--json"),
        ("petitions.closure_rate", "--json"),
        (next(metric.code for metric in CATALOGUE if not metric.has_rows), "--json", "--from", "2026-02-01"),
    ):
        asked = [words[0], *ASKED, *words[1:]]
        ended = subprocess.run(
            [Path(sys.executable).parent / "zoufang", "lake", "stats", *asked, "--lake", place, "--engine", "duckdb"],
            capture_output=True,
            text=True,
            env=os.environ | {"DATABASE_URL": "postgres://nobody@127.0.0.1:9/nothing"},
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        assert ended.stdout == printed("stats", *asked)


@pytest.mark.django_db
@pytest.mark.lake
def test_spark_prints_it_too(exported: Path, spark: Spark, master: str, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["lake", "stats", "opinions.heard", *ASKED, "--by", "kind", "--json", "--lake", str(exported)]
    monkeypatch.setattr(Spark, "close", lambda _spark: None)  # the session is shared
    found = [json.loads(printed(*words, "--engine", *of)) for of in (("duckdb",), ("spark", "--master", master))]
    assert found[0] == found[1]
    assert found[0]["value"] > 0


def test_a_missing_package_is_named_with_what_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda _name: None)
    with pytest.raises(Invalid, match="make install-lake"):
        DuckDB()
    with pytest.raises(Invalid, match="make install-lake"):
        export_lake(tmp_path, [], now=None)  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="make install-spark"):
        Spark()


def test_a_missing_java_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda _name: object())
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(Invalid, match="openjdk-17-jre-headless"):
        Spark()
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    java.chmod(0o755)
    with pytest.raises(Invalid, match="JAVA_HOME"):
        Spark()


def test_a_cluster_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "needed", lambda _name: None)
    monkeypatch.setattr(engines, "java_needed", lambda: None)
    for master in ("spark://127.0.0.1:9", "spark://nobody"):
        with pytest.raises(Invalid, match=re.escape(master)):
            Spark(master)
