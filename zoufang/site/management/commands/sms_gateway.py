"""`zoufang sms-gateway --port N`: a gateway for short messages, to try everything with."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from zoufang.channels.simulator.gateway import Gateway
from zoufang.channels.simulator.server import Server


class Command(BaseCommand):
    help = "Simulate the gateway for short messages: send texts in, see texts out, and let things go wrong."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8025, help="default 8025")
        parser.add_argument("--bureau", default="http://127.0.0.1:8000", metavar="URL", help="where zoufang listens")

    def handle(self, *, port: int, bureau: str, **_options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("this gateway sends nothing to anybody: it is for trying out, not for production.")
        try:
            server = Server(port, Gateway(bureau, settings.GATEWAY_KEYS["sms"]))
        except OSError as failure:
            raise CommandError(f"cannot listen on port {port}: {failure.strerror}.") from None
        here = f"http://127.0.0.1:{server.server_port}"
        self.stdout.write(f"{here}/  (Ctrl-C stops it)\nTexts go out through it where ZOUFANG_SMS_URL={here}/messages")
        self.stdout.flush()
        try:
            server.serve_forever()
        finally:
            server.server_close()
