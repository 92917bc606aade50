"""How what other systems send is read: JSON in whatever encoding, moments, and ids for what has none."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime

from zoufang.channels import rules
from zoufang.kernel.clock import LOCAL

# The longest id that another system may give; what we add to it has room besides.
LONGEST_ID = 90


def json_object(body: bytes) -> Mapping[str, Any]:
    """Return the JSON object that `body` holds; an empty one if it holds none."""
    try:
        said = json.loads(rules.readable(body))
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def one_spelling(said: Mapping[str, Any]) -> bytes:
    """Return the bytes that stand for `said` however its sender orders and spells it."""
    return json.dumps(said, ensure_ascii=True, sort_keys=True).encode()


def id_of(given: Any, body: bytes) -> str:
    """Return the id that the sender gave; for want of one that can be kept, one made of the bytes."""
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given)
    if isinstance(given, str) and 0 < len(given) <= LONGEST_ID and given == rules.tidy(given):
        return given
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def words(said: Mapping[str, Any], *names: str) -> dict[str, str]:
    """Return the named values that are texts or numbers, as texts without what nobody sees."""
    found = {}
    for name in names:
        value = said.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            found[name] = rules.tidy(str(value)).strip()
    return found


def moment(given: Any) -> datetime | None:
    """Return the moment that `given` names; without a zone it is local, without a time the beginning of the day."""
    try:
        found = parse_datetime(given) if isinstance(given, str) else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=LOCAL)


def end_of(given: Any) -> datetime | None:
    """Return the deadline that `given` names; of a day, the midnight that ends it."""
    try:
        day = parse_date(given) if isinstance(given, str) else None
    except ValueError:
        return None
    if day is None:
        return moment(given)
    return datetime(day.year, day.month, day.day, tzinfo=LOCAL) + timedelta(days=1)
