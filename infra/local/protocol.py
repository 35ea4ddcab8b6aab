"""HTTP/1.1 on one connection: uvicorn's, with the API's one shape of error and an end to waiting.

Of uvicorn's two parsers the one of llhttp is taken (`httptools`): it refuses what two readers could take differently,
such as two lengths of a body, folded headers and bare line feeds, where h11 takes them. It is no slower.
"""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from functions.storage import posix
from infra.local.at_once import AtOnce, AtOnceProtocol
from infra.local.responses import Response, refusal

LINGER_SECONDS = 1.0
"""How long a refused client may go on sending what nobody reads."""

PARTING_SECONDS = 0.05
"""How long a server that stops leaves a connection open on which nothing is under way: a request may be on its way."""

MAX_HEAD_BYTES = 65_536
"""Longest head of a request: its first line and its headers."""

_VERSIONS = ("1.0", "1.1")


class _NotHttp(Exception):
    """A request that the parser takes and we do not."""


def most_connections() -> int:
    """The most clients connected at once: half of the files that this process may open, the rest is for its work."""
    files = posix.most_open_files()
    return 1000 if files is None else max(16, min(1000, files // 2))


def protocol(wait_seconds: float, most: int, at_once: AtOnce | None = None) -> type[HttpToolsProtocol]:
    """The protocol of each of at most ``most`` connections, with ``wait_seconds`` for the head of a request."""
    asked = None if at_once is None else staticmethod(at_once)
    return type("Protocol", (_Protocol,), {"head_seconds": wait_seconds, "most": most, "at_once": asked})


def body_at_hand(receive: Callable[[], Any]) -> bytes | None:
    """The body of the request whose ASGI ``receive`` this is, if it has come whole already; else None.

    Most small requests come in one piece, and waiting for what is there costs as much as an answer.
    """
    cycle = getattr(receive, "__self__", None)
    if not isinstance(cycle, RequestResponseCycle) or cycle.more_body or cycle.disconnected:
        return None
    return bytes(cycle.body)


def origin_form(target: bytes) -> bytes:
    """The path and query of a request's target, which may name scheme and host as a proxy's does.

    >>> origin_form(b"http://example.com/v1/health?a=1"), origin_form(b"http://example.com?a=1"), origin_form(b"/v1")
    (b'/v1/health?a=1', b'/?a=1', b'/v1')
    """
    if target.startswith(b"/"):
        return target
    scheme, separator, rest = target.partition(b"://")
    if not separator or scheme.lower() not in (b"http", b"https"):
        raise _NotHttp
    end = min((at for at in (rest.find(b"/"), rest.find(b"?")) if at >= 0), default=len(rest))
    return rest[end:] if rest[end : end + 1] == b"/" else b"/" + rest[end:]


class _Protocol(AtOnceProtocol):
    """One connection of a client. Answers that uvicorn would give by itself, in plain text, are given as JSON.

    A head that never ends, or a client that never says a word, would else hold its connection for good.
    """

    head_seconds: float
    most: int

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head_timer: asyncio.TimerHandle | None = None
        self._in_head = False
        self._head_bytes = 0
        self._complete = 0
        self._refused = False
        self._leaving = False
        self._last_word: Response | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connected."""
        super().connection_made(transport)
        if len(self.connections) > self.most:
            self._refuse(refusal(503, "unavailable", "too many connections; try again"))
            self.transport.close()
        else:
            self._await_head()

    def data_received(self, data: bytes) -> None:
        """A part of a request came, or several requests."""
        if self._refused or self.again(data):
            return
        self._unset_keepalive_if_required()
        was_idle, before = self._idle, self._complete
        self._idle, self._answered = False, 0
        try:
            self._feed(data)
            self.let_go()
        except httptools.HttpParserError:
            self._refuse(refusal(400, "invalid_input", "this is not a valid HTTP/1.1 request"))
            return
        finally:
            self._ordinary = False
        if self._in_head:
            self._await_head()
        elif self.is_under_way():
            self._forget_head()
        elif not self._answered:
            self._await_head()
        else:
            self._forget_head()
            self.rest()
            if was_idle and self._complete == before + 1:
                self.keep(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        self._forget_head()
        self._unset_keepalive_if_required()  # uvicorn keeps all of a connection that broke until that is over
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """The parser has seen the first byte of a request."""
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """The parser has read a field. One behind the body (RFC 9110, 6.5.1) is dropped: it is no header."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The parser has read the head of a request."""
        self._in_head = False
        names = [name for name, _ in self.headers]
        version = self.parser.get_http_version()
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        known = version in _VERSIONS and size <= MAX_HEAD_BYTES
        hosts = names.count(b"host")
        codings = [value.strip().lower() for name, value in self.headers if name == b"transfer-encoding"]
        # A body that an HTTP/1.0 reader before or behind us would not see as one, or whose coding we do not read.
        hidden = codings and (version == "1.0" or codings != [b"chunked"])
        if not known or hidden or hosts > 1 or (hosts == 0 and version == "1.1"):
            raise _NotHttp
        self.url = origin_form(self.url)
        if not self.hold():
            super().on_headers_complete()
        if self._leaving:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """The parser has read the last byte of a request."""
        self._complete += 1
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """A request is answered; the refusal of what came behind it waited for that."""
        if self._last_word is None or self.pipeline or self.transport.is_closing():
            super().on_response_complete()
        else:
            self._say(self._last_word)

    def shutdown(self) -> None:
        """The server stops: a request that is on its way is still answered, the last one of its connection."""
        self._leaving, self._idle, self.at_once = True, False, None
        if self.is_under_way():
            super().shutdown()
        else:
            self.loop.call_later(PARTING_SECONDS, self._part)

    def _part(self) -> None:
        if not self.is_under_way():
            self.transport.close()

    def _feed(self, data: bytes) -> None:
        before = self._complete
        while data:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                # A client that offers another protocol goes on in this one if the offer is not taken up.
                data = data[offer.args[0] :]
                continue
            break
        # Where a request ended in the same bytes, nobody knows how many of them are the next one's: they do not count.
        self._head_bytes += len(data) if self._in_head and self._complete == before else 0
        if self._head_bytes > MAX_HEAD_BYTES:
            raise httptools.HttpParserError("the head is too long")

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self.head_seconds, self._give_up)

    def _forget_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._refuse(refusal(408, "timeout", "the request did not arrive in time"))

    def _refuse(self, answer: Response) -> None:
        """Read no more, and answer, behind the answers to requests that had come whole; then close."""
        self._refused = True
        self._forget_head()
        cut_off = self.is_under_way() and self.cycle.more_body
        if cut_off and self.pipeline:
            self.pipeline.popleft()
        elif cut_off:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if self.cycle.response_started:
                self.transport.close()
                return
        if self.pipeline or (self.is_under_way() and not self.cycle.disconnected):
            self._last_word = answer
        else:
            self._say(answer)

    def _say(self, answer: Response) -> None:
        if self.transport.is_closing():
            return
        phrase = HTTPStatus(answer.status).phrase
        headers = {**answer.headers, "content-length": str(len(answer.body)), "connection": "close"}
        head = f"HTTP/1.1 {answer.status} {phrase}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.transport.write(head.encode("latin-1") + b"\r\n" + answer.body)
        # A client that finds the connection closed while it still sends never reads why.
        self.flow.resume_reading()
        self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)
