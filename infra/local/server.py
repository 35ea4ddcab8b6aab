"""The gateway behind a socket: an ASGI app, and uvicorn around it, on 127.0.0.1."""

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import uvicorn
from chalice.app import Chalice

from functions.context import Platform
from functions.edge import authenticate
from infra.local.daemon_threads import DaemonThreads
from infra.local.gateway import Response, call, match, refusal, refused
from infra.local.protocol import most_connections, protocol
from lepton_core.errors import Conflict, LeptonError

log = logging.getLogger("lepton.server")

MAX_REQUEST_BYTES = 10_000_000
"""Longest body of a request that uploads no file: API Gateway's own limit."""

MAX_DISCARD = 64_000_000
"""How much of a refused body is read and thrown away before the connection closes."""

UNPROVEN_BYTES = 65_536
"""How much of a body is taken before its sender has shown a valid key: not everybody may fill our memory."""

WAIT_SECONDS = 30.0
"""How long a client may take for the head of a request, and leave us waiting for the next part of its body."""

SLOWEST = 1_000
"""Bytes in a second that a body must bring on the whole, after the first `WAIT_SECONDS`."""

STOP_SECONDS = 2
"""How long a stop waits for the requests under way; then their connections are closed."""

THREADS = 16
"""Requests answered at the same time; the others wait their turn."""

T = TypeVar("T")
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class _TooLarge(Exception):
    pass


class _Gone(Exception):
    """The client hung up in the middle of its request."""


@dataclass(frozen=True)
class Asgi:
    """The app as ASGI: bodies are read under bounds of size and time, handlers run in ``pool``."""

    app: Chalice
    platform: Platform
    pool: Executor
    wait_seconds: float = WAIT_SECONDS

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; other protocols are not spoken."""
        if scope["type"] != "http":
            raise ValueError(f"not spoken here: {scope['type']}")
        # Cancelled are those that a stop finds under way, and their clients were hung up on.
        with contextlib.suppress(_Gone, asyncio.CancelledError):
            await _reply(send, await self._safely(scope, receive), bare=scope["method"] == "HEAD")

    async def _safely(self, scope: Message, receive: Receive) -> Response:
        try:
            return await self._answer(scope, receive)
        except _Gone:
            raise
        except Exception:
            log.exception("the gateway failed on %s %r", scope["method"], scope["raw_path"][:200])
            return refusal(500, "internal", "something went wrong on our side; it was logged")

    async def _answer(self, scope: Message, receive: Receive) -> Response:
        method: str = scope["method"]
        path = scope["raw_path"].decode("latin-1")
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        limit = self._limit(method, path)
        incoming = Incoming(receive, self.wait_seconds)
        try:
            body = await self._body(dict(headers), incoming, limit)
        except _TooLarge:
            message = f"the body is longer than {limit} bytes"
            return refusal(413, "too_large", message, {"connection": "close"})
        except TimeoutError:
            return refusal(408, "timeout", "the body did not arrive in time", {"connection": "close"})
        except LeptonError as error:
            return refused(error, {"connection": "close"})
        query = scope["query_string"].decode("latin-1")
        return await self._in_pool(call, self.app, self.platform, method, path, query, headers, body)

    def _limit(self, method: str, path: str) -> int:
        found = match(self.app, path)
        entry = self.app.routes[found.resource].get(method) if found else None
        types = entry.content_types if entry else []
        files = bool(types) and "application/json" not in types
        return self.platform.settings.max_upload_bytes if files else MAX_REQUEST_BYTES

    async def _body(self, headers: Mapping[str, str], incoming: "Incoming", limit: int) -> bytes:
        """The whole body. Raises `_TooLarge`, `TimeoutError`, or why its sender may send no long one."""
        length = headers.get("content-length", "")
        announced = int(length) if length.isascii() and length.isdigit() else 0
        proven = False
        chunks: list[bytes] = []
        try:
            while True:
                size = max(announced, incoming.size)
                if size > limit:
                    raise _TooLarge
                if size > UNPROVEN_BYTES and not proven:
                    await self._in_pool(authenticate, self.platform, headers)
                    proven = True
                if not incoming.more:
                    return b"".join(chunks)
                chunks.append(await incoming.next())
        except (_TooLarge, LeptonError):
            chunks.clear()
            if "expect" not in headers:
                await incoming.discard(MAX_DISCARD)
            raise

    async def _in_pool(self, called: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.pool, called, *arguments)


@dataclass
class Incoming:
    """The body of one request as it comes in, from a client that may be slow but not too slow."""

    receive: Receive
    wait_seconds: float
    slowest: float = SLOWEST
    size: int = 0
    more: bool = True
    begun: float = field(default_factory=time.monotonic)

    async def next(self) -> bytes:
        """The next part. Raises `TimeoutError` if it does not come in time."""
        late = self.begun + self.wait_seconds + self.size / self.slowest - time.monotonic()
        async with asyncio.timeout(min(self.wait_seconds, late)):
            message = await self.receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        chunk: bytes = message.get("body", b"")
        self.size += len(chunk)
        self.more = message.get("more_body", False)
        return chunk

    async def discard(self, most: int) -> None:
        """Throw the rest away: a client that finds the connection closed while it still sends never reads why."""
        until = self.size + most
        with contextlib.suppress(TimeoutError):
            while self.more and self.size < until:
                await self.next()


async def _reply(send: Send, response: Response, *, bare: bool) -> None:
    """Send ``response``; of a ``bare`` one all but the body, whose length is still told."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()]
    headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if bare else response.body})


class _Uvicorn(uvicorn.Server):
    """Uvicorn that leaves signals to its owner, so that a stop by signal is an ordinary end."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass(frozen=True)
class Server:
    """A listening server; `run` blocks until `stop` is called from another thread or a signal handler."""

    url: str
    listener: socket.socket
    uvicorn: uvicorn.Server
    pool: Executor

    def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until `stop`; ``ready`` is called once the first request would be answered."""
        try:
            asyncio.run(self._serve(ready))
        finally:
            self.listener.close()
            self.pool.shutdown(wait=False, cancel_futures=True)

    def stop(self) -> None:
        """Take no new request, give those under way `STOP_SECONDS`, then let `run` return."""
        self.uvicorn.should_exit = True

    async def _hang_up(self) -> None:
        # A body that never ends is then at its end, and its request over; uvicorn would cancel it, with a traceback.
        while not self.uvicorn.should_exit:
            await asyncio.sleep(0.1)
        await asyncio.sleep(STOP_SECONDS - 0.5)
        for connection in list(self.uvicorn.server_state.connections):
            connection.transport.abort()

    async def _serve(self, ready: Callable[[], None]) -> None:
        accepting = asyncio.create_task(self.uvicorn.serve(sockets=[self.listener]))
        while not (self.uvicorn.started or accepting.done()):
            await asyncio.sleep(0.01)
        if self.uvicorn.started:
            ready()
        hanging_up = asyncio.create_task(self._hang_up())
        await accepting
        hanging_up.cancel()


def listen(
    app: Chalice,
    platform: Platform,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    wait_seconds: float = WAIT_SECONDS,
    connections: int | None = None,
) -> Server:
    """A server on ``port`` (0: a free one), listening from now on. Raises `Conflict` if the port is taken.

    A client that keeps it waiting for more than ``wait_seconds`` in the middle of a request gets 408, one that comes
    beyond ``connections`` (None: what the open files of this process allow) 503.
    """
    listener = _listener(host, port)
    pool = DaemonThreads(THREADS, "request")
    config = uvicorn.Config(
        Asgi(app, platform, pool, wait_seconds),
        interface="asgi3",
        http=protocol(wait_seconds, connections or most_connections()),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        # Longer than clients usually keep an idle connection, so that it is they who close it.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    bound_port = listener.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    return Server(f"http://{shown}:{bound_port}", listener, _Uvicorn(config), pool)


def _listener(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
        )[0]
        # Named, because asyncio sets TCP_NODELAY only where a socket says TCP (0, the default, does not).
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(1024)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise Conflict(f"cannot listen on {host}:{port}: {error.strerror}", field="port") from error
    return listener
