"""Threads that the end of the interpreter does not wait for."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")

_Item = tuple["Future[Any]", Callable[[], Any]]


class DaemonThreads(Executor):
    """At most ``workers`` threads, begun as they are needed.

    The threads of a ``ThreadPoolExecutor`` are joined before an interpreter ends. These end with it, in the middle of
    a call if need be.
    """

    def __init__(self, workers: int, name: str) -> None:
        self._workers = workers
        self._name = name
        self._lock = threading.Lock()
        self._queue: SimpleQueue[_Item | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._unfinished: set[Future[Any]] = set()
        self._closed = False

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        """See ``Executor.submit``. Raises ``RuntimeError`` after `shutdown`, and when the interpreter ends."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("these threads take no more calls")
            if len(self._threads) < min(self._workers, len(self._unfinished) + 1):
                name = f"{self._name}-{len(self._threads)}"
                thread = threading.Thread(target=self._loop, name=name, daemon=True)
                thread.start()
                self._threads.append(thread)
            self._unfinished.add(future)
            self._queue.put((future, partial(fn, *args, **kwargs)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """See ``Executor.shutdown``."""
        with self._lock:
            self._closed = True
            if cancel_futures:
                for future in list(self._unfinished):
                    future.cancel()
            for _ in self._threads:
                self._queue.put(None)
        if wait:
            self.join(None)

    def join(self, seconds: float | None) -> bool:
        """Wait at most that long (None: for ever) for the threads of a pool that was shut down; whether all ended."""
        deadline = None if seconds is None else time.monotonic() + seconds
        for thread in self._threads:
            thread.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _loop(self) -> None:
        while (item := self._queue.get()) is not None:
            future, call = item
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(call())
                except BaseException as error:  # noqa: BLE001  (whatever is raised is the caller's)
                    future.set_exception(error)
            with self._lock:
                self._unfinished.discard(future)
