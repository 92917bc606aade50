"""An issued document as JSON, and back: what was printed can be printed again, whatever the outline says by then."""

from dataclasses import asdict
from datetime import date
from typing import Any

from zoufang.bulletins.document import (
    Attachment,
    Block,
    Column,
    Document,
    Heading,
    Paragraph,
    Place,
    RankTable,
    Run,
    Table,
    Template,
)


def freeze(document: Document) -> dict[str, Any]:
    """Return `document` as values that JSON can hold."""
    facts = asdict(document) | {"blocks": [_frozen(block) for block in document.blocks]}
    facts["attachments"] = [
        {"title": annex.title, "blocks": [_frozen(block) for block in annex.blocks]} for annex in document.attachments
    ]
    for name in ("dated", "printed_on"):
        day = getattr(document, name)
        facts[name] = day.isoformat() if day else None
    return facts


def thaw(facts: dict[str, Any]) -> Document:
    """Return the document that `freeze` was given."""
    days = {name: date.fromisoformat(facts[name]) if facts[name] else None for name in ("dated", "printed_on")}
    rest = {
        "blocks": tuple(_thawed(block) for block in facts["blocks"]),
        "attachments": tuple(
            Attachment(annex["title"], tuple(_thawed(block) for block in annex["blocks"]))
            for annex in facts["attachments"]
        ),
        "cc": tuple(facts["cc"]),
        "template": Template(facts["template"]),
    }
    return Document(**(facts | days | rest))


def _frozen(block: Block) -> dict[str, Any]:
    return {"is": type(block).__name__, **asdict(block)}


def _thawed(block: dict[str, Any]) -> Block:
    facts = {name: value for name, value in block.items() if name != "is"}
    match block["is"]:
        case "Heading":
            return _heading(facts)
        case "Paragraph":
            return Paragraph(_runs(facts["runs"]), heading=_heading(facts["heading"]) if facts["heading"] else None)
        case "Table":
            columns = tuple(Column(**column) for column in facts["columns"])
            rows = tuple(tuple(_runs(cell) for cell in row) for row in facts["rows"])
            return Table(columns, rows, title=facts["title"], note=facts["note"])
        case _:
            places = tuple(
                Place(**(place | {"score": Run(**place["score"]) if place["score"] else None}))
                for place in facts["places"]
            )
            return RankTable(**(facts | {"places": places}))


def _heading(facts: dict[str, Any]) -> Heading:
    return Heading(facts["level"], _runs(facts["runs"]))


def _runs(runs: list[dict[str, Any]]) -> tuple[Run, ...]:
    return tuple(Run(**run) for run in runs)
