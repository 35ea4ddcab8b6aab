"""What is answered at once keeps its place and all bounds of a connection; what is not goes the ordinary way, whole."""

import re
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from infra.local.at_once import MOST_KEPT_BYTES, MOST_KEPT_HEADS, SMALL_BYTES, Answering, SentAnswer
from infra.local.listening import Server, listener_on, server_of
from infra.local.protocol import protocol
from tests.support.waiting import BACKSTOP, happened, joined

Headers = Sequence[tuple[bytes, bytes]]


def at_once(target: bytes, headers: Headers) -> Answering | None:
    """Of ``/now``: a body that begins with "no" gets no answer, and one that begins with "fail" an error of ours."""

    def answering(body: bytes) -> SentAnswer | None:
        if body.startswith(b"fail"):
            raise ZeroDivisionError
        said = b"now " + dict(headers).get(b"x", b"-") + b" " + body
        return None if body.startswith(b"no") else SentAnswer(200, b"content-type: text/plain\r\n", said)

    return answering if target == b"/now" else None


async def later(scope: Any, receive: Any, send: Any) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    said = b"later " + body
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(said))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": said})


Open = Callable[..., Server]


@pytest.fixture
def opened() -> Iterator[Open]:
    with ExitStack() as stack:

        def run(wait_seconds: float = BACKSTOP) -> Server:
            ready, listener = threading.Event(), listener_on("127.0.0.1", 0)
            server = server_of(
                later, listener, host="127.0.0.1", pools=(), wait_seconds=wait_seconds, at_once=at_once
            )
            thread = threading.Thread(target=server.run, args=(ready.set,))
            thread.start()
            stack.callback(joined, thread)
            stack.callback(server.stop)
            happened(ready, "the server listens")
            return server

        yield run


def post(body: bytes, *lines: bytes, path: bytes = b"/now") -> bytes:
    head = [b"POST %s HTTP/1.1" % path, b"Host: x", *lines, b"Content-Length: %d" % len(body)]
    return b"\r\n".join([*head, b"", b""]) + body


LAST = post(b"last", b"Connection: close")


def say(server: Server, *parts: bytes) -> bytes:
    """All that is said until the connection closes; each part is sent once something came since the part before."""
    with socket.create_connection(server.listener.getsockname()[:2], timeout=BACKSTOP) as client:
        said = b""
        for at, part in enumerate(parts):
            client.sendall(part)
            said += client.recv(65_536) if at < len(parts) - 1 else b""
        while more := client.recv(65_536):
            said += more
        return said


def statuses(said: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", said)]


def bodies(said: bytes) -> list[bytes]:
    return re.findall(rb"\r\n\r\n((?:now|later) [^H{]*)", said)


def test_a_head_that_came_before_is_answered_the_same(opened: Open) -> None:
    said = say(
        opened(), post(b"a"), post(b"b"), post(b"c"), post(b"dd"), post(b"e", b"x: 1"), post(b"f"), LAST
    )
    assert bodies(said) == [
        b"now - a",
        b"now - b",
        b"now - c",
        b"now - dd",
        b"now 1 e",
        b"now - f",
        b"later last",
    ]
    heads = re.findall(
        rb"HTTP/1.1 200 OK\r\ndate: [^\r]+GMT\r\ncontent-type: text/plain\r\ncontent-length: ", said
    )
    assert len(heads) == 7


def test_requests_in_a_row_are_answered_in_their_order(opened: Open) -> None:
    row = post(b"a") + post(b"b", path=b"/later") + post(b"c") + post(b"no d") + post(b"e")
    assert bodies(say(opened(), row + LAST)) == [
        b"now - a", b"later b", b"later c", b"later no d", b"later e", b"later last",
    ]  # fmt: skip
    assert bodies(say(opened(), post(b"a") + post(b"b") + LAST)) == [b"now - a", b"now - b", b"later last"]


@pytest.mark.parametrize(
    "sent",
    [
        post(b"no"),
        post(b"fail"),
        post(b"a", path=b"/other"),
        post(b"x" * (SMALL_BYTES + 1)),
    ],
    ids=["no answer", "a fault", "another path", "long"],
)
def test_what_nothing_answers_at_once_goes_the_ordinary_way_whole(opened: Open, sent: bytes) -> None:
    body = sent.partition(b"\r\n\r\n")[2]
    found = bodies(say(opened(), post(b"1"), post(b"2"), sent, post(b"3"), sent + LAST))
    assert found == [b"now - 1", b"now - 2", b"later " + body, b"now - 3", b"later " + body, b"later last"]


def test_a_request_in_parts_goes_the_ordinary_way_under_its_bounds(opened: Open) -> None:
    whole, server = post(b"abcdef"), opened()
    for cut in (1, 20, len(whole) - 6, len(whole) - 1):
        with socket.create_connection(server.listener.getsockname()[:2], timeout=BACKSTOP) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.sendall(whole)
            assert client.recv(65_536).endswith(b"now - abcdef")
            client.sendall(whole[:cut])
            threading.Event().wait(0.01)
            client.sendall(whole[cut:] + LAST)
            said = b""
            while more := client.recv(65_536):
                said += more
            assert [one.split()[-1] for one in bodies(said)] == [b"abcdef", b"last"]
    assert statuses(say(opened(0.2), whole, whole, whole[:20])) == [200, 200, 408]


def test_what_is_no_http_behind_an_answer_is_refused_behind_it(opened: Open) -> None:
    for before in ((post(b"a"),), (post(b"a"), post(b"b"))):
        said = say(opened(), *before[:-1], before[-1] + b"\x00\r\n\r\n")
        assert statuses(said) == [200] * len(before) + [400]


class Loop:
    """A loop whose clock is set by hand."""

    def __init__(self) -> None:
        self.now, self.due = 0.0, list[tuple[float, Callable[[], None]]]()

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, called: Callable[[], None]) -> "Loop":
        self.due.append((self.now + seconds, called))
        return self

    def cancel(self) -> None:
        self.due.clear()

    def until(self, now: float) -> None:
        while self.due and min(self.due)[0] <= now:
            self.now, called = self.due.pop(self.due.index(min(self.due)))
            called()
        self.now = now


class Transport:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.written, self.closed = list[bytes](), False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def connection() -> tuple[Any, Loop, Transport]:
    config = Config(later, log_config=None, timeout_keep_alive=75, lifespan="off")
    loop, transport = Loop(), Transport()
    made: Any = protocol(30.0, 10, at_once)(
        config=config, server_state=ServerState(), app_state={}, _loop=loop
    )
    made.connection_made(transport)
    return made, loop, transport


def test_a_connection_is_closed_once_nothing_came_for_long(connection: tuple[Any, Loop, Transport]) -> None:
    made, loop, transport = connection
    for at in (10.0, 60.0, 100.0, 170.0):
        loop.until(at)
        made.data_received(post(b"a"))
    assert (len(transport.written), len(loop.due)) == (4, 1)
    loop.until(244.9)
    assert not transport.closed
    loop.until(245.1)
    assert transport.closed


def test_few_and_short_heads_are_kept(connection: tuple[Any, Loop, Transport]) -> None:
    made, _, transport = connection
    for number in range(3 * MOST_KEPT_HEADS):
        made.data_received(post(b"a", b"x: %d" % number))
        assert 0 < len(made._kept) <= MOST_KEPT_HEADS
    kept = dict(made._kept)
    made.data_received(post(b"a", b"x: " + b"y" * MOST_KEPT_BYTES))
    assert (made._kept, len(transport.written)) == (kept, 3 * MOST_KEPT_HEADS + 1)
