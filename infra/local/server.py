"""The gateway behind a socket: an ASGI app, and uvicorn around it, on 127.0.0.1."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import uvicorn
from chalice.app import Chalice

from functions.platform import Platform
from infra.local.gateway import Response, call, match, refusal
from lepton_core.errors import Conflict

log = logging.getLogger("lepton.server")

MAX_REQUEST_BYTES = 10_000_000
"""Longest body of a request that uploads no file: API Gateway's own limit."""

MAX_DISCARD = 64_000_000
"""How much of a refused body is read and thrown away before the connection closes."""

THREADS = 16
"""Requests answered at the same time; the others wait their turn."""

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class _TooLarge(Exception):
    pass


class _Gone(Exception):
    """The client hung up in the middle of its request."""


@dataclass(frozen=True)
class Asgi:
    """The app as ASGI: bodies are read under a bound, handlers run in ``pool``."""

    app: Chalice
    platform: Platform
    pool: ThreadPoolExecutor

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; other protocols are not spoken."""
        if scope["type"] != "http":
            raise ValueError(f"not spoken here: {scope['type']}")
        with contextlib.suppress(_Gone):
            await _reply(send, await self._answer(scope, receive))

    async def _answer(self, scope: Message, receive: Receive) -> Response:
        method: str = scope["method"]
        path = scope["raw_path"].decode("latin-1")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        limit = self._limit(method, path)
        try:
            body = await _read(headers, receive, limit)
        except _TooLarge:
            message = f"the body is longer than {limit} bytes"
            return refusal(413, "too_large", message, {"connection": "close"})
        query = scope["query_string"].decode("latin-1")
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(
                self.pool, call, self.app, self.platform, method, path, query, headers, body
            )
        except Exception:
            log.exception("the gateway failed on %s %s", method, path)
            return refusal(500, "internal", "something went wrong on our side; it was logged")

    def _limit(self, method: str, path: str) -> int:
        found = match(self.app, path)
        entry = self.app.routes[found.resource].get(method) if found else None
        types = entry.content_types if entry else []
        files = bool(types) and "application/json" not in types
        return self.platform.settings.max_upload_bytes if files else MAX_REQUEST_BYTES


async def _read(headers: Mapping[str, str], receive: Receive, limit: int) -> bytes:
    length = headers.get("content-length", "")
    if length.isdigit() and int(length) > limit:
        if "expect" not in headers:
            await _discard(receive, MAX_DISCARD)
        raise _TooLarge
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        chunk = message.get("body", b"")
        size += len(chunk)
        more = message.get("more_body", False)
        if size > limit:
            if more:
                await _discard(receive, MAX_DISCARD)
            raise _TooLarge
        chunks.append(chunk)
    return b"".join(chunks)


async def _discard(receive: Receive, most: int) -> None:
    # A client that finds the connection closed while it still sends never reads why: let it finish.
    more = True
    while more and most > 0:
        message = await receive()
        most -= len(message.get("body", b""))
        more = message["type"] != "http.disconnect" and message.get("more_body", False)


async def _reply(send: Send, response: Response) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()]
    headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


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
    pool: ThreadPoolExecutor

    def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until `stop`; ``ready`` is called once the first request would be answered."""
        try:
            asyncio.run(self._serve(ready))
        finally:
            self.listener.close()
            self.pool.shutdown(wait=True, cancel_futures=True)

    def stop(self) -> None:
        """Take no new request, answer those under way, then let `run` return."""
        self.uvicorn.should_exit = True

    async def _serve(self, ready: Callable[[], None]) -> None:
        serving = asyncio.create_task(self.uvicorn.serve(sockets=[self.listener]))
        while not (self.uvicorn.started or serving.done()):
            await asyncio.sleep(0.01)
        if self.uvicorn.started:
            ready()
        await serving


def listen(app: Chalice, platform: Platform, *, host: str = "127.0.0.1", port: int = 0) -> Server:
    """A server on ``port`` (0: a free one), listening from now on. Raises `Conflict` if the port is taken."""
    listener = _listener(host, port)
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="request")
    config = uvicorn.Config(
        Asgi(app, platform, pool),
        interface="asgi3",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        # Longer than clients usually keep an idle connection, so that it is they who close it.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=10,
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
