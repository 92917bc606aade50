"""
`zoufang serve`: the web server and the job worker in one process tree.

Knows nothing of Django: the pages are ready that much sooner, and what looks after the others stays small.
"""

import argparse
import errno
import os
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from zoufang.site import database
from zoufang.site.processes import Child, GaveUp, keep_alive


class CannotServe(Exception):
    """The server cannot start; the message says why and what to do."""


def demo_accounts() -> Path:
    """Return the file that says how to sign in, which is there if a rehearsal city is."""
    return database.data_directory() / "demo-accounts.txt"


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="zoufang serve", description="Serve the pages and do the jobs until Ctrl-C.")
    parser.add_argument("--port", type=int, default=os.environ.get("PORT") or "8000", help="default 8000, or PORT")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--workers", type=int, default=2, help="web processes (default 2)")
    parser.add_argument("--no-worker", action="store_true", help="serve pages only; `zoufang work` does the jobs")
    return parser


def serve(arguments: Sequence[str]) -> None:
    """
    Serve until told to end.

    :raises CannotServe: if the port is taken, or a process does not start.
    """
    chosen = parser().parse_args(arguments)
    _refuse_taken_port(chosen.host, chosen.port)
    address = ["--host", chosen.host, "--port", str(chosen.port), "--processes", str(chosen.workers)]
    children = [Child("The web server", [sys.executable, "-m", "zoufang.site.wsgi", *address], {"ZOUFANG_DOOR": "web"})]
    if not chosen.no_worker:
        children.append(Child("The job worker", [sys.executable, "-m", "zoufang.site", "work"]))
    try:
        keep_alive(children, ready=lambda: _announce(chosen.host, chosen.port, children[0]), tend=database.revive)
    except KeyboardInterrupt:
        return
    except GaveUp as failure:
        raise CannotServe(str(failure)) from None


def _announce(host: str, port: int, web: Child) -> None:
    if not _answers(host, port, web):
        return
    lines = [f"http://{host}:{port}/  (Ctrl-C stops it)"]
    if os.environ.get("ZOUFANG_ENV") != "production" and demo_accounts().exists():
        lines.append(demo_accounts().read_text().rstrip())
    print("\n".join(lines), flush=True)  # noqa: T201 - this is the program's own voice


def _answers(host: str, port: int, web: Child) -> bool:
    """Wait until somebody listens; give up when the process has: whoever keeps it alive says so."""
    until = time.monotonic() + 60
    while time.monotonic() < until and web.process is not None and web.process.poll() is None:
        with suppress(OSError), socket.create_connection((host, port), timeout=1):
            return True
        time.sleep(0.1)
    return False


def _refuse_taken_port(host: str, port: int) -> None:
    """Look before the server does: it would share the port with whoever listens there, and answer every other call."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as failure:
            if failure.errno == errno.EADDRINUSE:
                raise CannotServe(f"port {port} is taken: choose another with --port or PORT.") from None
            raise CannotServe(f"cannot listen on {host}:{port}: {failure.strerror}.") from None
