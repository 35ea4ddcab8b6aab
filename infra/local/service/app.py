"""A table of answers behind HTTP, as a bare ASGI app: small requests are answered in the event loop itself."""

import asyncio
import contextlib
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote

from functions.context import NotAtHand, nothing, without_waiting
from functions.edge import decode
from infra.local.at_once import SMALL_BYTES, Answering, SentAnswer, answer_of
from infra.local.bodies import (
    MAX_REQUEST_BYTES,
    WAIT_SECONDS,
    BodyTooLarge,
    Gone,
    Incoming,
    InMemory,
    Message,
    Receive,
    receive,
)
from infra.local.hosts import is_ours, refuse
from infra.local.listening import Send, reply
from infra.local.protocol import body_at_hand
from infra.local.responses import Refused, Response, refusal, refused, refused_below, reworded
from lepton_core.errors import LeptonError

log = logging.getLogger("lepton.server")

MOST_QUICK_CELLS = 500
"""Up to so many cells, as counted by what separates them: each may be a row, and a large model takes its time."""

_MOST_RAW_BYTES = 2048
_SEPARATORS = (b",", b"\n")
_SLOW = (b"explain", b"\\u")
"""Explaining takes a hundred times as long as predicting; and a word may be written in escapes."""

_MOST_HOSTS = 1000
_OF_VERSION = re.compile(r"/versions/([1-9][0-9]{0,8})(?=/|$)")
_CLOSING = {"connection": "close"}

Headers = Mapping[str, str]
"""Those of a request, by their names in lower case; of one that came twice the last."""

Query = Mapping[str, Sequence[str]]

Handler = Callable[[Headers, Query, bytes], Response]
"""Answers a request by its headers, its query and its body, and raises nothing but `LeptonError`."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Door:
    """What answers at a path, and whether it asks for ``no_key``.

    ``refused`` writes the errors of the server itself in a protocol of its own. ``at_once`` has what answers a POST
    with given headers without a task of its own; None: nothing does.
    """

    handler: Handler
    no_key: bool = False
    refused: Refused | None = None
    at_once: Callable[[Headers], Answering | None] | None = None


Table = Mapping[tuple[str, str], Door]
"""What answers, by method and path. A path is as it comes, percent-encoded."""


@dataclass
class Stage:
    """Whether the server is on its way out: it still answers, and asks its clients to connect elsewhere."""

    stopping: bool = False


@dataclass(frozen=True)
class App:
    """The ``table`` as ASGI. ``allow`` raises why a request with these headers may not be answered.

    Bodies are bounded in size and time. It answers to the ``names`` of this machine, see `infra.local.hosts.is_ours`.
    """

    table: Table
    allow: Callable[[Headers], None]
    pool: Executor
    stage: Stage
    names: frozenset[str] = frozenset()
    wait_seconds: float = WAIT_SECONDS
    _known: set[str] = field(default_factory=set)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; other protocols are not spoken."""
        if scope["type"] != "http":
            raise ValueError(f"not spoken here: {scope['type']}")
        # Cancelled are those that a stop finds under way, and their clients were hung up on.
        with contextlib.suppress(Gone, asyncio.CancelledError):
            response = await self._safely(scope, receive)
            if self.stage.stopping:
                response = Response(response.status, {**response.headers, **_CLOSING}, response.body)
            await reply(send, response, bare=scope["method"] == "HEAD")

    def at_once(self, target: bytes, raw: Sequence[tuple[bytes, bytes]]) -> Answering | None:
        """What answers such a POST at once, see `infra.local.at_once`; it has the same answers, or none."""
        door = self.table.get(("POST", target.decode("latin-1")))
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
        if door is None or door.at_once is None or door.no_key or len(headers) < len(raw):
            return None
        if not self._is_ours(headers.get("host", "")):
            return None
        answering, allow, stage = door.at_once(headers), self.allow, self.stage
        if answering is None:
            return None

        def allowed(body: bytes) -> SentAnswer | None:
            if stage.stopping:
                return None
            try:
                allow(headers)
            except LeptonError as error:
                return answer_of(refused(error))  # asked again it would count the key again
            return answering(body)

        return allowed

    async def _safely(self, scope: Message, receive: Receive) -> Response:
        try:
            return await self._answer(scope, receive)
        except Gone:
            raise
        except LeptonError as error:
            return refused(error, _CLOSING)
        except Exception:
            log.exception("the server failed on %s %r", scope["method"], scope["raw_path"][:200])
            return refusal(500, "internal", "something went wrong on our side; it was logged")

    async def _answer(self, scope: Message, receive: Receive) -> Response:
        raw = scope["headers"]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
        host = headers.get("host", "")
        if host not in self._known and not self._is_ours(host):
            return refuse(host)
        # In the table a brace begins what stands for a version.
        method, path = scope["method"], scope["raw_path"].decode("latin-1").replace("{", "%7B")
        door, version = self._door("GET" if method == "HEAD" else method, path)
        if door is None:
            words = refused_below(path, ((known, one.refused) for (_, known), one in self.table.items()))
            nowhere = self._nowhere(method, path)
            return nowhere if words is None else reworded(nowhere, words)
        try:
            response = await self._through(door, version, headers, scope, receive)
        except LeptonError as error:
            response = refused(error, _CLOSING)
        return response if door.refused is None else reworded(response, door.refused)

    async def _through(
        self, door: Door, version: Mapping[str, list[str]], headers: Headers, scope: Message, receive: Receive
    ) -> Response:
        if len(headers) < len(scope["headers"]):
            decode.check_headers(_every(scope["headers"]))
        allow = nothing if door.no_key else partial(self.allow, headers)
        body = await self._body(allow, headers, receive)
        if isinstance(body, Response):
            return body
        try:
            allow()
        except LeptonError as error:
            return refused(error)
        asked = scope["query_string"]
        query = parse_qs(asked.decode("latin-1"), keep_blank_values=True) if asked else {}
        if query and version:  # what the path says is not said again
            decode.query_values({name: query[name] for name in version if name in query}, {})
        query.update(version)
        if not asked and is_quick(headers, body):
            with contextlib.suppress(NotAtHand), without_waiting():
                return door.handler(headers, query, body)
        return await self._in_pool(door.handler, headers, query, body)

    def _door(self, method: str, path: str) -> tuple[Door | None, Mapping[str, list[str]]]:
        """What answers at a path, and the version that the path names, which is told as a part of the query."""
        door = self.table.get((method, path))
        named = None if door is not None else _OF_VERSION.search(path)
        if named is None:
            return door, {}
        at = f"{path[: named.start(1)]}{{version}}{path[named.end(1) :]}"
        return self.table.get((method, at)), {"version": [named[1]]}

    async def _body(self, allow: Callable[[], None], headers: Headers, parts: Receive) -> bytes | Response:
        """The whole body; or the answer that refuses it."""
        here = body_at_hand(parts)
        if here is not None and len(here) <= SMALL_BYTES:
            return here
        incoming, kept = Incoming(parts, self.wait_seconds), InMemory()
        try:
            await receive(allow, headers, incoming, kept, MAX_REQUEST_BYTES, self._in_pool)
        except BodyTooLarge:
            return refusal(413, "too_large", f"the body is longer than {MAX_REQUEST_BYTES} bytes", _CLOSING)
        except TimeoutError:
            return refusal(408, "timeout", "the body did not arrive in time", _CLOSING)
        return kept.whole

    def _is_ours(self, host: str) -> bool:
        if not is_ours(host, self.names):
            return False
        if len(self._known) < _MOST_HOSTS:
            self._known.add(host)
        return True

    def _nowhere(self, method: str, path: str) -> Response:
        allowed = sorted(known for known, place in self.table if place == path)
        if allowed:
            methods = ", ".join([*allowed, *(["HEAD"] if "GET" in allowed else [])])
            message = f"{method[:20]} is not allowed here; allowed: {methods}"
            return refusal(405, "method_not_allowed", message, {"allow": methods})
        known = ", ".join(sorted({place for _, place in self.table}))
        return refusal(404, "not_found", f"no such path: {unquote(path)[:200]}; this server knows {known}")

    def _in_pool(self, called: Callable[..., T], *arguments: Any) -> Awaitable[T]:
        return asyncio.get_running_loop().run_in_executor(self.pool, called, *arguments)


def is_quick(headers: Headers, body: bytes) -> bool:
    """Whether an answer takes so little time, whatever the model, that others can wait for it."""
    if len(body) > SMALL_BYTES or any(word in body for word in _SLOW):
        return False
    if "octet-stream" in headers.get("content-type", ""):
        return len(body) <= _MOST_RAW_BYTES
    return sum(map(body.count, _SEPARATORS)) < MOST_QUICK_CELLS


def _every(raw: Sequence[tuple[bytes, bytes]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in raw:
        found.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    return found
