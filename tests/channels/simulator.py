"""The simulator of the gateway as a process of its own, and a worker that sends through it, for tests."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

from django.db import connection

# The worker's clock is a quarter of an hour ahead where a lease must have run out.
_WORK = """
import sys, django
from datetime import timedelta
django.setup()
from django.utils import timezone
from zoufang.notifications.senders import citizen_senders
from zoufang.notifications.services import deliver_due
print(deliver_due(citizen_senders(), timezone.now() + timedelta(minutes=int(sys.argv[1]))))
"""


@dataclass(frozen=True)
class Simulator:
    """Where the simulator listens."""

    url: str

    @property
    def messages(self) -> str:
        return f"{self.url}/messages"

    def send(self, number: str, text: str) -> list[dict[str, Any]]:
        """Text the bureau; return each call that the gateway made, with its answer."""
        sent: list[dict[str, Any]] = self._ask("/send", {"from": number, "text": text})
        return sent

    def turn(self, **switches: Any) -> None:
        self._ask("/switches", switches)

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self._ask("/state")
        return state

    def texts_to(self, number: str) -> list[str]:
        """Return the texts that a number got, newest first."""
        return [one["text"] for one in self.state()["texts_out"] if one["to"] == number]

    def _ask(self, path: str, said: Any = None) -> Any:
        body = None if said is None else json.dumps(said).encode()
        with urlopen(Request(self.url + path, body, {"Content-Type": "application/json"}), timeout=60) as answer:
            return json.load(answer)


@contextmanager
def simulator(bureau: str) -> Iterator[Simulator]:
    """Start the simulator for the bureau at that address, by the command that people use."""
    command = [sys.executable, "-m", "zoufang.site", "sms-gateway", "--port", "0", "--bureau", bureau]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        yield Simulator(process.stdout.readline().split("/  ")[0])
    finally:
        process.terminate()
        process.wait(timeout=20)
        if process.stdout is not None:
            process.stdout.close()


def worker(sms_url: str, *, ahead: int = 0) -> "subprocess.Popen[str]":
    """Start a process that sends what is due, `ahead` minutes ahead of the clock, and prints how many it tried."""
    facts = connection.settings_dict
    host = quote(str(facts["HOST"]), safe="")  # the directory of a socket, where the cluster is the embedded one
    url = f"postgres://{facts['USER']}:{facts['PASSWORD']}@{host}:{facts['PORT']}/{facts['NAME']}"
    environment = os.environ | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "zoufang.site.settings",
        "ZOUFANG_SMS_URL": sms_url,
    }
    return subprocess.Popen(
        [sys.executable, "-c", _WORK, str(ahead)], env=environment, stdout=subprocess.PIPE, text=True
    )
