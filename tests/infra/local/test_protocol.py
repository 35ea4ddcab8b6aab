"""What a client may do to a connection: every answer has the shape of an error, and no waiting is for ever."""

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import pytest
from chalice.app import Chalice

from functions.context import Platform
from infra.local.bodies import UNPROVEN_BYTES
from infra.local.listening import Server
from infra.local.server import listen
from tests.support.waiting import BACKSTOP, happened, joined, patiently, until

HEAD = b"PUT /v1/files HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\n"


@contextmanager
def running(app: Chalice, platform: Platform, **options: Any) -> Iterator[Server]:
    server = listen(app, platform, **options)
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
def hasty(small_app: Chalice, platform: Platform) -> Iterator[Server]:
    """A server that waits a fifth of a second."""
    with running(small_app, platform, wait_seconds=0.2) as server:
        yield server


def say(server: Server, *parts: bytes) -> bytes:
    """Everything that the server says until it closes the connection."""
    with socket.create_connection(server.listener.getsockname()[:2], timeout=BACKSTOP) as client:
        for part in parts:
            client.sendall(part)
        said = b""
        while more := client.recv(65_536):
            said += more
        return said


def answer_to(client: socket.socket, sent: bytes = b"") -> bytes:
    """One answer on a connection that may stay open."""
    client.sendall(sent)
    said = b""
    while not said.endswith(b"}"):
        said += client.recv(65_536)
    return said


def error_of(said: bytes) -> tuple[int, Any]:
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"content-type: application/json" in head.lower()
    answer = json.loads(body)
    assert set(answer) == {"error"}
    assert set(answer["error"]) == {"code", "message"}
    return int(head.split()[1]), answer["error"]["code"]


def statuses(said: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", said)]


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x00\xff\r\n\r\n",
        b"GET /v1/health\r\n\r\n",
        b"GET /v1/health HTTP/1.1\r\n\r\n",
        b"GET /v1/h\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /v1/health HTTP/1.1\r\nHost: x\r\nX : a\r\n\r\n",
        b"GET /v1/health HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000,
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: ten\r\n\r\n",
        HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
        HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        HEAD.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        HEAD + b"Host: y\r\n\r\n",
        HEAD + b"X: a\r\n folded: b\r\n\r\n",
        b"GET /v1/health HTTP/1.1\nHost: x\n\n",
        b"GET /v1/health HTTP/2.0\r\nHost: x\r\n\r\n",
        b"GET ftp://x/v1/health HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"BREW /v1/health HTTP/1.1\r\nHost: x\r\n\r\n",
        HEAD + b"Transfer-Encoding: gzip\r\n\r\n",
        HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n",
    ],
    ids=lambda sent: repr(sent[-24:]),
)
def test_what_is_no_http_gets_the_shape_of_every_error(server: Server, request_bytes: bytes) -> None:
    assert error_of(say(server, request_bytes)) == (400, "invalid_input")


@pytest.mark.parametrize("first", ["Content-Length", "Transfer-Encoding"])
def test_no_request_is_smuggled_in_the_body_of_another(server: Server, first: str) -> None:
    lengths = sorted(["Content-Length: 60", "Transfer-Encoding: chunked"], reverse=first[0] == "T")
    inner = b"GET /v1/models/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    said = say(server, HEAD + "\r\n".join(lengths).encode() + b"\r\n\r\n0\r\n\r\n" + inner)
    assert statuses(said) == [400]
    assert b"smuggled" not in said
    assert error_of(said) == (400, "invalid_input")


def test_a_field_behind_the_body_is_no_header(small_app: Chalice, platform: Platform) -> None:
    def sent() -> dict[str, list[str]]:
        return {"sent": sorted(dict(small_app.current_request.headers))}

    small_app.route("/v1/sent", name="sent")(sent)
    head = b"GET /v1/sent HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n"
    trailer = b"x-api-key: k\r\nHost: y\r\nConnection: keep-alive\r\n\r\n"
    last = b"GET /v1/sent HTTP/1.1\r\nHost: x\r\nX-Api-Key: k\r\nConnection: close\r\n\r\n"
    with running(small_app, platform) as server:
        said = say(server, head + b"1\r\na\r\n0\r\n" + trailer, head + b"0\r\n", trailer, last)
    assert statuses(said) == [200, 200, 200]
    names = [json.loads(found)["sent"] for found in re.findall(rb'\{"sent".*?\}', said)]
    assert names == [["host", "transfer-encoding"]] * 2 + [["connection", "host", "x-api-key"]]


def test_what_is_no_http_does_not_take_the_place_of_an_earlier_answer(server: Server) -> None:
    good = b"GET /v1/models/first HTTP/1.1\r\nHost: x\r\n\r\n"
    broken = HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n"
    for sent in (good + b"\x00\r\n\r\n", good * 3 + broken, good + broken):
        said = say(server, sent)
        assert statuses(said) == [200] * sent.count(b"first") + [400]
        assert said.count(b'"first"') == sent.count(b"first")


def test_a_long_body_is_not_part_of_the_next_head(server: Server) -> None:
    size = UNPROVEN_BYTES
    put = HEAD + b"Content-Length: %d\r\n\r\n%s" % (size, b"x" * size)
    last = b"GET /v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    said = say(server, put * 3 + last[:30], last[30:])
    assert said.count(b" 200 OK") == 4


def test_an_offer_of_another_protocol_is_not_taken_up(server: Server) -> None:
    ask = b"GET /v1/models/%d HTTP/1.1\r\nHost: x\r\n%s\r\n"
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAM\r\n"
    said = say(server, ask % (1, offer) + ask % (2, offer), ask % (3, b"Connection: close\r\n"))
    assert [int(part[:1]) for part in said.split(b'"model":"')[1:]] == [1, 2, 3]


def test_head_is_answered_as_get_is_but_for_the_body(server: Server) -> None:
    def answered(method: bytes, path: bytes) -> tuple[bytes, bytes]:
        ask = b"%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % (method, path)
        head, _, body = say(server, ask).partition(b"\r\n\r\n")
        return re.sub(rb"date: [^\r]*", b"", head), body

    for path in (b"/v1/health", b"/v1/models/m", b"/nowhere", b"/v1/echo"):
        head, body = answered(b"GET", path)
        assert b"content-length: %d" % len(body) in head
        assert answered(b"HEAD", path)[0].splitlines()[0] == head.splitlines()[0]
        assert answered(b"HEAD", path)[1] == b""
    assert answered(b"HEAD", b"/v1/health")[0] == answered(b"GET", b"/v1/health")[0]


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (b"http://x/v1/health", 200),
        (b"HTTPS://example.com:8642/v1/health?", 200),
        (b"http://x", 404),
        (b"http://x?/v1/health", 404),
        (b"//v1/health", 404),
    ],
)
def test_a_target_may_name_scheme_and_host_as_proxies_do(server: Server, target: bytes, status: int) -> None:
    said = say(server, b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % target)
    assert int(said.split()[1]) == status


def test_requests_in_a_row_are_answered_in_their_order(server: Server) -> None:
    ask = b"GET /v1/models/%d HTTP/1.1\r\nHost: x\r\n%s\r\n"
    said = say(
        server, *(ask % (number, b"Connection: close\r\n" if number == 4 else b"") for number in range(5))
    )
    assert [int(part[:1]) for part in said.split(b'"model":"')[1:]] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (b"GET /v1/hea",),
        (b"GET /v1/health HTTP/1.1\r\nHost: x\r\n", b"X: y\r\n"),
        (HEAD + b"Content-Length: 10\r\n\r\nabc",),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",),
        (HEAD + b"Content-Length: 999999999999\r\n\r\nabc",),
    ],
    ids=["silence", "line", "headers", "body", "chunks", "huge"],
)
def test_a_client_that_never_ends_its_request_is_sent_away(hasty: Server, parts: tuple[bytes, ...]) -> None:
    status, code = error_of(say(hasty, *parts))
    assert (status, code) in {(408, "timeout"), (413, "too_large")}


def test_a_byte_now_and_then_is_no_body_under_way(small_app: Chalice, platform: Platform) -> None:
    enough = threading.Event()
    with running(small_app, platform, wait_seconds=0.3) as server:
        address = server.listener.getsockname()[:2]
        with socket.create_connection(address, timeout=BACKSTOP) as client:
            client.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")

            def drip() -> None:
                while not enough.wait(0.05):
                    client.sendall(b"x")

            dripping = threading.Thread(target=drip)
            dripping.start()
            try:
                assert error_of(answer_to(client))[0] == 408
            finally:
                enough.set()
                dripping.join()


def test_an_idle_connection_may_go_on_after_its_answer(small_app: Chalice, platform: Platform) -> None:
    ask = b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n"

    def goes_on(seconds: float) -> None:
        with (
            running(small_app, platform, wait_seconds=seconds) as server,
            socket.create_connection(server.listener.getsockname()[:2], timeout=BACKSTOP) as client,
        ):
            for _ in range(3):
                assert answer_to(client, ask).startswith(b"HTTP/1.1 200 ")
                threading.Event().wait(1.5 * seconds)
            assert error_of(answer_to(client, ask[:20])) == (408, "timeout")

    patiently(goes_on)


def test_one_client_too_many_is_told_so_and_the_others_go_on(small_app: Chalice, platform: Platform) -> None:
    with running(small_app, platform, connections=2) as server, ExitStack() as open_ones:
        address = server.listener.getsockname()[:2]
        kept = [
            open_ones.enter_context(socket.create_connection(address, timeout=BACKSTOP)) for _ in range(2)
        ]
        ask = b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n"
        assert all(b" 200 OK" in answer_to(client, ask) for client in kept)
        assert error_of(say(server)) == (503, "unavailable")
        assert all(b" 200 OK" in answer_to(client, ask) for client in kept)
        kept[0].close()
        last = ask.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        answer = b""
        while b" 200 OK" not in answer:  # until the server has noticed
            with suppress(ConnectionError):
                answer = say(server, last)


@pytest.mark.parametrize("chunked", [False, True])
def test_nobody_without_a_key_fills_our_memory(server: Server, chunked: bool) -> None:
    sent = b"x" * (UNPROVEN_BYTES + 1)
    if chunked:
        body = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(sent), sent)
    else:
        body = b"Content-Length: %d\r\n\r\n%s" % (len(sent), sent)
    assert error_of(say(server, HEAD + body)) == (401, "unauthorized")
    short = b"Connection: close\r\nContent-Length: %d\r\n\r\n" % UNPROVEN_BYTES
    assert b" 200 OK" in say(server, HEAD + short + b"x" * UNPROVEN_BYTES)


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="the kernel has no such timeout")
@pytest.mark.parametrize("last", [b"", b"Connection: close\r\n"])
def test_who_takes_nothing_of_an_answer_is_hung_up_on(
    small_app: Chalice, platform: Platform, last: bytes
) -> None:
    def long() -> dict[str, str]:
        return {"long": "x" * 20_000_000}

    small_app.route("/v1/long", name="long")(long)
    with running(small_app, platform, wait_seconds=0.5) as server, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(server.listener.getsockname()[:2])
        client.sendall(b"GET /v1/long HTTP/1.1\r\nHost: x\r\n" + last + b"\r\n")
        assert client.recv(1) == b"H"
        until(lambda: not server.uvicorn.server_state.connections, "the client is hung up on")
        with pytest.raises(ConnectionError):
            while client.recv(65_536):
                pass
