"""Runners that drive runs as a test wants it, and what makes them for a process."""

from collections.abc import Callable
from typing import Any

from functions.context import Context, Runner
from functions.runs.runners import Ended, InlineRunner
from functions.training.run_kinds import RUN_KINDS


class IdleRunner:
    """Never drives anything: what is queued stays queued until the sweeper comes with another runner."""

    def start(self, workspace: str, run: str) -> None: ...

    def take_up(self, workspace: str, run: str, stopping: Any = None) -> None: ...

    def close(self, grace_seconds: float = 0.0) -> None: ...


MakeRunner = Callable[[Context, Ended], Runner]
"""A runner of a process, made from its context and from what is to be told of runs that end."""


def inline(context: Context, ended: Ended) -> Runner:
    """Runs are driven at once, by their caller."""
    return InlineRunner(context, RUN_KINDS, ended)


def idle(context: Context, ended: Ended) -> Runner:
    """Runs stay queued."""
    return IdleRunner()
