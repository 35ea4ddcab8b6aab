"""The gateway behind a socket, as an ASGI app."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from chalice.app import Chalice

from functions.context import Platform
from functions.edge import caller_of
from functions.edge.route import SIGNATURE
from functions.storage import Draft
from infra.local.bodies import (
    MAX_REQUEST_BYTES,
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
from infra.local.gateway import call, match
from infra.local.hosts import is_ours, refuse
from infra.local.listening import Send, Server, listener_on, reply, server_of
from infra.local.own_words import in_own_words
from infra.local.predictions import PredictionsAtOnce
from infra.local.quick import QuickAnswers
from infra.local.responses import Response, refusal, refused
from lepton_core.errors import LeptonError

log = logging.getLogger("lepton.server")

THREADS = 16
"""Requests answered at the same time; the others wait their turn."""

FILE_THREADS = 8
"""And those of them that bring a file."""

LONGEST_AT_ONCE = 1.0
"""Milliseconds that a prediction may take for which all other requests wait."""

T = TypeVar("T")


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
            path = scope["raw_path"].decode("latin-1")
            response = in_own_words(self.app, path, await self._safely(scope, receive))
            await reply(send, compressed(response, scope["headers"]), bare=scope["method"] == "HEAD")

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
            headers = dict(asked.headers)
            prove = partial(self._prove, asked, headers)
            await receive(prove, headers, incoming, kept, limit, in_pool)
        except BodyTooLarge:
            message = f"the body is longer than {limit} bytes"
            return refusal(413, "too_large", message, {"connection": "close"})
        except TimeoutError:
            return refusal(408, "timeout", "the body did not arrive in time", {"connection": "close"})
        except LeptonError as error:
            return refused(error, {"connection": "close"})
        return None

    def _prove(self, asked: "RequestHead", headers: Mapping[str, str]) -> None:
        """Raise why the sender may send no long body."""
        if headers.get("authorization", "").startswith(SIGNATURE) and not self._takes_file(asked):
            from functions.edge.signature import check_claim  # noqa: PLC0415  (few calls are signed)

            check_claim(self.platform, headers)
        else:
            caller_of(self.platform, asked.method, headers)

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
    pool, files = DaemonThreads(THREADS, "request"), DaemonThreads(FILE_THREADS, "file")
    names = names | {host.lower()}
    listener = listener_on(host, port)
    quick = QuickAnswers(platform, pool.submit, most_milliseconds=LONGEST_AT_ONCE)
    return server_of(
        Asgi(app, platform, pool, files, wait_seconds, names),
        listener,
        host=host,
        pools=(pool, files),
        wait_seconds=wait_seconds,
        connections=connections,
        at_once=PredictionsAtOnce(platform, quick, names),
    )
