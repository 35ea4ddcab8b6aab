"""The world as a handler needs it, passed in as one value: stores, clock, ids, settings, runner and memory."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from secrets import randbits
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from functions.caller import Caller
from functions.complaints import Troubles
from functions.memory import KeyCache, Recent, UnderWay
from functions.refused_keys import RefusedKeys
from functions.settings import Settings
from functions.storage import SYSTEM, Blobs, Records, Workspace
from lepton_core.evaluate import LabelRule
from lepton_core.table import Table

if TYPE_CHECKING:
    from lepton_core.servable import Servable

log = logging.getLogger("lepton")

VERSION = "0.1.0"
"""Which release this is."""


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


def nothing() -> None:
    """A ``wake`` that wakes nobody."""


class Counting(Protocol):
    """What is told of each request to a version. As it stands here it counts nothing: nobody watches that version."""

    def count(
        self,
        features: Table,
        output: NDArray[np.float64],
        milliseconds: float,
        now: datetime,
        unread: int = 0,
        *,
        alike: bool = False,
        explained: bool = False,
    ) -> None:
        """Count one answered request; ``unread`` rows of it could not be read, ``alike``: see `count_error`.

        One that was ``explained`` takes far longer, and so its time is counted apart.
        """
        return

    def count_each(
        self, features: Table, output: NDArray[np.float64], milliseconds: Sequence[float], now: datetime
    ) -> None:
        """Count answered requests of one row each, all of the hour of ``now``."""
        return

    def count_error(
        self,
        milliseconds: float,
        now: datetime,
        rows: int = 1,
        why: str = "",
        *,
        failed: bool = False,
        alike: bool = False,
    ) -> None:
        """Count one request that was refused, because of so many ``rows``, with the error code ``why``.

        ``failed``: it was no fault of the caller; ``alike``: the version ``beside`` refused it, too.
        """
        return

    def counted_by(self, count: Callable[[], None]) -> None:
        """Call ``count``, which counts what a host has kept back, before any count is written."""
        return


class LoadedModel(Counting, Protocol):
    """One model's version, loaded in this process, and the counts of its traffic."""

    @property
    def version(self) -> int:
        """Which version it is."""
        ...

    @property
    def digest(self) -> str:
        """The digest of its file."""
        ...

    @property
    def predictor(self) -> "Servable":
        """The version, loaded."""
        ...

    @property
    def rule(self) -> LabelRule | None:
        """What makes labels, where that is not the most probable class."""
        ...

    @property
    def reads(self) -> frozenset[str]:
        """Columns of the rows that its model is made from."""
        ...

    @property
    def ignored(self) -> frozenset[str]:
        """Columns that a row may have and the model does not read: its label, its weight."""
        ...

    @property
    def beside(self) -> "LoadedModel | None":
        """The version that a refused call is asked again of: while there is a canary, the other one of both.

        Of one that is watched with all calls it is the one that served before.
        """
        ...


class NotAtHand(BaseException):
    """An answer would have to wait for a store, and must not; it had no effect, and is to be asked for elsewhere.

    It is no error, and nothing on the way that answers with errors may take it for one.
    """


_holds_up_others: ContextVar[bool] = ContextVar("holds_up_others", default=False)


@contextmanager
def without_waiting() -> Iterator[None]:
    """A block in an event loop, which holds up all others: what would read a large file raises `NotAtHand`."""
    token = _holds_up_others.set(True)
    try:
        yield
    finally:
        _holds_up_others.reset(token)


def demand_time() -> None:
    """Raise `NotAtHand` within `without_waiting`."""
    if _holds_up_others.get():
        raise NotAtHand


NO_HEADERS: Mapping[str, str] = {}


class LoadedModels(Protocol):
    """The models that this process has loaded to answer predictions, and their traffic that is not yet written."""

    def get(
        self,
        workspace: str,
        model: str,
        headers: Mapping[str, str] = NO_HEADERS,
        version: int | None = None,
    ) -> LoadedModel:
        """The model, loaded by now: of a rollout the ``version`` that a request names, if it is one of both.

        Else it is the one that the ``headers`` of the request, or chance, name.
        Raises `NotFound` or `Conflict` if there is nothing to serve.
        """
        ...

    def at_hand(
        self, workspace: str, model: str, headers: Mapping[str, str] = NO_HEADERS
    ) -> LoadedModel | None:
        """The same without a look at the store, nor an error; None if `get` may need one."""
        ...

    def after(self, workspace: str, model: str) -> None:
        """After a request: write what was counted if that is due, where no background thread does."""
        ...

    def forget(self, workspace: str, model: str) -> None:
        """The model's deployment changed: the next request looks it up anew."""
        ...

    def tick(self) -> None:
        """Write what is due and renew what is stale; a host's background thread calls this every second."""
        ...

    def flush(self) -> None:
        """Write everything that was counted."""
        ...


class Runner(Protocol):
    """Sees to it that runs are driven."""

    def start(self, workspace: str, run: str) -> None:
        """A run was just queued. Losing this call is harmless: the sweeper finds the run."""
        ...

    def take_up(self, workspace: str, run: str, stopping: Callable[[], bool] = never) -> None:
        """The sweep found a run that nobody holds; a runner that drives in the sweep's own time obeys ``stopping``."""
        ...

    def close(self, grace_seconds: float = 0.0) -> None:
        """Begin no further task, wait at most so long for those under way, and give back every run."""
        ...


@dataclass(frozen=True)
class Service:
    """A server of the one ``model`` at ``url``, in ``workers`` processes that the numbered ``process`` leads.

    It is 'lost' if its process ended without a word.
    """

    name: str
    model: str
    url: str
    state: Literal["running", "lost"]
    process: int
    workers: int
    started: datetime


class Services(Protocol):
    """The servers of single models that run on the host's own machine, over the same store."""

    def known(self, workspace: str) -> Sequence[Service]:
        """Those of models of the workspace, by name."""
        ...

    def stop(self, workspace: str, name: str) -> bool:
        """Tell one to end; whether it has by now. One that is lost is forgotten. Raises `NotFound`."""
        ...


@dataclass(frozen=True, kw_only=True)
class Context:
    """The world as work needs it, in whichever process that is done: the stores, the clock, ids and settings.

    ``recent`` keeps the numbers that the last training runs were prepared to, ``under_way`` the files being taken in,
    ``profiles`` what the last versions that were assessed are compared with, ``troubles`` what could not be helped.
    ``wake`` is called after an intent was written: it is seen to at once. Losing the call is harmless, the sweep comes.
    """

    blobs: Blobs
    records: Records
    clock: Callable[[], datetime] = utc_now
    new_id: Callable[[str], str] = new_id
    settings: Settings = field(default_factory=Settings)
    recent: Recent = field(default_factory=lambda: Recent(2))
    under_way: UnderWay = field(default_factory=UnderWay)
    profiles: Recent = field(default_factory=lambda: Recent(1000))
    troubles: Troubles = field(default_factory=lambda: Troubles(log))
    wake: Callable[[], None] = nothing

    def workspace(self, name: str) -> Workspace:
        """The store as the tenant ``name`` sees it."""
        return Workspace(name, self.records, self.blobs)

    @property
    def system(self) -> Workspace:
        """The platform's own workspace."""
        return self.workspace(SYSTEM)


@dataclass(frozen=True, kw_only=True)
class Platform(Context):
    """One process's view of the platform: its `Context`, the models it has loaded, and what drives its runs.

    ``announce`` is told of each file that lands under an upload prefix, where the store itself tells nobody.
    ``take_in`` has such a file read elsewhere, as `functions.datasets.ingest.landed` reads it here; None: here.
    ``owner`` is the caller that needs no key; only the embedded SDK, which no network reaches, sets it.
    ``signing`` remembers the secret from which those of signatures are made.
    ``services`` are the servers of single models on this host's machine; None: it has no machine of its own.
    """

    loaded: LoadedModels
    runner: Runner
    announce: Callable[[str], None] | None = None
    take_in: Callable[[str], object] | None = None
    owner: Caller | None = None
    services: Services | None = None
    keys: KeyCache = field(default_factory=KeyCache, repr=False, compare=False)
    refused_keys: RefusedKeys = field(default_factory=RefusedKeys, repr=False, compare=False)
    signing: Recent = field(default_factory=lambda: Recent(1), repr=False, compare=False)

    @classmethod
    def of(cls, context: Context, loaded: LoadedModels, runner: Runner, **more: Any) -> "Platform":
        """The platform of ``context``, sharing what it remembers."""
        known = {one.name: getattr(context, one.name) for one in fields(Context)}
        return cls(**known, loaded=loaded, runner=runner, **more)


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
