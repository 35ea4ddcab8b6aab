"""Tasks in threads of this process, and of a run that takes long beside it: what the embedded SDK uses."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from functions.runs.perform import Order, Worker
from functions.runs.places.fair_queue import FairQueue
from functions.runs.places.place import Place
from functions.runs.task import Result

PATIENCE_SECONDS = 5.0
"""Seconds that the tasks of a run take here before the others go beside: to begin a process takes one."""

_MOST_RUNS = 100


class Threads:
    """A `Place` in ``workers`` threads at once.

    They are daemons: a task under way does not keep the interpreter from ending. Its run is given back, and the
    next holder does the task again.
    """

    def __init__(self, worker: Worker, workers: int = 1) -> None:
        self._worker = worker
        self._queue = FairQueue(workers, self._begin)

    def submit(self, order: Order) -> "Future[Result]":
        """See `Place.submit`."""
        return self._queue.submit(order)

    def close(self, grace_seconds: float = 0.0) -> None:
        """See `Place.close`; what is not done by then goes on in its thread, and comes late."""
        self._queue.close(grace_seconds)

    def _begin(self, order: Order) -> "Future[Result]":
        return in_thread(lambda: self._worker.perform(order), "lepton-task")


def in_thread(call: Callable[[], Result], name: str) -> "Future[Result]":
    """Begin ``call()`` in a daemon thread of its own."""
    future: Future[Result] = Future()
    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001  (the future tells it)
            future.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return future


@dataclass
class _Run:
    under_way: int = 0
    since: float = 0.0
    spent: float = 0.0


class Patient:
    """A `Place` that has tasks done ``here``, and once a run has taken long in the place that ``beside`` makes.

    A run counts as long when some of its tasks were under way here for ``patience`` seconds in all.
    """

    def __init__(
        self,
        here: Place,
        beside: Callable[[], Place],
        patience: float = PATIENCE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._here = here
        self._begin_beside = beside
        self._beside: Place | None = None
        self._patience = patience
        self._clock = clock
        self._lock = threading.Lock()
        self._runs: OrderedDict[tuple[str, str], _Run] = OrderedDict()

    def submit(self, order: Order) -> "Future[Result]":
        """See `Place.submit`."""
        run = self._run(order)
        with self._lock:
            if run.spent >= self._patience:
                if self._beside is None:
                    self._beside = self._begin_beside()
                return self._beside.submit(order)
            if not run.under_way:
                run.since = self._clock()
            run.under_way += 1
        try:
            future = self._here.submit(order)
        except BaseException:
            self._done(run)
            raise
        future.add_done_callback(lambda _: self._done(run))
        return future

    def close(self, grace_seconds: float = 0.0) -> None:
        """See `Place.close`."""
        with self._lock:
            beside = self._beside
        if beside is not None:
            beside.close(0.0)
        self._here.close(grace_seconds)

    def _run(self, order: Order) -> _Run:
        with self._lock:
            run = self._runs.setdefault((order.workspace, order.run.id), _Run())
            self._runs.move_to_end((order.workspace, order.run.id))
            if len(self._runs) > _MOST_RUNS:
                self._runs.popitem(last=False)
            return run

    def _done(self, run: _Run) -> None:
        with self._lock:
            run.under_way -= 1
            if not run.under_way:
                run.spent += self._clock() - run.since
