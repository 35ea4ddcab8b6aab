"""Runs without an end, which ask whether they have to yield, as a test wants it."""

import threading
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Self

from functions.context import Context, never
from functions.runs.loop import Driver, Stopping, Yielding
from functions.runs.perform import Worker
from functions.runs.places.inline import Inline
from functions.runs.runners import LocalRunner
from tests.support.tiny_runs import tiny
from tests.support.waiting import until


class Endless:
    """A runner of ``drivers`` whose runs end when told to. ``begun`` has their workspaces in the order they began.

    ``asked`` counts how often one of them asked whether it has to yield, of which ``seconds`` is the clock;
    ``given_back`` are those that had to. Those that are ``busy`` have a task under way; those that are ``hung`` ask no
    more.
    """

    def __init__(self, context: Context, drivers: int, seconds: Callable[[], float] = monotonic) -> None:
        self.begun: list[str] = []
        self.asked = 0
        self.looked: set[str] = set()
        self.given_back: list[str] = []
        self.busy: set[str] = set()
        self.hung: set[str] = set()
        self.may_yield = threading.Event()
        self._over: set[str] = set()
        endless = self

        class Waiting(Driver):
            def drive(
                self,
                workspace: str,
                run_id: str,
                stopping: Stopping = never,
                abandoning: Stopping = never,
                yielding: Yielding = lambda under_way: False,
            ) -> bool:
                endless.begun.append(workspace)
                until(
                    lambda: endless.is_over(run_id, stopping, yielding),
                    "the run is over or has to wait again",
                )
                return True

        place = Inline(Worker(context, tiny()))
        self.runner = LocalRunner(Waiting(context, tiny(), place), drivers, seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failed: object) -> None:
        """No driver outlives its test, however that ends."""
        self.close()

    def close(self) -> None:
        """End all runs, and wait for their drivers."""
        self.runner.close(1.0)

    def is_over(self, run: str, stopping: Stopping, yielding: Yielding) -> bool:
        self.asked += 1
        if run in self._over or stopping():
            return True
        if run in self.hung:
            self.looked.discard(run)
        if run in self.hung or not self.may_yield.is_set():
            return False
        yields = yielding(run in self.busy)
        self.looked.add(run)
        if yields:
            self.given_back.append(run)
        return yields

    def start(self, workspace: str, numbers: Iterable[int]) -> None:
        for number in numbers:
            self.runner.start(workspace, f"{workspace}-{number}")

    def end(self, run: str) -> None:
        self._over.add(run)

    def have_begun(self, count: int) -> list[str]:
        until(lambda: len(self.begun) >= count, f"{count} have begun")
        return self.begun
