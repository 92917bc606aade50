"""Processes that belong together: none outlives the one that started it, and one that fell over is started again."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

# The process that started this one, set by `zoufang serve`: what it starts ends when it is gone.
BELONGS = "ZOUFANG_BELONGS"
_PR_SET_PDEATHSIG = 1
# A process that has never lived this long, and fell over this often, will not be cured by starting it once more.
_LONG_ENOUGH = 10.0
_FALLS = 5
_PATIENCE = 15.0


def end_with_parent() -> None:
    """Ask the kernel to end this process when its parent dies, even of SIGKILL. Linux only; elsewhere it does nothing."""
    if BELONGS not in os.environ or sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    # It may have died before we asked.
    if os.getppid() != int(os.environ[BELONGS]):
        os.kill(os.getpid(), signal.SIGTERM)
    # What we fork in turn belongs to us.
    os.environ[BELONGS] = str(os.getpid())


class GaveUp(Exception):
    """A process fell over again and again."""


@dataclass
class Child:
    """One process to keep alive: its name, and the command that starts it."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None
    born: float = 0.0
    falls: int = 0
    proven: bool = False

    def start(self) -> None:
        self.born = time.monotonic()
        # A session of its own: Ctrl-C reaches us alone, and we say who stops when.
        self.process = subprocess.Popen(
            self.command, env={**os.environ, **self.environment, BELONGS: str(os.getpid())}, start_new_session=True
        )

    def tend(self) -> None:
        """
        Start the process again if it fell over; the more often it did, the later.

        :raises GaveUp: if it never got going.
        """
        now = time.monotonic()
        if self.process is not None and self.process.poll() is None:
            if now - self.born > _LONG_ENOUGH:
                self.proven, self.falls = True, 0
        elif self.process is not None:
            self.falls += 1
            if self.falls >= _FALLS and not self.proven:
                raise GaveUp(f"{self.name} does not start (exit {self.process.returncode}).")
            self.process, self.born = None, now + min(10.0, 0.2 * 2**self.falls)
        elif now >= self.born:
            self.start()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, until: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(timeout=max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def keep_alive(children: Sequence[Child], *, ready: Callable[[], None], tend: Callable[[], None]) -> None:
    """
    Start the children and keep them alive until this process is told to end; then stop them all.

    `ready` is called once they are started, `tend` again and again: it looks after what is no child of ours.

    :raises GaveUp: if one of them cannot be kept alive.
    """
    try:
        for child in children:
            child.start()
        ready()
        while True:
            time.sleep(0.3)
            tend()
            for child in children:
                child.tend()
    finally:
        # Told once is enough: a second Ctrl-C must not leave some of them running.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        until = time.monotonic() + _PATIENCE
        for child in children:
            child.stop()
        for child in children:
            child.wait(until)
