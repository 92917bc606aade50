"""What the gateway for short messages does, for tests."""

import json
import time
from typing import Any

from django.conf import settings
from django.test import Client

from zoufang.channels import signing

PHONE = "13812345678"


def text(given: str, said: str = "小区东门的路灯坏了两周，晚上走路不放心。", **facts: Any) -> dict[str, Any]:
    """Return a call as the gateway makes it."""
    return {"id": given, "from": PHONE, "text": said, "at": "2026-03-02T09:30:00+08:00"} | facts


def send(client: Client, said: Any, *, path: str = "/gateway/v1/sms", key: str = "", at: float | None = None) -> Any:
    """Send `said`, or bytes as they are, signed."""
    body = said if isinstance(said, bytes) else json.dumps(said, ensure_ascii=False).encode()
    signed = signing.headers(key or settings.GATEWAY_KEYS["sms"], body, at=time.time() if at is None else at)
    return client.generic("POST", path, body, content_type="application/json", headers=signed)


def parts(ref: str, *texts: str) -> list[dict[str, Any]]:
    """Return the calls that bring a long message."""
    return [text(f"{ref}.{no}", one, part={"ref": ref, "no": no, "of": len(texts)}) for no, one in enumerate(texts, 1)]
