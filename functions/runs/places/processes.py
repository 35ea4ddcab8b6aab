"""Tasks in worker processes, which end by themselves when this process does, however it ends: what `lepton up` uses."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from multiprocessing import get_context, parent_process
from multiprocessing.synchronize import Event

from pebble import ProcessExpired, ProcessPool

from functions.runs.perform import Order, Worker
from functions.runs.places.place import Closed, Died
from functions.runs.places.turns import Turns
from functions.runs.task import Result
from functions.storage import posix


class Processes:
    """A `Place` in ``workers`` processes, each opened by ``opener``, which is pickled and so must be importable.

    A process that dies takes its own task with it, and no other; another one is begun in its place. No worker hears
    SIGINT or SIGTERM, which a terminal or a supervisor sends to all of a group: it would look like a task that ended
    its process. They end when they are told to, or when their parent is gone.
    """

    def __init__(self, opener: Callable[[], Worker], workers: int = 2) -> None:
        self._opener = opener
        self._workers = workers
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None
        self._end: Event = get_context("spawn").Event()
        self._turns = Turns(workers, self._begin)
        self._under_way: set[Future[Result]] = set()

    def submit(self, order: Order) -> "Future[Result]":
        """See `Place.submit`."""
        return self._turns.submit(order)

    def close(self, grace_seconds: float = 0.0) -> None:
        """See `Place.close`; a process that is not done by then is ended."""
        self._turns.close()
        wait(list(self._under_way), timeout=grace_seconds)
        self._end.set()
        with self._lock:
            if self._pool is not None:
                self._pool.stop()  # type: ignore[no-untyped-call]
                self._pool.join()

    def _begin(self, order: Order) -> "Future[Result]":
        future: Future[Result] = Future()
        try:
            inner = self._open().schedule(_perform, args=(order,))
        except RuntimeError as error:
            raise Closed from error
        self._under_way.add(future)
        inner.add_done_callback(lambda done: self._finish(done, future))
        return future

    def _finish(self, done: "Future[Result]", future: "Future[Result]") -> None:
        self._under_way.discard(future)
        error = Closed() if done.cancelled() else done.exception()
        if error is None:
            future.set_result(done.result())
        elif isinstance(error, ProcessExpired):
            future.set_exception(Closed() if self._end.is_set() else Died())
        else:
            future.set_exception(error)

    def _open(self) -> ProcessPool:
        with self._lock:
            if self._pool is None:
                self._pool = ProcessPool(
                    self._workers,
                    context=get_context("spawn"),
                    initializer=_open_worker,
                    initargs=(self._opener, self._end),
                )
                with (
                    posix.deaf()
                ):  # the threads that this starts begin the workers, which inherit what they hear
                    self._pool.schedule(_nothing).result()
            return self._pool


_worker: list[Worker] = []


def _open_worker(opener: Callable[[], Worker], end: Event) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    threading.Thread(target=_end_when_told, args=(end,), daemon=True).start()
    _worker.append(opener())


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _end_when_told(end: Event) -> None:
    end.wait()
    os._exit(0)


def _perform(order: Order) -> Result:
    return _worker[0].perform(order)


def _nothing() -> None:
    """The first task of a pool, which has its workers begun."""
