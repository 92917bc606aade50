"""Send texts through the gateway: the same contract as for those that come in, the other way round."""

import json
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from zoufang.channels import signing
from zoufang.notifications.senders import Letter, NeverSent, NotNow
from zoufang.notifications.vocabulary import Way

# The gateway answers at once or not at all (seconds); well below the time that a try may take.
PATIENCE = 20
_LONGEST_ANSWER = 64 * 1024


@dataclass(frozen=True)
class SmsSender:
    """Hands texts to the gateway at `url`, signed with `key`. The gateway sends one text for each id."""

    url: str
    key: str
    way: Way = Way.SMS

    def send(self, letter: Letter) -> str:
        """
        Return the gateway's own number of the text.

        :raises NotNow: if the gateway is away, busy or does not know our key.
        :raises NeverSent: if it turns this text down.
        """
        body = json.dumps({"id": letter.key, "to": letter.address, "text": letter.text}, ensure_ascii=False).encode()
        status, answer = self._post(body)
        if status in (400, 404, 410, 413, 422):
            raise NeverSent(_("短信网关不收这条短信（%(status)d）。") % {"status": status})
        if not 200 <= status < 300:
            raise NotNow(_("短信网关暂时不收（%(status)d）。") % {"status": status})
        return _number_in(answer)

    def _post(self, body: bytes) -> tuple[int, bytes]:
        parts = urlsplit(self.url)
        headers = {"Content-Type": "application/json"} | signing.headers(self.key, body, at=time.time())
        connection = _connection(parts)
        try:
            connection.request("POST", parts.path or "/", body, headers)
            response = connection.getresponse()
            # A redirect is not followed: the gateway is where the operator said it is.
            return response.status, response.read(_LONGEST_ANSWER)
        except (OSError, HTTPException) as failure:
            raise NotNow(_("连不上短信网关（%(what)s）。") % {"what": type(failure).__name__}) from failure
        finally:
            connection.close()


def sms_sender() -> SmsSender | None:
    """Return who sends texts, if the gateway is set up."""
    if not settings.SMS_URL:
        return None
    return SmsSender(settings.SMS_URL, settings.GATEWAY_KEYS["sms"])


def _connection(parts: SplitResult) -> HTTPConnection:
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    return kind(parts.hostname or "", parts.port, timeout=PATIENCE)


def _number_in(answer: bytes) -> str:
    try:
        said = json.loads(answer)
    except ValueError:
        return ""
    return str(said.get("number") or "") if isinstance(said, dict) else ""
