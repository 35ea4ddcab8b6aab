"""Runs driven by the caller's own thread: in tests, and on AWS inside the sweeper's function."""

from collections.abc import Callable
from concurrent.futures import Future

from functions.platform import Platform
from functions.runner.drive import drive, work
from functions.runner.protocol import TaskResult, never
from functions.storage import Workspace
from functions.values import Run


class InlineRunner:
    """Drives a run before `start` returns."""

    def start(self, platform: Platform, workspace: str, run: str) -> None:
        """Drive it to its end."""
        self.take_up(platform, workspace, run)

    def take_up(
        self, platform: Platform, workspace: str, run: str, stopping: Callable[[], bool] = never
    ) -> None:
        """Drive it to its end, or until ``stopping``."""
        drive(platform, workspace, run, _here(platform), stopping)

    def close(self) -> None:
        """Nothing is ever under way between calls."""


class DeferredRunner:
    """Leaves new runs to the sweeper, whose own function drives them while its time lasts."""

    def start(self, platform: Platform, workspace: str, run: str) -> None:
        """Nothing: the run is queued and the sweeper comes within the minute."""

    def take_up(
        self, platform: Platform, workspace: str, run: str, stopping: Callable[[], bool] = never
    ) -> None:
        """Drive it here, unless there is no time left."""
        if not stopping():
            drive(platform, workspace, run, _here(platform), stopping)

    def close(self) -> None:
        """Nothing is ever under way between calls."""


def _here(platform: Platform) -> Callable[[Workspace, Run, str], "Future[TaskResult]"]:
    def submit(store: Workspace, run: Run, task: str) -> "Future[TaskResult]":
        future: Future[TaskResult] = Future()
        future.set_result(work(platform, store, run, task))
        return future

    return submit
