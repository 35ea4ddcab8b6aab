"""Tasks in worker processes, which end by themselves when this process does, however it ends: what `lepton up` uses."""

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from multiprocessing import get_context, parent_process

from pebble import ProcessExpired, ProcessPool

from functions.runs.perform import Order, Worker
from functions.runs.places.place import Closed, Died
from functions.runs.places.turns import Turns
from functions.runs.task import Result


class Processes:
    """A `Place` in ``workers`` processes, each opened by ``opener``, which is pickled and so must be importable.

    A process that dies takes its own task with it, and no other; another one is begun in its place.
    """

    def __init__(self, opener: Callable[[], Worker], workers: int = 2) -> None:
        self._opener = opener
        self._workers = workers
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None
        self._turns = Turns(workers, self._begin)
        self._under_way: set[Future[Result]] = set()

    def submit(self, order: Order) -> "Future[Result]":
        """See `Place.submit`."""
        return self._turns.submit(order)

    def close(self, grace_seconds: float = 0.0) -> None:
        """See `Place.close`; a process that is not done by then is ended."""
        self._turns.close()
        wait(list(self._under_way), timeout=grace_seconds)
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
        else:
            future.set_exception(Died() if isinstance(error, ProcessExpired) else error)

    def _open(self) -> ProcessPool:
        with self._lock:
            if self._pool is None:
                self._pool = ProcessPool(
                    self._workers,
                    context=get_context("spawn"),
                    initializer=_open_worker,
                    initargs=(self._opener,),
                )
            return self._pool


_worker: list[Worker] = []


def _open_worker(opener: Callable[[], Worker]) -> None:
    # A terminal tells the whole group to stop; it is the parent that ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker.append(opener())


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _perform(order: Order) -> Result:
    return _worker[0].perform(order)
