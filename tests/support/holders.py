"""Holders of runs in threads, and what a test asks of them."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from functions.context import Platform, never
from functions.records.kinds import DUE_RUNS, RUNS, Run
from functions.runs.kind import TaskResult
from functions.runs.loop import drive, work
from functions.runs.places.local import Threads
from functions.storage import Workspace
from tests.support.tiny_runs import done
from tests.support.world import World


def left_behind(platform: Platform, run: str) -> list[str]:
    return platform.blobs.keys(f"default/runs/{run}/") + [
        key for key, _ in platform.system.list(DUE_RUNS) if run in key
    ]


def revision(platform: Platform, run: str) -> int:
    stored = platform.workspace("default").get(RUNS, run)
    assert stored is not None
    return stored.revision


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.005)


class Gate:
    """Tasks that stop in their middle until they are let through; they leave their blob only then."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.go_on = threading.Event()
        self.calls: list[str] = []

    def __call__(self, platform: Platform, store: Workspace, run: Run, task: str) -> dict[str, Any]:
        self.calls.append(task)
        self.began.set()
        assert self.go_on.wait(10)
        return done(platform, store, run, task)


class Driver(threading.Thread):
    """A holder in a thread, with a place for tasks of its own."""

    def __init__(self, here: World, run: str, stopping: Callable[[], bool] = never, workers: int = 1) -> None:
        super().__init__()
        self._tasks = Threads(workers)
        submit = partial(self._tasks.submit, here.platform)
        self._drive = partial(drive, here.platform, "default", run, submit, stopping)
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self._drive()
        except Exception as error:  # noqa: BLE001  (the test asks for it at the end)
            self.error = error
        self._tasks.close()

    def end(self) -> None:
        self.join(10)
        assert not self.is_alive()
        assert self.error is None


class InPlaceRunner:
    """Does each task as it is handed out, so that the results of a plan come together: the same writes each time."""

    def start(self, platform: Platform, workspace: str, run: str) -> None:
        drive(platform, workspace, run, partial(_at_once, platform), never)

    def take_up(self, platform: Platform, workspace: str, run: str, stopping: Any = never) -> None:
        self.start(platform, workspace, run)

    def close(self) -> None: ...


def _at_once(platform: Platform, store: Workspace, run: Run, task: str) -> "Future[TaskResult]":
    future: Future[TaskResult] = Future()
    try:
        future.set_result(work(platform, store, run, task))
    except BaseException as error:  # noqa: BLE001  (as an executor does)
        future.set_exception(error)
    return future
