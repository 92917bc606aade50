"""Exports take each other's place at one blow, write only what changed, and several bureaus share one directory."""

import fcntl
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.lake.conftest import NOW
from tests.metrics.sample import Bureau, local
from zoufang.kernel.period import Period
from zoufang.kernel.refusal import Conflict, Invalid
from zoufang.lake import export
from zoufang.lake.engines import DuckDB
from zoufang.lake.export import Exported, export_lake
from zoufang.lake.lake import Lake
from zoufang.lake.manifest import Manifest, manifest_of
from zoufang.lake.tree import Tree
from zoufang.organization.models import Unit
from zoufang.statistics.catalogue import CATALOGUE

pytestmark = [pytest.mark.lake, pytest.mark.django_db]

HEARD = CATALOGUE.get("opinions.heard")
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture
def bureau(db: None) -> Bureau:
    found = Bureau()
    for month in (1, 1, 2):
        found.opinion(local(2026, month, 3), found.room)
    found.opinion(local(2026, 5, 1), found.outside_station)
    return found


def put(directory: Path) -> list[Exported]:
    return export_lake(directory, [HEARD], now=NOW)


def files(directory: Path) -> set[Path]:
    return set(directory.glob("facts/*/*/*/*"))


def heard(directory: Path, engine: DuckDB) -> Any:
    lake = Lake(directory)
    return lake.tabulate([HEARD], [lake.tree.root], YEAR, engine=engine)[HEARD.code, lake.tree.root.pk]


def test_only_what_changed_is_written_anew(bureau: Bureau, tmp_path: Path, duckdb: DuckDB) -> None:
    assert [(done.facts, done.files, done.written) for done in put(tmp_path)] == [(3, 2, 2), (1, 1, 1)]
    assert [(done.facts, done.files, done.written) for done in put(tmp_path)] == [(3, 2, 0), (1, 1, 0)]
    before = files(tmp_path)
    bureau.opinion(local(2026, 2, 9), bureau.station)

    assert [(done.facts, done.files, done.written) for done in put(tmp_path)] == [(4, 2, 1), (1, 1, 0)]

    assert len(before & files(tmp_path)) == 3, "who reads the export before can still do so"
    assert heard(tmp_path, duckdb) == 5
    put(tmp_path)
    assert len(files(tmp_path)) == 3, "the export after takes away what nobody names any more"


def test_who_opened_the_lake_before_an_export_reads_on_in_what_it_was(
    bureau: Bureau, tmp_path: Path, duckdb: DuckDB
) -> None:
    put(tmp_path)
    lake = Lake(tmp_path)
    bureau.opinion(local(2026, 2, 9))
    put(tmp_path)

    table = lake.tabulate([HEARD], [lake.tree.root], YEAR, engine=duckdb)

    assert table[HEARD.code, lake.tree.root.pk] == 4
    assert heard(tmp_path, duckdb) == 5


def test_an_export_that_was_stopped_has_changed_nothing(
    bureau: Bureau, tmp_path: Path, duckdb: DuckDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path)
    bureau.opinion(local(2026, 2, 9))
    bureau.opinion(local(2026, 3, 9))

    class Torn(export._Month):
        def close(self) -> str:
            if self.name == "2026-03":
                raise OSError("no space left")
            return super().close()

    with monkeypatch.context() as torn:
        torn.setattr(export, "_Month", Torn)
        with pytest.raises(OSError, match="no space"):
            put(tmp_path)
    assert heard(tmp_path, duckdb) == 4

    put(tmp_path)
    assert heard(tmp_path, duckdb) == 6
    assert not list(tmp_path.rglob("*.part"))


def test_rows_come_in_blocks_of_any_size(
    bureau: Bureau, tmp_path: Path, duckdb: DuckDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "whole")
    for number in range(200):
        bureau.opinion(local(2026, 1 + number % 7, 1 + number % 28), bureau.units[number % 8])
    put(tmp_path / "whole")
    monkeypatch.setattr(export, "_BLOCK", 300)
    monkeypatch.setattr(export, "_ROW_GROUP", 7)

    put(tmp_path / "pieces")

    assert heard(tmp_path / "whole", duckdb) == heard(tmp_path / "pieces", duckdb) == 204


def test_two_exports_of_one_bureau_do_not_meet(bureau: Bureau, tmp_path: Path) -> None:
    put(tmp_path)
    with manifest_of(tmp_path, bureau.city.code).with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Conflict):
            put(tmp_path)


def test_an_empty_house_has_nothing_to_export(db: None, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="还没有单位"):
        put(tmp_path)


def test_a_number_that_was_declared_otherwise_is_refused_with_the_name_of_the_bureau(
    bureau: Bureau, tmp_path: Path, duckdb: DuckDB
) -> None:
    put(tmp_path)
    path = manifest_of(tmp_path, bureau.outside.code)
    found = json.loads(path.read_text())
    found["facts"][HEARD.code]["digest"] = "of another version"
    path.write_text(json.dumps(found))
    with pytest.raises(Invalid, match=bureau.outside.code):
        heard(tmp_path, duckdb)
    others: list[Any] = [{**found, "format": 0}, {"format": 1}, []]
    for broken in others:
        path.write_text(json.dumps(broken))
        with pytest.raises(Invalid, match="重新运行 zoufang lake export"):
            Lake(tmp_path)
    assert put(tmp_path)[1].facts == 1, "an export takes the place of what nobody can read"
    assert heard(tmp_path, duckdb) == 4


def test_a_copy_that_is_not_whole_is_refused(bureau: Bureau, tmp_path: Path, duckdb: DuckDB) -> None:
    put(tmp_path)
    files(tmp_path).pop().unlink()
    with pytest.raises(Invalid, match="缺少文件"):
        heard(tmp_path, duckdb)


def test_a_lake_without_exports_says_so(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="zoufang lake export"):
        Lake(tmp_path)


def test_everything_is_of_one_instant(bureau: Bureau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    real = export._export

    def watched(*words: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_snapshot()::text, now()")
            seen.append(cursor.fetchone())
        return real(*words)

    monkeypatch.setattr(export, "_export", watched)
    export_lake(tmp_path, [HEARD, CATALOGUE.get("visits.recorded")], now=NOW)
    assert len({now for _snapshot, now in seen}) == 1
    assert len(seen) == 4


def _bureau(code: str, name: str) -> Manifest:
    units = [
        {"code": code, "name": name, "name_en": "", "parent": None, "valid_from": None, "valid_to": None},
        {"code": f"{code[:6]}500000", "name": f"{name}一所", "name_en": "", "parent": code, "valid_from": None, "valid_to": None},
    ]  # fmt: skip
    return Manifest(code, NOW.isoformat(), units, {}, [], {})


def _drawn(tree: Tree, unit: Unit | None = None) -> Any:
    top = unit or tree.root
    return {f"{top.code} {top.name}": [_drawn(tree, child) for child in tree.children(top)]}


def test_bureaus_stand_below_their_province_and_provinces_below_the_nation() -> None:
    one, other = _bureau("410800000000", "焦作市公安局"), _bureau("410100000000", "郑州市公安局")
    capital = _bureau("110000000000", "北京市公安局")
    jiaozuo: Any = {"410800000000 焦作市公安局": [{"410800500000 焦作市公安局一所": []}]}
    zhengzhou: Any = {"410100000000 郑州市公安局": [{"410100500000 郑州市公安局一所": []}]}
    beijing: Any = {"110000000000 北京市公安局": [{"110000500000 北京市公安局一所": []}]}
    henan = {"410000000000 河南省": [zhengzhou, jiaozuo]}

    assert _drawn(Tree([one])) == jiaozuo
    assert _drawn(Tree([one, other])) == henan
    assert _drawn(Tree([one, other, capital])) == {"000000000000 全国": [beijing, henan]}
    assert Tree([one, other, capital]).called("410000000000").label == "河南省"
    with pytest.raises(Invalid, match="没有代码"):
        Tree([one]).called("410100000000")
    with pytest.raises(Invalid, match="两次"):
        Tree([one, Manifest("410200000000", "", one.units, {}, [], {})])
