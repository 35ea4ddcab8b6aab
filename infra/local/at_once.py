"""Requests that are answered as soon as their last byte is read: without a task, a scope and an app between.

Those are the most that a server of predictions gets: a short body that comes in one piece, behind a head that came on
this connection before. The parser reads each head once; what it found is kept with the bytes of that head.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from infra.local.responses import Response

log = logging.getLogger("lepton.server")

SMALL_BYTES = 16_384
"""Up to so long a body may be answered in the event loop; a longer one in a thread, so that it holds up no other."""

MOST_IN_A_ROW = 16
"""Requests of those that came together which are answered at once: then other connections have their turn."""

MOST_KEPT_BYTES = 1024
MOST_KEPT_HEADS = 16
"""Heads that a connection keeps, and the length of the longest of them: of one client they differ by their lengths."""

_END = b"\r\n\r\n"


class SentAnswer(NamedTuple):
    """An answer as it is sent: the lines of its ``head`` between the date and the length, each with its end."""

    status: int
    head: bytes
    body: bytes


Answering = Callable[[bytes], SentAnswer | None]
"""Answers a body at once, and has no effect where it returns None: then the request goes the ordinary way."""

AtOnce = Callable[[bytes, Sequence[tuple[bytes, bytes]]], Answering | None]
"""What answers a POST with this target and these headers at once; None: nothing does."""


class _Kept(NamedTuple):
    answering: Answering
    length: int


_NOTHING_KEPT = _Kept(lambda body: None, 0)


def lines_of(headers: dict[str, str]) -> bytes:
    """Headers as they are sent.

    >>> lines_of({"content-type": "text/plain", "allow": "GET"})
    b'content-type: text/plain\\r\\nallow: GET\\r\\n'
    """
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("latin-1")


def answer_of(response: Response) -> SentAnswer:
    """A response as it is sent."""
    return SentAnswer(response.status, lines_of(response.headers), response.body)


class AtOnceProtocol(HttpToolsProtocol):
    """Uvicorn's, which asks ``at_once`` about each request first. Nothing is answered before what came earlier.

    A request is held back from its head to the end of the bytes that came with it. If it is not whole by then, or
    nothing answers it at once, it goes the ordinary way from its head on, under all bounds of that.
    """

    at_once: AtOnce | None = None

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._held: _Kept | None = None
        self._last = _NOTHING_KEPT
        self._held_body = b""
        # Of the bytes that came last.
        self._answered = 0
        self._rested = 0.0
        self._kept: dict[bytes, _Kept] = {}
        # Whether the parser awaits the first byte of a request, and nothing else is under way.
        self._idle = True
        self._ordinary = False
        self._dated: tuple[Any, bytes] = (None, b"")

    def again(self, data: bytes) -> bool:
        """Answer ``data`` if it is one request with a head that is kept; whether that was done."""
        if not self._idle:
            return False
        end = data.find(_END) + len(_END)
        kept = self._kept.get(data[:end])
        if kept is None or len(data) - end != kept.length or self.flow.write_paused:
            return False
        # The parser, which comes next if there is no answer, would only ask the same once more.
        self._ordinary = not self._answer(kept.answering, data[end:])
        return not self._ordinary

    def hold(self) -> bool:
        """At the end of a head: hold the request back if something may answer it at once; whether that is so."""
        if self.at_once is None or self._ordinary or self.expect_100_continue or self.flow.write_paused:
            return False
        if self.is_under_way() or self.pipeline or self._answered >= MOST_IN_A_ROW:
            return False
        parser = self.parser
        if parser.get_method() != b"POST" or not parser.should_keep_alive() or parser.should_upgrade():
            return False
        length = next((int(value) for name, value in self.headers if name == b"content-length"), 0)
        if self.parser.get_http_version() != "1.1" or not 0 < length <= SMALL_BYTES:
            return False
        answering = self.at_once(self.url, self.headers)
        if answering is None:
            return False
        self._held, self._held_body = _Kept(answering, length), b""
        return True

    def on_body(self, body: bytes) -> None:
        """The parser has read a part of a body."""
        if self._held is None:
            super().on_body(body)
        else:
            self._held_body += body

    def on_message_complete(self) -> None:
        """The parser has read the last byte of a request."""
        held = self._held
        if held is not None and self._answer(held.answering, self._held_body):
            self._held, self._last = None, held
            self._answered += 1
            return
        self.let_go()
        super().on_message_complete()

    def let_go(self) -> None:
        """Let a request that is held back go the ordinary way."""
        if self._held is not None:
            self._held, body = None, self._held_body
            super().on_headers_complete()
            if body:
                super().on_body(body)

    def keep(self, data: bytes) -> None:
        """Keep the head of ``data``, which is a request that was answered at once, and nothing else."""
        size = len(data) - self._last.length
        if size <= MOST_KEPT_BYTES and data.find(_END) == size - len(_END):
            if len(self._kept) >= MOST_KEPT_HEADS:
                self._kept.clear()
            self._kept[data[:size]] = self._last

    def rest(self) -> None:
        """Nothing is under way: close the connection if that lasts for long."""
        self._idle, self._rested = True, self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._close_later(self.timeout_keep_alive)

    def timeout_keep_alive_handler(self) -> None:
        """Nothing was under way when the time was set; since then requests may have been answered at once."""
        late = self._rested + self.timeout_keep_alive - self.loop.time()
        if late > 0:
            self._close_later(late)
        else:
            super().timeout_keep_alive_handler()

    def is_under_way(self) -> bool:
        """Whether a request is being answered the ordinary way."""
        return self.cycle is not None and not self.cycle.response_complete

    def _close_later(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _answer(self, answering: Answering, body: bytes) -> bool:
        try:
            answer = answering(body)
        except Exception:
            log.exception("no answer at once; the request goes the ordinary way")
            return False
        if answer is None:
            return False
        status, head, content = answer
        length = b"content-length: %d\r\n\r\n" % len(content)
        self.transport.write(b"".join((STATUS_LINE[status], self._date(), head, length, content)))
        self._rested = self.loop.time()
        return True

    def _date(self) -> bytes:
        headers = self.server_state.default_headers
        if headers is not self._dated[0]:
            self._dated = headers, b"".join(b"%s: %s\r\n" % one for one in headers)
        return self._dated[1]
