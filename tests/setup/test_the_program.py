"""`zoufang`: one line when something is wrong, and nothing left running."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from zoufang.site.processes import BELONGS, Child, GaveUp, keep_alive

PROGRAM = [sys.executable, "-m", "zoufang.site"]


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def wait_until_gone(*pids: int) -> None:
    until = time.monotonic() + 20
    while not all(is_gone(pid) for pid in pids):
        assert time.monotonic() < until, [pid for pid in pids if not is_gone(pid)]
        time.sleep(0.05)


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def descendants_of(pid: int) -> list[int]:
    return [found for child in children_of(pid) for found in (child, *descendants_of(child))]


def test_help_needs_no_database() -> None:
    ended = subprocess.run(
        [*PROGRAM, "serve", "--help"],
        env={**os.environ, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"},
        capture_output=True,
        text=True,
    )

    assert ended.returncode == 0
    assert "--no-worker" in ended.stdout


def test_a_database_that_does_not_answer_is_said_in_one_line() -> None:
    ended = subprocess.run(
        [*PROGRAM, "migrate"],
        env={**os.environ, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"},
        capture_output=True,
        text=True,
    )

    assert ended.returncode == 1
    assert [line for line in ended.stderr.splitlines() if "WARNING psycopg.pool" not in line and line[:1] != "\t"] == [
        line for line in ended.stderr.splitlines() if line.startswith("zoufang: ")
    ]
    assert "Traceback" not in ended.stderr


def test_a_taken_port_is_refused_and_named() -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = subprocess.run([*PROGRAM, "serve", "--port", str(port)], env=served(), capture_output=True, text=True)

    assert ended.returncode == 1
    assert ended.stderr == f"zoufang: port {port} is taken: choose another with --port or PORT.\n"


def served() -> dict[str, str]:
    """The environment of a server that uses the database of the tests."""
    database = {name: quote(str(value), safe="") for name, value in connection.settings_dict.items()}
    return {**os.environ, "DATABASE_URL": "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)}


@pytest.fixture
def server(django_db_setup: None) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    port = free_port()
    process = subprocess.Popen(
        [*PROGRAM, "serve", "--port", str(port), "--workers", "1"], env=served(), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline().startswith(f"http://127.0.0.1:{port}/")
        yield process, port
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.mark.slow
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_server(server: tuple["subprocess.Popen[str]", int], told: signal.Signals) -> None:
    process, port = server
    family = descendants_of(process.pid)
    assert len(family) >= 3

    process.send_signal(told)

    wait_until_gone(process.pid, *family)
    with closing(socket.socket()) as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.slow
def test_a_web_process_that_was_killed_comes_back(server: tuple["subprocess.Popen[str]", int]) -> None:
    process, port = server
    web = children_of(process.pid)[0]

    family = descendants_of(web)
    os.kill(web, signal.SIGKILL)
    wait_until_gone(web, *family)

    until = time.monotonic() + 30
    while time.monotonic() < until:
        with suppress(OSError), closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as client:
            client.request("GET", "/")
            answer = client.getresponse()
            assert (answer.status, answer.headers["server"]) == (302, "granian")  # no version
            break
        time.sleep(0.1)
    else:
        pytest.fail("nobody answers")
    assert web not in children_of(process.pid)


def test_a_process_that_never_gets_going_is_given_up() -> None:
    child = Child("The broken one", [sys.executable, "-c", "raise SystemExit(3)"])
    signals = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        with pytest.raises(GaveUp, match=r"The broken one does not start \(exit 3\)"):
            keep_alive([child], ready=lambda: None, tend=lambda: None)
    finally:
        for number, handler in signals.items():
            signal.signal(number, handler)


CHILD = "from zoufang.site.processes import end_with_parent; end_with_parent(); print(1, flush=True); import time; time.sleep(60)"
PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], env={**os.environ, sys.argv[2]: str(os.getpid())}, stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(60)
"""


def test_a_process_dies_with_its_parent() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, CHILD, BELONGS],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())

    parent.kill()
    parent.communicate()

    wait_until_gone(child)
