"""Runs driven by the caller: in tests, and on AWS inside the sweeper's function."""

from collections.abc import Callable
from functools import partial

from functions.context import Platform, never
from functions.runs.loop import drive
from functions.runs.places.local import Tasks, Threads
from functions.runs.places.remote import Call, Functions


class InlineRunner:
    """Drives a run before `start` returns."""

    def start(self, platform: Platform, workspace: str, run: str) -> None:
        """Drive it to its end."""
        self.take_up(platform, workspace, run)

    def take_up(
        self, platform: Platform, workspace: str, run: str, stopping: Callable[[], bool] = never
    ) -> None:
        """Drive it to its end, or until ``stopping``."""
        _drive(platform, workspace, run, stopping, Threads())

    def close(self) -> None:
        """Nothing is ever under way between calls."""


class DeferredRunner:
    """Leaves new runs to the sweeper, whose own function drives them while its time lasts.

    Their tasks are done in the functions that ``call`` reaches; without it, in the sweeper's own, one after the other.
    """

    def __init__(self, call: Call | None = None) -> None:
        self._call = call

    def start(self, platform: Platform, workspace: str, run: str) -> None:
        """Nothing: the run is queued and the sweeper comes within the minute."""

    def take_up(
        self, platform: Platform, workspace: str, run: str, stopping: Callable[[], bool] = never
    ) -> None:
        """Drive it here, unless there is no time left."""
        if not stopping():
            tasks = Threads() if self._call is None else Functions(self._call, stopping)
            _drive(platform, workspace, run, stopping, tasks)

    def close(self) -> None:
        """Nothing is ever under way between calls."""


def _drive(platform: Platform, workspace: str, run: str, stopping: Callable[[], bool], tasks: Tasks) -> None:
    # The tasks have threads of their own: this one keeps the lease alive, however long a task takes.
    try:
        drive(platform, workspace, run, partial(tasks.submit, platform), stopping)
    finally:
        tasks.close()
