"""
How two systems that share a key know each other: each call carries a moment and an HMAC over moment and body. Pure.

The same both ways, and the same for the simulator: docs/how-to/sms-gateway.md is the contract.
"""

import hashlib
import hmac
import secrets

MOMENT, SIGNATURE = "X-Zoufang-Timestamp", "X-Zoufang-Signature"

# A call that is older, or from so far in the future, is not ours to believe (seconds).
WINDOW = 300


def signature(key: str, moment: str, body: bytes) -> str:
    """Return the signature of `body` sent at `moment` (seconds since 1970, as written in the header)."""
    return "sha256=" + hmac.new(key.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()


def headers(key: str, body: bytes, *, at: float) -> dict[str, str]:
    """Return the headers that sign `body`."""
    moment = str(int(at))
    return {MOMENT: moment, SIGNATURE: signature(key, moment, body)}


def is_signed(key: str, body: bytes, *, moment: str, claimed: str, at: float) -> bool:
    """Was `body` signed with `key`, within the window around `at`?"""
    right = secrets.compare_digest(signature(key, moment, body).encode(), claimed.encode())
    return right and moment.isascii() and moment.isdecimal() and len(moment) < 12 and abs(int(moment) - at) <= WINDOW
