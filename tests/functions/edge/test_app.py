"""The app: Chalice's own answers in our shape, and no trace left in the process that holds it."""

import logging
import os
from typing import Any

import pytest
from chalice.app import Blueprint

from functions import edge
from functions.context import Platform
from functions.edge.app import LeptonApp
from functions.system.health import Health
from tests.functions.edge.kit import app_of, memory_platform, new_key, send


@pytest.fixture
def app() -> LeptonApp:
    bp = Blueprint(__name__)

    @edge.route(bp, "GET", "/v1/x", scope="read", returns=Health)
    def get_x(call: edge.Call[None]) -> Health:
        return Health(status="ok", version="1")

    @edge.route(bp, "PUT", "/v1/x", scope="read", body=dict[str, int], returns=Health)
    def put_x(call: edge.Call[dict[str, int]]) -> Health:
        return Health(status="ok", version="2")

    return app_of(bp)


@pytest.fixture
def platform() -> Platform:
    return memory_platform()


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "HEAD", "OPTIONS", "get"])
def test_a_method_that_the_path_lacks(app: LeptonApp, platform: Platform, method: str) -> None:
    answer = send(app, platform, method, "/v1/x")
    assert (answer.status, answer.error["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, PUT"


def test_a_media_type_that_the_route_does_not_read(app: LeptonApp, platform: Platform) -> None:
    key = new_key(platform)
    for sent, status in [
        ("text/plain", 415),
        ("application/json; charset=utf-8", 200),
        ("APPLICATION/JSON", 200),
    ]:
        headers = {"Content-Type": sent}
        answer = send(app, platform, "PUT", "/v1/x", key=key, headers=headers, body={})
        assert answer.status == status, sent
        if status == 415:
            assert answer.error["code"] == "unsupported_media_type"
            assert answer.error["message"] == "unsupported media type: text/plain; send application/json"


def test_a_route_without_a_body_does_not_care_for_the_media_type(app: LeptonApp, platform: Platform) -> None:
    headers = {"Content-Type": "text/plain", "Accept": "text/html"}
    assert send(app, platform, "GET", "/v1/x", key=new_key(platform), headers=headers).status == 200


def test_a_path_that_nobody_declared_leaves_no_trace(app: LeptonApp, platform: Platform) -> None:
    before = len(app.routes)
    answer = send(app, platform, "GET", "/v1/y")
    assert (answer.status, answer.error["code"]) == (404, "not_found")
    assert len(app.routes) == before


@pytest.mark.parametrize("event", [{}, {"requestContext": {}}, {"requestContext": {"resourcePath": None}}])
def test_an_event_that_is_no_request(app: LeptonApp, event: dict[str, Any]) -> None:
    assert app(event, None)["statusCode"] == 404


def test_an_app_changes_nothing_in_the_process_around_it() -> None:
    logger = logging.getLogger("lepton")
    before = dict(os.environ), list(logger.handlers), logger.level
    LeptonApp(app_name="lepton")
    assert (dict(os.environ), logger.handlers, logger.level) == before
    assert logger.propagate


def test_csv_travels_as_bytes() -> None:
    assert "text/csv" in LeptonApp(app_name="lepton").api.binary_types
    assert "application/json" not in LeptonApp(app_name="lepton").api.binary_types
