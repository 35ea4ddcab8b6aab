import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import urllib3
from chalice.app import Chalice

from functions.context import Platform, Settings
from infra.local.server import MAX_REQUEST_BYTES, Server, listen
from lepton_core.errors import Conflict

JSON = {"content-type": "application/json"}


@contextmanager
def running(app: Chalice, platform: Platform) -> Iterator[Server]:
    server = listen(app, platform)
    ready = threading.Event()
    thread = threading.Thread(target=server.run, args=(ready.set,))
    thread.start()
    try:
        assert ready.wait(10)
        yield server
    finally:
        server.stop()
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture
def server(small_app: Chalice, platform: Platform) -> Iterator[Server]:
    with running(small_app, platform) as server:
        yield server


@pytest.fixture
def platform_of(platform: Platform) -> Callable[..., Platform]:
    return lambda **settings: replace(platform, settings=Settings(**settings))


@pytest.fixture
def http() -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager(retries=False, timeout=10) as pool:
        yield pool


def test_it_answers_and_says_nothing_about_itself(server: Server, http: urllib3.PoolManager) -> None:
    answer = http.request("GET", server.url + "/v1/models/a%20b")
    assert answer.status == 200
    assert answer.json()["model"] == "a b"
    assert "server" not in answer.headers
    assert not {name for name in answer.headers if "python" in answer.headers[name].lower()}
    echo = http.request("POST", server.url + "/v1/echo?a=1&a=2", body=b'"\xc3\xa9"', headers=JSON)
    assert echo.json() == {"body": '"é"', "query": {"a": "2"}, "all": {"a": ["1", "2"]}, "header": None}
    assert http.request("GET", server.url + "/nowhere").json()["error"]["code"] == "not_found"
    assert http.request("POST", server.url + "/v1/health", headers=JSON).status == 405


def test_a_warm_connection_answers_in_single_milliseconds(server: Server, http: urllib3.PoolManager) -> None:
    def once() -> float:
        begun = time.perf_counter()
        answer = http.request("POST", server.url + "/v1/echo", body=b"{}" * 100, headers=JSON)
        assert answer.status == 200
        return time.perf_counter() - begun

    took = sorted(once() for _ in range(100))
    assert took[50] < 0.01  # small writes held back for a delayed acknowledgement would take 0.04 s
    assert took[10] < 0.005


def test_a_body_that_is_too_long_is_refused(
    small_app: Chalice, platform_of: Callable[..., Platform], http: urllib3.PoolManager
) -> None:
    with running(small_app, platform_of(max_upload_bytes=1000)) as server:
        csv = {"content-type": "text/csv"}
        taken = http.request("PUT", server.url + "/v1/files", body=b"x" * 1000, headers=csv)
        assert taken.json() == {"size": 1000}
        refused = http.request("PUT", server.url + "/v1/files", body=b"x" * 1001, headers=csv)
        assert (refused.status, refused.json()["error"]["code"]) == (413, "too_large")
        pieces = (b"x" * 500 for _ in range(50))
        chunked = http.request("PUT", server.url + "/v1/files", body=pieces, headers=csv, chunked=True)
        assert (chunked.status, chunked.json()["error"]["code"]) == (413, "too_large")
        large = http.request(
            "POST", server.url + "/v1/echo", body=b"x" * (MAX_REQUEST_BYTES + 1), headers=JSON
        )
        assert large.status == 413
        assert http.request("GET", server.url + "/v1/health").status == 200


def test_a_stop_lets_requests_under_way_finish(small_app: Chalice, platform: Platform) -> None:
    begun, release = threading.Event(), threading.Event()

    def slow() -> dict[str, bool]:
        begun.set()
        assert release.wait(10)
        return {"finished": True}

    small_app.route("/v1/slow", name="slow")(slow)
    answers: list[Any] = []
    with running(small_app, platform) as server:
        asking = threading.Thread(
            target=lambda: answers.append(json.loads(urllib3.request("GET", server.url + "/v1/slow").data))
        )
        asking.start()
        assert begun.wait(10)
        server.stop()
        time.sleep(0.2)
        release.set()
        asking.join(10)
    assert answers == [{"finished": True}]


def test_a_client_that_hangs_up_disturbs_nobody(server: Server, http: urllib3.PoolManager) -> None:
    host, port = server.listener.getsockname()[:2]
    for sent in (
        b"",
        b"PUT /v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc",
        b"\x00\xff\r\n\r\n",
    ):
        with socket.create_connection((host, port)) as client:
            client.sendall(sent)
    assert http.request("GET", server.url + "/v1/health").status == 200


def test_a_port_that_is_taken_is_a_clear_error(
    server: Server, small_app: Chalice, platform: Platform
) -> None:
    port = server.listener.getsockname()[1]
    with pytest.raises(Conflict, match=str(port)):
        listen(small_app, platform, port=port)
