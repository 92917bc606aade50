"""The gateway itself: what was sent in and how it fared, what came out, and the switches. Held in memory."""

import json
import random
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from zoufang.channels import signing

_PATIENCE = 30
_TRIES = 5


@dataclass(frozen=True)
class Switches:
    """How this gateway misbehaves. Shares are in hundred, times in seconds."""

    # Each call to the bureau is made so many times more.
    repeats: int = 0
    # Parts and repeats go out in any order.
    shuffle: bool = False
    # Of the parts of a long message, so many are lost on the way.
    lose_parts: int = 0
    # So long before each call to the bureau.
    delay: float = 0.0
    # A message longer than this goes in parts.
    part_length: int = 67
    # Texts from the bureau: so many are turned away with 503; of so many the answer is lost after they were taken.
    turn_away: int = 0
    lose_answers: int = 0
    # So long before the bureau is answered.
    hold: float = 0.0
    # Whether what became of each text is reported back.
    report: bool = True


@dataclass(frozen=True)
class SentIn:
    """One call to the bureau, and its answer; status 0: none came."""

    id: str
    text: str
    status: int
    answer: str


@dataclass
class TextOut:
    """A text from the bureau: handed to its number once, however often it was sent here."""

    number: str
    id: str
    to: str
    text: str
    at: str
    calls: int = 1


@dataclass
class Gateway:
    """`url` is where the bureau listens, `key` what both sign with."""

    url: str
    key: str = field(repr=False)
    switches: Switches = Switches()
    sent_in: list[SentIn] = field(default_factory=list)
    texts_out: dict[str, TextOut] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def turn(self, **switches: Any) -> None:
        self.switches = replace(self.switches, **switches)

    def send_in(self, *, sender: str, text: str) -> list[SentIn]:
        """Deliver what somebody texted, as the switches have it; return each call with its answer."""
        calls = list(self._calls(sender, text))
        if self.switches.shuffle:
            random.shuffle(calls)
        return [self._call("/gateway/v1/sms", call) for call in calls]

    def take(self, said: dict[str, Any]) -> TextOut | None:
        """Take a text from the bureau, once for each id; None if the switches turn it away."""
        if self._strikes(self.switches.turn_away):
            return None
        with self._lock:
            known = self.texts_out.get(said["id"])
            if known is not None:
                known.calls += 1
                return known
            number = f"G{len(self.texts_out) + 1:06d}"
            taken = TextOut(number, said["id"], said["to"], said["text"], datetime.now(UTC).isoformat())
            self.texts_out[said["id"]] = taken
        if self.switches.report:
            threading.Thread(target=self._report, args=(taken.id,), daemon=True).start()
        return taken

    def loses_answer(self) -> bool:
        time.sleep(self.switches.hold)
        return self._strikes(self.switches.lose_answers)

    def state(self) -> dict[str, Any]:
        """Return everything in plain values, newest first."""
        with self._lock:
            return {
                "switches": asdict(self.switches),
                "sent_in": [asdict(one) for one in reversed(self.sent_in)],
                "texts_out": [asdict(one) for one in reversed(self.texts_out.values())],
            }

    def _calls(self, sender: str, text: str) -> Iterator[dict[str, Any]]:
        at, ref, length = datetime.now(UTC).isoformat(), secrets.token_hex(6), max(1, self.switches.part_length)
        parts = [text[start : start + length] for start in range(0, len(text), length)] or [""]
        for no, part in enumerate(parts, 1):
            call: dict[str, Any] = {"id": f"{ref}.{no}", "from": sender, "text": part, "at": at}
            if len(parts) > 1:
                if self._strikes(self.switches.lose_parts):
                    continue
                call["part"] = {"ref": ref, "no": no, "of": len(parts)}
            yield from [call] * (1 + self.switches.repeats)

    def _report(self, key: str) -> None:
        # The bureau may not have written down yet that it was sent.
        time.sleep(0.2)
        self._call("/gateway/v1/sms/reports", {"id": key, "state": "delivered", "at": datetime.now(UTC).isoformat()})

    def _call(self, path: str, said: dict[str, Any]) -> SentIn:
        """Call the bureau until it answers, as every gateway does, and note what it said."""
        body = json.dumps(said, ensure_ascii=False).encode()
        status, answer = 0, ""
        for attempt in range(_TRIES):
            time.sleep(self.switches.delay + attempt)
            with suppress(OSError, HTTPException):
                status, answer = self._post(path, body)
            if 200 <= status < 500:
                break
        noted = SentIn(str(said["id"]), str(said.get("text", "")), status, answer)
        with self._lock:
            self.sent_in.append(noted)
        return noted

    def _post(self, path: str, body: bytes) -> tuple[int, str]:
        parts = urlsplit(self.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=_PATIENCE)
        try:
            headers = {"Content-Type": "application/json"} | signing.headers(self.key, body, at=time.time())
            connection.request("POST", parts.path.rstrip("/") + path, body, headers)
            response = connection.getresponse()
            return response.status, response.read(65536).decode("utf-8", "replace")
        finally:
            connection.close()

    def _strikes(self, share: int) -> bool:
        return random.random() * 100 < share  # noqa: S311 - dice, not secrets
