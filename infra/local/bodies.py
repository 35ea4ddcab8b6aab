"""The body of a request as it comes in, under bounds of size and time: into memory, or a file into a draft."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from functions.context import Platform
from functions.storage import Draft
from lepton_core.errors import LeptonError

MAX_REQUEST_BYTES = 10_000_000
"""Longest body of a request that uploads no file: API Gateway's own limit."""

MAX_DISCARD = 64_000_000
"""How much of a refused body is read and thrown away before the connection closes."""

UNPROVEN_BYTES = 65_536
"""How much of a body is taken before its sender has shown a valid key: not everybody may fill our memory, or disk."""

WAIT_SECONDS = 30.0
"""How long a client may take for the head of a request, and leave us waiting for the next part of its body."""

SLOWEST = 1_000
"""Bytes in a second that a body must bring on the whole, after the first `WAIT_SECONDS`."""

T = TypeVar("T")
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]


class BodyTooLarge(Exception):
    """The body is longer than it may be."""


class Gone(Exception):
    """The client hung up in the middle of its request."""


class InPool(Protocol):
    """Has something that may block done in a thread, and waits for it."""

    def __call__(self, called: Callable[..., T], *arguments: Any) -> Awaitable[T]:
        """What ``called`` returns or raises."""
        ...


class Receiver(Protocol):
    """Where the parts of a body go."""

    async def take(self, part: bytes) -> None:
        """Keep the next part."""
        ...


@dataclass
class InMemory:
    """Keeps the parts of a body that may be in memory as a whole."""

    parts: list[bytes] = field(default_factory=list)

    async def take(self, part: bytes) -> None:
        """Keep it."""
        self.parts.append(part)

    @property
    def whole(self) -> bytes:
        """All of them."""
        return b"".join(self.parts)


@dataclass
class InDraft:
    """Writes the parts of a file into a draft, one after the other, so that a part at a time is in memory.

    The client is let send on once a part is written: it cannot be faster than the disk.
    """

    platform: Platform
    in_pool: InPool
    draft: Draft | None = None

    async def take(self, part: bytes) -> None:
        """Write it."""
        await self.in_pool(self._write, part)

    async def drop(self) -> None:
        """Remove what was written and has not become a blob."""
        if self.draft is not None:
            await asyncio.shield(asyncio.ensure_future(self.in_pool(self.draft.drop)))

    def _write(self, part: bytes) -> None:
        if self.draft is None:
            self.draft = self.platform.blobs.draft()
        self.draft.write(part)


async def receive(
    prove: Callable[[], object],
    headers: Mapping[str, str],
    incoming: "Incoming",
    kept: Receiver,
    limit: int,
    in_pool: InPool,
) -> None:
    """Give the whole body to ``kept``.

    ``prove`` raises why its sender may send no long one; it may block, and is called in a thread.
    Raises `BodyTooLarge`, `TimeoutError`, `Gone`, what ``prove`` raises, or why it could not be kept.
    """
    length = headers.get("content-length", "")
    announced = int(length) if length.isascii() and length.isdigit() else 0
    proven = False
    waiting: list[bytes] = []
    try:
        while True:
            size = max(announced, incoming.size)
            if size > limit:
                raise BodyTooLarge
            if size > UNPROVEN_BYTES and not proven:
                await in_pool(prove)
                proven = True
            if waiting and (proven or not incoming.more):
                await kept.take(b"".join(waiting))
                waiting.clear()
            if not incoming.more:
                return
            waiting.append(await incoming.next())
    except (BodyTooLarge, LeptonError):
        waiting.clear()
        if "expect" not in headers:
            await incoming.discard(MAX_DISCARD)
        raise


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
            raise Gone
        part: bytes = message.get("body", b"")
        self.size += len(part)
        self.more = message.get("more_body", False)
        return part

    async def discard(self, most: int) -> None:
        """Throw the rest away: a client that finds the connection closed while it still sends never reads why."""
        until = self.size + most
        with contextlib.suppress(TimeoutError):
            while self.more and self.size < until:
                await self.next()
