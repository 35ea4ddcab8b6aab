"""Routes that a process without Chalice can import are Chalice's all the same."""

import msgspec
import pytest

from functions import edge
from functions.edge.blueprint import Blueprint
from tests.functions.edge.kit import app_of, memory_platform, new_key, send

PATH = "/v1/models/{model}/x"


class Answered(msgspec.Struct):
    said: str


def test_an_app_takes_in_its_routes() -> None:
    bp = Blueprint()

    @edge.route(bp, "GET", PATH, scope="read", returns=Answered)
    def get_x(call: edge.Call[None], model: str) -> Answered:
        return Answered(model)

    @edge.route(bp, "PUT", PATH, scope="write", body=dict[str, int], returns=Answered)
    def put_x(call: edge.Call[dict[str, int]], model: str) -> Answered:
        return Answered(str(call.body["a"]))

    app, platform = app_of(bp), memory_platform()
    key = new_key(platform, scopes=["read", "write"])
    assert send(app, platform, "GET", PATH, path={"model": "m"}, key=key).json["said"] == "m"
    assert send(app, platform, "PUT", PATH, path={"model": "m"}, key=key, body={"a": 3}).json["said"] == "3"
    assert send(app, platform, "DELETE", PATH, path={"model": "m"}, key=key).status == 405


def test_there_is_no_request_before_an_app_has_it() -> None:
    with pytest.raises(RuntimeError, match="no app"):
        Blueprint().current_request  # noqa: B018
