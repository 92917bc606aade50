"""The description of the API: a valid OpenAPI 3.1 document, every path of which is there."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from tests.api.conftest import API, Program
from tests.world import World
from zoufang.site.api import api

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
TYPES = {"null", "boolean", "object", "array", "number", "string", "integer"}
# The opinion that is asked for was not transferred, is no petition, and no further unit has a part in it.
NOT_THERE = {"/opinions/{no}/parts/{unit}", "/petitions/{no}/deadlines", "/transfers/{sender}/{source_no}"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return json.loads(json.dumps(api.get_openapi_schema(path_prefix=f"{API}/")))  # type: ignore[no-any-return]


def schemas(node: Any) -> Iterator[dict[str, Any]]:
    """Yield everything under `node` that stands where OpenAPI expects a schema."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name in ("schema", "items", "additionalProperties") and isinstance(value, dict):
                yield value
            if name in ("anyOf", "allOf", "oneOf"):
                yield from value
            if name == "properties":
                yield from value.values()
            yield from schemas(value)
    elif isinstance(node, list):
        for value in node:
            yield from schemas(value)


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_the_document_is_served_to_whoever_asks(document: dict[str, Any]) -> None:
    answer = Client().get(f"{API}/openapi.json")
    assert answer.status_code == 200
    assert answer.json() == document


def test_the_document_is_whole(document: dict[str, Any]) -> None:
    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])
    assert document["info"]["title"]
    assert document["info"]["version"] == "1"
    assert set(document) <= {"openapi", "info", "servers", "paths", "components", "security", "tags", "externalDocs"}
    bearer = document["components"]["securitySchemes"]["TokenAuth"]
    assert (bearer["type"], bearer["scheme"]) == ("http", "bearer")
    for reference in references(document):
        node: Any = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
        assert node


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    names: list[str] = []
    for path, operations in document["paths"].items():
        assert path.startswith(f"{API}/")
        assert set(operations) <= METHODS
        placed = set(re.findall(r"{(\w+)}", path))
        for method, operation in operations.items():
            names.append(operation["operationId"])
            assert operation["summary"]
            assert operation["tags"], path
            assert operation["security"] == [{"TokenAuth": []}]
            assert set(map(str, operation["responses"])) <= {"200", "201", "202"}
            assert all(said["description"] for said in operation["responses"].values())
            parameters = operation.get("parameters", [])
            assert {one["name"] for one in parameters if one["in"] == "path"} == placed
            assert all(one["required"] for one in parameters if one["in"] == "path")
            assert len({(one["in"], one["name"]) for one in parameters}) == len(parameters)
            assert method == "post" or "requestBody" not in operation
            for body in (operation.get("requestBody", {}), *operation["responses"].values()):
                assert set(body.get("content", {"application/json": None})) == {"application/json"}
    assert len(names) == len(set(names))


def test_every_schema_is_json_schema(document: dict[str, Any]) -> None:
    found = [*schemas(document), *document["components"]["schemas"].values()]
    assert len(found) > 100
    for schema in found:
        assert {"type", "$ref", "anyOf", "allOf", "enum", "const"} & set(schema) or set(schema) <= {
            "title",
            "description",
            "default",
        }, schema
        types = schema.get("type", [])
        assert set([types] if isinstance(types, str) else types) <= TYPES
        assert "nullable" not in schema  # a word of 3.0
        if "required" in schema:
            assert set(schema["required"]) <= set(schema["properties"])


def test_every_path_of_the_document_answers(
    world: World, program: Callable[..., Program], document: dict[str, Any]
) -> None:
    office, opinion = program(world.visit_office), world.opinion()
    known = {"no": opinion.no, "step": "refer", "unit": world.station.code, "sender": "12345", "source_no": "1"}
    stranger = Client()
    for path, operations in document["paths"].items():
        address = path.format(**known)
        for method in operations:
            send = getattr(office.client, method)
            answer = send(address, **({"data": {}, "content_type": "application/json"} if method == "post" else {}))
            asks = [one["name"] for one in operations[method].get("parameters", []) if one.get("required")]
            wanted = 422 if method == "post" or set(asks) - set(known) else 200
            if path.removeprefix(API) in NOT_THERE:
                wanted = 404
            assert answer.status_code == wanted, (method, address, answer.content)
            assert getattr(stranger, method)(address).status_code == 401
        for method in {"put", "delete", "patch"} - set(operations):
            assert getattr(office.client, method)(address).status_code == 405


def test_what_is_nowhere_is_not_found_in_json(world: World, program: Callable[..., Program]) -> None:
    for path in ("/nowhere", "/opinions/1/2/3", "/"):
        answer = program(world.clerk).get(f"{API}{path}")
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
