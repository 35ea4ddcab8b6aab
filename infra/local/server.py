"""The gateway behind a socket: an ASGI app, and uvicorn around it, on 127.0.0.1."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, TypeVar

import uvicorn
from chalice.app import Chalice

from functions.context import Platform
from functions.storage import Draft
from infra.local.bodies import (
    WAIT_SECONDS,
    BodyTooLarge,
    Gone,
    Incoming,
    InDraft,
    InMemory,
    InPool,
    Message,
    Receive,
    Receiver,
    receive,
)
from infra.local.compression import compressed
from infra.local.daemon_threads import DaemonThreads
from infra.local.gateway import Response, call, match, refusal, refused
from infra.local.hosts import is_ours, refuse
from infra.local.protocol import most_connections, protocol
from lepton_core.errors import Conflict, LeptonError

log = logging.getLogger("lepton.server")

MAX_REQUEST_BYTES = 10_000_000
"""Longest body of a request that uploads no file: API Gateway's own limit."""

STOP_SECONDS = 2
"""How long a stop waits for the requests under way; then their connections are closed."""

THREADS = 16
"""Requests answered at the same time; the others wait their turn."""

FILE_THREADS = 8
"""And those of them that bring a file."""

T = TypeVar("T")
Send = Callable[[Message], Awaitable[None]]


@dataclass(frozen=True)
class Asgi:
    """The app as ASGI: bodies are read under bounds of size and time, handlers run in ``pool``.

    Files, which may be larger than memory, go to a draft of the store and are seen to in ``files``: their handlers wait
    for the disk, and for what becomes of them, while others have their turn.
    """

    app: Chalice
    platform: Platform
    pool: Executor
    files: Executor
    wait_seconds: float = WAIT_SECONDS
    names: frozenset[str] = frozenset()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; other protocols are not spoken."""
        if scope["type"] != "http":
            raise ValueError(f"not spoken here: {scope['type']}")
        # Cancelled are those that a stop finds under way, and their clients were hung up on.
        with contextlib.suppress(Gone, asyncio.CancelledError):
            response = await self._safely(scope, receive)
            await _reply(send, compressed(response, scope["headers"]), bare=scope["method"] == "HEAD")

    async def _safely(self, scope: Message, receive: Receive) -> Response:
        try:
            return await self._answer(scope, receive)
        except Gone:
            raise
        except Exception:
            log.exception("the gateway failed on %s %r", scope["method"], scope["raw_path"][:200])
            return refusal(500, "internal", "something went wrong on our side; it was logged")

    async def _answer(self, scope: Message, receive: Receive) -> Response:
        asked = RequestHead.of(scope)
        host = asked.header("host")
        if not is_ours(host, self.names):
            return refuse(host)
        incoming = Incoming(receive, self.wait_seconds)
        if not self._takes_file(asked):
            kept = InMemory()
            refused = await self._receive(asked, incoming, kept, MAX_REQUEST_BYTES, self._in_pool)
            return await self._in_pool(self._call, asked, kept.whole) if refused is None else refused
        file = InDraft(self.platform, self._in_files)
        most = self.platform.settings.max_upload_bytes
        try:
            refused = await self._receive(asked, incoming, file, most, self._in_files)
            return await self._in_files(self._call, asked, b"", file.draft) if refused is None else refused
        finally:
            await file.drop()

    async def _receive(
        self, asked: "RequestHead", incoming: Incoming, kept: Receiver, limit: int, in_pool: InPool
    ) -> Response | None:
        """Take in the body; or the answer that refuses it."""
        try:
            await receive(self.platform, asked.method, dict(asked.headers), incoming, kept, limit, in_pool)
        except BodyTooLarge:
            message = f"the body is longer than {limit} bytes"
            return refusal(413, "too_large", message, {"connection": "close"})
        except TimeoutError:
            return refusal(408, "timeout", "the body did not arrive in time", {"connection": "close"})
        except LeptonError as error:
            return refused(error, {"connection": "close"})
        return None

    def _takes_file(self, asked: "RequestHead") -> bool:
        found = match(self.app, asked.path)
        entry = self.app.routes[found.resource].get(asked.method) if found else None
        types = entry.content_types if entry else []
        return "text/csv" in types

    def _call(self, asked: "RequestHead", body: bytes, draft: Draft | None = None) -> Response:
        return call(
            self.app, self.platform, asked.method, asked.path, asked.query, asked.headers, body, draft=draft
        )

    async def _in_pool(self, called: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.pool, called, *arguments)

    async def _in_files(self, called: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.files, called, *arguments)


@dataclass(frozen=True, slots=True)
class RequestHead:
    """The head of a request."""

    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]

    def header(self, name: str) -> str:
        """The last value of a header, its name in lower case; empty if it is missing."""
        return next((value for key, value in reversed(self.headers) if key.lower() == name), "")

    @classmethod
    def of(cls, scope: Message) -> "RequestHead":
        """That of an ASGI scope."""
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
        return cls(scope["method"], path, query, headers)


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
    pools: tuple[Executor, ...]

    def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until `stop`; ``ready`` is called once the first request would be answered."""
        try:
            asyncio.run(self._serve(ready))
        finally:
            self.listener.close()
            for pool in self.pools:
                pool.shutdown(wait=False, cancel_futures=True)

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
    names: frozenset[str] = frozenset(),
) -> Server:
    """A server on ``port`` (0: a free one), listening from now on. Raises `Conflict` if the port is taken.

    A client that keeps it waiting for more than ``wait_seconds`` in the middle of a request gets 408, one that comes
    beyond ``connections`` (None: what the open files of this process allow) 503. ``names`` are further ones to which it
    answers, see `is_ours`.
    """
    listener = _listener(host, port)
    pool, files = DaemonThreads(THREADS, "request"), DaemonThreads(FILE_THREADS, "file")
    config = uvicorn.Config(
        Asgi(app, platform, pool, files, wait_seconds, names | {host.lower()}),
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
    return Server(f"http://{shown}:{bound_port}", listener, _Uvicorn(config), (pool, files))


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
