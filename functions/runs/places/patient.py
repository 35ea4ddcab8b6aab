"""Tasks here, and of a run that takes long beside: what the embedded SDK uses where there are several cores."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from functions.runs.perform import Order
from functions.runs.places.place import Place
from functions.runs.task import Result

PATIENCE = 5.0
"""Seconds that the tasks of a run take here before the others go beside: to begin a process takes one."""

_MOST_RUNS = 100


@dataclass
class _Run:
    under_way: int = 0
    since: float = 0.0
    spent: float = 0.0


class Patient:
    """A `Place` that has tasks done ``here``, one after the other, and, once a run has taken long, ``beside``.

    A run counts as long when some of its tasks were under way here for ``patience`` seconds in all.
    """

    def __init__(
        self,
        here: Place,
        beside: Place,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._here = here
        self._beside = beside
        self._patience = patience
        self._clock = clock
        self._lock = threading.Lock()
        self._runs: OrderedDict[tuple[str, str], _Run] = OrderedDict()

    def submit(self, order: Order) -> "Future[Result]":
        """See `Place.submit`."""
        run = self._run(order)
        with self._lock:
            if run.spent >= self._patience:
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
        self._beside.close(0.0)
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
