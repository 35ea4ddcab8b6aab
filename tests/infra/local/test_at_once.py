"""What is answered at once keeps its place and all bounds of a connection; what is not goes the ordinary way, whole."""

import asyncio
import re
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import pytest
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn import Config
from uvicorn.server import ServerState

from infra.local.at_once import (
    MOST_IN_A_ROW,
    MOST_KEPT_BYTES,
    MOST_KEPT_HEADS,
    SMALL_BYTES,
    Answering,
    SentAnswer,
)
from infra.local.listening import Server, listener_on, server_of
from infra.local.protocol import PARTING_SECONDS, body_at_hand, protocol
from tests.support.loops import finished
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

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


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


def test_nothing_is_kept_of_a_connection_that_broke(connection: tuple[Any, Loop, Transport]) -> None:
    made, loop, _ = connection
    made.data_received(post(b"a"))
    assert loop.due
    made.connection_lost(ConnectionResetError())
    assert not loop.due


def test_each_answer_tells_the_time_that_the_server_tells(connection: tuple[Any, Loop, Transport]) -> None:
    made, _, transport = connection
    for date in (b"now", b"later"):
        made.server_state.default_headers = [(b"date", date)]
        made.data_received(post(b"a"))
        assert b"\r\ndate: %s\r\n" % date in transport.written[-1]
    server = uvicorn.Server(Config(later, log_config=None, lifespan="off"))
    server.config.load()
    finished(server.on_tick(0))
    before = server.server_state.default_headers
    finished(server.on_tick(10))
    assert server.server_state.default_headers is not before, "what is made of them would be kept for ever"


STOP = b"the server stops"


async def driven(parts: Sequence[bytes], asgi: Any = later, *, at_the_same_time: bool = False) -> bytes:
    """All that a connection says to ``parts``, each after the answers to those before, or in one turn of the loop."""
    config = Config(asgi, log_config=None, lifespan="off")
    transport, loop = Transport(), asyncio.get_running_loop()
    made: Any = protocol(30.0, 10, at_once)(
        config=config, server_state=ServerState(), app_state={}, _loop=loop
    )
    made.connection_made(transport)
    for part in filter(None, parts):
        if part is STOP:
            made.shutdown()
            continue
        made.data_received(part)
        for _ in range(0 if at_the_same_time else 40):
            await asyncio.sleep(0)
    while made.tasks:
        await asyncio.sleep(0)
    made.connection_lost(None)
    return b"".join(transport.written)


def told(said: bytes) -> list[bytes]:
    """The bodies of answers, without the words of who made them."""
    found = []
    while said:
        head, _, said = said.partition(b"\r\n\r\n")
        if head.startswith(b"HTTP/1.1 100 "):
            continue
        assert head.startswith(b"HTTP/1.1 200 "), head
        size = int(head.partition(b"content-length: ")[2].split()[0])
        found.append(said[:size].removeprefix(b"now - ").removeprefix(b"later "))
        said = said[size:]
    return found


CHUNKED = b"POST /now HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nf\r\n0\r\n\r\n"
MIXED = {
    post(b"a"): b"a",
    post(b"no b"): b"no b",
    post(b"c\r\n\r\n" + post(b"inner")): b"c\r\n\r\n" + post(b"inner"),
    post(b"d", path=b"/later"): b"d",
    b"\r\n" + post(b"e"): b"e",
    CHUNKED: b"f",
    post(b"g", b"Expect: 100-continue"): b"g",
    post(b"", path=b"http://x/now"): b"",
    post(b"h", path=b"http://x/now"): b"h",
}
ROW = b"".join([*MIXED, post(b"a")])


@pytest.mark.parametrize("at_the_same_time", [False, True])
def test_wherever_requests_are_cut_each_is_answered_once_in_its_order(at_the_same_time: bool) -> None:
    async def every() -> list[int]:
        wrong = []
        for at in range(len(ROW) + 1):
            said = await driven([ROW[:at], ROW[at:]], at_the_same_time=at_the_same_time)
            wrong += [] if told(said) == [*MIXED.values(), b"a"] else [at]
        return wrong

    assert finished(every()) == []


@settings(max_examples=100, deadline=None)
@given(
    asked=st.lists(
        st.tuples(st.sampled_from(sorted(MIXED)), st.sampled_from(["alone", "alone", "joined", "cut"])),
        max_size=9,
    ),
    cut=st.integers(1, 50),
    at_the_same_time=st.booleans(),
)
def test_whatever_is_asked_in_whatever_parts_it_is_answered_in_order(
    asked: list[tuple[bytes, str]], cut: int, at_the_same_time: bool
) -> None:
    parts, waiting = [], b""
    for sent, how in asked:
        waiting += sent
        end = {"alone": len(waiting), "joined": 0, "cut": len(waiting) - cut}[how]
        parts.append(waiting[:end])
        waiting = waiting[end:]
    said = finished(driven([*parts, waiting], at_the_same_time=at_the_same_time))
    assert told(said) == [MIXED[sent] for sent, _ in asked]


def test_of_many_in_a_row_some_are_answered_at_once_and_others_have_their_turn() -> None:
    said = finished(driven([post(b"a") * (MOST_IN_A_ROW + 3), post(b"a") * 2]))
    assert told(said) == [b"a"] * (MOST_IN_A_ROW + 5)
    assert said.count(b"now - a") == MOST_IN_A_ROW + 2


def test_a_body_that_came_whole_is_at_hand_and_a_part_of_one_is_not() -> None:
    seen = []

    async def looks(scope: Any, receive: Any, send: Any) -> None:
        seen.append(body_at_hand(receive))
        await later(scope, receive, send)

    whole = post(b"whole", path=b"/later")
    assert told(finished(driven([whole, whole[:-2], whole[-2:]], looks))) == [b"whole"] * 2
    assert seen == [b"whole", None]


@pytest.mark.parametrize("before", [[], [post(b"a")], [post(b"a"), post(b"b")], [post(b"a", path=b"/later")]])
def test_a_request_on_its_way_when_the_server_stops_is_answered_as_the_last_one(before: list[bytes]) -> None:
    for sent in ([post(b"z")], [post(b"z")[:-1], b"z"], [post(b"z")[:9], post(b"z")[9:]]):
        said = finished(driven([*before, STOP, *sent]))
        assert told(said)[-1] == b"z"
        assert len(told(said)) == len(before) + 1
        assert said.count(b"connection: close\r\n") == 1


def test_a_connection_without_any_is_closed_soon(connection: tuple[Any, Loop, Transport]) -> None:
    made, loop, transport = connection
    made.data_received(post(b"a"))
    made.shutdown()
    assert not transport.closed
    loop.until(PARTING_SECONDS + 0.01)
    assert transport.closed
