"""Tasks in worker processes, which end by themselves when this process does, however it ends: what `lepton up` uses."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from pebble import ProcessExpired, ProcessPool

from functions.runs.perform import Answer, Order, Worker
from functions.runs.places.fair_queue import FairQueue
from functions.runs.places.place import Closed, Died
from functions.runs.places.spawn import Spawn, end_with_parent
from functions.runs.task import Result
from functions.storage import posix
from lepton_core.errors import Unavailable

WATCH_SECONDS = 1.0
"""How often tasks under way are looked at."""

LOST_SECONDS = 120.0
"""A task that no worker has begun by then, though one is free for it, was lost on its way."""


@dataclass(frozen=True)
class _Handed:
    """A task as the pool has it, and the time at which it was handed over."""

    pool: ProcessPool
    told: "Future[Answer]"
    since: float

    def is_lost(self, now: float) -> bool:
        """Whether nobody will tell of it: its pool broke while it was handed over, or a worker died with it unseen."""
        if self.told.done():
            return False
        return not self.pool.active or (not self.told.running() and now - self.since > LOST_SECONDS)


class Processes:
    """A `Place` in ``workers`` processes, each opened by ``opener``, which is pickled and so must be importable.

    A process that dies takes its own task with it, and no other; another one is begun in its place. If none can be
    opened, or an idle one dies, tasks that had not begun raise ``Unavailable``, and the next one begins a new pool.
    So does a task that was lost on its way to a process.

    No worker hears SIGINT or SIGTERM, which a terminal or a supervisor sends to all of a group: it would look like a
    task that ended its process. They are killed when the place closes, and end when their parent is gone.
    """

    def __init__(self, opener: Callable[[], Worker], workers: int = 2) -> None:
        self._opener = opener
        self._workers = workers
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None
        self._closed = False
        self._queue = FairQueue(workers, self._begin)
        self._under_way: dict[Future[Result], _Handed] = {}
        self._is_watching = False

    def submit(self, order: Order) -> "Future[Result]":
        """See `Place.submit`."""
        return self._queue.submit(order)

    def close(self, grace_seconds: float = 0.0) -> None:
        """See `Place.close`; a process that is not done by then is ended."""
        self._queue.close(grace_seconds)
        with self._lock:
            self._closed = True
            pool, self._pool = self._pool, None
        if pool is not None:
            _end(pool)
        for future in list(self._under_way):  # of those whose process was ended just now nobody else tells
            if self._is_first_to_tell(future):
                future.set_exception(Closed())

    def _begin(self, order: Order) -> "Future[Result]":
        future: Future[Result] = Future()
        pool = self._open()
        try:
            told = pool.schedule(_perform, args=(order,))
        except RuntimeError as error:
            raise Closed if self._closed else Unavailable(_BROKEN) from error
        with self._lock:
            self._under_way[future] = _Handed(pool, told, time.monotonic())
            if not self._is_watching:
                self._is_watching = True
                threading.Thread(target=self._watch, name="lepton-watch-pool", daemon=True).start()
        told.add_done_callback(lambda done: self._finish(order, done, future))
        return future

    def _watch(self) -> None:
        """While tasks are under way, tell of those that are lost; the pool, which may be late, has the first word."""
        suspects: set[Future[Result]] = set()
        while True:
            time.sleep(WATCH_SECONDS)
            with self._lock:
                if not self._under_way:
                    self._is_watching = False
                    return
                under_way = dict(self._under_way)
            now = time.monotonic()
            lost = {future for future, handed in under_way.items() if handed.is_lost(now)}
            for future in lost & suspects:
                if self._is_first_to_tell(future):
                    future.set_exception(Closed() if self._closed else Unavailable(_BROKEN))
            suspects = lost

    def _finish(self, order: Order, done: "Future[Answer]", future: "Future[Result]") -> None:
        if not self._is_first_to_tell(future):
            return
        try:
            future.set_result(done.result().unwrap(order.run.id))
        except BaseException as error:  # noqa: BLE001  (the future tells it)
            future.set_exception(_of(error, closed=self._closed))

    def _is_first_to_tell(self, future: "Future[Result]") -> bool:
        """Of a pool that breaks and a close at the same time, one tells what became of a task."""
        return self._under_way.pop(future, None) is not None

    def _open(self) -> ProcessPool:
        with self._lock:
            if self._closed:
                raise Closed
            if self._pool is not None and not self._pool.active:
                # This may be a thread of the pool's own, which cannot wait for its own end.
                threading.Thread(target=_end, args=(self._pool,), name="lepton-end-pool", daemon=True).start()
                self._pool = None
            if self._pool is None:
                self._pool = ProcessPool(
                    self._workers, context=Spawn(), initializer=_open_worker, initargs=(self._opener,)
                )
            return self._pool


_BROKEN = "no worker process could be begun, or one ended before its task had begun"


def _of(error: BaseException, *, closed: bool) -> BaseException:
    if isinstance(error, CancelledError):
        return Closed()
    if isinstance(error, ProcessExpired):
        return Closed() if closed else Died()
    if isinstance(error, BrokenProcessPool):
        return Closed() if closed else Unavailable(_BROKEN)
    return error


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


_worker: list[Worker] = []


def _open_worker(opener: Callable[[], Worker]) -> None:
    # A run takes long, and a request that waits for it would be late.
    posix.yield_to_others()
    threading.Thread(target=end_with_parent, daemon=True).start()
    _worker.append(opener())


def _perform(order: Order) -> Answer:
    return _worker[0].answer(order)
