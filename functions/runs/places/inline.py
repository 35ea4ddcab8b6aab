"""Tasks done at once, in the thread that asks: nothing else happens meanwhile, so the lease must be long enough."""

from concurrent.futures import Future

from functions.runs.perform import Order, Worker
from functions.runs.places.place import Closed
from functions.runs.task import Result


class Inline:
    """A `Place` in the caller's own thread."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._closed = False

    def submit(self, order: Order) -> "Future[Result]":
        """See `Place.submit`; the future is done when this returns."""
        if self._closed:
            raise Closed
        future: Future[Result] = Future()
        future.set_running_or_notify_cancel()
        try:
            future.set_result(self._worker.perform(order))
        except BaseException as error:  # noqa: BLE001  (as every executor does: the future tells it)
            future.set_exception(error)
        return future

    def close(self, grace_seconds: float = 0.0) -> None:
        """See `Place.close`: nothing is ever under way between calls."""
        self._closed = True
