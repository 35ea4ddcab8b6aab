"""Runs on one machine: drivers in threads, tasks in threads (embedded) or in worker processes (`lepton up`)."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import connection, get_context, parent_process, resource_tracker
from time import monotonic
from typing import Protocol

from functions.context import Platform, log, never
from functions.records.kinds import Run
from functions.runs.kind import Closed, TaskResult
from functions.runs.loop import drive, work
from functions.runs.places.daemon_threads import DaemonThreads
from functions.storage import Workspace

DRIVERS = 8
"""Runs driven at once; further ones wait. A driver only plans and writes records, so this costs no core."""

GRACE_SECONDS = 1.0
"""How long a runner that is closed waits for the tasks under way: most are slices, and shorter."""

LET_GO_SECONDS = 1.0
"""How long it then waits for the leases to be given back, and for the workers to end."""


class Tasks(Protocol):
    """Where the tasks of runs go."""

    def submit(self, platform: Platform, store: Workspace, run: Run, task: str) -> "Future[TaskResult]":
        """Start one task."""
        ...

    def close(self) -> None:
        """Wait for the tasks under way, and end."""
        ...


class LocalTasks(Tasks, Protocol):
    """Where tasks go on one machine, which must not be waited for when the machine is told to stop."""

    def abandon(self) -> None:
        """End the futures of the tasks under way with `Closed`: their drivers give the leases back."""
        ...

    def kill(self) -> None:
        """End the workers, in the middle of a task if need be (a thread that is in one goes on by itself)."""
        ...


class LocalRunner:
    """Drives runs in background threads of this process; their tasks go to ``tasks``."""

    def __init__(self, tasks: LocalTasks, drivers: int = DRIVERS) -> None:
        self._tasks = tasks
        self._drivers = DaemonThreads(drivers, "lepton-drive")
        self._active: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def start(self, platform: Platform, workspace: str, run: str) -> None:
        """Drive it in the background, unless this process already does."""
        with self._lock:
            if self._closed.is_set() or (workspace, run) in self._active:
                return
            try:
                self._drivers.submit(self._drive, platform, workspace, run)
            except RuntimeError:  # the interpreter is about to end
                return
            self._active.add((workspace, run))

    def take_up(
        self, platform: Platform, workspace: str, run: str, stopping: Callable[[], bool] = never
    ) -> None:
        """As `start`: the drivers of this process have time of their own."""
        self.start(platform, workspace, run)

    def close(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """Give all leases back and end the workers; tasks that end within ``grace_seconds`` are kept, others lost."""
        with self._lock:
            self._closed.set()
        self._drivers.shutdown(wait=False, cancel_futures=True)
        if not self._drivers.join(grace_seconds):
            self._tasks.abandon()
            self._drivers.join(LET_GO_SECONDS)
        self._tasks.kill()

    def _drive(self, platform: Platform, workspace: str, run: str) -> None:
        try:
            drive(platform, workspace, run, partial(self._tasks.submit, platform), self._stopping)
        except Exception:  # noqa: BLE001  (a driver thread has nobody to tell; the sweeper takes the run up again)
            log.exception("driving run %s failed", run)
        finally:
            with self._lock:
                self._active.discard((workspace, run))

    def _stopping(self) -> bool:
        return self._closed.is_set()


class Threads:
    """Tasks in threads of this process: what the embedded SDK uses."""

    def __init__(self, workers: int = 1) -> None:
        self._executor = DaemonThreads(workers, "lepton-work")

    def submit(self, platform: Platform, store: Workspace, run: Run, task: str) -> "Future[TaskResult]":
        """Start one task. Raises `Closed` once the interpreter is about to end."""
        try:
            return self._executor.submit(work, platform, store, run, task)
        except RuntimeError as error:
            raise Closed from error

    def close(self) -> None:
        """Wait for the tasks under way, and end."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def abandon(self) -> None:
        """See `LocalTasks.abandon`."""
        self._executor.abandon(Closed())

    def kill(self) -> None:
        """See `LocalTasks.kill`."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor.join(0.0 if self._executor.is_busy() else LET_GO_SECONDS)


class _Handed(Future[TaskResult]):
    """The future of a task in a worker, which may be ended before the worker is."""

    def __init__(self, inner: Future[TaskResult]) -> None:
        super().__init__()
        self.inner = inner
        inner.add_done_callback(self._take)

    def cancel(self) -> bool:
        return self.inner.cancel()

    def _take(self, inner: Future[TaskResult]) -> None:
        with suppress(InvalidStateError):
            if inner.cancelled():
                super().cancel()
            elif (error := inner.exception()) is not None:
                self.set_exception(error)
            else:
                self.set_result(inner.result())


class Processes:
    """Tasks in worker processes, which end by themselves when this process does, however it ends.

    No worker hears SIGINT or SIGTERM, which a terminal or a supervisor sends to all of a group: a worker that died of
    one would look like a task that ended its process. Workers are ended by their parent, with SIGKILL.

    ``opener`` builds a worker's own `Platform`; it is pickled, so it must be importable.
    """

    def __init__(self, opener: Callable[[], Platform], workers: int = 2) -> None:
        self._opener = opener
        self._workers = workers
        self._lock = threading.RLock()
        self._pool: ProcessPoolExecutor | None = None
        self._alive: set[ProcessPoolExecutor] = set()
        self._unfinished: set[_Handed] = set()
        self._closed = False

    def submit(self, platform: Platform, store: Workspace, run: Run, task: str) -> "Future[TaskResult]":
        """Start one task, in a new pool if a worker's death broke the last one. Raises `Closed` as `Threads` does."""
        try:
            with _deaf():
                handed = _Handed(self._submit(store, run, task))
        except BrokenProcessPool:
            raise
        except RuntimeError as error:
            raise Closed from error
        self._unfinished.add(handed)
        handed.inner.add_done_callback(lambda _: self._unfinished.discard(handed))
        return handed

    def close(self) -> None:
        """Wait for the tasks under way, and end the workers."""
        for pool in self._close():
            pool.shutdown(wait=True, cancel_futures=True)

    def abandon(self) -> None:
        """See `LocalTasks.abandon`."""
        self._close()
        for handed in list(self._unfinished):
            with suppress(InvalidStateError):
                handed.set_exception(Closed())

    def kill(self) -> None:
        """See `LocalTasks.kill`. Idle workers are given the time to end by themselves."""
        pools = self._close()
        workers = [worker for pool in pools for worker in (pool._processes or {}).values()]
        for pool in pools:
            pool.shutdown(wait=False, cancel_futures=True)
        deadline = monotonic() + (0.0 if self._unfinished else LET_GO_SECONDS)
        while ending := [worker.sentinel for worker in workers if worker.is_alive()]:
            if not connection.wait(ending, max(0.0, deadline - monotonic())):
                break
        for worker in workers:
            worker.kill()

    def _close(self) -> list[ProcessPoolExecutor]:
        with self._lock:
            self._closed = True
            return list(self._alive)

    def _submit(self, store: Workspace, run: Run, task: str) -> "Future[TaskResult]":
        if run.crashes:
            return self._alone(store, run, task)
        pool = self._open()
        try:
            return pool.submit(_work_in_worker, store.name, run, task)
        except BrokenProcessPool:
            # The run that noticed first has counted that death; another one may have replaced the pool already.
            return self._open(instead_of=pool).submit(_work_in_worker, store.name, run, task)

    def _open(self, instead_of: ProcessPoolExecutor | None = None) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None or self._pool is instead_of:
                if instead_of is not None:
                    self._alive.discard(instead_of)
                self._pool = self._new(self._workers)
            return self._pool

    def _alone(self, store: Workspace, run: Run, task: str) -> "Future[TaskResult]":
        # A dying worker breaks the tasks of all. Who was hit is tried alone: only who kills a worker again is to blame.
        pool = self._new(1)
        future = pool.submit(_work_in_worker, store.name, run, task)
        future.add_done_callback(partial(self._dismiss, pool))
        return future

    def _dismiss(self, pool: ProcessPoolExecutor, _: "Future[TaskResult]") -> None:
        pool.shutdown(wait=False)
        self._alive.discard(pool)

    def _new(self, workers: int) -> ProcessPoolExecutor:
        with self._lock:
            if self._closed:
                raise RuntimeError("the workers are about to end")
            pool = ProcessPoolExecutor(
                workers,
                mp_context=get_context("spawn"),
                initializer=_open_worker,
                initargs=(self._opener,),
            )
            self._alive.add(pool)
            return pool


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes that this thread starts within the block hear neither SIGINT nor SIGTERM, from the first moment on."""
    # Starting this helper unblocks both signals, whatever they were before.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_worker: list[Platform] = []


def _open_worker(opener: Callable[[], Platform]) -> None:
    _worker.append(opener())
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work_in_worker(workspace: str, run: Run, task: str) -> TaskResult:
    platform = _worker[0]
    return work(platform, platform.workspace(workspace), run, task)
