"""An ASGI app behind a socket: uvicorn with our protocol, which a caller may stop."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import uvicorn

from infra.local.at_once import AtOnce
from infra.local.bodies import WAIT_SECONDS, Message
from infra.local.protocol import most_connections, protocol
from infra.local.responses import Response
from lepton_core.errors import Conflict

STOP_SECONDS = 2
"""How long a stop waits for the requests under way; then their connections are closed."""

Send = Callable[[Message], Awaitable[None]]


async def reply(send: Send, response: Response, *, bare: bool) -> None:
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
    stop_seconds: int = STOP_SECONDS

    def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until `stop`; ``ready`` is called once the first request would be answered."""
        try:
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(self._serve(ready))
        finally:
            self.listener.close()
            for pool in self.pools:
                pool.shutdown(wait=False, cancel_futures=True)

    def stop(self) -> None:
        """Take no new request, give those under way ``stop_seconds``, then let `run` return."""
        self.uvicorn.should_exit = True

    async def _hang_up(self) -> None:
        # A body that never ends is then at its end, and its request over; uvicorn would cancel it, with a traceback.
        while not self.uvicorn.should_exit:
            await asyncio.sleep(0.1)
        await asyncio.sleep(self.stop_seconds - 0.5)
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


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """uvloop, which takes a third less of the processor for a request; where there is none of it, asyncio's own."""
    try:
        import uvloop  # noqa: PLC0415  (only a server needs it)
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


def server_of(
    asgi: Any,
    listener: socket.socket,
    *,
    host: str,
    pools: tuple[Executor, ...],
    wait_seconds: float = WAIT_SECONDS,
    connections: int | None = None,
    stop_seconds: int = STOP_SECONDS,
    at_once: AtOnce | None = None,
) -> Server:
    """A server of the app ``asgi`` behind ``listener``, with the bounds that `infra.local.server.listen` tells of.

    ``host`` is what it is called in its address, and ``pools`` end with it. What ``at_once`` answers the app never
    sees.
    """
    config = uvicorn.Config(
        asgi,
        interface="asgi3",
        http=protocol(wait_seconds, connections or most_connections(), at_once),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        # Longer than clients usually keep an idle connection, so that it is they who close it.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=stop_seconds,
    )
    _demand_taking(listener, wait_seconds)
    port = listener.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    return Server(f"http://{shown}:{port}", listener, _Uvicorn(config), pools, stop_seconds)


def _demand_taking(listener: socket.socket, seconds: float) -> None:
    """Have the kernel hang up on clients that take nothing of what is said to them for so long.

    Else their connections stay for good: an answer is sent however long that takes, and a close waits for it.
    """
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))


def listener_on(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A socket that listens on ``port`` (0: a free one); a ``shared`` one lets others of this user listen there, too.

    The kernel then gives each connection to one of them. Raises `Conflict` if the port is taken.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
        )[0]
        # Named, because asyncio sets TCP_NODELAY only where a socket says TCP (0, the default, does not).
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if shared:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.bind(address)
            listener.listen(1024)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise Conflict(f"cannot listen on {host}:{port}: {error.strerror}", field="port") from error
    return listener
