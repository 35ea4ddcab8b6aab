"""The OpenAPI text is valid, is the app's, and says what the app does."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import re2
from openapi_spec_validator import OpenAPIV31SpecValidator

from app import app
from functions import edge
from functions.context import VERSION
from functions.edge.shapes import Name
from tests.functions.edge.kit import memory_platform, send


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    answer = send(app, memory_platform(), "GET", "/openapi.json")
    assert answer.status == 200
    found: dict[str, Any] = answer.json
    return found


def _operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (path, method.upper()): o for path, ways in document["paths"].items() for method, o in ways.items()
    }


def test_it_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_it_has_every_route_of_the_app_and_no_other(document: dict[str, Any]) -> None:
    assert set(_operations(document)) == {
        (path, method) for path, ways in app.routes.items() for method in ways
    }


def test_every_operation_has_a_name_of_its_own_a_summary_and_its_parameters(document: dict[str, Any]) -> None:
    operations = _operations(document)
    assert len({o["operationId"] for o in operations.values()}) == len(operations)
    for (path, _), operation in operations.items():
        assert operation["summary"], path
        assert not operation["summary"].endswith(".")
        in_path = [p["name"] for p in operation["parameters"] if p["in"] == "path"]
        assert in_path == re.findall(r"\{(\w+)\}", path)


def test_every_reference_leads_somewhere_and_nothing_lies_idle(document: dict[str, Any]) -> None:
    used = set(re.findall(r'"#/components/(\w+/[^"]+)"', json.dumps(document)))
    held = {f"{kind}/{name}" for kind in ("schemas", "responses") for name in document["components"][kind]}
    assert used == held


def test_only_these_routes_are_public(document: dict[str, Any]) -> None:
    public = {place for place, operation in _operations(document).items() if not operation["security"]}
    console = {("/", "GET"), ("/console/{build}/{file}", "GET"), ("/v1/session", "POST")}
    probes = {("/v2", "GET"), ("/v2/health/live", "GET"), ("/v2/health/ready", "GET")}
    assert public == {("/v1/health", "GET"), ("/openapi.json", "GET"), *console, *probes}


def test_every_other_route_names_its_scope_and_its_refusals(document: dict[str, Any]) -> None:
    for operation in _operations(document).values():
        for requirement in operation["security"]:
            ((scheme, (scope,)),) = requirement.items()
            assert scheme in document["components"]["securitySchemes"]
            assert scope in {"read", "write", "predict", "admin"}
            assert {"401", "403"} <= set(operation["responses"])


def test_every_refusal_has_the_one_shape_of_errors(document: dict[str, Any]) -> None:
    for status, response in document["components"]["responses"].items():
        assert int(status) >= 400
        assert response["content"]["application/json"]["schema"] == {
            "$ref": "#/components/schemas/ErrorReply"
        }
    error = document["components"]["schemas"]["ErrorView"]
    assert set(error["properties"]) == {
        *("code", "message", "field", "row", "column", "reason"),
        "remedies",
        "request",
    }
    assert set(error["required"]) == {"code", "message"}


def test_a_body_is_described_by_the_type_that_decodes_it(document: dict[str, Any]) -> None:
    operations = _operations(document)
    for endpoint in edge.ROUTES:
        operation = operations[endpoint.path, endpoint.method]
        assert ("requestBody" in operation) == (endpoint.body is not None)
        if endpoint.body not in (None, edge.Received, bytes):
            (schema,), _ = msgspec.json.schema_components(
                [endpoint.body], ref_template="#/components/schemas/{name}"
            )
            assert operation["requestBody"]["content"]["application/json"]["schema"] == schema
        elif endpoint.body in (edge.Received, bytes):
            assert set(operation["requestBody"]["content"]) == set(endpoint.content_types)


def test_an_idempotency_key_is_offered_exactly_where_it_is_heeded(document: dict[str, Any]) -> None:
    offered = {
        operation["operationId"]
        for operation in _operations(document).values()
        if any(one["name"] == "Idempotency-Key" for one in operation["parameters"])
    }
    assert offered == {"train", "evaluate", "update"}


def test_every_body_has_a_schema_so_that_generated_clients_can_send_it(document: dict[str, Any]) -> None:
    bodies = [o["requestBody"]["content"] for o in _operations(document).values() if "requestBody" in o]
    assert all(shown["schema"] for content in bodies for shown in content.values())
    files = [content["text/csv"] for content in bodies if "text/csv" in content]
    assert len(files) == 5, (
        "to be kept, to be scored at once or later, a version of another platform, rows of SageMaker's clients"
    )
    assert all(one["schema"] == {"type": "string", "format": "binary"} for one in files)


def _patterns(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from [value["pattern"]] if isinstance(value.get("pattern"), str) else []
        value = list(value.values())
    if isinstance(value, list):
        yield from (pattern for inner in value for pattern in _patterns(inner))


def test_every_pattern_means_the_same_to_engines_without_look_around(document: dict[str, Any]) -> None:
    found = set(_patterns(document))
    assert len(found) >= 3
    for pattern in found:
        theirs = re2.compile(pattern)
        for text in ("", "m", "a.b-c_d", "a" * 64, "-a", "a b", " ", "~" * 255, "a/b", "a@b:c"):
            assert bool(theirs.search(text)) == bool(re.search(pattern, text)), (pattern, text)
        assert not theirs.search("m\n")


def test_a_name_is_refused_with_a_final_newline_whatever_its_pattern_says() -> None:
    for text, good in [("m", True), ("m\n", False), ("m\r", False), ("\nm", False)]:
        try:
            msgspec.convert(text, Name)
        except msgspec.ValidationError:
            assert not good
        else:
            assert good


def test_an_unknown_field_is_refused_in_the_text_as_in_the_code(document: dict[str, Any]) -> None:
    assert document["components"]["schemas"]["CreateKey"]["additionalProperties"] is False


def test_the_version_is_the_distributions() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
