"""The simulator's HTTP: a page for people, two addresses for tests, one for the bureau."""

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from django.template.loader import render_to_string
from django.utils import translation

from zoufang.channels import signing
from zoufang.channels.simulator.gateway import Gateway, Switches
from zoufang.channels.simulator.pages import style

_LONGEST = 1024 * 1024


class Server(ThreadingHTTPServer):
    """Serves one gateway on this machine alone."""

    daemon_threads = True

    def __init__(self, port: int, gateway: Gateway) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.gateway = gateway


class Handler(BaseHTTPRequestHandler):
    """Answers one call."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/":
            self._page()
        elif self.path == "/state":
            self._json(200, self.server.gateway.state())
        elif self.path == "/style.css":
            self._answer(200, "text/css; charset=utf-8", style())
        else:
            self._json(404, {"detail": "not here"})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _LONGEST:
            self.close_connection = True
            self._json(413, {"detail": "too long"})
            return
        body = self.rfile.read(length)
        if self.path == "/messages":
            self._take(body)
        elif self.path in ("/send", "/switches"):
            self._do(self.path, body)
        else:
            self._json(404, {"detail": "not here"})

    def _take(self, body: bytes) -> None:
        gateway = self.server.gateway
        moment, claimed = (self.headers.get(name, "") for name in (signing.MOMENT, signing.SIGNATURE))
        if not signing.is_signed(gateway.key, body, moment=moment, claimed=claimed, at=time.time()):
            self._json(401, {"detail": "wrong signature"})
            return
        taken = gateway.take(json.loads(body))
        if taken is None:
            self._json(503, {"detail": "turned away"})
        elif gateway.loses_answer():
            self.close_connection = True
        else:
            self._json(200, {"number": taken.number})

    def _do(self, path: str, body: bytes) -> None:
        """Do what the page or a test asks: JSON is answered with JSON, a form with the page."""
        is_json = (self.headers.get("Content-Type") or "").startswith("application/json")
        said = json.loads(body) if is_json else {name: last[-1] for name, last in parse_qs(body.decode()).items()}
        gateway = self.server.gateway
        if path == "/send":
            calls = gateway.send_in(sender=str(said.get("from", "")), text=str(said.get("text", "")))
            answer: Any = [vars(call) for call in calls]
        else:
            gateway.turn(**_switches(said, whole=not is_json))
            answer = gateway.state()["switches"]
        if is_json:
            self._json(200, answer)
        else:
            self.send_response(303)
            self.send_header("Location", "/")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def _page(self) -> None:
        language = "en" if (self.headers.get("Accept-Language") or "").lower().startswith("en") else "zh-hans"
        gateway = self.server.gateway
        with translation.override(language):
            page = render_to_string("channels/simulator.html", gateway.state() | {"url": gateway.url})
        self._answer(200, "text/html; charset=utf-8", page.encode())

    def _json(self, status: int, said: Any) -> None:
        self._answer(status, "application/json", json.dumps(said, ensure_ascii=False).encode())

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Say nothing: addresses and texts are not for a terminal's history."""


def _switches(said: dict[str, Any], *, whole: bool) -> dict[str, Any]:
    """Return the switches that were set; of a whole form, a box that is not ticked is off."""
    turned: dict[str, Any] = {}
    for name, default in vars(Switches()).items():
        if isinstance(default, bool):
            if whole or name in said:
                turned[name] = bool(said.get(name))
        elif name in said:
            turned[name] = type(default)(said[name] or 0)
    return turned
