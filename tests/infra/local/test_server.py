import json
import os
import socket
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest
import urllib3
from chalice.app import Chalice

from functions.context import Platform
from functions.settings import Settings
from infra.local.bodies import MAX_REQUEST_BYTES
from infra.local.listening import Server
from infra.local.server import listen
from lepton_core.errors import Conflict
from tests.support.waiting import BACKSTOP, happened, joined, until

JSON = {"content-type": "application/json"}


@contextmanager
def running(app: Chalice, platform: Platform) -> Iterator[Server]:
    server = listen(app, platform)
    ready = threading.Event()
    thread = threading.Thread(target=server.run, args=(ready.set,))
    thread.start()
    try:
        happened(ready, "the server listens")
        yield server
    finally:
        server.stop()
        joined(thread)


@pytest.fixture
def server(small_app: Chalice, platform: Platform) -> Iterator[Server]:
    with running(small_app, platform) as server:
        yield server


@pytest.fixture
def platform_of(platform: Platform) -> Callable[..., Platform]:
    return lambda **settings: replace(platform, settings=Settings(**settings))


@pytest.fixture
def http() -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager(retries=False, timeout=BACKSTOP) as pool:
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


def test_small_answers_are_not_held_back_on_a_warm_connection(server: Server) -> None:
    """Nagle's algorithm would keep them for the client's delayed acknowledgement, 40 ms each."""
    with socket.create_connection(server.listener.getsockname()[:2], timeout=BACKSTOP) as client:
        client.sendall(b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(1)
        with socket_to(client.getsockname()) as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_it_answers_where_there_is_no_uvloop(
    small_app: Chalice, platform: Platform, http: urllib3.PoolManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    with running(small_app, platform) as server:
        assert http.request("GET", server.url + "/v1/health").json() == {"status": "ok"}


@contextmanager
def socket_to(peer: Any) -> Iterator[socket.socket]:
    """The socket of this process that is connected to ``peer``, whichever library holds it."""
    with ExitStack() as stack:
        found = []
        for number in os.listdir("/dev/fd"):  # noqa: PTH208  (of numbers, not of paths)
            with suppress(OSError):
                if not stat.S_ISSOCK(os.fstat(int(number)).st_mode):
                    continue
                one = stack.enter_context(socket.socket(fileno=os.dup(int(number))))
                found += [one] if one.getpeername() == peer else []
        (only,) = found
        yield only


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


def refuses(server: Server) -> bool:
    try:
        socket.create_connection(server.listener.getsockname()[:2], timeout=BACKSTOP).close()
    except OSError:
        return True
    return False


def test_a_stop_lets_requests_under_way_finish(small_app: Chalice, platform: Platform) -> None:
    begun, release = threading.Event(), threading.Event()

    def slow() -> dict[str, bool]:
        begun.set()
        happened(release, "the handler is let through")
        return {"finished": True}

    small_app.route("/v1/slow", name="slow")(slow)
    answers: list[Any] = []
    with running(small_app, platform) as server:
        asking = threading.Thread(
            target=lambda: answers.append(json.loads(urllib3.request("GET", server.url + "/v1/slow").data))
        )
        asking.start()
        happened(begun, "the handler has begun")
        server.stop()
        until(lambda: refuses(server), "the server takes no more connections")
        release.set()
        joined(asking)
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
