"""Fair shares of tasks: those of several workspaces wait in a line each, and the lines take turns.

Which run goes next is decided before, by the drivers of `functions/runs/runners.py`.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future, wait

from functions.runs.perform import Order
from functions.runs.places.place import Closed
from functions.runs.task import Result

Begin = Callable[[Order], "Future[Result]"]


class FairQueue:
    """At most ``width`` tasks under way at once, begun by ``begin``; further ones wait, a line a workspace.

    A task that waits has not begun: it can be cancelled, and nobody blames it for what happens meanwhile.
    """

    def __init__(self, width: int, begin: Begin) -> None:
        self._width = width
        self._begin = begin
        self._lock = threading.Lock()
        self._lines: OrderedDict[str, deque[tuple[Order, Future[Result]]]] = OrderedDict()
        self._under_way: set[Future[Result]] = set()
        self._closed = False

    def submit(self, order: Order) -> "Future[Result]":
        """See `Place.submit`."""
        future: Future[Result] = Future()
        with self._lock:
            if self._closed:
                raise Closed
            self._lines.setdefault(order.workspace, deque()).append((order, future))
        self._go_on()
        return future

    def close(self, grace_seconds: float) -> None:
        """Begin no further task: those that wait end with `Closed`. Wait at most so long for those under way."""
        with self._lock:
            self._closed = True
            waiting = [future for line in self._lines.values() for _, future in line]
            self._lines.clear()
            under_way = list(self._under_way)
        for future in waiting:
            if future.set_running_or_notify_cancel():
                future.set_exception(Closed())
        wait(under_way, timeout=grace_seconds)

    def _go_on(self) -> None:
        while (following := self._next()) is not None:
            order, future = following
            try:
                inner = self._begin(order)
            except BaseException as error:  # noqa: BLE001  (the future tells it)
                future.set_exception(error)
                self._end(future)
                continue
            inner.add_done_callback(lambda done, future=future: self._finish(done, future))  # type: ignore[misc]

    def _next(self) -> "tuple[Order, Future[Result]] | None":
        with self._lock:
            while self._lines and len(self._under_way) < self._width:
                workspace, line = next(iter(self._lines.items()))
                order, future = line.popleft()
                self._lines.move_to_end(workspace)
                if not line:
                    del self._lines[workspace]
                if future.set_running_or_notify_cancel():
                    self._under_way.add(future)
                    return order, future
        return None

    def _end(self, future: "Future[Result]") -> None:
        with self._lock:
            self._under_way.remove(future)

    def _finish(self, done: "Future[Result]", future: "Future[Result]") -> None:
        error = Closed() if done.cancelled() else done.exception()
        if error is None:
            future.set_result(done.result())
        else:
            future.set_exception(error)
        self._end(future)
        self._go_on()
