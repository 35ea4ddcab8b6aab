"""What a caller reads of a body that is not what the call takes: plain words, and the field."""

import json
from typing import Any

import msgspec
import pytest

from functions.edge.decode import body_decoder
from functions.edge.shapes import Request
from functions.predict import Predict
from lepton_core.errors import InvalidInput
from tests.support.stores import Store
from tests.support.world import two_classes, world


class Part(Request, frozen=True):
    seconds: float = 0.0


class Body(Request, frozen=True):
    name: str
    count: int | None = None
    parts: list[Part] = msgspec.field(default_factory=list)
    policy: Part = msgspec.field(default_factory=Part)


def said(body: Any, of: type[Request] = Body) -> tuple[str, str | None]:
    with pytest.raises(InvalidInput) as caught:
        body_decoder(of)(json.dumps(body).encode())
    return caught.value.message, caught.value.field


@pytest.mark.parametrize(
    ("body", "message", "field"),
    [
        ({"name": 1}, "name must be a text, not a whole number", "name"),
        ({"name": "a", "count": "x"}, "count must be a whole number or null, not a text", "count"),
        ({"name": "a", "parts": {}}, "parts must be a list, not an object", "parts"),
        ({"name": "a", "parts": [3]}, "parts[0] must be an object, not a whole number", "parts[0]"),
        (
            {"name": "a", "policy": {"seconds": []}},
            "policy.seconds must be a number, not a list",
            "policy.seconds",
        ),
        ({}, "name must be there", "name"),
        ([], "the body must be an object, not a list", None),
        (
            {"name": "a", "cuont": 1},
            "'cuont' is no field of this call; did you mean 'count'?",
            "cuont",
        ),
        (
            {"name": "a", "policy": {"second": 1}},
            "'second' is no field of policy; did you mean 'seconds'?",
            "policy.second",
        ),
        ({"zz": 1}, "'zz' is no field of this call; there are: name, count, parts, policy", "zz"),
    ],
)
def test_a_wrong_body_is_told_in_plain_words(body: Any, message: str, field: str | None) -> None:
    assert said(body) == (message, field)


def test_no_word_of_the_decoder_reaches_the_caller() -> None:
    cells = said({"rows": [{"a": []}]}, Predict)[0]
    for message in (cells, said({"rows": 3}, Predict)[0], said({"explain": 1}, Predict)[0]):
        assert "`" not in message and "array" not in message and "expected" not in message.lower()


@pytest.mark.parametrize(
    ("body", "example"),
    [
        ({"a": 1.5, "b": 2}, '{"a": 1.5, "b": 2}'),
        ([{"a": 1.5}], '{"a": 1.5}'),
        ({"rows": {"a": 1.5}}, '{"a": 1.5}'),
        ({"a": "x" * 1000}, '{"column": 1}'),
    ],
)
def test_a_row_that_was_sent_bare_is_answered_with_the_body_to_send(
    store: Store, body: Any, example: str
) -> None:
    here = world(store)
    here.trained(two_classes(60), iterations=5)
    here.ok("POST", "/v1/models/m/deploy", {})
    refused = here.refused("POST", "/v1/models/m/predict", body)
    assert (refused["status"], refused["field"]) == (400, "rows")
    assert refused["message"].endswith(f'send {{"rows": [{example}]}}')


def test_a_misspelt_rows_is_told_as_that(store: Store) -> None:
    here = world(store)
    here.trained(two_classes(60), iterations=5)
    refused = here.refused("POST", "/v1/models/m/predict", {"row": [{"a": 1, "b": 2}]})
    assert refused["message"] == "'row' is no field of this call; did you mean 'rows'?"


@pytest.mark.parametrize("path", ["/console", "/health", "/v2/models"])
def test_a_path_that_is_not_there_names_the_two_that_help(store: Store, path: str) -> None:
    here = world(store)
    refused = here.refused("GET", path)
    assert refused["status"] == 404
    assert "/openapi.json" in refused["message"] and "/v1/health" in refused["message"]
    for named in ("/openapi.json", "/v1/health"):
        here.ok("GET", named)
