"""What a handler needs of the world, passed in as one value: stores, clock, ids, settings, runner and memory."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import randbits
from typing import TYPE_CHECKING, Protocol

from functions.caller import Caller
from functions.memory import KeyCache, Recent, UnderWay
from functions.storage import SYSTEM, Blobs, Records, Workspace

if TYPE_CHECKING:
    from functions.serving.cache import Served


log = logging.getLogger("lepton")

VERSION = "0.1.0"
"""Which release this is."""


@dataclass(frozen=True)
class Settings:
    """Times in seconds. ``slice_seconds`` is the longest that one task trains before it leaves a checkpoint."""

    lease_seconds: float = 30.0
    slice_seconds: float = 2.0
    attempts: int = 5
    max_upload_bytes: int = 2_000_000_000
    key_cache_seconds: float = 5.0
    route_cache_seconds: float = 5.0
    flush_seconds: float = 1.0


def utc_now() -> datetime:
    """The clock of a real platform; tests pass their own."""
    return datetime.now(UTC)


class Ids:
    """Makes ids that nobody else has. Those that one process makes later sort later, so lists are in order of creation.

    An id is the millisecond followed by 48 random bits. In the same millisecond, or if the clock is set back, the
    next id is a random distance behind the last one.
    """

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        self._clock = clock
        self._last = -1
        self._lock = threading.Lock()

    def __call__(self, prefix: str) -> str:
        """A new id; any thread may ask."""
        drawn = (int(self._clock().timestamp() * 1000) << 48) + randbits(48)
        with self._lock:
            self._last = drawn if drawn > self._last else self._last + 1 + randbits(32)
            return f"{prefix}-{self._last:024x}"


new_id = Ids()
"""The ids of a real platform; tests pass their own."""


def never() -> bool:
    """A ``stopping`` that never stops anything."""
    return False


class Runner(Protocol):
    """Sees to it that runs are driven."""

    def start(self, platform: "Platform", workspace: str, run: str) -> None:
        """A run was just queued. Losing this call is harmless: the sweeper finds the run."""
        ...

    def take_up(
        self, platform: "Platform", workspace: str, run: str, stopping: Callable[[], bool] = never
    ) -> None:
        """The sweeper found a run that nobody holds; whoever drives in the sweeper's own time obeys ``stopping``."""
        ...

    def close(self) -> None:
        """Let go of what is under way, so that others can take it up at once."""
        ...


@dataclass(frozen=True)
class Platform:
    """One process's view of the platform.

    ``recent`` keeps the numbers that the last training runs were prepared to, ``under_way`` the files being taken in.
    ``announce`` is told of each file that lands under an upload prefix, where the store itself tells nobody.
    ``owner`` is the caller that needs no key; only the embedded SDK, which no network reaches, sets it.
    """

    blobs: Blobs
    records: Records
    runner: Runner
    served: "Served"
    clock: Callable[[], datetime] = utc_now
    new_id: Callable[[str], str] = new_id
    settings: Settings = field(default_factory=Settings)
    recent: Recent = field(default_factory=lambda: Recent(2))
    under_way: UnderWay = field(default_factory=UnderWay)
    announce: Callable[[str], None] | None = None
    owner: Caller | None = None
    keys: KeyCache = field(default_factory=KeyCache, repr=False, compare=False)

    def workspace(self, name: str) -> Workspace:
        """The store as the tenant ``name`` sees it."""
        return Workspace(name, self.records, self.blobs)

    @property
    def system(self) -> Workspace:
        """The platform's own workspace."""
        return self.workspace(SYSTEM)


_bound: ContextVar[Platform | None] = ContextVar("platform", default=None)
_of_process: list[Platform] = []


def bind(platform: Platform) -> None:
    """Make ``platform`` that of the whole process, wherever no `bound` names another: a host with one platform."""
    _of_process[:] = [platform]


@contextmanager
def bound(platform: Platform) -> Iterator[Platform]:
    """Within the block, `current` is ``platform`` (in this thread or task only)."""
    token = _bound.set(platform)
    try:
        yield platform
    finally:
        _bound.reset(token)


def current() -> Platform:
    """The platform that the host bound. Raises ``RuntimeError`` if no host did."""
    platform = _bound.get()
    if platform is not None:
        return platform
    if not _of_process:
        raise RuntimeError("no platform is bound: a host calls `bound` or `bind` before it calls a handler")
    return _of_process[0]
