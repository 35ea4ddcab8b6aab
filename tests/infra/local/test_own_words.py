"""Errors of the server itself, at the addresses of other systems' protocols."""

import json
from typing import Any

import pytest
import urllib3

from app import app
from infra.local.gateway import Response, refusal
from infra.local.own_words import in_own_words
from tests.functions.edge.kit import memory_platform
from tests.infra.local.test_server import running

TOO_LONG = refusal(413, "too_large", "the body is too long", {"connection": "close"})


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/v2/models/m/infer", {"error": "the body is too long"}),
        ("/endpoints/m/invocations", {"message": "the body is too long"}),
        ("/v1/models", {"error": {"code": "too_large", "message": "the body is too long"}}),
        ("/v2/nothing", {"error": "the body is too long"}),
        ("/endpoints/m", {"message": "the body is too long"}),
        ("/v1/nothing", {"error": {"code": "too_large", "message": "the body is too long"}}),
        ("/v22/models/m/infer", {"error": {"code": "too_large", "message": "the body is too long"}}),
        ("/", {"error": {"code": "too_large", "message": "the body is too long"}}),
    ],
)
def test_an_error_of_the_server_is_in_the_words_of_the_address(path: str, shown: Any) -> None:
    answer = in_own_words(app, path, TOO_LONG)
    assert json.loads(answer.body) == shown
    assert (answer.status, answer.headers["connection"]) == (413, "close")


def test_what_is_no_error_or_in_those_words_already_stays() -> None:
    for status, body in ((200, b"\xff"), (404, b'{"error": "no model"}'), (403, b'{"message": "no"}')):
        one = Response(status, {}, body)
        assert in_own_words(app, "/v2/models/m/infer", one) is one


def test_another_method_and_another_path_are_refused_over_a_socket_in_those_words() -> None:
    with running(app, memory_platform()) as server:
        answer = urllib3.request("PUT", f"{server.url}/v2/models/m/infer", body=b"{}")
        nowhere = urllib3.request("GET", f"{server.url}/v2/models/m/stats")
    assert (answer.status, answer.json()) == (405, {"error": "PUT is not allowed here; allowed: POST"})
    assert (nowhere.status, list(nowhere.json())) == (404, ["error"])
    assert nowhere.json()["error"].startswith("no such path: /v2/models/m/stats")
