"""What breaks a client is found, each kind of it; what only adds is not."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from infra.compatibility import breaks

THING: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 9},
        "size": {"type": "integer", "minimum": 0},
        "state": {"enum": ["on", "off"]},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
    },
    "required": ["name", "parts"],
}
WISH = {**copy.deepcopy(THING), "additionalProperties": False}
WISH["properties"]["parts"] = {"type": "array", "items": {"$ref": "#/components/schemas/Wish"}}
DOCUMENT: dict[str, Any] = {
    "paths": {
        "/v1/things/{thing}": {
            "put": {
                "parameters": [
                    {"name": "thing", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 9}},
                ],
                "requestBody": {
                    "required": False,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Wish"}}},
                },
                "responses": {
                    "200": {
                        "description": "OK",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                    },
                    "404": {"$ref": "#/components/responses/404"},
                },
            },
            "get": {"responses": {"200": {"description": "OK"}}},
        }
    },
    "components": {
        "schemas": {"Thing": THING, "Wish": WISH},
        "responses": {
            "404": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
        },
    },
}


def put(document: Any) -> Any:
    return document["paths"]["/v1/things/{thing}"]["put"]


def wish(document: Any) -> Any:
    return document["components"]["schemas"]["Wish"]


def thing(document: Any) -> Any:
    return document["components"]["schemas"]["Thing"]


def changed(change: Callable[[Any], Any]) -> Any:
    document = copy.deepcopy(DOCUMENT)
    change(document)
    return document


BREAKS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "a path goes": (lambda d: d["paths"].clear(), "PUT /v1/things/{thing}: is gone"),
    "a method goes": (
        lambda d: d["paths"]["/v1/things/{thing}"].pop("get"),
        "GET /v1/things/{thing}: is gone",
    ),
    "a status goes": (lambda d: put(d)["responses"].pop("404"), "the status 404 is gone"),
    "a status becomes another": (
        lambda d: put(d)["responses"].update({"201": put(d)["responses"].pop("200")}),
        "the status 200 is gone",
    ),
    "a parameter goes": (lambda d: put(d)["parameters"].pop(), "query parameter limit is gone"),
    "a parameter moves": (
        lambda d: put(d)["parameters"][1].update({"in": "header"}),
        "query parameter limit is gone",
    ),
    "a parameter is demanded": (
        lambda d: put(d)["parameters"].append({"name": "x", "in": "query", "required": True}),
        "query parameter x is required now",
    ),
    "a parameter becomes demanded": (
        lambda d: put(d)["parameters"][1].update(required=True),
        "is required now",
    ),
    "a parameter gets narrower": (lambda d: put(d)["parameters"][1]["schema"].update(maximum=8), "maximum 9"),
    "a body becomes demanded": (
        lambda d: put(d)["requestBody"].update(required=True),
        "a body is required now",
    ),
    "a type of body goes": (
        lambda d: put(d)["requestBody"]["content"].clear(),
        "no body of application/json",
    ),
    "a field of a request goes": (lambda d: wish(d)["properties"].pop("note"), "body.note: is gone"),
    "a field of a request is demanded": (
        lambda d: wish(d)["required"].append("size"),
        "body.size: may be missing",
    ),
    "a new field of a request is demanded": (
        lambda d: (wish(d)["properties"].update(x={"type": "string"}), wish(d)["required"].append("x")),
        "body.x: may be missing",
    ),
    "a text gets shorter": (lambda d: wish(d)["properties"]["name"].update(maxLength=8), "maxLength 9"),
    "a text gets a pattern": (lambda d: wish(d)["properties"]["name"].update(pattern="^a$"), "pattern none"),
    "a number gets a bound": (lambda d: wish(d)["properties"]["size"].update(maximum=8), "maximum none"),
    "a choice of a request goes": (
        lambda d: wish(d)["properties"]["state"]["enum"].pop(),
        "'off' beside 'on'",
    ),
    "a request may no more be null": (
        lambda d: wish(d)["properties"]["note"]["anyOf"].pop(),
        "null where string",
    ),
    "the type in a request changes": (
        lambda d: wish(d)["properties"]["size"].update(type="string"),
        "integer where string",
    ),
    "a field of an answer goes": (lambda d: thing(d)["properties"].pop("note"), "200.note: is gone"),
    "a field of an answer has another name": (
        lambda d: thing(d)["properties"].update(title=thing(d)["properties"].pop("name")),
        "200.name: is gone",
    ),
    "a field of an answer may be missing": (
        lambda d: thing(d)["required"].remove("name"),
        "200.name: may be missing",
    ),
    "a field of an answer may be null": (
        lambda d: thing(d)["properties"].update(
            size={"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]}
        ),
        "null where integer",
    ),
    "the type in an answer changes": (
        lambda d: thing(d)["properties"].update(parts={"type": "string"}),
        "string where array",
    ),
    "an answer chooses something new": (
        lambda d: thing(d)["properties"]["state"]["enum"].append("broken"),
        "'broken' beside",
    ),
    "an answer is of another type": (
        lambda d: put(d)["responses"]["200"].update(content={"text/csv": {}}),
        "200 is no application/json",
    ),
}


@pytest.mark.parametrize(("change", "reason"), BREAKS.values(), ids=BREAKS)
def test_a_difference_that_breaks_a_client_is_named(change: Callable[[Any], Any], reason: str) -> None:
    found = breaks(DOCUMENT, changed(change))
    assert any(reason in one for one in found), found
    assert len(found) <= 4


ADDS: dict[str, Callable[[Any], Any]] = {
    "nothing": lambda d: None,
    "a path": lambda d: d["paths"].update({"/v1/y": d["paths"]["/v1/things/{thing}"]}),
    "a method": lambda d: d["paths"]["/v1/things/{thing}"].update(delete=put(d)),
    "a status": lambda d: put(d)["responses"].update({"507": {"description": "Full"}}),
    "a parameter": lambda d: put(d)["parameters"].append({"name": "x", "in": "query", "schema": {}}),
    "a wider parameter": lambda d: put(d)["parameters"][1]["schema"].update(maximum=10),
    "a type of body": lambda d: put(d)["requestBody"]["content"].update({"text/csv": {}}),
    "a field of a request": lambda d: wish(d)["properties"].update(x={"type": "string"}),
    "a wish that need not be said": lambda d: wish(d)["required"].remove("name"),
    "a choice of a request": lambda d: wish(d)["properties"]["state"]["enum"].append("new"),
    "a number that may have a fraction": lambda d: wish(d)["properties"]["size"].update(type="number"),
    "any wish": lambda d: d["components"]["schemas"].update(Wish={}),
    "a field of an answer": lambda d: thing(d)["properties"].update(x={"type": "string"}),
    "an answer that always has a field": lambda d: thing(d)["required"].append("size"),
    "an answer that chooses less": lambda d: thing(d)["properties"]["state"]["enum"].pop(),
    "an answer in narrower bounds": lambda d: thing(d)["properties"]["size"].update(minimum=1, maximum=2),
    "other words": lambda d: put(d).update(summary="x", description="y", operationId="z"),
    "another name of a type": lambda d: (
        d["components"]["schemas"].update(Item=thing(d)),
        put(d)["responses"]["200"]["content"]["application/json"].update(
            schema={"$ref": "#/components/schemas/Item"}
        ),
    ),
}


@pytest.mark.parametrize("change", ADDS.values(), ids=ADDS)
def test_what_only_adds_breaks_nobody(change: Callable[[Any], Any]) -> None:
    assert breaks(DOCUMENT, changed(change)) == []
