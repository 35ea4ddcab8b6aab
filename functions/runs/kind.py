"""What a kind of run brings along (`Steps`), and what its tasks leave."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from functions.context import Platform
from functions.records.kinds import Model, Problem, Run
from functions.storage import Workspace
from functions.storage.protocols import Write


class TaskResult(msgspec.Struct, frozen=True):
    """What one task leaves: a summary for the run's record (with the key of its blob), and the progress it made."""

    summary: dict[str, Any]
    iteration: int = 0
    iterations: int = 0
    loss: list[float] = []
    note: str = ""
    error: Problem | None = None


@dataclass(frozen=True)
class Ending:
    """How a finished run changes the world: the model's new value and further writes, all in one transaction."""

    model: Model
    writes: Sequence[Write] = ()
    version: int | None = None
    outcome: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Steps:
    """One kind of run.

    ``plan`` is pure: the names of the next tasks, or none when only the ending is left. ``work`` does one task and
    may run twice, at once or later: its result is taken once. ``finish`` gathers what the ending needs and decides;
    it is asked again if the model changed meanwhile. ``progress`` is pure: the run with what is to be shown of it,
    after results were added to it.
    """

    plan: Callable[[Run], list[str]]
    work: Callable[[Platform, Workspace, Run, str], TaskResult]
    finish: Callable[[Platform, Workspace, Run, Model], Ending]
    progress: Callable[[Run], Run] = lambda run: run


class Died(Exception):
    """The process that did a task ended without a word."""


class Closed(Exception):
    """The place where tasks go takes no more: its process is about to end."""


_KINDS: dict[str, Steps] = {}


def register(kind: str, steps: Steps) -> None:
    """Make a kind of run known; done once, where the step is defined."""
    _KINDS[kind] = steps


def steps_of(run: Run) -> Steps:
    """The steps of the run's kind."""
    return _KINDS[run.kind]
