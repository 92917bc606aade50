"""What follows from a visit's facts. Pure."""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from zoufang.opinions.vocabulary import ObjectCategory, Source
from zoufang.visits.vocabulary import Mode

# A phone's clock may run ahead of the server's by this much; a visit later than that has not taken place yet.
CLOCK_SKEW = timedelta(minutes=5)

MAX_HEADCOUNT = 9999
MAX_OPINIONS = 20

_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))

_SOURCES: dict[ObjectCategory, Source] = {
    ObjectCategory.ENTERPRISE: Source.ENTERPRISE,
    ObjectCategory.PEOPLES_DEPUTY: Source.DEPUTIES,
    ObjectCategory.CPPCC_MEMBER: Source.DEPUTIES,
    ObjectCategory.SUPERVISOR: Source.DEPUTIES,
    ObjectCategory.PROSECUTION_COURT: Source.PROSECUTION_COURT,
}


def source_of(mode: Mode, object_category: ObjectCategory) -> Source:
    """Return the source of an opinion heard at such a visit: whom it was heard from decides before how."""
    if object_category in _SOURCES:
        return _SOURCES[object_category]
    if mode == Mode.PERFORMANCE_REVIEW:
        return Source.EVALUATION_EVENT
    return Source.VISIT


def digest(body: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) of a body of JSON values, the same for any order of its keys."""
    return hashlib.sha256(_CANONICAL.encode(body).encode()).hexdigest()
