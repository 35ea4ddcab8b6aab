"""Files that landed are read in processes of their own: the one that answers predictions has neither time nor memory.

Small files never wait for large ones: each sort has its process, begun with the first file of it. Each large file has a
new one, so its memory is given back, and takes what time the others leave.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool

import msgspec
from pebble import ProcessExpired, ProcessPool

from functions.context import Context
from functions.datasets.ingest import landed, reject
from functions.records.kinds import Upload
from functions.runs.places.spawn import Spawn, end_with_parent
from functions.storage import Lost, posix
from infra.local.intake import LARGE_BYTES
from lepton_core.errors import Failure, Unavailable

log = logging.getLogger("lepton.incoming")

MOST_DEATHS = 3
"""A file whose reading ended its process so often is rejected."""

_GONE = "the process that reads files ended; the file is read again"


class _Outcome(msgspec.Struct, frozen=True):
    """What became of a file, as a value: no exception crosses the border of a process."""

    upload: Upload | None = None
    lost: tuple[str, str] | None = None
    away: str = ""


class FileReaders:
    """Takes in files as `landed` does, in processes that ``opener``, which is pickled, gives their `Context`."""

    def __init__(self, context: Context, opener: Callable[[], Context]) -> None:
        self._context = context
        self._opener = opener
        self._lock = threading.Lock()
        self._pools: dict[bool, ProcessPool] = {}
        self._deaths: Counter[str] = Counter()
        self._closed = False

    def landed(self, key: str) -> Upload | None:
        """See `functions.datasets.ingest.landed`. A file that ends its process time and again is rejected.

        Raises `Unavailable` if a store is away, or the process ended and the file is to be read again.
        """
        with self._context.under_way.alone(key) as alone:
            if not alone:
                return None
            size = self._context.blobs.size(key)
            settled = None if size is None else self._read(key, size)
        self._context.wake()
        return settled

    def close(self) -> None:
        """End the processes. Files that they were at are read again by the next ones."""
        with self._lock:
            self._closed = True
            pools, self._pools = self._pools, {}
        for pool in pools.values():
            _end(pool)

    def _read(self, key: str, size: int) -> Upload | None:
        try:
            outcome = self._pool(size >= LARGE_BYTES).schedule(_landed, args=(key,)).result()
        except (ProcessExpired, BrokenProcessPool, CancelledError, RuntimeError) as error:
            return self._died(key, error)
        self._deaths.pop(key, None)
        if outcome.lost is not None:
            raise Lost(*outcome.lost)
        if outcome.away:
            raise Unavailable(outcome.away)
        return outcome.upload

    def _died(self, key: str, error: Exception) -> Upload | None:
        if self._closed or not isinstance(error, ProcessExpired):
            raise Unavailable(_GONE) from error
        self._deaths[key] += 1
        if self._deaths[key] < MOST_DEATHS:
            raise Unavailable(_GONE) from error
        why = (
            f"reading it ended its process {MOST_DEATHS} times; it may need more memory than this machine has"
        )
        return reject(self._context, key, Failure("too_large", why))

    def _pool(self, large: bool) -> ProcessPool:
        with self._lock:
            if self._closed:
                raise Unavailable(_GONE)
            pool = self._pools.get(large)
            if pool is not None and not pool.active:
                threading.Thread(target=_end, args=(pool,), daemon=True).start()
                pool = None
            if pool is None:
                pool = self._pools[large] = ProcessPool(
                    1,
                    max_tasks=int(large),
                    context=Spawn(),
                    initializer=_open,
                    initargs=(self._opener, large),
                )
            return pool


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


_context: list[Context] = []


def _open(opener: Callable[[], Context], is_patient: bool) -> None:
    if is_patient:
        posix.yield_to_others()
    threading.Thread(target=end_with_parent, daemon=True).start()
    _context.append(opener())


def _landed(key: str) -> _Outcome:
    try:
        return _Outcome(landed(_context[0], key))
    except Lost as error:
        return _Outcome(lost=(error.partition, error.key))
    except Unavailable as error:
        return _Outcome(away=error.message)
    except Exception as error:
        log.exception("%r could not be taken in", key)
        return _Outcome(away=f"{type(error).__name__}; the log of the platform says more")
