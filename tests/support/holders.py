"""Holders of runs in threads, and what a test asks of them."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from functions.context import Platform, never
from functions.records.kinds import DUE_RUNS, RUNS, Run
from functions.runs.kind import TaskResult
from functions.runs.loop import drive
from functions.runs.places.local import Threads
from functions.runs.record import claim
from functions.storage import Workspace
from tests.support.tiny_runs import done, run_of
from tests.support.waiting import happened, joined, until
from tests.support.world import World


def left_behind(platform: Platform, run: str) -> list[str]:
    return platform.blobs.keys(f"default/runs/{run}/") + [
        key for key, _ in platform.system.list(DUE_RUNS) if run in key
    ]


def revision(platform: Platform, run: str) -> int:
    stored = platform.workspace("default").get(RUNS, run)
    assert stored is not None
    return stored.revision


def outlives_its_lease(here: World, run: str, times: int = 4) -> None:
    """Let most of a lease pass, ``times`` times: each time its holder renews it, and nobody else gets the run."""

    def lives() -> bool:
        lease = run_of(here.platform, run).lease
        return lease is not None and (lease.until - here.clock()).total_seconds() >= seconds

    seconds = here.platform.settings.lease_seconds
    until(lives, "the run has a holder")
    for _ in range(times):
        here.clock.forward(0.8 * seconds)
        until(lives, "the lease is renewed")
        assert claim(here.platform, here.platform.workspace("default"), run, "thief") is None


class Gate:
    """Tasks that stop in their middle until they are let through; they leave their blob only then."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.go_on = threading.Event()
        self.calls: list[str] = []

    def __call__(self, platform: Platform, store: Workspace, run: Run, task: str) -> dict[str, Any]:
        self.calls.append(task)
        self.began.set()
        happened(self.go_on, "the task is let through")
        return done(platform, store, run, task)


class Driver(threading.Thread):
    """A holder in a thread, with a place for tasks of its own."""

    def __init__(self, here: World, run: str, stopping: Callable[[], bool] = never, workers: int = 1) -> None:
        super().__init__()
        self._here = here
        self._tasks = Threads(workers)
        self.futures: list[Future[TaskResult]] = []
        self._drive = partial(drive, here.platform, "default", run, self._submit, stopping)
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self._drive()
        except Exception as error:  # noqa: BLE001  (the test asks for it at the end)
            self.error = error
        self._tasks.close()

    def _submit(self, store: Workspace, run: Run, task: str) -> "Future[TaskResult]":
        self.futures.append(self._tasks.submit(self._here.platform, store, run, task))
        return self.futures[-1]

    def end(self) -> None:
        joined(self)
        assert self.error is None
