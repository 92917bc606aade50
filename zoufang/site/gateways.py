"""Which systems may deliver and where texts go, from the environment; production refuses what is missing or weak."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

# For trying out only: everybody can read it here.
DEMO_KEY = "demo-only-gateway-key-that-production-refuses"
SHORTEST_KEY = 32
_HERE = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class Gateways:
    """`sms_url` is where texts are handed over, empty if nowhere; `keys` are those of each system that may deliver."""

    sms_url: str = ""
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)


def read(environ: Mapping[str, str], *, public_url: str, production: bool) -> Gateways:
    """
    Read `ZOUFANG_SMS_URL`, `ZOUFANG_SMS_KEY` and `ZOUFANG_DELIVERY_KEYS` (`name=key`, separated by commas).

    :raises ImproperlyConfigured: if they cannot be read, or in production are not safe.
    """
    url, key = environ.get("ZOUFANG_SMS_URL", ""), environ.get("ZOUFANG_SMS_KEY", "")
    keys = _pairs(environ.get("ZOUFANG_DELIVERY_KEYS", ""))
    if url and urlsplit(url).scheme not in {"http", "https"}:
        raise ImproperlyConfigured("ZOUFANG_SMS_URL must be http://… or https://….")
    if production:
        _require_safe(url, key, keys, public_url)
    elif not key:
        key = DEMO_KEY
    return Gateways(url, keys | ({"sms": key} if key else {}))


def _pairs(text: str) -> dict[str, str]:
    pairs = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, equals, key = entry.partition("=")
        if not equals or not name or not key or name == "sms" or name in pairs:
            raise ImproperlyConfigured("ZOUFANG_DELIVERY_KEYS must be name=key,name=key, each name once.")
        pairs[name] = key
    return pairs


def _require_safe(url: str, key: str, keys: Mapping[str, str], public_url: str) -> None:
    if bool(url) != bool(key):
        raise ImproperlyConfigured("ZOUFANG_SMS_URL and ZOUFANG_SMS_KEY are set together, or neither.")
    if url and urlsplit(url).scheme != "https" and urlsplit(url).hostname not in _HERE:
        raise ImproperlyConfigured("ZOUFANG_SMS_URL must be https: texts carry codes.")
    if url and not public_url:
        raise ImproperlyConfigured("ZOUFANG_PUBLIC_URL is not set: texts to citizens would carry no address to go to.")
    every = [*keys.values(), *([key] if key else [])]
    if any(len(one) < SHORTEST_KEY for one in every):
        raise ImproperlyConfigured(f"ZOUFANG_SMS_KEY and ZOUFANG_DELIVERY_KEYS need {SHORTEST_KEY} characters each.")
    if DEMO_KEY in every or len(set(every)) != len(every):
        raise ImproperlyConfigured("Each system signs with a key of its own, and not with the one for trying out.")
