"""
The words of a .docx file: elements in the order that the schema wants, and the package that holds them.

The file is written from the ground up rather than from a library's template, so that it holds nothing that we did
not put there (no author, no computer, no unused styles), and the same document always gives the same bytes.
"""

import zipfile
from collections.abc import Iterable, Mapping
from typing import IO
from xml.etree import ElementTree as ET

NAMESPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "cp": "http://schemas.openxmlformats.org/package/2006/metadata/core-properties",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xml": "http://www.w3.org/XML/1998/namespace",
}
for _prefix, _uri in NAMESPACES.items():
    ET.register_namespace(_prefix, _uri)

# A reader may refuse a file whose properties stand in another order than this (ECMA-376, CT_PPr, CT_RPr, CT_TblPr …).
_ORDER = (
    "pStyle keepNext keepLines pageBreakBefore widowControl pBdr tabs overflowPunct autoSpaceDE autoSpaceDN "
    "adjustRightInd snapToGrid rFonts b color spacing w sz szCs ind tblW jc lang outlineLvl "
    "tblBorders tblLayout tblCellMar tcW tcBorders vAlign cantSplit trHeight tblHeader"
)
_RANK = {name: rank for rank, name in enumerate(_ORDER.split(" "))}


def element(tag: str, *children: ET.Element | None, **attributes: str | int) -> ET.Element:
    """
    Return the element `prefix:name` with its children (None is left out).

    Attributes of w: elements are in the w: namespace, those of others in none, as the schemas have it.
    """
    prefix = "w:" if tag.startswith("w:") else ""
    made = ET.Element(
        _qualified(tag),
        {_qualified(name if ":" in name else prefix + name): str(value) for name, value in attributes.items()},
    )
    made.extend(child for child in children if child is not None)
    return made


def properties(tag: str, *children: ET.Element | None) -> ET.Element:
    """Return a properties element (w:pPr, w:rPr, …) with its children in the order of the schema."""
    kept = [child for child in children if child is not None]
    return element(tag, *sorted(kept, key=lambda child: _RANK[child.tag.rpartition("}")[2]]))


def text(tag: str, words: str) -> ET.Element:
    """Return an element that holds words and keeps their blanks. `words` must be printable: see `document`."""
    made = ET.Element(_qualified(tag), {_qualified("xml:space"): "preserve"})
    made.text = words
    return made


def on(tag: str, value: str | int = "") -> ET.Element:
    """Return `<tag w:val="value"/>`, or a bare switch."""
    return element(tag, val=value) if value != "" else element(tag)


def off(tag: str) -> ET.Element:
    return element(tag, val="0")


def _qualified(name: str) -> str:
    prefix, colon, local = name.rpartition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}" if colon else name


_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_CORE = "application/vnd.openxmlformats-package.core-properties+xml"
_CORE_LINK = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"


def write_package(file: IO[bytes], parts: Mapping[str, ET.Element], *, title: str) -> None:
    """
    Write the word/ parts ("document", "styles", …) as a .docx file.

    Every part is linked from the document under the id of its own name ("footer1" is r:id footer1).
    """
    others = [name for name in parts if name != "document"]
    files = {
        "[Content_Types].xml": _content_types(parts),
        "_rels/.rels": _links(
            {"rId1": ("officeDocument", "word/document.xml"), "rId2": (_CORE_LINK, "docProps/core.xml")}
        ),
        "docProps/core.xml": element("cp:coreProperties", text("dc:title", title)),
        "word/_rels/document.xml.rels": _links({name: (name.rstrip("0123456789"), f"{name}.xml") for name in others}),
        **{f"word/{name}.xml": root for name, root in parts.items()},
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, root in files.items():
            # The date of a ZipInfo made by hand is fixed, so that the time of writing leaves no trace.
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, _declaration + ET.tostring(root, encoding="UTF-8", xml_declaration=False))


_declaration = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def _content_types(parts: Iterable[str]) -> ET.Element:
    kinds = {"document": "document.main"}
    of = {f"/word/{name}.xml": f"{_OFFICE}.{kinds.get(name, name.rstrip('0123456789'))}+xml" for name in parts}
    of["/docProps/core.xml"] = _CORE
    root = ET.Element("Types", xmlns=_TYPES)
    ET.SubElement(
        root, "Default", Extension="rels", ContentType="application/vnd.openxmlformats-package.relationships+xml"
    )
    ET.SubElement(root, "Default", Extension="xml", ContentType="application/xml")
    for name, kind in of.items():
        ET.SubElement(root, "Override", PartName=name, ContentType=kind)
    return root


def _links(targets: Mapping[str, tuple[str, str]]) -> ET.Element:
    root = ET.Element("Relationships", xmlns=_LINKS)
    for key, (kind, target) in targets.items():
        full = kind if "/" in kind else f"{NAMESPACES['r']}/{kind}"
        ET.SubElement(root, "Relationship", Id=key, Type=full, Target=target)
    return root
