"""The app itself, with answers of its own: where they are made, and what stands between them and a client."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import urllib3

from infra.local.daemon_threads import DaemonThreads
from infra.local.listening import listener_on, server_of
from infra.local.responses import Response
from infra.local.service.app import MOST_QUICK_CELLS, SMALL_BYTES, App, Door, Headers, Query, Stage
from lepton_core.errors import Forbidden, NotFound
from tests.support.waiting import BACKSTOP, happened, joined

JSON = {"content-type": "application/json"}
Running = Callable[..., str]


def thread_of(headers: Headers, query: Query, body: bytes) -> Response:
    return Response(200, JSON, threading.current_thread().name.encode())


def fails(headers: Headers, query: Query, body: bytes) -> Response:
    raise ZeroDivisionError("a secret")


def misses(headers: Headers, query: Query, body: bytes) -> Response:
    raise NotFound("there is none")


def echoes(headers: Headers, query: Query, body: bytes) -> Response:
    return Response(200, JSON, repr((headers["x-one"], dict(query))).encode())


def of_version(headers: Headers, query: Query, body: bytes) -> Response:
    return Response(200, JSON, query["version"][0].encode())


def refuses(headers: Headers) -> None:
    if "authorization" not in headers:
        raise Forbidden("this is not for you")


@pytest.fixture
def running() -> Iterator[Running]:
    with ExitStack() as stack:

        def run(wait_seconds: float = BACKSTOP) -> str:
            pool, ready = DaemonThreads(1, "pool"), threading.Event()
            table = {
                ("POST", "/thread"): Door(thread_of, no_key=True),
                ("GET", "/fails"): Door(fails, no_key=True),
                ("GET", "/misses"): Door(misses, no_key=True),
                ("GET", "/echoes"): Door(echoes),
                ("GET", "/of/versions/{version}"): Door(of_version, no_key=True),
            }
            app = App(table, refuses, pool, Stage(), wait_seconds=wait_seconds)
            listener = listener_on("127.0.0.1", 0)
            server = server_of(app, listener, host="127.0.0.1", pools=(pool,), wait_seconds=wait_seconds)
            thread = threading.Thread(target=server.run, args=(ready.set,), name="loop")
            thread.start()
            stack.callback(joined, thread)
            stack.callback(server.stop)
            happened(ready, "the server listens")
            return server.url

        yield run


@pytest.fixture
def http() -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager(retries=False, timeout=BACKSTOP) as pool:
        yield pool


def test_small_requests_are_answered_in_the_loop_and_others_in_a_thread(
    running: Running, http: urllib3.PoolManager
) -> None:
    url = running()
    for size, name in ((SMALL_BYTES, b"loop"), (SMALL_BYTES + 1, b"pool-0")):
        assert http.request("POST", f"{url}/thread", body=b"x" * size, headers=JSON).data == name


def test_what_may_take_long_is_answered_in_a_thread_however_short_it_is(
    running: Running, http: urllib3.PoolManager
) -> None:
    url, raw = running(), {"content-type": "application/octet-stream"}
    for body, headers, name in (
        (b"[1]," * (MOST_QUICK_CELLS - 1), JSON, b"loop"),
        (b"[1]," * MOST_QUICK_CELLS, JSON, b"pool-0"),
        (b"1\n" * MOST_QUICK_CELLS, {"content-type": "text/csv"}, b"pool-0"),
        (b'{"rows": [[1]], "explain": true}', JSON, b"pool-0"),
        (b'{"rows": [[1]], "expl\\u0061in": true}', JSON, b"pool-0"),
        (b"x" * 2048, raw, b"loop"),
        (b"x" * 2049, raw, b"pool-0"),
    ):
        assert http.request("POST", f"{url}/thread", body=body, headers=headers).data == name, body[:40]
    assert http.request("POST", f"{url}/thread?explain=true", body=b"x", headers=raw).data == b"pool-0"


def test_a_path_with_braces_is_none_of_the_table(running: Running) -> None:
    url = running()
    for method, path, status in (
        ("GET", "/of/versions/12", b"200"),
        ("GET", "/of/versions/{version}", b"404"),
        ("GET", "/of/versions/{version}?version=x", b"404"),
        ("POST", "/of/versions/{version}", b"404"),
    ):
        asked = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        assert said(url, asked.encode()).split(b" ")[1] == status, path


def test_a_fault_of_ours_is_not_shown_and_an_error_is(running: Running, http: urllib3.PoolManager) -> None:
    url = running()
    failed = http.request("GET", f"{url}/fails")
    assert (failed.status, failed.json()["error"]["code"]) == (500, "internal")
    assert "secret" not in failed.json()["error"]["message"]
    missed = http.request("GET", f"{url}/misses")
    assert (missed.status, missed.json()["error"]) == (404, {"code": "not_found", "message": "there is none"})


def test_an_answer_has_the_headers_and_the_query(running: Running, http: urllib3.PoolManager) -> None:
    url, allowed = running(), {"authorization": "Bearer x", "x-one": "1"}
    found = http.request("GET", f"{url}/echoes?a=1&a=2&b=", headers=allowed)
    assert found.data.decode() == repr(("1", {"a": ["1", "2"], "b": [""]}))
    refused = http.request("GET", f"{url}/echoes", headers={"x-one": "1"})
    assert (refused.status, refused.json()["error"]["code"]) == (403, "forbidden")
    assert http.request("GET", f"{url}/echoes", headers=allowed).status == 200
    twice = b"GET /echoes HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: a\r\nX-Api-Key: b\r\nConnection: close\r\n\r\n"
    assert said(url, twice).startswith(b"HTTP/1.1 400 ")


def test_a_body_that_does_not_come_is_not_waited_for(running: Running) -> None:
    url = running(wait_seconds=0.2)
    began = b"POST /thread HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf"
    assert said(url, began).startswith(b"HTTP/1.1 408 ")


def said(url: str, sent: bytes) -> bytes:
    """All that the server says until it closes the connection."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=BACKSTOP) as client:
        client.sendall(sent)
        found = b""
        while part := client.recv(65_536):
            found += part
        return found
