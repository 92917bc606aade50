"""GeoReport v2 in its two forms: the names of its parts, and which of our statuses it calls open. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from zoufang.opinions.workflow import Status

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
# When the doors last changed in a way that a client should read about.
CHANGESET = "2026-11-26T00:00:00+08:00"
TYPES = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}

OPEN, CLOSED = "open", "closed"
DONE = frozenset({Status.ANSWERED, Status.CLOSED})

# What one of several is called in XML; JSON leaves that out.
_ONE_OF = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
}

Part = Mapping[str, Any] | Sequence[Any] | str | int | bool | None


def body(form: str, name: str, content: Part) -> bytes:
    """Return `content` as JSON, or as an XML document whose root is called `name`."""
    if form == "json":
        return json.dumps(content, ensure_ascii=False).encode()
    root = ET.Element(name)
    _fill(root, content)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def status_of(status: str) -> str:
    """Return what GeoReport calls one of our statuses: closed is what was answered."""
    return CLOSED if status in DONE else OPEN


def _fill(element: ET.Element, content: Part) -> None:
    if isinstance(content, Mapping):
        for name, part in content.items():
            _fill(ET.SubElement(element, name), part)
    elif isinstance(content, bool):
        element.text = "true" if content else "false"
    elif isinstance(content, Sequence) and not isinstance(content, str):
        for part in content:
            _fill(ET.SubElement(element, _ONE_OF[element.tag]), part)
    elif content is not None:
        element.text = str(content)
