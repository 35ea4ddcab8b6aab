"""The interface of a kind of run: how it goes on, what its tasks do, and what it changes in the end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.context import Context
from functions.records.kinds import Model
from functions.runs.record import Outcome, Progress, Run
from functions.runs.task import Result, Results, Task
from functions.storage import Workspace
from functions.storage.protocols import Write


@dataclass(frozen=True)
class Ending:
    """How a finished run changes the world: the model's new value and further writes, all in one transaction."""

    model: Model
    writes: Sequence[Write] = ()
    version: int | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True)
class RunKind:
    """One kind of run.

    ``plan`` is pure: the next tasks, or none when only the ending is left. ``work`` does one task, from the result
    that it has so far, and may run twice, at once or later: its result is taken once. ``finish`` gathers what the
    ending needs and decides; it is asked again if the model changed meanwhile. ``progress`` is pure: what is to be
    shown of the run.
    """

    plan: Callable[[Any, Results], list[Task]]
    work: Callable[[Context, Workspace, Run, Task, Result | None], Result]
    finish: Callable[[Context, Workspace, Run, Results, Model], Ending]
    progress: Callable[[Any, Results], Progress]


Kinds = Mapping[type, RunKind]
"""Each kind of run under the type of its job."""
