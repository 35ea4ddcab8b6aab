"""Runners that drive runs as a test wants it."""

from concurrent.futures import Future
from functools import partial
from typing import Any

from functions.context import Platform, never
from functions.records.kinds import Run
from functions.runs.kind import TaskResult
from functions.runs.loop import drive, work
from functions.storage import Workspace


class IdleRunner:
    """Never drives anything: what is queued stays queued until the sweeper comes with another runner."""

    def start(self, platform: Platform, workspace: str, run: str) -> None: ...

    def take_up(self, platform: Platform, workspace: str, run: str, stopping: Any = None) -> None: ...

    def close(self) -> None: ...


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
