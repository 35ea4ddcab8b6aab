"""HTTP/1.1 on one connection: uvicorn's, with the API's one shape of error and an end to waiting."""

import asyncio
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from functions.storage import posix
from infra.local.gateway import Response, refusal

LINGER_SECONDS = 1.0
"""How long a refused client may go on sending what nobody reads."""


def most_connections() -> int:
    """The most clients connected at once: half of the files that this process may open, the rest is for its work."""
    files = posix.most_open_files()
    return 1000 if files is None else max(16, min(1000, files // 2))


def protocol(wait_seconds: float, most: int) -> type[H11Protocol]:
    """What uvicorn makes of each of at most ``most`` connections, with ``wait_seconds`` for the head of a request."""
    return type("Protocol", (_Protocol,), {"head_seconds": wait_seconds, "most": most})


class _Protocol(H11Protocol):
    """One connection of a client. What uvicorn would answer by itself, in plain text, is answered as JSON.

    A head that never ends, or a client that never says a word, would else hold its connection for good.
    """

    head_seconds: float
    most: int

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head_timer: asyncio.TimerHandle | None = None
        self._refused = False

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
        if self._refused:
            return
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._forget_head()
        elif self._head_timer is None:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        self._forget_head()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP."""
        self._refuse(refusal(400, "invalid_input", "this is not a valid HTTP/1.1 request"))

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(self.head_seconds, self._give_up)

    def _forget_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._refuse(refusal(408, "timeout", "the request did not arrive in time"))

    def _refuse(self, answer: Response) -> None:
        """Answer and close; only close where an answer is under way, or was given to the same request."""
        self._refused = True
        if self.transport.is_closing() or self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.close()
            return
        size = str(len(answer.body))
        headers = [*answer.headers.items(), ("content-length", size), ("connection", "close")]
        phrase = HTTPStatus(answer.status).phrase
        events = (
            h11.Response(status_code=answer.status, headers=headers, reason=phrase),
            h11.Data(data=answer.body),
            h11.EndOfMessage(),
        )
        self.transport.write(b"".join(self.conn.send(event) or b"" for event in events))
        # A client that finds the connection closed while it still sends never reads why.
        self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)
