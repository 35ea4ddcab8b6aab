"""Runs on one machine: drivers in threads, tasks in threads (embedded) or in worker processes (`lepton up`)."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context, parent_process
from typing import Protocol

from functions.context import Platform, log, never
from functions.records.kinds import Run
from functions.runs.kind import Closed, TaskResult
from functions.runs.loop import drive, work
from functions.storage import Workspace

DRIVERS = 8
"""Runs driven at once; further ones wait. A driver only plans and writes records, so this costs no core."""


class Tasks(Protocol):
    """Where the tasks of runs go."""

    def submit(self, platform: Platform, store: Workspace, run: Run, task: str) -> "Future[TaskResult]":
        """Start one task."""
        ...

    def close(self) -> None:
        """Wait for the tasks under way, and end."""
        ...


class LocalRunner:
    """Drives runs in background threads of this process; their tasks go to ``tasks``."""

    def __init__(self, tasks: Tasks, drivers: int = DRIVERS) -> None:
        self._tasks = tasks
        self._drivers = ThreadPoolExecutor(drivers, thread_name_prefix="lepton-drive")
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

    def close(self) -> None:
        """Stop after the tasks under way, give the leases back and end the workers."""
        with self._lock:
            self._closed.set()
        self._drivers.shutdown(wait=True, cancel_futures=True)
        self._tasks.close()

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
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="lepton-work")

    def submit(self, platform: Platform, store: Workspace, run: Run, task: str) -> "Future[TaskResult]":
        """Start one task. Raises `Closed` once the interpreter is about to end."""
        try:
            return self._executor.submit(work, platform, store, run, task)
        except RuntimeError as error:
            raise Closed from error

    def close(self) -> None:
        """Wait for the tasks under way, and end."""
        self._executor.shutdown(wait=True, cancel_futures=True)


class Processes:
    """Tasks in worker processes, which end by themselves when this process does, however it ends.

    ``opener`` builds a worker's own `Platform`; it is pickled, so it must be importable.
    """

    def __init__(self, opener: Callable[[], Platform], workers: int = 2) -> None:
        self._opener = opener
        self._workers = workers
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, platform: Platform, store: Workspace, run: Run, task: str) -> "Future[TaskResult]":
        """Start one task, in a new pool if a worker's death broke the last one. Raises `Closed` as `Threads` does."""
        try:
            if run.crashes:
                return self._alone(store, run, task)
            pool = self._open()
            try:
                return pool.submit(_work_in_worker, store.name, run, task)
            except BrokenProcessPool:
                # The run that noticed first has counted that death; another one may have replaced the pool already.
                return self._open(instead_of=pool).submit(_work_in_worker, store.name, run, task)
        except BrokenProcessPool:
            raise
        except RuntimeError as error:
            raise Closed from error

    def close(self) -> None:
        """Wait for the tasks under way, and end the workers."""
        with self._lock:
            if self._pool is not None:
                self._pool.shutdown(wait=True, cancel_futures=True)

    def _open(self, instead_of: ProcessPoolExecutor | None = None) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None or self._pool is instead_of:
                self._pool = self._new(self._workers)
            return self._pool

    def _alone(self, store: Workspace, run: Run, task: str) -> "Future[TaskResult]":
        # A dying worker breaks the tasks of all. Who was hit is tried alone: only who kills a worker again is to blame.
        pool = self._new(1)
        future = pool.submit(_work_in_worker, store.name, run, task)
        future.add_done_callback(lambda _: pool.shutdown(wait=False))
        return future

    def _new(self, workers: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            workers,
            mp_context=get_context("spawn"),
            initializer=_open_worker,
            initargs=(self._opener,),
        )


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
