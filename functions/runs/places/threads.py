"""Tasks in threads of this process: what the embedded SDK uses."""

import threading
from collections.abc import Callable
from concurrent.futures import Future

from functions.runs.perform import Order, Worker
from functions.runs.places.fair_queue import FairQueue
from functions.runs.task import Result


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
